//! Conversations of valetkey's own client with the sandbox, each to its end: what [`wrong`](crate::wrong) spoils.

use std::sync::Arc;

use valetkey_core::api::{ProtectedResourceDiscovery, StepUps};
use valetkey_core::authorize::ResponseMode;
use valetkey_core::error::Challenge;
use valetkey_core::jose::{Algorithm, AwsLc, JwkSet, VerificationKeys};
use valetkey_core::server::{Endpoint, JwksCache, ServerKeys};
use valetkey_core::status::{Expectations, Introspected, Introspection, Revocation};
use valetkey_core::terms::AuthorizationDetails;
use valetkey_core::token::TokenExchange;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer, BrowserUrl, Client,
    ClientSecret, DeviceAuthorizationRequest, DevicePoll, Discovery, Dpop, Error, Flow, Grant,
    PendingAuthorization, Resource, Response, Session, Step, Subject, TokenRequest, TokenResponse, UnixTime,
};
use valetkey_sandbox::{Application, FlowKind, Rights, Sandbox};
use valetkey_tests::entropy;
use valetkey_tests::jose::{key_pair, verified};

use crate::metadata::ISSUER;
use crate::support::*;

const API: &str = "https://as.example/api/http/team-directory/profiles/me";

fn fine() -> Result<String, Error> {
    Ok("fine".to_owned())
}

/// Carries a flow out in virtual time.
pub(crate) fn run<F: Flow>(sandbox: &mut Sandbox, flow: F) -> Result<F::Output, Error> {
    run_at(sandbox, flow, NOW)
}

