//! A web page that logs a user in with `valetkey-core`, as a public client: authorization code, PKCE, and tokens that are
//! bound to a key of the browser's (DPoP).
//!
//! Nothing here but `valetkey-core` knows OAuth, and nothing in it knows a browser. What the host brings is what this
//! example consists of: `fetch`, timers, a clock, randomness ([`host`]), the key that signs later ([`key`]), and below
//! the two halves of a login, with the page at the server in between. What is seen is the page's: `page.js`.

mod failed;
mod host;
mod key;

use valetkey_core::authorize::StoredAuthorization;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Discovery, Dpop, Quirk, Request, Session,
};
use wasm_bindgen::prelude::*;

pub use crate::failed::Failed;
use crate::host::{entropy, now, run, window};
use crate::key::Key;

/// Where in this tab's storage the login waits for the person to come back.
const PENDING: &str = "valetkey.pending";

/// A page, and the person who is logged in at it. The tokens are in its memory alone: a reload is a new login. It does one
/// thing at a time; many calls over one session are in `own_runtime/shared.rs`, beside this example.
#[wasm_bindgen]
pub struct Page {
    key: Key,
    client: Client,
    session: Option<Session>,
}

#[wasm_bindgen]
impl Page {
    /// Learns of the server, and takes the key of this origin.
    pub async fn open(issuer: String, client_id: String, api: String) -> Result<Page, Failed> {
        let key = Key::of_this_origin().await?;
        let mut discovery = Discovery::new(&issuer)?;
        if issuer.starts_with("http://") {
            // For tests: it admits a server on this computer, and no other.
            discovery = discovery.admit(Quirk::LoopbackHttp);
        }
        let server = run(discovery, &key).await?.into_server();
        let dpop = Dpop::of(key.signer(), entropy()?)?;
        let client = Client::new(server, client_id).api(&api)?.dpop(dpop)?;
        Ok(Self { key, client, session: None })
    }

    /// Sends the browser to the server. What stays behind is in the storage of this tab, which no other tab reads: that
    /// is what ties the response to the browser that asked, and so it begins unbound. (A tab that is duplicated meanwhile
    /// takes a copy along; the code is good for one of the two.)
    pub async fn log_in(&self, scope: String) -> Result<(), Failed> {
        let request = AuthorizationRequest::new(&self.client, here()?)?.scope(scope.as_str())?;
        let (url, pending) = run(request.start_unbound(entropy()?, now())?, &self.key).await?;
        let waiting = serde_json::to_string(&pending).map_err(|_| "the login cannot be written")?;
        storage()?.set_item(PENDING, &waiting)?;
        Ok(window()?.location().assign(url.as_str())?)
    }

    /// Goes on where a login left, if the browser has come back from one; whether it has.
    pub async fn come_back(&mut self) -> Result<bool, Failed> {
        let location = window()?.location();
        // The page has no query but that of a response. One that has is better given a redirect URI of its own.
        if location.search()?.is_empty() {
            return Ok(false);
        }
        let arrived_at = location.href()?;
        // The code leaves the address bar and the history, whatever comes of it.
        window()?.history()?.replace_state_with_url(&JsValue::NULL, "", Some(&here()?))?;
        let response = AuthorizationResponse::from_url(&arrived_at)?;
        let waiting = storage()?.get_item(PENDING)?.ok_or("no login waits in this tab: log in again")?;
        let waiting: StoredAuthorization =
            serde_json::from_str(&waiting).map_err(|_| "what waits in this tab is no login: log in again")?;
        // Used once: it is deleted before it is used. No other script runs between these lines.
        storage()?.remove_item(PENDING)?;
        let mut pending = waiting.taken_out(true)?;
        let tokens = run(pending.finish(&self.client, &response, now())?, &self.key).await?;
        self.session = Some(Session::from_tokens(&self.client, &tokens));
        Ok(true)
    }

    /// Calls the API: the status and the body. The token is renewed when it is time, and when the API refuses it.
    pub async fn get(&mut self, url: String) -> Result<String, Failed> {
        let session = self.session.as_mut().ok_or("nobody is logged in")?;
        let request: Request = http::Request::get(url).body(Vec::new()).map_err(|_| "this is no URL")?;
        let answer = run(session.call(request)?, &self.key).await?;
        Ok(format!("{} {}", answer.status().as_u16(), String::from_utf8_lossy(answer.body())))
    }

    /// When the access token expires, in milliseconds since 1970, if that is known.
    #[must_use]
    pub fn expires_at(&self) -> Option<f64> {
        let expires_at = self.session.as_ref()?.credential()?.expires_at()?;
        Some(expires_at.as_millis() as f64)
    }

    /// The thumbprint of the key that tokens are bound to (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> Option<String> {
        self.client.bound_to().map(|key| key.thumbprint().to_owned())
    }
}

/// This page without query and fragment: the redirect URI.
fn here() -> Result<String, Failed> {
    let location = window()?.location();
    Ok(location.origin()? + &location.pathname()?)
}

fn storage() -> Result<web_sys::Storage, Failed> {
    window()?.session_storage()?.ok_or_else(|| "this browser has no storage for the tab".into())
}
