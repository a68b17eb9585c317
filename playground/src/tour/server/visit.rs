//! A method, run: from nothing to an API call, in a few lines each: [`Visit`].

use std::cell::Cell;
use std::sync::Arc;

use valetkey_blocking::authorize::ResponseMode;
use valetkey_blocking::jose::{Algorithm, AwsLc, KeyPair, PrivateJwk};
use valetkey_blocking::openid::UserInfoRequest;
use valetkey_blocking::server::{Endpoint, ServerKeys};
use valetkey_blocking::status::{Introspection, Revocation};
use valetkey_blocking::terms::AuthorizationDetails;
use valetkey_blocking::token::TokenExchange;
use valetkey_blocking::{
    AuthorizationRequest, Client, DeviceAuthorizationRequest, DevicePoll, Dpop, Flow, Grant, Scope, Session,
    Subject, TokenRequest, TokenResponse, entropy, now,
};

use super::counted::Counted;
use super::method::{Method, OPENID};
use super::offer::shown;
use super::place::Place;
use crate::tour::Failed;
use crate::tour::adapter::Adapter;
use crate::tour::example::Seen;

/// The algorithms by which a server's own signatures are verified, should it list no other.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256, Algorithm::Rs256];

/// A method, where it is run.
pub(super) struct Visit<'a> {
    pub(super) method: Method,
    pub(super) place: &'a Place,
    client: &'a Client,
    requests: Cell<usize>,
}

impl<'a> Visit<'a> {
    pub(super) const fn new(method: Method, place: &'a Place, client: &'a Client) -> Self {
        Self { method, place, client, requests: Cell::new(0) }
    }

    /// Gets a token and calls the API with it. How many requests it took, the browser's not counted.
    pub(super) fn run<A: Adapter>(&self, adapter: &A) -> (usize, Result<Seen, Failed>) {
        self.requests.set(0);
        let outcome = self.perform(adapter);
        (self.requests.get(), outcome)
    }

    fn perform<A: Adapter>(&self, adapter: &A) -> Result<Seen, Failed> {
        let client = self.client;
        match self.method {
            Method::ClientCredentials => self.on_its_own_behalf(adapter, client),
            Method::PrivateKeyJwt => {
                let client = self.place.signing_client(client.server())?;
                let client = client.ok_or_else(|| Failed("the client has no key".to_owned()))?;
                self.on_its_own_behalf(adapter, &client)
            }
            Method::AuthorizationCode => {
                let tokens = self.code(adapter, client, Ok)?;
                self.call(adapter, client, &tokens)
            }
            Method::Pushed => {
                let tokens = self.code(adapter, client, Ok)?;
                self.call(adapter, client, &tokens)
            }
            Method::SignedRequest => {
                let key = self.place.key().ok_or_else(|| Failed("the client has no key".to_owned()))?;
                let tokens = self.code(adapter, client, |request| Ok(request.signed(key)?))?;
                self.call(adapter, client, &tokens)
            }
            Method::SignedResponse => {
                let client = self.verifying()?;
                let signed = |request: AuthorizationRequest| Ok(request.response_mode(ResponseMode::Jwt));
                let tokens = self.code(adapter, &client, signed)?;
                self.call(adapter, &client, &tokens)
            }
            Method::Dpop => {
                let client = client.clone().dpop(key_of_this_moment()?)?;
                let tokens = self.code(adapter, &client, Ok)?;
                self.call(adapter, &client, &tokens)
            }
            Method::RichDetails => {
                let details =
                    self.place.details().ok_or_else(|| Failed("no details are known".to_owned()))?;
                let details = AuthorizationDetails::new(&details)?;
                let tokens =
                    self.code(adapter, client, |request| Ok(request.authorization_details(&details)?))?;
                self.call(adapter, client, &tokens)
            }
            Method::OpenId => self.who(adapter),
            Method::RefreshToken => {
                let tokens = self.code(adapter, client, Ok)?;
                let token =
                    tokens.refresh_token().ok_or_else(|| Failed("no refresh token came".to_owned()))?;
                let grant = Grant::refresh_token(token);
                let tokens = self.flow(adapter, TokenRequest::new(client, grant)?)?;
                self.call(adapter, client, &tokens)
            }
            Method::Device => {
                let request =
                    DeviceAuthorizationRequest::new(client)?.access(self.place.scope(Subject::User)?)?;
                let device = self.flow(adapter, request)?;
                self.place.agree(device.verification_uri(), device.user_code())?;
                let tokens = self.flow(adapter, DevicePoll::new(client, device)?)?;
                self.call(adapter, client, &tokens)
            }
            Method::TokenExchange => {
                let tokens = self.code(adapter, client, Ok)?;
                let exchange = Grant::from(TokenExchange::of(tokens.access_token()));
                let exchanged = self.flow(adapter, TokenRequest::new(client, exchange)?)?;
                self.call(adapter, client, &exchanged)
            }
            Method::Introspection => {
                let tokens = self.code(adapter, client, Ok)?;
                match self.is_active(adapter, &tokens)? {
                    true => self.call(adapter, client, &tokens),
                    false => Err(Failed("the server says that its own token is not active".to_owned())),
                }
            }
            Method::Revocation => {
                let tokens = self.code(adapter, client, Ok)?;
                let seen = self.call(adapter, client, &tokens)?;
                self.flow(adapter, Revocation::access_token(client, tokens.access_token())?)?;
                match Method::Introspection.is_offered(client, self.place)
                    && self.is_active(adapter, &tokens)?
                {
                    true => Err(Failed("the token is active after its revocation".to_owned())),
                    false => Ok(seen),
                }
            }
        }
    }

