//! The fuzz target's body on bytes that look like a program stream, bounded.
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_bytes_are_survived(
        first: u8,
        parts in prop::collection::vec(prop_oneof![
            prop::sample::select(vec![0xB9u8, 0xBA, 0xBB, 0xBC, 0xBD, 0xBF, 0xC0, 0xE0]).prop_map(|id| vec![0, 0, 1, id]),
            prop::collection::vec(any::<u8>(), 0..24),
            Just(vec![0x44; 10]),
        ], 0..60)
    ) {
        program_stream::fuzz_bodies::program_stream(&[vec![first], parts.concat()].concat());
    }
}
