#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recording::fuzz_bodies::footage(bytes));
