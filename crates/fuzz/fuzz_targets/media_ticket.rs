#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| media_engine::fuzz_bodies::media_ticket(bytes));
