//! `/logout/back-channel` and `/logout/front-channel`: the server says that a login has ended.

use http::{Request, StatusCode};

use crate::asked::fetch_dest;
use crate::failure::Failure;
use crate::page::{Answer, bare};
use crate::record::Record;
use crate::web_login::WebLogin;

impl WebLogin {
    /// The server posts a logout token: the sessions that it names end in the store, so in all processes, before it is answered.
    pub(crate) async fn back_channel(&self, name: &str, request: &Request<Vec<u8>>) -> Answer {
        let Some(provider) = self.provider(name) else { return bare(StatusCode::NOT_FOUND) };
        let receiver = match &provider.back {
            Ok(receiver) => receiver,
            // The program built without it, and may not know that its server announces log-outs.
            Err(failure) => {
                self.note(failure);
                return bare(StatusCode::NOT_FOUND);
            }
        };
        let (mut answer, came) = provider.sessions.receive_logout(receiver, request).await;
        if let Err(error) = came {
            let failure = Failure::from(error);
            // The token was good: servers send it again.
            if failure.is_transient() {
                *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            }
            self.note(&failure);
        }
        answer
    }

    /// An iframe of the server's page: this browser's session ends, if it is the one and if its cookie came along.
    pub(crate) async fn front_channel(&self, name: &str, request: &Request<Vec<u8>>) -> Answer {
        let provider = self.provider(name);
        let Some(front) = provider.and_then(|provider| provider.front.as_ref()) else {
            return bare(StatusCode::NOT_FOUND);
        };
        let mut answer = match front.page() {
            Ok(page) => page,
            Err(error) => {
                self.note(&error.into());
                return bare(StatusCode::INTERNAL_SERVER_ERROR);
            }
        };
        let ended = async {
            // Any site has a link to here. A page or an image is not what the server shows.
            if fetch_dest(request.headers()).is_some_and(|dest| !matches!(dest, "iframe" | "frame")) {
                let what = "a log-out through the browser is for no frame of the server's page";
                return Err(Failure::refused("LO-17", what));
            }
            let notice = front.receive(request)?;
            let Some(session) = self.session_of(request.into()).await? else { return Ok(()) };
            let Some(live) = self.live(&session).await? else { return Ok(()) };
            let Record { provider, identity, sid, .. } = &live.who.record;
            // Which of the clients it is for, the path says. Anybody can send a request that names no login: where that of the
            // session is known, it counts for nothing.
            let names_too_little = sid.is_some() && notice.session_id().is_none();
            if provider != name || names_too_little || !notice.ends(identity, sid.as_deref()) {
                return Ok(());
            }
            match self.end(&session).await? {
                Some(_) => self.0.names.take(&self.0.cookies, request.into(), answer.headers_mut()).await,
                None => Ok(()),
            }
        };
        if let Err(failure) = ended.await {
            self.note(&failure);
            *answer.status_mut() = match failure.is_transient() {
                true => StatusCode::SERVICE_UNAVAILABLE,
                false => StatusCode::BAD_REQUEST,
            };
        }
        answer
    }
}
