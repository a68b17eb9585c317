//! Assertions as grants: RFC 7523 §2.1 and RFC 7522 §2.1, and what both have of RFC 7521 §4.1.

use valetkey_core::token::{JwtAssertion, SamlAssertion};
use valetkey_core::{Error, Grant, Subject, TokenRequest};
use valetkey_tests::script::play;
use valetkey_tests::{client, json};

const JWT: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.eyJpc3MiOiJqb2UifQ.J9l-ZhwP";

fn body_of(grant: Grant) -> String {
    let answer = json(200, r#"{"access_token":"a","token_type":"Bearer"}"#);
    let played = play(TokenRequest::new(&client(), grant).unwrap(), [Some(answer)]);
    assert!(played.outcome.is_ok());
    String::from_utf8(played.sent[0].1.body().clone()).unwrap()
}

/// RFC 7523 §2.1, with the scope of RFC 7521 §4.1; the client authenticates as for any grant.
#[test]
fn a_jwt_is_traded_for_a_token() {
    let assertion = JwtAssertion::new(JWT).unwrap();
    let grant = Grant::from(&assertion).scope("calendar").unwrap();
    assert_eq!(grant.subject(), Subject::User);
    assert_eq!(grant.clone().on_behalf_of(Subject::Application).subject(), Subject::Application);
    assert!(!format!("{assertion:?} {grant:?}").contains("J9l"));
    assert_eq!(
        body_of(grant),
        format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={JWT}&scope=calendar"
        )
    );
}

/// RFC 7522 §2.1: base64url without padding or line breaks.
#[test]
fn a_saml_assertion_is_encoded_and_traded() {
    let xml = "<saml:Assertion ID=\"_1\">\u{fc}\u{ff}??></saml:Assertion>";
    let assertion = SamlAssertion::new(xml).unwrap();
    assert!(!format!("{assertion:?}").contains("saml"));
    let body = body_of(Grant::from(&assertion));
    let sent = body
        .strip_prefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Asaml2-bearer&assertion=")
        .unwrap();
    assert!(sent.starts_with("PHNhbWw6QXNzZXJ0aW9u"));
    assert!(sent.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{sent}");
}

#[test]
fn what_is_no_assertion_is_misuse() {
    let dots = ".".repeat(1_000_000);
    let long = format!("a.{}.b", "c".repeat(300_000));
    for jwt in
        ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e.f", ".b.c", "a b.c.d", "a.b=.c", "a.b\n.c", &dots, &long]
    {
        assert!(matches!(JwtAssertion::new(jwt), Err(Error::Misuse(_))), "{}", jwt.len());
    }
    assert!(JwtAssertion::new("a.b.c.d.e").is_ok());
    for xml in ["", "PHNhbWw", "{}"] {
        assert!(matches!(SamlAssertion::new(xml), Err(Error::Misuse(_))), "{xml}");
    }
}
