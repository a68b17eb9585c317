//! Where tokens are kept between two calls: [`Place`]; and what a log-out leaves there.

use std::path::Path;

use valetkey_blocking::session::SessionRecord;
use valetkey_blocking::store::Store;
use valetkey_stores::{FileStore, KeyringStore};

use super::failure::Failure;
use super::folders::{SERVICE, at, folder};

/// A store that a profile names.
pub(crate) type Place = Box<dyn Store>;

/// Opens what `store` names: `keyring`, `file`, or `file:PATH` with a path from the configuration file's folder.
pub(crate) fn open(name: &str, config: &Path) -> Result<Place, Failure> {
    match name.split_once(':') {
        None if name == "keyring" => Ok(Box::new(KeyringStore::open(SERVICE, folder("locks")?)?)),
        None if name == "file" => Ok(Box::new(FileStore::open(folder("sessions")?)?)),
        Some(("file", path)) if !path.is_empty() => Ok(Box::new(FileStore::open(at(path, config)?)?)),
        _ => Err(Failure::usage(format!(
            "`store` is {name:?}, and may be \"keyring\", \"file\" or \"file:PATH\""
        ))),
    }
}

/// Whether a record is what a log-out leaves: it keeps a late renewal from bringing the session back, and holds no token.
pub(crate) fn is_end(record: &SessionRecord) -> bool {
    serde_json::to_value(record).is_ok_and(|record| record.get("ended_at").is_some_and(|at| !at.is_null()))
}
