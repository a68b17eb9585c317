//! LO-2, LO-4, LO-6: the log-out at the server by way of the browser, and the return.

use std::time::Duration;

use serde_json::json;
use valetkey_core::jose::Algorithm;
use valetkey_core::logout::{LogoutRequest, LogoutResponse, LogoutWay, PendingLogout};
use valetkey_core::server::Endpoint;
use valetkey_core::store::MemoryStore;
use valetkey_core::terms::IdToken;
use valetkey_core::{Client, Error, Rule};
use valetkey_tests::openid::{claims as login_claims, id_token};
use valetkey_tests::{NOW, client_of, entropy};

use crate::world::{client, provider, rule};

const BYE: &str = "https://app.example/bye";

fn hint(change: impl FnOnce(&mut serde_json::Value)) -> IdToken {
    let mut claims = login_claims(Some("n-0S6"));
    change(&mut claims);
    IdToken::new(id_token(Algorithm::Es256, &claims)).unwrap()
}

/// What the browser brings to the server, sorted.
fn sent(way: &LogoutWay) -> Vec<(String, String)> {
    let mut sent: Vec<(String, String)> = match way {
        LogoutWay::Redirect(url) => {
            let (endpoint, query) = url.as_str().split_once('?').unwrap();
            assert_eq!(endpoint, "https://as.example/logout");
            form_urlencoded::parse(query.as_bytes()).into_owned().collect()
        }
        LogoutWay::Form(form) => {
            assert_eq!(form.action(), "https://as.example/logout");
            form.fields().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        }
    };
    sent.sort();
    sent
}

fn named(sent: &[(String, String)]) -> Vec<&str> {
    sent.iter().map(|(name, _)| name.as_str()).collect()
}

fn request() -> LogoutRequest {
    LogoutRequest::new(&client()).unwrap()
}

/// LO-4: the ID token, or else the client, and never neither.
#[test]
fn a_log_out_names_the_login_or_the_client() {
    let (way, pending) = request().begin(entropy(1), NOW).unwrap();
    assert_eq!(sent(&way), [("client_id".to_owned(), "s6BhdRkqt3".to_owned())]);
    assert!(pending.is_none(), "nobody comes back");

    let token = hint(|claims| claims["exp"] = json!(NOW.as_secs() - 86_400));
    let (way, pending) =
        request().hint(&token).unwrap().return_to(BYE).unwrap().begin(entropy(2), NOW).unwrap();
    assert!(matches!(way, LogoutWay::Redirect(_)), "it has expired, and says nothing personal");
    let sent = sent(&way);
    assert_eq!(named(&sent), ["id_token_hint", "post_logout_redirect_uri", "state"]);
    assert_eq!(sent[0].1, token.expose());
    assert_eq!((sent[1].1.as_str(), sent[2].1.as_str()), (BYE, pending.unwrap().state()));
}

/// LO-4: what is about the person, or long, is posted.
#[test]
fn what_is_personal_or_long_is_posted() {
    for token in [
        hint(|claims| claims["email"] = json!("alice@example.com")),
        hint(|claims| claims["https://as.example/groups"] = json!(["staff"])),
        hint(|claims| claims["sid"] = json!("s".repeat(2000))),
    ] {
        let request = request().hint(&token).unwrap().return_to("https://app.example/bye?a=1&b=2").unwrap();
        let (way, _) = request.begin(entropy(3), NOW).unwrap();
        assert!(matches!(way, LogoutWay::Form(_)));
        assert_eq!(named(&sent(&way)), ["id_token_hint", "post_logout_redirect_uri", "state"]);
        let page = way.answer().unwrap();
        assert_eq!(page.status().as_u16(), 200);
        assert_eq!(page.headers()["cache-control"], "no-store");
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        let body = String::from_utf8(page.into_body()).unwrap();
        assert!(body.contains("<form method=\"post\" action=\"https://as.example/logout\">"), "{body}");
        assert!(body.contains(token.expose()) && body.contains("bye?a=1&amp;b=2"), "{body}");
        let shown = format!("{request:?} {way:?}");
        assert!(!shown.contains(token.expose()), "{shown}");
    }
    let hint = format!("\"><script>{}", "<'&\">".repeat(190));
    let by_form = request().logout_hint(&hint).unwrap().begin(entropy(3), NOW).unwrap().0;
    let LogoutWay::Form(form) = by_form else { panic!("it is long") };
    let body = String::from_utf8(form.page().unwrap().into_body()).unwrap();
    assert_eq!(body.matches("<script").count(), 1, "{body}");
    assert!(!body.contains("<'") && body.contains("&lt;&#39;&amp;&quot;&gt;"), "{body}");
}

