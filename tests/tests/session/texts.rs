//! WA-5: a refusal says what is wrong with which request, and what to do.

use http::{HeaderName, HeaderValue};
use valetkey_core::session::{Call, RequestHead};
use valetkey_core::{Client, Grant, Request, Session, host};
use valetkey_tests::{get, server};

/// What is said of this request by a session with these APIs.
fn told(apis: &[&str], request: &Request) -> String {
    let client = Client::new(server(), "id");
    let client = apis.iter().fold(client, |client, api| client.api(api).unwrap());
    let session = Session::from_grant(&client, Grant::client_credentials());
    let error = Call::new(session.shared(), request).unwrap_err().to_string();
    let suffix = " (WA-5, RFC 9700 §4.9, RFC 6750 §5.3)";
    let told = error.strip_prefix("misuse: ").and_then(|told| told.strip_suffix(suffix));
    told.unwrap_or_else(|| panic!("{error}")).to_owned()
}

const API: &str = "https://api.example";

#[test]
fn another_origin_is_named_beside_the_clients_own() {
    let other = get("https://other.example/secret?secret=secret");
    assert_eq!(
        told(&[API], &other),
        "the request goes to https://other.example, which is not one of this client's APIs (https://api.example): \
         add it with `Client::api`"
    );
    assert_eq!(
        told(&[API], &get("http://api.example:8080/")),
        "the request goes to http://api.example:8080, which is not one of this client's APIs (https://api.example): \
         add it with `Client::api`"
    );
    assert_eq!(
        told(&[], &other),
        "the request goes to https://other.example, and this client has no APIs: add it with `Client::api`"
    );
}

#[test]
fn three_apis_are_listed_and_the_others_counted() {
    let apis = [
        "https://a.example",
        "https://b.example:8443/v1",
        "https://c.example",
        "https://d.example",
        "https://e.example",
    ];
    let list = |count: usize| {
        let told = told(&apis[..count], &get("https://other.example/"));
        told.split(['(', ')']).nth(1).unwrap().to_owned()
    };
    assert_eq!(list(3), "https://a.example, https://b.example:8443, https://c.example");
    assert_eq!(list(4), "https://a.example, https://b.example:8443, https://c.example and 1 more");
    assert_eq!(list(5), "https://a.example, https://b.example:8443, https://c.example and 2 more");
}

/// Nothing of a URL is shown but its origin, and what is wrong with it is said.
#[test]
fn a_url_without_an_origin_is_told_by_what_it_lacks() {
    for (url, begins) in [
        ("/me?token=secret", "the URL is not absolute: begin it with `https://`"),
        ("api.example", "the URL is not absolute: "),
        ("*", "the URL is not absolute: "),
        ("https://secret:secret@api.example/me", "the URL names a user before its host: "),
        ("https://secret@evil.example/me", "the URL names a user before its host: "),
        ("ftp://api.example/secret", "the URL is not an https URL: "),
        ("https://api.example:0443/secret", "the host of the URL is not in its usual form: "),
        ("https://api.example./secret", "the host of the URL is not in its usual form: "),
    ] {
        let told = told(&[API], &get(url));
        assert!(told.starts_with(begins), "{url}: {told}");
        assert!(!told.contains("secret"), "{url}: {told}");
    }
}

/// A request is made of an absolute URL, and of nothing else.
#[test]
fn a_get_is_of_an_absolute_url() {
    assert_eq!(host::get("https://api.example/me?a=b").unwrap().uri(), "https://api.example/me?a=b");
    for (url, begins) in [
        ("", "the URL cannot be read: "),
        ("https://api.example/a b?secret", "the URL cannot be read: "),
        ("https://", "the URL cannot be read: "),
        ("/secret", "the URL is not absolute: "),
        ("api.example", "the URL is not absolute: "),
    ] {
        let error = host::get(url).unwrap_err();
        assert_eq!(error.rule(), Some(valetkey_core::Rule::Wa5));
        let told = error.to_string();
        assert!(told.starts_with(&format!("misuse: {begins}")) && !told.contains("secret"), "{url}: {told}");
    }
}

/// Each names its header and ends in what to do; the value, which may be a secret, is not shown.
#[test]
fn a_header_is_named_with_what_to_do() {
    for (name, shown) in [
        ("host", "Host"),
        ("content-length", "Content-Length"),
        ("transfer-encoding", "Transfer-Encoding"),
        ("connection", "Connection"),
        ("te", "TE"),
        ("trailer", "Trailer"),
        ("upgrade", "Upgrade"),
        ("expect", "Expect"),
        ("http2-settings", "HTTP2-Settings"),
        ("proxy-authorization", "Proxy-Authorization"),
        ("authorization", "Authorization"),
        ("dpop", "DPoP"),
        ("content_length", "`content_length`"),
        ("proxy.authorization", "`proxy.authorization`"),
    ] {
        let mut request = get("https://api.example/me");
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().insert(name, HeaderValue::from_static("secret"));
        let told = told(&[API], &request);
        assert!(
            told.contains(&format!("the header {shown} ")) || told.contains(&format!("a header {shown} ")),
            "{told}"
        );
        assert!(told.contains("leave it out"), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }
    for method in ["TRACE", "track"] {
        let mut request = get("https://api.example/me");
        *request.method_mut() = method.parse().unwrap();
        let told = told(&[API], &request);
        let shown = method.to_uppercase();
        assert_eq!(told, format!("a request of the method {shown} cannot carry a token: use another method"));
    }
}

/// What a call is made of shows no query and no header.
#[test]
fn a_head_shows_no_secret() {
    let mut request = get("https://api.example/me?token=secret");
    request.headers_mut().insert("x-token", HeaderValue::from_static("secret"));
    let shown = format!("{:?}", RequestHead::from(&request));
    assert_eq!(shown, r#"RequestHead { method: GET, path: "/me", .. }"#);
}
