//! Key sets, and single keys, public and private.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::jwk_set(data));
