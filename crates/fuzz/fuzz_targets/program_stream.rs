#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| program_stream::fuzz_bodies::program_stream(bytes));
