//! A profile with its client, and what is stored of it: [`Account`].

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use valetkey_blocking::session::{Credential, SessionRecord};
use valetkey_blocking::store::{Store as _, StoreKey};
use valetkey_blocking::{
    AccessToken, AuthorizationServer, Client, Grant, HttpClient, Quirks, Session, Subject, TokenResponse,
    Tokens, UnixTime, now,
};

use super::config::UNNAMED;
use super::exit::Exit;
use super::failure::Failure;
use super::folders::at;
use super::login;
use super::openid;
use super::profile::Profile;
use super::storage::{Place, is_end, open};
use super::values::Method;
use super::way::Way;
use super::{dialect, keys, network, server, source};

/// A profile that is in use.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) profile: Profile,
    /// The folder of the configuration file.
    folder: PathBuf,
    /// What the command line sets, as it is written there.
    set: Vec<String>,
}

/// What is stored of an account.
pub(crate) struct Held {
    pub(crate) record: SessionRecord,
    pub(crate) session: Session,
}

impl Account {
    pub(crate) fn new(name: String, profile: Profile, folder: &Path) -> Self {
        Self { name, profile, folder: folder.to_owned(), set: Vec::new() }
    }

    /// The same with what the command line set, to be told where the person has to run another.
    pub(crate) fn setting(self, set: Vec<String>) -> Self {
        Self { set, ..self }
    }

    /// What names this login on a command line, with what was set on this one.
    pub(crate) fn words(&self) -> String {
        let name = Some(self.full_name()).filter(|name| name != UNNAMED);
        name.into_iter().chain(self.set.iter().cloned()).collect::<Vec<_>>().join(" ")
    }

    /// Where the tokens are kept, in a sentence.
    pub(crate) fn store_place(&self) -> String {
        match self.store_name() {
            "keyring" => "the keyring".to_owned(),
            "file" => "a file of yours".to_owned(),
            name => name.strip_prefix("file:").unwrap_or(name).to_owned(),
        }
    }

    /// Where the tokens are kept: the keyring by default.
    pub(crate) fn store_name(&self) -> &str {
        self.profile.store.as_deref().unwrap_or("keyring")
    }

    /// Whose the secrets in the keyring are. A permanent token is for an API, whatever server made it.
    pub(crate) fn owner(&self) -> String {
        let profile = &self.profile;
        let server = match profile.method {
            Method::PermanentToken => profile.apis().next().unwrap_or_default(),
            _ => profile.server_name(),
        };
        source::owner(&self.name, profile.client_id.as_deref().unwrap_or_default(), server)
    }

    /// The same for what is a person's: each login of the profile has its own.
    pub(crate) fn person(&self) -> String {
        match &self.profile.account {
            Some(account) => format!("{}, account {account}", self.owner()),
            None => self.owner(),
        }
    }

    /// What sends the requests of this profile.
    pub(crate) fn agent(&self) -> Result<HttpClient, Failure> {
        let ca = self.profile.ca.as_deref().map(|ca| at(ca, &self.folder)).transpose()?;
        network::agent(ca.as_deref())
    }

    pub(crate) fn place(&self) -> Result<Place, Failure> {
        open(self.store_name(), &self.folder)
    }

    /// What the tokens are kept under. A profile that asks for something else has other tokens.
    pub(crate) fn key(&self, client: &Client) -> Result<StoreKey, Failure> {
        let profile = &self.profile;
        let scope = profile.scope.as_ref().map(ToString::to_string);
        let resources: Vec<_> = profile.resource.iter().collect();
        let mut asked = vec![json!(self.name), json!(scope), json!(resources), json!(profile.parameters)];
        let also = &profile.token_parameters;
        asked.extend((!also.is_empty()).then(|| json!({ "token_parameters": also })));
        asked.extend(profile.security_profile.map(|held| json!({ "security_profile": held.name() })));
        asked.extend(profile.account.as_ref().map(|account| json!({ "account": account })));
        let asked = Value::from(asked).to_string();
        let key = match profile.method {
            Method::ClientCredentials => StoreKey::of_application(client, &self.own_grant()?),
            _ => StoreKey::of_only_user(client),
        };
        Ok(key.named(&asked))
    }

    /// The client without its secret, if the server need not be asked about itself. Enough to look into the store.
    pub(crate) fn known_client(&self) -> Result<Option<Client>, Failure> {
        self.unbound_client()?.map(|client| self.bound(client, false)).transpose()
    }

    /// The same without the key of its bound tokens.
    fn unbound_client(&self) -> Result<Option<Client>, Failure> {
        server::known(&self.profile)?.map(|server| self.public_client(server)).transpose()
    }

    /// The client as it is registered, with the key of its bound tokens.
    pub(crate) fn client(&self, agent: &HttpClient) -> Result<Client, Failure> {
        let client = self.public_client(server::found(&self.profile, agent)?)?;
        let client = keys::authenticating(&self.profile, &self.owner(), client)?;
        let client = self.profile.security_profile.into_iter().fold(client, Client::security_profile);
        self.bound(openid::registered(&self.profile, client)?, true)
    }

    /// The client with the key that its tokens are bound to, if the profile wants one.
    fn bound(&self, client: Client, make: bool) -> Result<Client, Failure> {
        if self.profile.dpop {
            keys::bound(&self.full_name(), &self.place()?, client, make)
        } else {
            Ok(client)
        }
    }

