//! The fuzz targets' bodies on any bytes, bounded.
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(prop_oneof![Just(0x80u8), Just(0), Just(b'$'), any::<u8>()], 0..600)) {
        rtp::fuzz_bodies::packet(&bytes);
        rtp::fuzz_bodies::connection(&bytes);
        rtp::fuzz_bodies::sender_report(&bytes);
    }
}
