//! A response that the server's page posts (`form_post`), on its way to where any response goes.

use std::time::Duration;

use http::Request;
use serde::{Deserialize, Serialize};
use valetkey_async::{AuthorizationResponse, UnixTime, now};
use zeroize::Zeroizing;

use crate::asked::{is_form, parameter};
use crate::base::Base;
use crate::failure::Failure;
use crate::page::{Answer, see_other};
use crate::web_login::{Provider, WebLogin};

/// How long a response that was posted waits for its browser, which is sent back at once.
const POSTED_FOR: Duration = Duration::from_secs(60);

/// The largest response that is posted, in bytes.
const MOST_POSTED: usize = 16 * 1024;

const POSTED: &str = "posted";

/// A response that was posted, on its way through a redirect.
#[derive(Serialize, Deserialize)]
struct Posted {
    form: String,
    at: UnixTime,
}

impl WebLogin {
    /// A response that was posted comes from another site, so without cookies that are `SameSite=Lax`. It is sealed, and the
    /// browser comes again with it and them.
    pub(crate) fn take_posted(&self, name: &str, request: &Request<Vec<u8>>) -> Result<Answer, Failure> {
        let form = std::str::from_utf8(request.body()).ok().filter(|form| form.len() <= MOST_POSTED);
        let Some(form) = form.filter(|_| is_form(request.headers())) else {
            return Err(Failure::refused(
                "AR-22",
                "what was posted to the callback is not a form, or is larger than 16 KiB",
            ));
        };
        let posted = Posted { form: form.to_owned(), at: now() };
        let plain =
            serde_json::to_vec(&posted).map_err(|_| Failure::broken("a response cannot be written"))?;
        let sealed = self.0.seals.seal(POSTED, &Zeroizing::new(plain))?;
        Ok(see_other(&format!("{}?{POSTED}={sealed}", self.0.base.path(&Base::callback(name)))))
    }

    /// The response as it arrived, in the query or posted.
    pub(crate) fn response(
        &self,
        provider: &Provider,
        request: &Request<Vec<u8>>,
    ) -> Result<AuthorizationResponse, Failure> {
        let response = match parameter(request, POSTED) {
            None => AuthorizationResponse::from_request(&provider.redirect_uri, request)?,
            Some(sealed) => {
                let plain = self.0.seals.open(POSTED, &sealed);
                let posted: Option<Posted> = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
                let posted =
                    posted.filter(|posted| now().since(posted.at) < POSTED_FOR).ok_or_else(|| {
                        Failure::refused(
                            "AR-22",
                            "a response that was posted comes back too late, or was changed",
                        )
                    })?;
                let request = Request::post(&provider.redirect_uri)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(posted.form.into_bytes())
                    .map_err(|_| Failure::broken("a response that was posted cannot be read again"))?;
                AuthorizationResponse::from_request(&provider.redirect_uri, &request)?
            }
        };
        Ok(response.decrypted_for(&provider.client)?)
    }
}
