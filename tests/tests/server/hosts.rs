//! DI-5, DI-1, PR-3, AQ-6 to AQ-9, WA-5, DP-1, DV-2: the hosts, ports and schemes of URLs that others and the program name.
//! What the URL standard refuses, or reads otherwise, is refused when it is read, and nothing fails on it later.

use http::Method;
use url::Url;
use valetkey_core::api::{ProtectedResource, ProtectedResourceDiscovery};
use valetkey_core::error::Refused;
use valetkey_core::jose::{Algorithm, RustCrypto};
use valetkey_core::server::{Endpoint, JwksCache, Metadata};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationServer, Client, DeviceAuthorizationRequest, Discovery,
    Dpop, Error, Grant, Quirk, Resource, Rule, Session, Subject, TokenRequest,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client, client_of, entropy, get, json, server};

/// What stands between `https://` and the path, and is no host, no port, or one of another form than its own.
const REFUSED: [&str; 62] = [
    // Numbers that the URL standard takes for an IPv4 address, or for a broken one.
    "1.2.3.256",
    "1.2.3.4.5",
    "1.2.3",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0X7F000001",
    "0x",
    "a.0x",
    "a.0xff",
    "a.1",
    "as.example.5",
    "01.2.3.4",
    "1.2.3.04",
    "09.1.2.3",
    // International names that are none.
    "xn--",
    "xn--a",
    "XN--A",
    "as.xn--a.example",
    "xn--a-",
    "xn--\u{61}-\u{61}",
    "xn--99999999999999",
    // IPv6 in other forms than its own.
    "[v1.x]",
    "[1]",
    "[::1",
    "[]",
    "[:::1]",
    "[::1]a",
    "[0:0:0:0:0:0:0:1]",
    "[2001:db8:0:0:0:0:0:1]",
    "[2001:0db8::1]",
    "[::ffff:1.2.3.4]",
    "[::ffff:102:304]",
    "[::1.2.3.4]",
    "[fe80::1%25eth0]",
    // Ports.
    "as.example:",
    "as.example:+443",
    "as.example:-1",
    "as.example:65536",
    "as.example:99999999999",
    "as.example:443a",
    "as.example:0443",
    "as.example:00",
    "as.example:443:443",
    "[::1]:+443",
    "[2001:db8::1]:",
    // Users.
    "user@as.example",
    "user:password@as.example",
    "as.example@evil.example",
    "@as.example",
    // Dots, and characters that are none of a host's.
    "as.example.",
    ".as.example",
    "as..example",
    ".",
    "as%2eexample",
    "%61s.example",
    "as.exa$mple",
    "as~.example",
    "as.example,evil.example",
    "",
];

/// Hosts and ports that are taken.
const TAKEN: [&str; 21] = [
    "as.example",
    "AS.Example",
    "localhost",
    "a",
    "a-b.c_d.example",
    "-a.example",
    "a--b.example",
    "1.example",
    "1.2.3.4.example",
    "0x7f.example",
    "as.0xg",
    "as.1a",
    "192.0.2.1",
    "8.8.8.8",
    "[2001:db8::1]",
    "[2001:DB8::1]",
    "[2606:4700::1]:8443",
    "xn--mnchen-3ya.example",
    "XN--MNCHEN-3YA.example:8443",
    "as.example:443",
    "as.example:65535",
];

type Reader = fn(&str) -> Result<(), Error>;

