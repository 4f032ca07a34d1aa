//! A whole fragment in the form in which it is kept. Two buffers a disk, whatever the number of streams.
use crate::facts::{Digest, Facts, Head, Located};
use crate::gathering::Closed;
use bytes::BytesMut;
use elementary::{AdtsHeader, Keep, append_length_prefixed};
use fragmented_mp4::{Run, Sample, Track, movie_fragment};
use media_types::Codec;
use sha2::{Digest as _, Sha256};
use stream_hub::Frame;

/// Buffers that grew beyond this are given back.
const KEPT_BYTES: usize = 8 * 1024 * 1024;

/// Where the next fragment goes: the file's own count of time and bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Of the facts' box.
    pub offset: u64,
    /// Everything before this is on disk.
    pub synced: u64,
    /// Counts the fragments of the file.
    pub number: u32,
    /// What the stream's decode times are moved by, so that a file's time goes forward.
    pub shift_90k: i64,
}

#[derive(Default)]
pub(crate) struct Form {
    head: BytesMut,
    payload: BytesMut,
    pictures: Vec<Sample>,
    sounds: Vec<Sample>,
}

impl Form {
    /// The fragment in two pieces, where it will stand, and the digest of its body. None when it is larger than a fragment may be.
    pub fn of(
        &mut self,
        closed: &Closed,
        facts: Facts,
        place: Place,
    ) -> Option<(&[u8], &[u8], Located, Digest)> {
        self.head.clear();
        self.payload.clear();
        if self.payload.capacity() > KEPT_BYTES {
            self.payload = BytesMut::new();
        }
        self.pictures.clear();
        self.sounds.clear();
        for frame in closed.frames.iter().filter(|one| one.sound.is_none()) {
            let size = self
                .append(|out| append_length_prefixed(out, frame.codec, &frame.bytes, Keep::All));
            self.pictures.push(Sample {
                size,
                ..picture(frame)
            });
        }
        let mut first_sound = None;
        for (frame, time) in closed
            .frames
            .iter()
            .filter_map(|one| Some((one, one.sound?)))
        {
            first_sound.get_or_insert(time.first_sample);
            let size = self.append(|out| out.extend_from_slice(bare(frame)));
            self.sounds.push(Sample {
                size,
                duration: time.samples,
                composition_offset: 0,
                key: true,
            });
        }
        let moved = |ticks: u64, by: i64| ticks.saturating_add_signed(by);
        let mut runs = vec![Run {
            track: Track::Video,
            decode_time: moved(facts.decode_90k, place.shift_90k),
            samples: &self.pictures,
        }];
        if let (Some(first), Some(hz)) = (first_sound, closed.description.sound_hz) {
            let by = i128::from(place.shift_90k) * i128::from(hz) / 90_000;
            runs.push(Run {
                track: Track::Sound,
                decode_time: moved(first, by as i64),
                samples: &self.sounds,
            });
        }
        let mut moof = BytesMut::with_capacity(256 + 16 * closed.frames.len());
        if !movie_fragment(&mut moof, place.number, &runs) {
            return None;
        }
        let body_bytes = u32::try_from(moof.len() + self.payload.len()).ok()?;
        let mut crc = crc32fast::Hasher::new();
        crc.update(&moof);
        crc.update(&self.payload);
        let digest = Sha256::new()
            .chain_update(&moof)
            .chain_update(&self.payload);
        let digest: Digest = digest.finalize().into();
        let head = Head {
            stream: closed.stream.clone(),
            facts,
            body_bytes,
            body_crc: crc.finalize(),
            body_digest: Some(digest),
            synced: place.synced,
        };
        if body_bytes > crate::facts::MAX_BODY {
            return None;
        }
        head.put(&mut self.head);
        let head_bytes = self.head.len() as u32; // at most MAX_HEAD
        self.head.extend_from_slice(&moof);
        let located = Located {
            facts,
            offset: place.offset,
            head_bytes,
            body_bytes,
        };
        Some((&self.head, &self.payload, located, digest))
    }

    fn append(&mut self, write: impl FnOnce(&mut BytesMut)) -> u32 {
        let before = self.payload.len();
        write(&mut self.payload);
        (self.payload.len() - before) as u32 // a frame is bounded, far below 4 GiB
    }
}

fn picture(frame: &Frame) -> Sample {
    Sample {
        size: 0,
        duration: frame.duration_90k,
        composition_offset: (frame.pts_90k - frame.decode_90k as i64).clamp(-900_000, 900_000)
            as i32,
        key: frame.key,
    }
}

/// G.711 as it came, AAC without its ADTS header, whose facts stand in the file's own head.
fn bare(frame: &Frame) -> &[u8] {
    let header = match frame.codec {
        Codec::Aac => AdtsHeader::parse(&frame.bytes).map_or(0, |header| header.header_len),
        _ => 0,
    };
    &frame.bytes[header.min(frame.bytes.len())..]
}
