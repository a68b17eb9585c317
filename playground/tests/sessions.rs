//! Who may see a run at the page, and how much of the page somebody else can take: its routes asked one by one.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

#[path = "page/world.rs"]
mod world;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use valetkey_playground::play::Method;
use world::{Answer, Browser, ORIGIN, Page, between, to};

/// A page is no larger than this, whatever somebody sends a browser there with, in bytes.
const LARGEST: usize = 300_000;

/// The secrets of a run: its token, its client's secret, its seed.
async fn secrets(browser: &Browser, run: &str) -> Vec<String> {
    let json = browser.get(&format!("{run}/transcript.json")).await.body;
    let kept: serde_json::Value = serde_json::from_str(&json).unwrap();
    let text = |pointer: &str| kept.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let answer = text("/steps/0/came/answer/body/text");
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    vec![answer["access_token"].as_str().unwrap().to_owned(), text("/setup/client_secret"), text("/seed")]
}

/// Neither the secrets are in it, nor what opens the way to them.
fn require_nothing(answer: &Answer, browser: &Browser, secrets: &[String], what: &str) {
    let told = format!("{:?} {}", answer.headers, answer.body);
    let ways = [browser.root.clone(), browser.csrf.clone()];
    for secret in secrets.iter().chain(&ways) {
        assert!(!told.contains(secret), "{what}: {told}");
    }
}

/// A server on another port is sent the cookie, and asks by itself, with whatever headers a browser would send.
#[tokio::test]
async fn s11_the_cookie_alone_reads_nothing() {
    let browser = Browser::new().await;
    let run = browser.to_a_token(Method::ClientCredentials, &[]).await;
    let secrets = secrets(&browser, &run).await;
    let waiting = browser.begin(&[("method", "authorization-code")]).await;
    let state = between(&browser.get(&waiting).await.body, "state=", "&amp;");
    let name = browser.root.strip_prefix("/at/").unwrap();
    let (number, signature) = name.split_once('.').unwrap();
    let other = Browser::at(&browser.page).await;
    let made_up = [
        String::new(),
        "/at".to_owned(),
        "/at/".to_owned(),
        format!("/at/{number}"),
        format!("/at/{number}."),
        format!("/at/{number}.{}", "A".repeat(43)),
        format!("/at/{number}.{}", &signature[..42]),
        format!("/at/0{number}.{}", "A".repeat(43)),
        format!("/at/{number}.{}", other.root.split_once('.').unwrap().1),
        format!("/at/.{signature}"),
        format!("/at/1{number}.{signature}"),
        format!("/at/-{number}.{signature}"),
        format!("/AT/{number}.{signature}"),
        format!("//at/{number}.{signature}"),
        format!("/at/%30.{signature}"),
        other.root.clone(),
    ];
    for root in &made_up {
        for path in [
            "/",
            "/compare",
            "/new/password",
            &run,
            &format!("{run}?show=secrets"),
            &format!("{run}/transcript.json"),
            &format!("/..{}{run}?show=secrets", ""),
        ] {
            let path = format!("{root}{path}");
            let answer = browser.page.get(&path, Some(&browser.cookie)).await;
            require_nothing(&answer, &browser, &secrets, &path);
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        }
    }
    // Nor does the way back from a server tell, not even to who knows what the server was sent.
    for path in
        ["/callback", "/callback/x", "/callback?code=a&state=b", &format!("/callback?code=a&state={state}")]
    {
        let answer = browser.page.get(path, Some(&browser.cookie)).await;
        require_nothing(&answer, &browser, &secrets, path);
    }
    // It was the cookie that was right, and the address that was not known.
    assert!(browser.get(&format!("{run}?show=secrets")).await.body.contains(&secrets[0]));
}

