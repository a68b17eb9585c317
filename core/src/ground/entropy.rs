//! Randomness as an argument: [`Entropy`].

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20::cipher::{KeyIvInit as _, StreamCipherCore as _};
use chacha20::variants::Ietf;
use chacha20::{ChaChaCore, R20};
use zeroize::Zeroizing;

/// Thirty-two random bytes, from which everything unpredictable in one conversation is derived.
///
/// Core never asks the operating system; the adapters' `entropy()` does. The same seed gives the same values,
/// which is what makes a flow replayable in a test, and why a seed must be used for one conversation only:
/// `Entropy` is neither `Clone` nor `Copy`, is taken by value wherever a conversation begins, and prints nothing of itself.
/// So this does not compile, and gives no two people the same `state`:
///
/// ```compile_fail,E0382
/// # use valetkey_core::{AuthorizationRequest, Entropy, Error, UnixTime};
/// # fn two_people(request: &AuthorizationRequest, entropy: Entropy, now: UnixTime) -> Result<(), Error> {
/// let alice = request.begin_unbound(entropy, now)?;
/// let bob = request.begin_unbound(entropy, now)?;
/// # Ok(())
/// # }
/// ```
pub struct Entropy(Zeroizing<[u8; 32]>);

impl Entropy {
    /// Takes 32 bytes from a cryptographically secure generator.
    ///
    /// What is derived from them is for this conversation: another version may derive other values from the same bytes. Keep a key
    /// that is to last as a [`PrivateJwk`](crate::jose::PrivateJwk), and not the seed that it was made of.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Zeroizing::new(seed))
    }

    /// Thirty-two bytes of their own for `label`. Different labels give independent values.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        *self.two(label).0
    }

    /// A value of its own for `label` as 43 characters of base64url: 256 bits.
    #[must_use]
    pub fn text(&self, label: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.derive(label))
    }

    /// Two independent values for `label`, of which [`derive`](Self::derive) gives the first.
    ///
    /// They are the two halves of one block of ChaCha20 (RFC 8439 §2.3), whose key is the seed and whose counter and nonce, 16
    /// bytes together, are the label. Seed and label are what the block is made for: a uniform key, and inputs that differ. Who
    /// does not know the key cannot tell the blocks of different inputs from random ones, and so neither finds one value from
    /// another nor the seed from all of them. A hash of seed and label would do as well, and HMAC (HKDF, RFC 5869) hashes four
    /// blocks a value for the sake of keys that are not uniform; this is the cheapest of them wherever a processor has no
    /// instructions for the hash, and gives two values at once.
    ///
    /// A label of up to 15 bytes is the input, filled up with zeros, and its length is in the last byte of the counter. Of a longer one
    /// each 15 bytes that are followed by others have [`CONTINUES`] there, and their block gives no value but the key for the rest.
    /// So no two labels have the same inputs, and none is the beginning of another's.
    pub(crate) fn two(&self, label: &str) -> (Half, Half) {
        let (mut key, mut label) = (self.0.clone(), label.as_bytes());
        while let Some((piece, rest)) = label.split_at_checked(PIECE).filter(|(_, rest)| !rest.is_empty()) {
            (key, _) = block(&key, piece, CONTINUES);
            label = rest;
        }
        // At most `PIECE`, so that it fits.
        block(&key, label, u8::try_from(label.len()).unwrap_or(CONTINUES))
    }
}

/// Half a block, which is wiped.
type Half = Zeroizing<[u8; 32]>;

/// How many bytes of a label are the input of one block.
const PIECE: usize = 15;

/// Stands in the place of a length where a label goes on.
const CONTINUES: u8 = 16;

/// The two halves of the block for a piece of a label.
fn block(key: &[u8; 32], piece: &[u8], mark: u8) -> (Half, Half) {
    let mut input = [0; PIECE];
    input.iter_mut().zip(piece).for_each(|(input, byte)| *input = *byte);
    // The mark is small and stands in the counter's highest byte, so that the counter never overflows.
    let [first, second, third, nonce @ ..] = input;
    let mut chacha = ChaChaCore::<R20, Ietf>::new(key.into(), (&nonce).into());
    chacha.set_block_pos(u32::from_le_bytes([first, second, third, mark]));
    let mut block = Zeroizing::new([0; 64]);
    chacha.write_keystream_block((&mut *block).into());
    let (mut one, mut other) = (Half::default(), Half::default());
    let (first, second) = block.split_at(32);
    one.copy_from_slice(first);
    other.copy_from_slice(second);
    (one, other)
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(<secret>)")
    }
}
