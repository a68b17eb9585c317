//! Sequences of operations on sessions, token requests and pending authorizations.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::operations(data));
