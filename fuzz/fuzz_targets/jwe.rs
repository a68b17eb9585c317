//! Encrypted JWTs: compact texts by anybody, and headers and contents that are encrypted here.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::jwe(data));
