//! What UserInfo answers, in the form that the client is registered for: [`Came`], [`Told`] (OpenID Connect Core §5.3.2).
//!
//! ```text
//!  registered for no signature   application/json   an object
//!  registered for a signature    application/jwt    a JWT of the issuer's, for this client, whose claims are the object
//!  and for encryption too        application/jwt    a JWE, and that JWT is inside
//! ```
//!
//! Another form is always refused ([UI-3](crate::Rule::Ui3), [ID-43](crate::Rule::Id43)): where a signature was agreed on,
//! nobody can say who a person is without the key, by an answer in plain JSON for example.

use http::StatusCode;

use crate::client::Client;
use crate::client::encrypted::Message;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed, misuse_of};
use crate::ground::flow::Response;
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::refused::Refused;
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::identity::verifiable::keys_by;
use crate::jose::algorithm::Algorithm;
use crate::jose::claims::{Claims, ClaimsCheck};
use crate::jose::jwe::received::ReceivedJwt;
use crate::jose::jws::Verified;
use crate::server::keys::KeySearch;
use crate::wire::answer::{Reader, is_json, is_type};
use crate::wire::json::{Object, unmarked};

/// The media types of the two forms.
pub(super) const JSON: &str = "application/json";
pub(super) const JWT: &str = "application/jwt";

/// An object that the server vouches for. Whom it is about has not been looked at.
pub(super) struct Told {
    pub(super) payload: Vec<u8>,
    pub(super) is_signed: bool,
    pub(super) quirks: Quirks,
    pub(super) checks: Checks,
}

/// An answer in the form that was agreed on.
pub(super) enum Came {
    Told(Told),
    /// A JWT, and the search for the key that verifies it.
    Jwt(ReceivedJwt, Box<KeySearch>),
}

/// Whether there will be a key for what this client is registered for: asked before anything is sent.
pub(super) fn require_verifiable(client: &Client) -> Result<(), Error> {
    let Some(algorithm) = client.registered_user_info_algorithm() else { return Ok(()) };
    let server = client.server();
    if server.issuer_identifier().is_none() || search(client, algorithm)?.is_none() {
        let what = "signed UserInfo needs a server whose issuer and keys are known: discover the server, or name them by \
                    `AuthorizationServer::issuer` and `AuthorizationServer::keys`";
        return Err(misuse_of(Rule::Ui4, what));
    }
    Ok(())
}

/// The search for the key of this algorithm: the server's, or the client's secret where that is registered.
fn search(client: &Client, algorithm: Algorithm) -> Result<Option<KeySearch>, Error> {
    let keys = keys_by(client, Some(algorithm))?;
    Ok(keys.map(|keys| keys.search(client.server().quirks())))
}

/// The answer, if it is one in the form that was agreed on. `token` is what of the request a server must not get us to log.
pub(super) fn admit(response: Response, client: &Client, token: &str, now: UnixTime) -> Result<Came, Error> {
    let status = response.status();
    if !status.is_success() {
        return Err(refusal(&response, client, token, now));
    }
    let mut reader = Reader::new(client.server().quirks());
    if status != StatusCode::OK {
        let what =
            || format!("UserInfo answered with status {}, and status 200 was expected", status.as_u16());
        reader.admit(Quirk::AnySuccessStatus, || malformed(Rule::Ui1, what()))?;
    }
    match client.registered_user_info_algorithm() {
        None => json(response, reader, client, token, now).map(Came::Told),
        Some(algorithm) => {
            let jwt = jwt(response, client, algorithm)?;
            match search(client, algorithm)? {
                Some(search) => Ok(Came::Jwt(jwt, Box::new(search))),
                None => {
                    Err(misuse_of(Rule::Ui4, "the keys of the server are not known: discover the server"))
                }
            }
        }
    }
}

fn refusal(response: &Response, client: &Client, token: &str, now: UnixTime) -> Error {
    match Refused::read(response, &[token], now) {
        Ok(refused) => Error::Refused(Box::new(client.server().told(refused, Endpoint::Userinfo))),
        Err(malformed) => malformed,
    }
}

