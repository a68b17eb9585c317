//! Which 32 bytes are an Ed25519 key that belongs to somebody ([ID-7](crate::Rule::Id7); RFC 8032 §5.1.3, §5.1.7).
//!
//! The curve has eight points of small order. A key that is one of them verifies signatures that nobody made with a
//! private key: anyone can write them. Providers differ in whether they see that, and in which of the
//! several spellings of a point they take. So core decides, for all of them, before a provider sees the key.

/// The y coordinates of the points of small order, little-endian, without the bit that tells x from -x.
const SMALL_ORDER: [[u8; 32]; 5] = [
    // Order 4.
    [0; 32],
    // Order 1: the neutral element.
    first(1, [0; 32]),
    // Order 8: one of the two, and p minus it.
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    // Order 2: p - 1.
    first(0xec, P),
];

/// The prime 2^255 - 19, little-endian.
const P: [u8; 32] = {
    let mut p = [0xff; 32];
    p[0] = 0xed;
    p[31] = 0x7f;
    p
};

/// Whether the key is a point in its one spelling, and not of small order. Whether there is such a point at all, the
/// provider finds out.
pub(crate) fn check(x: &[u8; 32]) -> Result<(), &'static str> {
    let y = without_sign(*x);
    // RFC 8032 §5.1.3: "If the resulting value is >= p, decoding fails." Such a spelling would be a second one of a key,
    // with another thumbprint.
    if y.iter().rev().ge(P.iter().rev()) {
        return Err("the Ed25519 key is not written in its canonical form");
    }
    if SMALL_ORDER.contains(&y) {
        return Err("the Ed25519 key is of small order: anybody can sign for it");
    }
    Ok(())
}

const fn without_sign(mut x: [u8; 32]) -> [u8; 32] {
    x[31] &= 0x7f;
    x
}

const fn first(byte: u8, mut rest: [u8; 32]) -> [u8; 32] {
    rest[0] = byte;
    rest
}
