//! DI-5, AQ-8, AQ-9, WA-5: whatever URL is taken here, the URL standard takes, and it means the same to both.

use proptest::prelude::*;
use proptest::sample::select;
use url::Url;
use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::host::is_public_host;
use valetkey_core::server::Endpoint;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationServer, Client, Discovery, Quirk, Resource, Session,
    Subject,
};
use valetkey_tests::{NOW, client, entropy, get, server};

fn schemes() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just("https".to_owned()),
        2 => select(vec!["http", "HTTPS", "htTps", "ws", "com.example.app", "a.b", "urn"]).prop_map(str::to_owned),
    ]
}

/// Labels as hosts have them, and as they have not.
fn labels() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "0x",
        "0x7f",
        "0X1",
        "0xg",
        "00",
        "127",
        "256",
        "1",
        "08",
        "xn--",
        "xn--a",
        "xn--mnchen-3ya",
        "XN--MNCHEN-3YA",
        "xn--a-ecp.ru",
        "xn--0.pt",
        "xn--zn7c.com",
        "xn--1ch",
        "%61",
        "%00",
        "-",
        "_",
        "a--b",
        "",
        "é",
        "\u{ad}",
        "local",
    ]);
    prop_oneof![
        6 => "[a-zA-Z0-9_-]{1,8}",
        2 => odd.prop_map(str::to_owned),
        1 => "xn--[a-zA-Z0-9-]{0,10}",
        1 => "[0-9]{1,4}",
        1 => "[!$&'()*+,;=~%.:@-]{1,3}",
    ]
}

fn hosts() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::collection::vec(labels(), 1..5).prop_map(|labels| labels.join(".")),
        1 => any::<[u8; 4]>().prop_map(|octets| std::net::Ipv4Addr::from(octets).to_string()),
        1 => any::<[u16; 8]>().prop_map(|parts| format!("[{}]", std::net::Ipv6Addr::from(parts))),
        1 => "\\[[0-9a-fA-F:.]{0,16}\\]",
        1 => "[\\[\\]0-9a-z:.%@-]{0,12}",
    ]
}

fn urls() -> impl Strategy<Value = String> {
    let port = prop_oneof![
        4 => Just(String::new()),
        2 => (0u32..70_000).prop_map(|port| format!(":{port}")),
        1 => ":[+0-9-]{0,6}",
    ];
    let user = prop_oneof![8 => Just(""), 1 => Just("u@"), 1 => Just("u:p@"), 1 => Just("@")];
    let rest = prop_oneof![
        Just(String::new()),
        "/[a-z/.%0-9?&=;:@\\[\\]'-]{0,12}",
        "\\?[a-z=]{0,4}",
        "[/\\\\]{1,3}"
    ];
    let slashes = prop_oneof![12 => Just("://"), 1 => Just(":"), 1 => Just(":/"), 1 => Just(":///")];
    (schemes(), slashes, user, hosts(), port, rest).prop_map(|(scheme, slashes, user, host, port, rest)| {
        format!("{scheme}{slashes}{user}{host}{port}{rest}")
    })
}

/// Scheme, host and port, as whoever sends a request has them.
fn sent(text: &str) -> (String, String, Option<u16>) {
    let uri: http::Uri = text.parse().unwrap();
    let scheme = uri.scheme_str().unwrap().to_ascii_lowercase();
    let port = uri.port().map(|port| port.as_u16()).or(match scheme.as_str() {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    });
    (scheme, uri.host().unwrap().to_ascii_lowercase(), port)
}

/// The same by the URL standard.
fn read(text: &str) -> (String, String, Option<u16>) {
    let url = Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let host = url.host_str().unwrap_or_else(|| panic!("{text} has no host")).to_owned();
    assert_eq!((url.username(), url.password()), ("", None), "{text}");
    (url.scheme().to_owned(), host, url.port_or_known_default())
}

