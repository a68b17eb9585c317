//! Runs on the page: from the first request to the API's answer, over real sandboxes on loopback.

use axum::http::StatusCode;
use valetkey_async::now;
use valetkey_playground::play::{Method, Transcript};
use valetkey_sandbox::{DEMO_USERS, Front, Person, Sandbox};

use crate::world::{Browser, ORIGIN, between};

#[tokio::test]
async fn each_method_gets_a_token_and_calls_the_api() {
    let browser = Browser::new().await;
    for method in Method::ALL {
        let run = browser.to_a_token(*method, &[]).await;
        let page = browser.get(&run).await.body;
        assert!(page.contains("Scope granted"), "{method:?} has no token: {page}");
        browser.post(&format!("{run}/call"), &call_of(&page)).await;
        browser.post(&format!("{run}/send"), &[]).await;
        let page = browser.get(&run).await.body;
        assert!(page.contains("API request: 200"), "{method:?}: the API said no");
    }
}

/// The fields of the API request as the page has filled them in.
fn call_of(page: &str) -> Vec<(&'static str, &'static str)> {
    let value = |name: &str| -> &'static str {
        if !page.contains(&format!("name=\"{name}\"")) {
            return "";
        }
        let value = between(page, &format!("name=\"{name}\" value=\""), "\"");
        value.replace("&quot;", "\"").replace("&amp;", "&").leak()
    };
    vec![
        ("call_method", value("call_method")),
        ("call_url", value("call_url")),
        ("call_body", value("call_body")),
    ]
}

/// Secrets are not in a page, nor in what it offers to copy, until they are asked for.
#[tokio::test]
async fn secrets_are_masked_until_asked_for() {
    let browser = Browser::new().await;
    let run = browser.to_a_token(Method::Password, &[]).await;
    let json = browser.get(&format!("{run}/transcript.json")).await.body;
    let kept: serde_json::Value = serde_json::from_str(&json).unwrap();
    let body = kept["steps"][0]["came"]["answer"]["body"]["text"].as_str().unwrap();
    let answer: serde_json::Value = serde_json::from_str(body).unwrap();
    let secrets = [
        kept["setup"]["client_secret"].as_str().unwrap(),
        kept["setup"]["password"].as_str().unwrap(),
        answer["access_token"].as_str().unwrap(),
        answer["refresh_token"].as_str().unwrap(),
    ];
    let (masked, shown) =
        (browser.get(&run).await.body, browser.get(&format!("{run}?show=secrets")).await.body);
    for secret in secrets {
        assert!(!masked.contains(secret), "{secret} is in the page");
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        assert!(!masked.contains(&encoded), "{encoded} is in the page");
    }
    for secret in &secrets[2..] {
        assert!(shown.contains(secret), "{secret} is not shown when asked for");
    }
}

/// The transcript that is saved is one that replays.
#[tokio::test]
async fn a_saved_transcript_replays() {
    let browser = Browser::new().await;
    for method in Method::ALL {
        let run = browser.to_a_token(*method, &[("attack", "")]).await;
        let answer = browser.get(&format!("{run}/transcript.json")).await;
        assert!(answer.headers["content-disposition"].to_str().unwrap().contains("attachment"));
        let transcript = Transcript::parse(&answer.body).unwrap();
        transcript.replay().unwrap_or_else(|at| panic!("{method:?}: {at}"));
    }
}

/// The server asks to wait: the step counts down, and is not sent before its time.
#[tokio::test]
async fn a_wait_is_counted_down_and_kept() {
    let browser = Browser::new().await;
    let form = [("method", "client-credentials"), ("attack", "unavailable-retry-after")];
    let run = browser.begin(&form).await;
    browser.post(&format!("{run}/send"), &[]).await;
    let page = browser.get(&run).await.body;
    assert!(page.contains("data-until") && page.contains("The server asks to wait"), "{page}");
    let before = page.matches("class=\"step").count();
    browser.post(&format!("{run}/send"), &[]).await;
    assert_eq!(browser.get(&run).await.body.matches("class=\"step").count(), before, "it was sent too early");
}

