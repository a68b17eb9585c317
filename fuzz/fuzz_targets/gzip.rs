//! Answers of a token endpoint that are said to be compressed.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::gzip(data));
