//! How the log-in of an application is set up, and what is refused of that.

use axum::Router;
use axum::extract::FromRequestParts;
use http::StatusCode;
use valetkey_async::AuthorizationServer;
use valetkey_axum::{EXAMPLE_KEY, Failure, Texts, User, WebLogin};

use crate::browser::Browser;
use crate::elsewhere::other;
use crate::world::{BASE, KEY, World, client_of, parameters, web};

fn rule<T>(built: Result<T, Failure>) -> Option<&'static str> {
    built.err().and_then(|failure| failure.rule())
}

#[tokio::test]
async fn the_base_url_is_https_or_on_loopback_by_name_lg_6() {
    let world = World::new().await;
    let build = |base: &str| WebLogin::builder(world.http.clone(), base, KEY).client(world.client()).build();
    for base in [
        "http://app.example",
        "http://127.0.0.1:8080",
        "app.example",
        "https://app.example?x",
        "https://a@b.example",
        "https://:pw@b.example",
        "https://app.example?",
        "https://app.example#",
        "https://app.example/#top",
        // As a place on the page it would be another host.
        "https://app.example//shop",
        "ftp://app.example",
        "unix:/app",
    ] {
        assert_eq!(rule(build(base)), Some("LG-6"), "{base}");
    }
    let on_loopback = |base: &str| {
        WebLogin::builder(world.http.clone(), base, EXAMPLE_KEY).on_loopback().client(world.client()).build()
    };
    for base in [
        "http://app.example",
        "http://localhost.example",
        "http://10.0.0.1",
        "http://[::2]",
        "https://127.0.0.1",
        "https://app.example",
    ] {
        assert_eq!(rule(on_loopback(base)), Some("LG-6"), "{base}");
    }
    for base in ["http://localhost:8080", "http://127.0.0.2", "http://[::1]:8080/shop"] {
        assert_eq!(rule(on_loopback(base)), None, "{base}");
        assert!(on_loopback(base).is_ok(), "{base}");
    }
    // Browsers keep no `Secure` cookie there.
    let web = web(&on_loopback("http://127.0.0.1:8080").unwrap());
    let page = Browser::default().posts(&web, "/login", "").await;
    assert!(page.set()[0].starts_with("login-") && !page.set()[0].contains("Secure"), "{:?}", page.set());
}

#[tokio::test]
async fn a_sealing_key_is_the_programs_own_lg_2() {
    let world = World::new().await;
    let build = |key| WebLogin::builder(world.http.clone(), BASE, key).client(world.client()).build();
    assert_eq!(rule(build(EXAMPLE_KEY)), Some("LG-2"));
    assert_eq!(rule(build([0; 32])), Some("LG-2"));
    let former =
        WebLogin::builder(world.http.clone(), BASE, KEY).former_key(EXAMPLE_KEY).client(world.client());
    assert_eq!(rule(former.build()), Some("LG-2"));
    // A login that was begun before the key was replaced ends well after that.
    let mut alice = Browser::default();
    let asked = alice.posts(&world.web(), "/login", "").await;
    let back = world.allows(asked.to(), "alice", "Alice");
    let new = *b"fedcba9876543210fedcba9876543210";
    let replaced = WebLogin::builder(world.http.clone(), BASE, new).former_key(KEY).client(world.client());
    assert_eq!(alice.goes(&web(&replaced.build().unwrap()), &back).await.to(), "/");
}

#[tokio::test]
async fn an_application_without_a_client_or_with_the_same_server_twice_is_not_built_di_8() {
    let world = World::new().await;
    assert!(world.settings().build().is_err());
    let twice =
        world.settings().client(world.client()).client_named("other", client_of(world.server.clone()));
    assert_eq!(rule(twice.build()), Some("DI-8"));
}

#[tokio::test]
async fn names_are_letters_and_digits_and_no_client_has_anothers() {
    let world = World::new().await;
    let is_built = |built: Result<WebLogin, Failure>| match built {
        Ok(_) => true,
        Err(Failure::Broken(_)) => false,
        Err(failure) => panic!("{failure}"),
    };
    let (longest, too_long) = ("a".repeat(32), "a".repeat(33));
    for (name, is_good) in [
        ("a", true),
        ("A1", true),
        (&longest, true),
        (&too_long, false),
        ("a/b", false),
        ("a-", false),
        ("\u{e4}", false),
    ] {
        let client = world.settings().client_named(name, world.client());
        assert_eq!(is_built(client.build()), is_good, "{name}");
        let cookies = world.settings().client(world.client()).cookies_named(name);
        assert_eq!(is_built(cookies.build()), is_good, "{name}");
    }
    // The session of an application of the name `login` would begin like another's logins under way.
    for name in ["a;b", "", "login", "login-", "-"] {
        let cookies = world.settings().client(world.client()).cookies_named(name);
        assert!(!is_built(cookies.build()), "{name}");
    }
    for (one, another, is_good) in [("a", "b", true), ("a", "A", true), ("a", "a", false), ("", "", false)] {
        let two = world.settings().client_named(one, world.client());
        assert_eq!(
            is_built(two.client_named(another, client_of(other())).build()),
            is_good,
            "{one} {another}"
        );
    }
}

