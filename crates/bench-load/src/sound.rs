//! The sound of the film: G.711 of 40 ms with each picture, or AAC frames of 64 ms (16 kHz) where they begin. No map speaks
//! of it: G.711 must be expected by the source's policy, AAC is known by its headers.
use std::str::FromStr;

const G711_BYTES: usize = 320;
const AAC_PERIOD_90K: u64 = 5_760;
const PICTURE_90K: u64 = 3_600;
/// ADTS: AAC-LC, 16 kHz, one channel, 263 bytes with this header: 33 kbit/s.
const ADTS: [u8; 7] = [0xFF, 0xF1, 0x60, 0x40, 0x20, 0xFF, 0xFC];
const AAC_BYTES: usize = 263;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    None,
    G711A,
    Aac,
}

impl FromStr for Sound {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "none" => Ok(Self::None),
            "g711a" => Ok(Self::G711A),
            "aac" => Ok(Self::Aac),
            _ => Err(()),
        }
    }
}

impl Sound {
    #[cfg(test)]
    pub const ALL: [Self; 3] = [Self::None, Self::G711A, Self::Aac];

    /// Appends what sounds during picture `number`, as PES packets.
    pub fn mux(self, number: u64, out: &mut Vec<u8>) {
        match self {
            Self::None => {}
            Self::G711A => {
                let octets: Vec<u8> = (0..G711_BYTES)
                    .map(|at| (number as usize * 7 + at * 13) as u8)
                    .collect();
                pes(number * PICTURE_90K, &octets, out);
            }
            Self::Aac => {
                let from = number * PICTURE_90K;
                let mut at = from.next_multiple_of(AAC_PERIOD_90K);
                while at < from + PICTURE_90K {
                    let mut frame = ADTS.to_vec();
                    frame.resize(AAC_BYTES, 0x21);
                    pes(at, &frame, out);
                    at += AAC_PERIOD_90K;
                }
            }
        }
    }
}

fn pes(pts_90k: u64, payload: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[0, 0, 1, 0xC0]);
    out.extend_from_slice(&((8 + payload.len()) as u16).to_be_bytes()); // a few hundred bytes
    out.extend_from_slice(&[
        0x80,
        0x80,
        5,
        0x21 | (pts_90k >> 29) as u8 & 0x0E,
        (pts_90k >> 22) as u8,
        (pts_90k >> 14) as u8 & 0xFE | 1,
        (pts_90k >> 7) as u8,
        (pts_90k << 1) as u8 & 0xFE | 1,
    ]);
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;
    use program_stream::{PsDemuxer, Track};

    #[test]
    fn a_second_of_sound_is_a_second_long_and_comes_out_of_the_stream() {
        for (sound, units, bytes) in [(Sound::G711A, 25, G711_BYTES), (Sound::Aac, 16, AAC_BYTES)] {
            let mut stream = Vec::new();
            program_stream::mux_picture(media_types::Codec::H264, &[], 0, false, &mut stream);
            for number in 0..25 {
                sound.mux(number, &mut stream);
            }
            let mut demuxer = PsDemuxer::new(true, 4_096);
            demuxer.push(&stream, 0);
            let found: Vec<_> = std::iter::from_fn(|| demuxer.pull()).collect();
            assert_eq!(found.len(), units, "{sound:?}");
            assert!(
                found
                    .iter()
                    .all(|unit| unit.track == Track::Audio && unit.bytes.len() == bytes)
            );
        }
    }
}
