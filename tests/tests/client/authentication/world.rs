//! The sandbox as the other side, a client that signs, and what a request says.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use valetkey_core::jose::{Algorithm, AwsLc, JwkSet, Signer};
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, ClientSecret, DeviceAuthorizationRequest, Discovery, Error,
    Flow, Grant, Quirks, RefreshToken, Request, Step, TokenRequest,
};
use valetkey_sandbox::{Application, FlowKind, Rights, Sandbox};
use valetkey_tests::jose::{HMAC_SECRET, key_pair};
use valetkey_tests::world::same;
use valetkey_tests::{NOW, entropy, get, server};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const ID: &str = "s6BhdRkqt3";
pub(crate) const SCOPE: &str = "global:Profile.Absences.View";

/// Every algorithm that the sandbox verifies.
pub(crate) const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Rs256,
    Algorithm::Ps256,
    Algorithm::EdDsa,
    Algorithm::Hs256,
];

pub(crate) fn all_endpoints() -> AuthorizationServer {
    [
        (Endpoint::DeviceAuthorization, "https://as.example/device"),
        (Endpoint::Introspection, "https://as.example/introspect"),
        (Endpoint::Revocation, "https://as.example/revoke"),
    ]
    .into_iter()
    .fold(server(), |server, (endpoint, url)| server.endpoint(endpoint, url).unwrap())
}

pub(crate) fn signing(server: AuthorizationServer, key: Arc<dyn Signer>) -> Client {
    Client::new(server, ID).assertion(key, entropy(1)).unwrap()
}

pub(crate) fn secret() -> ClientSecret {
    ClientSecret::new(HMAC_SECRET).unwrap()
}

/// What a server says of itself, as a client that asks it is told.
pub(crate) fn met(sandbox: &mut Sandbox, quirks: Quirks) -> AuthorizationServer {
    let document = sandbox.answer(&get("/.well-known/oauth-authorization-server"), NOW);
    Discovery::new(ISSUER).unwrap().admit_all(quirks).parse(document, NOW).unwrap().into_server()
}

/// The demo with one more client.
pub(crate) fn sandbox_with(application: Application) -> Sandbox {
    let mut sandbox = Sandbox::standard([7; 32], ISSUER);
    let application = application.flow(FlowKind::Device).may_request(Rights::All);
    sandbox.add_application(application.authorized(Rights::of([SCOPE])));
    sandbox
}

/// The client whose keys, or whose secret, the sandbox knows.
pub(crate) fn registered(algorithm: Algorithm) -> Application {
    if algorithm.is_symmetric() {
        return Application::confidential(ID, HMAC_SECRET).secret_signs();
    }
    let jwks = JwkSet::of(key_pair(&AwsLc, algorithm).public_key().cloned());
    Application::with_keys(ID, &serde_json::to_value(jwks).unwrap())
}

/// Carries a flow out against the sandbox; whoever is between may add what TLS would say.
pub(crate) fn carry<F: Flow>(
    sandbox: &mut Sandbox,
    mut flow: F,
    mut between: impl FnMut(&mut Request),
) -> Result<F::Output, Error> {
    let (mut response, mut now) = (None, NOW);
    for _ in 0..10 {
        match flow.step(response.take(), now)? {
            Step::Send(mut request) => {
                match flow.step(None, now)? {
                    Step::Send(again) => assert!(same(&request, &again), "asking twice changes nothing"),
                    other => panic!("asked again, it said {other:?}"),
                }
                between(&mut request);
                response = Some(sandbox.answer(&request, now));
            }
            Step::Wait(time) => now = now.after(time),
            Step::Done(output) => return Ok(output),
        }
    }
    panic!("the flow does not end");
}

pub(crate) fn tokens_for(client: &Client) -> TokenRequest {
    TokenRequest::new(client, Grant::client_credentials().scope(SCOPE).unwrap()).unwrap()
}

pub(crate) fn request_of(flow: &mut impl Flow) -> Request {
    match flow.step(None, NOW) {
        Ok(Step::Send(request)) => request,
        Ok(Step::Wait(time)) => panic!("it waits for {time:?}"),
        _ => panic!("it sends nothing"),
    }
}

pub(crate) fn pairs(request: &Request) -> Vec<(String, String)> {
    form_urlencoded::parse(request.body()).into_owned().collect()
}

pub(crate) fn parameter(request: &Request, name: &str) -> Option<String> {
    let mut values = pairs(request).into_iter().filter(|(known, _)| known == name).map(|(_, value)| value);
    let value = values.next();
    assert_eq!(values.next(), None, "{name} is sent once");
    value
}

pub(crate) fn claims_of(request: &Request) -> Value {
    let assertion = parameter(request, "client_assertion").unwrap();
    let part = assertion.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// One flow for each endpoint that knows clients.
pub(crate) fn a_request_to_each(client: &Client) -> Vec<(Endpoint, Result<Request, Error>)> {
    fn first<F: Flow>(flow: Result<F, Error>) -> Result<Request, Error> {
        flow.map(|mut flow| request_of(&mut flow))
    }
    let (access, refresh) = (AccessToken::new("a").unwrap(), RefreshToken::new("r").unwrap());
    vec![
        (Endpoint::Token, first(TokenRequest::new(client, Grant::client_credentials()))),
        (Endpoint::DeviceAuthorization, first(DeviceAuthorizationRequest::new(client))),
        (Endpoint::Introspection, first(Introspection::new(client, &access))),
        (Endpoint::Revocation, first(Revocation::refresh_token(client, &refresh))),
    ]
}