/// Not people are told, one by one, that they cannot log in.
#[tokio::test]
async fn an_application_by_which_nobody_could_log_in_is_not_built_id_8() {
    let world = World::new().await;
    // As without the cryptography that verifies ID tokens, or where the program names no keys.
    let keyless = AuthorizationServer::new()
        .issuer("https://as.example")
        .unwrap()
        .authorization_endpoint("https://as.example/authorize")
        .unwrap()
        .token_endpoint("https://as.example/token")
        .unwrap();
    assert_eq!(rule(world.settings().client(client_of(keyless)).build()), Some("ID-8"));
    let asking = world.settings().client_asking(world.client(), |request| request.scope(""));
    assert!(asking.build().is_err());
    // Nobody is told of it twice, and no server is asked.
    assert!(world.rules().is_empty());
    assert_eq!(world.redeemed(), 0);
}

#[tokio::test]
async fn an_application_is_mounted_below_a_path() {
    let world = World::new().await;
    let settings = world.settings_at("https://app.example/shop").cookies_named("shop").client(world.client());
    let web = Router::new().nest("/shop", web(&settings.build().unwrap()));
    let mut alice = Browser::default();
    let page = alice.goes(&web, "/shop/orders?of=may").await;
    let login = page.to().to_owned();
    assert_eq!(login, "/shop/login?return_to=%2Fshop%2Forders%3Fof%3Dmay");
    let page = alice.goes(&web, &login).await;
    assert_eq!(parameters(page.to())["redirect_uri"], "https://app.example/shop/callback");
    let back = world.allows(page.to(), "alice", "Alice");
    let page = alice.goes(&web, &back).await;
    assert_eq!(page.to(), "/shop/orders?of=may");
    // `__Host-` is for the whole host, so the application has a name of its own.
    assert!(
        page.set()
            .iter()
            .any(|cookie| cookie.starts_with("__Host-shop-session=") && cookie.contains("Path=/"))
    );
    let page = alice.goes(&web, "/shop").await;
    assert!(page.body.contains("action=\"/shop/logout\""), "{}", page.body);
    assert_eq!(alice.posts(&web, "/shop/logout", "").await.to(), "/shop");
    assert_eq!(alice.goes(&web, "/shop/login/failed").await.status, StatusCode::BAD_REQUEST);
    // A link would log them out again; and what only begins so is a page of its own.
    for (place, leads_to) in
        [("/shop/logout", "/shop"), ("/shop/login/failed", "/shop"), ("/shopping/logout", "/shopping/logout")]
    {
        let page = alice.posts(&web, "/shop/login", &format!("return_to={place}")).await;
        let back = world.allows(page.to(), "alice", "Alice");
        assert_eq!(alice.goes(&web, &back).await.to(), leads_to, "{place}");
    }
}

#[tokio::test]
async fn the_pages_say_what_the_program_says() {
    let world = World::new().await;
    let mut texts = Texts::default();
    texts.lang = "de".into();
    texts.refused = "Das <hat> nicht geklappt.".into();
    let web = web(&world.settings().client(world.client()).texts(texts).build().unwrap());
    let page = Browser::default().goes(&web, "/login/failed").await;
    assert!(
        page.body.contains("<html lang=\"de\">") && page.body.contains("Das &lt;hat&gt; nicht geklappt.")
    );
    // The ways on.
    assert!(
        page.body.contains("<form method=\"post\" action=\"/login\"><button>Log in</button></form>"),
        "{}",
        page.body
    );
    assert!(page.body.contains("<a href=\"/\">Go to the first page</a>"), "{}", page.body);
}

#[tokio::test]
async fn nothing_that_is_shown_for_a_log_has_a_secret() {
    let world = World::new().await;
    let login = world.settings().client(world.client()).build().unwrap();
    let alice = world.browser_of(&web(&login), "alice", "Alice Archer").await;
    let mut headers = http::HeaderMap::new();
    let cookie = format!("a=b; __Host-session={}", alice.session().unwrap());
    headers.insert("cookie", cookie.parse().unwrap());
    let user = login.user(&headers).await.unwrap().unwrap();
    let mut parts = http::Request::new(()).into_parts().0;
    let nobody = <User as FromRequestParts<WebLogin>>::from_request_parts(&mut parts, &login).await;
    let shown = format!("{login:?} {user:?} {:?} {:?}", world.settings(), nobody.unwrap_err());
    for what in ["WebLogin {", "WebLoginBuilder {", BASE, "User { identity: ", "NoUser(401)"] {
        assert!(shown.contains(what), "{what}: {shown}");
    }
    for secret in ["Alice", "\"alice\"", alice.session().unwrap(), "client-secret", &user.logout_token()] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(
        (user.identity().subject(), user.provider(), user.session_id()),
        ("alice", "", Some("sid of alice"))
    );
    login.settled().await;
}
