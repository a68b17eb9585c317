//! The world that core does not know: the clock and the system's randomness.

use std::time::SystemTime;

use valetkey_core::{Entropy, UnixTime};

use crate::Error;

/// The time of the system's clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the adapter is what reads the clock for core")]
pub fn now() -> UnixTime {
    SystemTime::now().into()
}

/// Thirty-two bytes of the operating system's randomness, for one conversation.
///
/// # Errors
///
/// [`Error::Randomness`] if the operating system has none to give.
#[expect(clippy::disallowed_methods, reason = "the adapter is what asks the operating system for core")]
pub fn entropy() -> Result<Entropy, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| Error::Randomness)?;
    Ok(Entropy::from_seed(seed))
}
