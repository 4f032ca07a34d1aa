#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| media_engine::fuzz_bodies::request_head(bytes));
