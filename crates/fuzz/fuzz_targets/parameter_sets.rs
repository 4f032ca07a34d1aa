#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elementary::fuzz_bodies::parameter_sets(bytes));
