//! What leaves: RTP headers, and the stream of sound beside the pictures. Sources: RFC 3550 §5.1, RFC 3551 §4.5.14.
use crate::rtcp::sender_report;
use crate::srtp::Sender;

/// Octets of G.711 in a packet at most: 150 ms, and it passes through common tunnels.
const MAX_SOUND: usize = 1_184;

pub(crate) struct Header {
    pub index: u64,
    pub timestamp: u32,
    pub payload_type: u8,
    pub marker: bool,
    pub ssrc: u32,
    /// Where the viewer knows it: the number of the extension that says that pictures are to be shown as they come.
    pub at_once: Option<u8>,
}

pub(crate) const RTP_HEADER: usize = 12;
/// RFC 8285 §4.2: profile and length, then one element of three bytes: 12 bits each of the shortest and the longest delay, 0.
const EXTENSION: usize = 8;

impl Header {
    pub fn len(at_once: Option<u8>) -> usize {
        RTP_HEADER + if at_once.is_some() { EXTENSION } else { 0 }
    }

    /// Appends the protected packet.
    pub fn write(&self, sender: &Sender, payload: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        let first = 0x80 | u8::from(self.at_once.is_some()) << 4;
        out.extend_from_slice(&[first, u8::from(self.marker) << 7 | self.payload_type]);
        out.extend_from_slice(&(self.index as u16).to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        if let Some(number) = self.at_once {
            out.extend_from_slice(&[0xBE, 0xDE, 0, 1, number << 4 | 2, 0, 0, 0]);
        }
        out.extend_from_slice(payload);
        let header_len = Self::len(self.at_once);
        sender.protect(out, start, header_len, self.ssrc, self.index);
    }
}

/// G.711 to one viewer. Its clock is 8 000 Hz; losses are not sent again.
#[derive(Debug)]
pub(crate) struct SoundStream {
    ssrc: u32,
    index: u64,
    packets: u32,
    bytes: u32,
    timestamp: u32,
}

impl SoundStream {
    pub fn new(ssrc: u32, index: u64) -> Self {
        Self {
            ssrc,
            index,
            packets: 0,
            bytes: 0,
            timestamp: 0,
        }
    }

    /// The protected packets of one unit, each by itself.
    pub fn write(
        &mut self,
        sender: &Sender,
        payload_type: u8,
        octets: &[u8],
        timestamp: u32,
        mut send: impl FnMut(&[u8]),
    ) {
        let mut out = Vec::with_capacity(MAX_SOUND + 32);
        for (number, piece) in octets.chunks(MAX_SOUND).enumerate() {
            self.timestamp = timestamp.wrapping_add((number * MAX_SOUND) as u32); // below 64 Ki
            let header = Header {
                index: self.index,
                timestamp: self.timestamp,
                payload_type,
                marker: self.packets == 0, // the begin of a talk spurt
                ssrc: self.ssrc,
                at_once: None,
            };
            out.clear();
            header.write(sender, piece, &mut out);
            send(&out);
            self.index += 1;
            self.packets = self.packets.wrapping_add(1);
            self.bytes = self.bytes.wrapping_add(piece.len() as u32);
        }
    }

    /// None before the first packet. `ntp`: now, 32.32 since 1900.
    pub fn report(&self, ntp: u64) -> Option<Vec<u8>> {
        (self.packets > 0)
            .then(|| sender_report(self.ssrc, ntp, self.timestamp, self.packets, self.bytes))
    }
}
