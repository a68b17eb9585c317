//! The edges of what a token response may be, and of what is noted of it: TR-2, TR-3, TR-6.

use std::time::Duration;

use valetkey_core::jose::{Algorithm, RustCrypto};
use valetkey_core::token::JwtAssertions;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Grant, Quirk,
    RefreshToken, Rule, TokenRequest, TokenResponse,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::openid::{CALLBACK, provider};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, entropy, json, server};

fn renewed(server: AuthorizationServer, answer: &str) -> Result<TokenResponse, Error> {
    let client: Client = client_of(server);
    let grant = Grant::refresh_token(&RefreshToken::new("r").unwrap());
    play(TokenRequest::new(&client, grant).unwrap(), [Some(json(200, answer))]).outcome
}

/// A client that verifies no ID token hears that one came.
#[test]
fn an_id_token_that_nobody_reads_is_told_of() {
    let client = client_of(provider(Algorithm::Es256).admit(Quirk::IdTokenUnread));
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().scope("openid").unwrap();
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let url = format!("{CALLBACK}?code=c&state={}", pending.state());
    let flow = pending.finish(&client, &AuthorizationResponse::from_url(&url).unwrap(), NOW).unwrap();
    let answer = r#"{"access_token":"a","token_type":"Bearer","id_token":"a.b.c"}"#;
    let tokens = play(flow, [Some(json(200, answer))]).outcome.unwrap();
    assert!(tokens.quirks().contains(Quirk::IdTokenUnread) && tokens.login().is_none());
}

/// TR-6: where two quirks admit a type, it is the one that says more.
#[test]
fn a_type_that_says_for_whom_is_admitted_as_such() {
    let both = server().admit(Quirk::SubjectAsTokenType).admit(Quirk::AnyTokenType);
    let tokens = renewed(both, r#"{"access_token":"a","token_type":"bot"}"#).unwrap();
    assert!(tokens.quirks().contains(Quirk::SubjectAsTokenType));
    assert!(!tokens.quirks().contains(Quirk::AnyTokenType));
}

/// TR-2, TR-3: a form is one with a token or an error in it, and with 64 parameters at most.
#[test]
fn a_form_has_a_token_and_64_parameters_at_most() {
    let form = |more: usize| {
        let more: String = (0..more).map(|place| format!("&p{place}=")).collect();
        format!("access_token=a&token_type=Bearer{more}")
    };
    let admitting = || server().admit(Quirk::FormEncodedAnswer);
    assert!(renewed(admitting(), &form(62)).is_ok());
    let spaced = format!("{}&note=two words", form(0));
    let page = format!("{}&note=<p>", form(0));
    for answer in [form(63), form(64), form(200), "token_type=Bearer".to_owned(), spaced, page] {
        assert_eq!(renewed(admitting(), &answer).unwrap_err().rule(), Some(Rule::Tr2), "{answer}");
    }
    assert_eq!(renewed(server(), &form(62)).unwrap_err().rule(), Some(Rule::Tr3));
}

/// An hour is the longest that an assertion is good for.
#[test]
fn an_assertion_is_good_for_an_hour_at_most() {
    let assertions = || {
        let key = key_pair(&RustCrypto, Algorithm::Es256);
        JwtAssertions::new(key, entropy(3), "issuer", "subject", "https://as.example")
    };
    for (seconds, is_good) in [(1, true), (3600, true), (3601, false), (0, false)] {
        assert_eq!(assertions().lifetime(Duration::from_secs(seconds)).is_ok(), is_good, "{seconds}");
    }
}

/// TR-11: a scope that a quirk admits was not checked.
#[test]
fn a_scope_by_commas_passes_no_check() {
    let server = server().admit(Quirk::ScopeWithCommas);
    for (scope, is_checked) in [("a b", true), ("a,b", false)] {
        let answer = format!(r#"{{"access_token":"a","token_type":"Bearer","scope":"{scope}"}}"#);
        let tokens = renewed(server.clone(), &answer).unwrap();
        assert_eq!(tokens.checks().contains(Rule::Tr11), is_checked, "{scope}");
    }
}
