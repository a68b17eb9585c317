//! The registered program: [`Client`].

use std::fmt;
use std::sync::Arc;

use form_urlencoded::Serializer;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Uri};

use crate::client_auth::Proof;
use crate::error::{Error, misuse_of};
use crate::secret::ClientSecret;
use crate::uri::Apis;
use crate::{AuthenticationMethod, AuthorizationServer, Quirk, Request, Rule};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A client as it is registered at one authorization server: an identifier, how it authenticates, and the APIs
/// that take its tokens.
///
/// What does not change between requests is prepared here once. A clone is a counted pointer.
///
/// ```
/// use valetkey_core::{AuthorizationServer, Client, ClientSecret};
///
/// let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// let client = Client::new(server, "s6BhdRkqt3")
///     .secret(ClientSecret::new("gX1fBAt3bV")?)?
///     .api("https://api.example")?;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(Arc<Registration>);

#[derive(Clone)]
struct Registration {
    server: AuthorizationServer,
    id: String,
    proof: Proof,
    apis: Apis,
}

impl Client {
    /// A public client: it has an identifier and no secret.
    #[must_use]
    pub fn new(server: AuthorizationServer, id: impl Into<String>) -> Self {
        Self(Arc::new(Registration { server, id: id.into(), proof: Proof::None, apis: Apis::default() }))
    }

    /// Authenticates by `client_secret_basic`, which every server that knows secrets takes (RFC 6749 §2.3.1).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the client already authenticates (CA-1), or if the server's quirk
    /// [`Quirk::RawBasic`] makes Basic credentials that cannot be read back, with a colon in the identifier.
    pub fn secret(self, secret: ClientSecret) -> Result<Self, Error> {
        self.require_no_proof()?;
        let proof = Proof::basic(self.id(), secret, self.server().quirks().contains(Quirk::RawBasic))?;
        Ok(self.change(|registration| registration.proof = proof))
    }

    /// Authenticates by `client_secret_post`, for servers that take no Basic.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the client already authenticates (CA-1).
    pub fn secret_in_body(self, secret: ClientSecret) -> Result<Self, Error> {
        self.require_no_proof()?;
        Ok(self.change(|registration| registration.proof = Proof::Post { secret }))
    }

    /// Names an API that takes this client's access tokens, by any URL of it: they go to its origin (scheme, host
    /// and port) and to no other (WA-5). May be called for several.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DI-5) if it is no https URL.
    pub fn api(self, url: &str) -> Result<Self, Error> {
        let apis = self.0.apis.clone().and(url, self.server().quirks())?;
        Ok(self.change(|registration| registration.apis = apis))
    }

    /// The client identifier (RFC 6749 §2.2).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The authorization server where the client is registered.
    #[must_use]
    pub fn server(&self) -> &AuthorizationServer {
        &self.0.server
    }

    /// How the client authenticates.
    #[must_use]
    pub fn method(&self) -> AuthenticationMethod {
        self.0.proof.method()
    }

    /// The same registration under an identifier of its own.
    pub(crate) fn with_id(&self, id: &str) -> Self {
        self.clone().change(|registration| registration.id = id.to_owned())
    }

    pub(crate) fn secret_text(&self) -> Option<&str> {
        self.0.proof.secret()
    }

    /// Everything of the client's proof that a server must not get us to log.
    pub(crate) fn secret_texts(&self) -> impl Iterator<Item = &str> {
        self.secret_text().into_iter().chain(self.0.proof.basic_text())
    }

    pub(crate) fn apis(&self) -> &Apis {
        &self.0.apis
    }

    /// The bytes that this client adds to a form at most, encoded.
    pub(crate) fn form_size(&self) -> usize {
        3 * (self.0.id.len() + self.secret_text().map_or(0, str::len))
    }

    /// A POST of a form to one of the server's endpoints, authenticated by the one method of this client.
    pub(crate) fn post(&self, endpoint: &Uri, mut form: Serializer<'_, String>) -> Request {
        match &self.0.proof {
            Proof::None => {
                form.append_pair("client_id", &self.0.id);
            }
            Proof::Basic { .. } => {}
            Proof::Post { secret } => {
                form.append_pair("client_id", &self.0.id).append_pair("client_secret", secret.expose());
            }
        }
        let mut request = Request::new(form.finish().into_bytes());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = endpoint.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, FORM);
        headers.insert(ACCEPT, JSON);
        if let Proof::Basic { header, .. } = &self.0.proof {
            headers.insert(AUTHORIZATION, header.clone());
        }
        request
    }

    fn require_no_proof(&self) -> Result<(), Error> {
        match self.0.proof {
            Proof::None => Ok(()),
            _ => {
                Err(misuse_of(Rule::Ca1, "a client authenticates by one method, and this one has it already"))
            }
        }
    }

    fn change(mut self, change: impl FnOnce(&mut Registration)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.0.id)
            .field("method", &self.method())
            .finish_non_exhaustive()
    }
}
