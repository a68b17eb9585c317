//! JWTs: compact texts that nobody here signed, and headers and payloads that are signed here.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::jwt(data));
