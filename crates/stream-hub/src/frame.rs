//! One picture in the forms that readers want, each made once.
use bytes::{BufMut, Bytes, BytesMut};
use elementary::annex_b_to_length_prefixed;
use fragmented_mp4::{Sample, fragment};
use media_types::{AccessUnit, Codec};
use std::sync::OnceLock;

/// WebSocket header, MP4 head and sample in one buffer: what 1,500 readers are sent is written by one call each.
#[derive(Debug)]
struct Mp4Form {
    message: Bytes,
    fragment_at: usize,
    sample_at: usize,
}

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
    mp4: OnceLock<Mp4Form>,
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
    pub fn fragment(&self) -> Bytes {
        let form = self.mp4();
        form.message.slice(form.fragment_at..)
    }

    /// [`Self::fragment`] as a whole binary WebSocket message of a server. RFC 6455 §5.2.
    pub fn websocket_message(&self) -> &Bytes {
        &self.mp4().message
    }

    /// The length-prefixed sample.
    pub fn sample(&self) -> Bytes {
        let form = self.mp4();
        form.message.slice(form.sample_at..)
    }

    /// The entry of this picture in a longer fragment.
    pub fn mp4_sample(&self) -> Sample {
        let form = self.mp4();
        self.sample_entry(form.message.len() - form.sample_at)
    }

    fn mp4(&self) -> &Mp4Form {
        self.mp4.get_or_init(|| {
            let sample = annex_b_to_length_prefixed(self.codec, &self.annex_b);
            let head = fragment(
                (self.sequence + 1) as u32,
                self.decode_90k,
                &[self.sample_entry(sample.len())],
            );
            let length = head.len() + sample.len();
            let mut message = BytesMut::with_capacity(10 + length);
            websocket_header(&mut message, 2, length);
            let fragment_at = message.len();
            message.extend_from_slice(&head);
            message.extend_from_slice(&sample);
            Mp4Form {
                message: message.freeze(),
                fragment_at,
                sample_at: fragment_at + head.len(),
            }
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

/// The header of an unmasked, final WebSocket frame of `length` bytes. RFC 6455 §5.2.
pub fn websocket_header(out: &mut BytesMut, opcode: u8, length: usize) {
    out.put_u8(0x80 | opcode);
    match length {
        0..=125 => out.put_u8(length as u8),
        126..=0xFFFF => {
            out.put_u8(126);
            out.put_u16(length as u16);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(length as u64);
        }
    }
}
