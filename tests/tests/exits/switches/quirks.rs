//! Every quirk has a switch that does what it is about.

use std::sync::Arc;

use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::authorize::ResponseMode;
use valetkey_core::error::Challenge;
use valetkey_core::jose::{Algorithm, AwsLc, Signer as _};
use valetkey_core::server::ServerKeys;
use valetkey_core::status::{Expectations, Introspection};
use valetkey_core::{
    AuthorizationServer, Client, DeviceAuthorizationRequest, Discovery, Dpop, Error, Grant, Quirk, Quirks,
    Resource, Rule, Session, TokenRequest,
};
use valetkey_sandbox::{Application, AssertionAudience, BasicEncoding, Misbehaviour as M, Rights, Sandbox};
use valetkey_tests::jose::key_pair;
use valetkey_tests::{NOW, entropy, get};

use super::*;

/// A quirk, how the server comes to need it, and in what conversation it is met: what departed is handed back.
type Row = (Quirk, fn(&mut Sandbox), fn(&mut Sandbox, &[Quirk]) -> Result<Quirks, Error>);

const ROWS: &[Row] = &[
    (Quirk::LifetimeAsText, |it| it.misbehave(M::ExpiresInText), login),
    (Quirk::LifetimeAsFraction, |it| it.misbehave(M::ExpiresInFraction), login),
    (Quirk::LifetimeCapped, |it| it.misbehave(M::ExpiresInU64Max), login),
    (Quirk::Cacheable, |it| it.misbehave(M::NoCacheControl), login),
    (Quirk::NoTokenType, |it| it.misbehave(M::TokenTypeMissing), login),
    (Quirk::ScopeAsArray, |it| it.misbehave(M::ScopeArray), login),
    (Quirk::EmptyScope, |it| it.misbehave(M::ScopeEmpty), login),
    (Quirk::NullMember, |it| it.misbehave(M::RefreshTokenNull), login),
    (Quirk::NullMember, |it| it.misbehave(M::RefreshTokenEmpty), login),
    (Quirk::NullMember, |it| it.misbehave(M::ExpiresInNull), login),
    (Quirk::NullMember, |it| it.misbehave(M::ExpiresInEmpty), login),
    (Quirk::NullMember, |it| it.misbehave(M::IdTokenNull), login),
    (Quirk::NullMember, |it| it.misbehave(M::ErrorEmptyBesideToken), login),
    (Quirk::AnySuccessStatus, |it| it.misbehave(M::Created), login),
    (Quirk::AnyContentType, |it| it.misbehave(M::TextPlain), login),
    (Quirk::RawBasic, |it| it.settings_mut().basic_encoding = BasicEncoding::Raw, login_with_an_odd_secret),
    (Quirk::LoopbackHttp, |it| it.settings_mut().issuer = Some(LOOPBACK.to_owned()), login_on_loopback),
    (Quirk::IssDiscarded, iss_of_another, login),
    (Quirk::IntervalAdjusted, |it| it.misbehave(M::IntervalZero), device),
    (Quirk::VerificationUrl, |it| it.misbehave(M::VerificationUrl), device),
    (Quirk::ResourcePrefix, |it| it.misbehave(M::ResourceAbove), described),
    (Quirk::MetadataElsewhere, |it| it.misbehave(M::ApiMetadataElsewhere), described_by_a_challenge),
    (Quirk::ScopeWithCommas, |it| it.misbehave(M::ScopeCommas), renewed_at_most),
    (Quirk::SubjectAsTokenType, |it| it.misbehave(M::TokenTypeBot), login),
    (Quirk::EndpointAudience, wants_its_endpoint_named, with_an_assertion),
    (Quirk::AnyTokenType, |it| it.misbehave(M::TokenTypeOther), login),
    (Quirk::AnyTokenType, |it| it.misbehave(M::TokenTypeMac), login),
    (Quirk::FormEncodedAnswer, |it| it.misbehave(M::FormEncoded), login),
    (Quirk::ByteOrderMark, |it| it.misbehave(M::ByteOrderMark), login),
    (Quirk::NoIdToken, |it| it.misbehave(M::ScopeOpenid), login),
    (Quirk::ZeroLifetime, ends_at_once, used),
    (Quirk::UnaskedGzip, |it| it.misbehave(M::Gzipped), login),
    (Quirk::IntrospectionForApi, |it| it.misbehave(M::IntrospectionSignedForApi), introspected_signed),
    (Quirk::BearerForDpop, |it| it.misbehave(M::TokenTypeDowngraded), with_a_key),
    (Quirk::IssMissingInErrors, |it| it.misbehave(M::ErrorWithoutIss), denied),
    (Quirk::IssMissing, |it| it.misbehave(M::IssMissing), login),
    (Quirk::IssInQuery, |it| it.misbehave(M::IssInQuery), by_fragment),
    (Quirk::NoResponseTypes, |it| it.misbehave(M::ResponseTypesMissing), login),
    (Quirk::UnusualRedirectUri, registers_a_scheme, to_a_scheme),
    (Quirk::RepeatedClaim, |it| it.misbehave(M::JarmIssRepeated), by_a_signed_response),
    (Quirk::RefreshTokenKept, |_| {}, renewed_without_a_secret),
    (Quirk::NoCodeChallenge, |it| it.misbehave(M::WithoutS256), login),
];

