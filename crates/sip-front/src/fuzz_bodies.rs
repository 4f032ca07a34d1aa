//! What the fuzz target runs, compiled with the crate so that it cannot rot. Returns for any bytes.
use crate::digest::{Credentials, Nonces};

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
