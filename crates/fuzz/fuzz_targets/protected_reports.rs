#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| webrtc::fuzz_bodies::protected_reports(bytes));
