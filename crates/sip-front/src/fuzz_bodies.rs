//! What the fuzz target runs, compiled with the crate so that it cannot rot. Returns for any bytes.
use crate::digest::{Credentials, Nonces};
use crate::rules::{Now, Rules, Verdict};
use crate::shapes::FrontConfig;
use std::net::SocketAddr;

/// The value of an Authorization header. What is read of it stands in it, and a stranger's guess opens nothing.
pub fn digest_credentials(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some(credentials) = Credentials::parse(text) else {
        return;
    };
    for part in [credentials.username, credentials.nonce] {
        assert!(!part.is_empty() && text.contains(part));
    }
    assert!(!credentials.verify("a password that no fuzzer hashes", "REGISTER"));
    let nonces = Nonces::new(b"key");
    assert!(!nonces.accepts(credentials.nonce, credentials.username, "192.0.2.1", 1_000));
}

/// Datagrams of an address that nobody knows, and of one that a device is bound to; the first byte says where they are cut.
/// Each is sent an answer of SIP, handed on or dropped; none binds, and none registers without having answered a challenge.
pub fn door(bytes: &[u8]) {
    let code = "52010200001320000001";
    let mut rules = Rules::new(FrontConfig {
        realm: "5201020000".into(),
        nonce_key: b"a key that no fuzzer guesses".to_vec(),
        challenge: true,
        default_password: "a password that no fuzzer hashes".into(),
        admit_unknown: false,
        max_requests_per_address_per_s: 50,
        max_remembered_addresses: 10,
        max_pending: 10,
        max_requests_per_device_per_s: 100,
        max_waiting: 1_000,
        max_waiting_octets: 1 << 16,
    });
    let bound = SocketAddr::from(([192, 0, 2, 1], 5060));
    rules.know(code, "");
    rules.bind(code, bound, 2_000);
    let piece = bytes.first().map_or(1, |&first| usize::from(first) * 8 + 1);
    let now = Now {
        monotonic_ms: 5_000_000,
        unix_s: 1_000,
    };
    for peer in [bound, SocketAddr::from(([192, 0, 2, 9], 5060))] {
        for datagram in std::iter::once(bytes).chain(bytes.chunks(piece)) {
            match rules.judge(datagram, peer, now) {
                Verdict::Send(answer) => assert!(answer.starts_with(b"SIP/2.0 ")),
                Verdict::Register(found) => panic!("registered without a password: {found:?}"),
                Verdict::HandOn | Verdict::Drop => {}
            }
        }
    }
    assert!(rules.take_heard().iter().all(|heard| heard == code));
}
