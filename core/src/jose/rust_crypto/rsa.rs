//! RSA of the pure-Rust provider (RFC 8017), without a source of randomness.

use std::convert::Infallible;

use hmac::{Hmac, KeyInit as _, Mac as _};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::{KeyRejected, PrivateKey, Sign, Verify};
use crate::jose::public_key::PublicKey;
use crate::jose::rust_crypto::refused::{failed, rejected};

/// The largest modulus, in bits, as core checks it too.
const MAX_BITS: usize = 8192;

pub(super) fn verifier(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<Verify, KeyRejected> {
    let key = public_key(n, e)?;
    Ok(Box::new(move |message, signature| {
        match algorithm {
            Algorithm::Rs256 => {
                key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature)
            }
            Algorithm::Rs384 => {
                key.verify(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(message), signature)
            }
            Algorithm::Rs512 => {
                key.verify(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(message), signature)
            }
            Algorithm::Ps256 => key.verify(Pss::<Sha256>::new(), &Sha256::digest(message), signature),
            Algorithm::Ps384 => key.verify(Pss::<Sha384>::new(), &Sha384::digest(message), signature),
            Algorithm::Ps512 => key.verify(Pss::<Sha512>::new(), &Sha512::digest(message), signature),
            _ => return false,
        }
        .is_ok()
    }))
}

pub(super) fn public_key(n: &[u8], e: &[u8]) -> Result<rsa::PublicKey, KeyRejected> {
    let (n, e) = (BoxedUint::from_be_slice_vartime(n), BoxedUint::from_be_slice_vartime(e));
    rsa::PublicKey::new_with_size_limits(n, e, 2048..=MAX_BITS).map_err(rejected)
}

pub(super) fn signer(algorithm: Algorithm, key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
    let pair = match key {
        PrivateKey::Rsa(key) => {
            let number = BoxedUint::from_be_slice_vartime;
            let primes = vec![number(key.p), number(key.q)];
            rsa::PrivateKey::from_components(number(key.n), number(key.e), number(key.d), primes)
                .map_err(rejected)?
        }
        PrivateKey::Pkcs8(der) => rsa::PrivateKey::from_pkcs8_der(der).map_err(rejected)?,
        _ => return Err(KeyRejected::unfit()),
    };
    let public = PublicKey::Rsa { n: pair.n_bytes().into(), e: pair.e_bytes().into() };
    let secret = Zeroizing::new(pair.d().to_be_bytes());
    let derivation = Hmac::<Sha256>::new_from_slice(&secret).map_err(rejected)?;
    let sign: Sign = Box::new(move |message| {
        let random = &mut Derived::new(&derivation, algorithm, message);
        match algorithm {
            Algorithm::Rs256 => {
                pair.sign_with_rng(random, Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message))
            }
            Algorithm::Rs384 => {
                pair.sign_with_rng(random, Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(message))
            }
            Algorithm::Rs512 => {
                pair.sign_with_rng(random, Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(message))
            }
            Algorithm::Ps256 => pair.sign_with_rng(random, Pss::<Sha256>::new(), &Sha256::digest(message)),
            Algorithm::Ps384 => pair.sign_with_rng(random, Pss::<Sha384>::new(), &Sha384::digest(message)),
            _ => pair.sign_with_rng(random, Pss::<Sha512>::new(), &Sha512::digest(message)),
        }
        .map_err(failed)
    });
    Ok((sign, public))
}

/// What stands where randomness would: HMAC-SHA-256 in counter mode. For a signature it is keyed by a hash of the message
/// under the private exponent: nobody without the key can tell it from randomness, and it repeats for the same message
/// only, as RFC 6979 has it for ECDSA. For the padding of what is encrypted it is keyed by a random seed.
pub(super) struct Derived {
    mac: Hmac<Sha256>,
    counter: u64,
}

impl Derived {
    fn new(derivation: &Hmac<Sha256>, algorithm: Algorithm, message: &[u8]) -> Self {
        let seed = derivation.clone().chain_update(algorithm.name()).chain_update([0]).chain_update(message);
        Self::of(&seed.finalize().into_bytes())
    }

    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    pub(super) fn of(seed: &[u8]) -> Self {
        let mac = Hmac::new_from_slice(seed).expect("a key of any length");
        Self { mac, counter: 0 }
    }
}

impl TryRng for Derived {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(32) {
            self.counter += 1;
            let block = self.mac.clone().chain_update(self.counter.to_be_bytes()).finalize().into_bytes();
            for (byte, derived) in chunk.iter_mut().zip(block) {
                *byte = derived;
            }
        }
        Ok(())
    }
}

impl TryCryptoRng for Derived {}
