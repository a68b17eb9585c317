//! The end of what is stored of an account: a log-out.

use valetkey_blocking::session::{Ended, RenewalAnswer, RenewalStep};
use valetkey_blocking::{Client, HttpClient, now};

use super::account::Account;
use super::failure::Failure;
use super::terminal;

impl Account {
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
}
