//! `moof` and the head of `mdat`: the samples follow by reference.
use crate::Track;
use crate::boxes::{boxed, full_box};
use bytes::{BufMut, Bytes, BytesMut};

const SYNC_SAMPLE: u32 = 0x0200_0000;
const DEPENDENT_SAMPLE: u32 = 0x0101_0000;
const DEFAULT_BASE_IS_MOOF: u32 = 0x02_0000;
/// Offset, duration, size, flags and composition offset are given for each sample.
const TRUN_FLAGS: u32 = 0x1 | 0x100 | 0x200 | 0x400 | 0x800;

/// One picture or unit of sound of a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Bytes; of a picture in length-prefixed form.
    pub size: u32,
    /// Ticks of the track.
    pub duration: u32,
    /// Presentation minus decode time, ticks of the track.
    pub composition_offset: i32,
    pub key: bool,
}

/// `moof` and the eight bytes of `mdat` for `samples` of one track, whose bytes follow in order. `decode_time`: of the first one, in
/// ticks of the track.
pub fn fragment(track: Track, sequence: u32, decode_time: u64, samples: &[Sample]) -> Bytes {
    let mut out = BytesMut::with_capacity(100 + 16 * samples.len());
    let mut offset_at = 0;
    boxed(&mut out, b"moof", |out| {
        full_box(out, b"mfhd", 0, 0, |out| out.put_u32(sequence));
        boxed(out, b"traf", |out| {
            full_box(out, b"tfhd", 0, DEFAULT_BASE_IS_MOOF, |out| {
                out.put_u32(track.id())
            });
            full_box(out, b"tfdt", 1, 0, |out| out.put_u64(decode_time));
            full_box(out, b"trun", 1, TRUN_FLAGS, |out| {
                out.put_u32(samples.len() as u32); // a fragment holds a few hundred pictures at most
                offset_at = out.len();
                out.put_u32(0);
                for sample in samples {
                    out.put_u32(sample.duration);
                    out.put_u32(sample.size);
                    out.put_u32(if sample.key {
                        SYNC_SAMPLE
                    } else {
                        DEPENDENT_SAMPLE
                    });
                    out.put_i32(sample.composition_offset);
                }
            });
        });
    });
    let payload: u32 = samples.iter().map(|sample| sample.size).sum();
    let data_offset = (out.len() + 8) as u32; // a header of a few kilobytes
    out[offset_at..offset_at + 4].copy_from_slice(&data_offset.to_be_bytes());
    out.put_u32(payload + 8);
    out.put_slice(b"mdat");
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_of_one_picture_costs_about_a_hundred_bytes_and_points_at_its_sample() {
        let sample = Sample {
            size: 5,
            duration: 3600,
            composition_offset: 0,
            key: true,
        };
        let head = fragment(Track::Video, 1, 90_000, &[sample]);
        assert_eq!(head.len(), 112);
        let moof = u32::from_be_bytes(head[0..4].try_into().expect("four bytes")) as usize;
        assert_eq!(&head[4..8], b"moof");
        assert_eq!(&head[moof + 4..moof + 8], b"mdat");
        assert_eq!(
            u32::from_be_bytes(head[moof..moof + 4].try_into().expect("four bytes")),
            13
        );
    }
}
