//! Authorization responses that are signed, or only look so.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::signed_response(data));
