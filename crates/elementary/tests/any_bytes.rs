//! The fuzz target's body on bytes that look like Annex B, bounded.
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(0x67), Just(0x42), any::<u8>()], 0..600)) {
        elementary::fuzz_bodies::annex_b(&bytes);
        elementary::fuzz_bodies::parameter_sets(&bytes);
        elementary::fuzz_bodies::adts(&bytes);
        elementary::fuzz_bodies::adts(&[&[0xFF, 0xF1], &bytes[..]].concat());
    }
}
