//! Where a secret of a request comes from that must be another each time: [`SecretSource`].

use std::error::Error as StdError;

use crate::ground::callback_error::CallbackError;
use crate::ground::time::UnixTime;
use crate::jose::signer::Signed;

/// A source of secrets that live for one request, or for some minutes: an assertion in a file that a platform replaces (workload
/// identity), a token to exchange. It is asked anew for each request, a repeated one too, and what it gives is kept nowhere.
///
/// A closure that reads is one. What it gives is taken without the whitespace around it:
///
/// ```
/// # use valetkey_core::{AuthorizationServer, Client};
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// let client = Client::new(server, "s6BhdRkqt3")
///     .assertions_from(|| std::fs::read_to_string("/var/run/secrets/tokens/identity-token"))?;
/// assert_eq!(client.method().name(), "private_key_jwt");
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// Core does nothing else while it is asked, and an adapter's task or thread waits for it: one that takes long gives
/// [`Signed::Pending`], and is asked again.
pub trait SecretSource: Send + Sync {
    /// The secret for the next request.
    ///
    /// # Errors
    ///
    /// [`CallbackError`] if it cannot be had. The request fails with [`Error::Callback`](crate::Error::Callback), nothing is sent, and
    /// the next one asks again.
    fn secret(&self, now: UnixTime) -> Result<Signed<String>, CallbackError>;
}

impl<F, E> SecretSource for F
where
    F: Fn() -> Result<String, E> + Send + Sync,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn secret(&self, _now: UnixTime) -> Result<Signed<String>, CallbackError> {
        self().map(Signed::Ready).map_err(CallbackError::new)
    }
}
