//! What leaves the program inside a cookie or a URL and is to come back as it was: [`Seals`].
//!
//! XChaCha20-Poly1305 with a random nonce, as `Sealed` of `valetkey-stores` has it: nobody without the key reads or writes one. The
//! purpose is authenticated with it, so that what was sealed for one place is nothing in another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use valetkey_async::entropy;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The key of the examples. Everybody has it, so that it seals nothing: it is taken [on loopback](crate::WebLoginBuilder::on_loopback) only.
pub const EXAMPLE_KEY: [u8; 32] = *b"a key that everybody has, no one";

/// Which form it has.
const FORM: &[u8] = b"vkw1";
const NONCE: usize = 24;

/// The key that seals, and the former ones that still open.
pub(crate) struct Seals(Vec<XChaCha20Poly1305>);

impl Seals {
    /// The first seals; each of them opens.
    pub(crate) fn new<'a>(keys: impl IntoIterator<Item = &'a Zeroizing<[u8; 32]>>) -> Self {
        Self(keys.into_iter().map(|key| XChaCha20Poly1305::new(&Key::from(**key))).collect())
    }

    /// Seals for this purpose, as text that a cookie or a query takes.
    pub(crate) fn seal(&self, purpose: &str, plain: &[u8]) -> Result<String, Failure> {
        let broken = || Failure::broken("a text cannot be sealed");
        let random = entropy()?.derive("nonce of a seal");
        let nonce: [u8; NONCE] = random.first_chunk().copied().ok_or_else(broken)?;
        let context = [FORM, purpose.as_bytes()].concat();
        let payload = Payload { msg: plain, aad: &context };
        let cipher = self.0.first().ok_or_else(broken)?;
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| broken())?;
        Ok(URL_SAFE_NO_PAD.encode([FORM, &nonce, &sealed].concat()))
    }

    /// What was sealed for this purpose; `None` for anything else.
    pub(crate) fn open(&self, purpose: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.strip_prefix(FORM)?.split_first_chunk::<NONCE>()?;
        let context = [FORM, purpose.as_bytes()].concat();
        let open = |cipher: &XChaCha20Poly1305| {
            cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &context }).ok()
        };
        self.0.iter().find_map(open).map(Zeroizing::new)
    }
}

/// The key is one that a program may seal with.
pub(crate) fn require_good(key: &[u8; 32], is_on_loopback: bool) -> Result<(), Failure> {
    if *key == EXAMPLE_KEY && !is_on_loopback {
        return Err(Failure::refused(
            "LG-2",
            "the sealing key is that of the examples: make one of 32 random bytes",
        ));
    }
    let [first, rest @ ..] = key;
    if rest.iter().all(|byte| byte == first) {
        return Err(Failure::refused(
            "LG-2",
            "the sealing key is one byte 32 times: make one of 32 random bytes",
        ));
    }
    Ok(())
}
