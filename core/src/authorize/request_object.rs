//! Signed authorization requests (RFC 9101, JAR): the parameters are the claims of a JWT.
//!
//! ```text
//!  program                     browser                      authorization server
//!     │ AuthorizationRequest::signed, begin                          │
//!     ├── BrowserUrl ────────────▶├── GET /authorize?client_id…request=JWT ▶│   of a login: response_type, scope too
//!     │
//!     │ … or AuthorizationRequest::push: the browser carries none of it
//!     ├── POST /par client_id, request=JWT ─────────────────────────▶│
//!
//!  encrypted   the object is signed, then encrypted to a key of the server's: AuthorizationRequest::encrypted
//!     ├── GET jwks_uri, if no key for encryption is held ───────────▶│   start and push; begin has no round for it
//!     │◀─ 200 {"keys": […]} ─────────────────────────────────────────┤
//! ```
//!
//! No round of its own otherwise. The object is typed (`oauth-authz-req+jwt`), by the client, for the issuer alone, and good for five
//! minutes; no request is in it by reference or by value, and it has no `sub`, so that it cannot pass for a client assertion
//! ([AQ-12](crate::Rule::Aq12)). Which of the two carries it is the program's choice, and never both: `request_uri` is the
//! pushed request's alone.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::flow::{Response, Step};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::jose::jwe::{Encryption, EncryptionKey};
use crate::jose::jwt::{JwtSigner, UnsignedJwt};
use crate::jose::once::Once;
use crate::jose::signer::Signed;
use crate::server::AuthorizationServer;
use crate::server::keys::KeySearch;

/// How long a request object is good.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// What a request object says of itself, and no parameter may say.
const ABOUT_ITSELF: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

/// A request as an object, on its way to the server: it is signed, and then encrypted if it is to be
/// ([AQ-29](crate::Rule::Aq29)).
pub(crate) struct RequestObject {
    signing: Once,
    encrypting: Option<Encrypting>,
    /// What is sent, once it is made.
    text: Option<Wiped>,
}

/// What encrypts an object: with the key of the server's, once that is found.
pub(crate) struct Encrypting {
    encryption: Encryption,
    /// Of this object alone.
    entropy: Entropy,
    search: KeySearch,
    key: Option<EncryptionKey>,
}

impl Encrypting {
    pub(crate) const fn new(encryption: Encryption, entropy: Entropy, search: KeySearch) -> Self {
        Self { encryption, entropy, search, key: None }
    }
}

impl RequestObject {
    pub(crate) const fn new(unsigned: UnsignedJwt, encrypting: Option<Encrypting>) -> Self {
        Self { signing: Once::new(unsigned), encrypting, text: None }
    }

    /// What is sent, once it is made.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_ref().map(|text| text.as_str())
    }

    /// Moves on, as a flow does: to the key of the server's, then to the signature, then to what is sent.
    pub(crate) fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<()>, Error> {
        let is_sought = self.encrypting.as_ref().is_some_and(|encrypting| encrypting.key.is_none());
        if response.is_some() && !is_sought {
            return Err(misuse("an answer came before its request: step the flow with `None` first"));
        }
        if let Some(encrypting) = self.encrypting.as_mut().filter(|_| is_sought) {
            match encrypting.search.recipient(encrypting.encryption, response, now)? {
                Step::Done(key) => encrypting.key = Some(key),
                Step::Send(request) => return Ok(Step::Send(request)),
                Step::Wait(time) => return Ok(Step::Wait(time)),
            }
        }
        match self.make()? {
            Signed::Ready(()) => Ok(Step::Done(())),
            Signed::Pending(time) => Ok(Step::Wait(time)),
        }
    }

    /// What is sent, made with what is at hand: nothing is fetched, and nothing waited for.
    pub(crate) fn at_once(mut self, now: UnixTime) -> Result<Wiped, Error> {
        if let Some(encrypting) = &mut self.encrypting {
            encrypting.key = encrypting.search.held_recipient(encrypting.encryption, now);
            if encrypting.key.is_none() {
                return Err(misuse_of(
                    Rule::Aq29,
                    "the request is to be encrypted, and no key of the server's for that is held: begin it by `start`, which \
                     fetches the key",
                ));
            }
        }
        self.make()?.ready()?;
        Ok(self.text.unwrap_or_default())
    }

    /// No answer came. It goes on if keys are held.
    pub(crate) fn unanswered(&mut self, now: UnixTime) -> bool {
        self.encrypting.as_mut().is_some_and(|encrypting| encrypting.search.unanswered(now))
    }

    /// Signs it, then encrypts it, once.
    fn make(&mut self) -> Result<Signed<()>, Error> {
        if self.text.is_some() {
            return Ok(Signed::Ready(()));
        }
        let signed = match self.signing.sign()? {
            Signed::Ready(signed) => signed,
            Signed::Pending(time) => return Ok(Signed::Pending(time)),
        };
        let text = match &self.encrypting {
            None => signed.expose().to_owned(),
            Some(Encrypting { key: Some(key), entropy, .. }) => {
                let entropy = Entropy::from_seed(entropy.derive("jwe"));
                key.encrypt(signed, entropy)?.expose().to_owned()
            }
            Some(_) => return Err(misuse_of(Rule::Aq29, "the key of the server's is not known yet")),
        };
        self.text = Some(Wiped::new(text));
        Ok(Signed::Ready(()))
    }
}

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
