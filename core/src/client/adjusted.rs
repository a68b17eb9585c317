//! What an [`Adjust`](crate::client::Adjust) changes: [`AdjustedRequest`], [`AdjustedAnswer`].

use std::fmt;

use http::header;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

use crate::client::dpop::DPOP;
use crate::ground::callback_error::CallbackError;
use crate::ground::endpoint::Endpoint;
use crate::ground::wiped::Wiped;

/// The parameters of a request to one of the server's endpoints, all of them, in the order in which they are sent. They hold secrets,
/// and are wiped.
pub struct AdjustedRequest {
    pub(super) endpoint: Endpoint,
    pub(super) parameters: Vec<(String, Wiped)>,
    pub(super) headers: HeaderMap,
    pub(super) is_json: bool,
    pub(super) is_changed: bool,
}

/// Texts that may be secret.
pub(crate) type Secrets = Vec<Wiped>;

/// The shortest of them that is hidden, in bytes: a shorter one is no secret, and is in every other word.
pub(crate) const SHORTEST: usize = 4;

/// The headers that say where a request goes, by whose right, and where it ends.
const NOT_ITS_OWN: [HeaderName; 23] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    DPOP,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::COOKIE,
    header::FORWARDED,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("oauth-client-attestation"),
    HeaderName::from_static("oauth-client-attestation-pop"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-method-override"),
    HeaderName::from_static("x-original-url"),
];

/// The beginnings of more of them.
const NOT_ITS_OWN_BY_PREFIX: [&str; 2] = ["x-forwarded-", "x-rewrite-url"];

impl AdjustedRequest {
    /// Where it goes.
    #[must_use]
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The names and values.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Sets a parameter, in the place of all its values.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = Wiped::new(value.into());
        let place = self.parameters.iter().position(|(known, _)| known == name);
        self.remove(name);
        let place = place.unwrap_or(self.parameters.len()).min(self.parameters.len());
        self.parameters.insert(place, (name.to_owned(), value));
        self.is_changed = true;
    }

    /// Removes a parameter, all its values.
    pub fn remove(&mut self, name: &str) {
        let before = self.parameters.len();
        self.parameters.retain(|(known, _)| known != name);
        self.is_changed |= before != self.parameters.len();
    }

    /// Sends a parameter under another name.
    pub fn rename(&mut self, from: &str, to: &str) {
        for (name, _) in self.parameters.iter_mut().filter(|(name, _)| name == from) {
            to.clone_into(name);
            self.is_changed = true;
        }
    }

    /// Sends the parameters as the members of a JSON object, each a string, or a list of strings if it has several values.
    pub fn send_as_json(&mut self) {
        (self.is_json, self.is_changed) = (true, true);
    }

    /// Sends a header too, in the place of one of that name: the version of an API, for example.
    ///
    /// # Errors
    ///
    /// [`CallbackError`] if it is not a header's name or value; or says where the request goes, by whose right, or where it ends:
    /// `Host`, `Authorization`, `DPoP`, `Content-Type`, `X-HTTP-Method-Override`, `X-Forwarded-…` and their like.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), CallbackError> {
        let name: HeaderName =
            name.parse().map_err(|_| CallbackError::new("the header's name is not one of HTTP"))?;
        let mut value: HeaderValue = value.parse().map_err(|_| {
            CallbackError::new("the header's value has characters that a header cannot carry")
        })?;
        if NOT_ITS_OWN.contains(&name)
            || NOT_ITS_OWN_BY_PREFIX.iter().any(|prefix| name.as_str().starts_with(prefix))
        {
            let what = format!("the header {name} is not one that `Adjust` may set");
            return Err(CallbackError::new(what));
        }
        value.set_sensitive(true);
        self.headers.insert(name, value);
        self.is_changed = true;
        Ok(())
    }

    /// The values that were put into it, and were not in the request that had these parameters.
    pub(super) fn put(&self, before: &[(String, Wiped)]) -> Secrets {
        let values = self.parameters.iter().map(|(_, value)| value);
        let changed = values.filter(|value| !before.iter().any(|(_, known)| known == *value)).cloned();
        let headers = self.headers.values().filter_map(|value| value.to_str().ok());
        changed.chain(headers.map(|value| Wiped::new(value.to_owned()))).collect()
    }

    /// The body as it is sent.
    pub(super) fn encoded(&self) -> Vec<u8> {
        if !self.is_json {
            let mut form = form_urlencoded::Serializer::new(String::with_capacity(
                self.parameters.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum(),
            ));
            return form.extend_pairs(self.parameters()).finish().into_bytes();
        }
        let mut members = Map::new();
        for (name, value) in self.parameters() {
            match members.get_mut(name) {
                None => drop(members.insert(name.to_owned(), Value::from(value))),
                Some(Value::Array(values)) => values.push(Value::from(value)),
                Some(first) => *first = Value::Array(vec![first.take(), Value::from(value)]),
            }
        }
        Value::Object(members).to_string().into_bytes()
    }
}

/// An endpoint's answer.
pub struct AdjustedAnswer<'a> {
    pub(super) endpoint: Endpoint,
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Wiped<Vec<u8>>,
    pub(super) is_changed: bool,
}

impl AdjustedAnswer<'_> {
    /// Where it came from.
    #[must_use]
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// Its status, which stays as it is: an answer that is not a success is a refusal, whatever its body says.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Its headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        self.headers
    }

    /// Its body. It may hold secrets.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Puts another body in its place, which is read as JSON.
    pub fn set_body(&mut self, body: impl Into<Vec<u8>>) {
        self.body = Wiped::new(body.into());
        self.is_changed = true;
    }
}

/// The names of the parameters, and none of the values.
impl fmt::Debug for AdjustedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters().map(|(name, _)| name).collect();
        f.debug_struct("AdjustedRequest").field("parameters", &names).finish_non_exhaustive()
    }
}

/// The status, and nothing of the body.
impl fmt::Debug for AdjustedAnswer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdjustedAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}
