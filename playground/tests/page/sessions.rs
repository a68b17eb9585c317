//! Who may see a run at the page.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use valetkey_playground::play::Method;

use crate::world::{Answer, Browser, ORIGIN, Page, between, to};

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
