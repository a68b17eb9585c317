//! Authorization responses, in each response mode, from servers that advertise `iss` and from others.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::redirect(data));
