//! What a program changes of the client's requests and of their answers, where nothing else helps: [`Adjust`].
//!
//! ```text
//!  the form and the client's part ─▶ Adjust::request ─▶ sent
//!  what it says, or Refused ◀─ all checks ◀─ Adjust::answer ◀─ bounded, and no redirect ◀─ came
//! ```
//!
//! It is a part of the client, so that whatever the client posts goes through it: a login's request for tokens, a device's poll, a
//! session's renewal, a revocation.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

use crate::client::adjusted::{AdjustedAnswer, AdjustedRequest, SHORTEST, Secrets};
use crate::ground::callback_error::CallbackError;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::Error;
use crate::ground::flow::{Request, Response};
use crate::ground::limits::MAX_BODY;
use crate::ground::wiped::Wiped;
use crate::wire::json::unmarked;

/// Changes the requests that a client posts to its server, and their answers before they are read: for a server whose ways no
/// setting of [`AuthorizationServer`](crate::AuthorizationServer) has, such as one that wants requests in JSON. A client has it by
/// [`Client::adjusted_by`](crate::Client::adjusted_by).
///
/// It is asked at each endpoint that knows clients: [`Token`](crate::server::Endpoint::Token) for every grant (a code, a refresh, a
/// device's poll), [`DeviceAuthorization`](crate::server::Endpoint::DeviceAuthorization),
/// [`PushedAuthorization`](crate::server::Endpoint::PushedAuthorization), [`Revocation`](crate::server::Endpoint::Revocation) and
/// [`Introspection`](crate::server::Endpoint::Introspection). Which one it is, `endpoint` tells: what is for one of them asks that
/// first. It is not asked about the URL that a person's browser opens, whose parameters are
/// [`AuthorizationRequest::parameter`](crate::AuthorizationRequest::parameter)'s; nor about documents that anybody may read, the
/// metadata and the keys; nor about calls of an API, which are the program's own.
///
/// **It sees secrets**: the code, the tokens, the client's secret. Log nothing of what it is given.
///
/// It changes parameters and bodies and nothing else. Method, URL, `Authorization`, the DPoP proof and what is inside a signed JWT are
/// not its to change, nor an answer's status. All checks are made after it, of what it has left; so it can feed them with whatever it
/// likes, and must not make up what the server did not say. That it changed something is on the result, where that has `quirks()`:
/// [`Quirk::Adjusted`](crate::Quirk::Adjusted). A signed introspection is a JWT: if it puts JSON in its place, that is refused.
///
/// It may be asked for the same request more than once, and changes it alike each time. It is not stored: a session that is taken up
/// again has the one of the client that it is given.
///
/// A server whose token endpoint wants its parameters as JSON:
///
/// ```
/// use valetkey_core::client::{Adjust, AdjustedRequest};
/// use valetkey_core::error::CallbackError;
/// use valetkey_core::server::Endpoint;
/// use valetkey_core::{AuthorizationServer, Client};
///
/// struct AsJson;
///
/// impl Adjust for AsJson {
///     fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
///         if request.endpoint() == Endpoint::Token {
///             request.send_as_json();
///         }
///         Ok(())
///     }
/// }
///
/// let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// let client = Client::new(server, "s6BhdRkqt3").adjusted_by(AsJson);
/// # let _ = client;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// One whose answers are in an envelope, `{"status": 0, "body": {…}}`, of which a status other than 0 is a refusal:
///
/// ```
/// use serde_json::{Value, json};
/// use valetkey_core::client::{Adjust, AdjustedAnswer};
/// use valetkey_core::error::CallbackError;
///
/// struct Unwrapped;
///
/// impl Adjust for Unwrapped {
///     fn answer(&self, answer: &mut AdjustedAnswer<'_>) -> Result<(), CallbackError> {
///         let Ok(envelope) = serde_json::from_slice::<Value>(answer.body()) else { return Ok(()) };
///         match envelope["status"].as_u64() {
///             Some(0) => answer.set_body(envelope["body"].to_string()),
///             Some(number) => answer.set_body(json!({"error": format!("status_{number}")}).to_string()),
///             None => {}
///         }
///         Ok(())
///     }
/// }
/// # let _ = Unwrapped;
/// ```
pub trait Adjust: Send + Sync {
    /// Changes a request before it is sent.
    ///
    /// # Errors
    ///
    /// [`CallbackError`] if it cannot: the request is not sent, and fails with [`Error::Callback`].
    fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
        let _ = request;
        Ok(())
    }

    /// Changes an answer before it is read: one of 1 MiB at most, of any status but a redirect.
    ///
    /// # Errors
    ///
    /// [`CallbackError`] if it cannot: the request fails with [`Error::Callback`], and what the server gave is lost.
    fn answer(&self, answer: &mut AdjustedAnswer<'_>) -> Result<(), CallbackError> {
        let _ = answer;
        Ok(())
    }
}

