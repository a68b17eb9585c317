//! What is refused unless a quirk admits it: the error names the quirk, wherever it is made.

use crate::ground::error::Error;
use crate::ground::quirk::{Quirk, Quirks};

impl Quirks {
    /// Refuses what this quirk admits, unless the set has it. All that refuses a departure asks here, so that no error forgets
    /// to name the way through.
    pub(crate) fn require(self, quirk: Quirk, otherwise: impl FnOnce() -> Error) -> Result<(), Error> {
        if self.contains(quirk) { Ok(()) } else { Err(otherwise().unless_admitted(quirk)) }
    }
}
