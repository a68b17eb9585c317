//! The two small pieces of DER that lie between JWK's bare numbers and AWS-LC.

use zeroize::Zeroizing;

/// An elliptic private key without its point, as RFC 5915 §3 writes it: `SEQUENCE { 1, OCTET STRING }`. AWS-LC computes
/// the point from it.
pub(crate) fn ec_private_key(d: &[u8]) -> Zeroizing<Vec<u8>> {
    // Every length here is below 128, so it is one byte.
    let length = u8::try_from(d.len()).unwrap_or(u8::MAX);
    let mut der = Zeroizing::new(Vec::with_capacity(d.len() + 7));
    der.extend_from_slice(&[0x30, length.saturating_add(5), 0x02, 0x01, 0x01, 0x04, length]);
    der.extend_from_slice(d);
    der
}

/// The modulus and the exponent of an RSA key as RFC 8017 A.1.1 writes it: `SEQUENCE { INTEGER, INTEGER }`.
pub(crate) fn rsa_public_key(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (sequence, rest) = element(0x30, der)?;
    let (n, after) = element(0x02, sequence)?;
    let (e, end) = element(0x02, after)?;
    // An INTEGER has a zero before a first bit that would else be its sign.
    let positive = |number: &[u8]| number.strip_prefix(&[0]).unwrap_or(number).to_vec();
    (rest.is_empty() && end.is_empty()).then(|| (positive(n), positive(e)))
}

/// The content of the first element, which must have this tag, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first().filter(|(first, _)| **first == tag)?;
    debug_assert_eq!(*first, tag);
    let (length, rest) = rest.split_first()?;
    if *length < 0x80 {
        return rest.split_at_checked(usize::from(*length));
    }
    let (digits, rest) =
        rest.split_at_checked(usize::from(length & 0x7f)).filter(|(digits, _)| digits.len() <= 4)?;
    let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
    rest.split_at_checked(length)
}
