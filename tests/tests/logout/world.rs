//! A provider that says that a login has ended, and a client that hears it.

use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, JwtSigner, RustCrypto};
use valetkey_core::logout::{BackChannel, LogoutNotice};
use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationServer, Client, Error, Request, Rule};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::openid::run;
use valetkey_tests::{NOW, client_of, server};

pub(crate) const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
pub(crate) const SID: &str = "08a5019c-17e1-4977-8f42-65a12843ea02";
pub(crate) const SUB: &str = "248289761001";

/// The provider, with all that a log-out needs.
pub(crate) fn provider() -> AuthorizationServer {
    server()
        .endpoint(Endpoint::EndSession, "https://as.example/logout")
        .unwrap()
        .endpoint(Endpoint::Revocation, "https://as.example/revoke")
        .unwrap()
        .keys(verification_keys(&RustCrypto, Algorithm::Es256))
}

pub(crate) fn client() -> Client {
    client_of(provider())
}

pub(crate) fn receiver() -> BackChannel {
    BackChannel::new(&client()).unwrap()
}

/// The claims of a good logout token.
pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://as.example",
        "aud": "s6BhdRkqt3",
        "iat": NOW.as_secs(),
        "exp": NOW.as_secs() + 120,
        "jti": "bWJq",
        "sub": SUB,
        "sid": SID,
        "events": { EVENT: {} },
    })
}

/// The same with this changed.
pub(crate) fn claiming(change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = claims();
    change(&mut claims);
    claims
}

/// The same without these.
pub(crate) fn without(names: &[&str]) -> Value {
    claiming(|claims| names.iter().for_each(|name| drop(claims.as_object_mut().unwrap().remove(*name))))
}

/// A logout token, of this type.
pub(crate) fn typed(typ: Option<&str>, claims: &Value) -> String {
    let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::Es256), typ);
    signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
}

pub(crate) fn token(claims: &Value) -> String {
    typed(Some("logout+jwt"), claims)
}

/// What the server posts.
pub(crate) fn post(body: impl Into<Vec<u8>>) -> Request {
    http::Request::post("/logout/back-channel")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into())
        .unwrap()
}

/// What comes of this logout token at this receiver.
pub(crate) fn heard_by(receiver: &BackChannel, token: &str) -> Result<LogoutNotice, Error> {
    run(receiver.receive(&post(format!("logout_token={token}")))?, Vec::new(), NOW)
}

pub(crate) fn heard(claims: &Value) -> Result<LogoutNotice, Error> {
    heard_by(&receiver(), &token(claims))
}

pub(crate) fn rule<T>(outcome: Result<T, Error>) -> Option<Rule> {
    outcome.err().and_then(|error| error.rule())
}
