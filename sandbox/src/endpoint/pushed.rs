//! Pushed authorization requests (RFC 9126): the client sends its request itself, and the browser only a name for it.
//!
//! ```text
//! the client                                            the server
//!   POST /oauth/par, the whole request                →
//!                                                     ←  201 request_uri, expires_in
//! the browser
//!   GET /oauth/auth?client_id=…&request_uri=…         →
//!                                                     ←  the form
//! ```

use http::StatusCode;
use serde_json::json;
use valetkey_core::{Request, Response, UnixTime};

use super::authorization_request;
use crate::Sandbox;
use crate::ground::answer;
use crate::ground::parameters::Parameters;
use crate::ground::refusal::refusal;
use crate::proof::client_request::ClientRequest;
use crate::world::asked::{AuthorizationRequest, Refused};
use crate::world::ledger::Binding;
use crate::world::waiting::Pushed;

const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// How long a pushed request waits for its browser, in seconds.
const LIFETIME: u64 = 60;

impl Sandbox {
    pub(crate) fn pushed_authorization_endpoint(&mut self, request: &Request, now: UnixTime) -> Response {
        let ClientRequest { client, parameters, .. } = match self.client_request(request, now) {
            Ok(request) => request,
            Err(response) => return *response,
        };
        if parameters.get("request_uri").is_some() {
            return refusal(("invalid_request", "request_uri cannot be pushed"));
        }
        if !self.settings.pushed_proofs && request.headers().contains_key("dpop") {
            let reason = "A pushed request has no proof here: name the key by dpop_jkt alone";
            return refusal(("invalid_dpop_proof", reason));
        }
        let key = match self.binding(request, now) {
            Ok(binding) => binding.as_ref().and_then(Binding::key).map(str::to_owned),
            Err(response) => return *response,
        };
        if key.is_some() && parameters.get("dpop_jkt").is_some_and(|named| Some(named) != key.as_deref()) {
            return refusal(("invalid_dpop_proof", "dpop_jkt names another key than the proof"));
        }
        let client_id = client.application.client_id;
        // A client that authenticated by a header need not name itself in the body.
        let parameters = parameters.with("client_id", &client_id);
        let mut request = match self
            .opened(&parameters, now)
            .and_then(|opened| self.asked(&parameters, opened.as_ref(), Ok(())))
        {
            Ok(request) => request,
            Err(refused) => return refusal(refused.refusal()),
        };
        // A proof binds the code as dpop_jkt would (RFC 9449 §10.1).
        request.key = request.key.or(key);
        let name = self.random.draw("request");
        let expires = now.after(std::time::Duration::from_secs(LIFETIME));
        self.pushed.insert(name.clone(), Pushed { client_id, request, expires });
        let document = json!({ "request_uri": format!("{PREFIX}{name}"), "expires_in": LIFETIME });
        answer::json(StatusCode::CREATED, &document)
    }

    /// What a browser asks for: by the query itself, or by the name of what was pushed.
    pub(crate) fn authorization_request(
        &mut self,
        query: &str,
        now: UnixTime,
    ) -> Result<AuthorizationRequest, Refused> {
        let (parameters, verdict) = Parameters::read(query.as_bytes());
        let parameters = parameters.renamed(&self.settings.client_id_name, "client_id");
        if self.settings.modern()
            && parameters.get("request").is_some()
            && parameters.get("request_uri").is_some()
        {
            return Err(Refused::Page("Either request or request_uri, not both."));
        }
        match parameters.get("request_uri").filter(|_| self.settings.modern()) {
            Some(request_uri) => {
                let client_id = parameters.get("client_id");
                self.pushed(request_uri, client_id, now)
                    .ok_or(Refused::Page("This request_uri is unknown, was used, or has expired."))
            }
            None => {
                let opened = self.opened(&parameters, now)?;
                if opened.as_ref().is_some_and(|opened| !is_login_beside(&parameters, opened)) {
                    return Err(Refused::Object(
                        "What is beside the request object differs from it, or is missing.",
                    ));
                }
                let request = self.asked(&parameters, opened.as_ref(), verdict)?;
                if self.must_push(&request.client_id) {
                    let reason = ("invalid_request", "The request must be pushed");
                    return Err(Refused::Redirect(Box::new(request.redirect), reason));
                }
                Ok(request)
            }
        }
    }

    /// Reads a request, and checks what it takes the whole server to check. `opened` is what was in its signed object.
    fn asked(
        &self,
        parameters: &Parameters,
        opened: Option<&Parameters>,
        verdict: Result<(), &'static str>,
    ) -> Result<AuthorizationRequest, Refused> {
        let (parameters, verdict) = opened.map_or((parameters, verdict), |opened| (opened, Ok(())));
        let request =
            authorization_request::read(parameters, verdict, &self.settings, |id| self.application(id))?;
        if opened.is_none() && self.must_sign(&request.client_id) {
            let reason = ("invalid_request", "The request must be signed");
            return Err(Refused::Redirect(Box::new(request.redirect), reason));
        }
        match self.resources(parameters) {
            Ok(resources) => Ok(AuthorizationRequest { resources, ..request }),
            Err(reason) => Err(Refused::Redirect(Box::new(request.redirect), reason)),
        }
    }

    /// The pushed request of a client, once and in time.
    fn pushed(
        &mut self,
        request_uri: &str,
        client_id: Option<&str>,
        now: UnixTime,
    ) -> Option<AuthorizationRequest> {
        let name = request_uri.strip_prefix(PREFIX)?;
        self.pushed.get(name).filter(|pushed| Some(pushed.client_id.as_str()) == client_id)?;
        let pushed = self.pushed.remove(name)?;
        (now < pushed.expires).then_some(pushed.request)
    }

    fn must_push(&self, client_id: &str) -> bool {
        let application = self.application(client_id);
        self.settings.modern()
            && (self.settings.require_pushed || application.is_some_and(|application| application.must_push))
    }
}

/// Whether a login that is asked for in an object is an authorization request without it too: what OAuth and OpenID Connect
/// require of one stands beside it, as it is inside (OpenID Connect Core §6.1).
fn is_login_beside(outside: &Parameters, inside: &Parameters) -> bool {
    let is_login = inside.get("scope").is_some_and(|scope| scope.split(' ').any(|token| token == "openid"));
    !is_login || ["response_type", "scope"].iter().all(|name| outside.get(name) == inside.get(name))
}
