//! The fuzz targets' bodies on bounded bytes, some of which look right.
use proptest::prelude::*;

const LINES: [&str; 10] = [
    "v=0",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
    "m=audio 9 UDP/TLS/RTP/SAVPF 0 8",
    "a=mid:0",
    "a=ice-ufrag:abcd",
    "a=setup:actpass",
    "a=rtpmap:96 H265/90000",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
];

proptest! {
    #[test]
    fn any_datagram_is_survived(mut bytes in prop::collection::vec(any::<u8>(), 20..200), check: bool) {
        if check {
            let length = (bytes.len() - 20) as u16 & !3;
            bytes[..4].copy_from_slice(&[0, 1, (length >> 8) as u8, length as u8]);
            bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xA4, 0x42]);
        }
        webrtc::fuzz_bodies::connectivity_check(&bytes);
        bytes[0] = 0x81;
        bytes[1] = 205 + (bytes[1] & 1);
        webrtc::fuzz_bodies::reports(&bytes);
        webrtc::fuzz_bodies::protected_reports(&bytes);
        webrtc::fuzz_bodies::protected_reports(&bytes[..10]);
    }

    #[test]
    fn any_offer_is_answered_or_refused(lines in prop::collection::vec(prop::sample::select(&LINES[..]), 0..24), noise: Vec<u8>) {
        let text = lines.join("\r\n");
        webrtc::fuzz_bodies::offer(text.as_bytes());
        webrtc::fuzz_bodies::offer(&noise);
    }
}
