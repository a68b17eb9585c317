//! How a misbehaviour changes an answer that was right: the verbs of the [catalogue](crate::Misbehaviour).
//!
//! Longer than most files: each verb is said and done in one place.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use valetkey_core::{Request, Response};

use super::hostile::body;
use super::location::Location;
use crate::ground::jwe::Envelope;
use crate::ground::jws::Jws;
use crate::ground::keys::{Claims, SigningKey, SigningKeys};
use crate::ground::parameters::Parameters;
use crate::{ContentEncryption, KeyEncryption, SigningAlgorithm};

/// One way to spoil an answer. The first eight fit only a success with a JSON object.
pub(crate) enum Change {
    /// Changes the members; `false` leaves them as they were.
    Members(fn(&mut Map<String, Value>) -> bool),
    /// Gives a member this value, written as it is: it need not be JSON.
    Member(&'static str, &'static str),
    /// Leaves a member out.
    NoMember(&'static str),
    /// Writes a member twice, the second time with another value.
    TwoMembers(&'static str),
    /// Rewrites the body.
    Body(fn(&[u8]) -> Vec<u8>),
    /// Compresses the body, and says by this name how: it is gzip, whatever the name is.
    Packed(&'static str),
    /// Compresses a body that is too large.
    PackedHuge,
    /// Answers the same with another status.
    Status(u16),
    /// Sets a header of any answer.
    Header(&'static str, &'static str),
    /// Sets a header of any answer to a value of so many bytes.
    LongHeader(&'static str, usize),
    /// Rewrites the challenge of an answer that has one.
    Rechallenge(fn(&str) -> String),
    /// Takes a header out of any answer.
    NoHeader(&'static str),
    /// Answers something else altogether: status, content type, body.
    Instead(u16, &'static str, &'static str),
    /// Answers something else altogether: status, headers, body.
    Answer(u16, &'static [(&'static str, &'static str)], &'static str),
    /// Answers with a status and a header, and no body.
    Bare(u16, &'static str, &'static str),
    /// Answers 400 with a JSON body made from the request.
    Error(fn(&Request) -> Vec<u8>),
    /// Changes the header and the claims of a signed answer, and signs it again.
    Signed(fn(&mut Claims, &mut Claims)),
    /// Writes a claim of a signed answer a second time, with a value made from its first, and signs it again.
    SecondClaim(&'static str, fn(&Value) -> Value),
    /// Rewrites a signed answer, signature and all.
    Compact(fn(&str) -> String),
    /// The same with the server's keys at hand; `None` leaves it as it was.
    SignedAnew(fn(&str, &SigningKeys) -> Option<String>),
    /// Changes the claims of the ID token that comes with a renewal, and signs it again.
    Renewed(fn(&mut Claims)),
    /// Changes the header and the claims of the ID token in a redirect to the application, and signs it again.
    Front(fn(&mut Claims, &mut Claims)),
    /// Rewrites the ID token in a redirect to the application, signature and all.
    FrontCompact(fn(&str) -> String),
    /// The same with the server's keys at hand; `None` leaves it as it was.
    FrontAnew(fn(&str, &SigningKeys) -> Option<String>),
    /// Changes the members with the server's keys at hand; `false` leaves them as they were.
    MembersAnew(fn(&mut Map<String, Value>, &SigningKeys) -> bool),
    /// Signs an answer that is JSON.
    Sealed,
    /// Answers the claims of a JWT as JSON.
    Unsealed,
    /// Changes how what is signed is encrypted, where it is.
    Enclosed(fn(&mut Envelope)),
    /// Does not encrypt what should be.
    Unenclosed,
    /// Encrypts what should not be, to a key that is nobody's.
    EnclosedAnyway,
    /// Changes the answers alone of paths that have this in them.
    At(&'static str, &'static Change),
    /// Changes the parameters of a redirect to the application; `false` leaves it as it was.
    Redirect(fn(&mut Location) -> bool),
}

impl Change {
    /// Applies itself if it fits, and says whether it did.
    pub(crate) fn apply<'k>(
        &self,
        request: &Request,
        response: &mut Response,
        keys: &dyn Fn() -> &'k SigningKeys,
    ) -> bool {
        match self {
            Self::Members(change) => with_members(response, *change),
            Self::MembersAnew(change) => with_members(response, |members| change(members, keys())),
            Self::Member(name, raw) => rewrite(response, |members| {
                members.remove(*name);
                Some(format!("\"{name}\":{raw}"))
            }),
            Self::NoMember(name) => rewrite(response, |members| {
                members.remove(*name);
                None
            }),
            Self::TwoMembers(name) => rewrite(response, |members| {
                let first = members.remove(*name)?;
                Some(format!("\"{name}\":{first},\"{name}\":\"second\""))
            }),
            Self::Body(change) => {
                let fits = success(response).is_some();
                if fits {
                    *response.body_mut() = change(response.body());
                }
                fits
            }
            Self::Packed(name) => {
                let fits = success(response).is_some();
                if fits {
                    *response.body_mut() = body::gzip(response.body());
                }
                fits && set_header(response, CONTENT_ENCODING.as_str(), HeaderValue::from_static(name))
            }
            Self::PackedHuge => {
                Self::Body(body::two_mebibytes).apply(request, response, keys)
                    && Self::Packed("gzip").apply(request, response, keys)
            }
            Self::Status(status) => success(response).is_some() && set_status(response, *status),
            Self::Header(name, value) => set_header(response, name, HeaderValue::from_static(value)),
            Self::LongHeader(name, length) => HeaderValue::try_from("x".repeat(*length))
                .is_ok_and(|value| set_header(response, name, value)),
            Self::Rechallenge(change) => {
                let challenge =
                    response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
                challenge
                    .map(*change)
                    .and_then(|value| HeaderValue::try_from(value).ok())
                    .is_some_and(|value| set_header(response, WWW_AUTHENTICATE.as_str(), value))
            }
            Self::NoHeader(name) => response.headers_mut().remove(*name).is_some(),
            Self::Instead(status, content_type, body) => {
                replace(response, *status, body.as_bytes().to_vec());
                set_header(response, CONTENT_TYPE.as_str(), HeaderValue::from_static(content_type))
            }
            Self::Answer(status, headers, body) => {
                replace(response, *status, body.as_bytes().to_vec());
                for (name, value) in *headers {
                    if let Ok(name) = HeaderName::try_from(*name) {
                        response.headers_mut().append(name, HeaderValue::from_static(value));
                    }
                }
                true
            }
            Self::Bare(status, name, value) => {
                replace(response, *status, Vec::new());
                set_header(response, name, HeaderValue::from_static(value))
            }
            Self::Error(body) => {
                replace(response, 400, body(request));
                set_header(response, CONTENT_TYPE.as_str(), HeaderValue::from_static("application/json"))
            }
            Self::Signed(change) => signed(response, |token| resigned(token, keys, *change)),
            Self::SecondClaim(name, second) => signed(response, |token| {
                let jws = Jws::read(token)?;
                let second = second(jws.unverified().get(*name)?);
                let claims = Value::from(jws.unverified().clone()).to_string();
                let claims = format!("{},\"{name}\":{second}}}", claims.strip_suffix('}')?);
                Some(signer(&jws, keys)?.sign_text(&Value::from(jws.header.clone()), &claims))
            }),
            Self::Compact(change) => signed(response, |token| Some(change(token))),
            Self::SignedAnew(change) => signed(response, |token| change(token, keys())),
            Self::Renewed(change) => {
                let (asked, _) = Parameters::read(request.body());
                asked.get("grant_type") == Some("refresh_token")
                    && signed(response, |token| resigned(token, keys, |_, claims| change(claims)))
            }
            Self::Front(change) => in_redirect(response, "id_token", |token| resigned(token, keys, *change)),
            Self::FrontCompact(change) => in_redirect(response, "id_token", |token| Some(change(token))),
            Self::FrontAnew(change) => in_redirect(response, "id_token", |token| change(token, keys())),
            Self::Sealed => {
                let Some(claims) = success(response) else { return false };
                *response.body_mut() = keys().by(SigningAlgorithm::Es256).sign("JWT", &claims).into_bytes();
                set_header(response, CONTENT_TYPE.as_str(), HeaderValue::from_static("application/jwt"))
            }
            Self::Unsealed => {
                let claims = std::str::from_utf8(response.body()).ok().and_then(Jws::read);
                let Some(claims) = claims.map(|jws| Value::from(jws.unverified().clone())) else {
                    return false;
                };
                *response.body_mut() = claims.to_string().into_bytes();
                set_header(response, CONTENT_TYPE.as_str(), HeaderValue::from_static("application/json"))
            }
            Self::Enclosed(change) => response.extensions_mut().get_mut::<Envelope>().map(change).is_some(),
            Self::Unenclosed => response.extensions_mut().remove::<Envelope>().is_some(),
            Self::EnclosedAnyway => {
                let may = response.extensions().get::<Envelope>().is_none();
                may && signed(response, |token| Some(token.to_owned())) && {
                    let mut envelope =
                        Envelope::new(Value::Null, KeyEncryption::EcdhEs, ContentEncryption::A256Gcm);
                    envelope.readdress();
                    response.extensions_mut().insert(envelope).is_none()
                }
            }
            Self::At(place, change) => {
                request.uri().path().contains(place) && change.apply(request, response, keys)
            }
            Self::Redirect(change) => redirect(response, *change),
        }
    }
}

/// A token with another header and other claims, signed by the key that its header names the algorithm of.
fn resigned<'k>(
    token: &str,
    keys: &dyn Fn() -> &'k SigningKeys,
    change: impl FnOnce(&mut Claims, &mut Claims),
) -> Option<String> {
    let jws = Jws::read(token)?;
    let (mut header, mut claims) = (jws.header.clone(), jws.unverified().clone());
    change(&mut header, &mut claims);
    Some(signer(&jws, keys)?.sign_as(&Value::from(header), &claims))
}

/// The server's key for what it has signed; `None` for what a client's secret has.
fn signer<'k>(jws: &Jws<'_>, keys: &dyn Fn() -> &'k SigningKeys) -> Option<&'k SigningKey> {
    Some(keys().by(SigningAlgorithm::named(jws.header("alg"))?))
}

/// Rewrites the signed token that is the body, the `id_token` in it, or the `response` of a redirect.
pub(crate) fn signed(response: &mut Response, change: impl FnOnce(&str) -> Option<String>) -> bool {
    if response.headers().contains_key(LOCATION) {
        return in_redirect(response, "response", change);
    }
    if let Some(mut members) = success(response) {
        let token = members.get("id_token").and_then(Value::as_str).and_then(change);
        let changed = token.map(|token| members.insert("id_token".to_owned(), Value::from(token))).is_some();
        if changed {
            *response.body_mut() = Value::Object(members).to_string().into_bytes();
        }
        return changed;
    }
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.ends_with("+jwt") || value == "application/jwt") {
        return false;
    }
    let changed = std::str::from_utf8(response.body()).ok().and_then(change);
    changed.map(|token| *response.body_mut() = token.into_bytes()).is_some()
}

/// Rewrites a parameter of a redirect.
pub(crate) fn in_redirect(
    response: &mut Response,
    name: &str,
    change: impl FnOnce(&str) -> Option<String>,
) -> bool {
    redirect(response, |location| {
        let token = location.get(name).and_then(change);
        token.map(|token| location.set(name, &token)).is_some()
    })
}

fn success(response: &Response) -> Option<Map<String, Value>> {
    if !response.status().is_success() {
        return None;
    }
    match serde_json::from_slice(response.body()) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// Changes the members, if there are any.
fn with_members(response: &mut Response, change: impl FnOnce(&mut Map<String, Value>) -> bool) -> bool {
    let Some(mut members) = success(response) else { return false };
    let changed = change(&mut members);
    if changed {
        *response.body_mut() = Value::Object(members).to_string().into_bytes();
    }
    changed
}

/// Writes the members anew, with `change`'s own text after what it leaves of them.
fn rewrite(response: &mut Response, change: impl FnOnce(&mut Map<String, Value>) -> Option<String>) -> bool {
    let Some(mut members) = success(response) else { return false };
    let written = change(&mut members);
    let members = members.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())));
    let texts: Vec<String> = members.chain(written).collect();
    *response.body_mut() = format!("{{{}}}", texts.join(",")).into_bytes();
    true
}

fn set_status(response: &mut Response, status: u16) -> bool {
    StatusCode::from_u16(status).map(|status| *response.status_mut() = status).is_ok()
}

fn set_header(response: &mut Response, name: &str, value: HeaderValue) -> bool {
    HeaderName::try_from(name).map(|name| response.headers_mut().insert(name, value)).is_ok()
}

fn replace(response: &mut Response, status: u16, body: Vec<u8>) {
    response.headers_mut().clear();
    set_status(response, status);
    *response.body_mut() = body;
}

fn redirect(response: &mut Response, change: impl FnOnce(&mut Location) -> bool) -> bool {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let Some(mut location) = location.and_then(Location::read) else { return false };
    if !change(&mut location) {
        return false;
    }
    HeaderValue::try_from(location.to_string())
        .is_ok_and(|value| set_header(response, LOCATION.as_str(), value))
}
