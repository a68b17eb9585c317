//! The world that core does not know: the clock, the system's randomness, and the environment's proxies.

use std::time::SystemTime;

use valetkey_core::host::{Network, ProxyRules};
use valetkey_core::{Entropy, UnixTime};

use crate::Error;

/// The time of the system's clock.
#[must_use]
#[inline]
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

/// A number up to 1000, so that processes which share tokens do not renew them at the same moment.
pub(crate) fn spread() -> u16 {
    let [high, low, ..] = entropy().map_or([0; 32], |entropy| entropy.derive("spread"));
    u16::from_be_bytes([high, low]) % 1001
}

/// The network as the environment describes it: the proxies that its variables name, by [`ProxyRules::from_values`].
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the adapter is what reads the environment for core")]
pub fn network() -> Network {
    // What is not Unicode is not the address of a proxy either, and is refused as such.
    let value_of = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    Network::new(ProxyRules::from_values(value_of))
}
