//! The numbers of a public key: [`PublicKey`].

use std::fmt;

/// An elliptic curve of ECDSA and of ECDH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256, or secp256r1.
    P256,
    /// NIST P-384, or secp384r1.
    P384,
    /// NIST P-521, or secp521r1. Here it agrees on keys of a JWE and signs nothing.
    P521,
}

impl Curve {
    /// The registered name: `P-256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// How many bytes a coordinate or a private number has.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// The numbers of a public key, big-endian. Fixed lengths are kept with leading zeros, RSA's numbers have none.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKey {
    /// A point of an elliptic curve.
    Ec {
        /// The curve.
        curve: Curve,
        /// The first coordinate, as long as the curve says.
        x: Vec<u8>,
        /// The second coordinate, as long as the curve says.
        y: Vec<u8>,
    },
    /// An Ed25519 key.
    Ed25519 {
        /// Its 32 bytes (RFC 8032 §5.1.5).
        x: [u8; 32],
    },
    /// An X25519 key, which agrees on keys of a JWE (RFC 8037 §3.2).
    X25519 {
        /// Its 32 bytes (RFC 7748 §5).
        x: [u8; 32],
    },
    /// An RSA key.
    Rsa {
        /// The modulus: 2048 to 8192 bits.
        n: Vec<u8>,
        /// The exponent: odd, greater than 1, at most 32 bits.
        e: Vec<u8>,
    },
}

/// Shows its kind and its size: a log line is no place for its numbers.
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ec { curve, .. } => write!(f, "Ec({})", curve.name()),
            Self::Ed25519 { .. } => f.write_str("Ed25519"),
            Self::X25519 { .. } => f.write_str("X25519"),
            Self::Rsa { n, .. } => write!(f, "Rsa({} bits)", 8 * n.len()),
        }
    }
}
