//! A picture as RTP payloads, once for all viewers. Sources: RFC 6184 §5.6, §5.8 (H.264), RFC 7798 §4.4 (H.265).
use elementary::nal_units;
use media_types::Codec;

/// Payload bytes of a packet at most: with headers and tag it passes through common tunnels.
pub const MAX_PAYLOAD: usize = 1_188;
const FU_A: u8 = 28;
const H265_FU: u8 = 49;

/// The payloads of one picture, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packets {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Packets {
    /// Cuts an access unit in Annex B form. Access unit delimiters and filler are left out.
    pub fn of(codec: Codec, annex_b: &[u8]) -> Self {
        let mut packets = Self {
            bytes: Vec::with_capacity(annex_b.len() + annex_b.len() / 300 + 16),
            ends: Vec::with_capacity(annex_b.len() / MAX_PAYLOAD + 4),
        };
        for nal in nal_units(annex_b) {
            match (codec, nal) {
                (Codec::H264, [first, rest @ ..]) if !matches!(first & 0x1F, 9 | 12) => {
                    packets.add(nal, &[first & 0x60 | FU_A], first & 0x1F, rest);
                }
                (Codec::H265, [first, second, rest @ ..])
                    if !matches!(first >> 1 & 0x3F, 35 | 38) =>
                {
                    let head = [first & 0x81 | H265_FU << 1, *second];
                    packets.add(nal, &head, first >> 1 & 0x3F, rest);
                }
                _ => {}
            }
        }
        packets
    }

    /// `head`: before the fragment header; `kind`: the unit's type; `rest`: the unit behind its own header.
    fn add(&mut self, nal: &[u8], head: &[u8], kind: u8, rest: &[u8]) {
        if nal.len() <= MAX_PAYLOAD {
            self.bytes.extend_from_slice(nal);
            self.ends.push(self.bytes.len());
            return;
        }
        let room = MAX_PAYLOAD - head.len() - 1;
        let count = rest.len().div_ceil(room);
        for (index, piece) in rest.chunks(room).enumerate() {
            let start = u8::from(index == 0) << 7;
            let end = u8::from(index + 1 == count) << 6;
            self.bytes.extend_from_slice(head);
            self.bytes.push(start | end | kind);
            self.bytes.extend_from_slice(piece);
            self.ends.push(self.bytes.len());
        }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Payload `index`; empty beyond the last.
    pub fn payload(&self, index: usize) -> &[u8] {
        let Some(&end) = self.ends.get(index) else {
            return &[];
        };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_unit_is_cut_into_equal_fragments_that_put_it_together_again() {
        let mut picture = vec![0, 0, 0, 1, 9, 0xF0, 0, 0, 0, 1, 0x65];
        let body: Vec<u8> = (0..5_000_u32)
            .map(|number| (number % 251 + 3) as u8)
            .collect();
        picture.extend_from_slice(&body);
        let packets = Packets::of(Codec::H264, &picture);
        assert_eq!(packets.len(), 5);
        let mut together = Vec::new();
        for index in 0..packets.len() {
            let payload = packets.payload(index);
            assert_eq!(payload[0], 0x60 | FU_A);
            assert_eq!(payload[1] & 0x80 != 0, index == 0);
            assert_eq!(payload[1] & 0x40 != 0, index == 4);
            assert_eq!(payload[1] & 0x1F, 5);
            assert!(index == 4 || payload.len() == MAX_PAYLOAD);
            together.extend_from_slice(&payload[2..]);
        }
        assert_eq!(together, body);
    }

    #[test]
    fn short_units_go_whole() {
        let picture = [0, 0, 0, 1, 0x40, 1, 7, 8, 0, 0, 1, 0x26, 1, 9];
        let packets = Packets::of(Codec::H265, &picture);
        assert_eq!(
            (packets.payload(0), packets.payload(1)),
            (&[0x40, 1, 7, 8][..], &[0x26, 1, 9][..])
        );
    }
}
