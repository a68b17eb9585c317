//! What each misbehaviour of today's servers comes to at valetkey's own client: the rule that catches it, or why there
//! is nothing to catch. Those about RFC 6749 are in the Playground's table.

use std::collections::BTreeMap;

use valetkey_core::jose::{Algorithm, AwsLc, JwkSet, VerificationKeys};
use valetkey_core::{
    AccessToken, AuthorizationDetails, AuthorizationRequest, AuthorizationResponse, AuthorizationServer,
    Challenge, Client, ClientSecret, DeviceAuthorizationRequest, DevicePoll, Discovery, Endpoint, Error,
    Expectations, Flow, Grant, Introspected, Introspection, JwksCache, ProtectedResourceDiscovery, Quirks,
    Resource, Response, Revocation, Session, Step, StepUps, Subject, TokenExchange, TokenRequest,
    TokenResponse,
};
use valetkey_sandbox::{Application, Endpoint as Spoilt, FlowKind, Misbehaviour, Rights, Sandbox};
use valetkey_tests::entropy;
use valetkey_tests::jose::verified;

use crate::metadata::{ISSUER, modern};
use crate::support::*;

const API: &str = "https://as.example/api/http/team-directory/profiles/me";

/// Families of which the client's part, and its tests, are on their way.
const LANDING: [&str; 15] = [
    "jarm-",
    "pushed-",
    "request-uri-",
    "dpop-",
    "api-dpop-",
    "token-type-downgraded",
    "introspection-type-jwt",
    "introspection-nested",
    "introspection-at-top-level",
    "introspection-signed-for-other",
    "introspection-signed-by-other",
    "introspection-undated",
    "introspection-unsigned",
    "introspection-forged",
    "introspection-dots",
];

