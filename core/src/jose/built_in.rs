//! The cryptography that the library is built with.

use std::sync::Arc;

use crate::jose::crypto::CryptoProvider;

/// The cryptography that the library was built with: AWS-LC if there is a choice, which is the faster.
#[allow(unreachable_code, reason = "each feature has its own answer")]
pub(crate) fn built_in() -> Option<Arc<dyn CryptoProvider>> {
    #[cfg(feature = "aws-lc-rs")]
    return Some(Arc::new(crate::jose::aws_lc::AwsLc));
    #[cfg(feature = "rust-crypto")]
    return Some(Arc::new(crate::jose::rust_crypto::RustCrypto));
    None
}