/// LO-4: the redirect, and what else may be said.
#[test]
fn a_log_out_without_a_hint_is_a_redirect() {
    let request = request().ui_locales(["de-AT", "en"]).unwrap();
    let (way, _) = request.begin(entropy(4), NOW).unwrap();
    let answer = way.answer().unwrap();
    assert_eq!(answer.status().as_u16(), 303);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(
        answer.headers()["location"],
        "https://as.example/logout?client_id=s6BhdRkqt3&ui_locales=de-AT+en"
    );
    let endpoint = |url: &str| client_of(provider().endpoint(Endpoint::EndSession, url).unwrap());
    let (way, _) = LogoutRequest::new(&endpoint("https://as.example/out?p=b2c"))
        .unwrap()
        .begin(entropy(4), NOW)
        .unwrap();
    let LogoutWay::Redirect(url) = way else { panic!("it is short") };
    assert_eq!(url.as_str(), "https://as.example/out?p=b2c&client_id=s6BhdRkqt3");
    for own in ["https://as.example/out?", "https://as.example/out?p=b2c&"] {
        let (way, _) = LogoutRequest::new(&endpoint(own)).unwrap().begin(entropy(4), NOW).unwrap();
        let LogoutWay::Redirect(url) = way else { panic!("it is short") };
        assert_eq!(url.as_str(), format!("{own}client_id=s6BhdRkqt3"));
    }
    assert_eq!(rule(LogoutRequest::new(&endpoint("https://as.example/out?state=1"))), Some(Rule::Lo4));
}

/// LO-4: a URL has 2,000 characters; what is longer is posted.
#[test]
fn a_redirect_is_no_longer_than_every_browser_takes() {
    let way = |length: usize| {
        let uri = format!("{BYE}/{}", "a".repeat(length));
        request().return_to(&uri).unwrap().begin(entropy(4), NOW).unwrap().0
    };
    let LogoutWay::Redirect(url) = way(1) else { panic!("it is short") };
    let longest = 1 + 2000 - url.as_str().len();
    let LogoutWay::Redirect(url) = way(longest) else { panic!("it is no longer than that") };
    assert_eq!(url.as_str().len(), 2000);
    assert!(matches!(way(longest + 1), LogoutWay::Form(_)));
}

/// LO-4, AQ-8, AQ-20, AQ-26: a request that a server could not take is refused.
#[test]
fn a_request_that_no_server_takes_is_refused() {
    for hint in ["", "a\nb", &"a".repeat(1025)] {
        assert_eq!(rule(request().logout_hint(hint)), Some(Rule::Lo4));
    }
    assert!(request().logout_hint(&"a".repeat(1024)).is_ok());
    for uri in ["http://app.example/bye", "/bye", "javascript:alert(1)", "https://app.example/bye#x"] {
        assert_eq!(rule(request().return_to(uri)), Some(Rule::Aq8), "{uri}");
    }
    assert_eq!(rule(request().ui_locales(["not a tag"])), Some(Rule::Aq26));
    for token in [hint(|claims| claims["aud"] = json!("another")), hint(|claims| claims["iss"] = json!("x"))]
    {
        assert_eq!(rule(request().hint(&token)), Some(Rule::Aq20));
    }
    let without = LogoutRequest::new(&valetkey_tests::client()).unwrap_err();
    assert!(matches!(without, Error::Misuse(_)) && without.to_string().contains("end_session_endpoint"));
}

fn pending(uri: &str) -> PendingLogout {
    request().return_to(uri).unwrap().begin(entropy(5), NOW).unwrap().1.unwrap()
}

/// LO-2, LO-6: the place, the state, once and in time; otherwise it is unconfirmed, and no more than that.
#[test]
fn the_return_is_confirmed_by_its_place_and_its_state() {
    let state = pending(BYE).state().to_owned();
    let confirm = |uri: &str, url: &str| {
        pending(uri).confirm(&LogoutResponse::from_url(url).unwrap(), NOW.after(Duration::from_secs(60)))
    };
    confirm(BYE, &format!("{BYE}?state={state}&more=1")).unwrap();
    confirm("https://app.example/bye?a=1", &format!("{BYE}?a=1&state={state}")).unwrap();
    for (uri, url) in [
        (BYE, format!("{BYE}?state=another")),
        (BYE, BYE.to_owned()),
        (BYE, format!("{BYE}?state={state}&state={state}")),
        (BYE, format!("{BYE}?state={state}x")),
        (BYE, format!("{BYE}/?state={state}")),
        (BYE, format!("https://evil.example/bye?state={state}")),
        ("https://app.example/bye?a=1", format!("{BYE}?state={state}")),
        ("https://app.example/bye?a=1", format!("{BYE}?a=2&state={state}")),
        (BYE, format!("{BYE}#state={state}")),
    ] {
        assert_eq!(rule(confirm(uri, &url)), Some(Rule::Lo6), "{uri} {url}");
    }
    let late = LogoutResponse::from_url(&format!("{BYE}?state={state}")).unwrap();
    let an_hour = NOW.after(Duration::from_secs(3600));
    assert_eq!(rule(pending(BYE).confirm(&late, an_hour)), Some(Rule::Lo6));
    assert_eq!(rule(LogoutResponse::from_url(&"a".repeat(16_385))), Some(Rule::Lo6));
    let posted = http::Request::post("/bye").body(()).unwrap();
    assert_eq!(rule(LogoutResponse::from_request(BYE, &posted)), Some(Rule::Lo6));
    let got = http::Request::get(format!("/bye?state={state}")).body(()).unwrap();
    pending(BYE).confirm(&LogoutResponse::from_request(BYE, &got).unwrap(), NOW).unwrap();
}

