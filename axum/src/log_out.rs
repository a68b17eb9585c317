//! `/logout`: the session ends, and the browser is sent to the server, to end the login there; `/logout/return`: it is back.

use std::time::Duration;

use http::{Request, StatusCode};
use maud::html;
use subtle::ConstantTimeEq as _;
use valetkey_async::logout::{LogoutRequest, LogoutResponse, PendingLogout};
use valetkey_async::{entropy, now};

use crate::asked::{fetch_site, origin, parameter};
use crate::failure::Failure;
use crate::known::logout_token;
use crate::page::{Answer, button, page, see_other};
use crate::web_login::{Ended, WebLogin};

/// How long the browser waits for the session's tokens to be revoked: the session has ended before that.
const PATIENCE: Duration = Duration::from_secs(5);

const RETURN: &str = "/logout/return";

impl WebLogin {
    /// Logs this browser out, if a page of ours says so.
    pub(crate) async fn log_out(&self, request: &Request<Vec<u8>>) -> Answer {
        let session = match self.session_of(request.into()).await {
            Ok(Some(session)) => session,
            Ok(None) => return self.home(),
            Err(failure) => {
                self.note(&failure);
                return self.says(StatusCode::SERVICE_UNAVAILABLE, &self.0.texts.unavailable);
            }
        };
        if let Err(failure) = self.require_own_page(request, &session) {
            self.note(&failure);
            return self.still_logged_in(StatusCode::FORBIDDEN, &self.0.texts.not_logged_out, &session);
        }
        let mut answer = match self.end(&session).await {
            Ok(Some(ended)) => self.to_the_server(ended).await,
            Ok(None) => self.home(),
            // Nothing has ended: without its cookie the browser could not try again, and a copy of it would go on.
            Err(failure) => {
                self.note(&failure);
                let text = &self.0.texts.log_out_failed;
                return self.still_logged_in(StatusCode::SERVICE_UNAVAILABLE, text, &session);
            }
        };
        let taken = self.0.names.take(&self.0.cookies, request.into(), answer.headers_mut()).await;
        if let Err(failure) = taken {
            // The login is over. What was kept beside it goes when the browser comes next.
            self.note(&failure);
        }
        answer
    }

    fn require_own_page(&self, request: &Request<Vec<u8>>, session: &str) -> Result<(), Failure> {
        let headers = request.headers();
        let wanted = logout_token(session);
        let has_token = parameter(request, "csrf")
            .is_some_and(|token| bool::from(token.as_bytes().ct_eq(wanted.as_bytes())));
        let is_ours = has_token
            || fetch_site(headers) == Some("same-origin")
            || origin(headers).is_some_and(|origin| self.0.base.is_own_origin(origin));
        match is_ours {
            true => Ok(()),
            false => Err(Failure::refused(
                "LG-8",
                "a log-out comes from another site, or from a form without the token of `User::logout_token`",
            )),
        }
    }

    /// The page with the button that logs out: the person says it here. No other site frames or reads it.
    fn still_logged_in(&self, status: StatusCode, text: &str, session: &str) -> Answer {
        let texts = &self.0.texts;
        let ours = button(&self.0.base.path("/logout"), &[("csrf", &logout_token(session))], &texts.log_out);
        page(texts, status, &html! { p { (text) } (ours) (self.way_home()) })
    }

    /// Sends the browser on, once the session here has ended.
    async fn to_the_server(&self, ended: Ended) -> Answer {
        let Ended { record, rest } = ended;
        // If it takes longer, it goes on by itself.
        let _ = tokio::time::timeout(PATIENCE, rest).await;
        let Some(provider) = self.provider(&record.provider).filter(|it| it.has_end_session) else {
            return self.home();
        };
        if self.0.is_local_logout {
            return self.home();
        }
        let asked = async {
            let request = LogoutRequest::new(&provider.client)?.return_to(&self.0.base.absolute(RETURN))?;
            let request = match record.id_token() {
                Some(token) => request.hint(&token)?,
                None => request,
            };
            let (way, pending) = request.begin(entropy()?, now())?;
            if let Some(pending) = pending {
                pending.put_in_async(&*self.0.store, now()).await?;
            }
            Ok::<_, Failure>(way.answer()?)
        };
        asked.await.unwrap_or_else(|failure| {
            self.note(&failure);
            self.home()
        })
    }

    /// The browser is back from the server. The log-out here stands, whatever it brings.
    pub(crate) async fn returned(&self, request: &Request<Vec<u8>>) -> Answer {
        let confirmed = async {
            let response = LogoutResponse::from_request(&self.0.base.absolute(RETURN), request)?;
            let pending = PendingLogout::take_from_async(&*self.0.store, &response).await?;
            match pending {
                Some(pending) => Ok(pending.confirm(&response, now())?),
                None => Err(Failure::refused("LO-6", "no log-out waits for the return from the server")),
            }
        };
        if let Err(failure) = confirmed.await {
            self.note(&failure);
        }
        self.home()
    }

    fn home(&self) -> Answer {
        see_other(self.0.base.home())
    }
}
