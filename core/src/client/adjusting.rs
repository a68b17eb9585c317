//! A client whose messages are changed by an [`Adjust`].

use crate::client::Client;
use crate::client::adjust::{Adjust, Adjusting};
use crate::client::adjusted::Secrets;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::Error;
use crate::ground::flow::{Request, Response};

impl Client {
    /// Has what it posts to its server, and the answers, changed by this, in the place of an earlier one: see [`Adjust`].
    #[must_use]
    pub fn adjusted_by(self, adjust: impl Adjust + 'static) -> Self {
        let adjusting = Adjusting::by(adjust);
        self.change(|registration| registration.adjust = Some(adjusting))
    }

    /// Whether the program changes what it posts.
    pub(crate) fn is_adjusted(&self) -> bool {
        self.0.adjust.is_some()
    }

    /// The request as it is sent. If it was changed: what was put into it, which may be secret.
    pub(crate) fn adjust_request(
        &self,
        endpoint: Endpoint,
        request: &mut Request,
    ) -> Result<Option<Secrets>, Error> {
        let Some(adjusting) = &self.0.adjust else { return Ok(None) };
        adjusting.request(endpoint, request)
    }

    /// The answer as it is read; whether it was changed. `hidden` is what of the request an error must not show.
    pub(crate) fn adjust_answer(
        &self,
        endpoint: Endpoint,
        response: Response,
        hidden: &dyn Fn() -> Secrets,
    ) -> Result<(Response, bool), Error> {
        let Some(adjusting) = &self.0.adjust else { return Ok((response, false)) };
        adjusting.answer(endpoint, response, hidden)
    }
}
