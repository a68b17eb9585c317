//! Claims of ID tokens, which are signed here.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::id_token(data));
