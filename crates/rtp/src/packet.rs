//! One RTP packet. Source: RFC 3550 §5.1; padding and extension as devices really set them (GB/T 28181 field practice).
//!
//! ```text
//!  0                   1                   2                   3
//! |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//! |                           timestamp                           |
//! |                             SSRC                              |
//! |                         CSRC … (4 × CC)                       |
//! ```

/// A view of one packet; the payload is not copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpPacket<'a> {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub payload: &'a [u8],
}

impl<'a> RtpPacket<'a> {
    /// `None` for anything that is no RTP version 2 packet (RTCP, empty keep-alives, noise).
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, _) = bytes.split_first_chunk::<12>()?;
        if head[0] >> 6 != 2 || (200..=204).contains(&head[1]) {
            return None;
        }
        let mut start = 12 + 4 * usize::from(head[0] & 0x0F);
        if head[0] & 0x10 != 0 {
            let words = bytes.get(start + 2..start + 4)?;
            start += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
        }
        let mut payload = bytes.get(start..)?;
        if head[0] & 0x20 != 0 {
            // A pad count beyond the payload is a firmware's error: the flag is ignored then.
            let pad = usize::from(*payload.last()?);
            if pad <= payload.len() {
                payload = &payload[..payload.len() - pad];
            }
        }
        Some(Self {
            marker: head[1] & 0x80 != 0,
            payload_type: head[1] & 0x7F,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            payload,
        })
    }
}
