//! What is derived from a conversation's seed.

use std::collections::HashSet;

use valetkey_core::Entropy;

/// The block of RFC 8439, appendix A.1, test vector 1: key, counter and nonce are zero, as the empty label has it.
#[test]
fn a_value_is_half_of_a_block_of_chacha20() {
    let value = Entropy::from_seed([0; 32]).derive("");
    let block = [
        0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28, 0xbd,
        0xd2, 0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7,
    ];
    assert_eq!(value, block);
}

/// Whatever their lengths, and though one is the beginning of another, with zeros after it or without.
#[test]
fn different_labels_give_different_values() {
    let entropy = Entropy::from_seed([7; 32]);
    let letters: Vec<String> = (0..100).map(|length| "a".repeat(length)).collect();
    let zeros = (1..100).map(|length| "\0".repeat(length));
    let ends = (1..100).map(|length| "a".repeat(length) + "\0");
    let labels: Vec<String> = letters.iter().cloned().chain(zeros).chain(ends).collect();
    let values: HashSet<[u8; 32]> = labels.iter().map(|label| entropy.derive(label)).collect();
    assert_eq!(values.len(), labels.len());
    let others: HashSet<[u8; 32]> =
        labels.iter().map(|label| Entropy::from_seed([8; 32]).derive(label)).collect();
    assert!(values.is_disjoint(&others), "another seed gives other values");
}
