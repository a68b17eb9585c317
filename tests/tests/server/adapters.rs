//! Each flow of today's OAuth is carried out by the adapters' `run` as it is, over a loopback port.

use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::server::{Endpoint, JwksCache, Metadata};
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::token::{JwtAssertion, TokenExchange};
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, DeviceAuthorization, DeviceAuthorizationRequest, DevicePoll,
    Discovery, Flow, Grant, Quirk, Quirks, RefreshToken, Resource, TokenRequest,
};
use valetkey_tests::answering::Answering;

const TABLE: &[(&str, &str)] = &[
    (
        "/realm/.well-known/openid-configuration",
        r#"{"issuer":"{here}/realm","response_types_supported":["code"],
            "token_endpoint":"{here}/token","device_authorization_endpoint":"{here}/device",
            "introspection_endpoint":"{here}/introspect","revocation_endpoint":"{here}/revoke",
            "jwks_uri":"{here}/keys"}"#,
    ),
    (
        "/.well-known/oauth-protected-resource/notes",
        r#"{"resource":"{here}/notes","authorization_servers":["{here}/realm"]}"#,
    ),
    (
        "/device",
        r#"{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"{here}/page","expires_in":600}"#,
    ),
    (
        "/token",
        r#"{"access_token":"a","token_type":"Bearer","issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#,
    ),
    ("/introspect", r#"{"active":true,"scope":"notes"}"#),
    ("/revoke", ""),
    ("/keys", r#"{"keys":[]}"#),
];

const QUIRKS: Quirks = Quirks::STRICT.with(Quirk::LoopbackHttp);

/// A host: the one thing that differs between the two adapters.
trait Host {
    fn run<F: Flow>(&self, flow: F) -> F::Output;
}

struct Blocking(valetkey_blocking::HttpClient);

impl Host for Blocking {
    fn run<F: Flow>(&self, flow: F) -> F::Output {
        valetkey_blocking::run(&self.0, flow).unwrap_or_else(|error| panic!("{error}"))
    }
}

struct Async(tokio::runtime::Runtime, valetkey_async::HttpClient);

impl Host for Async {
    fn run<F: Flow>(&self, flow: F) -> F::Output {
        self.0.block_on(valetkey_async::run(&self.1, flow)).unwrap_or_else(|error| panic!("{error}"))
    }
}

fn discover(host: &impl Host, api: &str) -> Metadata {
    let resource = Resource::new(format!("{api}/notes")).unwrap();
    let resource = host.run(ProtectedResourceDiscovery::new(&resource).unwrap().admit_all(QUIRKS));
    let trusted = format!("{api}/realm");
    let issuer = resource.choose([trusted.as_str()]).expect("they trust the same server");
    let metadata = host.run(Discovery::new(issuer).unwrap().admit_all(QUIRKS));
    resource.require_confirmed_by(metadata.server()).unwrap();
    metadata
}

/// A device authorization whose interval is over, so that its first poll need not be waited for.
fn overdue(authorization: &DeviceAuthorization) -> DeviceAuthorization {
    let mut stored = serde_json::to_value(authorization).unwrap();
    stored["waiting_since"] = 0.into();
    serde_json::from_value(stored).unwrap()
}

/// From an API's URL to tokens by five grants, and what becomes of them.
fn walk(host: &impl Host) {
    let server = Answering::start(TABLE);
    let metadata = discover(host, &server.url());
    assert!(metadata.foreign_endpoints().is_empty());
    let found: AuthorizationServer = metadata.into_server();
    let mut cache = JwksCache::new(&found, |document| Ok(document.len())).unwrap();
    let client = Client::new(found, "c").secret("s").unwrap();

    let device = host.run(DeviceAuthorizationRequest::new(&client).unwrap());
    assert_eq!(device.user_code(), "WDJB-MJHT");
    let tokens = host.run(DevicePoll::new(&client, overdue(&device)).unwrap());
    let token: &AccessToken = tokens.access_token();

    let exchanged = host.run(TokenRequest::new(&client, Grant::from(TokenExchange::of(token))).unwrap());
    assert!(exchanged.issued_token_type().is_some());
    let assertion = JwtAssertion::new("a.b.c").unwrap();
    host.run(TokenRequest::new(&client, Grant::from(&assertion)).unwrap());

    let active = host.run(Introspection::new(&client, token).unwrap()).active().unwrap();
    assert_eq!(active.scope().unwrap().as_str(), "notes");
    host.run(Revocation::refresh_token(&client, &RefreshToken::new("r").unwrap()).unwrap());

    let mut fetch = cache.refresh(tokens.issued_at()).unwrap();
    host.run(&mut fetch);
    cache.settle(fetch, tokens.issued_at()).unwrap();
    assert!(cache.keys(tokens.issued_at()).is_some());

    assert_eq!(
        server.asked(),
        [
            "GET /.well-known/oauth-protected-resource/notes",
            "GET /.well-known/oauth-authorization-server/realm",
            "GET /realm/.well-known/openid-configuration",
            "POST /device",
            "POST /token",
            "POST /token",
            "POST /token",
            "POST /introspect",
            "POST /revoke",
            "GET /keys",
        ]
    );
    assert_eq!(client.server().url_of(Endpoint::Jwks), Some(format!("{}/keys", server.url())));
}

#[test]
fn the_blocking_adapter_runs_every_flow() {
    walk(&Blocking(valetkey_blocking::http_client()));
}

#[test]
fn the_async_adapter_runs_every_flow() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    walk(&Async(runtime, valetkey_async::http_client().unwrap()));
}