/// Every reader that takes the text, by its name.
fn readers(text: &str) -> Vec<&'static str> {
    let lax = || AuthorizationServer::new().admit(Quirk::LoopbackHttp);
    let resource = Resource::new(text);
    let taken = [
        ("issuer", lax().issuer(text).is_ok()),
        ("authorization endpoint", lax().authorization_endpoint(text).is_ok()),
        ("endpoint", lax().endpoint(Endpoint::Revocation, text).is_ok()),
        ("alias", lax().mtls_alias(Endpoint::Token, text).is_ok()),
        ("API", Client::new(lax(), "c").api(text).is_ok()),
        ("discovery", Discovery::new(text).is_ok()),
        ("resource", resource.is_ok_and(|resource| ProtectedResourceDiscovery::new(&resource).is_ok())),
    ];
    taken.into_iter().filter(|(_, taken)| *taken).map(|(name, _)| name).collect()
}

/// What stands after the host of an API, and the scheme before it.
fn changes() -> impl Strategy<Value = (String, String)> {
    let schemes = select(vec!["https", "HTTPS", "http"]).prop_map(str::to_owned);
    let after = prop_oneof![
        Just(String::new()),
        select(vec![":443", ":+443", ":0443", ":", ":80", ":65979", ".", "%2e", "@evil.example"])
            .prop_map(str::to_owned),
    ];
    (schemes, after)
}

fn written_otherwise(api: &str, (scheme, after): &(String, String)) -> String {
    let uri: http::Uri = api.parse().unwrap();
    format!("{scheme}://{}{after}/x", uri.host().unwrap())
}

proptest! {
    #[test]
    fn s2_whatever_url_is_taken_is_one_by_the_url_standard(text in urls()) {
        let taken = readers(&text);
        if !taken.is_empty() {
            prop_assert_eq!(read(&text), sent(&text), "{:?}", taken);
            prop_assert!(text.starts_with("https://") || text.starts_with("http://"));
            // But for their queries and fragments, all take the same.
            prop_assert!(taken.len() == 7 || text.contains('?'), "{:?}", taken);
        }
    }

    #[test]
    fn s2_a_browser_url_is_always_a_url(text in urls()) {
        let server = server().admit(Quirk::LoopbackHttp);
        if let Ok(server) = server.authorization_endpoint(&text) {
            let request = AuthorizationRequest::new(&Client::new(server, "c"), "https://app.example/cb").unwrap();
            if let Ok((browser, _)) = request.begin_unbound(entropy(1), NOW) {
                let expected = sent(browser.as_str());
                let url = Url::from(browser);
                prop_assert_eq!(url.host_str(), Some(expected.1.as_str()));
                prop_assert_eq!(url.port_or_known_default(), expected.2);
            }
        }
    }

    #[test]
    fn s2_whatever_redirect_uri_and_resource_is_taken_is_one_by_the_url_standard(text in urls()) {
        if AuthorizationRequest::new(&client(), text.clone()).is_ok() {
            prop_assert!(Url::parse(&text).is_ok(), "{}", text);
            if text.starts_with("http") {
                prop_assert_eq!(read(&text), sent(&text));
            }
        }
        let is_web = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"));
        if is_web && Resource::new(text.clone()).is_ok() {
            prop_assert_eq!(read(&text), sent(&text));
        }
    }

    /// What is signed goes to the origin of an API by the URL standard too.
    #[test]
    fn s19_what_is_signed_for_an_api_goes_there_by_the_url_standard(api in urls(), call in urls(), near in any::<bool>(), change in changes()) {
        let token = AccessToken::new("t").unwrap();
        let session = Session::from_permanent_token(&api, token, Subject::User);
        let Ok(mut session) = session else { return Ok(()) };
        let call = if near { written_otherwise(&api, &change) } else { call };
        if call.parse::<http::Uri>().is_err() {
            return Ok(());
        }
        if session.call(get(&call)).is_ok() {
            prop_assert_eq!(read(&call), read(&api));
        }
    }

    /// Nothing is public that its own address says is not, however it is written.
    #[test]
    fn s17_a_public_host_is_one_by_the_url_standard(host in hosts()) {
        if is_public_host(&host) {
            // Whether an international name is valid is not asked of a host by itself.
            if let Ok(url) = Url::parse(&format!("https://{host}/")) {
                prop_assert_eq!(url.host_str().map(str::to_owned), Some(host.to_ascii_lowercase()));
            } else {
                prop_assert!(host.to_ascii_lowercase().contains("xn--"), "{}", host);
            }
        }
    }
}
