//! DI-4 to DI-10: what a metadata document may say, and what is made of it.

use std::time::Duration;

use valetkey_core::authorize::ResponseMode;
use valetkey_core::server::{Endpoint, JwksCache, Metadata, require_distinct_issuers};
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationServer, Client, ClientSecret, DeviceAuthorizationRequest,
    Discovery, Error, Flow, Grant, Quirk, Quirks, Response, Rule, Step, TokenRequest,
};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, entropy, json};

const ISSUER: &str = "https://as.example";

fn with(members: &str) -> String {
    format!(r#"{{"issuer":"{ISSUER}","response_types_supported":["code"]{members}}}"#)
}

fn read(body: &str) -> Result<Metadata, Error> {
    Discovery::new(ISSUER).and_then(|discovery| discovery.parse(json(200, body), NOW))
}

fn rule_of(read: Result<Metadata, Error>) -> Option<Rule> {
    read.err().and_then(|error| error.rule())
}

/// RFC 8414 §3.2, the whole document.
#[test]
fn the_document_of_the_rfc_is_read() {
    let body = r#"{
        "issuer": "https://server.example.com",
        "authorization_endpoint": "https://server.example.com/authorize",
        "token_endpoint": "https://server.example.com/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
        "userinfo_endpoint": "https://server.example.com/userinfo",
        "jwks_uri": "https://server.example.com/jwks.json",
        "registration_endpoint": "https://server.example.com/register",
        "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
        "response_types_supported": ["code", "code token"],
        "service_documentation": "http://server.example.com/service_documentation.html",
        "ui_locales_supported": ["en-US", "en-GB", "en-CA", "fr-FR", "fr-CA"]
    }"#;
    let metadata = Discovery::new("https://server.example.com")
        .and_then(|discovery| discovery.parse(json(200, body), NOW))
        .unwrap();
    let server = metadata.server();
    assert_eq!(server.issuer_identifier(), Some("https://server.example.com"));
    for (endpoint, url) in [
        (Endpoint::Authorization, Some("https://server.example.com/authorize")),
        (Endpoint::Token, Some("https://server.example.com/token")),
        (Endpoint::Userinfo, Some("https://server.example.com/userinfo")),
        (Endpoint::Jwks, Some("https://server.example.com/jwks.json")),
        (Endpoint::Registration, Some("https://server.example.com/register")),
        (Endpoint::Revocation, None),
    ] {
        assert_eq!(server.url_of(endpoint).as_deref(), url);
    }
    assert_eq!(
        server.listed("token_endpoint_auth_signing_alg_values_supported").unwrap(),
        ["RS256", "ES256"]
    );
    assert_eq!(server.listed("ui_locales_supported").unwrap().len(), 5);
    assert_eq!(server.listed("dpop_signing_alg_values_supported"), None);
    assert!(metadata.foreign_endpoints().is_empty() && metadata.empty_lists().is_empty());
    let documentation: Option<&str> = metadata.member("service_documentation").unwrap();
    assert_eq!(documentation, Some("http://server.example.com/service_documentation.html"));
}

