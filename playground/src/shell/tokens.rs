//! The tokens of an account: stored, renewed, or got anew.

use std::time::Duration;

use serde_json::Value;
use valetkey_blocking::error::Cause;
use valetkey_blocking::session::Credential;
use valetkey_blocking::store::{Store as _, StoredBytes};
use valetkey_blocking::valetkey_core::Error as CoreError;
use valetkey_blocking::{Client, Error, HttpClient, RefreshToken, Session, Tokens, UnixTime, now};

use super::account::Account;
use super::config::UNNAMED;
use super::exit::Exit;
use super::failure::Failure;
use super::terminal;
use super::values::Method;
use super::way::Way;

impl Account {
    /// The tokens: stored ones, renewed if need be, or new ones, for which a person is asked if one is there.
    pub(crate) fn tokens(&self, agent: &HttpClient) -> Result<Tokens, Failure> {
        if self.profile.method == Method::PermanentToken {
            return Ok(Tokens::new(agent.clone(), self.permanent_session()?));
        }
        let client = self.client(agent)?;
        if self.profile.method == Method::ClientCredentials {
            return self.stored(agent, &client, Session::from_grant(&client, self.own_grant()?));
        }
        let mut ended = None;
        let held = self.held_by(&client)?;
        let is_stored = held.is_some();
        // One that has ended still knows why.
        let is_of_use =
            |session: &Session| session.renews() || is_good(session) || session.credential().is_none();
        if held.is_some_and(|held| is_of_use(&held.session)) {
            let tokens = self.stored(agent, &client, Session::from_store(&client))?;
            match self.credential(&tokens) {
                // A log-out while it was renewed is one, whatever the profile could begin anew with.
                Err(failure) if failure.exit() == Exit::Authorize && self.has_ended(&client)? => {
                    return Err(failure);
                }
                Err(failure) if failure.exit() == Exit::Authorize => ended = Some(failure),
                Err(failure) => return Err(failure),
                Ok(_) => return Ok(tokens),
            }
        }
        match self.profile.method {
            Method::RefreshToken => self.refreshing(&client, agent),
            method if method.needs_person() && !terminal::is_attended() => {
                let why = if is_stored {
                    "the stored token is not good any more, and nothing renews it"
                } else {
                    "nobody is logged in"
                };
                let what = match self.name == UNNAMED {
                    true => why.to_owned(),
                    false => format!("{}: {why}", self.full_name()),
                };
                let failure = Failure::new(Exit::Authorize, what);
                let others = if self.profile.account.is_none() { self.accounts()? } else { Vec::new() };
                let meant = if is_stored { None } else { self.meant()? };
                let next = match (meant, others.is_empty()) {
                    (Some(meant), _) => format!("{meant} Otherwise {}", self.how_to_authorize()),
                    (None, true) => self.how_to_authorize(),
                    (None, false) => format!(
                        "name one of its accounts, {}, by --account; or {}",
                        others.join(", "),
                        self.how_to_authorize()
                    ),
                };
                Err(ended.unwrap_or_else(|| failure.next(next)))
            }
            _ => {
                let tokens = self.log_in(&client, agent, Way::usual())?;
                self.logged_in(&client, &tokens, agent)
            }
        }
    }

    /// The token, renewed if need be.
    pub(crate) fn credential(&self, tokens: &Tokens) -> Result<Credential, Failure> {
        let _waiting = terminal::Waiting::for_what("renewing the token");
        let pause = self.pause()?;
        tokens.credential().map_err(|error| match (self.not_renewed(error), pause) {
            (failure, Some((ago, left))) if failure.exit() != Exit::Authorize => {
                failure.remembered(ago, left)
            }
            (failure, _) => failure,
        })
    }

    /// A token that is made now, however good the stored one is.
    pub(crate) fn renewed(&self, tokens: &Tokens) -> Result<Credential, Failure> {
        let _waiting = terminal::Waiting::for_what("renewing the token");
        tokens.renewed_credential().map_err(|error| self.not_renewed(error))
    }

    /// How long ago the last renewal failed, and how long the next is waited for, if it is.
    fn pause(&self) -> Result<Option<(Duration, Duration)>, Failure> {
        let Some(held) = self.held()? else { return Ok(None) };
        let record = serde_json::to_value(&held.record).unwrap_or_default();
        let time = |name: &str| record.pointer(name).and_then(Value::as_u64).map(UnixTime::from_millis);
        let (Some(at), Some(until)) = (time("/failure/at"), time("/failure/until")) else { return Ok(None) };
        let now = now();
        Ok((at <= now && now < until).then(|| (now.since(at), until.since(now))))
    }

    /// Lets the next renewal begin at once, though the last has just failed.
    pub(crate) fn hurry(&self) -> Result<(), Failure> {
        if self.pause()?.is_none() {
            return Ok(());
        }
        let Some(client) = self.known_client()? else { return Ok(()) };
        let (place, key) = (self.place()?, self.key(&client)?);
        let Some(stored) = place.load(&key)? else { return Ok(()) };
        let mut record = serde_json::from_slice::<Value>(stored.bytes.expose()).unwrap_or_default();
        let Some(failure) = record.get_mut("failure").and_then(Value::as_object_mut) else { return Ok(()) };
        let at = failure.get("at").cloned().unwrap_or_default();
        failure.insert("until".to_owned(), at);
        let Ok(bytes) = serde_json::to_vec(&record) else { return Ok(()) };
        // What somebody else has written meanwhile counts.
        let _ = place.replace(&key, Some(&stored.version), Some(&StoredBytes::new(bytes).into()))?;
        Ok(())
    }

    /// Why there is no token, and what a person has to do for this profile.
    pub(crate) fn not_renewed(&self, error: Error) -> Failure {
        let is_other = matches!(
            error.core(),
            Some(CoreError::AuthorizationRequired(why)) if matches!(why.cause(), Cause::OtherLogin)
        );
        match Failure::from(error) {
            failure if is_other => failure.next(format!(
                "the stored session has ended, so that nothing is done in the name of another: {}. If nobody else logged in at \
                 the server, tell its operator",
                self.how_to_authorize()
            )),
            failure if failure.exit() == Exit::Authorize => failure.next(self.how_to_authorize()),
            failure => failure,
        }
    }

    /// What a person has to do for this profile.
    pub(crate) fn how_to_authorize(&self) -> String {
        match self.profile.method {
            Method::RefreshToken | Method::JwtBearer | Method::TokenExchange | Method::PermanentToken => {
                format!("get another {}, and put it where `token` says", self.profile.method.token_name())
            }
            Method::ClientCredentials => "have an administrator of the server look at this client".to_owned(),
            _ => format!("run `valetkey login {}` at a terminal", self.words()),
        }
    }

    /// A session from a refresh token that came from elsewhere.
    fn refreshing(&self, client: &Client, agent: &HttpClient) -> Result<Tokens, Failure> {
        let token = RefreshToken::new(self.profile.given_token(&self.person())?.as_str())?;
        self.begin_anew(client)?;
        self.note(client, true)?;
        let session = Session::from_refresh_token(client, token);
        let session = match self.profile.scope.clone() {
            Some(scope) => session.with_scope(scope)?,
            None => session,
        };
        self.stored(agent, client, session.with_resources(self.profile.resources()?))
    }
}

fn is_good(session: &Session) -> bool {
    session.credential().is_some_and(|credential| credential.is_valid(now()))
}
