//! What is sent to a loopback receiver, over several connections.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::loopback_request(data));