    /// Forgets the key that tokens were bound to, if there may be one.
    pub(crate) fn forget_key(&self) -> Result<(), Failure> {
        match self.unbound_client()? {
            Some(client) if self.profile.dpop => keys::forget(&self.full_name(), &self.place()?, &client),
            _ => Ok(()),
        }
    }

    fn public_client(&self, server: AuthorizationServer) -> Result<Client, Failure> {
        let client = Client::new(server, self.profile.client_id.as_deref().unwrap_or_default());
        let client = self.profile.apis().try_fold(client, Client::api)?;
        Ok(client.require_admitted().map(|()| client)?)
    }

    /// What is stored. Nothing is asked of any server.
    pub(crate) fn held(&self) -> Result<Option<Held>, Failure> {
        match self.known_client()? {
            Some(client) => self.held_by(&client),
            None => Ok(None),
        }
    }

    pub(super) fn held_by(&self, client: &Client) -> Result<Option<Held>, Failure> {
        match self.stored_by(client)? {
            Some(Some(held)) => Ok(Some(held)),
            Some(None) => {
                Err(Failure::new(Exit::Store, "the stored record cannot be read, or has a later version")
                    .next("`valetkey logout` forgets it"))
            }
            None => Ok(None),
        }
    }

    /// What is stored and has not ended; nothing in it if it cannot be read.
    pub(super) fn stored_by(&self, client: &Client) -> Result<Option<Option<Held>>, Failure> {
        // A permanent token is stored where it came from, and its profile needs no store.
        if self.profile.method == Method::PermanentToken {
            return Ok(None);
        }
        let key = self.key(client)?;
        let Some(stored) = self.place()?.load(&key)? else { return Ok(None) };
        let record = serde_json::from_slice::<SessionRecord>(stored.bytes.expose()).ok();
        if record.as_ref().is_some_and(is_end) {
            return Ok(None);
        }
        let held = record.and_then(|record| {
            record.require_owner(&key).ok()?;
            let session = Session::from_record(client, record.clone()).ok()?;
            Some(Held { record, session })
        });
        Ok(Some(held))
    }

    /// The stored token, if it is good now and for a while: without a secret, a request, or a thread.
    pub(crate) fn fresh(&self, now: UnixTime) -> Result<Option<(Credential, Held)>, Failure> {
        match self.known_client()? {
            Some(client) => self.fresh_by(&client, now),
            None => Ok(None),
        }
    }

    fn fresh_by(&self, client: &Client, now: UnixTime) -> Result<Option<(Credential, Held)>, Failure> {
        let Some(held) = self.held_by(client)? else { return Ok(None) };
        Ok(held.session.shared().fresh(now).map(|credential| (credential, held)))
    }

    /// The stored token, if it is good for a while, for requests: not renewed, and so in need of neither the client's
    /// secret nor anything of its server.
    pub(crate) fn unrenewed(&self, agent: &HttpClient) -> Result<Option<Tokens>, Failure> {
        let Some(client) = self.known_client()? else { return Ok(None) };
        let Some((_, held)) = self.fresh_by(&client, now())? else { return Ok(None) };
        let mut record = serde_json::to_value(&held.record).unwrap_or_default();
        if let Some(members) = record.as_object_mut() {
            members.remove("refresh_token");
        }
        let Ok(record) = serde_json::from_value(record) else { return Ok(None) };
        Ok(Some(Tokens::new(agent.clone(), Session::from_record(&client, record)?)))
    }

    /// A token that neither expires nor is stored, as it was made.
    pub(crate) fn permanent_token(&self) -> Result<AccessToken, Failure> {
        Ok(AccessToken::new(self.profile.given_token(&self.person())?.as_str())?)
    }

    /// The session of a permanent token, for the first API that the profile names.
    pub(crate) fn permanent_session(&self) -> Result<Session, Failure> {
        let quirks: Quirks = self.profile.admitted().map_err(Failure::usage)?;
        let api = self.profile.apis().next();
        let api =
            api.ok_or_else(|| Failure::usage("`api`, where the permanent token may be sent, is missing"))?;
        let subject = self.profile.subject.unwrap_or(Subject::User);
        Ok(Session::from_permanent_token(api, self.permanent_token()?, subject)?.admit_all(quirks))
    }

    /// Gets tokens by the profile's method, with a person's help where it needs any.
    pub(crate) fn log_in(
        &self,
        client: &Client,
        agent: &HttpClient,
        way: Way,
    ) -> Result<TokenResponse, Failure> {
        login::perform(&self.profile, &self.person(), client, agent, way)
    }

    /// Stores the tokens of a login, in the place of what was there.
    pub(crate) fn logged_in(
        &self,
        client: &Client,
        tokens: &TokenResponse,
        agent: &HttpClient,
    ) -> Result<Tokens, Failure> {
        let tokens = self.stored(agent, client, Session::from_tokens(client, tokens))?;
        self.note(client, true)?;
        Ok(tokens)
    }

    pub(super) fn stored(
        &self,
        agent: &HttpClient,
        client: &Client,
        session: Session,
    ) -> Result<Tokens, Failure> {
        let session = dialect::refreshing(&self.profile, session)?;
        Ok(Tokens::stored(agent.clone(), session, self.key(client)?, self.place()?)?)
    }

    /// The grant by which the client acts for itself.
    pub(super) fn own_grant(&self) -> Result<Grant, Failure> {
        login::asking(&self.profile, Grant::client_credentials())
    }
}
