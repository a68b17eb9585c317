//! The request of a form: authenticated by its client, or authorized by an access token.

use form_urlencoded::Serializer;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Uri};

use crate::client::Client;
use crate::client::assertion::CLIENT_ASSERTION_TYPE;
use crate::client::authentication::Authentication;
use crate::client::dpop::DPOP;
use crate::client::jwts::Jwts;
use crate::ground::error::{Error, misuse};
use crate::ground::flow::Request;
use crate::terms::secret::{AccessToken, sensitive_header};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A POST of a form that an access token authorizes.
pub(crate) fn with_token(
    endpoint: &Uri,
    mut form: Serializer<'_, String>,
    token: &AccessToken,
) -> Result<Request, Error> {
    let mut request = form_to(endpoint, &mut form);
    let header = sensitive_header(&["Bearer ", token.expose()])
        .ok_or_else(|| misuse("the access token has characters that a header cannot carry"))?;
    request.headers_mut().insert(AUTHORIZATION, header);
    Ok(request)
}

fn form_to(endpoint: &Uri, form: &mut Serializer<'_, String>) -> Request {
    let mut request = Request::new(form.finish().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = endpoint.clone();
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, FORM);
    headers.insert(ACCEPT, JSON);
    request
}

impl Client {
    /// A POST of a form to one of the server's endpoints, authenticated by the one method of this client. The JWTs are
    /// signed.
    pub(crate) fn post(&self, endpoint: &Uri, mut form: Serializer<'_, String>, jwts: &Jwts) -> Request {
        // A service account that signs its assertions is not registered, and has no identifier.
        if self.names_itself() && !self.0.id.is_empty() {
            form.append_pair(self.server().client_id_name(), &self.0.id);
        }
        if let Authentication::Post { secret } = &self.0.proof {
            form.append_pair("client_secret", secret.expose());
        }
        if let Some(assertion) = jwts.assertion() {
            form.append_pair("client_assertion_type", CLIENT_ASSERTION_TYPE)
                .append_pair("client_assertion", assertion);
        }
        form.extend_pairs(jwts.late());
        let mut request = form_to(endpoint, &mut form);
        let headers = request.headers_mut();
        if let Authentication::Basic { header, .. } = &self.0.proof {
            headers.insert(AUTHORIZATION, header.clone());
        }
        if let Some(proof) = jwts.proof() {
            headers.insert(DPOP, proof.clone());
        }
        request
    }
}
