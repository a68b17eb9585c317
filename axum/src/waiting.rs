//! A login under way, in a sealed cookie of its browser: [`Waiting`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use valetkey_async::{PendingAuthorization, UnixTime};
use zeroize::Zeroizing;

use crate::base::Base;
use crate::cookies::{Cookies, MOST, cookies};
use crate::failure::Failure;
use crate::return_to::ReturnTo;
use crate::seal::Seals;

/// How many bytes of them one browser sends at most, so that it has about five: servers and proxies refuse a request whose fields have
/// more than 8 KiB, and so every page of the application.
const MOST_BYTES: usize = 6 * 1024;

/// What waits for the browser's return.
#[derive(Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// By which server, by the name of its provider.
    pub(crate) provider: String,
    /// What ties the response to this browser: random, and nowhere but in this cookie.
    pub(crate) binding: String,
    pub(crate) return_to: String,
    pub(crate) begun_at: UnixTime,
    pub(crate) expires_at: UnixTime,
    /// Another site started it, or may have.
    pub(crate) is_foreign: bool,
    /// The pending authorization, as it serializes.
    pub(crate) pending: String,
}

impl Waiting {
    pub(crate) fn write(pending: &PendingAuthorization) -> Result<String, Failure> {
        serde_json::to_string(pending).map_err(|_| Failure::broken("a login cannot be written"))
    }

    /// Puts it into a cookie of its own, named by its state: two tabs do not disturb each other. The oldest make room, and what
    /// has expired goes. The browser forgets it as soon as the login may not end any more.
    pub(crate) fn set(
        &self,
        state: &str,
        (names, seals): (&Cookies, &Seals),
        (request, answer): (&HeaderMap, &mut HeaderMap),
        now: UnixTime,
    ) -> Result<(), Failure> {
        let name = name(names, state);
        let plain = Zeroizing::new(
            serde_json::to_vec(self).map_err(|_| Failure::broken("a login cannot be written"))?,
        );
        let value = seals.seal(&name, &plain)?;
        if name.len() + 1 + value.len() > MOST {
            return Err(Failure::refused("LG-2", "a login is too large for a cookie"));
        }
        let mut others = Vec::new();
        for (other, value) in cookies(request).filter(|(other, _)| other.starts_with(&names.waiting())) {
            match open(seals, other, value) {
                Some(waiting) if now < waiting.expires_at => {
                    others.push((waiting.begun_at, other, sent(other, value)));
                }
                _ => names.clear(answer, other),
            }
        }
        others.sort_unstable();
        let mut bytes = sent(&name, &value);
        for (_, other, size) in others.into_iter().rev() {
            bytes += size;
            if bytes > MOST_BYTES {
                names.clear(answer, other);
            }
        }
        names.set_for(answer, &name, &value, self.expires_at.since(now));
        Ok(())
    }

    /// The one that this browser has for the state.
    pub(crate) fn of(state: &str, names: &Cookies, seals: &Seals, request: &HeaderMap) -> Option<Self> {
        let name = name(names, state);
        cookies(request).filter(|(known, _)| *known == name).find_map(|(_, value)| open(seals, &name, value))
    }

    /// Where the browser goes; it was checked when it was sealed.
    pub(crate) fn place(&self, base: &Base) -> ReturnTo {
        ReturnTo::read(base.url(), &self.return_to).unwrap_or_else(|_| ReturnTo::home(base.home()))
    }
}

/// Clears the cookie of this state.
pub(crate) fn clear(state: &str, names: &Cookies, answer: &mut HeaderMap) {
    names.clear(answer, &name(names, state));
}

/// How many bytes of a request a cookie takes: `; name=value`.
const fn sent(name: &str, value: &str) -> usize {
    name.len() + value.len() + 3
}

fn name(names: &Cookies, state: &str) -> String {
    let digest = Sha256::digest(state.as_bytes());
    let short = digest.first_chunk::<12>().copied().unwrap_or_default();
    format!("{}{}", names.waiting(), URL_SAFE_NO_PAD.encode(short))
}

/// The name is sealed with it, so that one is nothing under another's.
fn open(seals: &Seals, name: &str, value: &str) -> Option<Waiting> {
    serde_json::from_slice(&seals.open(name, value)?).ok()
}
