//! Introspection answers that the server signs (RFC 9701): what a JWT of type `token-introspection+jwt` says.
//!
//! ```text
//!  API                                          authorization server
//!     │ Introspection::new(&client, &token)?.signed()?  │
//!     ├── POST introspection endpoint                   │
//!     │   Accept: application/token-introspection+jwt ─▶│
//!     │◀─ 200 a JWT: iss, aud, iat, token_introspection ┤
//!     │ decrypted, if the client is registered for that │
//!     ├── GET jwks_uri, if no key that is held fits ───▶│
//!     │◀─ 200 {"keys": […]} ────────────────────────────┤
//! ```
//!
//! For an API that must be able to show later what it was told. The claims of the JWT are about the answer and not about the
//! token: what it says of the token is in `token_introspection` and nowhere else ([IN-2](crate::Rule::In2)).

use std::time::Duration;

use http::StatusCode;

use crate::client::Client;
use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::jose::claims::Claims;
use crate::jose::jws::Verified;
use crate::jose::jwt_type::JwtType;
use crate::status::expectations::Expectations;
use crate::status::introspected::Introspected;
use crate::wire::answer::{Reader, is_type};
use crate::wire::json::{Object, Value};
use crate::wire::places::Places;

/// The media type that is asked for, and comes.
pub(crate) const MEDIA_TYPE: &str = "application/token-introspection+jwt";

/// The JWT's explicit type (RFC 9701 §5).
pub(crate) const TYPE: JwtType<'_> = JwtType::Explicit("token-introspection+jwt");

/// The claim that is what an introspection without a signature answers.
const DOCUMENT: &str = "token_introspection";

/// How old an answer may be.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// The JWT in an answer.
pub(crate) fn jwt(response: Response) -> Result<Wiped, Error> {
    let no = |what| Err(malformed(Rule::In2, what));
    if response.status() != StatusCode::OK {
        return no("the signed introspection has another status than 200");
    }
    if !is_type(response.headers(), MEDIA_TYPE) {
        return no("a signed introspection was asked for, and a plain answer came");
    }
    String::from_utf8(response.into_body())
        .map(Wiped::new)
        .map_err(|_| malformed(Rule::In2, "the signed introspection is not text"))
}

/// That it is of its type is a part of [IN-2](crate::Rule::In2).
pub(crate) fn told(error: Error) -> Error {
    match error.rule() {
        Some(Rule::Id24) => {
            malformed(Rule::In2, "the answer is a JWT of another type than a signed introspection")
        }
        _ => error,
    }
}

/// What the JWT says of the token, once its signature, its type, who it is from, for whom and of when have been checked.
pub(crate) fn read(
    verified: Verified,
    client: &Client,
    expected: &Expectations,
    now: UnixTime,
) -> Result<Introspected, Error> {
    let no = |what| Err(malformed(Rule::In2, what));
    let payload = verified.payload();
    let mut object = Object::read(payload)?;
    let places = Places::of(&object, payload);
    let claims = Claims::registered(&mut object)?;
    if claims.issuer() != client.server().issuer_identifier() {
        return no("the iss of the signed introspection is not the server's issuer");
    }
    let mut reader = Reader::new(client.server().quirks());
    if !claims.audience().iter().any(|audience| audience == client.id()) {
        let other = || malformed(Rule::In2, "the aud of the signed introspection does not name this client");
        if !claims.audience().iter().any(|audience| expected.is_audience(audience)) {
            return Err(other());
        }
        reader.admit(Quirk::IntrospectionForApi, other)?;
    }
    let skew = client.server().skew();
    let is_new = |issued: UnixTime| issued <= now.after(skew) && now <= issued.after(MAX_AGE).after(skew);
    if !claims.issued_at().is_some_and(is_new) {
        return no("the iat of the signed introspection is missing, or is not of just now");
    }
    let (Some(Value::Object(document)), Some(text)) =
        (object.take(DOCUMENT), places.text(payload, DOCUMENT)?)
    else {
        return no("token_introspection is missing, or not an object");
    };
    Introspected::judge(&mut reader, document, &text, expected, now)
}
