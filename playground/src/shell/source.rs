//! Where a secret comes from: [`Source`]. Never from an argument, and never from the profile itself.

use std::fmt;
use std::io::Read as _;
use std::str::FromStr;

use keyring::Error as KeyringError;
use keyring::v1::Entry;
use serde::{Deserialize, Deserializer, de};
use zeroize::Zeroizing;

use super::exit::Exit;
use super::failure::Failure;
use super::folders::SERVICE;
use super::terminal;

/// The largest secret that is read, in bytes.
const MAX: u64 = 256 * 1024;

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The system's keyring. One that is not there yet is asked for, and kept.
    Keyring,
    /// A variable of the environment.
    Env(String),
    /// A file descriptor that the program's caller opened.
    Fd(u32),
    /// The person, each time.
    Prompt,
}

/// The forms, for an error: what was written in their place may be the secret itself, and is not repeated.
const FORMS: &str =
    "a secret is not written here: say where it is, by \"keyring\", \"env:NAME\", \"fd:N\" or \"prompt\"";

impl FromStr for Source {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.split_once(':') {
            None if text == "keyring" => Ok(Self::Keyring),
            None if text == "prompt" => Ok(Self::Prompt),
            Some(("env", name)) if !name.is_empty() && !name.contains('=') => Ok(Self::Env(name.to_owned())),
            Some(("fd", number)) => number.parse().map(Self::Fd).map_err(|_| FORMS),
            _ => Err(FORMS),
        }
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Serde's own message would quote a value of another type.
        let value = toml::Value::deserialize(deserializer).map_err(|_| de::Error::custom(FORMS))?;
        value.as_str().ok_or(FORMS).and_then(str::parse).map_err(de::Error::custom)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("keyring"),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::Fd(number) => write!(f, "fd:{number}"),
            Self::Prompt => f.write_str("prompt"),
        }
    }
}

/// Whose a secret is. A profile that is turned to another server or client has other secrets: what the keyring keeps is
/// sent to no server but the one that it was asked for.
pub(crate) fn owner(profile: &str, client_id: &str, server: &str) -> String {
    format!("{profile}, {client_id} at {server}")
}

impl Source {
    /// Gets the secret: `what` says which, `owner` whose.
    pub(crate) fn read(&self, what: &str, owner: &str) -> Result<Zeroizing<String>, Failure> {
        let secret = match self {
            Self::Keyring => from_keyring(what, owner)?,
            Self::Env(name) => from_environment(name).map_err(|why| {
                Failure::usage(format!("the {what} is to come from the variable {name}, which {why}"))
                    .next(format!("set {name}, or name another place in the profile"))
            })?,
            Self::Fd(number) => from_descriptor(*number).map_err(|error| {
                Failure::usage(format!(
                    "the {what} is to come from the file descriptor {number}, which cannot be read: {error}"
                ))
                .next(format!("open it: `valetkey … {number}<FILE`"))
            })?,
            Self::Prompt => from_person(what)?,
        };
        if secret.is_empty() {
            return Err(Failure::usage(format!("the {what} from {self} is empty")));
        }
        Ok(secret)
    }

    /// Forgets what was kept in the keyring.
    pub(crate) fn forget(&self, what: &str, owner: &str) -> Result<(), Failure> {
        if *self != Self::Keyring {
            return Ok(());
        }
        match entry(what, owner)?.delete_credential() {
            Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
            Err(_) => Err(no_keyring(what)),
        }
    }
}

fn from_keyring(what: &str, owner: &str) -> Result<Zeroizing<String>, Failure> {
    let entry = entry(what, owner)?;
    match entry.get_password() {
        Ok(secret) => Ok(Zeroizing::new(secret)),
        Err(KeyringError::NoEntry) if terminal::is_attended() => {
            let secret = terminal::ask(&format!("The {what}, to be kept in the keyring"))?;
            entry.set_password(&secret).map_err(|_| no_keyring(what))?;
            Ok(secret)
        }
        Err(KeyringError::NoEntry) => Err(Failure::usage(format!(
            "the keyring has no {what} of this profile for its server"
        ))
        .next("run the same command at a terminal once: it asks, and keeps the answer in the keyring")),
        Err(_) => Err(no_keyring(what)),
    }
}

fn entry(what: &str, owner: &str) -> Result<Entry, Failure> {
    Entry::new(SERVICE, &format!("{owner}: {what}")).map_err(|_| no_keyring(what))
}

/// In our words: some of the keyring's errors carry the secret that they are about.
fn no_keyring(what: &str) -> Failure {
    Failure::new(
        Exit::Store,
        format!("the {what} is to be in the keyring, which is locked, or cannot be reached"),
    )
    .next("unlock it, or name another place in the profile: \"env:NAME\", \"fd:N\", \"prompt\"")
}

#[expect(clippy::disallowed_methods, reason = "the program is what reads the environment for core")]
fn from_environment(name: &str) -> Result<Zeroizing<String>, &'static str> {
    match std::env::var(name) {
        Ok(secret) => Ok(Zeroizing::new(secret)),
        Err(std::env::VarError::NotPresent) => Err("is not set"),
        Err(std::env::VarError::NotUnicode(_)) => Err("is not in UTF-8"),
    }
}

/// By its name in the file system, which every Unix has, so that no descriptor is taken from who owns it.
#[expect(clippy::disallowed_methods, reason = "the program is what reads files for core")]
fn from_descriptor(number: u32) -> std::io::Result<Zeroizing<String>> {
    let mut secret = Zeroizing::new(String::new());
    std::fs::File::open(format!("/dev/fd/{number}"))?.take(MAX).read_to_string(&mut secret)?;
    // A file or an `echo` ends with a line's end that is no part of the secret.
    let length = secret.strip_suffix('\n').map_or(secret.len(), |line| line.trim_end_matches('\r').len());
    secret.truncate(length);
    Ok(secret)
}

fn from_person(what: &str) -> Result<Zeroizing<String>, Failure> {
    if !terminal::is_attended() {
        return Err(Failure::usage(format!("the {what} is to be typed in, and this is not a terminal")).next(
            "run it at a terminal, or name another place in the profile: \"keyring\", \"env:NAME\", \"fd:N\"",
        ));
    }
    terminal::ask(&format!("The {what}"))
}
