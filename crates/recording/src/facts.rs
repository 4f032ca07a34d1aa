//! What a fragment says of itself before its pictures: a `uuid` box of 143 bytes and the stream's name, with checksums of its own.
use bytes::{Buf, BufMut, BytesMut};
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Marks a fragment's facts; the last byte is the version of their form: 2, or 1 without the digest.
pub(crate) const FACTS_UUID: [u8; 16] = *b"\xF5\x5A\x1C\x9DFENGSUI\x07\xC4\xE1\x93\x02";
const FACTS_UUID_1: [u8; 16] = *b"\xF5\x5A\x1C\x9DFENGSUI\x07\xC4\xE1\x93\x01";
/// SHA-256.
pub(crate) type Digest = [u8; 32];
const DIGEST_BYTES: usize = 32;
/// What both of our boxes begin with, for a search through damage.
pub(crate) const UUID_STEM: [u8; 12] = *b"\xF5\x5A\x1C\x9DFENGSUI\x07";
/// `size`, `uuid`, the UUID.
pub(crate) const BOX_HEAD: usize = 24;
const CHECKED_FROM: usize = BOX_HEAD + 4;
pub(crate) const FACTS_BYTES: usize = 66;
const FIXED_BYTES: usize = BOX_HEAD + 4 + 4 + 4 + 8 + FACTS_BYTES + 1;
pub(crate) const MAX_NAME: usize = 96;
/// The longest head there is: what a scan reads at once.
pub(crate) const MAX_HEAD: usize = FIXED_BYTES + DIGEST_BYTES + MAX_NAME;
/// A fragment's body is never longer: damage cannot send a scan further.
pub(crate) const MAX_BODY: u32 = 64 * 1024 * 1024;
const HOUR_US: i64 = 3_600_000_000;
const NOT_SENT: i64 = i64::MIN;
const UNKNOWN_ERROR: u32 = u32::MAX;

/// `<camera>/main`, `<camera>/sub`: parts of letters, digits, `-`, `_` and `.`, so that it is a path below a footage folder.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// None unless every part is safe as a folder's name and the whole has at most 96 bytes.
    pub fn new(text: &str) -> Option<Self> {
        let safe = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        (text.len() <= MAX_NAME && text.split('/').all(safe)).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which hour of the stream a time is in: each stream's begins at another second, so that not all files end at once.
    pub fn hour_of(&self, time_us: i64) -> i64 {
        let mut hash = DefaultHasher::new();
        self.as_str().hash(&mut hash);
        let begins_us = (hash.finish() % HOUR_US as u64) as i64;
        time_us.saturating_sub(begins_us).div_euclid(HOUR_US)
    }
}

impl fmt::Debug for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FragmentFlags(pub u16);

impl FragmentFlags {
    /// Begins with a key frame; without it the fragment goes on with the group of pictures before.
    pub const KEY: Self = Self(1);
    /// Nothing is missing between this fragment and the one before of its run.
    pub const FOLLOWS: Self = Self(2);
    /// The node's clock was set since the fragment before.
    pub const CLOCK_SET: Self = Self(4);
    /// Fetched from the device's own recording.
    pub const FROM_DEVICE: Self = Self(8);

    pub fn has(self, flag: Self) -> bool {
        self.0 & flag.0 == flag.0
    }

    pub fn with(self, flag: Self, set: bool) -> Self {
        if set { Self(self.0 | flag.0) } else { self }
    }

    pub(crate) fn without(self, flag: Self) -> Self {
        Self(self.0 & !flag.0)
    }
}

