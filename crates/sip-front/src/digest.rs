//! Digest credentials, and nonces that prove themselves. Sources: RFC 2617 §3.2, RFC 8760. The node's `Nonces` makes the
//! same nonces with the same key, so that a challenge by either is accepted by both.
use hmac::{Hmac, Mac};
use md5::Md5;
use sha2::{Digest, Sha256};

/// Seconds for which a nonce is taken. The node's NONCE_LIFE_S.
const NONCE_LIFE_S: u64 = 300;

/// The values of an Authorization header, as sent.
#[derive(Debug, Default)]
pub(crate) struct Credentials<'a> {
    pub username: &'a str,
    realm: &'a str,
    pub nonce: &'a str,
    uri: &'a str,
    response: &'a str,
    algorithm: &'a str,
    qop: &'a str,
    nc: &'a str,
    cnonce: &'a str,
}

impl<'a> Credentials<'a> {
    /// None for another scheme, or when something is out of the ordinary.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (scheme, mut rest) = text.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let mut found = Self::default();
        loop {
            rest = rest.trim_start_matches([' ', ',', '\t']);
            let Some((name, after)) = rest.split_once('=') else {
                break;
            };
            let after = after.trim_start();
            let value;
            if let Some(quoted) = after.strip_prefix('"') {
                (value, rest) = quoted.split_once('"')?;
                if value.contains('\\') {
                    return None;
                }
            } else {
                let end = after.find([',', ' ']).unwrap_or(after.len());
                (value, rest) = after.split_at(end);
            }
            let name = name.trim();
            for (wanted, slot) in [
                ("username", &mut found.username),
                ("realm", &mut found.realm),
                ("nonce", &mut found.nonce),
                ("uri", &mut found.uri),
                ("response", &mut found.response),
                ("algorithm", &mut found.algorithm),
                ("qop", &mut found.qop),
                ("nc", &mut found.nc),
                ("cnonce", &mut found.cnonce),
            ] {
                if name.eq_ignore_ascii_case(wanted) {
                    *slot = value;
                }
            }
        }
        (!found.username.is_empty() && !found.nonce.is_empty() && !found.response.is_empty())
            .then_some(found)
    }

    /// Whether the sender knows `password`. False also for algorithms other than MD5 and SHA-256.
    pub fn verify(&self, password: &str, method: &str) -> bool {
        let hash = match self.algorithm {
            "" => md5_hex,
            name if name.eq_ignore_ascii_case("md5") => md5_hex,
            name if name.eq_ignore_ascii_case("sha-256") => sha256_hex,
            _ => return false,
        };
        let ha1 = hash(&[self.username, self.realm, password]);
        let ha2 = hash(&[method, self.uri]);
        let expected = if self.qop.is_empty() {
            hash(&[&ha1, self.nonce, &ha2])
        } else {
            hash(&[&ha1, self.nonce, self.nc, self.cnonce, self.qop, &ha2])
        };
        same(
            expected.as_bytes(),
            self.response.to_ascii_lowercase().as_bytes(),
        )
    }
}

/// Compares in a time that does not tell where they differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

fn md5_hex(parts: &[&str]) -> String {
    hex(&Md5::digest(parts.join(":")))
}

fn sha256_hex(parts: &[&str]) -> String {
    hex(&Sha256::digest(parts.join(":")))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Bound to device, address and second; nothing is stored.
pub(crate) struct Nonces {
    mac: Hmac<Sha256>,
}

impl Nonces {
    pub fn new(key: &[u8]) -> Self {
        Self {
            mac: <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes any key length"),
        }
    }

    pub fn make(&self, code: &str, host: &str, now_s: u64) -> String {
        let window = format!("{now_s:x}");
        let signature = self.sign(&window, code, host);
        format!("{window}.{signature}")
    }

    pub fn accepts(&self, nonce: &str, code: &str, host: &str, now_s: u64) -> bool {
        let Some((window, signature)) = nonce.split_once('.') else {
            return false;
        };
        let Ok(made_s) = u64::from_str_radix(window, 16) else {
            return false;
        };
        made_s <= now_s + 1
            && now_s < made_s.saturating_add(NONCE_LIFE_S)
            && same(
                self.sign(window, code, host).as_bytes(),
                signature.as_bytes(),
            )
    }

    fn sign(&self, window: &str, code: &str, host: &str) -> String {
        let mut mac = self.mac.clone();
        for part in [window, "|", code, "|", host] {
            mac.update(part.as_bytes());
        }
        hex(&mac.finalize().into_bytes()[..12])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2617 §3.5.
    const EXAMPLE: &str = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
        nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, nc=00000001, \
        cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";

    #[test]
    fn the_example_of_the_standard_is_believed_with_its_password_only() {
        let credentials = Credentials::parse(EXAMPLE).expect("whole credentials");
        assert!(credentials.verify("Circle Of Life", "GET"));
        assert!(!credentials.verify("Circle of Life", "GET"));
        assert!(!credentials.verify("Circle Of Life", "POST"));
    }

    #[test]
    fn both_examples_of_rfc_7616_are_believed_and_no_other_algorithm() {
        let text = |algorithm: &str, response: &str| {
            format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, qop=auth, \
                 cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", response=\"{response}\""
            )
        };
        let (md5, sha) = (
            "8ca523f5e9506fed4657c9700eebdbec",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        );
        for (algorithm, response, believed) in [
            ("MD5", md5, true),
            ("SHA-256", sha, true),
            ("sha-256", sha, true),
            ("MD5", sha, false),
            ("SHA-256", md5, false),
            ("SHA-512-256", sha, false),
        ] {
            let text = text(algorithm, response);
            let credentials = Credentials::parse(&text).expect("whole credentials");
            assert_eq!(
                credentials.verify("Circle of Life", "GET"),
                believed,
                "{algorithm}"
            );
            assert!(!credentials.verify("Circle of life", "GET"));
        }
    }

    #[test]
    fn a_nonce_is_for_one_device_at_one_address_for_some_minutes() {
        let nonces = Nonces::new(b"key");
        let nonce = nonces.make("52010200001320000001", "10.0.0.1", 1_000);
        assert!(nonces.accepts(&nonce, "52010200001320000001", "10.0.0.1", 1_200));
        assert!(!nonces.accepts(&nonce, "52010200001320000002", "10.0.0.1", 1_200));
        assert!(!nonces.accepts(&nonce, "52010200001320000001", "10.0.0.2", 1_200));
        assert!(!nonces.accepts(&nonce, "52010200001320000001", "10.0.0.1", 1_400));
        assert!(!nonces.accepts("ffffffffffffffff.00", "5", "10.0.0.1", 1_400));
    }

    #[test]
    fn any_cut_gives_credentials_or_none() {
        for end in 0..EXAMPLE.len() {
            let _ = Credentials::parse(&EXAMPLE[..end]);
        }
    }
}
