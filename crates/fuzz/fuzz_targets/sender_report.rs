#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rtp::fuzz_bodies::sender_report(bytes));
