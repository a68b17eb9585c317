//! Identifiers, and where they lead.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::web_finger(data));
