//! Walks the stream unit by unit by the units' own lengths; after damage it looks for the next pack.
use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem;

const PACK: u8 = 0xBA;
const SYSTEM_HEADER: u8 = 0xBB;
const MAP: u8 = 0xBC;
const PROGRAM_END: u8 = 0xB9;
/// Bytes of one unit that may wait for its end; a PES packet is at most 65,541 bytes long.
const MAX_WAITING: usize = 128 * 1024;

/// The payload of one PES packet of a stream that carries pictures or sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PesUnit {
    pub stream_id: u8,
    /// From the map: 0x1B H.264, 0x24 H.265, 0x90 G.711 A, …; 0 while no map was seen.
    pub stream_type: u8,
    /// 33 bits, 90 kHz, as sent; 0 is met as "none".
    pub pts_90k: Option<u64>,
    /// True when a pack header came since the last unit: mostly a new frame.
    pub begins_pack: bool,
    pub payload: Bytes,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PsStats {
    pub broken_units: u64,
    pub maps: u64,
    pub private_units: u64,
}

/// Push any chunking, pull units.
#[derive(Debug, Default)]
pub struct PsDemuxer {
    waiting: BytesMut,
    types: [(u8, u8); 8],
    pack_seen: bool,
    lost_place: bool,
    stats: PsStats,
}

enum Step {
    Unit(PesUnit),
    Skipped,
    NeedMore,
}

impl PsDemuxer {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn stats(&self) -> PsStats {
        self.stats
    }

    /// Whether no unit has begun that is not complete.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes the next bytes. Never panics, whatever the camera sends.
    pub fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// Bytes are missing: what waits is incomplete, and the next good place is a pack header.
    pub fn lose(&mut self) {
        if !self.waiting.is_empty() {
            self.stats.broken_units += 1;
        }
        self.waiting.clear();
        self.lost_place = true;
    }

    /// The next unit, or `None` until more bytes are pushed.
    pub fn pull(&mut self) -> Option<PesUnit> {
        loop {
            if self.lost_place && !self.find_pack() {
                return None;
            }
            match self.step() {
                Step::Unit(unit) => return Some(unit),
                Step::Skipped => {}
                Step::NeedMore => {
                    if self.waiting.len() > MAX_WAITING {
                        self.break_unit();
                        continue;
                    }
                    return None;
                }
            }
        }
    }

    fn find_pack(&mut self) -> bool {
        match memmem::find(&self.waiting, &[0, 0, 1, PACK]) {
            Some(at) => {
                self.waiting.advance(at);
                self.lost_place = false;
                true
            }
            None => {
                let keep = self.waiting.len().min(3);
                self.waiting.advance(self.waiting.len() - keep);
                false
            }
        }
    }

    fn break_unit(&mut self) {
        self.stats.broken_units += 1;
        self.waiting.advance(self.waiting.len().min(4));
        self.lost_place = true;
    }

    fn step(&mut self) -> Step {
        // Trailing zeros after a NAL unit are stuffing.
        while self.waiting.len() >= 4 && self.waiting[..4] == [0, 0, 0, 1]
            || self.waiting.starts_with(&[0, 0, 0, 0])
        {
            self.waiting.advance(1);
        }
        let Some(&[zero, null, one, id]) = self.waiting.first_chunk::<4>() else {
            return Step::NeedMore;
        };
        if [zero, null, one] != [0, 0, 1] || id < PROGRAM_END {
            self.break_unit();
            return Step::Skipped;
        }
        match id {
            PROGRAM_END => {
                self.waiting.advance(4);
                Step::Skipped
            }
            PACK => self.pack(),
            _ => self.unit(id),
        }
    }