/// Those that have tests of their own: of logins, in `sandbox/openid.rs`; below and at the persona that wants its challenge in hexadecimal; and one that the program
/// brings with it.
const APART: &[Quirk] = &[
    Quirk::TokensElsewhere,
    Quirk::BadTokenBy400,
    Quirk::BadTokenBy403,
    Quirk::HexCodeChallenge,
    Quirk::Adjusted,
    Quirk::IdTokenUnread,
    Quirk::IdTokenByTls,
    Quirk::SparseLoginMetadata,
    Quirk::OtherAuthTime,
    Quirk::UnaddressedUserInfo,
    Quirk::ClaimOfOtherType,
    Quirk::BooleanAsText,
    // Of servers of many tenants and their like, in `sandbox/many.rs`.
    Quirk::NoNonce,
    Quirk::IssuerWithoutScheme,
    Quirk::OtherIssuer,
    Quirk::TenantOfIssuer,
    // Of logout tokens, in `logout/without_exp.rs`.
    Quirk::LogoutWithoutExpiry,
];

/// How this program speaks to the server, or where: whatever it answers makes no difference.
const OUR_OWN: &[Quirk] =
    &[Quirk::RawBasic, Quirk::LoopbackHttp, Quirk::EndpointAudience, Quirk::MetadataElsewhere];

#[test]
fn every_quirk_has_a_switch_of_the_sandbox() {
    for quirk in Quirk::ALL {
        let there = ROWS.iter().any(|(known, ..)| known == quirk);
        assert!(there != APART.contains(quirk), "{}", quirk.name());
    }
}

#[test]
fn what_a_quirk_is_about_is_refused_by_its_name_or_taken_and_recorded() {
    for (number, &(quirk, switch, conversation)) in ROWS.iter().enumerate() {
        let name = format!("{} in row {number}", quirk.name());
        let spoilt = || {
            let mut sandbox = sandbox();
            switch(&mut sandbox);
            sandbox
        };
        if !Quirks::STRICT.contains(quirk) {
            let refused = conversation(&mut spoilt(), &[]).err().unwrap_or_else(|| panic!("{name}: taken"));
            assert_eq!(refused.admitted_by(), Some(quirk), "{name}: {refused}");
            assert!(refused.to_string().contains(&format!("`Quirk::{quirk:?}`")), "{name}: {refused}");
        }
        let seen = conversation(&mut spoilt(), &[quirk]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(seen.contains(quirk), "{name}: {seen:?}");
        // A server that behaves departs from nothing, whatever is admitted.
        let behaves = quirk == Quirk::RefreshTokenKept || OUR_OWN.contains(&quirk);
        // Two are about what is sent, whatever the server does.
        if !behaves && ![Quirk::UnusualRedirectUri, Quirk::NoCodeChallenge].contains(&quirk) {
            let seen =
                conversation(&mut sandbox(), &[quirk]).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!seen.contains(quirk), "{name}: {seen:?}");
        }
    }
}

fn login(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let metadata = found(sandbox, quirks)?;
    let seen = metadata.quirks();
    let client = web(metadata.into_server(), sandbox);
    let (response, mut pending) = arrived(sandbox, &client, WEB, |request| request)?;
    let tokens = run(sandbox, pending.finish(&client, &response, NOW)?)?;
    Ok(seen.and(pending.quirks()).and(tokens.quirks()))
}

fn iss_of_another(sandbox: &mut Sandbox) {
    sandbox.misbehave(M::IssInResponsesDenied);
    sandbox.misbehave(M::IssForeign);
}

