//! The fuzz target's body on bytes that look like credentials, bounded.
use proptest::prelude::*;

const PARTS: [&str; 14] = [
    "Digest ",
    "username=\"34020000001320000001\"",
    "realm=\"3402000000\"",
    "nonce=\"1.2\"",
    "uri=\"sip:34020000002000000001@3402000000\"",
    "response=\"6629fae49393a05397450978507c4ef1\"",
    "algorithm=MD5",
    "qop=auth",
    "nc=00000001",
    "cnonce=\"",
    ", ",
    "=",
    "\\\"",
    "中",
];

const LINES: [&str; 16] = [
    "REGISTER sip:52010200002000000001@5201020000 SIP/2.0",
    "MESSAGE sip:52010200002000000001@5201020000 SIP/2.0",
    "Via: SIP/2.0/UDP 192.168.1.9:5060;rport;branch=z9hG4bK1",
    "From: <sip:52010200001320000001@5201020000>;tag=1",
    "To: <sip:52010200001320000001@5201020000>",
    "Call-ID: 6@192.168.1.9",
    "CSeq: 1 REGISTER",
    "CSeq: 1 MESSAGE",
    "Contact: <sip:52010200001320000001@192.168.1.9:5060>",
    "Expires: 3600",
    "Expires: 0",
    "Authorization: Digest username=\"52010200001320000001\", realm=\"5201020000\", nonce=\"1.2\", uri=\"sip:x\", response=\"0\"",
    "Content-Length: 0",
    "Content-Length: 99999",
    "",
    "<Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>52010200001320000001</DeviceID><Status>OK</Status></Notify>",
];

proptest! {
    #[test]
    fn any_credentials_are_read_or_refused(parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..24), noise: Vec<u8>) {
        sip_front::fuzz_bodies::digest_credentials(parts.concat().as_bytes());
        sip_front::fuzz_bodies::digest_credentials(["Digest ", &parts.join(", ")].concat().as_bytes());
        sip_front::fuzz_bodies::digest_credentials(&noise);
    }

    #[test]
    fn any_datagrams_are_answered_handed_on_or_dropped(
        first: u8,
        lines in prop::collection::vec(prop::sample::select(&LINES[..]), 0..16),
        noise in prop::collection::vec(any::<u8>(), 0..40),
        at: prop::sample::Index,
    ) {
        let mut octets = lines.join("\r\n").into_bytes();
        sip_front::fuzz_bodies::door(&octets);
        let place = at.index(octets.len() + 1);
        octets.splice(place..place, noise);
        octets.insert(0, first);
        sip_front::fuzz_bodies::door(&octets[1..]);
        sip_front::fuzz_bodies::door(&octets);
    }
}