    fn pack(&mut self) -> Step {
        let Some(&marks) = self.waiting.get(4) else {
            return Step::NeedMore;
        };
        // MPEG-1 packs are 12 bytes long and begin with 0010; MPEG-2 packs 14 and stuffing.
        let length = if marks >> 6 == 1 {
            let Some(&stuffing) = self.waiting.get(13) else {
                return Step::NeedMore;
            };
            14 + usize::from(stuffing & 7)
        } else {
            12
        };
        if self.waiting.len() < length {
            return Step::NeedMore;
        }
        self.waiting.advance(length);
        self.pack_seen = true;
        Step::Skipped
    }

    fn unit(&mut self, id: u8) -> Step {
        let Some(&[high, low]) = self
            .waiting
            .get(4..6)
            .and_then(|length| length.first_chunk::<2>())
        else {
            return Step::NeedMore;
        };
        let declared = usize::from(u16::from_be_bytes([high, low]));
        let picture_or_sound = (0xC0..=0xEF).contains(&id);
        let length = if declared == 0 && picture_or_sound {
            match self.next_start(6) {
                Some(end) => end,
                None => return Step::NeedMore,
            }
        } else {
            6 + declared
        };
        if self.waiting.len() < length {
            return Step::NeedMore;
        }
        let unit = self.waiting.split_to(length).freeze();
        match id {
            SYSTEM_HEADER => {}
            MAP => self.read_map(&unit),
            _ if picture_or_sound => return self.pes(id, unit),
            _ => self.stats.private_units += 1, // BD, BE, BF …: jumped over by length
        }
        Step::Skipped
    }

    /// Where the next unit begins, for PES packets that do not say their length.
    fn next_start(&self, from: usize) -> Option<usize> {
        let mut at = from;
        while let Some(found) = memmem::find(&self.waiting[at..], &[0, 0, 1]) {
            let start = at + found;
            let id = *self.waiting.get(start + 3)?;
            if matches!(id, PACK..=0xBD | 0xC0..=0xEF) {
                return Some(start);
            }
            at = start + 3;
        }
        None
    }

    /// Only the types of streams are taken; CRC and descriptor lengths of real devices are often wrong.
    fn read_map(&mut self, unit: &[u8]) {
        self.stats.maps += 1;
        let body = &unit[6..];
        let Some(info) = body
            .get(2..4)
            .map(|length| usize::from(u16::from_be_bytes([length[0], length[1]])))
        else {
            return;
        };
        let Some(map_length) = body.get(4 + info..6 + info) else {
            return;
        };
        let mut left = usize::from(u16::from_be_bytes([map_length[0], map_length[1]]));
        let mut at = 6 + info;
        let mut types = [(0, 0); 8];
        for slot in &mut types {
            let Some(entry) = body.get(at..at + 4).filter(|_| left >= 4) else {
                break;
            };
            *slot = (entry[1], entry[0]);
            let skipped = 4 + usize::from(u16::from_be_bytes([entry[2], entry[3]]));
            at += skipped;
            left = left.saturating_sub(skipped);
        }
        self.types = types;
    }

    fn pes(&mut self, stream_id: u8, unit: Bytes) -> Step {
        let (Some(&flags), Some(&header_length)) = (unit.get(7), unit.get(8)) else {
            return Step::Skipped;
        };
        let start = 9 + usize::from(header_length);
        if unit[6] >> 6 != 2 || start > unit.len() {
            self.stats.broken_units += 1;
            return Step::Skipped;
        }
        let pts_90k = (flags & 0x80 != 0)
            .then(|| unit.get(9..14))
            .flatten()
            .map(|coded| {
                u64::from(coded[0] >> 1 & 7) << 30
                    | u64::from(coded[1]) << 22
                    | u64::from(coded[2] >> 1) << 15
                    | u64::from(coded[3]) << 7
                    | u64::from(coded[4] >> 1)
            });
        let stream_type = self
            .types
            .iter()
            .find(|(id, _)| *id == stream_id)
            .map_or(0, |(_, kind)| *kind);
        let begins_pack = std::mem::take(&mut self.pack_seen);
        Step::Unit(PesUnit {
            stream_id,
            stream_type,
            pts_90k,
            begins_pack,
            payload: unit.slice(start..),
        })
    }
}
