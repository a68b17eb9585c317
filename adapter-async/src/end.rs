//! Logging out: [`Tokens::end`].

use tokio::time::sleep;
use valetkey_core as core;
use valetkey_core::host::MAX_BODY;
use valetkey_core::session::{Ended, RenewalAnswer, RenewalStep, SessionEnd};

use crate::transport::exchange;
use crate::{Error, Tokens, now};

impl Tokens {
    /// Logs out: ends the session in its store, for all processes, and then revokes its tokens at the authorization server
    /// if that has an endpoint for it (RFC 7009 §2). A renewal under way, here or elsewhere, brings nothing back.
    ///
    /// A caller with a clone of these tokens gets [`AuthorizationRequired`](crate::error::AuthorizationRequired) from now on.
    /// Another process that holds the session in memory hands out its tokens for five seconds at most, until it looks into the
    /// store again ([`Session::with_look_after`](crate::Session::with_look_after)).
    ///
    /// A log-out that was begun is carried to its end, also if the future is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] with [`Store`](valetkey_core::Error::Store) if the store failed for half a minute: then the session
    /// may go on, nothing was revoked, and the log-out is to be repeated; with [`Misuse`](valetkey_core::Error::Misuse) for a
    /// permanent token, which is ended where it came from.
    pub async fn end(&self) -> Result<Ended, Error> {
        let ending = Ending { tokens: self.clone(), end: Some(self.session.end()?) };
        // A task of its own. If the runtime ends first, the log-out is to be repeated.
        let ended = self.host.0.tasks.spawn(carry_out(ending)).await;
        ended.unwrap_or(Err(Error::Core(core::Error::Unanswered)))
    }
}

async fn carry_out(mut ending: Ending) -> Result<Ended, Error> {
    let tokens = ending.tokens.clone();
    let host = &*tokens.host.0;
    let mut answer = None;
    while let Some(end) = &mut ending.end {
        answer = match end.step(answer.take(), now())? {
            RenewalStep::Store(step) => {
                Some(RenewalAnswer::Store(step.on_async(&*host.store, tokens.session.key(), now()).await))
            }
            RenewalStep::Send(request) => Some(match exchange(&host.http, request, MAX_BODY).await {
                Ok(response) => RenewalAnswer::Response(response),
                Err(_) => RenewalAnswer::NoResponse,
            }),
            RenewalStep::Wait(time) => {
                sleep(time).await;
                None
            }
            RenewalStep::Done => break,
        };
    }
    ending.settle()
}

/// A log-out under way, which is settled whatever becomes of it: by a store that panics, or a runtime that ends.
struct Ending {
    tokens: Tokens,
    /// `None` once it is settled.
    end: Option<SessionEnd>,
}

impl Ending {
    fn settle(&mut self) -> Result<Ended, Error> {
        let Some(end) = self.end.take() else { return Err(Error::Core(core::Error::Unanswered)) };
        let ended = self.tokens.session.settle_end(end, now());
        self.tokens.host.0.wake();
        Ok(ended?)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.settle();
    }
}
