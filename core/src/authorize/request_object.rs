//! Signed authorization requests (RFC 9101, JAR): the parameters are the claims of a JWT.
//!
//! ```text
//!  program                     browser                      authorization server
//!     │ AuthorizationRequest::signed, begin                          │
//!     ├── BrowserUrl ────────────▶├── GET /authorize?client_id…request=JWT ▶│
//!     │
//!     │ … or AuthorizationRequest::push: the browser carries none of it
//!     ├── POST /par client_id, request=JWT ─────────────────────────▶│
//! ```
//!
//! No round of its own. The object is typed (`oauth-authz-req+jwt`), by the client, for the issuer alone, and good for five
//! minutes; no request is in it by reference or by value, and it has no `sub`, so that it cannot pass for a client assertion
//! ([AQ-12](crate::Rule::Aq12)). Which of the two carries it is the program's choice, and never both: `request_uri` is the
//! pushed request's alone.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::jwt::{JwtSigner, UnsignedJwt};
use crate::server::AuthorizationServer;

/// How long a request object is good.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// What a request object says of itself, and no parameter may say.
const ABOUT_ITSELF: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

/// Writes a request as an object, to be signed.
pub(crate) fn write(
    signer: &JwtSigner,
    server: &AuthorizationServer,
    client_id: &str,
    parameters: &[(&str, &str)],
    jti: String,
    now: UnixTime,
) -> Result<UnsignedJwt, Error> {
    let mut claims = Map::new();
    for (name, value) in parameters {
        if ABOUT_ITSELF.contains(name) {
            let what = format!(
                "the parameter {name:?} cannot be in a signed request: one of its claims has that name"
            );
            return Err(misuse_of(Rule::Aq12, what));
        }
        let value = claim(name, value);
        match claims.get_mut(*name) {
            None => drop(claims.insert((*name).to_owned(), value)),
            // A parameter that may come several times is a list (RFC 8707 §2.1).
            Some(Value::Array(several)) if *name == "resource" => several.push(value),
            Some(one) => {
                let first = one.take();
                *one = Value::Array(vec![first, value]);
            }
        }
    }
    let about_itself = [
        ("iss", Value::from(client_id)),
        ("aud", Value::from(require_issuer(server)?)),
        ("iat", Value::from(now.as_secs())),
        ("nbf", Value::from(now.as_secs())),
        ("exp", Value::from(now.after(LIFETIME).as_secs())),
        ("jti", Value::from(jti)),
    ];
    claims.extend(about_itself.map(|(name, value)| (name.to_owned(), value)));
    signer.write(&claims)
}

/// A parameter as a claim: a string, but JSON where it is JSON and a number where it is one (RFC 9101 §4, RFC 9396 §2,
/// OpenID Connect Core §6.1). Both were checked when they were set.
fn claim(name: &str, value: &str) -> Value {
    let read = match name {
        "max_age" => value.parse().ok().map(|seconds: u64| Value::from(seconds)),
        "authorization_details" | "claims" => serde_json::from_str(value).ok(),
        _ => None,
    };
    read.unwrap_or_else(|| Value::from(value))
}

pub(crate) fn require_issuer(server: &AuthorizationServer) -> Result<&str, Error> {
    server.issuer_identifier().ok_or_else(|| {
        misuse_of(
            Rule::Aq12,
            "a signed request names the server's issuer, and it is not known: discover the server, or name \
             its `issuer`",
        )
    })
}
