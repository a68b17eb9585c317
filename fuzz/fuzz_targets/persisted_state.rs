//! Pending authorizations and session records as they were stored, or as somebody has changed them.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::persisted_state(data));