fn with(member: &str, url: &str) -> Result<Metadata, Error> {
    let issuer = "https://as.example";
    let body = format!(r#"{{"issuer":"{issuer}","response_types_supported":["code"],{member}"{url}"}}"#);
    let body = if member.contains('{') { body + "}" } else { body };
    Discovery::new(issuer).and_then(|discovery| discovery.parse(json(200, &body), NOW))
}

/// What comes of using the endpoint that is named so: one that cannot be used is left out of the document.
fn used(member: &str, url: &str) -> Result<(), Error> {
    let metadata = with(member, url)?;
    let client = Client::new(metadata.server().clone(), "c").with_certificate();
    match metadata.unusable_endpoints() {
        [] => Ok(()),
        [Endpoint::Jwks] => JwksCache::new(metadata.server(), |_| Ok(())).map(drop),
        [Endpoint::Token] => TokenRequest::new(&client, Grant::client_credentials()).map(drop),
        _ => AuthorizationRequest::new(&client, "https://app.example/callback")?
            .begin_unbound(entropy(1), NOW)
            .map(drop),
    }
}

fn resource_with(members: &str) -> Result<ProtectedResource, Error> {
    let body = format!(r#"{{"resource":"https://api.example",{members}}}"#);
    ProtectedResourceDiscovery::new(&Resource::new("https://api.example").unwrap())
        .unwrap()
        .parse(json(200, &body), NOW)
}

/// All that take the URL of an endpoint, an issuer or an API, with the rule under which they refuse it.
const READERS: [(&str, Rule, Reader); 12] = [
    ("issuer", Rule::Di5, |url| AuthorizationServer::new().issuer(url).map(|_| ())),
    ("authorization endpoint", Rule::Di5, |url| {
        AuthorizationServer::new().authorization_endpoint(url).map(|_| ())
    }),
    ("token endpoint", Rule::Di5, |url| AuthorizationServer::new().token_endpoint(url).map(|_| ())),
    ("alias", Rule::Di5, |url| AuthorizationServer::new().mtls_alias(Endpoint::Token, url).map(|_| ())),
    ("API", Rule::Di5, |url| client().api(url).map(|_| ())),
    ("discovery", Rule::Di1, |url| Discovery::new(url).map(|_| ())),
    ("authorization_endpoint", Rule::Di5, |url| used(r#""authorization_endpoint":"#, url)),
    ("jwks_uri", Rule::Di5, |url| used(r#""jwks_uri":"#, url)),
    ("mtls_endpoint_aliases", Rule::Di5, |url| used(r#""mtls_endpoint_aliases":{"token_endpoint":"#, url)),
    ("authorization_servers", Rule::Pr3, |url| {
        resource_with(&format!(r#""authorization_servers":["https://as.example","{url}"]"#)).map(|_| ())
    }),
    ("jwks_uri of a resource", Rule::Di5, |url| resource_with(&format!(r#""jwks_uri":"{url}""#)).map(|_| ())),
    ("redirect URI", Rule::Aq8, |url| AuthorizationRequest::new(&client(), url).map(|_| ())),
];

#[test]
fn s2_a_host_that_the_url_standard_refuses_is_refused_when_it_is_read() {
    for authority in REFUSED {
        let url = format!("https://{authority}/a");
        for (name, rule, read) in READERS {
            assert_eq!(read(&url).expect_err(&url).rule(), Some(rule), "{name} {url}");
        }
        assert_eq!(Resource::new(url.as_str()).expect_err(&url).rule(), Some(Rule::Aq9), "{url}");
    }
    for odd in
        ["https://as.example\\a", "https://as.example\t/", "https://as\n.example/", " https://as.example"]
    {
        for (name, rule, read) in READERS {
            // In a document a control character breaks the JSON.
            let found = read(odd).expect_err(odd).rule();
            assert!(found == Some(rule) || found == Some(Rule::Tr2), "{name} {odd:?}: {found:?}");
        }
    }
}

#[test]
fn s2_a_host_that_is_in_order_is_taken_and_means_the_same_to_the_url_standard() {
    for authority in TAKEN {
        let url = format!("https://{authority}/a");
        for (name, _, read) in READERS {
            read(&url).unwrap_or_else(|error| panic!("{name} {url}: {error}"));
        }
        assert!(Resource::new(url.as_str()).is_ok(), "{url}");
        let server = server().authorization_endpoint(&url).unwrap();
        let request = AuthorizationRequest::new(&client_of(server), "https://app.example/callback").unwrap();
        let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
        let converted = Url::from(url);
        let host = converted.host_str().unwrap();
        assert!(authority.to_ascii_lowercase().starts_with(host), "{authority}: {host}");
    }
}

/// DI-5: an endpoint of the review's list does not panic the conversion, because there is none.
#[test]
fn s2_no_metadata_document_leads_to_a_browser_url_that_is_no_url() {
    for authority in REFUSED {
        let read = with(r#""authorization_endpoint":"#, &format!("https://{authority}/a"));
        assert!(read.unwrap().server().url_of(Endpoint::Authorization).is_none(), "{authority}");
    }
}

/// AQ-8: what follows a private-use scheme.
#[test]
fn s2_a_redirect_uri_of_a_private_use_scheme_is_a_url() {
    let read = |uri: &str| AuthorizationRequest::new(&client(), uri).map(|_| ());
    for uri in [
        "com.example.app:/callback",
        "com.example.app:callback",
        "com.example.app://callback",
        "com.example.app:///callback",
        "com.example.app://callback:8080/x",
        "com.example.app://1.2.3.256/x",
        "com.example.app://%41/x",
        "com.example.app://[::1]:1/x",
        "com.example.app:?x",
    ] {
        assert!(read(uri).is_ok(), "{uri}");
        assert!(Url::parse(uri).is_ok(), "{uri}");
    }
    for uri in [
        "com.example.app://[v1.x]/",
        "com.example.app://[::zz]/",
        "com.example.app://host:port/",
        "com.example.app://host:99999/",
        "com.example.app://:80/",
        "com.example.app://user@host/",
        "com.example.app://user:1@host/",
        "com.example.app://a]b/",
    ] {
        assert_eq!(read(uri).expect_err(uri).rule(), Some(Rule::Aq8), "{uri}");
    }
    for uri in [
        "http://127.0.0.1:+80/",
        "http://[::1]:/",
        "http://127.1/",
        "http://localhost:080/",
        // To some a host with a port, and to the URL standard 0.0.0.0.
        "https:0",
        "https:443",
        "http:80",
    ] {
        assert_eq!(read(uri).expect_err(uri).rule(), Some(Rule::Aq8), "{uri}");
    }
}

/// WA-5: a call to a port that is none is not signed for, and an API is not named so.
#[test]
fn s19_a_port_that_is_not_a_plain_number_is_no_api() {
    let token = AccessToken::new("token").unwrap();
    let mut session = Session::from_permanent_token("https://api.example", token, Subject::User).unwrap();
    for url in [
        "https://api.example:+443/x",
        "https://api.example:0443/x",
        "https://api.example:00443/x",
        "https://api.example./x",
        "https://api.example:444/x",
        "https://user@api.example/x",
    ] {
        let Ok(_) = url.parse::<http::Uri>() else { continue };
        assert_eq!(session.call(get(url)).unwrap_err().rule(), Some(Rule::Wa5), "{url}");
    }
    assert!("https://api.example:+443/x".parse::<http::Uri>().is_ok(), "the first of them comes so far");
    for url in ["https://api.example/x", "https://API.example:443/x", "HTTPS://api.example/x"] {
        assert!(session.call(get(url)).is_ok(), "{url}");
    }
}

/// DP-1: `htu` says where the request goes.
#[test]
fn s19_no_proof_is_for_a_port_that_is_not_a_plain_number() {
    let key = Dpop::of(key_pair(&RustCrypto, Algorithm::Es256), entropy(2)).unwrap();
    let proof = |url: &str| key.proof(&Method::POST, &url.parse().unwrap(), NOW).map(|_| ());
    for url in [
        "https://as.example:+443/token",
        "https://as.example:0443/token",
        "https://user@as.example/token",
        "https://1.2.3.256/token",
        "https://as.example./token",
    ] {
        assert_eq!(proof(url).unwrap_err().rule(), Some(Rule::Dp1), "{url}");
    }
    for url in ["https://as.example/token", "https://as.example:8443/token", "http://127.0.0.1:9/token"] {
        assert!(proof(url).is_ok(), "{url}");
    }
}

/// DV-2 and ER-4: pages that a person is sent to.
#[test]
fn s19_a_page_for_a_person_is_at_a_host_that_is_one() {
    let server = server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap();
    let client = client_of(server);
    for authority in REFUSED {
        let page = format!("https://{authority}/a");
        for pages in [
            format!(r#""verification_uri":"{page}""#),
            format!(r#""verification_uri":"https://as.example/d","verification_uri_complete":"{page}""#),
        ] {
            let body = format!(r#"{{"device_code":"d","user_code":"u","expires_in":600,{pages}}}"#);
            let flow = DeviceAuthorizationRequest::new(&client).unwrap();
            assert_eq!(play(flow, [Some(json(200, &body))]).rule(), Rule::Dv2, "{page}");
        }
        let body = format!(r#"{{"error":"invalid_request","error_uri":"{page}"}}"#);
        let refused = Refused::parse(&json(400, &body), NOW).unwrap();
        assert_eq!(refused.uri(), None, "{page}");
    }
    let refused =
        Refused::parse(&json(400, r#"{"error":"e","error_uri":"https://as.example/e"}"#), NOW).unwrap();
    assert_eq!(refused.uri(), Some("https://as.example/e"));
}

/// RFC 3986 §3.1 has schemes in either case. What is compared as a string is taken in small letters alone; what a person is
/// shown, in either; what a request goes to, in either.
#[test]
fn s23_what_is_compared_has_its_scheme_in_small_letters() {
    for scheme in ["HTTPS", "Https", "htTps", "httpS"] {
        let url = format!("{scheme}://as.example/a");
        for (name, rule, read) in READERS {
            assert_eq!(read(&url).expect_err(&url).rule(), Some(rule), "{name} {url}");
        }
        let resource = Resource::new(url.as_str()).unwrap();
        let discovery = ProtectedResourceDiscovery::new(&resource);
        assert_eq!(discovery.expect_err(&url).rule(), Some(Rule::Pr1), "{url}");
    }
    let admitted = AuthorizationServer::new().admit(Quirk::LoopbackHttp);
    for url in ["HTTP://127.0.0.1:9", "Http://localhost"] {
        assert_eq!(admitted.clone().token_endpoint(url).expect_err(url).rule(), Some(Rule::Di5), "{url}");
    }
}