/// LO-6: what waits in a store is taken once, and the state of each log-out is its own.
#[test]
fn a_return_is_confirmed_once() {
    let store = MemoryStore::new();
    let own = pending(BYE);
    let other = request().return_to(BYE).unwrap().begin(entropy(6), NOW).unwrap().1.unwrap();
    assert_ne!(own.state(), other.state());
    let query = format!("state={}", own.state());
    let response = LogoutResponse::from_query(BYE, &query).unwrap();
    own.put_in(&store, NOW).unwrap();
    let taken = PendingLogout::take_from(&store, &response).unwrap().unwrap();
    taken.confirm(&response, NOW).unwrap();
    assert!(PendingLogout::take_from(&store, &response).unwrap().is_none());
    // A login that waits under its own state is not taken away by who has seen that.
    let login = valetkey_core::store::StoreKey::of_pending("seen");
    let entry = valetkey_core::store::Entry::new(valetkey_core::store::StoredBytes::new(b"{}".to_vec()));
    assert!(valetkey_core::store::Store::insert_if_absent(&store, &login, &entry).unwrap());
    let seen = LogoutResponse::from_query(BYE, "state=seen").unwrap();
    assert!(PendingLogout::take_from(&store, &seen).unwrap().is_none());
    assert!(valetkey_core::store::Store::load(&store, &login).unwrap().is_some());
    let without = LogoutResponse::from_query(BYE, "").unwrap();
    assert!(PendingLogout::take_from(&store, &without).unwrap().is_none());
}

/// LO-6: a return with a state of its own would come with two.
#[test]
fn a_return_has_no_state_of_its_own() {
    assert_eq!(rule(request().return_to(&format!("{BYE}?state=x"))), Some(Rule::Lo6));
    assert!(request().return_to(&format!("{BYE}?tenant=x")).is_ok());
}

/// LO-4: a name that the server knows a person by is posted, and is in no URL.
#[test]
fn a_logout_hint_is_posted() {
    let asked = request().logout_hint("alice@example.com").unwrap();
    let (way, _) = asked.begin(entropy(5), NOW).unwrap();
    assert!(matches!(way, valetkey_core::logout::LogoutWay::Form(_)));
}

/// The stored form is versioned, and read again.
#[test]
fn what_waits_is_written_and_read_again() {
    let own = pending(BYE);
    let written = serde_json::to_value(&own).unwrap();
    assert_eq!(
        written,
        json!({
            "version": 1,
            "post_logout_redirect_uri": BYE,
            "state": own.state(),
            "expires_at": NOW.as_millis() + 3_600_000,
        })
    );
    let read: PendingLogout = serde_json::from_value(written.clone()).unwrap();
    assert_eq!((read.state(), read.return_to(), read.expires_at()), (own.state(), BYE, own.expires_at()));
    let mut later = written;
    later["version"] = json!(2);
    assert!(serde_json::from_value::<PendingLogout>(later).is_err());
    let response = LogoutResponse::from_query(BYE, &format!("state={}", own.state())).unwrap();
    let shown = format!("{own:?} {response:?}");
    assert!(!shown.contains(own.state()), "{shown}");
}

/// LO-18: nothing of session management by an iframe is built, and what a server says for it disturbs nothing.
#[test]
fn session_management_by_an_iframe_disturbs_nothing() {
    let client: Client = client();
    let mut begun = valetkey_tests::openid::begun(&client, |request| request).unwrap();
    let url = format!(
        "{}?code=SplxlOBeZQQYbYS6WxSbIA&state={}&session_state=abc.def",
        valetkey_tests::openid::CALLBACK,
        begun.pending.state()
    );
    let response = valetkey_core::AuthorizationResponse::from_url(&url).unwrap();
    assert!(begun.pending.finish(&client, &response, NOW).is_ok());
    assert!(begun.pending.checks().contains(Rule::Ar5));
}
