//! Answers of a token endpoint that are forms.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_tests::fuzz::form_answer(data));