/// An address that somebody has read over a shoulder.
#[tokio::test]
async fn s11_the_address_alone_reads_nothing() {
    let browser = Browser::new().await;
    let run = browser.to_a_token(Method::ClientCredentials, &[]).await;
    let secrets = secrets(&browser, &run).await;
    let other = Browser::at(&browser.page).await;
    for cookie in [None, Some(other.cookie.as_str()), Some("valetkey-9-0=x"), Some("valetkey-9-0=")] {
        for path in ["/", &format!("{run}?show=secrets"), &format!("{run}/transcript.json")] {
            let answer = browser.page.get(&browser.path(path), cookie).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {cookie:?}");
            require_nothing(&answer, &browser, &secrets, path);
        }
        let mut send = Request::post(browser.path(&format!("{run}/close"))).header("host", "127.0.0.1:9");
        send = send.header("origin", ORIGIN);
        if let Some(cookie) = cookie {
            send = send.header("cookie", cookie);
        }
        let form = Body::from(format!("csrf={}", browser.csrf));
        assert_eq!(browser.page.ask(send.body(form).unwrap()).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(browser.get(&run).await.status, StatusCode::OK, "it was closed");
}

/// A cookie that the page did not give out is none: another server of this computer can plant what it likes.
#[tokio::test]
async fn s11_no_cookie_can_be_planted() {
    let browser = Browser::new().await;
    let other_process = Browser::new().await;
    assert_ne!(browser.cookie, other_process.cookie);
    let (name, signature) = browser.cookie.split_once('=').unwrap();
    let moved = format!("valetkey-9-1={signature}");
    let planted = [
        format!("valetkey={}", "F".repeat(43)),
        format!("{name}={}", "F".repeat(43)),
        format!("{name}={}", &signature[..42]),
        format!("{name}={signature}A"),
        format!("{name}={signature}="),
        format!("valetkey-8-0={signature}"),
        format!("Valetkey-9-0={signature}"),
        format!("{name}={}", browser.csrf),
        format!("{name}={}", browser.root.split_once('.').unwrap().1),
        moved,
        other_process.cookie,
    ];
    for cookie in &planted {
        let answer = browser.page.get(&browser.path("/"), Some(cookie)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{cookie}");
    }
    // Beside the right one they do no harm, wherever they stand.
    for cookie in &planted {
        for both in [format!("{cookie}; {}", browser.cookie), format!("{}; {cookie}", browser.cookie)] {
            let answer = browser.page.get(&browser.path("/"), Some(&both)).await;
            assert_eq!(answer.status, StatusCode::OK, "{both}");
        }
    }
    // Nothing is given to who brings one.
    let answer = browser.page.get("/", Some(&planted[0])).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.headers.contains_key("set-cookie") && !answer.body.contains("csrf"), "{}", answer.body);
}

/// A link opens the page once, and leaves the address bar; then there is another one, for another browser.
#[tokio::test]
async fn s11_a_link_opens_the_page_once() {
    let page = Page::new();
    let link = page.link();
    let opened = page.get(&link, None).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let key = link.strip_prefix("/?key=").unwrap();
    assert!(opened.location().starts_with("/at/0.") && !opened.location().contains(key));
    let cookie = opened.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();

    // Who has read it meanwhile gets nothing, the browser that used it neither, and it is told what happened.
    for cookie in [None, Some(cookie)] {
        let again = page.get(&link, cookie).await;
        assert_eq!(again.status, StatusCode::FORBIDDEN);
        assert!(again.body.contains("This link has been used") && !again.headers.contains_key("set-cookie"));
    }
    // A reload, and another tab of the same browser.
    for _ in 0..2 {
        assert_eq!(page.get(opened.location(), Some(cookie)).await.status, StatusCode::OK);
    }
    // Another browser, by the link that was told then, has a session of its own.
    assert_eq!(page.told.lock().unwrap().len(), 2);
    assert_ne!(page.link(), link);
    let other = page.get(&page.link(), None).await;
    assert!(other.location().starts_with("/at/1."), "{}", other.location());
    for wrong in [
        "/?key=",
        "/?key=x",
        "/?key",
        &format!("/?key={}", "A".repeat(43)),
        &format!("/?x=1&{}", &page.link()[2..]),
    ] {
        assert_eq!(page.get(wrong, None).await.status, StatusCode::FORBIDDEN, "{wrong}");
    }
    assert_eq!(page.told.lock().unwrap().len(), 3, "a wrong key uses nothing up");
}

/// A browser that loads what a person may be about to open, and a program that only asks for the head, do not use it up.
#[tokio::test]
async fn s11_who_only_looks_ahead_does_not_use_the_link_up() {
    let page = Page::new();
    let link = page.link();
    for request in [
        to(&link).header("sec-purpose", "prefetch;prerender"),
        to(&link).header("purpose", "prefetch"),
        Request::head(&link).header("host", "127.0.0.1:9"),
        Request::post(&link).header("host", "127.0.0.1:9").header("origin", ORIGIN),
        Request::post(&link).header("host", "127.0.0.1:9"),
    ] {
        let answer = page.ask(request.body(Body::empty()).unwrap()).await;
        assert!(answer.status.is_client_error() && !answer.headers.contains_key("set-cookie"));
    }
    assert_eq!(page.get(&link, None).await.status, StatusCode::SEE_OTHER);
}

/// Two sessions of one browser do not get in each other's way, as two playgrounds do not.
#[tokio::test]
async fn s11_a_browser_may_have_several_sessions() {
    let one = Browser::new().await;
    let two = Browser::at(&one.page).await;
    let both = format!("{}; {}", one.cookie, two.cookie);
    let waiting = one.begin(&[("method", "authorization-code")]).await;
    for browser in [&one, &two] {
        assert_eq!(one.page.get(&browser.path("/"), Some(&both)).await.status, StatusCode::OK);
    }
    assert_eq!(one.page.get(&two.path(&waiting), Some(&both)).await.status, StatusCode::NOT_FOUND);
    let state = between(&one.get(&waiting).await.body, "state=", "&amp;");
    let back = one.page.get(&format!("/callback?error=access_denied&state={state}"), Some(&both)).await;
    assert_eq!(back.onward(), waiting);
    assert!(back.body.contains("data-session=\"0\""), "{}", back.body);
}

/// One session's runs push off its own, and no other's.
#[tokio::test]
async fn s13_the_runs_of_one_session_push_off_no_others() {
    let browser = Browser::new().await;
    let kept = browser.begin(&[("method", "password")]).await;
    let other = Browser::at(&browser.page).await;
    let form = [
        ("method", "client-credentials"),
        ("where", "elsewhere"),
        ("family", "other"),
        ("token_endpoint", "http://127.0.0.1:1/token"),
        ("client_id", "c"),
        ("client_secret", "a secret"),
        ("call_url", "http://127.0.0.1:1/api"),
    ];
    let first = other.begin(&form).await;
    let second = other.begin(&form).await;
    for _ in 0..23 {
        other.begin(&form).await;
    }
    assert_eq!(browser.get(&kept).await.status, StatusCode::OK, "another session's runs pushed it off");
    assert_eq!(other.get(&first).await.status, StatusCode::NOT_FOUND, "a session's runs are bounded");
    assert_eq!(other.get(&second).await.status, StatusCode::OK);
}

/// Sessions are bounded too: the one that has been idle longest makes room, with its runs.
#[tokio::test]
async fn s13_sessions_are_bounded() {
    let page = Page::new();
    let (idle, busy) = (Browser::at(&page).await, Browser::at(&page).await);
    let run = busy.begin(&[("method", "password")]).await;
    let mut others = Vec::new();
    for _ in 0..6 {
        others.push(Browser::at(&page).await);
    }
    assert_eq!(idle.get("/").await.status, StatusCode::OK);
    assert_eq!(busy.get(&run).await.status, StatusCode::OK);
    // The ninth: whoever has not been here since it was opened goes.
    let ninth = Browser::at(&page).await;
    assert_eq!(others[0].get("/").await.status, StatusCode::FORBIDDEN);
    for browser in [&idle, &busy, &others[1], &ninth] {
        assert_eq!(browser.get("/").await.status, StatusCode::OK);
    }
    assert_eq!(busy.get(&run).await.status, StatusCode::OK);
}

/// A page elsewhere sends the browser to the callback, again and again: the run goes on, and its page stays small.
#[tokio::test]
async fn s13_responses_without_the_runs_state_count_for_nothing() {
    let browser = Browser::new().await;
    for method in ["authorization-code", "implicit"] {
        let run = browser.begin(&[("method", method)]).await;
        let (padding, many) = ("%3Cb%3E".repeat(7_000), "&a=%22%22".repeat(30));
        for number in 0..100 {
            let answer = match number % 4 {
                0 => browser.get(&format!("/callback?code=a{number}&state=b")).await,
                1 => browser.get(&format!("/callback?error=access_denied&x={padding}")).await,
                2 => browser.get(&format!("/callback/elsewhere?code=a{many}")).await,
                _ => browser.post("/callback", &[("fragment", "access_token=a&token_type=bearer")]).await,
            };
            assert_eq!(answer.onward(), run, "{number}");
        }
        let page = browser.get(&run).await.body;
        assert!(page.len() < LARGEST, "{} bytes", page.len());
        assert!(page.matches("class=\"step").count() < 6 && page.contains("Open the consent page"), "{page}");
        assert!(page.contains("Caught by"), "the last of them are shown");
        browser.post(&format!("{run}/consent"), &[]).await;
        if method == "authorization-code" {
            browser.post(&format!("{run}/send"), &[]).await;
        }
        assert!(browser.get(&run).await.body.contains("Scope granted"), "{method}");
    }
}

/// A run that has seen as many refused responses to it as it may is not ended by one that is for nobody.
#[tokio::test]
async fn s13_a_response_without_the_runs_state_never_ends_it() {
    let browser = Browser::new().await;
    let run = browser.begin(&[("method", "authorization-code")]).await;
    let state = between(&browser.get(&run).await.body, "state=", "&amp;");
    for number in 0..59 {
        let wrong = format!("/callback?code=c{number}&state={state}&iss=https%3A%2F%2Fother.example");
        assert_eq!(browser.get(&wrong).await.onward(), run);
    }
    for _ in 0..3 {
        browser.get("/callback?code=a&state=b").await;
        assert!(browser.get(&run).await.body.contains("Open the consent page"), "the run was ended");
    }
    let another = format!("/callback?code=c&state={state}&iss=https%3A%2F%2Fother.example");
    browser.get(&another).await;
    assert!(browser.get(&run).await.body.contains("This run has ended"), "but one of its own ends it");
}

/// The right response, reloaded without end.
#[tokio::test]
async fn s13_a_reload_of_the_right_response_is_bounded_too() {
    let browser = Browser::new().await;
    let run = browser.begin(&[("method", "authorization-code")]).await;
    let page = browser.get(&run).await.body;
    let (state, iss) = (between(&page, "state=", "&amp;"), between(&page, "In the sandbox at <code>", "<"));
    for _ in 0..80 {
        let answer = browser.get(&format!("/callback?code=c0de&state={state}&iss={iss}")).await;
        assert_eq!(answer.onward(), run);
    }
    let page = browser.get(&run).await.body;
    assert!(page.contains("Caught by AR-12") && page.len() < LARGEST, "{} bytes", page.len());
    assert!(page.matches("class=\"step").count() < 6);
}

/// What is left out of a long text never lays a secret bare: it is masked first.
#[tokio::test]
async fn s13_a_long_secret_is_masked_before_it_is_cut() {
    let browser = Browser::new().await;
    let token = format!("long-{}", "abcdefghij".repeat(900));
    let form = [
        ("method", "permanent-token"),
        ("where", "elsewhere"),
        ("token", token.as_str()),
        ("call_url", "https://space.example/api/http/absences"),
    ];
    let run = browser.begin(&form).await;
    let page = browser.get(&run).await.body;
    assert!(!page.contains("abcdefghijabcdefghij"), "the token is in the page");
    let shown = browser.get(&format!("{run}?show=secrets")).await.body;
    assert!(shown.contains("abcdefghijabcdefghij") && shown.contains("characters more"));
    // And one that a stranger brings is the run's own secret if it is the code.
    let run = browser.begin(&[("method", "authorization-code")]).await;
    browser.get(&format!("/callback?state=b&code={}", "klmnopqrst".repeat(900))).await;
    assert!(!browser.get(&run).await.body.contains("klmnopqrstklmnopqrst"));
}
