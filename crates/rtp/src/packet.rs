//! The RTP packet. Source: RFC 3550 §5.1.
use std::fmt;

/// Why bytes are no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RtpError {
    /// Fewer bytes than the fixed header, the CSRC list or the extension need.
    TooShort { len: usize },
    /// Another version than 2 (RFC 3550 §5.1).
    Version(u8),
    /// An RTCP packet (second byte 200 to 204), which stands on its own.
    Rtcp,
}

impl fmt::Display for RtpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { len } => write!(
                f,
                "{len} bytes are too few for the RTP header they announce"
            ),
            Self::Version(version) => write!(f, "RTP version {version}, not 2 (RFC 3550 §5.1)"),
            Self::Rtcp => write!(f, "an RTCP packet where RTP was expected"),
        }
    }
}

impl std::error::Error for RtpError {}

/// The fields of the fixed header that this project uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpHeader {
    pub marker: bool,
    /// 7 bits.
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

impl RtpHeader {
    /// Bytes of the fixed header.
    pub const LEN: usize = 12;

    /// Without CSRC, extension and padding.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[0] = 0x80;
        bytes[1] = u8::from(self.marker) << 7 | self.payload_type & 0x7F;
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }

    /// Appends [`Self::to_bytes`].
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }
}

/// A packet that borrows its payload.
/// ```text
///  0                   1                   2                   3
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// |                           timestamp                           |
/// |                             SSRC                              |
/// |                    CC x CSRC, then if X:                      |
/// |      defined by profile       |     length in 32-bit words    |
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpPacket<'a> {
    pub header: RtpHeader,
    /// Without CSRC list, extension and padding.
    pub payload: &'a [u8],
}

impl<'a> RtpPacket<'a> {
    /// CSRC list, extension and padding are skipped. A padding count of 0 or larger than the payload is ignored, as
    /// devices set P without padding. Errors: [`RtpError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RtpError> {
        let too_short = RtpError::TooShort { len: bytes.len() };
        let fixed: &[u8; RtpHeader::LEN] = bytes.first_chunk().ok_or(too_short)?;
        if fixed[0] >> 6 != 2 {
            return Err(RtpError::Version(fixed[0] >> 6));
        }
        if is_rtcp(bytes) {
            return Err(RtpError::Rtcp);
        }
        let mut payload = bytes
            .get(RtpHeader::LEN + 4 * usize::from(fixed[0] & 0x0F)..)
            .ok_or(too_short)?;
        if fixed[0] & 0x10 != 0 {
            let [_, _, words @ ..]: &[u8; 4] = payload.first_chunk().ok_or(too_short)?;
            payload = payload
                .get(4 + 4 * usize::from(u16::from_be_bytes(*words))..)
                .ok_or(too_short)?;
        }
        if fixed[0] & 0x20 != 0
            && let Some(&padding) = payload.last()
            && usize::from(padding) <= payload.len()
        {
            payload = &payload[..payload.len() - usize::from(padding)];
        }
        let header = RtpHeader {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7F,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        };
        Ok(Self { header, payload })
    }
}

/// True for RTCP, told by the second byte (RFC 5761 §4).
pub fn is_rtcp(bytes: &[u8]) -> bool {
    matches!(bytes, [first, 200..=204, ..] if first >> 6 == 2)
}

/// The SSRC of what looks like RTP: finds the stream on a port that many cameras share.
pub fn peek_ssrc(bytes: &[u8]) -> Option<u32> {
    let fixed: &[u8; RtpHeader::LEN] = bytes.first_chunk()?;
    (fixed[0] >> 6 == 2 && !is_rtcp(bytes))
        .then(|| u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: RtpHeader = RtpHeader {
        marker: true,
        payload_type: 96,
        sequence: 0xFFFE,
        timestamp: 0x0102_0304,
        ssrc: 0x0BEB_C201,
    };

    #[test]
    fn csrc_extension_and_padding_are_skipped() {
        let mut bytes = HEADER.to_bytes().to_vec();
        bytes[0] = 0x80 | 0x20 | 0x10 | 2;
        bytes.extend_from_slice(&[1; 8]); // two CSRCs
        bytes.extend_from_slice(&[0xBE, 0xDE, 0, 1, 9, 9, 9, 9]); // one word of extension
        bytes.extend_from_slice(&[b'p', b'a', b'y', 0, 0, 3]); // three bytes of padding
        let packet = RtpPacket::parse(&bytes).expect("a packet");
        assert_eq!((packet.header, packet.payload), (HEADER, &b"pay"[..]));
    }

    #[test]
    fn an_impossible_padding_count_is_ignored() {
        for count in [0, 200] {
            let mut bytes = HEADER.to_bytes().to_vec();
            bytes[0] |= 0x20;
            bytes.extend_from_slice(&[1, 2, count]);
            assert_eq!(
                RtpPacket::parse(&bytes).expect("a packet").payload,
                [1, 2, count]
            );
        }
    }

    #[test]
    fn what_is_no_rtp_is_named() {
        assert_eq!(
            RtpPacket::parse(&[0x80; 11]),
            Err(RtpError::TooShort { len: 11 })
        );
        assert_eq!(RtpPacket::parse(&[0x40; 12]), Err(RtpError::Version(1)));
        assert_eq!(
            RtpPacket::parse(&[0x80, 200, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
            Err(RtpError::Rtcp)
        );
        assert_eq!(
            RtpPacket::parse(&[0x8F; 12]),
            Err(RtpError::TooShort { len: 12 })
        );
        assert_eq!(peek_ssrc(&[0x80, 200, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            marker: bool, payload_type in 0u8..72, sequence: u16, timestamp: u32, ssrc: u32, payload: Vec<u8>
        ) {
            let header = RtpHeader { marker, payload_type, sequence, timestamp, ssrc };
            let mut bytes = Vec::new();
            header.write(&mut bytes);
            bytes.extend_from_slice(&payload);
            prop_assert_eq!(RtpPacket::parse(&bytes), Ok(RtpPacket { header, payload: &payload }));
            prop_assert_eq!(peek_ssrc(&bytes), Some(ssrc));
        }
    }
}