    /// Who logged in, by the ID token, which is verified, and by UserInfo, which must be about the same person. The author is whom
    /// they name.
    fn who<A: Adapter>(&self, adapter: &A) -> Result<Seen, Failed> {
        let listed = self.client.server().listed("scopes_supported").unwrap_or_default();
        let is_listed = |scope: &&str| listed.iter().any(|one| one == scope);
        let scope = Scope::new([OPENID, "profile"].iter().filter(|scope| is_listed(scope)))?;
        let (mut pending, response) = adapter.authorize(self.place.person(), |redirect_uri| {
            let request = AuthorizationRequest::new(self.client, redirect_uri)?.scope(scope)?;
            self.flow(adapter, request.start_unbound(entropy()?, now())?)
        })?;
        let tokens = self.flow(adapter, pending.finish(self.client, &response, now())?)?;
        let login =
            tokens.login().ok_or_else(|| Failed("the server said nothing of who it is".to_owned()))?;
        let info = self.flow(adapter, UserInfoRequest::new(self.client, &tokens)?)?;
        let (told, claims) = (info.standard_claims(), login.standard_claims());
        let name = told.name().or_else(|| claims.name()).unwrap_or_else(|| login.identity().subject());
        Ok(Seen { status: Some(200), author: Some(shown(name)) })
    }

    fn on_its_own_behalf<A: Adapter>(&self, adapter: &A, client: &Client) -> Result<Seen, Failed> {
        let grant = Grant::client_credentials().access(self.place.scope(Subject::Application)?)?;
        let tokens = self.flow(adapter, TokenRequest::new(client, grant)?)?;
        self.call(adapter, client, &tokens)
    }

    /// The code flow from its beginning to the tokens, pushed wherever the server takes that.
    fn code<A: Adapter>(
        &self,
        adapter: &A,
        client: &Client,
        ask: impl FnOnce(AuthorizationRequest) -> Result<AuthorizationRequest, Failed>,
    ) -> Result<TokenResponse, Failed> {
        let is_pushed = self.method != Method::AuthorizationCode
            && client.server().url_of(Endpoint::PushedAuthorization).is_some();
        let (mut pending, response) = adapter.authorize(self.place.person(), |redirect_uri| {
            let request = AuthorizationRequest::new(client, redirect_uri)?;
            let request = ask(request.access(self.place.scope(Subject::User)?)?)?;
            let request = if is_pushed { request.pushed() } else { request };
            self.flow(adapter, request.start_unbound(entropy()?, now())?)
        })?;
        let response = self.flow(adapter, pending.open(client, &response)?)?;
        self.flow(adapter, pending.finish(client, &response, now())?)
    }

    fn call<A: Adapter>(&self, adapter: &A, client: &Client, tokens: &TokenResponse) -> Result<Seen, Failed> {
        let subject = self.method.subject();
        let Some(request) = self.place.example(client, subject)? else {
            return Ok(Seen { status: None, author: None });
        };
        let mut session = Session::from_tokens(client, tokens);
        let response = self.flow(adapter, session.call(request)?)?;
        Ok(self.place.seen(&response, subject))
    }

    fn is_active<A: Adapter>(&self, adapter: &A, tokens: &TokenResponse) -> Result<bool, Failed> {
        let question = Introspection::new(self.client, tokens.access_token())?;
        Ok(self.flow(adapter, question)?.active().is_some())
    }

    /// The client at a server whose signatures can be verified.
    fn verifying(&self) -> Result<Client, Failed> {
        let server = self.client.server();
        let keys = ServerKeys::published(server, Arc::new(AwsLc), &ALGORITHMS)?;
        let client = self.place.client(&server.clone().keys(keys))?;
        client.ok_or_else(|| Failed("the client is not known".to_owned()))
    }

    fn flow<A: Adapter, F: Flow>(&self, adapter: &A, flow: F) -> Result<F::Output, Failed> {
        Ok(adapter.run(Counted { flow, requests: &self.requests })?)
    }
}

/// A key that lives as long as the tokens of one row.
fn key_of_this_moment() -> Result<Dpop, Failed> {
    let key = PrivateJwk::generate(&AwsLc, Algorithm::Es256, entropy()?)?;
    let key = KeyPair::new(&AwsLc, Algorithm::Es256, &key)?;
    Ok(Dpop::of(Arc::new(key), entropy()?)?)
}