/// The secret reads otherwise when it is form-encoded.
fn login_with_an_odd_secret(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let robot = Application::confidential("robot", "a+b/c").authorized(Rights::of(["global:Profile.View"]));
    sandbox.add_application(robot);
    let client = Client::new(server(sandbox, quirks), "robot").secret("a+b/c")?;
    run(sandbox, TokenRequest::new(&client, Grant::client_credentials())?).map(|tokens| tokens.quirks())
}

const LOOPBACK: &str = "http://127.0.0.1:8080";

fn login_on_loopback(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let discovery = Discovery::new(LOOPBACK)?;
    let discovery = quirks.iter().fold(discovery, |discovery, &quirk| discovery.admit(quirk));
    let metadata = run(sandbox, discovery)?;
    let seen = metadata.quirks();
    let secret = sandbox.client_secret("web").unwrap();
    let client = Client::new(metadata.into_server(), "web").secret(secret)?;
    tokens(sandbox, &client, WEB).map(|tokens| seen.and(tokens.quirks()))
}

fn device(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let client = Client::new(server(sandbox, quirks), "native");
    run(sandbox, DeviceAuthorizationRequest::new(&client)?).map(|device| device.quirks())
}

fn described(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let discovery = ProtectedResourceDiscovery::new(&Resource::new(API)?)?;
    let discovery = quirks.iter().fold(discovery, |discovery, &quirk| discovery.admit(quirk));
    run(sandbox, discovery).map(|resource| resource.quirks())
}

fn described_by_a_challenge(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let refused = sandbox.answer(&get(API), NOW);
    let challenges = Challenge::parse(refused.headers())?;
    let discovery = ProtectedResourceDiscovery::from_challenge(&challenges[0], API)?;
    let discovery = quirks.iter().fold(discovery, |discovery, &quirk| discovery.admit(quirk));
    run(sandbox, discovery).map(|resource| resource.quirks())
}

fn wants_its_endpoint_named(sandbox: &mut Sandbox) {
    sandbox.settings_mut().assertion_audience = AssertionAudience::TokenEndpoint;
}

fn with_an_assertion(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let jwks = serde_json::json!({ "keys": [key.public_key().unwrap()] });
    let robot = Application::with_keys("robot", &jwks).authorized(Rights::of(["global:Profile.View"]));
    sandbox.add_application(robot);
    let client = Client::new(server(sandbox, quirks), "robot").assertion(key, entropy(3))?;
    run(sandbox, TokenRequest::new(&client, Grant::client_credentials())?).map(|tokens| tokens.quirks())
}

fn ends_at_once(sandbox: &mut Sandbox) {
    sandbox.misbehave(M::ExpiresInZero);
    sandbox.misbehave(M::RefreshTokenMissing);
}

/// A token that is used once it was got.
fn used(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let client = web(server(sandbox, quirks), sandbox);
    let tokens = tokens(sandbox, &client, WEB)?;
    let mut session = Session::from_tokens(&client, &tokens);
    let answer = run(sandbox, session.call(get(API))?)?;
    assert_eq!(answer.status(), 200);
    Ok(tokens.quirks())
}

fn introspected_signed(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let client = web(with_keys(server(sandbox, quirks)), sandbox);
    let (response, mut pending) =
        arrived(sandbox, &client, WEB, |request| request.resource(Resource::new(API).unwrap()).unwrap())?;
    let tokens = run(sandbox, pending.finish(&client, &response, NOW)?)?;
    let expected = Expectations::new().audience(API);
    let flow = Introspection::new(&client, tokens.access_token())?.signed()?.expect(expected);
    Ok(run(sandbox, flow)?.active().unwrap().quirks())
}

fn with_keys(server: AuthorizationServer) -> AuthorizationServer {
    let keys = ServerKeys::published(&server, Arc::new(AwsLc), &[Algorithm::Es256]).unwrap();
    server.keys(keys)
}

fn with_a_key(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let key = Dpop::of(key_pair(&AwsLc, Algorithm::Es256), entropy(4))?;
    let client = web(server(sandbox, quirks), sandbox).dpop(key)?;
    tokens(sandbox, &client, WEB).map(|tokens| tokens.quirks())
}

fn denied(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let client = web(server(sandbox, quirks), sandbox);
    match tokens(sandbox, &client, WEB) {
        Err(error) if error.is_access_denied() => Ok(error.refused().unwrap().quirks()),
        other => other.map(|tokens| tokens.quirks()),
    }
}

fn by_fragment(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let client = web(server(sandbox, quirks), sandbox);
    let (response, mut pending) =
        arrived(sandbox, &client, WEB, |request| request.response_mode(ResponseMode::Fragment))?;
    run(sandbox, pending.finish(&client, &response, NOW)?)?;
    Ok(pending.quirks())
}

