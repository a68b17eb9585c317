//! A person who has logged in, and answers about them that were written down before.

use serde_json::{Value, json};
use valetkey_core::identity::Identity;
use valetkey_core::jose::{Algorithm, JwtSigner, RustCrypto};
use valetkey_core::openid::{UserInfo, UserInfoRequest};
use valetkey_core::server::Endpoint;
use valetkey_core::token::TokenType;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Response,
    Rule, TokenResponse,
};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, entropy, json as plain};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const USERINFO: &str = "https://as.example/userinfo";
pub(crate) const TOKEN: &str = "planted-ACCESS-TOKEN-0123456789";
pub(crate) const SUB: &str = "248289761001";

/// A server with UserInfo, and the key that it signs with.
pub(crate) fn server() -> AuthorizationServer {
    valetkey_tests::server()
        .endpoint(Endpoint::Userinfo, USERINFO)
        .unwrap()
        .keys(verification_keys(&RustCrypto, Algorithm::Es256))
}

pub(crate) fn client() -> Client {
    client_of(server())
}

/// A client that is registered for signed UserInfo.
pub(crate) fn signed_client() -> Client {
    client().user_info_algorithm(Algorithm::Es256).unwrap()
}

pub(crate) fn token() -> AccessToken {
    AccessToken::new(TOKEN).unwrap()
}

/// A person of this issuer, as a program keeps them.
pub(crate) fn person(issuer: &str, subject: &str) -> Identity {
    serde_json::from_value(json!({"iss": issuer, "sub": subject})).unwrap()
}

pub(crate) fn alice() -> Identity {
    person(ISSUER, SUB)
}

/// The question about Alice.
pub(crate) fn request(client: &Client) -> UserInfoRequest {
    UserInfoRequest::about(client, &alice(), &token(), TokenType::Bearer).unwrap()
}

/// What comes of one answer to it.
pub(crate) fn outcome(client: &Client, answer: Response) -> Result<UserInfo, Error> {
    play(request(client), [Some(answer)]).outcome
}

pub(crate) fn rule<T>(outcome: Result<T, Error>) -> Rule {
    match outcome {
        Err(error) => error.rule().unwrap_or_else(|| panic!("no rule in: {error}")),
        Ok(_) => panic!("it was taken"),
    }
}

/// An answer in JSON.
pub(crate) fn told(claims: &Value) -> Response {
    plain(200, &claims.to_string())
}

/// A JWT of the server's, of this type.
pub(crate) fn jwt(typ: Option<&str>, claims: &Value) -> String {
    let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::Es256), typ);
    signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
}

/// An answer that is this JWT.
pub(crate) fn as_jwt(jwt: &str) -> Response {
    http::Response::builder().header("content-type", "application/jwt").body(jwt.as_bytes().to_vec()).unwrap()
}

/// What signed UserInfo says in order.
pub(crate) fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "s6BhdRkqt3", "sub": SUB, "name": "Alice Liddell"})
}

/// The tokens of a login by the code flow, whose ID token was verified.
pub(crate) fn logged_in(client: &Client) -> TokenResponse {
    let request = AuthorizationRequest::new(client, "https://app.example/callback").unwrap();
    let (url, mut pending) = request.scope("openid").unwrap().begin_unbound(entropy(1), NOW).unwrap();
    let query = url.as_str().split_once('?').unwrap().1.to_owned();
    let sent = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "nonce").unwrap().1;
    let now = NOW.as_secs();
    let id_token = json!({
        "iss": ISSUER, "aud": "s6BhdRkqt3", "sub": SUB, "iat": now, "exp": now + 300, "nonce": sent,
        "email": "in-the-id-token@example.com",
    });
    let body = json!({
        "access_token": TOKEN, "token_type": "Bearer", "id_token": jwt(None, &id_token), "scope": "openid",
    });
    let back = format!("https://app.example/callback?code=c&state={}", pending.state());
    let response = AuthorizationResponse::from_url(&back).unwrap();
    play(pending.finish(client, &response, NOW).unwrap(), [Some(plain(200, &body.to_string()))])
        .outcome
        .unwrap()
}
