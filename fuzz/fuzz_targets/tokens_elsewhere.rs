//! Answers of a token endpoint whose tokens are at a place of their own.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::tokens_elsewhere(data));
