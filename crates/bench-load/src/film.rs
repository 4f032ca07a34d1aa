//! A film of 4 Mbit/s at 25 pictures a second with a key picture every two seconds, as RTP packets of one frame each.
//! Every stream sends the same film from its own place on: only SSRC, sequence numbers and stamp differ.
use crate::sound::Sound;
use media_types::Codec;
use program_stream::mux_picture;

pub const PICTURES_A_SECOND: u64 = 25;
pub const GOP: u64 = 50;
const KEY_BYTES: usize = 100_000;
/// With the key picture: 1,000,000 bytes in two seconds.
const OTHER_BYTES: usize = 18_367;
pub const RTP_PAYLOAD: usize = 1_400;
pub const PACKET: usize = 12 + RTP_PAYLOAD;
/// Before the sixteen hex digits of the moment at which the frame's last packet was sent.
pub const MAGIC: &[u8; 12] = b"FENGSUI-AGE:";
pub const PARAMETERS: &[u8] = &[
    0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xF6, 0x80, 0, 0, 0, 1, 0x68, 0xCE, 0x3C,
    0x80,
];

/// Frame `number` as Annex-B, a key picture with its parameters before it; the last 16 bytes are the stamp.
pub fn picture(number: u64) -> Vec<u8> {
    let key = number.is_multiple_of(GOP);
    let mut picture = Vec::with_capacity(KEY_BYTES + 64);
    if key {
        picture.extend_from_slice(PARAMETERS);
    }
    picture.extend_from_slice(&[0, 0, 0, 1, if key { 0x65 } else { 0x41 }, 0x88]);
    let size = if key { KEY_BYTES } else { OTHER_BYTES };
    // Bytes from 4 up: no start code can appear.
    let mut noise = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    while picture.len() + 28 < size {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        picture.extend(noise.to_le_bytes().map(|byte| byte | 4));
    }
    picture.extend_from_slice(MAGIC);
    picture.extend_from_slice(&[b'0'; 16]);
    picture
}

/// Writes the moment into the stamp at the end of `bytes`.
pub fn stamp(bytes: &mut [u8], now_ns: u64) {
    let at = bytes.len() - 16;
    bytes[at..].copy_from_slice(format!("{now_ns:016x}").as_bytes());
}

/// Bytes of pictures in one group of pictures, packs and headers included: what a source must keep for its next viewer.
pub fn group_bytes() -> usize {
    (0..GOP).map(|number| pack(number, Sound::None).len()).sum()
}

/// Frame `number` and the sound of its 40 ms as a program stream.
fn pack(number: u64, sound: Sound) -> Vec<u8> {
    let picture = picture(number);
    let mut stream = Vec::with_capacity(picture.len() + 2_048);
    sound.mux(number, &mut stream); // before the picture: the stamp ends the frame
    mux_picture(
        Codec::H264,
        &picture,
        number as i64 * 3_600,
        number.is_multiple_of(GOP),
        &mut stream,
    );
    stream
}

/// How the packets of a frame lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One after the other, as UDP_SEGMENT cuts them.
    Datagrams,
    /// Each behind its length. RFC 4571.
    Connection,
}

impl Framing {
    fn prefix(self) -> usize {
        match self {
            Framing::Datagrams => 0,
            Framing::Connection => 2,
        }
    }
}

/// The packets of frame `number`, each [`PACKET`] bytes but the last.
pub struct FramePackets {
    pub bytes: Vec<u8>,
    prefix: usize,
}

impl FramePackets {
    pub fn of(number: u64, framing: Framing, sound: Sound) -> Self {
        let stream = pack(number, sound);
        let prefix = framing.prefix();
        let mut bytes = Vec::with_capacity(stream.len() + stream.len() / 100 + 64);
        let count = stream.len().div_ceil(RTP_PAYLOAD);
        for (index, payload) in stream.chunks(RTP_PAYLOAD).enumerate() {
            let marker = u8::from(index + 1 == count) << 7;
            let length = (payload.len() + 12) as u16; // a packet at most
            bytes.extend_from_slice(&length.to_be_bytes()[2 - prefix..]);
            bytes.extend_from_slice(&[0x80, marker | 96]);
            bytes.extend_from_slice(&[0; 2]);
            bytes.extend_from_slice(&((number * 3_600) as u32).to_be_bytes());
            bytes.extend_from_slice(&[0; 4]);
            bytes.extend_from_slice(payload);
        }
        // Should the last packet hold less than the stamp, the stamp is cut by a header and readers do not find it; the
        // sizes above are chosen so that it never is.
        Self { bytes, prefix }
    }

    pub fn packets(&self) -> usize {
        self.bytes.len().div_ceil(PACKET + self.prefix)
    }

    /// `sequence`: of the first packet.
    pub fn set_stream(&mut self, ssrc: u32, sequence: u16) {
        let at = self.prefix;
        for (index, packet) in self.bytes.chunks_mut(PACKET + at).enumerate() {
            packet[at + 2..at + 4]
                .copy_from_slice(&sequence.wrapping_add(index as u16).to_be_bytes());
            packet[at + 8..at + 12].copy_from_slice(&ssrc.to_be_bytes());
        }
    }

    pub fn set_stamp(&mut self, now_ns: u64) {
        stamp(&mut self.bytes, now_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_whole_in_the_last_packet() {
        for (number, sound) in [0, 1, 2, 49, 50]
            .into_iter()
            .flat_map(|number| Sound::ALL.map(|sound| (number, sound)))
        {
            let frame = FramePackets::of(number, Framing::Datagrams, sound);
            let last = frame.bytes.len() % PACKET;
            assert!(
                last == 0 || last > 12 + MAGIC.len() + 16,
                "frame {number}, {sound:?}: {last}"
            );
        }
    }

    #[test]
    fn over_a_connection_each_packet_stands_behind_its_length() {
        let mut frame = FramePackets::of(0, Framing::Connection, Sound::None);
        frame.set_stream(7, 65_535);
        let mut rest = &frame.bytes[..];
        let mut sequences = Vec::new();
        while let Some((length, packets)) = rest.split_first_chunk() {
            let (packet, others) = packets.split_at(usize::from(u16::from_be_bytes(*length)));
            assert_eq!(packet[8..12], 7_u32.to_be_bytes());
            sequences.push(u16::from_be_bytes([packet[2], packet[3]]));
            rest = others;
        }
        assert_eq!(sequences.len(), frame.packets());
        assert_eq!(sequences[..2], [65_535, 0]);
    }
}
