//! The options that every subcommand with a profile has: [`Options`].

use std::path::{Path, PathBuf};

use clap::Args;

use super::account::Account;
use super::config::{self, Config};
use super::failure::Failure;
use super::setting;

/// Which configuration file, and what of its profile is otherwise.
#[derive(Args)]
pub(crate) struct Options {
    /// The configuration file, in place of the usual one or the one of VALETKEY_CONFIG.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sets a key of the profile for this run. If enough keys are set, no profile is needed. A secret cannot be set:
    /// `secret`, `token` and `password` say where it is kept.
    #[arg(long, short, value_name = "KEY=VALUE", value_parser = setting::key)]
    set: Vec<(String, toml::Value)>,
    /// Which login of the profile is meant, of several that are kept under names of yours. By default it is the one of
    /// VALETKEY_ACCOUNT, or else the profile's, or else the one without a name.
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Trusts the authorities in this PEM file beside the system's, as the profile's key `ca` does.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Options {
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Config::read(self.config.as_deref())
    }

    /// Acts for the profile that is meant, and for its login that is meant: by an option, or by the environment, or by the
    /// profile itself.
    pub(crate) fn with<T>(
        &self,
        profile: Option<&str>,
        act: impl FnOnce(&Account) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut account = self.account_of(&self.config()?, profile)?;
        let is_set = self.account.is_some() || self.set.iter().any(|(key, _)| key == "account");
        if let Some(named) = config::account().filter(|_| !is_set) {
            account = account.of(&named);
        }
        act(&account).map_err(|failure| failure.beside(&account.profile.quirks))
    }

    /// The file of further authorities that the command line names.
    pub(crate) fn authorities(&self) -> Option<&Path> {
        self.ca.as_deref()
    }

    pub(crate) fn account_of(&self, config: &Config, profile: Option<&str>) -> Result<Account, Failure> {
        let mut set = self.set.clone();
        if let Some(ca) = &self.ca {
            set.push(("ca".to_owned(), from_here(ca)?.into()));
        }
        if let Some(account) = &self.account {
            set.push(("account".to_owned(), account.as_str().into()));
        }
        let (name, profile) = config.choose(profile, &set)?;
        set.retain(|(key, _)| key != "account");
        let set = set.iter().map(|(key, value)| setting::set(key, value)).collect();
        Ok(Account::new(name, profile, config.folder()).setting(set))
    }
}

/// A path on the command line starts where the program was called, and not at the configuration file.
fn from_here(path: &Path) -> Result<String, Failure> {
    let no = |why: &str| Failure::usage(format!("--ca: the path {} {why}", path.display()));
    let path = std::path::absolute(path).map_err(|error| no(&format!("cannot be made absolute: {error}")))?;
    path.to_str().map(str::to_owned).ok_or_else(|| no("is not in UTF-8"))
}