/// What each comes to: a rule's id, or what the client makes of it.
const EXPECTED: &[(&str, &str)] = &[
    ("response-unasked", "AR-2"),
    ("iss-upper-case", "AR-3"),
    ("iss-port", "AR-3"),
    ("iss-escaped", "AR-3"),
    ("error-twice", "AR-1"),
    ("id-token-in-redirect", "AR-9"),
    ("other-port", "AR-10"),
    ("metadata-missing", "refused: status 404"),
    ("metadata-202", "DI-3"),
    ("metadata-redirect", "DI-3"),
    ("metadata-text-html", "DI-3"),
    ("metadata-array", "TR-2"),
    ("metadata-trailing-data", "TR-2"),
    ("metadata-truncated", "TR-2"),
    ("metadata-deep", "TR-2"),
    ("metadata-huge", "TR-2"),
    ("two-issuers", "TR-2"),
    ("issuer-missing", "DI-4"),
    ("issuer-foreign", "DI-4"),
    ("issuer-trailing-slash", "DI-4"),
    ("issuer-upper-case", "DI-4"),
    ("issuer-port", "DI-4"),
    ("issuer-number", "DI-4"),
    ("token-endpoint-missing", "misuse: the server has no token endpoint"),
    ("token-endpoint-http", "DI-5"),
    ("token-endpoint-foreign", "DI-7"),
    ("token-endpoint-fragment", "DI-5"),
    ("token-endpoint-number", "DI-5"),
    ("authorization-endpoint-script", "DI-5"),
    ("authorization-endpoint-file", "DI-5"),
    ("jwks-uri-foreign", "DI-7"),
    ("response-types-missing", "DI-6"),
    ("response-types-text", "DI-6"),
    ("response-types-empty", "told: an empty list"),
    ("without-s256", "AQ-3"),
    ("dpop-algorithms-unknown", "fine"),
    ("auth-methods-unknown", "CA-3"),
    ("iss-in-responses-denied", "fine"),
    ("signed-metadata-garbled", "told: signed"),
    ("metadata-unknown-members", "fine"),
    ("resource-metadata-missing", "refused: not-found"),
    ("resource-metadata-redirect", "DI-3"),
    ("resource-other", "PR-2"),
    ("resource-missing", "PR-2"),
    ("authorization-servers-empty", "PR-3"),
    ("authorization-servers-http", "PR-3"),
    ("authorization-servers-text", "PR-3"),
    ("authorization-servers-foreign", "PR-3"),
    ("jwks-missing", "refused: status 404"),
    ("jwks-redirect", "JK-1"),
    ("jwks-text-html", "JK-1"),
    ("jwks-empty", "ID-6"),
    ("jwks-object", "JK-1"),
    ("jwks-private", "JK-1"),
    ("jwks-secret", "JK-1"),
    ("jwks-unknown", "fine"),
    ("jwks-weak", "fine"),
    ("jwks-off-curve", "ID-6"),
    ("jwks-same-kid", "ID-6"),
    ("jwks-other-kid", "ID-6"),
    ("jwks-many", "JK-1"),
    ("jwks-huge", "TR-2"),
    ("device-code-missing", "DV-1"),
    ("device-code-number", "DV-1"),
    ("user-code-missing", "DV-1"),
    ("user-code-empty", "DV-1"),
    ("user-code-escapes", "DV-2"),
    ("verification-uri-missing", "DV-1"),
    ("verification-uri-script", "DV-2"),
    ("verification-uri-escapes", "DV-2"),
    ("verification-uri-other", "told: a page elsewhere"),
    ("device-expiry-missing", "DV-1"),
    ("device-expiry-zero", "DV-1"),
    ("device-expiry-negative", "DV-1"),
    ("device-expiry-u64-max", "told: lifetime-capped"),
    ("device-expiry-infinite", "TR-2"),
    ("device-expiry-true", "DV-1"),
    ("device-expiry-garbled", "DV-1"),
    ("device-expiry-text", "told: lifetime-as-text"),
    ("device-expiry-fraction", "told: lifetime-as-fraction"),
    ("device-expiry-array", "DV-1"),
    ("interval-missing", "fine"),
    ("interval-zero", "told: interval-adjusted"),
    ("interval-null", "told: interval-adjusted"),
    ("interval-negative", "DV-1"),
    ("interval-u64-max", "told: interval-adjusted"),
    ("interval-garbled", "DV-1"),
    ("interval-text", "told: interval-adjusted"),
    ("interval-fraction", "told: interval-adjusted"),
    ("device-redirect", "HT-1"),
    ("device-201", "DV-1"),
    ("success-as-404", "refused: status 404"),
    ("id-token-number", "TR-12"),
    ("token-type-odd-case", "fine"),
    ("authorization-details-object", "TR-15"),
    ("authorization-details-unknown", "TR-15"),
    ("issued-token-type-missing", "TR-16"),
    ("token-type-n-a", "TR-6"),
    ("authorization-pending-always", "DV-4"),
    ("pending-with-200", "DV-4"),
    ("slow-down-always", "DV-4"),
    ("expired-token", "authorization required"),
    ("active-text", "IN-1"),
    ("active-number", "IN-1"),
    ("active-missing", "IN-1"),
    ("inactive-with-members", "inactive: Told"),
    ("introspection-expired", "inactive: Expired"),
    ("introspection-not-yet", "inactive: NotYet"),
    ("introspection-other-audience", "inactive: Unexpected(\"aud\")"),
    ("introspection-other-issuer", "inactive: Unexpected(\"iss\")"),
    ("introspection-other-client", "inactive: Unexpected(\"client_id\")"),
    ("introspection-other-type", "inactive: Unexpected(\"token_type\")"),
    ("introspection-scope-array", "IN-1"),
    ("introspection-array", "TR-2"),
    ("introspection-redirect", "HT-1"),
    ("introspection-201", "IN-1"),
    ("revocation-text", "fine"),
    ("revocation-unavailable", "refused: status 503"),
    ("revocation-unsupported", "refused: unsupported_token_type"),
    ("revocation-redirect", "HT-1"),
    ("api-step-up-always", "refused: status 401"),
    ("api-step-up-negative", "WA-4"),
    ("api-step-up-quotes", "WA-4"),
    ("api-scope-quotes", "WA-4"),
    ("api-challenge-twice", "WA-1"),
    ("api-challenge-lines", "handed over: 401"),
    ("api-challenge-spaces", "handed over: 401"),
    ("api-invalid-request", "handed over: 400"),
    ("api-metadata-foreign", "PR-4"),
    ("api-metadata-http", "PR-4"),
    ("api-metadata-file", "PR-4"),
    ("api-metadata-private", "PR-4"),
    ("api-challenge-odd-case", "handed over: 401"),
];

