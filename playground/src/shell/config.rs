//! Where the configuration file is, and which of its profiles is meant: [`Config`].

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::Deserialize;

use super::failure::Failure;
use super::folders::folders;
use super::profile::Profile;
use super::wrong::{Wrong, unknown};

/// The variables that name the file, the profile, and which login of it.
const FILE: &str = "VALETKEY_CONFIG";
const PROFILE: &str = "VALETKEY_PROFILE";
const ACCOUNT: &str = "VALETKEY_ACCOUNT";

/// The name of a profile that is on the command line alone.
pub(crate) const UNNAMED: &str = "-";

/// The keys that say which server is meant; and those that say it by themselves, without its endpoints.
const SERVER: [&str; 5] = ["server", "space", "hub", "issuer", "token_endpoint"];
const FAMILIES: [&str; 3] = ["server", "space", "hub"];

/// The configuration file, read; each profile for itself, so that one that is wrong does not spoil the others.
#[derive(Default)]
pub(crate) struct Config {
    path: PathBuf,
    file: File,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    /// The profile that is meant where none is named.
    default: Option<String>,
    profile: BTreeMap<String, Written>,
}

/// A profile as it is written. What is no table may be a secret, which serde's own message would quote.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a profile's keys are below its name, `[profile.NAME]`")]
enum Written {
    Profile(toml::Table),
}

/// What is in the file, once it is known that nobody else could have written it.
#[expect(clippy::disallowed_methods, reason = "the program is what reads files for core")]
fn contents(path: &Path) -> Result<io::Result<String>, Failure> {
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) => return Ok(Err(error)),
    };
    // Windows has no such mode, and keeps a person's own folders to that person.
    #[cfg(unix)]
    super::trust::require(path, &file)?;
    let mut text = String::new();
    Ok(file.read_to_string(&mut text).map(|_| text))
}

impl Config {
    /// Reads the file that is named, or the person's own, which need not be there.
    pub(crate) fn read(named: Option<&Path>) -> Result<Self, Failure> {
        let named = named.map(Path::to_owned).or_else(|| variable(FILE).map(PathBuf::from));
        let path = match &named {
            Some(path) => path.clone(),
            None => folders()?.config_dir().join("valetkey").join("config.toml"),
        };
        let text = match contents(&path)? {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => String::new(),
            Err(error) => {
                return Err(Failure::usage(format!("{} cannot be read: {error}", path.display())));
            }
        };
        let file = toml::from_str(&text).map_err(|error| {
            // The library's whole message shows the line, and a secret may have been written there.
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(0, |text| text.matches('\n').count());
            Failure::usage(format!(
                "{}, line {}: {}",
                path.display(),
                line.saturating_add(1),
                unknown(error.message()).unwrap_or_else(|| error.message().to_owned())
            ))
        })?;
        Ok(Self { path, file })
    }

    /// The names of the profiles.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.file.profile.keys().map(String::as_str)
    }

    /// The file's folder, from which relative paths start.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// The profile that is meant: by its name, or the one of the environment, or the file's `default`, or the only one;
    /// with these keys set. Where keys alone say enough, there need be no profile.
    pub(crate) fn choose(
        &self,
        name: Option<&str>,
        keys: &[(String, toml::Value)],
    ) -> Result<(String, Profile), Failure> {
        let sets = |wanted: &[&str]| keys.iter().any(|(key, _)| wanted.contains(&key.as_str()));
        let alone = sets(&["server", "space", "hub", "token_endpoint"]) && sets(&["client_id"]);
        let name = match name.map(str::to_owned).or_else(|| variable(PROFILE)) {
            Some(name) => name,
            None if alone || (sets(&SERVER) && self.names().next().is_none()) => UNNAMED.to_owned(),
            None => {
                let usual = self.usual()?;
                self.require_same_server(usual, keys)?;
                usual.to_owned()
            }
        };
        let table = match self.file.profile.get(&name) {
            Some(Written::Profile(table)) => table.clone(),
            None if name == UNNAMED => toml::Table::new(),
            None => return Err(self.unknown(&name)),
        };
        self.read_profile(&name, table, keys).map(|profile| (name, profile))
    }

    /// Refuses another server over a profile that nobody named: its client, scope and secret are not for that one.
    fn require_same_server(&self, name: &str, keys: &[(String, toml::Value)]) -> Result<(), Failure> {
        let Some(Written::Profile(table)) = self.file.profile.get(name) else { return Ok(()) };
        let has_family = FAMILIES.iter().any(|key| table.contains_key(*key));
        let differs = |(key, value): &&(String, toml::Value)| match table.get(key) {
            Some(own) => SERVER.contains(&key.as_str()) && own != value,
            None => has_family && FAMILIES.contains(&key.as_str()),
        };
        let Some((key, _)) = keys.iter().find(differs) else { return Ok(()) };
        Err(Failure::usage(format!(
            "--set {key} is another server than that of profile {name} of {}, whose client and secret are not for it",
            self.path.display()
        ))
        .next(format!(
            "for no profile, set `client_id` too; name the profile, {name}, if its other keys are meant"
        )))
    }

    fn read_profile(
        &self,
        name: &str,
        mut table: toml::Table,
        keys: &[(String, toml::Value)],
    ) -> Result<Profile, Failure> {
        table.extend(keys.iter().cloned());
        Profile::read(table).map_err(|Wrong { key, what }| {
            let set: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
            let file = self.path.display();
            Failure::usage(match key {
                Some(key) if set.contains(&key.as_str()) => format!("--set: {what}"),
                _ if name == UNNAMED => what,
                None if !set.is_empty() => {
                    format!("profile {name} of {file}, with --set {}: {what}", set.join(", "))
                }
                _ => format!("profile {name} of {file}: {what}"),
            })
        })
    }

    fn usual(&self) -> Result<&str, Failure> {
        let mut names = self.names();
        match (&self.file.default, names.next(), names.next()) {
            (Some(name), ..) => Ok(name),
            (None, Some(only), None) => Ok(only),
            (None, Some(_), Some(_)) => Err(Failure::usage("which profile?").next(format!(
                "name one of {}, or write `default = \"NAME\"` at the top of {}",
                self.names().collect::<Vec<_>>().join(", "),
                self.path.display()
            ))),
            (None, None, _) => {
                Err(Failure::usage(format!("{} has no profiles, or is not there", self.path.display()))
                    .next("write one, as `valetkey --help` shows, or say it all by --set KEY=VALUE"))
            }
        }
    }

    fn unknown(&self, name: &str) -> Failure {
        let names: Vec<&str> = self.names().collect();
        let failure = Failure::usage(format!("no profile is named {name:?} in {}", self.path.display()));
        if names.is_empty() { failure } else { failure.next(format!("name one of {}", names.join(", "))) }
    }
}

/// The login that the environment names.
pub(crate) fn account() -> Option<String> {
    variable(ACCOUNT)
}

#[expect(clippy::disallowed_methods, reason = "the program is what reads the environment for core")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