/// What is known of a fragment without looking at its pictures. Wall clock: µs since 1970, UTC, of the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub flags: FragmentFlags,
    /// Counts within the run.
    pub sequence: u32,
    /// When the uninterrupted reception that this belongs to began, wall clock; tells runs apart.
    pub run_us: i64,
    pub start_us: i64,
    pub end_us: i64,
    /// How far the node's clock may have been off; None: not known.
    pub clock_error_us: Option<u32>,
    /// The camera's own time at the start, µs since 1970, where it sends one.
    pub camera_us: Option<i64>,
    /// Decode time of the first picture in the stream's own count.
    pub decode_90k: u64,
    pub duration_90k: u32,
    pub pictures: u16,
    pub sounds: u16,
    /// Bytes of key frames and of all other pictures: the curve of activity.
    pub key_bytes: u32,
    pub other_bytes: u32,
}

impl Facts {
    /// It is the device's own recording.
    pub(crate) fn is_fetched(&self) -> bool {
        self.flags.has(FragmentFlags::FROM_DEVICE)
    }

    /// The other is the next of its run, with nothing between.
    pub(crate) fn is_followed_by(&self, next: &Self) -> bool {
        self.run_us == next.run_us
            && self.sequence.wrapping_add(1) == next.sequence
            && self.end_us == next.start_us
    }

    pub(crate) fn put(&self, out: &mut BytesMut) {
        out.put_u16(self.flags.0);
        out.put_u32(self.sequence);
        for value in [self.run_us, self.start_us, self.end_us] {
            out.put_i64(value);
        }
        out.put_u32(self.clock_error_us.unwrap_or(UNKNOWN_ERROR));
        out.put_i64(self.camera_us.unwrap_or(NOT_SENT));
        out.put_u64(self.decode_90k);
        out.put_u32(self.duration_90k);
        out.put_u16(self.pictures);
        out.put_u16(self.sounds);
        out.put_u32(self.key_bytes);
        out.put_u32(self.other_bytes);
    }

    /// From exactly [`FACTS_BYTES`] bytes.
    pub(crate) fn get(from: &[u8; FACTS_BYTES]) -> Self {
        let from: &mut &[u8] = &mut &from[..];
        Self {
            flags: FragmentFlags(from.get_u16()),
            sequence: from.get_u32(),
            run_us: from.get_i64(),
            start_us: from.get_i64(),
            end_us: from.get_i64(),
            clock_error_us: Some(from.get_u32()).filter(|&error| error != UNKNOWN_ERROR),
            camera_us: Some(from.get_i64()).filter(|&time| time != NOT_SENT),
            decode_90k: from.get_u64(),
            duration_90k: from.get_u32(),
            pictures: from.get_u16(),
            sounds: from.get_u16(),
            key_bytes: from.get_u32(),
            other_bytes: from.get_u32(),
        }
    }
}

/// A fragment and where it stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    pub facts: Facts,
    /// Of the facts' box.
    pub offset: u64,
    /// Of the facts' box; `moof` follows it.
    pub head_bytes: u32,
    /// `moof` and `mdat`.
    pub body_bytes: u32,
}

impl Located {
    pub fn end(&self) -> u64 {
        self.offset + u64::from(self.head_bytes) + u64::from(self.body_bytes)
    }
}

/// A fragment's whole head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub stream: StreamName,
    pub facts: Facts,
    pub body_bytes: u32,
    pub body_crc: u32,
    /// Of the body, as it came; None: of a file of before.
    pub body_digest: Option<Digest>,
    /// Everything of the file before this was known to be on disk when this was written.
    pub synced: u64,
}

impl Head {
    pub fn put(&self, out: &mut BytesMut) {
        let start = out.len();
        let name = self.stream.as_str().as_bytes();
        let digest = self.body_digest.as_ref().map_or(&[][..], |one| &one[..]);
        let mark = self.body_digest.map_or(FACTS_UUID_1, |_| FACTS_UUID);
        out.put_u32((FIXED_BYTES + digest.len() + name.len()) as u32); // at most MAX_HEAD
        out.put_slice(b"uuid");
        out.put_slice(&mark);
        out.put_u32(0);
        out.put_u32(self.body_crc);
        out.put_u32(self.body_bytes);
        out.put_u64(self.synced);
        self.facts.put(out);
        out.put_slice(digest);
        out.put_u8(name.len() as u8); // at most MAX_NAME
        out.put_slice(name);
        let crc = checksum(&out[start..]);
        out[start + BOX_HEAD..start + CHECKED_FROM].copy_from_slice(&crc.to_be_bytes());
    }

