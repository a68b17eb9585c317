//! What is asked for once, what a grant says of its tokens, and what is noted of them.

use std::time::Duration;

use valetkey_core::jose::{Algorithm, RustCrypto};
use valetkey_core::store::StoreKey;
use valetkey_core::token::{JwtAssertion, JwtAssertions, SamlAssertion, TokenExchange, TokenKind};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, Client, Dpop, Error, Grant, Quirk,
    RefreshToken, Rule, Session, TokenRequest, TokenResponse,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::openid::CALLBACK;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client, client_of, entropy, json, server};

fn exchange() -> TokenExchange {
    TokenExchange::of(&AccessToken::new("planted-TOKEN").unwrap())
}

/// AQ-6: a parameter of an exchange comes once, in whichever of its ways it was set, and an audience forbids no other.
#[test]
fn a_parameter_of_an_exchange_comes_once() {
    let twice = exchange().parameter("x", "1").unwrap().parameter("x", "2");
    assert_eq!(twice.unwrap_err().rule(), Some(Rule::Aq6));
    let both = exchange().audience("one").parameter("audience", "two");
    assert_eq!(both.unwrap_err().rule(), Some(Rule::Aq6));
    assert!(exchange().audience("one").parameter("x", "1").is_ok());
    assert!(exchange().parameter("x", "1").unwrap().parameter("audience", "one").is_ok());
}

fn granted(client: &Client, grant: Grant, members: &str) -> TokenResponse {
    let answer = json(200, &format!(r#"{{"access_token":"a","token_type":"Bearer",{members}}}"#));
    play(TokenRequest::new(client, grant).unwrap(), [Some(answer)]).outcome.unwrap()
}

/// AQ-3: tokens of a code that was asked for without a challenge say so, and no others.
#[test]
fn tokens_of_an_unchallenged_code_say_so() {
    for (client, is_said) in [(client_of(server().admit(Quirk::NoCodeChallenge)), true), (client(), false)] {
        let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
        let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let back = format!("{CALLBACK}?code=c&state={}", pending.state());
        let flow = pending.finish(&client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).unwrap();
        let tokens = play(flow, [Some(json(200, r#"{"access_token":"a","token_type":"Bearer"}"#))]);
        let quirks = tokens.outcome.unwrap().quirks();
        assert_eq!(quirks.contains(Quirk::NoCodeChallenge), is_said);
    }
}

/// DP-4: tokens that were asked for with a proof name the key by its thumbprint, and others none.
#[test]
fn tokens_name_the_key_that_they_are_bound_to() {
    let dpop = Dpop::of(key_pair(&RustCrypto, Algorithm::Es256), entropy(3)).unwrap();
    let thumbprint = dpop.thumbprint().to_owned();
    let bound = client().dpop(dpop).unwrap();
    let answer = json(200, r#"{"access_token":"a","token_type":"DPoP"}"#);
    let flow = TokenRequest::new(&bound, Grant::client_credentials()).unwrap();
    let tokens = play(flow, [Some(answer)]).outcome.unwrap();
    assert_eq!(tokens.thumbprint(), Some(&*thumbprint));
    let tokens = granted(&client(), Grant::client_credentials(), r#""expires_in":60"#);
    assert_eq!(tokens.thumbprint(), None);
}

/// ST-4: tokens go under the application's key if its grant got them, with the scope that it asked for.
#[test]
fn tokens_are_kept_under_the_key_of_the_grant_that_got_them() {
    let client = client();
    let scoped = |scope: &str| Grant::from(exchange().scope(scope).unwrap());
    let kept = |grant: Grant, key: &Grant| {
        let tokens = granted(
            &client,
            grant,
            r#""expires_in":60,"issued_token_type":"urn:ietf:params:oauth:token-type:access_token""#,
        );
        let key = StoreKey::of_application(&client, key).named("one of several");
        Session::from_tokens(&client, &tokens).in_store(key).map(drop)
    };
    kept(scoped("a"), &scoped("a")).unwrap();
    assert_eq!(kept(scoped("a"), &scoped("b")).unwrap_err().rule(), Some(Rule::St4));
    let refresh = || Grant::refresh_token(&RefreshToken::new("r").unwrap()).scope("a").unwrap();
    assert_eq!(kept(refresh(), &refresh()).unwrap_err().rule(), Some(Rule::St4));
    let own = |scope: &str| Grant::client_credentials().scope(scope).unwrap();
    kept(own("a"), &own("a")).unwrap();
    assert_eq!(kept(own("a"), &own("b")).unwrap_err().rule(), Some(Rule::St4));
}

/// An answer in a form, up to the bound of every answer: beyond it, it is not made into one that is shorter.
#[test]
fn a_form_may_have_a_mebibyte() {
    let form = |length: usize| {
        let begin = "access_token=a&token_type=Bearer&pad=";
        let rest = length - begin.len();
        format!("{begin}{}{}", "%61".repeat(rest / 3), "b".repeat(rest % 3))
    };
    let client = client_of(server().admit(Quirk::FormEncodedAnswer));
    let traded = |length: usize| {
        let flow = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
        play(flow, [Some(json(200, &form(length)))]).outcome.map(drop)
    };
    traded(1 << 20).unwrap();
    let error = traded((1 << 20) + 1).unwrap_err();
    assert!(matches!(error, Error::Malformed(_)) && error.rule() == Some(Rule::Tr2), "{error}");
}

/// TR-9: ten years are the longest lifetime, and are no departure.
#[test]
fn a_lifetime_of_ten_years_is_the_longest() {
    const TEN_YEARS: u64 = 10 * 365 * 24 * 60 * 60;
    let lasting = |seconds: u64| {
        let client = client_of(server().admit(Quirk::LifetimeCapped));
        granted(&client, Grant::client_credentials(), &format!(r#""expires_in":{seconds}"#))
    };
    for (seconds, is_capped) in [(TEN_YEARS, false), (TEN_YEARS + 1, true)] {
        let tokens = lasting(seconds);
        assert_eq!(tokens.expires_in(), Some(Duration::from_secs(TEN_YEARS)));
        assert_eq!(tokens.quirks().contains(Quirk::LifetimeCapped), is_capped, "{seconds}");
    }
}

#[test]
fn a_grant_prints_its_kind_and_not_what_is_traded() {
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    let assertions = JwtAssertions::new(key, entropy(3), "planted-I", "planted-S", "https://as.example");
    let shown = format!("{assertions:?}");
    assert!(shown.starts_with("JwtAssertions { writer: AssertionWriter {"), "{shown}");
    assert!(shown.contains("https://as.example") && !shown.contains("planted"), "{shown}");
    assert_eq!(format!("{:?}", JwtAssertion::new("a.b.c").unwrap()), "JwtAssertion(<secret>)");
    assert_eq!(format!("{:?}", SamlAssertion::new("<planted/>").unwrap()), "SamlAssertion(<secret>)");
    let actor = exchange().audience("backend").actor_token("planted-ACTOR", TokenKind::JWT).unwrap();
    let shown = format!("{actor:?}");
    for said in ["TokenExchange {", "backend", TokenKind::JWT.as_str(), TokenKind::ACCESS_TOKEN.as_str()] {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    assert!(!shown.contains("planted"), "{shown}");
    let members = r#""expires_in":60,"refresh_token":"planted-R","scope":"calendar""#;
    let shown = format!("{:?}", granted(&client(), Grant::client_credentials(), members));
    for said in
        ["TokenResponse {", "token_type: Bearer", "refresh_token: Some(<secret>)", "calendar", "Application"]
    {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    assert!(!shown.contains("planted"), "{shown}");
}
