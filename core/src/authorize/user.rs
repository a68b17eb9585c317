//! What the browser says about the person, beside a response: [`PendingAuthorization::user_said_by_browser`].

use serde::de::DeserializeOwned;

use crate::authorize::pending::PendingAuthorization;
use crate::ground::error::{Error, response_refused};
use crate::ground::rule::Rule;
use crate::wire::json::Object;

/// The longest `user`, in bytes.
const MAX_USER: usize = 4 * 1024;

impl PendingAuthorization {
    /// What a good response by `form_post` says about the person in its parameter `user`, as Sign in with Apple has it at the
    /// first login: their name, which no ID token there has. `None` before [`finish`](Self::finish), in any other response mode,
    /// or without the parameter.
    ///
    /// The browser brought it and nobody signed it, so that the person can have written anything there: it is a name to greet them
    /// by, and never who they are. An email address in it proves nothing; the one in the ID token does.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([AR-23](crate::Rule::Ar23)) if it is longer than 4 KiB, is not one JSON object, or is not of the type that
    /// is asked for.
    pub fn user_said_by_browser<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let Some(user) = &self.kept.expected.user else { return Ok(None) };
        let no = || {
            response_refused(
                Rule::Ar23,
                "user of the response is not one small JSON object of the form that is read",
            )
        };
        if user.len() > MAX_USER || Object::read(user.as_bytes()).is_err() {
            return Err(no());
        }
        // The library's message may quote what came.
        serde_json::from_str(user).map(Some).map_err(|_| no())
    }
}
