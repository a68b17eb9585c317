//! The options that every subcommand with a profile has: [`Options`].

use std::path::{Path, PathBuf};

use clap::Args;

use super::account::Account;
use super::config::{self, Config};
use super::failure::Failure;

/// Which configuration file, and what of its profile is otherwise.
#[derive(Args)]
pub(crate) struct Options {
    /// The configuration file, in place of the one in the folder for configuration, or that VALETKEY_CONFIG names.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sets a key of the profile for this once; where it sets enough of them, there need be no profile. Secrets have no
    /// key: `secret` and its like say where one is.
    #[arg(long, short, value_name = "KEY=VALUE", value_parser = config::key)]
    set: Vec<(String, toml::Value)>,
    /// Trusts the authorities in this PEM file too, beside the system's: the profile's key `ca` for this once.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Options {
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Config::read(self.config.as_deref())
    }

    /// The profile that is meant.
    pub(crate) fn account(&self, profile: Option<&str>) -> Result<Account, Failure> {
        self.account_of(&self.config()?, profile)
    }

    pub(crate) fn account_of(&self, config: &Config, profile: Option<&str>) -> Result<Account, Failure> {
        let mut set = self.set.clone();
        if let Some(ca) = &self.ca {
            set.push(("ca".to_owned(), from_here(ca)?.into()));
        }
        let (name, profile) = config.choose(profile, &set)?;
        Ok(Account::new(name, profile, config.folder()))
    }
}

/// A path on the command line starts where the program was called, and not at the configuration file.
fn from_here(path: &Path) -> Result<String, Failure> {
    let no = |why: &str| Failure::usage(format!("--ca names {}, {why}", path.display()));
    let path = std::path::absolute(path).map_err(|error| no(&error.to_string()))?;
    path.to_str().map(str::to_owned).ok_or_else(|| no("which is not UTF-8"))
}
