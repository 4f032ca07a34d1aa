#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rtp::fuzz_bodies::connection(bytes));
