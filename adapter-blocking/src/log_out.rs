//! A log-out that the authorization server announces: [`Sessions::receive_logout`], [`Sessions::back_channel`].

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use valetkey_core as core;
use valetkey_core::Response;
use valetkey_core::host::MAX_BODY;
use valetkey_core::logout::{
    BackChannel, LoggedOut, LogoutAnswer, LogoutNotice, LogoutStep, RemoteLogout, accepted, refused,
};

use crate::run::sleep;
use crate::transport::exchange;
use crate::{Error, Sessions, now, run};

impl Sessions {
    /// Receives what the server posts to the `backchannel_logout_uri` when a login ends there (OpenID Connect Back-Channel Logout
    /// §2.5): verifies the logout token, fetching the server's keys if none that is held fits, and
    /// [ends](Self::back_channel) the sessions that it names. Returns what the server is to be answered, and for the program's
    /// log what came of it, a refusal too.
    pub fn receive_logout<B: AsRef<[u8]>>(
        &self,
        receiver: &BackChannel,
        request: &http::Request<B>,
    ) -> (Response, Result<LoggedOut, Error>) {
        let came = receiver
            .receive(request)
            .map_err(Error::Core)
            .and_then(|verification| run(&self.0.http, verification))
            .and_then(|notice| self.back_channel(notice));
        let answer = match &came {
            Ok(_) => accepted(),
            Err(Error::Core(error)) => refused(error),
            Err(_) => refused(&core::Error::Unanswered),
        };
        (answer, came)
    }

    /// Ends the sessions that the server says have ended there, in every process ([LO-15](crate::Rule::Lo15)): those that a
    /// [`login`](Self::login) put into the store. A page that asks [`logged_in`](Self::logged_in) finds them over when this returns.
    ///
    /// It returns when all have ended and the server can be answered. Their tokens are revoked after that, on a thread of its
    /// own: [`LoggedOut::revoked`] counts those that were by then.
    ///
    /// # Errors
    ///
    /// [`Error::Core`]: as for [`RemoteLogout::finish`]. The server is then told that the log-out failed, by
    /// [`refused`], and sends it again.
    pub fn back_channel(&self, notice: LogoutNotice) -> Result<LoggedOut, Error> {
        // Room for the one outcome, so that nothing waits for a caller that is gone.
        let (ended, has_ended) = sync_channel(1);
        let logout = RemoteLogout::new(&self.0.client, notice);
        let sessions = self.clone();
        let thread = thread::Builder::new().name("valetkey-logout".to_owned());
        let unanswered = || Error::Core(core::Error::Unanswered);
        // A system that has no thread to give is out of resources: the server sends the log-out again.
        thread.spawn(move || carry_out(&sessions, logout, ended)).map_err(|_| unanswered())?;
        // If a store panics, the log-out is to be repeated.
        has_ended.recv().unwrap_or_else(|_| Err(unanswered()))
    }
}

fn carry_out(sessions: &Sessions, mut logout: RemoteLogout, ended: SyncSender<Result<LoggedOut, Error>>) {
    let (mut ended, mut answer) = (Some(ended), None);
    loop {
        let step = match logout.step(answer.take(), now()) {
            Ok(step) => step,
            Err(error) => return tell(ended, Err(Error::Core(error))),
        };
        if logout.has_ended() {
            tell(ended.take(), Ok(logout.so_far()));
        }
        answer = match step {
            LogoutStep::Find(index, after) => {
                Some(LogoutAnswer::Found(sessions.0.store.find(&index, after.as_ref())))
            }
            LogoutStep::Store(key, step) => {
                Some(LogoutAnswer::Store(step.on(&*sessions.0.store, &key, now())))
            }
            LogoutStep::Send(request) => Some(match exchange(&sessions.0.http, request, MAX_BODY) {
                Ok(response) => LogoutAnswer::Response(response),
                Err(_) => LogoutAnswer::NoResponse,
            }),
            LogoutStep::Wait(time) => {
                sleep(time);
                None
            }
            LogoutStep::Done => return tell(ended, logout.finish().map_err(Error::Core)),
        };
    }
}

fn tell(ended: Option<SyncSender<Result<LoggedOut, Error>>>, came: Result<LoggedOut, Error>) {
    if let Some(ended) = ended {
        let _ = ended.send(came);
    }
}