fn by_a_signed_response(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let client = web(with_keys(server(sandbox, quirks)), sandbox);
    let (response, mut pending) =
        arrived(sandbox, &client, WEB, |request| request.response_mode(ResponseMode::Jwt))?;
    let response = run(sandbox, pending.open(&client, &response)?)?;
    run(sandbox, pending.finish(&client, &response, NOW)?)?;
    Ok(pending.quirks())
}

const SCHEME: &str = "cursor://callback";

fn registers_a_scheme(sandbox: &mut Sandbox) {
    let editor = Application::public("editor").flow(valetkey_sandbox::FlowKind::AuthorizationCode);
    sandbox.add_application(editor.redirect_uri(SCHEME).may_request(Rights::All));
}

fn to_a_scheme(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let client = Client::new(server(sandbox, quirks), "editor");
    tokens(sandbox, &client, SCHEME)?;
    Ok(AuthorizationRequest::new(&client, SCHEME)?.quirks())
}

/// With a scope to compare the answer's with.
fn renewed_at_most(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let client = web(server(sandbox, quirks), sandbox);
    let first = tokens(sandbox, &client, WEB)?;
    let grant = Grant::refresh_token(first.refresh_token().unwrap()).at_most(SCOPE)?;
    run(sandbox, TokenRequest::new(&client, grant)?).map(|tokens| tokens.quirks())
}

fn renewed_without_a_secret(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Quirks, Error> {
    let client = Client::new(server(sandbox, quirks), "native");
    let first = tokens(sandbox, &client, NATIVE)?;
    let grant = Grant::refresh_token(first.refresh_token().unwrap());
    run(sandbox, TokenRequest::new(&client, grant)?).map(|tokens| tokens.quirks())
}

/// TR-5: tokens in an envelope.
#[test]
fn tokens_in_an_envelope_are_refused_by_the_name_of_its_place_or_taken_and_recorded() {
    let mut sandbox = sandbox();
    sandbox.misbehave(M::Enveloped);
    let strict = web(server(&mut sandbox, &[]), &sandbox);
    let refused = tokens(&mut sandbox, &strict, WEB).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Tr5));
    let text = refused.to_string();
    assert!(text.contains("tokens_at") && text.contains("`/body`"), "{text}");
    let known = server(&mut sandbox, &[]).tokens_at("/body").unwrap();
    let client = web(known, &sandbox);
    let tokens = tokens(&mut sandbox, &client, WEB).unwrap();
    assert!(tokens.quirks().contains(Quirk::TokensElsewhere) && tokens.refresh_token().is_some());
}

/// WA-3: an API that tells a bad token by 400 or 403 is handed over, or the token is renewed and the call repeated.
#[test]
fn a_bad_token_by_another_status_is_handed_over_or_renewed_and_recorded() {
    for (status, quirk) in [(400, Quirk::BadTokenBy400), (403, Quirk::BadTokenBy403)] {
        for admitted in [false, true] {
            let mut sandbox = sandbox();
            sandbox.settings_mut().bad_token_status = status;
            let quirks: &[Quirk] = if admitted { &[quirk] } else { &[] };
            let client = web(server(&mut sandbox, quirks), &sandbox);
            let tokens = tokens(&mut sandbox, &client, WEB).unwrap();
            let mut session = Session::from_tokens(&client, &tokens);
            sandbox.expire_all();
            let mut call = session.call(get(API)).unwrap();
            let answer = run(&mut sandbox, &mut call).unwrap();
            let seen = (answer.status().as_u16(), call.quirks().contains(quirk));
            assert_eq!(seen, if admitted { (200, true) } else { (status, false) });
        }
    }
}

/// IN-1: an `exp` of 0 is a token that has expired, or one that does not, as is said of the server.
#[test]
fn an_introspections_end_of_0_is_long_past_or_none_and_recorded() {
    for admitted in [false, true] {
        let mut sandbox = sandbox();
        sandbox.misbehave(M::IntrospectionNoEnd);
        let quirks: &[Quirk] = if admitted { &[Quirk::ZeroLifetime] } else { &[] };
        let client = web(server(&mut sandbox, quirks), &sandbox);
        let tokens = tokens(&mut sandbox, &client, WEB).unwrap();
        let found = run(&mut sandbox, Introspection::new(&client, tokens.access_token()).unwrap()).unwrap();
        let seen = found.active().map(|token| token.quirks().contains(Quirk::ZeroLifetime));
        assert_eq!(seen, admitted.then_some(true));
    }
}
