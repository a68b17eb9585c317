//! Where a browser of this computer finds what is on the stage: [`Place`].

use std::sync::{Arc, Mutex};

use http::Uri;

use super::part;
use crate::Sandbox;
use crate::front::server::lock;

/// The sandbox's address on this computer, in plain http.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) front: String,
    pub(super) sandbox: Arc<Mutex<Sandbox>>,
}

impl Place {
    /// Where a URL leads: that of an https server to the sandbox, which is that server from then on.
    pub(super) fn of(&self, url: &Uri) -> String {
        match url.scheme_str() {
            Some("https") => format!("{}{}", self.front, part::play(&mut lock(&self.sandbox), url)),
            _ => url.to_string(),
        }
    }
}
