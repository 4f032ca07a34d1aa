#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fragmented_mp4::fuzz_bodies::movie_fragment(bytes));
