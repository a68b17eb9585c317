//! What is admitted is taken and recorded: token types, empty members, missing ID tokens, lifetimes of 0.

use std::time::Duration;

use valetkey_core::jose::{Algorithm, JwtSigner, RustCrypto};
use valetkey_core::session::Margin;
use valetkey_core::status::{Expectations, Introspected, Introspection};
use valetkey_core::token::TokenType;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, Client, Error, Quirk, Response, Rule, Session,
    TokenResponse,
};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::script::play;
use valetkey_tests::world::World;
use valetkey_tests::{NOW, client_of, entropy, json};

use crate::{admitting, parsed, whole, with};

/// TR-6: any type is taken for Bearer, but for what only a key or an exchange could have brought.
#[test]
fn any_token_type_is_a_bearer_token_where_that_is_admitted() {
    let of =
        |token_type: &str| json(200, &format!(r#"{{"access_token":"v^1.1#i","token_type":{token_type}}}"#));
    for token_type in
        ["\"User Access Token\"", "\"Application Access Token\"", "\"BearerToken\"", "\"app\"", "\"mac\""]
    {
        assert_eq!(parsed(of(token_type), &[]).unwrap_err().rule(), Some(Rule::Tr6));
        let tokens = parsed(of(token_type), &[Quirk::AnyTokenType]).unwrap();
        assert_eq!(tokens.token_type(), TokenType::Bearer);
        assert!(tokens.quirks().contains(Quirk::AnyTokenType), "{token_type}");
        assert!(!tokens.checks().contains(Rule::Tr6));
    }
    // Slack's have a name of their own, and either admits them.
    let tokens = parsed(of("\"user\""), &[Quirk::AnyTokenType]).unwrap();
    assert!(tokens.quirks().contains(Quirk::AnyTokenType));
    for (token_type, rule) in
        [("\"DPoP\"", Rule::Tr8), ("\"N_A\"", Rule::Tr6), ("7", Rule::Tr6), ("{}", Rule::Tr6)]
    {
        let error = parsed(of(token_type), &[Quirk::AnyTokenType]).unwrap_err();
        assert_eq!((error.rule(), error.admitted_by()), (Some(rule), None), "{error}");
    }
    // A good type is no departure, and a missing one is another.
    assert!(
        !parsed(of("\"bearer\""), &[Quirk::AnyTokenType]).unwrap().quirks().contains(Quirk::AnyTokenType)
    );
    let missing = parsed(json(200, r#"{"access_token":"a"}"#), &[Quirk::AnyTokenType]).unwrap_err();
    assert_eq!(missing.admitted_by(), Some(Quirk::NoTokenType));
}

/// TR-10: an empty member says as little as one that is null.
#[test]
fn empty_members_are_absent_where_that_is_admitted() {
    for member in ["refresh_token", "id_token", "expires_in", "issued_token_type"] {
        for nothing in ["\"\"", "null", "[]", "false"] {
            let answer = || with(&format!(r#""{member}":{nothing}"#));
            let error = parsed(answer(), &[]).unwrap_err();
            assert!(error.to_string().contains(member), "{error}");
            let tokens = parsed(answer(), &[Quirk::NullMember]).unwrap();
            assert!(tokens.quirks().contains(Quirk::NullMember));
            assert!(tokens.refresh_token().is_none() && tokens.id_token().is_none());
            assert!(tokens.expires_in().is_none() && tokens.issued_token_type().is_none());
        }
    }
    let error = parsed(with(r#""expires_in":-2"#), &[Quirk::NullMember]).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr9), None));
    // What must be there is not made up.
    let empty = json(200, r#"{"access_token":"","token_type":"Bearer"}"#);
    assert_eq!(parsed(empty, &[Quirk::NullMember]).unwrap_err().rule(), Some(Rule::Tr5));
}

/// RFC 9701 §5, signed for this audience.
pub(crate) fn signed_introspection(audience: &str) -> Response {
    let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::Es256), Some("token-introspection+jwt"));
    let claims = serde_json::json!({
        "iss": "https://as.example",
        "aud": audience,
        "iat": NOW.as_secs(),
        "token_introspection": { "active": true, "aud": "https://api.example" },
    });
    let jwt = signer.write(&claims).unwrap().sign().unwrap().ready().unwrap();
    http::Response::builder()
        .header("content-type", "application/token-introspection+jwt")
        .body(jwt.expose().as_bytes().to_vec())
        .unwrap()
}

/// IN-2: an answer for the API that the token is for, and for no other.
#[test]
fn a_signed_introspection_for_the_api_is_taken_where_that_is_admitted() {
    let asked = |quirks: &[Quirk], audience: &str| {
        let server = admitting(quirks).keys(verification_keys(&RustCrypto, Algorithm::Es256));
        let expected = Expectations::new().audience("https://api.example");
        let flow = Introspection::new(&whole(server), &AccessToken::new("a").unwrap()).unwrap();
        play(flow.signed().unwrap().expect(expected), [Some(signed_introspection(audience))]).outcome
    };
    let admitted = &[Quirk::IntrospectionForApi];
    assert_eq!(asked(&[], "https://api.example").unwrap_err().rule(), Some(Rule::In2));
    let token = asked(admitted, "https://api.example").unwrap().active().unwrap();
    assert!(token.quirks().contains(Quirk::IntrospectionForApi));
    let other = asked(admitted, "https://other.example").unwrap_err();
    assert_eq!((other.rule(), other.admitted_by()), (Some(Rule::In2), None));
    let ours = asked(admitted, "s6BhdRkqt3").unwrap().active().unwrap();
    assert!(!ours.quirks().contains(Quirk::IntrospectionForApi));
}

fn log_in(client: &Client, scope: &str, body: &str) -> Result<TokenResponse, Error> {
    let request = AuthorizationRequest::new(client, "https://app.example/callback").unwrap();
    let request = request.scope(scope).unwrap();
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let back = format!("https://app.example/callback?code=c&state={}", pending.state());
    let flow = pending.finish(client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).unwrap();
    play(flow, [Some(json(200, body))]).outcome
}

/// TR-12: tokens, and no ID token, as data.
#[test]
fn openid_without_an_id_token_is_taken_where_that_is_admitted() {
    let body = r#"{"access_token":"a","token_type":"Bearer","scope":"openid profile","refresh_token":"r"}"#;
    assert_eq!(
        log_in(&client_of(admitting(&[])), "openid profile", body).unwrap_err().rule(),
        Some(Rule::Tr12)
    );
    let tokens = log_in(&client_of(admitting(&[Quirk::NoIdToken])), "openid profile", body).unwrap();
    assert!(tokens.quirks().contains(Quirk::NoIdToken) && tokens.id_token().is_none());
    assert!(!tokens.checks().contains(Rule::Tr12));
    let silent = r#"{"access_token":"a","token_type":"Bearer"}"#;
    assert!(log_in(&client_of(admitting(&[Quirk::NoIdToken])), "openid", silent).is_ok());
    let with_one = r#"{"access_token":"a","token_type":"Bearer","id_token":"a.b.c"}"#;
    let tokens = log_in(&client_of(admitting(&[Quirk::NoIdToken])), "openid", with_one).unwrap();
    assert!(!tokens.quirks().contains(Quirk::NoIdToken));
}

/// TR-9: 0 is no time at all, or no end, as the program says of the server.
#[test]
fn a_lifetime_of_zero_is_no_end_where_that_is_admitted() {
    for zero in ["0", "\"0\"", "0.0"] {
        let answer = || with(&format!(r#""expires_in":{zero}"#));
        let strictly = parsed(answer(), &[]).unwrap();
        assert_eq!((strictly.expires_in(), strictly.expires_at()), (Some(Duration::ZERO), Some(NOW)));
        let tokens = parsed(answer(), &[Quirk::ZeroLifetime]).unwrap();
        assert_eq!((tokens.expires_in(), tokens.expires_at()), (None, None));
        assert!(tokens.quirks().contains(Quirk::ZeroLifetime));
        let server = admitting(&[Quirk::ZeroLifetime]);
        let mut world =
            World::of(Session::from_tokens(&client_of(server), &tokens).with_margin(Margin::default()));
        world.pass(10 * 365 * 24 * 3600);
        world.calls(2);
        assert_eq!(world.sent(), ["call a", "call a"]);
    }
    for never in ["-1", "\"-1\""] {
        let answer = || with(&format!(r#""expires_in":{never}"#));
        let error = parsed(answer(), &[]).unwrap_err();
        assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr9), Some(Quirk::ZeroLifetime)));
        let tokens = parsed(answer(), &[Quirk::ZeroLifetime]).unwrap();
        assert!(tokens.expires_at().is_none() && tokens.quirks().contains(Quirk::ZeroLifetime));
    }
    // Less than a second is not 0.
    let text = parsed(with(r#""expires_in":"0.9""#), &[Quirk::ZeroLifetime]).unwrap();
    assert_eq!((text.expires_in(), text.expires_at()), (Some(Duration::ZERO), Some(NOW)));
    let short =
        parsed(with(r#""expires_in":0.9"#), &[Quirk::ZeroLifetime, Quirk::LifetimeAsFraction]).unwrap();
    assert_eq!((short.expires_in(), short.expires_at()), (Some(Duration::ZERO), Some(NOW)));
    let one = parsed(with(r#""expires_in":1"#), &[Quirk::ZeroLifetime]).unwrap();
    assert!(one.expires_in().is_some() && !one.quirks().contains(Quirk::ZeroLifetime));
}

/// IN-1: `exp` of 0 beside `active`.
#[test]
fn an_introspections_exp_of_zero_is_no_end_where_that_is_admitted() {
    let part = json(200, r#"{"active":true,"exp":0.9}"#);
    let part = Introspected::parse(part, &Expectations::new(), &admitting(&[Quirk::ZeroLifetime]), NOW);
    assert!(part.unwrap().active().is_none());
    let strictly = json(200, r#"{"active":true,"exp":-1}"#);
    let error = Introspected::parse(strictly, &Expectations::new(), &admitting(&[]), NOW).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::In1), Some(Quirk::ZeroLifetime)));
    let never = json(200, r#"{"active":true,"exp":-1}"#);
    let never = Introspected::parse(never, &Expectations::new(), &admitting(&[Quirk::ZeroLifetime]), NOW);
    let never = never.unwrap().active().unwrap();
    assert!(never.expires_at().is_none() && never.quirks().contains(Quirk::ZeroLifetime));
    let told = |quirks: &[Quirk]| {
        let answer = json(200, r#"{"active":true,"exp":0}"#);
        Introspected::parse(answer, &Expectations::new(), &admitting(quirks), NOW).unwrap()
    };
    assert!(told(&[]).active().is_none());
    let token = told(&[Quirk::ZeroLifetime]).active().unwrap();
    assert!(token.expires_at().is_none() && token.quirks().contains(Quirk::ZeroLifetime));
}
