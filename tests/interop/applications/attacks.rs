//! What others try with a person's browser: each is refused, by its rule.

use maud::{PreEscaped, html};
use valetkey_async::now;
use valetkey_sandbox::{DEMO_USERS, Person};

use crate::world::{ALICE, BOB, World, cookies, plant, session};

/// AR-14: Bob's callback in Alice's browser logs her in to nothing, whether she is logged in or not (login CSRF); and the code is
/// not spent by it.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_callback_of_another_browser_logs_nobody_in() {
    let world = World::new().await;
    let mut bob = world.browser().await;
    bob.press("form[action='/login'] button").await;
    // He allows it, and does not let his browser go where it is sent.
    let asked = bob.client.current_url().await.unwrap();
    let (name, password) = DEMO_USERS[BOB];
    let person = Person::new(name, password);
    let arrival = world.provider.sandbox().visit(asked.as_str(), &person, now()).unwrap();
    let his = arrival.url().unwrap().to_owned();
    assert_eq!(world.provider.granted("authorization_code"), 0);

    let lure = world.elsewhere(html! { a #lure href=(his) { "Win a prize" } });
    let mut stranger = world.browser().await;
    stranger.client.goto(&lure).await.unwrap();
    stranger.press("#lure").await;
    assert!(stranger.path().await.starts_with("/login/failed"));
    assert_eq!(world.greeted(&stranger, &world.base).await, "Hello, stranger");
    assert_eq!(world.rules(), ["AR-14"]);

    let mut alice = world.browser_of(ALICE).await;
    let hers = session(&alice).await;
    alice.client.goto(&lure).await.unwrap();
    alice.press("#lure").await;
    assert_eq!(world.greeted(&alice, &world.base).await, "Hello, Alice Archer");
    assert_eq!((session(&alice).await, world.rules()), (hers, vec!["AR-14".to_owned()]));
    assert_eq!(world.provider.granted("authorization_code"), 1, "hers alone");
    // In his own it is good yet.
    bob.client.goto(&his).await.unwrap();
    assert_eq!(bob.text("#greeting").await, "Hello, Bob Baker");
    for visit in [bob, stranger, alice] {
        world.ends(visit).await;
    }
}

/// TP-4, LG-1: a form that another site sends by itself begins no login in the place of who is logged in. Its POST comes without
/// cookies, and again by a GET with them.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn another_sites_form_asks_who_is_logged_in() {
    let world = World::new().await;
    let form = || {
        html! {
            form #form method="post" action=(format!("{}/login", world.base)) {
                input type="hidden" name="return_to" value="/orders";
            }
            script { (PreEscaped("document.forms[0].submit()")) }
        }
    };
    let mut alice = world.browser_of(ALICE).await;
    for page in [world.elsewhere(form()), world.beside(form())] {
        alice.client.goto(&page).await.unwrap();
        alice.find("form[action='/login']").await;
        assert!(alice.text("main").await.contains("You are logged in already."));
        assert_eq!(world.greeted(&alice, &world.base).await, "Hello, Alice Archer");
    }
    assert_eq!(cookies(&alice).await.len(), 1, "no login has begun");
    alice.client.goto(&world.base).await.unwrap();
    alice.press("form[action='/logout'] button").await;
    alice.press("#yes").await;
    // Nobody is logged in: the login begins, and ends in this browser alone.
    alice.client.goto(&world.elsewhere(form())).await.unwrap();
    alice.find("button[value=allow]").await;
    world.allow(&mut alice, ALICE).await;
    assert_eq!(alice.text("#greeting").await, "Orders of Alice Archer");
    world.ends(alice).await;
}

