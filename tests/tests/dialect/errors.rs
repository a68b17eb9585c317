//! What a Space or Hub service says when it refuses: two families of codes, and bodies that are no JSON.

use valetkey_core::dialect::space::{Permissions, Reason, Space};
use valetkey_core::error::{Refused, Retry};
use valetkey_core::{Error, Flow, Grant, TokenRequest};
use valetkey_tests::{NOW, json};

fn refused(status: u16, body: &str) -> Refused {
    Refused::parse(&json(status, body), NOW).unwrap()
}

#[test]
fn each_code_of_both_families_has_its_reason() {
    for (code, status, reason) in [
        ("authentication-required", 401, Reason::AuthenticationRequired),
        ("permission-denied", 403, Reason::PermissionDenied),
        ("validation-error", 400, Reason::Validation),
        ("request-error", 400, Reason::Other),
        ("not-found", 404, Reason::NotFound),
        ("duplicated-entity", 409, Reason::DuplicatedEntity),
        ("rate-limited", 429, Reason::RateLimited),
        ("payload-too-large", 413, Reason::PayloadTooLarge),
        ("internal-server-error", 500, Reason::InternalServerError),
        ("invalid_request", 400, Reason::Validation),
        ("invalid_client", 401, Reason::AuthenticationRequired),
        ("invalid_grant", 400, Reason::Other),
        ("unauthorized_client", 400, Reason::Other),
        ("unsupported_grant_type", 400, Reason::Other),
        ("invalid_scope", 400, Reason::Other),
        ("access_denied", 403, Reason::PermissionDenied),
        ("server_error", 500, Reason::InternalServerError),
        ("invalid_token", 401, Reason::AuthenticationRequired),
        ("insufficient_scope", 403, Reason::PermissionDenied),
        ("something-new", 400, Reason::Other),
        ("something-new", 429, Reason::RateLimited),
        ("something-new", 502, Reason::InternalServerError),
    ] {
        let refused = refused(status, &format!(r#"{{"error":"{code}","error_description":"why"}}"#));
        assert_eq!(Reason::of(&refused), reason, "{code}");
        assert_eq!(refused.code().unwrap(), code);
        assert_eq!(refused.code().unwrap(), &code);
        assert_eq!(refused.description(), Some("why"));
    }
}

/// Space tells the two apart by its words only.
#[test]
fn a_revoked_refresh_token_is_told_from_an_expired_access_token() {
    for (code, description, reason) in [
        ("authentication-required", "Access token has expired", Reason::TokenExpired),
        (
            "authentication-required",
            "Refresh token associated with the access token is revoked",
            Reason::RefreshTokenRevoked,
        ),
        ("invalid_grant", "The refresh token was revoked", Reason::RefreshTokenRevoked),
        ("invalid_grant", "Refresh token has expired", Reason::Other),
        ("authentication-required", "Access token has been lost", Reason::AuthenticationRequired),
        ("authentication-required", "", Reason::AuthenticationRequired),
        ("permission-denied", "Access token has expired", Reason::PermissionDenied),
    ] {
        let body = format!(r#"{{"error":"{code}","error_description":"{description}"}}"#);
        assert_eq!(Reason::of(&refused(401, &body)), reason, "{code}: {description}");
    }
}

/// ER-6: an answer that is no JSON keeps its status, and a line of it.
#[test]
fn a_body_that_is_no_json_is_told_by_its_status() {
    for (status, reason) in [
        (413, Reason::PayloadTooLarge),
        (429, Reason::RateLimited),
        (500, Reason::InternalServerError),
        (503, Reason::InternalServerError),
        (404, Reason::Other),
    ] {
        for (body, excerpt) in [
            ("", None),
            ("Bad gateway\r\n", Some("Bad gateway")),
            ("<html>\n<body>down</body>", Some("<html> <body>down</body>")),
            ("null", Some("null")),
            (r#"{"message":"no"}"#, Some(r#"{"message":"no"}"#)),
            ("\u{1b}[2J\u{feff}", Some("[2J")),
        ] {
            let refused = refused(status, body);
            assert_eq!(Reason::of(&refused), reason);
            assert_eq!((refused.code(), refused.excerpt()), (None, excerpt), "{body}");
            assert_eq!(refused.status().unwrap(), status);
        }
    }
}

/// The token endpoint speaks both families too, and a session takes neither for more than it is.
#[test]
fn the_token_endpoint_may_answer_in_either_family() {
    let app = Space::new("https://as.example").unwrap().application("id");
    for (status, body, reason, retry) in [
        (
            401,
            r#"{"error":"authentication-required","error_description":"No"}"#,
            Reason::AuthenticationRequired,
            Retry::Never,
        ),
        (429, r#"{"error":"rate-limited"}"#, Reason::RateLimited, Retry::Later(None)),
        (403, "<html>blocked</html>", Reason::Other, Retry::Never),
        (500, "", Reason::InternalServerError, Retry::Later(None)),
    ] {
        let grant = Grant::client_credentials().scope(Permissions::all().scope().unwrap()).unwrap();
        let mut flow = TokenRequest::new(&app, grant).unwrap();
        let _ = flow.step(None, NOW).unwrap();
        let Err(Error::Refused(refused)) = flow.step(Some(json(status, body)), NOW) else {
            panic!("{body} is a refusal")
        };
        assert_eq!((Reason::of(&refused), refused.retry()), (reason, retry), "{body}");
    }
}