/// DI-4: compared as strings, so that no two spellings of one URL are one issuer.
#[test]
fn another_spelling_of_the_issuer_is_another_issuer() {
    for named in [
        r#""https://as.example/""#,
        r#""https://AS.example""#,
        r#""HTTPS://as.example""#,
        r#""https://as.example:443""#,
        r#""https://as.exampl%65""#,
        r#""https://evil.example""#,
        r#""""#,
        r#"["https://as.example"]"#,
        "null",
        "5",
    ] {
        let body = format!(r#"{{"issuer":{named},"response_types_supported":["code"]}}"#);
        assert_eq!(rule_of(read(&body)), Some(Rule::Di4), "{named}");
    }
    assert_eq!(rule_of(read(r#"{"response_types_supported":["code"]}"#)), Some(Rule::Di4));
    // And the slash at the end of an issuer is kept.
    let body = r#"{"issuer":"https://as.example/","response_types_supported":["code"]}"#;
    assert!(
        Discovery::new("https://as.example/")
            .and_then(|discovery| discovery.parse(json(200, body), NOW))
            .is_ok()
    );
}

/// What comes of using an endpoint of this server, with a certificate or without one.
fn using(server: &AuthorizationServer, endpoint: Endpoint, with_certificate: bool) -> Option<Rule> {
    let client = Client::new(server.clone(), "c");
    let client = if with_certificate { client.with_certificate() } else { client };
    let token = AccessToken::new("t").unwrap();
    let outcome = match endpoint {
        Endpoint::Authorization => AuthorizationRequest::new(&client, "https://app.example/cb")
            .and_then(|request| request.begin_unbound(entropy(1), NOW).map(drop)),
        Endpoint::DeviceAuthorization => DeviceAuthorizationRequest::new(&client).map(drop),
        Endpoint::Introspection => Introspection::new(&client, &token).map(drop),
        Endpoint::PushedAuthorization => AuthorizationRequest::new(&client, "https://app.example/cb")
            .and_then(|request| request.push_unbound(entropy(1), NOW).map(drop)),
        Endpoint::Revocation => Revocation::access_token(&client, &token).map(drop),
        Endpoint::Token => TokenRequest::new(&client, Grant::client_credentials()).map(drop),
        Endpoint::Jwks => JwksCache::new(server, |_| Ok(())).map(drop),
        // Nothing in core asks there.
        _ => return Some(Rule::Di5),
    };
    outcome.err().and_then(|error| error.rule())
}

/// DI-5, for every endpoint there is (DI-15): it does not spoil what else the document says. It is left out and reported, and
/// what uses it is told then.
#[test]
fn an_endpoint_that_is_not_https_is_left_out_and_refused_when_it_is_used() {
    for &endpoint in Endpoint::ALL {
        let name = endpoint.name();
        for url in [
            r#""http://as.example/x""#,
            r#""http://127.0.0.1/x""#,
            r#""https://as.example/x#top""#,
            r#""https://user@as.example/x""#,
            r#""https://as.example:99999/x""#,
            r#""https://as.example:/x""#,
            r#""/x""#,
            r#""javascript:alert(1)""#,
            r#""https://as.example/$(calc) x""#,
            r#""""#,
            "7",
            "null",
            r#"["https://as.example/x"]"#,
        ] {
            let plain = read(&with(&format!(r#","{name}":{url}"#))).unwrap();
            assert_eq!(plain.unusable_endpoints(), [endpoint], "{name}: {url}");
            assert_eq!(plain.server().url_of(endpoint), None);
            assert_eq!(using(plain.server(), endpoint, false), Some(Rule::Di5), "{name}: {url}");
            let body = with(&format!(
                r#","{name}":"https://as.example/x","mtls_endpoint_aliases":{{"{name}":{url}}}"#
            ));
            let alias = read(&body).unwrap();
            assert_eq!(alias.unusable_endpoints(), [endpoint], "alias of {name}: {url}");
            // A client with a certificate is not sent to the other address instead.
            if ![Endpoint::Authorization, Endpoint::Jwks].contains(&endpoint) {
                assert_eq!(using(alias.server(), endpoint, true), Some(Rule::Di5), "alias of {name}: {url}");
            }
        }
    }
    assert_eq!(rule_of(read(&with(r#","mtls_endpoint_aliases":[]"#))), Some(Rule::Di5));

    let quirks = Quirks::STRICT.with(Quirk::LoopbackHttp);
    let body = r#"{"issuer":"http://127.0.0.1:9","response_types_supported":["code"],"token_endpoint":"http://127.0.0.1:9/token"}"#;
    assert!(
        Discovery::new("http://127.0.0.1:9").unwrap().admit_all(quirks).parse(json(200, body), NOW).is_ok()
    );
    let body = body.replace("http://127.0.0.1:9/token", "http://as.example/token");
    let read =
        Discovery::new("http://127.0.0.1:9").unwrap().admit_all(quirks).parse(json(200, &body), NOW).unwrap();
    assert_eq!(using(read.server(), Endpoint::Token, false), Some(Rule::Di5));
}

/// DI-5: the rest of the document is used, and the program may name the right address.
#[test]
fn a_bad_endpoint_spoils_no_other_one() {
    let body = with(
        r#","token_endpoint":"https://as.example/token","revocation_endpoint":"","introspection_endpoint":"http://127.0.0.1/i""#,
    );
    let metadata = read(&body).unwrap();
    assert_eq!(metadata.unusable_endpoints(), [Endpoint::Introspection, Endpoint::Revocation]);
    let server = metadata.into_server();
    assert_eq!(using(&server, Endpoint::Token, false), None);
    let client = Client::new(server.clone(), "c");
    let error = Introspection::new(&client, &AccessToken::new("t").unwrap()).map(drop).unwrap_err();
    let told = error.to_string();
    assert!(told.contains("introspection_endpoint") && told.contains("`loopback-http`"), "{told}");
    let mended = server.endpoint(Endpoint::Revocation, "https://as.example/revoke").unwrap();
    assert_eq!(using(&mended, Endpoint::Revocation, false), None);
}

/// DI-6: REQUIRED by RFC 8414 §2, and admitted by a quirk that its refusal names.
#[test]
fn metadata_without_response_types_are_refused_or_admitted() {
    let body = format!(r#"{{"issuer":"{ISSUER}","token_endpoint":"https://as.example/token"}}"#);
    let error = read(&body).unwrap_err();
    assert!(error.rule() == Some(Rule::Di6) && error.to_string().contains("`no-response-types`"), "{error}");
    let lax = Discovery::new(ISSUER).unwrap().admit(Quirk::NoResponseTypes);
    let metadata = lax.parse(json(200, &body), NOW).unwrap();
    assert!(metadata.quirks().contains(Quirk::NoResponseTypes));
    // What is there is not reported, and one of a wrong type is refused all the same.
    assert!(!lax.parse(json(200, &with("")), NOW).unwrap().quirks().contains(Quirk::NoResponseTypes));
    let text = format!(r#"{{"issuer":"{ISSUER}","response_types_supported":"code"}}"#);
    assert_eq!(rule_of(lax.parse(json(200, &text), NOW)), Some(Rule::Di6));
}

/// RFC 8705 §5.
#[test]
fn the_endpoints_for_certificates_are_kept_apart() {
    let metadata = read(&with(
        r#","token_endpoint":"https://as.example/token","mtls_endpoint_aliases":{"token_endpoint":"https://mtls.as.example/token","x":1}"#,
    ))
    .unwrap();
    let server = metadata.server();
    assert_eq!(server.url_of(Endpoint::Token).as_deref(), Some("https://as.example/token"));
    assert_eq!(server.mtls_url_of(Endpoint::Token).as_deref(), Some("https://mtls.as.example/token"));
    assert_eq!(server.mtls_url_of(Endpoint::Revocation), None);
}

/// DI-6.
#[test]
fn lists_are_lists_of_strings_and_flags_are_flags() {
    let long = format!(r#","scopes_supported":[{}"s"]"#, r#""s","#.repeat(3000));
    for members in [
        r#","scopes_supported":"openid""#,
        r#","grant_types_supported":[1]"#,
        r#","code_challenge_methods_supported":["S256",null]"#,
        r#","dpop_signing_alg_values_supported":{}"#,
        r#","token_endpoint_auth_methods_supported":null"#,
        r#","require_pushed_authorization_requests":"true""#,
        r#","authorization_response_iss_parameter_supported":1"#,
        &long,
    ] {
        assert_eq!(rule_of(read(&with(members))), Some(Rule::Di6), "{}", &members[..40.min(members.len())]);
    }
    for body in [
        format!(r#"{{"issuer":"{ISSUER}"}}"#),
        format!(r#"{{"issuer":"{ISSUER}","response_types_supported":"code"}}"#),
    ] {
        assert_eq!(rule_of(read(&body)), Some(Rule::Di6), "{body}");
    }
}

/// DI-6: an empty list is tolerated, told, and restricts nothing; `null` is met by its quirk.
#[test]
fn empty_lists_and_nulls_are_told() {
    let metadata = read(&with(r#","token_endpoint_auth_methods_supported":[]"#)).unwrap();
    assert_eq!(metadata.empty_lists(), ["token_endpoint_auth_methods_supported"]);
    assert_eq!(metadata.server().listed("token_endpoint_auth_methods_supported"), None);

    let body = with(r#","registration_endpoint":null,"scopes_supported":null"#);
    assert_eq!(rule_of(read(&body)), Some(Rule::Di6));
    let quirks = Quirks::STRICT.with(Quirk::NullMember);
    let metadata = Discovery::new(ISSUER).unwrap().admit_all(quirks).parse(json(200, &body), NOW).unwrap();
    assert!(metadata.quirks().contains(Quirk::NullMember));
}

/// DI-12: what a document does not list has its default. A secret goes in the header (`client_secret_basic`), a response may come in a
/// fragment, and no claims are asked for one by one.
#[test]
fn what_is_absent_has_its_default() {
    let endpoints =
        r#","authorization_endpoint":"https://as.example/a","token_endpoint":"https://as.example/t""#;
    let server = read(&with(endpoints)).unwrap().into_server();
    let client = Client::new(server, "s6BhdRkqt3").secret(ClientSecret::new("gX1fBat3bV").unwrap()).unwrap();
    let mut flow = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    let Ok(Step::Send(request)) = flow.step(None, NOW) else { panic!("it is sent") };
    assert_eq!(request.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");

    let request = || AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    assert!(request().response_mode(ResponseMode::Fragment).begin_unbound(entropy(1), NOW).is_ok());
    let asking = request().claims(serde_json::json!({ "userinfo": { "email": null } })).unwrap();
    assert_eq!(asking.begin_unbound(entropy(1), NOW).unwrap_err().rule(), Some(Rule::Aq22));
}

#[test]
fn what_is_announced_tells_in_the_requests() {
    let metadata = read(&with(
        r#","authorization_response_iss_parameter_supported":true,"require_pushed_authorization_requests":true,"require_signed_request_object":false,"code_challenge_methods_supported":["plain"],"authorization_endpoint":"https://as.example/a""#,
    ))
    .unwrap();
    let server = metadata.into_server();
    assert!(server.announces("require_pushed_authorization_requests"));
    assert!(server.announces("authorization_response_iss_parameter_supported"));
    assert!(!server.announces("require_signed_request_object"));
    let client = valetkey_core::Client::new(server, "c");
    let request = valetkey_core::AuthorizationRequest::new(&client, "https://app.example/cb").unwrap();
    let error = request.begin_unbound(valetkey_tests::entropy(1), NOW).expect_err("plain only");
    assert_eq!(error.rule(), Some(Rule::Aq3));
}

/// DI-7.
#[test]
fn an_endpoint_on_another_origin_is_reported_or_refused() {
    let body = with(
        r#","token_endpoint":"https://as.example:443/token","jwks_uri":"https://cdn.example/keys","revocation_endpoint":"https://as.example:8443/r""#,
    );
    let metadata = read(&body).unwrap();
    assert_eq!(metadata.foreign_endpoints(), [Endpoint::Jwks, Endpoint::Revocation]);

    let discovery = Discovery::new(ISSUER).unwrap().same_origin_only();
    assert_eq!(play(discovery, [Some(json(200, &body))]).rule(), Rule::Di7);

    // So is one for clients that show a certificate: their credentials go there too.
    let body = with(
        r#","token_endpoint":"https://as.example/token","jwks_uri":"https://cdn.example/keys","mtls_endpoint_aliases":{"token_endpoint":"https://attacker.example/token","jwks_uri":"https://cdn.example/keys","revocation_endpoint":"https://as.example/mtls"}"#,
    );
    assert_eq!(read(&body).unwrap().foreign_endpoints(), [Endpoint::Jwks, Endpoint::Token]);
    let body = with(r#","mtls_endpoint_aliases":{"token_endpoint":"https://attacker.example/token"}"#);
    let discovery = Discovery::new(ISSUER).unwrap().same_origin_only();
    assert_eq!(play(discovery, [Some(json(200, &body))]).rule(), Rule::Di7);
    let discovery = Discovery::new(ISSUER).unwrap().same_origin_only();
    let body = with(r#","token_endpoint":"https://as.example/token""#);
    assert!(play(discovery, [Some(json(200, &body))]).outcome.is_ok());
}

/// DI-8.
#[test]
fn two_servers_do_not_share_an_issuer() {
    let server = |issuer: &str| AuthorizationServer::new().issuer(issuer).unwrap();
    let (one, other) = (server("https://one.example"), server("https://other.example"));
    assert!(require_distinct_issuers([&one, &other]).is_ok());
    let unnamed = AuthorizationServer::new();
    assert!(require_distinct_issuers([&unnamed]).is_ok());
    for servers in [[&one, &one], [&one, &unnamed]] {
        let error = require_distinct_issuers(servers).expect_err("they cannot be told apart");
        assert_eq!(error.rule(), Some(Rule::Di8));
    }
}

/// DI-9: nothing of it is used, and it is said to be there.
#[test]
fn signed_metadata_is_ignored_and_told() {
    // The claims of this unsigned token name another token endpoint.
    let signed = "eyJhbGciOiJub25lIn0.eyJ0b2tlbl9lbmRwb2ludCI6Imh0dHBzOi8vZXZpbC5leGFtcGxlIn0.";
    let metadata =
        read(&with(&format!(r#","token_endpoint":"https://as.example/token","signed_metadata":"{signed}""#)))
            .unwrap();
    assert!(metadata.is_signed());
    assert_eq!(metadata.server().url_of(Endpoint::Token).as_deref(), Some("https://as.example/token"));
    assert!(!read(&with("")).unwrap().is_signed());
    assert_eq!(rule_of(read(&with(r#","signed_metadata":{}"#))), Some(Rule::Di9));
}

/// DI-10.
#[test]
fn a_document_is_kept_as_http_says_between_a_minute_and_a_day() {
    let kept = |name: &'static str, value: &str, age: &str| {
        let mut response: Response = json(200, &with(""));
        response.headers_mut().remove("cache-control");
        if !name.is_empty() {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        response.headers_mut().insert("age", age.parse().unwrap());
        Discovery::new(ISSUER)
            .and_then(|discovery| discovery.parse(response, NOW))
            .unwrap()
            .fresh_until()
            .since(NOW)
            .as_secs()
    };
    for (name, value, age, seconds) in [
        ("", "", "0", 3600),
        ("cache-control", "max-age=600", "0", 600),
        ("cache-control", "public, Max-Age=600", "200", 400),
        ("cache-control", "max-age=600", "never", 600),
        ("cache-control", "max-age=0", "0", 60),
        ("cache-control", "no-store", "0", 60),
        ("cache-control", "max-age=18446744073709551615", "0", 86_400),
        ("cache-control", "max-age=-5", "0", 3600),
        ("expires", "0", "0", 60),
        ("expires", "Tue, 14 Nov 2023 22:23:20 GMT", "0", 600),
        ("expires", "Tue, 14 Nov 2000 22:23:20 GMT", "0", 60),
    ] {
        assert_eq!(kept(name, value, age), seconds, "{name}: {value}");
    }
    let metadata = read(&with("")).unwrap();
    assert_eq!(
        metadata.usable_until(Duration::from_secs(10)).since(metadata.fresh_until()),
        Duration::from_secs(10)
    );
}
