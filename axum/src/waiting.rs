//! A login under way, in a sealed cookie of its browser: [`Waiting`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use valetkey_async::{PendingAuthorization, UnixTime};
use zeroize::{Zeroize as _, Zeroizing};

use crate::base::Base;
use crate::common::Common;
use crate::cookies::{Cookies, MOST, cookies};
use crate::failure::Failure;
use crate::return_to::ReturnTo;
use crate::seal::Seals;

/// How many of them one browser has at most.
const MOST_LOGINS: usize = 8;

/// How many bytes of them it sends at most: servers and proxies refuse a request whose fields have more than 8 KiB, and so every page
/// of the application. Eight have room if their places to return to are short, of some eighty bytes.
const MOST_BYTES: usize = 6 * 1024;

/// What waits for the browser's return.
pub(crate) struct Waiting {
    /// By which server, by the name of its provider.
    pub(crate) provider: String,
    /// What ties the response to this browser: random, and nowhere but in this cookie.
    pub(crate) binding: Zeroizing<String>,
    pub(crate) return_to: String,
    pub(crate) expires_at: UnixTime,
    pub(crate) how: How,
    /// The pending authorization, as it serializes.
    pub(crate) pending: Zeroizing<String>,
}

/// How a login was begun.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum How {
    /// By the person, or by a page of ours.
    #[serde(rename = "o")]
    Own,
    /// Another site started it, or may have.
    #[serde(rename = "f")]
    Foreign,
    /// By a page of ours, and the server was to show nothing.
    #[serde(rename = "s")]
    Silent,
}

/// What is sealed, in this order and without these names, which would take room.
struct Sealed {
    provider: String,
    binding: Zeroizing<String>,
    return_to: String,
    how: How,
    /// Of what was taken out of the record; `None` if it is whole.
    common: Option<String>,
    record: Record,
}

/// What was sealed before anything was taken out, and may be in browsers for as long as a login takes.
#[derive(Deserialize)]
struct Former {
    provider: String,
    binding: Zeroizing<String>,
    return_to: String,
    is_foreign: bool,
    pending: Zeroizing<String>,
}

type Fields<Text, Secret, Record> = (Text, Secret, Text, How, Text, Record);

/// The record of the pending authorization, some members of which are secrets; wiped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Record(Map<String, Value>);

impl Waiting {
    pub(crate) fn write(pending: &PendingAuthorization) -> Result<Zeroizing<String>, Failure> {
        serde_json::to_string(pending).map(Zeroizing::new).map_err(|_| unwritten())
    }

    /// Puts it into a cookie of its own, named by its state: two tabs do not disturb each other. The oldest make room, and what
    /// has expired goes. The browser forgets it as soon as the login may not end any more.
    pub(crate) fn set(
        &self,
        state: &str,
        (names, seals): (&Cookies, &Seals),
        (request, answer): (&HeaderMap, &mut HeaderMap),
        common: &Common,
        now: UnixTime,
    ) -> Result<(), Failure> {
        let name = name(names, state);
        let value = seals.seal(&name, &self.plain(common)?)?;
        if name.len() + 1 + value.len() > MOST {
            return Err(Failure::refused("LG-2", "a login is too large for a cookie"));
        }
        let mut others = Vec::new();
        for (other, value) in cookies(request).filter(|(other, _)| other.starts_with(&names.waiting())) {
            match Sealed::open(seals, other, value).and_then(|sealed| sealed.record.expires_at()) {
                Some(expires_at) if now < expires_at => others.push((expires_at, other, sent(other, value))),
                _ => names.clear(answer, other),
            }
        }
        // All live for as long, so that the first to expire was the first to begin.
        others.sort_unstable();
        let (mut logins, mut bytes) = (1, sent(&name, &value));
        for (_, other, size) in others.into_iter().rev() {
            logins += 1;
            bytes += size;
            if logins > MOST_LOGINS || bytes > MOST_BYTES {
                names.clear(answer, other);
            }
        }
        names.set_for(answer, &name, &value, self.expires_at.since(now));
        Ok(())
    }

    fn plain(&self, common: &Common) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut record: Record = serde_json::from_str(&self.pending).map_err(|_| unwritten())?;
        common.take_out(&mut record.0);
        let fields: Fields<&str, &str, &Record> =
            (&self.provider, &self.binding, &self.return_to, self.how, common.digest(), &record);
        serde_json::to_vec(&fields).map(Zeroizing::new).map_err(|_| unwritten())
    }

    /// The one that this browser has for the state. What its cookie leaves out is what its client's logins have in common.
    pub(crate) fn of<'c>(
        state: &str,
        (names, seals): (&Cookies, &Seals),
        request: &HeaderMap,
        common: impl Fn(&str) -> Option<&'c Common>,
    ) -> Option<Self> {
        let name = name(names, state);
        let mut same = cookies(request).filter(|(known, _)| *known == name);
        let sealed = same.find_map(|(_, value)| Sealed::open(seals, &name, value))?;
        let Sealed { provider, binding, return_to, how, common: digest, mut record } = sealed;
        if let Some(digest) = digest {
            common(&provider)?.put_back(&digest, &mut record.0)?;
        }
        let (expires_at, pending) = (record.expires_at()?, serde_json::to_string(&record).ok()?);
        Some(Self { provider, binding, return_to, expires_at, how, pending: Zeroizing::new(pending) })
    }

    /// Where the browser goes; it was checked when it was sealed.
    pub(crate) fn place(&self, base: &Base) -> ReturnTo {
        ReturnTo::read(base.url(), &self.return_to).unwrap_or_else(|_| ReturnTo::home(base.home()))
    }
}

impl Sealed {
    /// The name is sealed with it, so that one is nothing under another's.
    fn open(seals: &Seals, name: &str, value: &str) -> Option<Self> {
        let plain = seals.open(name, value)?;
        if let Ok(former) = serde_json::from_slice(&plain) {
            let Former { provider, binding, return_to, is_foreign, pending } = former;
            let how = if is_foreign { How::Foreign } else { How::Own };
            let record = serde_json::from_str(&pending).ok()?;
            return Some(Self { provider, binding, return_to, how, common: None, record });
        }
        let (provider, binding, return_to, how, common, record): Fields<String, Zeroizing<String>, Record> =
            serde_json::from_slice(&plain).ok()?;
        Some(Self { provider, binding, return_to, how, common: Some(common), record })
    }
}

impl Record {
    fn expires_at(&self) -> Option<UnixTime> {
        serde_json::from_value(self.0.get("expires_at")?.clone()).ok()
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
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

const fn unwritten() -> Failure {
    Failure::broken("a login cannot be written")
}
