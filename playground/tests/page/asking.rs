//! Who may ask the page, by which name and from where, and where the redirects go that come back to it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use valetkey_playground::play::Method;

use crate::world::{Browser, ORIGIN, Page, between};

/// Every answer, a refusal too, forbids what a page here never does.
#[tokio::test]
async fn every_answer_is_strict() {
    let browser = Browser::new().await;
    for path in ["/", "/attacks", "/compare", "/new/implicit", "/nothing"] {
        let answer = browser.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(!answer.body.contains("style=\"") && !answer.body.contains(" onclick"), "{path}: inline");
        assert!(answer.body.len() < 150_000, "{path}: {} bytes", answer.body.len());
    }
    for path in ["/", "/?key=x", "/style.css", "/script.js", "/icon.svg", "/nothing", "/at/0.x/", "/callback"]
    {
        let answer = browser.page.get(path, None).await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert_eq!(answer.headers["referrer-policy"], "same-origin", "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(!answer.body.contains(&browser.root) && !answer.body.contains(&browser.csrf), "{path}");
    }
    let stranger = Request::get("/").header("host", "evil.example").body(Body::empty()).unwrap();
    let refused = browser.page.ask(stranger).await;
    assert_eq!(refused.headers["cache-control"], "no-store");
}

/// DNS rebinding: another name for this address is refused, and so is none.
#[tokio::test]
async fn another_host_is_refused() {
    let page = Page::new();
    let link = page.link();
    for host in ["evil.example", "localhost:9", "127.0.0.1", "127.0.0.1:10", "[::1]:9"] {
        let request = Request::get(&link).header("host", host).body(Body::empty()).unwrap();
        assert_eq!(page.ask(request).await.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    let request = Request::get(&link).body(Body::empty()).unwrap();
    assert_eq!(page.ask(request).await.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(page.get(&link, None).await.status, StatusCode::SEE_OTHER, "nothing of that used the link up");
}

/// CSRF: a form without this origin, this session or this session's token does nothing.
#[tokio::test]
async fn a_form_from_elsewhere_is_refused() {
    let browser = Browser::new().await;
    let other = Browser::at(&browser.page).await;
    let post = |origin: Option<&str>, cookie: Option<&str>, csrf: &str| {
        let mut request = Request::post(browser.path("/runs")).header("host", "127.0.0.1:9");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        request.body(Body::from(format!("method=password&csrf={csrf}"))).unwrap()
    };
    let (cookie, csrf) = (Some(browser.cookie.as_str()), browser.csrf.as_str());
    let rows = [
        (None, cookie, csrf),
        (Some("null"), cookie, csrf),
        (Some("http://evil.example"), cookie, csrf),
        (Some("http://127.0.0.1:10"), cookie, csrf),
        (Some(ORIGIN), None, csrf),
        (Some(ORIGIN), cookie, ""),
        (Some(ORIGIN), cookie, other.csrf.as_str()),
        (Some(ORIGIN), Some("valetkey-9-0=short"), csrf),
        (Some(ORIGIN), Some(other.cookie.as_str()), csrf),
    ];
    for (origin, cookie, csrf) in rows {
        let answer = browser.page.ask(post(origin, cookie, csrf)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin:?} {cookie:?}");
    }
    assert!(browser.get("/").await.body.contains("None yet"), "something was begun");
    let right = browser.page.ask(post(Some(ORIGIN), cookie, csrf)).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
}

/// A run is its session's own.
#[tokio::test]
async fn nobody_sees_the_run_of_another_session() {
    let browser = Browser::new().await;
    let run = browser.to_a_token(Method::ClientCredentials, &[]).await;
    let other = Browser::at(&browser.page).await;
    assert_ne!(browser.cookie, other.cookie);
    assert_eq!(other.get(&run).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get(&format!("{run}/transcript.json")).await.status, StatusCode::NOT_FOUND);
    for action in ["send", "call", "renew", "again", "attack", "arrived", "consent"] {
        let answer = other.post(&format!("{run}/{action}"), &[]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{action}");
    }
    other.post(&format!("{run}/close"), &[]).await;
    assert_eq!(browser.get(&run).await.status, StatusCode::OK, "another session closed it");
    browser.post(&format!("{run}/close"), &[]).await;
    assert_eq!(browser.get(&run).await.status, StatusCode::NOT_FOUND);
}

/// AR-14, for real: the redirect comes back in a browser that did not begin the run.
#[tokio::test]
async fn a_redirect_in_another_browser_is_refused() {
    let browser = Browser::new().await;
    let run = browser.begin(&[("method", "authorization-code")]).await;
    let page = browser.get(&run).await.body;
    let state = between(&page, "state=", "&amp;");
    let other = Browser::at(&browser.page).await;
    let answer = other.get(&format!("/callback?code=stolen&state={state}&iss=x")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(browser.get(&run).await.body.contains("another browser session"));
}

/// The redirect as it comes: a right one by its state, a wrong one to the run that waits, one for nobody to nobody.
#[tokio::test]
async fn a_redirect_finds_its_run() {
    let browser = Browser::new().await;
    assert_eq!(browser.get("/callback?code=a&state=b").await.status, StatusCode::BAD_REQUEST);
    let older = browser.begin(&[("method", "authorization-code")]).await;
    let newer = browser.begin(&[("method", "authorization-code")]).await;
    let page = browser.get(&older).await.body;
    let (state, iss) = (between(&page, "state=", "&amp;"), between(&page, "In the sandbox at <code>", "<"));
    let answer = browser.get(&format!("/callback?error=access_denied&state={state}&iss={iss}")).await;
    assert_eq!(answer.onward(), older);
    let answer = browser.get("/callback/elsewhere?code=a&state=wrong").await;
    assert_eq!(answer.onward(), newer);
    assert!(browser.get(&newer).await.body.contains("Caught by AR-10"));
    // The same once more, as a reload brings it: what it is checked against has been used up.
    assert!(!browser.get(&older).await.body.contains("Caught by"));
    let again = browser.get(&format!("/callback?error=access_denied&state={state}&iss={iss}")).await;
    assert_eq!(again.onward(), older);
    assert!(browser.get(&older).await.body.contains("Caught by AR-12"));
    // A fragment is seen by the page's script alone.
    assert!(browser.get("/callback").await.body.contains("data-fragment"));
}
