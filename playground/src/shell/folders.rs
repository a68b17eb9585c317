//! Where this program keeps things, and under what name.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::failure::Failure;

/// What the keyring knows this program by.
pub(crate) const SERVICE: &str = "valetkey";

/// The person's folders.
pub(crate) fn folders() -> Result<impl etcetera::BaseStrategy, Failure> {
    etcetera::choose_base_strategy()
        .map_err(|_| Failure::usage("it is not known where the home folder is").next("set HOME"))
}

/// A folder of this program's own, for what it keeps.
pub(crate) fn folder(name: &str) -> Result<PathBuf, Failure> {
    Ok(folders()?.data_dir().join("valetkey").join(name))
}

/// A path as a person writes it.
pub(crate) fn at(path: &str, config: &Path) -> Result<PathBuf, Failure> {
    match path.strip_prefix("~/") {
        Some(rest) => Ok(folders()?.home_dir().join(rest)),
        None => Ok(config.join(path)),
    }
}
