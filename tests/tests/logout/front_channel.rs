//! LO-3, LO-17: a log-out through the browser.

use valetkey_core::logout::{FrontChannel, FrontChannelNotice};
use valetkey_core::{AuthorizationServer, Error, Rule};
use valetkey_tests::client_of;
use valetkey_tests::openid::logged_in;

use crate::world::*;

fn came(receiver: &FrontChannel, query: &str) -> Result<FrontChannelNotice, Error> {
    receiver.receive(&http::Request::get(format!("/logout/front-channel{query}")).body(()).unwrap())
}

/// LO-17: both or neither, each once, of this server.
#[test]
fn iss_and_sid_come_both_or_neither() {
    let receiver = FrontChannel::new(&client()).unwrap();
    let notice = came(&receiver, "?iss=https%3A%2F%2Fas.example&sid=08a5&more=1").unwrap();
    assert_eq!((notice.issuer(), notice.session_id()), (Some("https://as.example"), Some("08a5")));
    assert!(!format!("{notice:?}").contains("08a5"));
    assert_eq!(came(&receiver, "").unwrap().session_id(), None);
    for query in [
        "?iss=https://as.example",
        "?sid=08a5",
        "?iss=https://as.example&sid=",
        "?iss=https://as.example/&sid=08a5",
        "?iss=https://evil.example&sid=08a5",
        "?iss=https://as.example&iss=https://as.example&sid=08a5",
        "?iss=https://as.example&sid=08a5&sid=08a5",
    ] {
        assert_eq!(rule(came(&receiver, query)), Some(Rule::Lo17), "{query}");
    }
    // Each is told why.
    for (query, why) in [
        ("?iss=https://evil.example&sid=08a5", "is not the server's issuer, or its sid is empty"),
        ("?iss=https://as.example&sid=", "is not the server's issuer, or its sid is empty"),
        ("?iss=https://as.example", "has one of iss and sid without the other"),
        ("?sid=08a5&sid=08a5", "comes twice, or there is too much of them"),
    ] {
        let told = came(&receiver, query).unwrap_err().to_string();
        assert!(told.contains(why), "{query}: {told}");
    }
    for method in ["POST", "HEAD", "PUT"] {
        let request = http::Request::builder().method(method).uri("/out").body(()).unwrap();
        assert_eq!(rule(receiver.receive(&request)), Some(Rule::Lo17), "{method}");
    }
    let required = receiver.session_required();
    assert_eq!(rule(came(&required, "")), Some(Rule::Lo17));
    assert!(came(&required, "?iss=https://as.example&sid=08a5").is_ok());
}

/// LO-3, LO-17: it ends this browser's session, if it is the one that is named.
#[test]
fn only_the_session_that_is_named_ends() {
    let receiver = FrontChannel::new(&client()).unwrap();
    let tokens = logged_in(&client(), |_| {}).unwrap();
    let identity = tokens.login().unwrap().identity();
    let named = came(&receiver, "?iss=https://as.example&sid=08a5").unwrap();
    assert!(named.ends(identity, Some("08a5")));
    assert!(!named.ends(identity, Some("08a6")) && !named.ends(identity, None));
    let unnamed = came(&receiver, "").unwrap();
    assert!(unnamed.ends(identity, Some("08a5")) && unnamed.ends(identity, None));
    let other = client_of(AuthorizationServer::new().issuer("https://other.example").unwrap());
    let other = FrontChannel::new(&other).unwrap();
    assert!(!came(&other, "").unwrap().ends(identity, None));
    assert!(!came(&other, "?iss=https://other.example&sid=08a5").unwrap().ends(identity, Some("08a5")));
}

/// LO-17: the page is kept nowhere, and is in frames of the issuer's origin only.
#[test]
fn the_page_is_for_the_issuers_frames() {
    let server = AuthorizationServer::new().issuer("https://as.example:8443/tenants/1").unwrap();
    let page = FrontChannel::new(&client_of(server)).unwrap().page().unwrap();
    assert_eq!(page.status().as_u16(), 200);
    assert_eq!(page.headers()["cache-control"], "no-store");
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("frame-ancestors https://as.example:8443"), "{policy}");
    assert!(FrontChannel::new(&client_of(AuthorizationServer::new())).is_err());
}
