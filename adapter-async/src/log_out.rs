//! A log-out that the authorization server announces: [`Sessions::receive_logout`], [`Sessions::back_channel`].

use tokio::sync::oneshot;
use tokio::time::sleep;
use valetkey_core as core;
use valetkey_core::Response;
use valetkey_core::host::MAX_BODY;
use valetkey_core::logout::{
    BackChannel, LoggedOut, LogoutAnswer, LogoutNotice, LogoutStep, RemoteLogout, accepted, refused,
};

use crate::transport::exchange;
use crate::{Error, Sessions, now, run};

impl Sessions {
    /// Receives what the server posts to the `backchannel_logout_uri` when a login ends there (OpenID Connect Back-Channel Logout
    /// §2.5): verifies the logout token, fetching the server's keys if none that is held fits, and
    /// [ends](Self::back_channel) the sessions that it names. Returns what the server is to be answered, and for the program's
    /// log what came of it, a refusal too.
    ///
    /// ```
    /// # use valetkey_async::logout::BackChannel;
    /// # use valetkey_async::{Response, Sessions, http};
    /// /// `POST /logout/back-channel`. The receiver is made once: `BackChannel::new(&client)?.session_required()`.
    /// async fn back_channel(
    ///     sessions: &Sessions,
    ///     receiver: &BackChannel,
    ///     request: http::Request<Vec<u8>>,
    /// ) -> Response {
    ///     let (answer, came) = sessions.receive_logout(receiver, &request).await;
    ///     if let Err(error) = came {
    ///         eprintln!("a log-out was refused, or failed: {error}");
    ///     }
    ///     answer
    /// }
    /// # let _ = back_channel;
    /// ```
    pub async fn receive_logout<B: AsRef<[u8]>>(
        &self,
        receiver: &BackChannel,
        request: &http::Request<B>,
    ) -> (Response, Result<LoggedOut, Error>) {
        let came = match receiver.receive(request) {
            Ok(verification) => match run(&self.0.http, verification).await {
                Ok(notice) => self.back_channel(notice).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(Error::Core(error)),
        };
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
    /// It returns when all have ended and the server can be answered. Their tokens are revoked after that, in a task of its own:
    /// [`LoggedOut::revoked`] counts those that were by then, and [`with_tasks`](Self::with_tasks) says by what a program that ends
    /// waits for the others. A log-out that was begun is carried to its end, also if the
    /// future is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Core`]: as for [`RemoteLogout::finish`]. The server is then told that the log-out failed, by
    /// [`refused`], and sends it again.
    pub async fn back_channel(&self, notice: LogoutNotice) -> Result<LoggedOut, Error> {
        let (ended, has_ended) = oneshot::channel();
        let logout = RemoteLogout::new(&self.0.client, notice);
        self.0.said.tasks.spawn(carry_out(self.clone(), logout, ended));
        // If the runtime ends first, or a store panics, the log-out is to be repeated.
        has_ended.await.unwrap_or(Err(Error::Core(core::Error::Unanswered)))
    }
}

async fn carry_out(
    sessions: Sessions,
    mut logout: RemoteLogout,
    ended: oneshot::Sender<Result<LoggedOut, Error>>,
) {
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
                Some(LogoutAnswer::Found(sessions.0.store.find(&index, after.as_ref()).await))
            }
            LogoutStep::Store(key, step) => {
                Some(LogoutAnswer::Store(step.on_async(&*sessions.0.store, &key, now()).await))
            }
            LogoutStep::Send(request) => Some(match exchange(&sessions.0.http, request, MAX_BODY).await {
                Ok(response) => LogoutAnswer::Response(response),
                Err(_) => LogoutAnswer::NoResponse,
            }),
            LogoutStep::Wait(time) => {
                sleep(time).await;
                None
            }
            LogoutStep::Done => return tell(ended, logout.finish().map_err(Error::Core)),
        };
    }
}

/// Nobody listens any more if the future was dropped.
fn tell(ended: Option<oneshot::Sender<Result<LoggedOut, Error>>>, came: Result<LoggedOut, Error>) {
    if let Some(ended) = ended {
        let _ = ended.send(came);
    }
}