/// What anybody types is text: it is escaped, and a setup that core refuses says by which rule.
#[tokio::test]
async fn what_is_typed_is_escaped_and_checked() {
    let browser = Browser::new().await;
    let script = "<script>alert(1)</script>";
    let form = [
        ("method", "authorization-code"),
        ("where", "elsewhere"),
        ("family", "space"),
        ("server", "https://space.example"),
        ("client_id", script),
        ("scope", "a"),
    ];
    let run = browser.begin(&form).await;
    let page = browser.get(&run).await.body;
    assert!(!page.contains(script) && page.contains("&lt;script&gt;"), "{page}");
    for server in ["http://space.example", "ftp://space.example", "https://space.example?x"] {
        let form = [("method", "password"), ("where", "elsewhere"), ("family", "space"), ("server", server)];
        let answer = browser.post("/runs", &form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{server}");
        assert!(answer.body.contains("DI-5"), "{server}: {}", answer.body);
    }
}

/// A server that nobody answers for: said as no answer, and the grant may be sent again.
#[tokio::test]
async fn a_server_that_is_not_there_is_told_as_no_answer() {
    let browser = Browser::new().await;
    let form = [
        ("method", "client-credentials"),
        ("where", "elsewhere"),
        ("family", "other"),
        ("token_endpoint", "http://127.0.0.1:1/token"),
        ("client_id", "c"),
        ("client_secret", "a secret"),
        ("call_url", "http://127.0.0.1:1/api"),
    ];
    let run = browser.begin(&form).await;
    browser.post(&format!("{run}/send"), &[]).await;
    let page = browser.get(&run).await.body;
    assert!(page.contains("no answer") && page.contains("not sent yet"), "{page}");
}

/// A token that is a JWT is read here, and its claims are shown.
#[tokio::test]
async fn the_claims_of_a_jwt_are_decoded() {
    let browser = Browser::new().await;
    let form = [
        ("method", "permanent-token"),
        ("where", "elsewhere"),
        ("token", "eyJhbGciOiJSUzUxMiJ9.eyJzdWIiOiJhbGljZSIsInByaW5jaXBhbF90eXBlIjoiVVNFUiJ9.c2lnbmF0dXJl"),
        ("call_url", "https://space.example/api/http/absences"),
    ];
    let run = browser.begin(&form).await;
    let page = browser.get(&run).await.body;
    assert!(page.contains("principal_type") && page.contains("RS512"), "{page}");
}

/// Two runs at a time, each with a sandbox of its own: an attack on one does not touch the other.
#[tokio::test]
async fn runs_stand_side_by_side() {
    let browser = Browser::new().await;
    let attacked = browser.begin(&[("try", "client-credentials token-type-mac")]).await;
    let calm = browser.to_a_token(Method::ClientCredentials, &[]).await;
    browser.post(&format!("{attacked}/send"), &[]).await;
    assert!(browser.get(&attacked).await.body.contains("Caught by TR-6"));
    let page = browser.get("/compare").await.body;
    assert!(page.contains("caught by TR-6") && page.contains("has a token"), "{page}");
    let again = browser.post(&format!("{calm}/again"), &[]).await;
    assert_ne!(browser.run_of(&again), calm);
}

/// PKCE alone protects a public client: the thief of its code gets no token, though the code is spent by the attempt.
#[tokio::test]
async fn the_code_of_a_public_client_is_of_no_use_to_a_thief() {
    let browser = Browser::new().await;
    let form = [("organisation", "yes"), ("client", "native"), ("offline", "yes"), ("attack", "code-stolen")];
    let run = browser.to_a_token(Method::AuthorizationCode, &form).await;
    let page = browser.get(&run).await.body;
    assert!(page.contains("as the client <code>native</code>"), "{page}");
    assert!(page.contains("400: code_verifier is missing"), "{page}");
    assert!(page.contains("refused: invalid_grant"), "{page}");
}

/// Any server that is given by URL and client: here one that the playground did not start, whose redirect comes back by
/// the address that a browser opens.
#[tokio::test]
async fn a_server_is_given_by_its_url_and_client() {
    let front = Front::start(Sandbox::demo([5; 32])).unwrap();
    let secret = front.sandbox().client_secret("web").unwrap().to_owned();
    let browser = Browser::new().await;
    let form = [
        ("method", "authorization-code"),
        ("where", "elsewhere"),
        ("family", "space"),
        ("server", front.url()),
        ("client_id", "web"),
        ("client_secret", secret.as_str()),
        ("scope", "global:Profile.View"),
        ("offline", "yes"),
    ];
    let run = browser.begin(&form).await;
    let page = browser.get(&run).await.body;
    assert!(!page.contains("Switch it on"), "nobody attacks a server that is not ours");
    let url = between(&page, "<a class=\"button primary\" href=\"", "\"").replace("&amp;", "&");
    assert!(url.starts_with(&format!("{}/oauth/auth?", front.url())), "{url}");
    let [(name, password), _] = DEMO_USERS;
    let arrival = front.sandbox().visit(&url, &Person::new(name, password), now()).unwrap();
    let back = arrival.url().unwrap().strip_prefix(ORIGIN).unwrap().to_owned();
    assert_eq!(browser.get(&back).await.onward(), run);
    browser.post(&format!("{run}/send"), &[]).await;
    assert!(browser.get(&run).await.body.contains("Scope granted"));
    // The API that follows from the service's URL is the person's own profile.
    let page = browser.get(&run).await.body;
    browser.post(&format!("{run}/call"), &call_of(&page)).await;
    browser.post(&format!("{run}/send"), &[]).await;
    assert!(browser.get(&run).await.body.contains("Alice Archer"));
}
