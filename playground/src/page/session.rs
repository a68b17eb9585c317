//! Who a browser is: a session, and what proves it. [`Signer`].
//!
//! ```text
//!  terminal ── http://127.0.0.1:PORT/?key=… ──▶ browser ── GET /?key=… ──▶ a session begins, the key is used up
//!                                               browser ◀── 303 /at/N.ROOT/ and a cookie ──┤
//!  another server of this computer ◀── the cookie, for cookies know no ports
//!                                   ◀── not ROOT: it is in the address, which the browser tells nobody else
//! ```
//!
//! Everything that is a session's own is below its address, and is answered to its cookie only: neither is enough by
//! itself. Both are signatures of the session's number with a key of this process, so that none can be made up, and they
//! end with the process.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::visitor::Visitor;

/// What a signature is for. One for this is not valid for that.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// Opens the page, once.
    Key,
    /// The session's address.
    Root,
    /// The cookie of its browser.
    Cookie,
    /// What its forms carry.
    Form,
}

/// The key of this process.
pub(super) struct Signer([u8; 32]);

impl Signer {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// 43 characters that nobody else can make.
    pub(super) fn sign(&self, purpose: Purpose, number: u64) -> String {
        self.mac(purpose, number)
            .map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
            .unwrap_or_default()
    }

    /// Whether this is the signature, in a time that tells nothing about where it differs.
    pub(super) fn verifies(&self, purpose: Purpose, number: u64, signature: &str) -> bool {
        let (Some(mac), Ok(signature)) = (self.mac(purpose, number), URL_SAFE_NO_PAD.decode(signature))
        else {
            return false;
        };
        mac.verify_slice(&signature).is_ok()
    }

    fn mac(&self, purpose: Purpose, number: u64) -> Option<Hmac<Sha256>> {
        let purpose = match purpose {
            Purpose::Key => "key",
            Purpose::Root => "root",
            Purpose::Cookie => "cookie",
            Purpose::Form => "form",
        };
        // A key of any length fits.
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        Some(mac.chain_update(format!("{purpose} {number}")))
    }

    /// The session's address, without a slash at its end.
    fn root(&self, session: u64) -> String {
        format!("{ROOT}{session}.{}", self.sign(Purpose::Root, session))
    }

    /// The session whose address this path is below, and the path there.
    pub(super) fn below<'p>(&self, path: &'p str) -> Option<(u64, &'p str)> {
        let (root, rest) = path.strip_prefix(ROOT)?.split_once('/')?;
        let (number, signature) = root.split_once('.')?;
        let session = number.parse().ok()?;
        let is_ours = self.verifies(Purpose::Root, session, signature);
        let (_, path) = path.split_at_checked(path.len().checked_sub(rest.len() + 1)?)?;
        is_ours.then_some((session, path))
    }

    pub(super) fn visitor(&self, session: u64) -> Visitor {
        Visitor::new(session, self.root(session), self.sign(Purpose::Form, session))
    }

    /// The sessions that a browser proves by its cookies. One that somebody else has set proves nothing.
    pub(super) fn proven(&self, headers: &HeaderMap, port: u16) -> Vec<u64> {
        let name = cookie_name(port);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| {
                let (number, signature) = pair.trim().strip_prefix(&name)?.split_once('=')?;
                let session = number.parse().ok()?;
                self.verifies(Purpose::Cookie, session, signature).then_some(session)
            })
            .collect()
    }

    /// Sent back by this browser alone, also when a server's redirect brings it here, and read by no script.
    pub(super) fn cookie(&self, session: u64, port: u16) -> Option<HeaderValue> {
        let (name, signature) = (cookie_name(port), self.sign(Purpose::Cookie, session));
        HeaderValue::try_from(format!("{name}{session}={signature}; Path=/; HttpOnly; SameSite=Lax")).ok()
    }
}

/// Where sessions' own addresses begin.
pub(super) const ROOT: &str = "/at/";

/// One a port, because cookies know none, and then one a session: so a browser may have several of either.
fn cookie_name(port: u16) -> String {
    format!("valetkey-{port}-")
}

/// The sessions of a browser that arrives outside of them.
#[derive(Clone)]
pub(super) struct Arriving(pub(super) Vec<u64>);
