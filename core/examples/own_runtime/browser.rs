//! The browser and the person at it, as a flow of this program's own: [`Browser`].
//!
//! ```text
//!  browser                                   authorization server
//!     ├── GET the authorization URL ───────────────▶│
//!     │◀─ 200 the form ─────────────────────────────┤
//!     ├── POST name, password, "allow" ────────────▶│
//!     │◀─ 303 redirect_uri?code…&state… ────────────┤  arrived
//! ```

use valetkey_core::{BrowserUrl, Error, Flow, Request, Response, Step, UnixTime};
use valetkey_sandbox::{Arrival, Person, PersonError};

use crate::get;

/// Opens an authorization URL, logs in, allows, and says where the browser is sent then.
pub(crate) struct Browser {
    person: Person,
    url: String,
    /// The request that is to be sent now, kept because a flow may be asked twice.
    request: Request,
    has_consented: bool,
}

impl Browser {
    pub(crate) fn open(person: Person, url: &BrowserUrl) -> Result<Self, http::Error> {
        Ok(Self { person, url: url.to_string(), request: get(url.as_str())?, has_consented: false })
    }

    /// The form is filled in; `None` if the browser has been sent on.
    fn read(&mut self, page: &Response) -> Result<Option<String>, PersonError> {
        if self.has_consented {
            return Arrival::after(page)?.url().map(|url| Some(url.to_owned())).ok_or(PersonError::Stays);
        }
        let html = String::from_utf8_lossy(page.body());
        self.request = self.person.consent(&self.url, &html)?;
        self.has_consented = true;
        Ok(None)
    }
}

impl Flow for Browser {
    /// The URL where the browser arrives.
    type Output = Result<String, PersonError>;

    fn step(&mut self, response: Option<Response>, _now: UnixTime) -> Result<Step<Self::Output>, Error> {
        match response.as_ref().map(|page| self.read(page)) {
            None | Some(Ok(None)) => Ok(Step::Send(self.request.clone())),
            Some(Ok(Some(url))) => Ok(Step::Done(Ok(url))),
            Some(Err(error)) => Ok(Step::Done(Err(error))),
        }
    }
}
