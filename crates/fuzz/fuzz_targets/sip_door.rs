#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sip_front::fuzz_bodies::door(bytes));
