//! What every endpoint for clients has in common: a form, posted by a client that says or proves who it is.

use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, StatusCode};
use valetkey_core::{Request, Response, UnixTime};

use super::certificate;
use super::client_auth::{Authenticated, authenticate};
use crate::ground::answer;
use crate::ground::parameters::Parameters;
use crate::ground::refusal::refusal;
use crate::world::ledger::Binding;
use crate::{Application, Sandbox};

/// A client and its parameters.
pub(crate) struct ClientRequest {
    pub(crate) client: Authenticated,
    pub(crate) parameters: Parameters,
    /// What the client proved to have, and tokens can be bound to.
    pub(crate) binding: Option<Binding>,
    pub(crate) now: UnixTime,
}

impl Sandbox {
    /// Reads the request and authenticates its client, or answers why not.
    pub(crate) fn client_request(
        &mut self,
        request: &Request,
        now: UnixTime,
    ) -> Result<ClientRequest, Box<Response>> {
        let parameters = posted(request)?.renamed(&self.settings.client_id_name, "client_id");
        if parameters.get("client_assertion").is_some() && self.settings.modern() {
            let other =
                request.headers().contains_key(AUTHORIZATION) || parameters.get("client_secret").is_some();
            if other {
                let reason = ("invalid_request", "The client authenticates in more than one way");
                return Err(Box::new(refusal(reason)));
            }
            let failed = || Box::new(refusal(("invalid_client", "Client authentication failed")));
            let application = self.asserted_client(&parameters, now).ok_or_else(failed)?;
            let client = Authenticated { application, proven: true };
            return Ok(ClientRequest { client, parameters, binding: None, now });
        }
        if let Some(application) = self.certified_client(request, &parameters) {
            let client = Authenticated { application, proven: true };
            return Ok(ClientRequest { client, parameters, binding: None, now });
        }
        let client = authenticate(request.headers(), &parameters, &self.settings, |id| self.application(id))?;
        Ok(ClientRequest { client, parameters, binding: None, now })
    }

    /// The client that a certificate proves; it names itself in the body, and sends nothing else to prove it.
    fn certified_client(&self, request: &Request, parameters: &Parameters) -> Option<Application> {
        let shown = certificate::thumbprint(request).filter(|_| self.settings.modern())?;
        let application = self.application(parameters.get("client_id")?)?;
        let proven = application.certificate.as_deref() == Some(shown);
        (proven && !authenticates_otherwise(request, parameters)).then(|| application.clone())
    }
}

/// The form that is posted, or the answer that refuses what came.
pub(crate) fn posted(request: &Request) -> Result<Parameters, Box<Response>> {
    if request.method() != Method::POST {
        let mut response = refusal(("invalid_request", "Only POST is answered here"));
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        answer::set(&mut response, ALLOW, "POST");
        return Err(Box::new(response));
    }
    let invalid = |reason| Box::new(refusal(("invalid_request", reason)));
    if !is_form(request) {
        return Err(invalid("The body must be application/x-www-form-urlencoded"));
    }
    let (parameters, verdict) = Parameters::read(request.body());
    verdict.map(|()| parameters).map_err(invalid)
}

fn authenticates_otherwise(request: &Request, parameters: &Parameters) -> bool {
    request.headers().contains_key(AUTHORIZATION) || parameters.get("client_secret").is_some()
}

fn is_form(request: &Request) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
