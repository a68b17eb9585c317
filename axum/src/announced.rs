//! `/logout/back-channel` and `/logout/front-channel`: the server says that a login has ended.

use http::{Request, StatusCode};

use crate::failure::Failure;
use crate::page::{Answer, bare};
use crate::web_login::WebLogin;

impl WebLogin {
    /// The server posts a logout token: the sessions that it names end in the store, so in all processes, before it is answered.
    pub(crate) async fn back_channel(&self, name: &str, request: &Request<Vec<u8>>) -> Answer {
        let provider = self.provider(name);
        let Some((provider, receiver)) = provider.and_then(|it| Some((it, it.back.as_ref()?))) else {
            return bare(StatusCode::NOT_FOUND);
        };
        let (answer, came) = provider.sessions.receive_logout(receiver, request).await;
        if let Err(error) = came {
            self.note(&error.into());
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
            let notice = front.receive(request)?;
            let Some(session) = self.session_of(request.headers()) else { return Ok(false) };
            let Some(live) = self.live(session).await? else { return Ok(false) };
            // Which of the clients it is for, the path says.
            if live.record.provider != name || !notice.ends(&live.record.identity, live.record.sid.as_deref())
            {
                return Ok(false);
            }
            Ok::<_, Failure>(self.end(session).await?.is_some())
        };
        match ended.await {
            Ok(true) => self.0.cookies.clear(answer.headers_mut(), &self.0.cookies.session()),
            Ok(false) => {}
            Err(failure) => {
                self.note(&failure);
                *answer.status_mut() = StatusCode::BAD_REQUEST;
            }
        }
        answer
    }
}
