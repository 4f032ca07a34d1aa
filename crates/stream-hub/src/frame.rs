//! One picture or unit of sound in the forms that readers want, each made once.
use bytes::{BufMut, Bytes, BytesMut};
use elementary::{AdtsHeader, annex_b_to_length_prefixed};
use flac::frame_of_g711;
use fragmented_mp4::{Sample, Track, fragment};
use media_types::{AccessUnit, Codec};
use std::sync::OnceLock;

/// WebSocket header, MP4 head and sample in one buffer: what 1,500 readers are sent is written by one call each.
#[derive(Debug)]
struct Mp4Form {
    message: Bytes,
    fragment_at: usize,
    sample_at: usize,
}

/// Where a unit of sound stands in its track: ticks of its sample rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundTime {
    pub first_sample: u64,
    pub samples: u32,
}

/// A picture or unit of sound of a source. `sequence` counts both from 0.
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
    /// [`AccessUnit::camera_us`].
    pub camera_us: Option<i64>,
    /// As it came: Annex B, G.711 or one ADTS frame.
    pub bytes: Bytes,
    /// None for pictures.
    pub sound: Option<SoundTime>,
    /// The description ([`crate::VideoInfo::generation`]) that it belongs to.
    pub generation: u64,
    mp4: OnceLock<Mp4Form>,
}

impl Frame {
    pub(crate) fn new(
        sequence: u64,
        unit: AccessUnit,
        pts_90k: i64,
        decode_90k: u64,
        duration_90k: u32,
        generation: u64,
    ) -> Self {
        Self {
            sequence,
            generation,
            codec: unit.codec,
            pts_90k,
            decode_90k,
            duration_90k,
            key: unit.key,
            camera_us: unit.camera_us,
            bytes: unit.bytes,
            sound: None,
            mp4: OnceLock::new(),
        }
    }

    pub(crate) fn of_sound(
        sequence: u64,
        unit: AccessUnit,
        pts_90k: i64,
        sound: SoundTime,
        generation: u64,
    ) -> Self {
        Self {
            sequence,
            generation,
            codec: unit.codec,
            pts_90k,
            decode_90k: pts_90k.max(0) as u64,
            duration_90k: 0, // of no picture
            key: false,
            camera_us: None,
            bytes: unit.bytes,
            sound: Some(sound),
            mp4: OnceLock::new(),
        }
    }

    pub fn track(&self) -> Track {
        if self.sound.is_some() {
            Track::Sound
        } else {
            Track::Video
        }
    }

    /// When it is decoded, in ticks of its track.
    pub fn decode_time(&self) -> u64 {
        self.sound
            .map_or(self.decode_90k, |sound| sound.first_sample)
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

    /// The sample: length-prefixed pictures, bare AAC, FLAC.
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
            let sample = self.coded_for_mp4();
            let head = fragment(
                self.track(),
                (self.sequence + 1) as u32,
                self.decode_time(),
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

    fn coded_for_mp4(&self) -> Bytes {
        match (self.codec, self.sound) {
            (Codec::Aac, _) => {
                let header = AdtsHeader::parse(&self.bytes).map_or(0, |header| header.header_len);
                self.bytes.slice(header.min(self.bytes.len())..)
            }
            (Codec::G711A | Codec::G711U, Some(sound)) => {
                frame_of_g711(self.codec, &self.bytes, sound.first_sample).into()
            }
            _ => annex_b_to_length_prefixed(self.codec, &self.bytes),
        }
    }

    fn sample_entry(&self, size: usize) -> Sample {
        if let Some(sound) = self.sound {
            return Sample {
                size: size as u32, // a unit of sound is a PES packet at most
                duration: sound.samples,
                composition_offset: 0,
                key: true,
            };
        }
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
