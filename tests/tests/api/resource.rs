//! PR-1 to PR-4: from an API, by its URL or by its challenge, to the servers that issue its tokens.

use http::HeaderMap;
use valetkey_core::api::{ProtectedResource, ProtectedResourceDiscovery};
use valetkey_core::error::Challenge;
use valetkey_core::{AuthorizationServer, Error, Flow as _, Quirk, Quirks, Resource, Response, Rule, Step};
use valetkey_tests::script::{Played, play};
use valetkey_tests::{NOW, json};

fn challenge(line: &str) -> Challenge {
    let mut headers = HeaderMap::new();
    headers.insert("www-authenticate", line.parse().unwrap());
    Challenge::parse(&headers).unwrap().remove(0)
}

fn leading_to(place: &str) -> Challenge {
    challenge(&format!(r#"Bearer realm="x", resource_metadata="{place}""#))
}

fn document(resource: &str) -> Response {
    json(200, &format!(r#"{{"resource":"{resource}","authorization_servers":["https://as.example"]}}"#))
}

fn place_of(resource: &str) -> String {
    let discovery = ProtectedResourceDiscovery::new(&Resource::new(resource).unwrap()).unwrap();
    play(discovery, [Some(json(404, ""))]).urls().remove(0)
}

fn follow(place: &str, requested: &str, quirks: Quirks) -> Result<Played<ProtectedResource>, Option<Rule>> {
    let discovery = ProtectedResourceDiscovery::from_challenge(&leading_to(place), requested);
    let mut discovery = discovery.map_err(|error| error.rule())?.admit_all(quirks);
    let _ = discovery.step(None, NOW).map_err(|error| error.rule())?;
    Ok(play(discovery, [Some(document(requested))]))
}

fn read(members: &str) -> Result<ProtectedResource, Error> {
    let body = format!(r#"{{"resource":"https://api.example"{members}}}"#);
    ProtectedResourceDiscovery::new(&Resource::new("https://api.example").unwrap())
        .unwrap()
        .parse(json(200, &body), NOW)
}

/// PR-1: RFC 9728 §3.1, both of its requests.
#[test]
fn the_well_known_place_is_between_host_and_path() {
    for (resource, place) in [
        ("https://resource.example.com", "https://resource.example.com/.well-known/oauth-protected-resource"),
        (
            "https://resource.example.com/",
            "https://resource.example.com/.well-known/oauth-protected-resource",
        ),
        (
            "https://resource.example.com/resource1",
            "https://resource.example.com/.well-known/oauth-protected-resource/resource1",
        ),
        ("https://api.example/a/b/", "https://api.example/.well-known/oauth-protected-resource/a/b/"),
        ("https://api.example/a?b=c", "https://api.example/.well-known/oauth-protected-resource/a?b=c"),
        ("https://api.example/?b=c", "https://api.example/.well-known/oauth-protected-resource?b=c"),
        ("https://api.example:8443", "https://api.example:8443/.well-known/oauth-protected-resource"),
    ] {
        assert_eq!(place_of(resource), place, "{resource}");
    }
    for resource in ["http://api.example", "urn:example:api"] {
        let made = ProtectedResourceDiscovery::new(&Resource::new(resource).unwrap());
        assert_eq!(made.expect_err(resource).rule(), Some(Rule::Pr1));
    }
    let loopback = || ProtectedResourceDiscovery::new(&Resource::new("http://127.0.0.1:1").unwrap()).unwrap();
    assert_eq!(loopback().step(None, NOW).unwrap_err().rule(), Some(Rule::Pr1));
    assert!(matches!(loopback().admit(Quirk::LoopbackHttp).step(None, NOW), Ok(Step::Send(_))));
}

/// RFC 9728 §3.2, the whole document, and §5.1, the challenge that leads to it.
#[test]
fn the_conversation_of_the_rfc() {
    let body = r#"{
        "resource": "https://resource.example.com",
        "authorization_servers": ["https://as1.example.com", "https://as2.example.net"],
        "bearer_methods_supported": ["header", "body"],
        "scopes_supported": ["profile", "email", "phone"],
        "resource_documentation": "https://resource.example.com/resource_documentation.html"
    }"#;
    let challenge = challenge(
        r#"Bearer resource_metadata="https://resource.example.com/.well-known/oauth-protected-resource""#,
    );
    let discovery = ProtectedResourceDiscovery::from_challenge(&challenge, "https://resource.example.com");
    let played = play(discovery.unwrap(), [Some(json(200, body))]);
    assert_eq!(played.urls(), ["https://resource.example.com/.well-known/oauth-protected-resource"]);
    let resource = played.outcome.unwrap();
    assert_eq!(resource.resource(), "https://resource.example.com");
    assert_eq!(resource.authorization_servers(), ["https://as1.example.com", "https://as2.example.net"]);
    assert_eq!(resource.bearer_methods().unwrap(), ["header", "body"]);
    assert_eq!(resource.scopes(), ["profile", "email", "phone"]);
    assert_eq!(
        resource.member::<&str>("resource_documentation").unwrap(),
        Some("https://resource.example.com/resource_documentation.html")
    );
    assert!(!resource.requires_dpop() && !resource.is_signed() && resource.jwks_uri().is_none());
}

/// PR-2.
#[test]
fn a_document_about_another_resource_is_refused() {
    let api = "https://api.example";
    for named in [
        "https://api.example/",
        "https://API.example",
        "https://api.example:443",
        "https://api.example/notes",
        "https://evil.example",
        "",
    ] {
        let read = ProtectedResourceDiscovery::new(&Resource::new(api).unwrap())
            .unwrap()
            .parse(document(named), NOW);
        assert_eq!(read.expect_err(named).rule(), Some(Rule::Pr2), "{named}");
    }
    for body in ["{}", r#"{"resource":5}"#, r#"{"resource":null}"#] {
        let read = ProtectedResourceDiscovery::new(&Resource::new(api).unwrap())
            .unwrap()
            .parse(json(200, body), NOW);
        assert_eq!(read.expect_err(body).rule(), Some(Rule::Pr2));
    }
}

/// PR-2: under its quirk a document may be about what is above the requested URL, and nothing beside it.
#[test]
fn a_document_about_what_is_above_is_admitted_by_name() {
    let lax = Quirks::STRICT.with(Quirk::ResourcePrefix);
    for (requested, named, fits) in [
        ("https://api.example/notes/7", "https://api.example", true),
        ("https://api.example/notes/7", "https://api.example/", true),
        ("https://api.example/notes/7", "https://api.example/notes", true),
        ("https://api.example/notes?all", "https://api.example/notes", true),
        ("https://api.example/notes7", "https://api.example/notes", false),
        ("https://api.example/notes", "https://api.example/notes/7", false),
        ("https://api.example/notes/../admin", "https://api.example/notes", false),
        ("https://api.example/notes/%2e%2e/admin", "https://api.example/notes", false),
        ("https://api.example/notes", "https://example/notes", false),
        ("https://api.example/notes", "http://api.example/", false),
        ("https://api.example:8443/notes", "https://api.example", false),
    ] {
        let read = ProtectedResourceDiscovery::new(&Resource::new(requested).unwrap())
            .unwrap()
            .admit_all(lax)
            .parse(document(named), NOW);
        match read {
            Ok(resource) => {
                assert!(fits, "{requested} is not below {named}");
                assert!(resource.quirks().contains(Quirk::ResourcePrefix));
            }
            Err(error) => {
                assert!(!fits, "{requested} is below {named}");
                assert_eq!(error.rule(), Some(Rule::Pr2));
            }
        }
        let strict = ProtectedResourceDiscovery::new(&Resource::new(requested).unwrap())
            .unwrap()
            .parse(document(named), NOW);
        assert_eq!(strict.expect_err(named).rule(), Some(Rule::Pr2));
    }
}

/// PR-3.
#[test]
fn authorization_servers_are_issuers() {
    let many = format!(r#","authorization_servers":[{}"https://a"]"#, r#""https://a","#.repeat(32));
    for members in [
        r#","authorization_servers":[]"#,
        r#","authorization_servers":"https://as.example""#,
        r#","authorization_servers":[5]"#,
        r#","authorization_servers":["http://as.example"]"#,
        r#","authorization_servers":["https://as.example","https://as.example?x"]"#,
        r#","authorization_servers":["https://as.example#x"]"#,
        r#","authorization_servers":["https://user@as.example"]"#,
        r#","authorization_servers":["file:///etc/passwd"]"#,
        r#","authorization_servers":[""]"#,
        r#","authorization_servers":null"#,
        &many,
    ] {
        assert_eq!(read(members).expect_err(members).rule(), Some(Rule::Pr3), "{members}");
    }
    assert!(read("").unwrap().authorization_servers().is_empty());
}

/// PR-3: an API's list is not whom to trust.
#[test]
fn the_program_chooses_among_its_own_servers() {
    let resource = read(r#","authorization_servers":["https://evil.example","https://as.example"]"#).unwrap();
    assert_eq!(resource.choose(["https://as.example"]), Some("https://as.example"));
    assert_eq!(resource.choose(["https://other.example"]), None);
    assert_eq!(resource.choose(["https://as.example/"]), None);
    assert_eq!(resource.choose([]), None);

    let server = |issuer: &str| AuthorizationServer::new().issuer(issuer).unwrap();
    assert!(resource.require_confirmed_by(&server("https://as.example")).is_ok());
    let listing = |listed: &str| server("https://as.example").list("protected_resources", [listed]);
    assert!(resource.require_confirmed_by(&listing("https://api.example")).is_ok());
    for unconfirmed in
        [listing("https://api.example/"), server("https://other.example"), AuthorizationServer::new()]
    {
        let error = resource.require_confirmed_by(&unconfirmed).expect_err("one does not name the other");
        assert_eq!(error.rule(), Some(Rule::Pr3));
    }
}

/// PR-4.
#[test]
fn a_challenge_leads_to_its_own_host_only() {
    let requested = "https://api.example/notes";
    for place in [
        "http://api.example/m",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "/m",
        "",
        "https://api.example/m#x",
        "https://api.example@evil.example/m",
        "https://evil.example/m",
        "https://api.example:8443/m",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/m",
    ] {
        assert_eq!(follow(place, requested, Quirks::STRICT).err(), Some(Some(Rule::Pr4)), "{place}");
    }
    let played = follow("https://api.example/elsewhere", requested, Quirks::STRICT).unwrap();
    assert_eq!(played.urls(), ["https://api.example/elsewhere"]);
    assert!(played.outcome.is_ok());
    // Without the parameter, the well-known place of what was requested.
    let plain = ProtectedResourceDiscovery::from_challenge(&challenge("Bearer"), requested).unwrap();
    let played = play(plain, [Some(document(requested))]);
    assert_eq!(played.urls(), ["https://api.example/.well-known/oauth-protected-resource/notes"]);
}

/// PR-4: even where another host is admitted, a stranger does not send us into our own network.
#[test]
fn a_challenge_never_leads_to_a_private_address() {
    let requested = "https://api.example/notes";
    let lax = Quirks::STRICT.with(Quirk::MetadataElsewhere).with(Quirk::LoopbackHttp);
    assert!(follow("https://docs.example/m", requested, lax).is_ok());
    for host in [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[ff02::1]",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "printer.local",
        "metadata.google.internal",
    ] {
        let place = format!("https://{host}/m");
        assert_eq!(follow(&place, requested, lax).err(), Some(Some(Rule::Pr4)), "{host}");
    }
    // An API that is itself there may point to itself: that is a test, or an intranet.
    assert!(follow("http://127.0.0.1:9/m", "http://127.0.0.1:9/notes", lax).is_ok());
    assert!(follow("https://10.0.0.1/m", "https://10.0.0.1/notes", Quirks::STRICT).is_ok());
}

/// DI-3, DI-5, DI-6 and DI-9 hold here too.
#[test]
fn the_document_is_held_to_the_rules_of_metadata() {
    for (members, rule) in [
        (r#","jwks_uri":"http://api.example/keys""#, Rule::Di5),
        (r#","jwks_uri":5"#, Rule::Di5),
        (r#","scopes_supported":"a""#, Rule::Di6),
        (r#","bearer_methods_supported":[1]"#, Rule::Di6),
        (r#","dpop_bound_access_tokens_required":"yes""#, Rule::Di6),
        (r#","signed_metadata":{}"#, Rule::Di9),
    ] {
        assert_eq!(read(members).expect_err(members).rule(), Some(rule));
    }
    let resource = read(
        r#","dpop_bound_access_tokens_required":true,"dpop_signing_alg_values_supported":["ES256"],"tls_client_certificate_bound_access_tokens":true,"signed_metadata":"e.y.J""#,
    )
    .unwrap();
    assert!(resource.requires_dpop() && resource.binds_certificates() && resource.is_signed());
    assert_eq!(resource.dpop_algorithms().unwrap(), ["ES256"]);
    assert_eq!(resource.fresh_until().since(NOW).as_secs(), 60);

    let api = || ProtectedResourceDiscovery::new(&Resource::new("https://api.example").unwrap()).unwrap();
    for (status, rule) in [(301, Rule::Di3), (204, Rule::Di3), (200, Rule::Tr2)] {
        assert_eq!(play(api(), [Some(json(status, ""))]).rule(), rule);
    }
    assert!(matches!(play(api(), [Some(json(404, ""))]).outcome, Err(Error::Refused(_))));
    assert_eq!(play(api(), [None]).sent.len(), 1);
}