    /// The head at the beginning of `bytes` and its length; None for anything that is not whole.
    pub fn read(bytes: &[u8]) -> Option<(Self, u32)> {
        let size = u32::from_be_bytes(*bytes.first_chunk()?);
        let whole = bytes
            .get(..size as usize)
            .filter(|whole| whole.len() >= FIXED_BYTES)?;
        let has_digest = whole[8..BOX_HEAD] == FACTS_UUID;
        if whole[4..8] != *b"uuid" || !(has_digest || whole[8..BOX_HEAD] == FACTS_UUID_1) {
            return None;
        }
        let mut rest = &whole[BOX_HEAD..];
        if rest.get_u32() != checksum(whole) {
            return None;
        }
        let (body_crc, body_bytes, synced) = (rest.get_u32(), rest.get_u32(), rest.get_u64());
        let facts = Facts::get(rest.first_chunk()?);
        rest = &rest[FACTS_BYTES..];
        let mut body_digest = None;
        if has_digest {
            body_digest = Some(*rest.first_chunk()?);
            rest = &rest[DIGEST_BYTES..];
        }
        let named = usize::from(rest.try_get_u8().ok()?);
        let name = rest.get(..named).filter(|name| name.len() == rest.len())?;
        let stream = StreamName::new(std::str::from_utf8(name).ok()?)?;
        let head = Self {
            stream,
            facts,
            body_bytes,
            body_crc,
            body_digest,
            synced,
        };
        (body_bytes <= MAX_BODY).then_some((head, size))
    }
}

/// Of one of our boxes: everything but the checksum itself.
pub(crate) fn checksum(whole: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&whole[..BOX_HEAD]);
    crc.update(&whole[CHECKED_FROM..]);
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_head_is_read_back_and_no_changed_byte_goes_unseen(
            facts in prop::array::uniform32(any::<u8>()), body_bytes in 0..=MAX_BODY, body_crc in any::<u32>(), synced in any::<u64>(),
            body_digest in any::<Option<Digest>>(), at in any::<prop::sample::Index>(), change in 1u8..
        ) {
            let stream = StreamName::new("34020000001320000001/main").expect("a name");
            let facts = Facts::get(&std::array::from_fn(|at| facts[at % 32].rotate_left(at as u32)));
            let head = Head { stream, facts, body_bytes, body_crc, body_digest, synced };
            let mut out = BytesMut::new();
            head.put(&mut out);
            let length = out.len();
            prop_assert_eq!(Head::read(&out), Some((head, length as u32)));
            out[at.index(length)] ^= change;
            prop_assert_eq!(Head::read(&out), None);
        }

        #[test]
        fn a_part_of_a_head_is_none(cut in 0..FIXED_BYTES + 3) {
            let stream = StreamName::new("cam").expect("a name");
            let facts = Facts::get(&[0; FACTS_BYTES]);
            let mut out = BytesMut::new();
            Head { stream, facts, body_bytes: 0, body_crc: 0, body_digest: None, synced: 0 }.put(&mut out);
            prop_assert_eq!(Head::read(&out[..cut.min(out.len() - 1)]), None);
        }
    }

    #[test]
    fn names_are_safe_as_paths() {
        for name in ["34020000001320000001/main", "a", "a-b_c.d/e"] {
            assert!(StreamName::new(name).is_some(), "{name}");
        }
        let long = "a".repeat(MAX_NAME + 1);
        for name in [
            "",
            "/a",
            "a/",
            "../a",
            "a/../b",
            ".a",
            "a b",
            "摄像机",
            "a\0",
            &long,
        ] {
            assert!(StreamName::new(name).is_none(), "{name}");
        }
    }
}
