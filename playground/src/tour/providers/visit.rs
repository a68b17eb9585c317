//! One provider through one adapter, from the login to the end of its tokens: [`Visit`].

use std::sync::Arc;
use std::time::Duration;

use valetkey_blocking::client::AuthenticationMethod::{None as Nobody, SecretBasic, SecretPost};
use valetkey_blocking::jose::{Algorithm, AwsLc, KeyPair, PrivateJwk};
use valetkey_blocking::openid::UserInfoRequest;
use valetkey_blocking::server::{Endpoint, Profile};
use valetkey_blocking::status::Revocation;
use valetkey_blocking::token::JwtAssertions;
use valetkey_blocking::{
    AuthorizationRequest, AuthorizationServer, Client, Error, Request, Response, Session, Subject,
    TokenResponse, entropy, now, send,
};
use valetkey_sandbox::{Arrival, Persona, Provider, Stage, WrittenSecret};

use super::row::{Cell, Row};
use crate::tour::Failed;
use crate::tour::adapter::{Adapter, Person};
use crate::tour::browser;

/// A provider that is played, and the client that is registered there.
pub(super) struct Visit<'a, A> {
    stage: &'a Arc<Stage>,
    persona: Persona,
    adapter: &'a A,
    client: Result<Client, Failed>,
}

impl<'a, A: Adapter> Visit<'a, A> {
    pub(super) fn new(stage: &'a Arc<Stage>, persona: Persona, adapter: &'a A) -> Result<Self, Failed> {
        let registered = |provider: &mut Provider| Registered {
            id: provider.client_id().to_owned(),
            secret: provider.client_secret().to_owned(),
            written: provider.written_secret(),
        };
        let registered = stage.provider(registered).ok_or_else(|| Failed("nobody is played".to_owned()))?;
        let client = server(persona, adapter).and_then(|server| client(server, &registered, persona));
        Ok(Self { stage, persona, adapter, client })
    }

    pub(super) fn row(&self) -> Row {
        let (persona, login) = (self.persona, self.log_in());
        let after = |check: fn(&Self, &TokenResponse) -> Result<(), Failed>| match &login {
            Ok(tokens) => Cell::from(check(self, tokens)),
            Err(_) => Cell::Failed("there is no token".to_owned()),
        };
        let never_renews = persona.never_renews().map(Cell::not_applicable);
        let never_renews_either = persona.never_renews().map(Cell::not_applicable);
        let never_denies = persona.never_denies().map(Cell::not_applicable);
        let never_revokes = persona.never_revokes().map(Cell::not_applicable);
        let row = Row {
            provider: persona.name(),
            adapter: A::NAME,
            // While its token is good.
            identity: match persona.identity() {
                Some(_) => after(Self::identity),
                None => Cell::not_applicable(("its servers tell nobody who logged in", persona.source())),
            },
            api: after(Self::api),
            renewal: never_renews.unwrap_or_else(|| after(Self::renewal)),
            dead_refresh: never_renews_either.unwrap_or_else(|| Cell::from(self.dead_refresh())),
            denial: never_denies.unwrap_or_else(|| Cell::from(self.denial())),
            revoke: never_revokes.unwrap_or_else(|| Cell::from(self.revocation())),
            logged_in: login.as_ref().ok().and_then(|tokens| Some(tokens.login()?.identity().clone())),
            login: Cell::from(login.map(drop)),
            ok: false,
        };
        row.judged()
    }

    fn client(&self) -> Result<&Client, Failed> {
        self.client.as_ref().map_err(|failed| Failed(failed.to_string()))
    }

    /// The code flow, up to the tokens.
    fn log_in(&self) -> Result<TokenResponse, Failed> {
        let client = self.client()?;
        let (mut pending, response) = self.adapter.authorize(self.person(), |redirect_uri| {
            let request = AuthorizationRequest::new(client, redirect_uri)?;
            let request = match self.persona.scope() {
                "" => request,
                scope => request.scope(scope)?,
            };
            Ok(request.begin_unbound(entropy()?, now())?)
        })?;
        Ok(self.adapter.run(pending.finish(client, &response, now())?)?)
    }

    /// Who logged in is who it should be, and UserInfo is about the same person.
    fn identity(&self, tokens: &TokenResponse) -> Result<(), Failed> {
        let login = tokens.login().ok_or_else(|| Failed("nobody is said to have logged in".to_owned()))?;
        let identity = login.identity();
        if self.persona.identity() != Some((identity.issuer(), identity.subject())) {
            return Err(Failed(format!("it is said to be {} at {}", identity.subject(), identity.issuer())));
        }
        let client = self.client()?;
        if client.server().url_of(Endpoint::Userinfo).is_some() {
            self.adapter.run(UserInfoRequest::new(client, tokens)?)?;
        }
        Ok(())
    }

    /// The token is good at the API.
    fn api(&self, tokens: &TokenResponse) -> Result<(), Failed> {
        let api = self.adapter.api(Session::from_tokens(self.client()?, tokens));
        self.good(&api)
    }

    /// A token that the API takes no longer is renewed, and the next one is good.
    fn renewal(&self, tokens: &TokenResponse) -> Result<(), Failed> {
        let api = self.adapter.api(Session::from_tokens(self.client()?, tokens));
        for _ in 0..2 {
            self.happens(Provider::end_access_tokens)?;
            let before = self.token_requests()?;
            self.good(&api)?;
            if self.token_requests()? != before + 1 {
                return Err(Failed("it is not one request that renews".to_owned()));
            }
        }
        Ok(())
    }

