//! A login under way, in a sealed cookie of its browser: [`Waiting`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use valetkey_async::{PendingAuthorization, UnixTime, entropy};
use zeroize::{Zeroize as _, Zeroizing};

use crate::base::Base;
use crate::common::Common;
use crate::cookies::{Cookies, MOST, cookies};
use crate::failure::Failure;
use crate::return_to::ReturnTo;
use crate::seal::Seals;

/// How many of them one browser has at most: as many cookies have a name, so that tabs which begin side by side, and do not know of each
/// other, do not fill it either.
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum How {
    /// By the person, or by a page of ours.
    #[serde(rename = "o")]
    Own,
    /// Another site started it, or may have.
    #[serde(rename = "f")]
    Foreign,
    /// By a page of ours, and the server was to show nothing; with the digest of the session that somebody had, if somebody was there.
    #[serde(rename = "r")]
    Silent(Option<String>),
}

impl How {
    /// A login that shows nothing, beside this session.
    pub(crate) fn silent(session: Option<&str>) -> Self {
        Self::Silent(session.map(digest))
    }

    pub(crate) const fn is_silent(&self) -> bool {
        matches!(self, Self::Silent(_))
    }

    /// Whether somebody was there when it began.
    pub(crate) const fn is_of_somebody(&self) -> bool {
        matches!(self, Self::Silent(Some(_)))
    }
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

    /// Puts it into a cookie of its own: two tabs do not disturb each other. The oldest make room, and what has expired goes. The
    /// browser forgets it as soon as the login may not end any more.
    pub(crate) fn set(
        &self,
        (names, seals): (&Cookies, &Seals),
        (request, answer): (&HeaderMap, &mut HeaderMap),
        common: &Common,
        now: UnixTime,
    ) -> Result<(), Failure> {
        let mut others: Vec<_> = under_way(names, request)
            .map(|(other, value)| {
                let expires_at = Sealed::open(seals, other, value).and_then(|it| it.record.expires_at());
                Other {
                    expires_at: expires_at.filter(|at| now < *at),
                    name: other,
                    bytes: sent(other, value),
                }
            })
            .collect();
        // All live for as long, so that the first to expire was the first to begin. What has expired comes before.
        others.sort_unstable_by_key(|other| other.expires_at);
        let name = place_beside(&others, names)?;
        let value = seals.seal(&name, &self.plain(common)?)?;
        if name.len() + 1 + value.len() > MOST {
            return Err(Failure::refused("LG-2", "a login is too large for a cookie"));
        }
        let (mut logins, mut bytes) = (1, sent(&name, &value));
        for other in others.iter().rev().filter(|other| other.name != name) {
            logins += 1;
            bytes += other.bytes;
            if other.expires_at.is_none() || logins > MOST_LOGINS || bytes > MOST_BYTES {
                names.clear(answer, other.name);
            }
        }
        names.set_for(answer, &name, &value, self.expires_at.since(now));
        Ok(())
    }

    fn plain(&self, common: &Common) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut record: Record = serde_json::from_str(&self.pending).map_err(|_| unwritten())?;
        common.take_out(&mut record.0);
        let fields: Fields<&str, &str, &Record> =
            (&self.provider, &self.binding, &self.return_to, self.how.clone(), common.digest(), &record);
        serde_json::to_vec(&fields).map(Zeroizing::new).map_err(|_| unwritten())
    }

    /// The one that this browser has for the state, and the name of its cookie. What the cookie leaves out is what its client's logins
    /// have in common.
    pub(crate) fn of<'r, 'c>(
        state: &str,
        (names, seals): (&Cookies, &Seals),
        request: &'r HeaderMap,
        common: impl Fn(&str) -> Option<&'c Common>,
    ) -> Option<(&'r str, Self)> {
        let (name, sealed) = under_way(names, request).find_map(|(name, value)| {
            let sealed = Sealed::open(seals, name, value)?;
            (sealed.record.state() == Some(state)).then_some((name, sealed))
        })?;
        let Sealed { provider, binding, return_to, how, common: digest, mut record } = sealed;
        if let Some(digest) = digest {
            common(&provider)?.put_back(&digest, &mut record.0)?;
        }
        let (expires_at, pending) = (record.expires_at()?, serde_json::to_string(&record).ok()?);
        Some((name, Self { provider, binding, return_to, expires_at, how, pending: Zeroizing::new(pending) }))
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

    fn state(&self) -> Option<&str> {
        self.0.get("state")?.as_str()
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

/// How many bytes of a request a cookie takes: `; name=value`.
const fn sent(name: &str, value: &str) -> usize {
    name.len() + value.len() + 3
}

/// A login under way that came with a request.
struct Other<'r> {
    /// `None` if it may not end any more, or nothing of ours is in it.
    expires_at: Option<UnixTime>,
    name: &'r str,
    bytes: usize,
}

/// The cookies of logins under way, as they came. Those of former versions are named by a digest of their state.
fn under_way<'r>(names: &Cookies, request: &'r HeaderMap) -> impl Iterator<Item = (&'r str, &'r str)> {
    let start = names.waiting();
    cookies(request).filter(move |(name, _)| name.starts_with(&start))
}

/// The name of the cookie for one more: one that the browser does not have, or else that of the oldest.
fn place_beside(others: &[Other<'_>], names: &Cookies) -> Result<String, Failure> {
    let start = names.waiting();
    let places: Vec<String> = (0..MOST_LOGINS).map(|number| format!("{start}{number}")).collect();
    let free: Vec<&String> =
        places.iter().filter(|place| others.iter().all(|other| other.name != *place)).collect();
    // At random: two tabs that begin at the same time see the same ones free.
    let [first, ..] = entropy()?.derive("place of a login");
    let at = usize::from(first).checked_rem(free.len());
    let taken =
        || others.iter().map(|other| other.name).find(|name| places.iter().any(|place| place == name));
    let place = at.and_then(|at| free.get(at)).map(|place| place.as_str());
    place.or_else(taken).map(str::to_owned).ok_or_else(unwritten)
}

/// What a session is known by in a login that shows nothing: its name is no other cookie's matter.
fn digest(session: &str) -> String {
    let digest = Sha256::new().chain_update("valetkey-axum silent\0").chain_update(session).finalize();
    URL_SAFE_NO_PAD.encode(digest.first_chunk::<12>().copied().unwrap_or_default())
}

const fn unwritten() -> Failure {
    Failure::broken("a login cannot be written")
}
