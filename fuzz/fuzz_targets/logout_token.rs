//! Claims of logout tokens, which are signed here, and forms that are posted.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::logout_token(data));
