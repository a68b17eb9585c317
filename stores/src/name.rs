//! Names that are never given out twice: of versions, and of leases.

use valetkey_core::store::StoreError;

/// 128 random bits in hexadecimal.
///
/// A counter would do while nothing is lost. But a place that was restored from a copy, or a replica that took over
/// before it had everything, counts again from where it stands, and two different states would share a number.
#[expect(clippy::disallowed_methods, reason = "a store is what asks the operating system for names")]
pub(crate) fn fresh() -> Result<String, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::new("the operating system gave no randomness"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
