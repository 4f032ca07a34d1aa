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

proptest! {
    #[test]
    fn any_credentials_are_read_or_refused(parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..24), noise: Vec<u8>) {
        sip_front::fuzz_bodies::digest_credentials(parts.concat().as_bytes());
        sip_front::fuzz_bodies::digest_credentials(["Digest ", &parts.join(", ")].concat().as_bytes());
        sip_front::fuzz_bodies::digest_credentials(&noise);
    }
}
