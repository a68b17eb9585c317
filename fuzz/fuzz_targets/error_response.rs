//! Answers that are refusals, by themselves and to a request whose secrets they may echo.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::error_response(data));
