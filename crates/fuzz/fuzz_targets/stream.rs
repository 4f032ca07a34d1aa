#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stream_receiver::fuzz_bodies::stream(bytes));
