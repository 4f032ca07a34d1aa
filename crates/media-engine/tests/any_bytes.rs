//! The fuzz targets' bodies on bounded bytes, some of which look right.
use media_engine::fuzz_bodies;
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(prop_oneof![Just(0x81_u8), Just(0x8A), Just(0x85), any::<u8>()], 0..300)) {
        fuzz_bodies::websocket_frames(&bytes);
        fuzz_bodies::media_ticket(&bytes);
        fuzz_bodies::request_head(&bytes);
    }

    #[test]
    fn any_request_is_survived(path in "/(ws|fmp4|hls)/[ -~]{0,40}", header in "[!-~]{0,12}", value in "[ -~]{0,30}") {
        fuzz_bodies::request_head(format!("GET {path} HTTP/1.1\r\n{header}: {value}\r\n\r\n").as_bytes());
    }
}
