#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dc09::fuzz_bodies::plain(bytes));
