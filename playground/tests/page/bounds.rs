//! How much of the page somebody else can take.

use axum::http::StatusCode;

use crate::world::{Browser, Page, between};

/// A page is no larger than this, whatever somebody sends a browser there with, in bytes.
const LARGEST: usize = 300_000;

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
