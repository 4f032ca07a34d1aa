//! The head of a plain request: what the hot path needs, borrowed. None for whatever is out of the ordinary.

/// A request with one line a header. Source: RFC 3261 §7.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    pub method: &'a str,
    lines: Vec<(&'static str, &'a str)>,
    pub body: &'a [u8],
}

/// Headers that are read here; compact names beside.
const READ: [(&str, &str); 12] = [
    ("via", "v"),
    ("from", "f"),
    ("to", "t"),
    ("call-id", "i"),
    ("cseq", ""),
    ("contact", "m"),
    ("expires", ""),
    ("authorization", ""),
    ("user-agent", ""),
    ("x-gb-ver", ""),
    ("content-length", "l"),
    ("content-type", "c"),
];
const MAX_HEAD: usize = 8 * 1024;

impl<'a> Head<'a> {
    /// None when it is no request, has folded lines or odd bytes, or is longer than devices' requests are.
    pub fn parse(datagram: &'a [u8]) -> Option<Self> {
        let end = find(&datagram[..datagram.len().min(MAX_HEAD)], b"\r\n\r\n")?;
        let text = std::str::from_utf8(&datagram[..end]).ok()?;
        let mut rows = text.split("\r\n");
        let mut start = rows.next()?.split(' ');
        let (method, _, version) = (start.next()?, start.next()?, start.next()?);
        if version != "SIP/2.0"
            || start.next().is_some()
            || !method.bytes().all(|byte| byte.is_ascii_uppercase())
        {
            return None;
        }
        let mut lines = Vec::with_capacity(16);
        for row in rows {
            if row.starts_with([' ', '\t']) || row.bytes().any(is_control) {
                return None; // padding is cut off, anything else refused, by whoever it is handed on to
            }
            let (name, value) = row.split_once(':')?;
            let name = name.trim_end();
            let known = READ.iter().find(|(long, short)| {
                name.eq_ignore_ascii_case(long)
                    || !short.is_empty() && name.eq_ignore_ascii_case(short)
            });
            if let Some((long, _)) = known {
                lines.push((*long, value.trim()));
            }
        }
        let mut body = &datagram[end + 4..];
        let head = Self {
            method,
            lines,
            body,
        };
        if let Some(length) = head.get("content-length") {
            let length: usize = length.parse().ok()?;
            if 0 < length && length < body.len() {
                body = &body[..length];
            }
        }
        Some(Self { body, ..head })
    }

    /// The first value of a header that is read here (lower case).
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.lines
            .iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| *value)
    }

    pub fn all(&self, name: &'static str) -> impl Iterator<Item = &'a str> + '_ {
        self.lines
            .iter()
            .filter(move |(found, _)| *found == name)
            .map(|(_, value)| *value)
    }

    /// The user part of From: the sender's code. None when it is no plain code.
    pub fn sender(&self) -> Option<&'a str> {
        let from = self.get("from")?;
        let uri = &from[from.find("sip:")? + 4..];
        let user = &uri[..uri.find('@')?];
        let plain = !user.is_empty()
            && user.len() <= 32
            && user.bytes().all(|byte| byte.is_ascii_alphanumeric());
        plain.then_some(user)
    }

    /// The branch of the topmost Via; empty when there is none.
    pub fn branch(&self) -> &'a str {
        let via = self.get("via").unwrap_or_default();
        let first = via.split(',').next().unwrap_or_default();
        first
            .split(';')
            .find_map(|part| part.trim().strip_prefix("branch="))
            .unwrap_or_default()
    }

    /// Life asked for in seconds: the Contact parameter wins over the header.
    pub fn expires(&self) -> Option<u32> {
        let contact = self.get("contact").unwrap_or_default();
        let parameter = contact
            .rsplit(';')
            .find_map(|part| part.trim().strip_prefix("expires="))
            .map(|value| value.trim_matches('"'));
        parameter.or(self.get("expires"))?.trim().parse().ok()
    }
}

/// What no header may hold (RFC 3261 §25.1) and no database keeps.
fn is_control(byte: u8) -> bool {
    byte < b' ' && byte != b'\t' || byte == 0x7f
}

/// Where `needle` begins.
pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
pub(crate) const REGISTER: &str = "REGISTER sip:52010200002000000001@5201020000 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.168.1.9:5060;rport;branch=z9hG4bK77\r\n\
    From: <sip:52010200001320000001@5201020000>;tag=8\r\nTo: <sip:52010200001320000001@5201020000>\r\n\
    Call-ID: 6@192.168.1.9\r\nCSeq: 1 REGISTER\r\nContact: <sip:52010200001320000001@192.168.1.9:5060>\r\n\
    Max-Forwards: 70\r\nUser-Agent: IP Camera\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_devices_register_is_read() {
        let head = Head::parse(REGISTER.as_bytes()).expect("a plain request");
        assert_eq!(head.method, "REGISTER");
        assert_eq!(head.sender(), Some("52010200001320000001"));
        assert_eq!(head.branch(), "z9hG4bK77");
        assert_eq!(head.expires(), Some(3600));
        assert_eq!(head.get("user-agent"), Some("IP Camera"));
    }

    #[test]
    fn control_octets_are_no_plain_head() {
        for odd in ['\0', '\x07', '\r', '\x7f'] {
            let padded = REGISTER.replace("IP Camera", &format!("IP Camera{odd}"));
            assert_eq!(Head::parse(padded.as_bytes()), None, "{odd:?}");
        }
    }

    #[test]
    fn any_bytes_give_a_head_or_none() {
        let whole = REGISTER.as_bytes();
        for end in 0..whole.len() {
            assert!(Head::parse(&whole[..end]).is_none() || end == whole.len());
            let mut broken = whole.to_vec();
            broken[end] ^= 0x80;
            if let Some(head) = Head::parse(&broken) {
                let _ = (head.sender(), head.branch(), head.expires());
            }
        }
    }
}
