//! The end of what is stored of an account: a log-out.

use valetkey_blocking::session::{Ended, RenewalAnswer, RenewalStep};
use valetkey_blocking::store::{Store as _, Stored};
use valetkey_blocking::{Client, HttpClient, Session, now};

use super::account::Account;
use super::failure::Failure;
use super::storage::is_end;
use super::terminal;
use super::values::Method;

impl Account {
    /// Whether something is stored, readable or not, that has not ended.
    pub(crate) fn is_stored(&self, client: &Client) -> Result<bool, Failure> {
        Ok(self.stored_by(client)?.is_some())
    }

    /// Takes away what a log-out left, for a session that begins with a token from elsewhere: to core this is no login, and what
    /// has ended would stay ended.
    pub(super) fn begin_anew(&self, client: &Client) -> Result<(), Failure> {
        if let Some(end) = self.end_of(client)? {
            // A conflict is somebody else's beginning.
            let _ = self.place()?.replace(&self.key(client)?, Some(&end.version), None)?;
        }
        Ok(())
    }

    /// Whether the last that became of it is a log-out.
    pub(super) fn has_ended(&self, client: &Client) -> Result<bool, Failure> {
        Ok(self.end_of(client)?.is_some())
    }

    fn end_of(&self, client: &Client) -> Result<Option<Stored>, Failure> {
        let stored = self.place()?.load(&self.key(client)?)?;
        let is_over = |stored: &Stored| {
            serde_json::from_slice(stored.bytes.expose()).is_ok_and(|record| is_end(&record))
        };
        Ok(stored.filter(is_over))
    }

    /// Ends what is stored, for every process, and then at the server. A renewal under way, in this process or another, brings
    /// nothing back: it finds that the session has ended.
    pub(crate) fn end(&self, agent: &HttpClient, client: &Client) -> Result<Ended, Failure> {
        let _waiting = terminal::Waiting::for_what("ending the session");
        Ok(self.stored(agent, client, self.stored_session(client)?)?.end()?)
    }

    /// The same here alone: the server is asked for nothing.
    pub(crate) fn end_here(&self, client: &Client) -> Result<Ended, Failure> {
        let (place, key) = (self.place()?, self.key(client)?);
        let mut session = self.stored_session(client)?.in_store(key.clone())?;
        let mut end = session.end()?;
        let mut answer = None;
        loop {
            answer = match end.step(answer.take(), now())? {
                RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(&*place, &key, now()))),
                RenewalStep::Send(_) => Some(RenewalAnswer::NoResponse),
                RenewalStep::Wait(time) => {
                    terminal::pause(time);
                    None
                }
                RenewalStep::Done => return Ok(session.settle_end(end, now())?),
            };
        }
    }

    /// The session of what is stored.
    fn stored_session(&self, client: &Client) -> Result<Session, Failure> {
        Ok(match self.profile.method {
            Method::ClientCredentials => Session::from_grant(client, self.own_grant()?),
            _ => Session::from_store(client),
        })
    }
}
