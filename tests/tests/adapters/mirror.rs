//! The adapters mirror one another: what is the same in both crates is the same to the letter.
//!
//! Neither crate can depend on the other, and core has no I/O whose errors it could describe, so these files are there
//! twice; this is what keeps them from drifting apart.

#[test]
fn the_errors_are_the_same_in_both_adapters() {
    assert_eq!(
        include_str!("../../../adapter-blocking/src/error.rs"),
        include_str!("../../../adapter-async/src/error.rs"),
    );
}

#[test]
fn the_clock_and_the_randomness_are_the_same_in_both_adapters() {
    assert_eq!(
        include_str!("../../../adapter-blocking/src/system.rs"),
        include_str!("../../../adapter-async/src/system.rs"),
    );
}
