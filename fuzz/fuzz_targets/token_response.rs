//! Answers of a token endpoint, under the strict rules, under every relaxation, and in a refresh.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::token_response(data));
