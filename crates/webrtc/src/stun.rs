//! The STUN that an ICE-lite side needs: binding requests in, answers out. Source: RFC 8489; RFC 8445 §7.3.
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::net::{IpAddr, SocketAddr};

const MAGIC: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const USERNAME: u16 = 0x0006;
const INTEGRITY: u16 = 0x0008;
const XOR_MAPPED: u16 = 0x0020;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const HEADER: usize = 20;

/// A binding request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding<'a> {
    bytes: &'a [u8],
    username: &'a str,
    integrity_at: usize,
    pub nominated: bool,
}

/// True for what could be STUN (RFC 7983 §7).
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER && datagram[0] < 4 && datagram[4..8] == MAGIC
}

/// Our user fragment in a binding request: whom a datagram from an unknown address is for.
pub fn user_fragment_of(datagram: &[u8]) -> Option<&str> {
    Binding::parse(datagram)?.username.split(':').next()
}

impl<'a> Binding<'a> {
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        if !is_stun(bytes) || bytes[..2] != [0, 1] {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        let bytes = bytes.get(..HEADER + length)?;
        let (mut username, mut integrity_at, mut nominated) = (None, None, false);
        let mut at = HEADER;
        while let Some(head) = bytes.get(at..at + 4) {
            let kind = u16::from_be_bytes([head[0], head[1]]);
            let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
            let value = bytes.get(at + 4..at + 4 + length)?;
            match kind {
                USERNAME => username = std::str::from_utf8(value).ok(),
                USE_CANDIDATE => nominated = true,
                INTEGRITY if length == 20 => {
                    integrity_at = Some(at);
                    break; // what follows is not protected
                }
                _ => {}
            }
            at += 4 + length.next_multiple_of(4);
        }
        Some(Self {
            bytes,
            username: username?,
            integrity_at: integrity_at?,
            nominated,
        })
    }

    /// Whether it was made with our password and for this pair of fragments.
    pub fn is_by(&self, username: &str, password: &str) -> bool {
        let Ok(mut mac) = <Hmac<Sha1> as Mac>::new_from_slice(password.as_bytes()) else {
            return false;
        };
        mac.update(&self.bytes[..2]);
        mac.update(&((self.integrity_at - HEADER + 24) as u16).to_be_bytes());
        mac.update(&self.bytes[4..self.integrity_at]);
        self.username == username
            && mac
                .verify_slice(&self.bytes[self.integrity_at + 4..self.integrity_at + 24])
                .is_ok()
    }

    /// The success answer to `from`.
    pub fn answer(&self, from: SocketAddr, password: &str) -> Vec<u8> {
        let mut out = vec![1, 1, 0, 0];
        out.extend_from_slice(&self.bytes[4..HEADER]);
        let port = from.port() ^ u16::from_be_bytes([MAGIC[0], MAGIC[1]]);
        let (family, address) = match from.ip() {
            IpAddr::V4(ip) => (
                1,
                ip.octets()
                    .iter()
                    .zip(&MAGIC)
                    .map(|(byte, magic)| byte ^ magic)
                    .collect(),
            ),
            IpAddr::V6(ip) => (
                2,
                ip.octets()
                    .iter()
                    .zip(&out[4..])
                    .map(|(byte, key)| byte ^ key)
                    .collect::<Vec<u8>>(),
            ),
        };
        put(
            &mut out,
            XOR_MAPPED,
            &[&[0, family][..], &port.to_be_bytes(), &address].concat(),
        );
        set_length(&mut out, 24);
        let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(password.as_bytes())
            .expect("HMAC takes any key length");
        mac.update(&out);
        put(&mut out, INTEGRITY, &mac.finalize().into_bytes());
        set_length(&mut out, 8);
        let fingerprint = crc32fast::hash(&out) ^ 0x5354_554E;
        put(&mut out, FINGERPRINT, &fingerprint.to_be_bytes());
        out
    }
}

fn put(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&(value.len() as u16).to_be_bytes());
    out.extend_from_slice(value);
    out.resize(out.len().next_multiple_of(4), 0);
}

/// The length as if `following` more bytes stood behind.
fn set_length(out: &mut [u8], following: usize) {
    let length = (out.len() - HEADER + following) as u16;
    out[2..4].copy_from_slice(&length.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 §2.1: a request whose user and password are known.
    const REQUEST: &[u8] = &[
        0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xA4, 0x42, 0xB7, 0xE7, 0xA7, 0x01, 0xBC, 0x34, 0xD6,
        0x86, 0xFA, 0x87, 0xDF, 0xAE, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4E, 0x20, 0x74,
        0x65, 0x73, 0x74, 0x20, 0x63, 0x6C, 0x69, 0x65, 0x6E, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6E,
        0x00, 0x01, 0xFF, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2F, 0xF9, 0xB1, 0x51, 0x26, 0x3B, 0x36,
        0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6A, 0x3A, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20,
        0x20, 0x00, 0x08, 0x00, 0x14, 0x9A, 0xEA, 0xA7, 0x0C, 0xBF, 0xD8, 0xCB, 0x56, 0x78, 0x1E,
        0xF2, 0xB5, 0xB2, 0xD3, 0xF2, 0x49, 0xC1, 0xB5, 0x71, 0xA2, 0x80, 0x28, 0x00, 0x04, 0xE5,
        0x7A, 0x3B, 0xCF,
    ];

    #[test]
    fn the_request_of_the_standard_is_believed_with_its_password_only() {
        let binding = Binding::parse(REQUEST).expect("a whole request");
        assert!(binding.is_by("evtj:h6vY", "VOkJxbRl1RmTxUk/WvJxBt"));
        assert!(!binding.is_by("evtj:h6vY", "another"));
        assert!(!binding.is_by("evtj:other", "VOkJxbRl1RmTxUk/WvJxBt"));
        assert_eq!(user_fragment_of(REQUEST), Some("evtj"));
    }

    #[test]
    fn any_bytes_give_a_request_or_none() {
        for end in 0..REQUEST.len() {
            let _ = Binding::parse(&REQUEST[..end]);
            let mut broken = REQUEST.to_vec();
            broken[end] ^= 0xFF;
            let _ = Binding::parse(&broken);
        }
    }

    #[test]
    fn the_answer_tells_the_address_and_its_length_is_right() {
        let binding = Binding::parse(REQUEST).expect("a whole request");
        let answer = binding.answer(
            "192.0.2.1:32853".parse().expect("an address"),
            "VOkJxbRl1RmTxUk/WvJxBt",
        );
        assert_eq!(
            usize::from(u16::from_be_bytes([answer[2], answer[3]])),
            answer.len() - HEADER
        );
        // RFC 5769 §2.2 has the same address.
        assert_eq!(
            answer[HEADER..HEADER + 12],
            [0, 0x20, 0, 8, 0, 1, 0xA1, 0x47, 0xE1, 0x12, 0xA6, 0x43]
        );
    }
}
