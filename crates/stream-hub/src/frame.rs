//! One picture in the forms that readers want, each made once.
use bytes::{Bytes, BytesMut};
use elementary::annex_b_to_length_prefixed;
use fragmented_mp4::{Sample, fragment};
use media_types::{AccessUnit, Codec};
use std::sync::OnceLock;

/// A picture of a source. `sequence` counts the source's pictures from 0.
#[derive(Debug)]
pub struct Frame {
    pub sequence: u64,
    pub codec: Codec,
    /// Ticks of 1/90 000 s since the source's first picture.
    pub pts_90k: i64,
    /// Decode time for MP4: never goes back.
    pub decode_90k: u64,
    pub duration_90k: u32,
    pub key: bool,
    pub annex_b: Bytes,
    /// Head and sample in one buffer, and where the sample begins.
    mp4: OnceLock<(Bytes, usize)>,
}

impl Frame {
    pub(crate) fn new(
        sequence: u64,
        unit: AccessUnit,
        pts_90k: i64,
        decode_90k: u64,
        duration_90k: u32,
    ) -> Self {
        Self {
            sequence,
            codec: unit.codec,
            pts_90k,
            decode_90k,
            duration_90k,
            key: unit.key,
            annex_b: unit.bytes,
            mp4: OnceLock::new(),
        }
    }

    /// A fragment with this picture alone, made when the first MP4 reader asks.
    pub fn fragment(&self) -> &Bytes {
        &self.mp4().0
    }

    /// The length-prefixed sample.
    pub fn sample(&self) -> Bytes {
        let (whole, start) = self.mp4();
        whole.slice(start..)
    }

    /// The entry of this picture in a longer fragment.
    pub fn mp4_sample(&self) -> Sample {
        let (whole, start) = self.mp4();
        self.sample_entry(whole.len() - start)
    }

    fn mp4(&self) -> &(Bytes, usize) {
        self.mp4.get_or_init(|| {
            let sample = annex_b_to_length_prefixed(self.codec, &self.annex_b);
            let head = fragment(
                (self.sequence + 1) as u32,
                self.decode_90k,
                &[self.sample_entry(sample.len())],
            );
            let mut whole = BytesMut::with_capacity(head.len() + sample.len());
            whole.extend_from_slice(&head);
            whole.extend_from_slice(&sample);
            (whole.freeze(), head.len())
        })
    }

    fn sample_entry(&self, size: usize) -> Sample {
        Sample {
            size: size as u32, // a frame is bounded by max_frame_bytes, far below 4 GiB
            duration: self.duration_90k,
            composition_offset: (self.pts_90k - self.decode_90k as i64).clamp(-900_000, 900_000)
                as i32,
            key: self.key,
        }
    }
}
