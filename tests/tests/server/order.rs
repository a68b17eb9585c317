//! DI-1, DI-2, DI-3: which issuers are asked, where, in which order, and what ends the search.

use valetkey_core::server::Endpoint;
use valetkey_core::{Discovery, Error, Flow as _, Quirk, Response, Rule, Step};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, json};

fn document(issuer: &str) -> Response {
    json(200, &format!(r#"{{"issuer":"{issuer}","response_types_supported":["code"]}}"#))
}

fn not_found() -> Option<Response> {
    Some(http::Response::builder().status(404).body(b"<html>nothing here".to_vec()).unwrap())
}

/// DI-1, and ID-23 with it: the `iss` of an ID token is compared with such an issuer.
#[test]
fn only_an_https_url_without_query_fragment_or_user_is_an_issuer() {
    for issuer in [
        "http://as.example",
        "https://as.example?tenant=1",
        "https://as.example/?",
        "https://as.example#top",
        "https://user@as.example",
        "https://user:password@as.example",
        "https://",
        "as.example",
        "/path",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://as.example/ä",
        "https://as.example/\u{1b}[31m",
        "",
    ] {
        let error = Discovery::new(issuer).expect_err(issuer);
        assert_eq!(error.rule(), Some(Rule::Di1), "{issuer}");
        assert!(matches!(error, Error::Misuse(_)));
    }
    // What is admitted is said after it, and counts from the first step on.
    for issuer in ["http://127.0.0.1:8080", "http://[::1]:8080/realm"] {
        let error = Discovery::new(issuer).unwrap().step(None, NOW).expect_err(issuer);
        assert!(matches!(error, Error::Misuse(_)) && error.rule() == Some(Rule::Di1), "{error}");
        assert!(error.to_string().contains("`loopback-http`"), "{error}");
        let mut admitted = Discovery::new(issuer).unwrap().admit(Quirk::LoopbackHttp);
        assert!(matches!(admitted.step(None, NOW), Ok(Step::Send(_))), "{issuer}");
    }
}

/// DI-2, RFC 8414 §3.1 (both of its requests) and §5, OpenID Connect Discovery §4.1: never the root for an issuer
/// with a path.
#[test]
fn the_well_known_places_are_asked_in_a_fixed_order() {
    for (issuer, places) in [
        (
            "https://example.com",
            vec![
                "https://example.com/.well-known/oauth-authorization-server",
                "https://example.com/.well-known/openid-configuration",
            ],
        ),
        (
            "https://example.com/",
            vec![
                "https://example.com/.well-known/oauth-authorization-server",
                "https://example.com/.well-known/openid-configuration",
            ],
        ),
        (
            "https://example.com/issuer1",
            vec![
                "https://example.com/.well-known/oauth-authorization-server/issuer1",
                "https://example.com/issuer1/.well-known/openid-configuration",
                "https://example.com/.well-known/openid-configuration/issuer1",
            ],
        ),
        (
            "https://example.com:8443/realms/a/",
            vec![
                "https://example.com:8443/.well-known/oauth-authorization-server/realms/a",
                "https://example.com:8443/realms/a/.well-known/openid-configuration",
                "https://example.com:8443/.well-known/openid-configuration/realms/a",
            ],
        ),
    ] {
        let played = play(Discovery::new(issuer).unwrap(), places.iter().map(|_| not_found()));
        assert_eq!(played.urls(), places, "{issuer}");
        let error = played.outcome.expect_err("nothing was found");
        assert_eq!(
            error.refused().and_then(|refused| refused.status()).map(|status| status.as_u16()),
            Some(404)
        );
    }
}

#[test]
fn the_first_place_that_has_the_document_ends_the_search() {
    let played = play(Discovery::new("https://as.example").unwrap(), [Some(document("https://as.example"))]);
    assert_eq!(played.urls().len(), 1);
    assert_eq!(played.outcome.unwrap().server().issuer_identifier(), Some("https://as.example"));

    let played = play(
        Discovery::new("https://as.example/a").unwrap(),
        [not_found(), not_found(), Some(document("https://as.example/a"))],
    );
    assert!(played.outcome.is_ok());
    // No credentials and nothing of a body go to a place that is only being tried.
    for (_, request) in &played.sent {
        assert_eq!(request.method(), http::Method::GET);
        assert!(request.body().is_empty() && !request.headers().contains_key("authorization"));
    }
}

/// DI-3: a page that answers everything, bad JSON, and another type are passed over, and told if nothing else is found.
#[test]
fn a_place_without_a_document_is_passed_over() {
    let mut page = json(200, "<html>every path is this page</html>");
    page.headers_mut().insert("content-type", "text/html".parse().unwrap());
    for (useless, rule) in [
        (page, Rule::Di3),
        (json(200, "{"), Rule::Tr2),
        (json(200, "[]"), Rule::Tr2),
        (json(200, r#"{"issuer":"https://as.example","issuer":"https://as.example"}"#), Rule::Tr2),
    ] {
        let discovery = || Discovery::new("https://as.example").unwrap();
        let played = play(discovery(), [Some(useless.clone()), Some(document("https://as.example"))]);
        assert!(played.outcome.is_ok());
        let played = play(discovery(), [Some(useless), not_found()]);
        assert_eq!(played.rule(), rule);
    }
}

/// DI-3: a success without a document is passed over; one with a document under another status than 200 is admitted by name.
#[test]
fn an_odd_status_is_passed_over_or_admitted() {
    let discovery = || Discovery::new("https://as.example").unwrap();
    let good = || document("https://as.example");
    for status in [201, 202, 203, 204, 206] {
        let played = play(discovery(), [Some(json(status, "")), Some(good())]);
        assert!(played.outcome.is_ok(), "{status}");
        let error = play(discovery(), [Some(json(status, "")), not_found()]).outcome.unwrap_err();
        assert!(
            error.is_transient() || error.rule() == Some(Rule::Di3) || error.refused().is_some(),
            "{error}"
        );
    }
    for status in [201, 203] {
        let odd = || {
            let mut answer = good();
            *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
            Some(answer)
        };
        let error = play(discovery(), [odd(), not_found()]).outcome.unwrap_err();
        assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Di3), Some(Quirk::AnySuccessStatus)));
        let metadata = play(discovery().admit(Quirk::AnySuccessStatus), [odd()]).outcome.unwrap();
        assert!(metadata.quirks().contains(Quirk::AnySuccessStatus));
    }
}

/// DI-4: what a place says with a document of its own is not gone around.
#[test]
fn another_issuer_ends_the_search() {
    for (answer, rule) in [
        (document("https://evil.example"), Rule::Di4),
        (json(200, r#"{"response_types_supported":["code"]}"#), Rule::Di4),
    ] {
        let played = play(Discovery::new("https://as.example").unwrap(), [Some(answer)]);
        assert_eq!(played.rule(), rule);
    }
}

/// DI-3: unknown well-known places redirect to a page, or break: the next place may be the right one. Nothing is followed.
#[test]
fn a_redirect_and_a_server_error_are_passed_over() {
    for status in [301, 302, 307, 308, 500, 502, 503] {
        let mut answer = json(status, "");
        answer.headers_mut().insert("location", "https://as.example/log-in?return=1".parse().unwrap());
        let discovery = Discovery::new("https://as.example").unwrap();
        let played = play(discovery, [Some(answer), Some(document("https://as.example"))]);
        assert_eq!(
            played.urls(),
            [
                "https://as.example/.well-known/oauth-authorization-server",
                "https://as.example/.well-known/openid-configuration"
            ]
        );
        assert!(played.outcome.is_ok(), "{status}");
    }
}

/// DI-3: where every place fails, the error tells what the first of those that said most said.
#[test]
fn a_search_in_vain_tells_the_status_and_where_it_pointed() {
    let redirect = |to: &'static str| {
        let mut answer = json(302, "");
        answer.headers_mut().insert("location", to.parse().unwrap());
        Some(answer)
    };
    let vain = |answers: [Option<Response>; 2]| {
        play(Discovery::new("https://as.example").unwrap(), answers).outcome.expect_err("nothing was found")
    };
    let first = vain([redirect("https://as.example/login"), redirect("https://as.example/other")]);
    assert_eq!(first.rule(), Some(Rule::Di3));
    assert!(first.to_string().contains("302; it points to https://as.example/login"), "{first}");
    assert_eq!(vain([not_found(), redirect("/login")]).rule(), Some(Rule::Di3));
    // A server in trouble may be asked again.
    assert!(vain([redirect("/login"), Some(json(503, ""))]).is_transient());
    assert!(vain([Some(json(500, "")), not_found()]).is_transient());
}

/// DI-2: a program that needs what only OpenID's document has asks for that first.
#[test]
fn a_program_may_prefer_the_document_of_openid() {
    let discovery = || Discovery::new("https://as.example/a").unwrap().openid_first();
    let found = play(discovery(), [Some(document("https://as.example/a"))]);
    assert_eq!(found.urls(), ["https://as.example/a/.well-known/openid-configuration"]);
    let played = play(discovery(), [not_found(), not_found(), Some(document("https://as.example/a"))]);
    assert!(played.outcome.is_ok());
    assert_eq!(played.urls()[2], "https://as.example/.well-known/oauth-authorization-server/a");
}

fn with(members: &str) -> Option<Response> {
    let body = format!(r#"{{"issuer":"https://as.example","response_types_supported":["code"]{members}}}"#);
    Some(json(200, &body))
}

/// DI-11: what the first lacks is taken from the second.
#[test]
fn two_documents_of_one_issuer_are_joined() {
    let discovery = || Discovery::new("https://as.example").unwrap().joining_documents();
    let oauth = r#","token_endpoint":"https://as.example/token","scopes_supported":["a"]"#;
    let openid = r#","token_endpoint":"https://as.example/token","scopes_supported":["openid"],"userinfo_endpoint":"https://as.example/me","x":1"#;
    let metadata = play(discovery(), [with(oauth), with(openid)]).outcome.unwrap();
    let server = metadata.server();
    assert_eq!(server.url_of(Endpoint::Userinfo).as_deref(), Some("https://as.example/me"));
    assert_eq!(server.listed("scopes_supported").unwrap(), ["a"]);
    assert_eq!(metadata.member::<u8>("x").unwrap(), Some(1));

    // One alone is the document, whichever it is.
    for answers in [[with(oauth), not_found()], [not_found(), with(oauth)]] {
        let metadata = play(discovery(), answers).outcome.unwrap();
        assert_eq!(metadata.server().url_of(Endpoint::Userinfo), None);
    }
}

/// DI-4, DI-11: each of the two is held to everything, and they do not contradict one another.
#[test]
fn two_documents_that_contradict_one_another_are_refused() {
    let joined = |openid: Option<Response>| {
        let oauth = with(r#","token_endpoint":"https://as.example/token""#);
        play(Discovery::new("https://as.example").unwrap().joining_documents(), [oauth, openid])
    };
    let other = joined(with(r#","token_endpoint":"https://as.example/other""#));
    assert_eq!(other.rule(), Rule::Di16);
    assert!(other.outcome.unwrap_err().to_string().contains("token_endpoint"));
    assert_eq!(joined(Some(document("https://evil.example"))).rule(), Rule::Di4);
    assert_eq!(joined(with(r#","scopes_supported":7"#)).rule(), Rule::Di6);
}

#[test]
fn a_server_in_trouble_may_be_asked_again_later() {
    for status in [500, 503, 429, 408] {
        let mut answer = json(status, "");
        answer.headers_mut().insert("retry-after", "7".parse().unwrap());
        let played =
            play(Discovery::new("https://as.example").unwrap(), [Some(answer.clone()), Some(answer)]);
        assert!(played.outcome.expect_err("no document").is_transient(), "{status}");
        assert_eq!(played.sent.len(), if status < 500 { 1 } else { 2 }, "{status}");
    }
    let played = play(Discovery::new("https://as.example").unwrap(), [None]);
    assert_eq!(played.sent.len(), 1);
}