fn json(
    response: Response,
    mut reader: Reader,
    client: &Client,
    token: &str,
    now: UnixTime,
) -> Result<Told, Error> {
    if is_type(response.headers(), JWT) {
        return Err(malformed(
            Rule::Ui3,
            "UserInfo came as a JWT, and this client is not registered for one: if it is, say so by \
             `Client::user_info_algorithm`",
        ));
    }
    if !is_json(response.headers()) {
        let what = "the content type of UserInfo is not application/json";
        reader.admit(Quirk::AnyContentType, || malformed(Rule::Ui3, what))?;
    }
    reader.packed(&response);
    let object = reader.parse(response.body())?;
    // An error is an error whatever its status (TR-4).
    if object.has("error") && !object.has("sub") {
        return Err(refusal(&response, client, token, now));
    }
    drop(object);
    reader.checks.pass(Rule::Ui3);
    let payload = unmarked(response.body()).to_vec();
    Ok(Told { payload, is_signed: false, quirks: reader.seen, checks: reader.checks })
}

/// The JWT of an answer, decrypted if that was agreed on, if it says to be signed by what was agreed on.
fn jwt(response: Response, client: &Client, algorithm: Algorithm) -> Result<ReceivedJwt, Error> {
    if !is_type(response.headers(), JWT) {
        return Err(malformed(
            Rule::Ui3,
            "UserInfo is to be signed, and came as another thing than a JWT: a client that is not registered for a \
             signature leaves out `Client::user_info_algorithm`",
        ));
    }
    let text = String::from_utf8(response.into_body()).map_err(|error| {
        drop(Wiped::new(error.into_bytes()));
        malformed(Rule::Ui3, "the JWT of UserInfo is not text")
    })?;
    let text = Wiped::new(text);
    let jwt = client.opened(Message::UserInfo, text.trim_ascii())?;
    if jwt.parts().algorithm() != algorithm.name() {
        let what = format!("UserInfo is signed by another algorithm than {algorithm}, which was agreed on");
        return Err(malformed(Rule::Ui4, what));
    }
    Ok(jwt)
}

/// The claims of a JWT whose signature and type have been verified: by the issuer, for this client, and good now.
pub(super) fn of_verified(
    jwt: &ReceivedJwt,
    verified: Verified,
    client: &Client,
    now: UnixTime,
) -> Result<Told, Error> {
    let no = |what| Err(malformed(Rule::Ui4, what));
    let server = client.server();
    let mut reader = Reader::new(server.quirks());
    jwt.pass(&mut reader.checks);
    verified.pass(&mut reader.checks);
    reader.checks.pass(Rule::Ui3);
    let payload = verified.into_payload();
    let mut object = Object::read(&payload)?;
    if object.has("events") {
        return no("the JWT of UserInfo has events: it is a logout token, or another that tells of events");
    }
    let claims = Claims::registered(&mut object)?;
    drop(object);
    match claims.issuer() {
        None => reader.admit(Quirk::UnaddressedUserInfo, || {
            malformed(Rule::Ui4, "the signed UserInfo has no iss, which says who signed it")
        })?,
        issuer if issuer != server.issuer_identifier() => {
            return no("the iss of the signed UserInfo is not the server's issuer, to the letter");
        }
        Some(_) => {}
    }
    if claims.audience().is_empty() {
        reader.admit(Quirk::UnaddressedUserInfo, || {
            malformed(Rule::Ui4, "the signed UserInfo has no aud, which says for whom it is")
        })?;
    } else if !claims.audience().iter().any(|audience| audience == client.id()) {
        return no("the aud of the signed UserInfo does not name this client");
    }
    ClaimsCheck::at(now).leeway(server.skew()).check(&claims)?;
    if !reader.seen.contains(Quirk::UnaddressedUserInfo) {
        reader.checks.pass(Rule::Ui4);
    }
    Ok(Told { payload, is_signed: true, quirks: reader.seen, checks: reader.checks })
}