/// The same from another moment on.
pub(crate) fn run_at<F: Flow>(
    sandbox: &mut Sandbox,
    mut flow: F,
    mut now: UnixTime,
) -> Result<F::Output, Error> {
    let mut response = None;
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
        (Endpoint::PushedAuthorization, "oauth/par"),
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

pub(crate) fn client(sandbox: &Sandbox, server: AuthorizationServer, id: &str) -> Client {
    let secret = ClientSecret::new(sandbox.client_secret(id).unwrap()).unwrap();
    Client::new(server, id).secret(secret).unwrap().api(API).unwrap()
}

/// The server, with the keys that it publishes.
fn server_with_keys() -> AuthorizationServer {
    server().keys(ServerKeys::published(&server(), Arc::new(AwsLc), &[Algorithm::Es256]).unwrap())
}

/// The client with a key that its tokens are bound to. Proofs of another seed have other identifiers.
fn bound(sandbox: &Sandbox, seed: u8) -> Client {
    let key = Dpop::of(key_pair(&AwsLc, Algorithm::Es256), entropy(seed)).unwrap();
    client(sandbox, server(), "web").dpop(key).unwrap()
}

/// The Authorization Code flow of this client, as far as its tokens.
fn tokens_of(
    sandbox: &mut Sandbox,
    client: &Client,
    change: impl FnOnce(AuthorizationRequest) -> Result<AuthorizationRequest, Error>,
) -> Result<TokenResponse, Error> {
    let begun = change(AuthorizationRequest::new(client, WEB)?)?.begin_unbound(entropy(1), NOW)?;
    finished(sandbox, client, begun)
}

/// From the browser on.
pub(crate) fn finished(
    sandbox: &mut Sandbox,
    client: &Client,
    (url, mut pending): (BrowserUrl, PendingAuthorization),
) -> Result<TokenResponse, Error> {
    let arrival = sandbox.visit(url.as_str(), &person("alice"), NOW).unwrap();
    let response = AuthorizationResponse::from_url(arrival.url().unwrap())?;
    let response = run(sandbox, pending.open(client, &response)?)?;
    run(sandbox, pending.finish(client, &response, NOW)?)
}

pub(crate) fn authorized(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = client(sandbox, server(), "web");
    tokens_of(sandbox, &web, |request| request.scope(ISSUES))?;
    fine()
}

/// By a response that is signed.
pub(crate) fn authorized_signed(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = client(sandbox, server_with_keys(), "web");
    tokens_of(sandbox, &web, |request| Ok(request.response_mode(ResponseMode::Jwt)))?;
    fine()
}

/// By a request that is pushed.
pub(crate) fn pushed(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = client(sandbox, server(), "web");
    let request = AuthorizationRequest::new(&web, WEB)?.scope(ISSUES)?;
    let begun = run(sandbox, request.push_unbound(entropy(1), NOW)?)?;
    finished(sandbox, &web, begun)?;
    fine()
}

/// With a proof of a key.
pub(crate) fn proven(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = bound(sandbox, 3);
    assert!(tokens_of(sandbox, &web, Ok)?.thumbprint().is_some());
    fine()
}

/// A call of the API with a proof of a key.
pub(crate) fn called_with_proof(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = bound(sandbox, 4);
    let tokens = tokens_of(sandbox, &web, Ok)?;
    let answer = run(sandbox, Session::from_tokens(&web, &tokens).call(get(API))?)?;
    match answer.status().as_u16() {
        200 => fine(),
        status => Ok(format!("handed over: {status}")),
    }
}

/// From the issuer to tokens.
pub(crate) fn discovered(sandbox: &mut Sandbox) -> Result<String, Error> {
    let metadata = run(sandbox, Discovery::new(ISSUER)?.same_origin_only())?;
    let note = match (metadata.empty_lists(), metadata.unusable_endpoints(), metadata.is_signed()) {
        ([], [], false) => fine(),
        ([], [], true) => Ok("told: signed".to_owned()),
        ([], ..) => Ok("told: an endpoint left out".to_owned()),
        _ => Ok("told: an empty list".to_owned()),
    };
    let web = client(sandbox, metadata.into_server(), "web");
    tokens_of(sandbox, &web, |request| request.scope(ISSUES))?;
    note
}

pub(crate) fn described(sandbox: &mut Sandbox) -> Result<String, Error> {
    let resource = run(sandbox, ProtectedResourceDiscovery::new(&Resource::new(API)?)?)?;
    resource.require_confirmed_by(&server())?;
    fine()
}

/// A signed answer, and the keys to verify it by.
pub(crate) fn keyed(sandbox: &mut Sandbox) -> Result<String, Error> {
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

pub(crate) fn begun(sandbox: &mut Sandbox) -> Result<String, Error> {
    let device = run(sandbox, DeviceAuthorizationRequest::new(&Client::new(server(), "native"))?)?;
    match device.quirks().iter().next() {
        Some(quirk) => Ok(format!("told: {}", quirk.name())),
        None if device.is_complete_elsewhere() => Ok("told: a page elsewhere".to_owned()),
        None => fine(),
    }
}

pub(crate) fn polled(sandbox: &mut Sandbox) -> Result<String, Error> {
    let native = Client::new(server(), "native");
    let device = run(sandbox, DeviceAuthorizationRequest::new(&native)?)?;
    run(sandbox, DevicePoll::new(&native, device)?)?;
    fine()
}

/// Tokens for rights in detail.
pub(crate) fn detailed(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = client(sandbox, server(), "web");
    let details = serde_json::json!([{ "type": "rights", "rights": [ISSUES] }]);
    let details = AuthorizationDetails::new(details)?;
    let tokens = tokens_of(sandbox, &web, |request| request.authorization_details(&details))?;
    assert_eq!(tokens.authorization_details().as_ref(), Some(&details));
    fine()
}

pub(crate) fn exchanged(sandbox: &mut Sandbox) -> Result<String, Error> {
    let gateway = Application::confidential("gateway", "s").flow(FlowKind::TokenExchange);
    sandbox.add_application(gateway.may_request(Rights::All));
    let alice = AccessToken::new(sandbox.permanent_token_of_user("alice"))?;
    let gateway = client(sandbox, server(), "gateway");
    run(sandbox, TokenRequest::new(&gateway, Grant::from(TokenExchange::of(&alice)))?)?;
    fine()
}

pub(crate) fn introspected(sandbox: &mut Sandbox) -> Result<String, Error> {
    introspection(sandbox, Ok)
}

pub(crate) fn introspected_signed(sandbox: &mut Sandbox) -> Result<String, Error> {
    introspection(sandbox, Introspection::signed)
}

fn introspection(
    sandbox: &mut Sandbox,
    change: impl FnOnce(Introspection) -> Result<Introspection, Error>,
) -> Result<String, Error> {
    let web = client(sandbox, server_with_keys(), "web");
    let tokens = tokens_of(sandbox, &web, |request| Ok(request.resource(&Resource::new(API)?).unwrap()))?;
    let expected = Expectations::new().audience(API).issuer(ISSUER).client_id("web").token_type("Bearer");
    let flow = change(Introspection::new(&web, tokens.access_token())?)?.expect(expected);
    match run(sandbox, flow)? {
        Introspected::Active(_) => fine(),
        Introspected::Inactive(why) => Ok(format!("inactive: {why:?}")),
        _ => unreachable!("a token is active or not"),
    }
}

pub(crate) fn revoked(sandbox: &mut Sandbox) -> Result<String, Error> {
    let web = client(sandbox, server(), "web");
    let tokens = tokens_of(sandbox, &web, Ok)?;
    run(sandbox, Revocation::access_token(&web, tokens.access_token())?)?;
    fine()
}

/// A call of the API, and what its answer asks for: for the same twice, if it does not end.
pub(crate) fn called(sandbox: &mut Sandbox) -> Result<String, Error> {
    let alice = AccessToken::new(sandbox.permanent_token_of_user("alice"))?;
    let mut step_ups = StepUps::new();
    for _ in 0..10 {
        let mut session = Session::from_permanent_token(API, alice.clone(), Subject::User)?;
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
        drop(ProtectedResourceDiscovery::from_challenge(challenge, API)?.step(None, NOW)?);
    }
    Ok(ours.map(|challenge| challenge.scheme().to_owned()).unwrap_or_default())
}