/// LG-8: neither another site's form nor one of a host beside the application logs anybody out. From beside it the cookie comes along,
/// and the log-out is refused and asked about.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn another_sites_form_logs_nobody_out() {
    let world = World::new().await;
    let form = || {
        html! {
            form method="post" action=(format!("{}/logout", world.base)) {}
            script { (PreEscaped("document.forms[0].submit()")) }
        }
    };
    let mut alice = world.browser_of(ALICE).await;
    alice.client.goto(&world.elsewhere(form())).await.unwrap();
    alice.find("#greeting").await;
    assert_eq!(world.rules(), Vec::<String>::new(), "without its cookie it is a stranger's");
    assert_eq!(world.greeted(&alice, &world.base).await, "Hello, Alice Archer");

    alice.client.goto(&world.beside(form())).await.unwrap();
    alice.find("form[action='/logout']").await;
    assert!(alice.text("main").await.contains("You are still logged in."));
    assert_eq!(world.rules(), ["LG-8"]);
    // An image and a link of another site are a GET, which logs out nobody.
    let image =
        world.elsewhere(html! { img alt="" src=(format!("{}/logout", world.base)); p #seen { "seen" } });
    alice.client.goto(&image).await.unwrap();
    alice.find("#seen").await;
    assert_eq!(world.greeted(&alice, &world.base).await, "Hello, Alice Archer");
    // Her own word on the page that asked.
    alice.client.goto(&world.beside(form())).await.unwrap();
    alice.find("form[action='/logout']").await;
    alice.press("form[action='/logout'] button").await;
    alice.press("#yes").await;
    assert_eq!(alice.text("#greeting").await, "Hello, stranger");
    world.ends(alice).await;
}

/// LG-3: a session that was planted is nobody's after a login, and a host beside the application cannot plant one at all: Chromium
/// keeps no cookie of a `__Host-` name that has a domain.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_session_that_was_planted_is_never_logged_in() {
    let world = World::new().await;
    let mallory = world.browser_of(BOB).await;
    let planted = session(&mallory).await.unwrap();
    world.announce(&world.base, &world.provider.notice(&world.provider.last_login(), "1")).await;

    let mut alice = world.browser().await;
    let page = world.beside(html! {
        p #seen { "seen" }
        script { (PreEscaped(format!("document.cookie = '__Host-session={planted}; Domain=app.example; Path=/; Secure'"))) }
    });
    alice.client.goto(&page).await.unwrap();
    alice.find("#seen").await;
    alice.client.goto(&world.base).await.unwrap();
    assert_eq!(cookies(&alice).await, []);

    // Should it be there by another way, it is left.
    plant(&alice, &world.base, &planted).await;
    alice.client.goto(&world.base).await.unwrap();
    world.log_in(&mut alice, ALICE).await;
    assert_eq!(alice.text("#greeting").await, "Hello, Alice Archer");
    let hers = session(&alice).await.unwrap();
    assert_ne!(hers, planted);
    plant(&mallory, &world.base, &planted).await;
    assert_eq!(world.greeted(&mallory, &world.base).await, "Hello, stranger");
    world.ends(mallory).await;
    world.ends(alice).await;
}

/// LG-4: a link that would lead a person on to another site after the login begins none.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_place_to_return_to_is_never_another_sites() {
    let world = World::new().await;
    let mut visit = world.browser().await;
    let places = [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/.//evil.example",
        "javascript:alert(1)",
    ];
    for place in places {
        let link = form_urlencoded::Serializer::new(format!("{}/login?", world.base))
            .append_pair("return_to", place)
            .finish();
        let lure = world.elsewhere(html! { a #lure href=(link) { "To the application" } });
        visit.client.goto(&lure).await.unwrap();
        visit.press("#lure").await;
        assert!(visit.client.current_url().await.unwrap().as_str().starts_with(&world.base), "{place}");
        assert!(visit.text("main").await.contains("This login did not work."), "{place}");
        assert_eq!((world.rules(), cookies(&visit).await.len()), (vec!["LG-4".to_owned()], 0), "{place}");
    }
    world.ends(visit).await;
}

/// LG-6: by whatever name a browser or a proxy reaches the application, it sends people to the address that its operator said.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_host_that_somebody_else_wrote_is_never_where_the_code_goes() {
    let world = World::new().await;
    let mut visit = world.browser().await;
    visit.client.goto(&world.by_another_name()).await.unwrap();
    visit.press("form[action='/login'] button").await;
    let at = visit.client.current_url().await.unwrap();
    let callback = at.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    assert_eq!(callback, format!("{}/callback", world.base));
    // It began at another host, whose cookie does not come along: the login ends in nothing (AR-14).
    world.allow(&mut visit, ALICE).await;
    assert!(
        visit
            .client
            .current_url()
            .await
            .unwrap()
            .as_str()
            .starts_with(&format!("{}/login/failed", world.base))
    );
    assert_eq!(world.rules(), ["AR-14"]);
    for name in ["host", "forwarded", "x-forwarded-host"] {
        let value = if name == "forwarded" { "host=evil.example;proto=http" } else { "evil.example" };
        let request =
            http::Request::get(format!("{}/login", world.base)).header(name, value).body(Vec::new());
        let answer = world.sends(request.unwrap()).await;
        let location = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let callback =
            location.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
        assert_eq!(callback, format!("{}/callback", world.base), "{name}");
    }
    world.ends(visit).await;
}