#[test]
fn each_misbehaviour_is_caught_by_its_rule() {
    let expected: BTreeMap<&str, &str> = EXPECTED.iter().copied().collect();
    assert_eq!(expected.len(), EXPECTED.len());
    let mut wrong = Vec::new();
    for misbehaviour in Misbehaviour::ALL.iter().filter(|one| !one.is_classic()) {
        let name = misbehaviour.name();
        let Some(expected) = expected.get(name) else {
            assert!(LANDING.iter().any(|family| name.starts_with(family)), "{name} is not in the table");
            continue;
        };
        let came = meet(*misbehaviour);
        if came != *expected {
            wrong.push(format!("{name}: {came}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let known = |name: &str| Misbehaviour::ALL.iter().any(|one| one.name() == name);
    assert!(expected.keys().all(|name| known(name)), "the table has one that is none");
}

type Conversation = fn(&mut Sandbox) -> Result<String, Error>;

/// Without a misbehaviour, each of the conversations comes to a good end.
#[test]
fn a_server_that_behaves_is_served_in_each_conversation() {
    let sandbox = &mut modern();
    let all: [Conversation; 10] =
        [authorized, discovered, described, keyed, begun, detailed, exchanged, introspected, revoked, called];
    for (number, conversation) in all.into_iter().enumerate() {
        assert_eq!(told(conversation(sandbox)), "fine", "{number}");
    }
    assert_eq!(told(polled(sandbox)), "DV-4", "nobody approves it, and it ends in time");
}

fn meet(misbehaviour: Misbehaviour) -> String {
    let mut sandbox = modern();
    sandbox.misbehave(misbehaviour);
    let polls = ["authorization-pending", "pending-with", "slow-down", "expired-token"];
    let is_about_polling = polls.iter().any(|one| misbehaviour.name().starts_with(one));
    let sandbox = &mut sandbox;
    told(match misbehaviour.endpoint() {
        Spoilt::Authorization => authorized(sandbox),
        Spoilt::Metadata => discovered(sandbox),
        Spoilt::ResourceMetadata => described(sandbox),
        Spoilt::Jwks => keyed(sandbox),
        Spoilt::DeviceAuthorization => begun(sandbox),
        Spoilt::Introspection => introspected(sandbox),
        Spoilt::Revocation => revoked(sandbox),
        Spoilt::Api => called(sandbox),
        _ if is_about_polling => polled(sandbox),
        _ if misbehaviour == Misbehaviour::IssuedTokenTypeMissing => exchanged(sandbox),
        _ => detailed(sandbox),
    })
}

fn told(outcome: Result<String, Error>) -> String {
    let error = match outcome {
        Ok(told) => return told,
        Err(error) => error,
    };
    match (error.rule(), error.refused()) {
        (Some(rule), _) => rule.id().to_owned(),
        (None, _) if error.is_authorization_required() => "authorization required".to_owned(),
        (None, Some(refused)) => match (refused.code(), refused.status()) {
            (Some(code), _) => format!("refused: {code}"),
            (None, status) => format!("refused: status {}", status.unwrap().as_u16()),
        },
        (None, None) => error.to_string(),
    }
}

fn fine() -> Result<String, Error> {
    Ok("fine".to_owned())
}

/// Carries a flow out in virtual time.
fn run<F: Flow>(sandbox: &mut Sandbox, mut flow: F) -> Result<F::Output, Error> {
    let (mut response, mut now) = (None, NOW);
    for _ in 0..10_000 {
        match flow.step(response.take(), now)? {
            Step::Send(request) => response = Some(sandbox.answer(&request, now)),
            Step::Wait(time) => now = now.after(time),
            Step::Done(output) => return Ok(output),
        }
    }
    panic!("the conversation does not end");
}

fn server() -> AuthorizationServer {
    let endpoints = [
        (Endpoint::Authorization, "oauth/auth"),
        (Endpoint::Token, "oauth/token"),
        (Endpoint::DeviceAuthorization, "oauth/device_authorization"),
        (Endpoint::Introspection, "oauth/introspect"),
        (Endpoint::Revocation, "oauth/revoke"),
        (Endpoint::Jwks, "oauth/jwks.json"),
    ];
    let server = AuthorizationServer::new().issuer(ISSUER).unwrap().advertises_iss();
    endpoints.iter().fold(server, |server, (endpoint, path)| {
        server.endpoint(*endpoint, &format!("{ISSUER}/{path}")).unwrap()
    })
}

fn client(sandbox: &Sandbox, server: AuthorizationServer, id: &str) -> Client {
    let secret = ClientSecret::new(sandbox.client_secret(id).unwrap()).unwrap();
    Client::new(server, id).secret(secret).unwrap().api(API).unwrap()
}

/// The Authorization Code flow of this client, as far as its tokens.
fn tokens_of(
    sandbox: &mut Sandbox,
    client: &Client,
    change: impl FnOnce(AuthorizationRequest) -> Result<AuthorizationRequest, Error>,
) -> Result<TokenResponse, Error> {
    let request = change(AuthorizationRequest::new(client, WEB)?)?;
    let (url, mut pending) = request.begin(&entropy(1), NOW)?;
    let arrival = sandbox.visit(url.as_str(), &person("alice"), NOW).unwrap();
    let response = AuthorizationResponse::from_url(arrival.url().unwrap())?;
    run(sandbox, pending.finish(client, &response, NOW)?)
}

fn authorized(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = client(sandbox, server(), "web");
    tokens_of(sandbox, &web, |request| Ok(request.scope(ISSUES.parse()?)))?;
    fine()
}

/// From the issuer to tokens.
fn discovered(sandbox: &mut Sandbox) -> Result<String, Error> {
    let metadata = run(sandbox, Discovery::new(ISSUER)?.same_origin_only())?;
    let note = match (metadata.empty_lists(), metadata.is_signed()) {
        ([], false) => fine(),
        ([], true) => Ok("told: signed".to_owned()),
        _ => Ok("told: an empty list".to_owned()),
    };
    let web = client(sandbox, metadata.into_server(), "web");
    tokens_of(sandbox, &web, |request| Ok(request.scope(ISSUES.parse()?)))?;
    note
}

fn described(sandbox: &mut Sandbox) -> Result<String, Error> {
    let resource = run(sandbox, ProtectedResourceDiscovery::new(&Resource::new(API)?)?)?;
    resource.require_confirmed_by(&server())?;
    fine()
}

/// A signed answer, and the keys to verify it by.
fn keyed(sandbox: &mut Sandbox) -> Result<String, Error> {
    let alice = sandbox.permanent_token_of_user("alice");
    let request = post("/oauth/introspect", &[("token", &alice)]);
    let request = with_header(request, "accept", "application/token-introspection+jwt");
    let signed = String::from_utf8(as_web(sandbox, request).response.into_body()).unwrap();
    let mut cache = JwksCache::new(&server(), |document| {
        VerificationKeys::new(&AwsLc, &[Algorithm::Es256], &JwkSet::parse(document)?)
    })?;
    let mut fetch = cache.refresh(NOW).unwrap();
    run(sandbox, &mut fetch)?;
    cache.settle(fetch, NOW)?;
    verified(&signed, &cache.keys(NOW).unwrap())?;
    fine()
}

fn begun(sandbox: &mut Sandbox) -> Result<String, Error> {
    let device = run(sandbox, DeviceAuthorizationRequest::new(&Client::new(server(), "native"))?)?;
    match device.quirks().iter().next() {
        Some(quirk) => Ok(format!("told: {}", quirk.name())),
        None if device.is_complete_elsewhere() => Ok("told: a page elsewhere".to_owned()),
        None => fine(),
    }
}

fn polled(sandbox: &mut Sandbox) -> Result<String, Error> {
    let native = Client::new(server(), "native");
    let device = run(sandbox, DeviceAuthorizationRequest::new(&native)?)?;
    run(sandbox, DevicePoll::new(&native, device)?)?;
    fine()
}

/// Tokens for rights in detail.
fn detailed(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = client(sandbox, server(), "web");
    let details = serde_json::json!([{ "type": "rights", "rights": [ISSUES] }]);
    let details = AuthorizationDetails::new(details)?;
    let tokens = tokens_of(sandbox, &web, |request| request.authorization_details(&details))?;
    assert_eq!(tokens.authorization_details()?.as_ref(), Some(&details));
    fine()
}

fn exchanged(sandbox: &mut Sandbox) -> Result<String, Error> {
    let gateway = Application::confidential("gateway", "s").flow(FlowKind::TokenExchange);
    sandbox.add_application(gateway.may_request(Rights::All));
    let alice = AccessToken::new(sandbox.permanent_token_of_user("alice"))?;
    let gateway = client(sandbox, server(), "gateway");
    run(sandbox, TokenRequest::new(&gateway, Grant::from(TokenExchange::of(&alice)))?)?;
    fine()
}

fn introspected(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = client(sandbox, server(), "web");
    let tokens = tokens_of(sandbox, &web, |request| Ok(request.resource(&Resource::new(API)?)))?;
    let expected = Expectations::new().audience(API).issuer(ISSUER).client_id("web").token_type("Bearer");
    let flow = Introspection::new(&web, tokens.access_token())?.expecting(expected);
    match run(sandbox, flow)? {
        Introspected::Active(_) => fine(),
        Introspected::Inactive(why) => Ok(format!("inactive: {why:?}")),
        _ => unreachable!("a token is active or not"),
    }
}

fn revoked(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = client(sandbox, server(), "web");
    let tokens = tokens_of(sandbox, &web, Ok)?;
    run(sandbox, Revocation::access_token(&web, tokens.access_token())?)?;
    fine()
}

/// A call of the API, and what its answer asks for: for the same twice, if it does not end.
fn called(sandbox: &mut Sandbox) -> Result<String, Error> {
    let alice = AccessToken::new(sandbox.permanent_token_of_user("alice"))?;
    let mut step_ups = StepUps::new();
    for _ in 0..10 {
        let mut session = Session::permanent(API, alice.clone(), Subject::User, Quirks::STRICT)?;
        let answer = run(sandbox, session.call(get(API))?)?;
        if answer.status().is_success() {
            return metadata_of_a_refusal(sandbox);
        }
        if step_ups.next(&answer, NOW)?.is_none() {
            metadata_of(&answer)?;
            return Ok(format!("handed over: {}", answer.status().as_u16()));
        }
    }
    panic!("the API is never satisfied");
}

fn metadata_of_a_refusal(sandbox: &mut Sandbox) -> Result<String, Error> {
    let refused = profile(sandbox, "unknown", NOW).response;
    let scheme = metadata_of(&refused)?;
    Ok(if scheme == "Bearer" {
        "fine".to_owned()
    } else {
        format!("handed over: {}", refused.status().as_u16())
    })
}

/// Where the challenge says that the metadata are, and the scheme as it is written.
fn metadata_of(answer: &Response) -> Result<String, Error> {
    let challenges = Challenge::parse(answer.headers())?;
    let ours = challenges.iter().find(|challenge| challenge.is("Bearer"));
    if let Some(challenge) = ours {
        ProtectedResourceDiscovery::from_challenge(challenge, API, Quirks::STRICT)?;
    }
    Ok(ours.map(|challenge| challenge.scheme().to_owned()).unwrap_or_default())
}
