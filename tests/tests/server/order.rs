//! DI-1, DI-2, DI-3: which issuers are asked, where, in which order, and what ends the search.

use valetkey_core::{Discovery, Error, Flow as _, Quirk, Response, Rule, Step};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, json};

fn document(issuer: &str) -> Response {
    json(200, &format!(r#"{{"issuer":"{issuer}","response_types_supported":["code"]}}"#))
}

fn not_found() -> Option<Response> {
    Some(http::Response::builder().status(404).body(b"<html>nothing here".to_vec()).unwrap())
}

/// DI-1.
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

/// DI-3, DI-4: what a place says with a document of its own is not gone around.
#[test]
fn a_redirect_an_odd_status_and_another_issuer_end_the_search() {
    for (answer, rule) in [
        (json(302, ""), Rule::Di3),
        (json(307, ""), Rule::Di3),
        (json(201, ""), Rule::Di3),
        (json(204, ""), Rule::Di3),
        (document("https://evil.example"), Rule::Di4),
        (json(200, r#"{"response_types_supported":["code"]}"#), Rule::Di4),
    ] {
        let played = play(Discovery::new("https://as.example").unwrap(), [Some(answer)]);
        assert_eq!(played.rule(), rule);
    }
}

#[test]
fn a_server_in_trouble_may_be_asked_again_later() {
    for status in [500, 503, 429, 408] {
        let mut answer = json(status, "");
        answer.headers_mut().insert("retry-after", "7".parse().unwrap());
        let played = play(Discovery::new("https://as.example").unwrap(), [Some(answer)]);
        assert!(played.outcome.expect_err("no document").is_transient(), "{status}");
    }
    let played = play(Discovery::new("https://as.example").unwrap(), [None]);
    assert_eq!(played.sent.len(), 1);
}
