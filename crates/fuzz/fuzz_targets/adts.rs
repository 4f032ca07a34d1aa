#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elementary::fuzz_bodies::adts(bytes));
