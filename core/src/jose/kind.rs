//! What kind of key an algorithm needs, and what kind one is: for an error that names both. [`mismatch`],
//! [`no_private_key`].

use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::PrivateKey;
use crate::jose::public_key::Curve;

/// The kinds of private keys in PKCS#8, by the object identifiers that say so in DER: the longer ones first, since that of
/// a curve follows the one of all curves (RFC 5958 §2, RFC 5480 §2.1.1, RFC 8017 §A.1, RFC 8410 §3).
const KINDS: [(&[u8], &str); 9] = [
    (b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", P256),
    (b"\x06\x05\x2b\x81\x04\x00\x22", P384),
    (b"\x06\x05\x2b\x81\x04\x00\x23", P521),
    (b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", "an EC key on another curve"),
    (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", RSA),
    (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "an RSA key for PSS only"),
    (b"\x06\x03\x2b\x65\x6e", X25519),
    (b"\x06\x03\x2b\x65\x70", ED25519),
    (b"\x06\x03\x2b\x65\x71", "an Ed448 key"),
];

const P256: &str = "an EC key on P-256";
const P384: &str = "an EC key on P-384";
const P521: &str = "an EC key on P-521";
const RSA: &str = "an RSA key";
const ED25519: &str = "an Ed25519 key";
const X25519: &str = "an X25519 key";

/// Where the kind is written in PKCS#8: within the first bytes, before the key itself.
const HEAD: usize = 40;

/// Why a key cannot be one for this algorithm, if it is of another kind than the algorithm needs.
pub(crate) fn mismatch(algorithm: Algorithm, key: &PrivateKey<'_>) -> Option<String> {
    let (found, wanted) = (found(key)?, wanted(algorithm)?);
    (found != wanted).then(|| format!("the key is {found}, and {algorithm} needs {wanted}"))
}

fn found(key: &PrivateKey<'_>) -> Option<&'static str> {
    match key {
        PrivateKey::Ec { curve: Curve::P256, .. } => Some(P256),
        PrivateKey::Ec { curve: Curve::P384, .. } => Some(P384),
        PrivateKey::Ec { curve: Curve::P521, .. } => Some(P521),
        PrivateKey::Ed25519 { .. } => Some(ED25519),
        PrivateKey::X25519 { .. } => Some(X25519),
        PrivateKey::Rsa(_) => Some(RSA),
        PrivateKey::Pkcs8(der) => {
            let head = der.get(..HEAD).unwrap_or(der);
            let says = |id: &[u8]| head.windows(id.len()).any(|part| part == id);
            KINDS.iter().find(|(id, _)| says(id)).map(|(_, kind)| *kind)
        }
    }
}

const fn wanted(algorithm: Algorithm) -> Option<&'static str> {
    Some(match algorithm {
        Algorithm::Es256 => P256,
        Algorithm::Es384 => P384,
        Algorithm::EdDsa | Algorithm::Ed25519 => ED25519,
        _ if algorithm.is_symmetric() => return None,
        _ => RSA,
    })
}

/// What a PEM file may have in it in the place of an unencrypted private key in PKCS#8 (RFC 7468).
const LABELS: [&str; 6] = [
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PUBLIC KEY",
    "CERTIFICATE",
];

/// Why no private key was found in this PEM. Only a label that everybody knows is repeated: the rest may be a secret.
pub(crate) fn no_private_key(pem: &str) -> String {
    let found = LABELS.iter().find(|label| pem.contains(&format!("-----BEGIN {label}-----")));
    match found {
        Some(label @ (&"PUBLIC KEY" | &"CERTIFICATE")) => {
            format!(
                "the PEM holds a \"{label}\", and a \"PRIVATE KEY\" is needed: give the private key that belongs to it"
            )
        }
        Some(label) => format!(
            "the PEM holds a key as \"{label}\", and an unencrypted \"PRIVATE KEY\" is needed (PKCS#8): convert it by \
             `openssl pkcs8 -topk8 -nocrypt`"
        ),
        None => "the PEM holds no unencrypted key in PKCS#8 (\"PRIVATE KEY\")".to_owned(),
    }
}