/// What changes the messages of a client, beside what it is driven by: pointers, so that a program whose client has none is
/// linked without their code.
#[derive(Clone)]
pub(super) struct Adjusting {
    by: Arc<dyn Adjust>,
    request: AdjustRequest,
    answer: AdjustAnswer,
}

type AdjustRequest = fn(&dyn Adjust, Endpoint, &mut Request) -> Result<Option<Secrets>, Error>;
type AdjustAnswer =
    fn(&dyn Adjust, Endpoint, Response, &dyn Fn() -> Secrets) -> Result<(Response, bool), Error>;

impl Adjusting {
    pub(super) fn by(adjust: impl Adjust + 'static) -> Self {
        Self { by: Arc::new(adjust), request: adjust_request, answer: adjust_answer }
    }

    pub(super) fn request(
        &self,
        endpoint: Endpoint,
        request: &mut Request,
    ) -> Result<Option<Secrets>, Error> {
        (self.request)(&*self.by, endpoint, request)
    }

    pub(super) fn answer(
        &self,
        endpoint: Endpoint,
        response: Response,
        hidden: &dyn Fn() -> Secrets,
    ) -> Result<(Response, bool), Error> {
        (self.answer)(&*self.by, endpoint, response, hidden)
    }
}

fn adjust_request(
    adjust: &dyn Adjust,
    endpoint: Endpoint,
    request: &mut Request,
) -> Result<Option<Secrets>, Error> {
    let parameters: Vec<_> = form_urlencoded::parse(request.body())
        .map(|(name, value)| (name.into_owned(), Wiped::new(value.into_owned())))
        .collect();
    let mut adjusted = AdjustedRequest {
        endpoint,
        parameters: parameters.clone(),
        headers: HeaderMap::new(),
        is_json: false,
        is_changed: false,
    };
    let outcome = adjust.request(&mut adjusted);
    let put = adjusted.put(&parameters);
    if let Err(error) = outcome {
        let own = secrets_of(request.body());
        return Err(failed(error, endpoint, own.iter().chain(&put).map(|secret| secret.as_str())));
    }
    if adjusted.is_changed {
        drop(Wiped::new(std::mem::replace(request.body_mut(), adjusted.encoded())));
        if adjusted.is_json {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        request.headers_mut().extend(adjusted.headers);
    }
    Ok(adjusted.is_changed.then_some(put))
}

fn adjust_answer(
    adjust: &dyn Adjust,
    endpoint: Endpoint,
    response: Response,
    hidden: &dyn Fn() -> Secrets,
) -> Result<(Response, bool), Error> {
    // What core refuses anyway is not shown to anybody.
    if response.status().is_redirection() || response.body().len() > MAX_BODY {
        return Ok((response, false));
    }
    let (mut head, body) = response.into_parts();
    let mut answer = AdjustedAnswer {
        endpoint,
        status: head.status,
        headers: &head.headers,
        body: Wiped::new(body),
        is_changed: false,
    };
    let came = Wiped::new(answer.body.to_vec());
    adjust.answer(&mut answer).map_err(|error| {
        let (texts, own) = (texts(&came), hidden());
        failed(error, endpoint, texts.iter().chain(&own).map(|text| text.as_str()))
    })?;
    let (body, is_changed) = (std::mem::take(&mut *answer.body), answer.is_changed);
    if is_changed {
        head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok((Response::from_parts(head, body), is_changed))
}

/// The parameters whose values are no secrets, and may be in an error's text.
const PUBLIC: [&str; 10] = [
    "audience",
    "client_id",
    "code_challenge_method",
    "grant_type",
    "redirect_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "token_type_hint",
];

/// What of a form a text must not show.
pub(super) fn secrets_of(form: &[u8]) -> Secrets {
    form_urlencoded::parse(form)
        .filter(|(name, _)| !PUBLIC.contains(&&**name))
        .map(|(_, value)| Wiped::new(value.into_owned()))
        .collect()
}

/// The callback's error without what it may quote.
fn failed<'s>(error: CallbackError, endpoint: Endpoint, secrets: impl Iterator<Item = &'s str>) -> Error {
    let secrets: Vec<&str> = secrets.filter(|secret| secret.len() >= SHORTEST).collect();
    Error::Callback(error.without(&secrets).of(endpoint.adjusting()))
}

/// All texts of a body: of JSON at any depth, of a form otherwise.
fn texts(body: &[u8]) -> Secrets {
    fn collect(value: serde_json::Value, texts: &mut Secrets) {
        match value {
            serde_json::Value::String(text) => texts.push(Wiped::new(text)),
            serde_json::Value::Array(values) => values.into_iter().for_each(|value| collect(value, texts)),
            serde_json::Value::Object(members) => {
                members.into_iter().for_each(|(_, value)| collect(value, texts));
            }
            _ => {}
        }
    }
    let mut texts = Secrets::new();
    match serde_json::from_slice(unmarked(body)) {
        Ok(value) => collect(value, &mut texts),
        Err(_) => texts.extend(form_urlencoded::parse(body).map(|(_, value)| Wiped::new(value.into_owned()))),
    }
    texts
}
