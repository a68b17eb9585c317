//! What the benchmarks of JWTs share: keys, the crypto provider's bare verification of a signature, and two sides that
//! take turns.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use valetkey_core::UnixTime;
use valetkey_core::jose::{Algorithm, CryptoProvider, PublicKey, Verify};

/// How many turns each side takes.
const TURNS: usize = 3_000;

/// The most that ours may take, as a multiple of the bare signature.
pub(crate) const BAR: f64 = 1.15;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// A new private key.
pub(crate) fn pkcs8(algorithm: Algorithm) -> Vec<u8> {
    match algorithm {
        Algorithm::Rs256 => {
            let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
            key.as_der().expect("its form").as_ref().to_vec()
        }
        Algorithm::Es256 => {
            let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
            key.to_pkcs8v1().expect("its form").as_ref().to_vec()
        }
        Algorithm::EdDsa => {
            let key = Ed25519KeyPair::generate().expect("a key");
            key.to_pkcs8v1().expect("its form").as_ref().to_vec()
        }
        _ => unreachable!("the algorithms measured"),
    }
}

/// A provider's verification of the signature of one JWT, and of nothing else in it.
pub(crate) struct Bare<'a> {
    verify: Verify,
    input: &'a [u8],
    signature: Vec<u8>,
}

impl<'a> Bare<'a> {
    pub(crate) fn of(
        jwt: &'a str,
        key: &PublicKey,
        provider: &dyn CryptoProvider,
        algorithm: Algorithm,
    ) -> Self {
        let (input, signature) = jwt.rsplit_once('.').expect("three parts");
        Self {
            verify: provider.verifier(algorithm, key).expect("a parsed key"),
            input: input.as_bytes(),
            signature: URL_SAFE_NO_PAD.decode(signature).expect("base64url"),
        }
    }

    pub(crate) fn verify(&self) {
        assert!((self.verify)(self.input, &self.signature), "a signature");
    }
}

pub(crate) fn heading() {
    println!("{:<44}{:>10}{:>10}{:>8}{:>7}", "", "bare", "ours", "ratio", "bar");
}

/// Lets both sides take turns over the same bytes, so that whatever else the machine does falls on both, after a tenth of
/// the turns to warm up. The ratio is that of the two tenth percentiles: what else happened is in the slower turns.
pub(crate) fn compare<A, B>(
    what: &str,
    bar: f64,
    mut bare: impl FnMut() -> A,
    mut ours: impl FnMut() -> B,
) -> f64 {
    let (mut bares, mut ourses) = (Vec::with_capacity(TURNS), Vec::with_capacity(TURNS));
    for turn in 0..TURNS + TURNS / 10 {
        let (one, other) = (timed(&mut bare), timed(&mut ours));
        if turn >= TURNS / 10 {
            bares.push(one);
            ourses.push(other);
        }
    }
    let (bare, ours) = (tenth_percentile(bares), tenth_percentile(ourses));
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    println!("{what:<44}{bare:>10.1?}{ours:>10.1?}{ratio:>8.3}{bar:>7}");
    ratio
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn timed<T>(run: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    let kept = black_box(run());
    let time = start.elapsed();
    drop(kept);
    time
}

fn tenth_percentile(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 10).copied().unwrap_or_default()
}