    /// A refresh token that is no good any more ends the session: it asks for the person, and no longer the server.
    fn dead_refresh(&self) -> Result<(), Failed> {
        let api = self.adapter.api(Session::from_tokens(self.client()?, &self.log_in()?));
        self.good(&api)?;
        self.happens(Provider::end_refresh_tokens)?;
        self.happens(Provider::end_access_tokens)?;
        let before = self.token_requests()?;
        for _ in 0..2 {
            match self.get(&api) {
                Err(error) if error.is_authorization_required() => {}
                Err(error) => return Err(Failed(format!("the person is not asked for: {error}"))),
                Ok(response) => return Err(Failed(format!("the API answers {}", response.status()))),
            }
        }
        match self.token_requests()? - before {
            1 => Ok(()),
            asked => Err(Failed(format!("the server is asked {asked} times"))),
        }
    }

    /// The person's no is known as one.
    fn denial(&self) -> Result<(), Failed> {
        self.happens(Provider::deny_next)?;
        let client = self.client()?;
        let (mut pending, response) = self.adapter.authorize(self.person(), |redirect_uri| {
            Ok(AuthorizationRequest::new(client, redirect_uri)?.begin_unbound(entropy()?, now())?)
        })?;
        match pending.finish(client, &response, now()) {
            Err(error) if error.is_access_denied() => Ok(()),
            Err(error) => Err(Failed(format!("it is not known as the person's no: {error}"))),
            Ok(_) => Err(Failed("it is taken for a yes".to_owned())),
        }
    }

    /// A token that the program ends is no good at the API.
    fn revocation(&self) -> Result<(), Failed> {
        let (client, tokens) = (self.client()?, self.log_in()?);
        let revocation = match tokens.refresh_token() {
            Some(token) if !self.persona.keeps_refresh_tokens() => Revocation::refresh_token(client, token)?,
            _ => Revocation::access_token(client, tokens.access_token())?,
        };
        self.adapter.run(revocation)?;
        let token = tokens.access_token().clone();
        let session = Session::from_permanent_token(self.persona.api(), token, Subject::User)?;
        match self.get(&self.adapter.api(session)) {
            Ok(response) if response.status().is_success() => {
                Err(Failed("the token is good after its end".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn get(&self, api: &A::Api) -> Result<Response, Error> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = self.persona.api().parse().unwrap_or_default();
        self.adapter.send(api, request)
    }

    fn good(&self, api: &A::Api) -> Result<(), Failed> {
        let response = self.get(api)?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(Failed(format!("the API answers {}", response.status()))),
        }
    }

    fn happens<T>(&self, what: impl FnOnce(&mut Provider) -> T) -> Result<T, Failed> {
        self.stage.provider(what).ok_or_else(|| Failed("nobody is played".to_owned()))
    }

    fn token_requests(&self) -> Result<usize, Failed> {
        self.happens(|provider| provider.token_requests())
    }

    /// Somebody whose browser finds the provider, and goes back where it is sent.
    fn person(&self) -> Person<'static> {
        let network = self.stage.network();
        let open = move |url: &str| {
            let answer = send(&valetkey_blocking::http_client_for(&network)?, browser::get(url)?)?;
            let arrival = Arrival::after(&answer).map_err(|_| {
                Failed(format!("the request is refused: {}", String::from_utf8_lossy(answer.body())))
            })?;
            browser::open(arrival.url().unwrap_or_default())
        };
        Person { open: Arc::new(open), patience: Duration::from_secs(10), ports: &[] }
    }
}

/// The server as its profile knows it.
fn server<A: Adapter>(persona: Persona, adapter: &A) -> Result<AuthorizationServer, Failed> {
    let profile = Profile::named(persona.name()).ok_or_else(|| Failed("it has no profile".to_owned()))?;
    match (persona.issuer(), profile.server()) {
        (Some(issuer), _) => Ok(adapter.run(profile.discovery(issuer)?)?.into_server()),
        (None, Some(server)) => Ok(server),
        (None, None) => Err(Failed("its profile has no endpoints".to_owned())),
    }
}

/// The client that is registered.
struct Registered {
    id: String,
    secret: String,
    written: Option<WrittenSecret>,
}

/// It authenticates as the profile says.
fn client(server: AuthorizationServer, registered: &Registered, persona: Persona) -> Result<Client, Failed> {
    let (id, secret) = (registered.id.as_str(), registered.secret.as_str());
    let method = server.preferred_method(&[SecretBasic, SecretPost, Nobody]);
    if persona.never_revokes().is_none() && server.url_of(Endpoint::Revocation).is_none() {
        return Err(Failed("its profile has no revocation endpoint".to_owned()));
    }
    let client = Client::new(server, id);
    let client = match method {
        _ if let Some(written) = &registered.written => {
            let key = PrivateJwk::parse(written.key.as_bytes())?;
            let key = Arc::new(KeyPair::new(&AwsLc, Algorithm::Es256, &key)?);
            let assertions = JwtAssertions::new(key, entropy()?, written.issuer, id, written.audience);
            client.secret_written_by(assertions)?
        }
        Some(SecretPost) => client.secret_in_body(secret)?,
        Some(Nobody) => client,
        _ => client.secret(secret)?,
    };
    Ok(client.api(persona.api())?)
}
