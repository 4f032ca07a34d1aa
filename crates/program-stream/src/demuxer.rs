//! Where one program stream stands: its units are cut out of the bytes, whatever their chunking. What pictures and sound
//! they make is decided in [`crate::frames`].
use crate::frames::{Frames, PsStats, PsUnit, Track};
use crate::headers::map_entries;
use memchr::memmem;

#[derive(Clone, Copy, Debug)]
enum State {
    /// Looking for a pack header.
    Hunt,
    /// Gathering the header of the next unit in `head`.
    Head,
    Skip(usize),
    Payload(Track, usize),
    /// PES without a usable length.
    Unbounded(Track),
}

/// Program stream in any chunking to frames.
#[derive(Debug)]
pub struct PsDemuxer {
    state: State,
    head: Vec<u8>,
    zeros: usize,
    after_video: bool,
    keep_audio: bool,
    frames: Frames,
}

/// A map longer than this is no map.
const MAX_MAP: usize = 1_024;

impl PsDemuxer {
    /// Without `keep_audio` sound is jumped over and never copied.
    pub fn new(keep_audio: bool, max_frame_bytes: usize) -> Self {
        Self {
            state: State::Hunt,
            head: Vec::new(),
            zeros: 0,
            after_video: false,
            keep_audio,
            frames: Frames::new(max_frame_bytes),
        }
    }

    pub fn stats(&self) -> PsStats {
        self.frames.stats
    }

    /// Takes the next bytes. `rtp_time`: the unwrapped RTP time stamp they came with, in ticks of 1/90 000 s; any
    /// constant for a stream that came without RTP. Never panics, whatever the camera sends.
    pub fn push(&mut self, mut bytes: &[u8], rtp_time: i64) {
        while !bytes.is_empty() {
            let used = match self.state {
                State::Hunt => self.hunt(bytes),
                State::Head => self.gather(bytes, rtp_time),
                State::Skip(left) => {
                    let used = left.min(bytes.len());
                    self.state = if used == left {
                        State::Head
                    } else {
                        State::Skip(left - used)
                    };
                    used
                }
                State::Payload(track, left) => {
                    let used = left.min(bytes.len());
                    self.frames.append(track, &bytes[..used]);
                    if used == left {
                        self.state = State::Head;
                        if track == Track::Audio {
                            self.frames.close(Track::Audio);
                        }
                    } else {
                        self.state = State::Payload(track, left - used);
                    }
                    used
                }
                State::Unbounded(track) => self.unbounded(track, bytes),
            };
            bytes = &bytes[used..];
        }
    }

    /// The next frame that is complete.
    pub fn pull(&mut self) -> Option<PsUnit> {
        self.frames.pull()
    }

    /// True where a frame may end: no unit is half read. A PES without length has no end of its own.
    pub fn at_border(&self) -> bool {
        matches!(self.state, State::Unbounded(_))
            || matches!(self.state, State::Head) && self.head.is_empty()
    }

    /// True while a picture is gathered.
    pub fn has_open_frame(&self) -> bool {
        self.frames.has_open_picture()
    }

    /// The sender says (marker, silence) that the frame is over: closes it unless more of a unit is due.
    pub fn end_frame(&mut self) {
        if !self.at_border() {
            return;
        }
        if let State::Unbounded(track) = self.state {
            let carried = std::mem::take(&mut self.head);
            self.frames.append(track, &carried);
            self.state = State::Head;
            self.after_video = track == Track::Video;
        }
        self.frames.close(Track::Video);
    }

    /// Bytes are missing here: the open frame is dropped, and everything up to the next pack header.
    pub fn lose(&mut self) {
        self.frames.lose();
        self.head.clear();
        self.zeros = 0;
        self.state = State::Hunt;
    }

    fn break_off(&mut self) {
        self.frames.stats.broken_units += 1;
        self.lose();
    }

    fn hunt(&mut self, bytes: &[u8]) -> usize {
        const PACK: [u8; 4] = [0, 0, 1, 0xBA];
        for carried in (1..=self.head.len().min(3)).rev() {
            if self.head.ends_with(&PACK[..carried]) && bytes.starts_with(&PACK[carried..]) {
                return self.found_pack(4 - carried);
            }
        }
        if let Some(at) = memmem::find(bytes, &PACK) {
            return self.found_pack(at + 4);
        }
        self.head
            .extend_from_slice(&bytes[bytes.len().saturating_sub(3)..]);
        let surplus = self.head.len().saturating_sub(3);
        self.head.drain(..surplus);
        bytes.len()
    }

    fn found_pack(&mut self, used: usize) -> usize {
        self.head.clear();
        self.head.extend_from_slice(&[0, 0, 1, 0xBA]);
        self.after_video = false;
        self.state = State::Head;
        used
    }

    /// Bytes the header in `head` has, as far as is known by now; `None` if it is none.
    fn wanted(&self) -> Option<usize> {
        let head = &self.head;
        let Some(&id) = head.get(3) else {
            return Some(4);
        };
        Some(match id {
            0xB9 => 4,
            0xBA => match head.get(4) {
                None => 5,
                Some(first) if first >> 6 == 1 => head
                    .get(13)
                    .map_or(14, |stuffing| 14 + usize::from(stuffing & 7)),
                Some(first) if first >> 4 == 2 => 12, // MPEG-1
                Some(_) => return None,
            },
            0xBC if head.len() >= 6 => match self.unit_len() {
                len if len <= MAX_MAP => 6 + len,
                _ => return None,
            },
            0xC0..=0xEF if self.is_wanted(id) => {
                head.get(8).map_or(9, |optional| 9 + usize::from(*optional))
            }
            _ => 6,
        })
    }

    fn is_wanted(&self, id: u8) -> bool {
        matches!(id, 0xE0..=0xEF) || self.keep_audio && matches!(id, 0xC0..=0xDF)
    }

    fn unit_len(&self) -> usize {
        usize::from(self.head[4]) << 8 | usize::from(self.head[5])
    }

    fn gather(&mut self, bytes: &[u8], rtp_time: i64) -> usize {
        let mut used = 0;
        loop {
            let Some(wanted) = self.wanted() else {
                self.break_off();
                return used;
            };
            if self.head.len() < wanted {
                let take = (wanted - self.head.len()).min(bytes.len() - used);
                if take == 0 {
                    return used;
                }
                self.head.extend_from_slice(&bytes[used..used + take]);
                used += take;
                if self.head.len() == 4 && !self.check_start_code() {
                    return used;
                }
                continue;
            }
            self.begin_unit(rtp_time);
            return used;
        }
    }

    /// False if the four bytes are no start code of the system layer, and what follows was decided.
    fn check_start_code(&mut self) -> bool {
        match self.head[..] {
            [0, 0, 1, id] if id >= 0xB9 => {
                self.zeros = 0;
                true
            }
            [0, 0, 0, _] => {
                self.head.remove(0);
                self.zeros += 1;
                false
            }
            _ if self.after_video => {
                // The length had wrapped modulo 65536: the picture goes on.
                let zeros = std::mem::take(&mut self.zeros);
                let mut more = vec![0; zeros];
                more.append(&mut self.head);
                self.frames.append(Track::Video, &more);
                self.state = State::Unbounded(Track::Video);
                false
            }
            _ => {
                self.break_off();
                false
            }
        }
    }

    fn begin_unit(&mut self, rtp_time: i64) {
        let id = self.head[3];
        self.after_video = false;
        self.state = match id {
            0xB9 | 0xBA => State::Head,
            0xBC => {
                self.frames.set_map(map_entries(&self.head));
                State::Head
            }
            _ if self.is_wanted(id) => {
                let track = if id >= 0xE0 {
                    Track::Video
                } else {
                    Track::Audio
                };
                let optional = 3 + usize::from(self.head[8]);
                let len = self.unit_len();
                if len > 0 && len < optional {
                    self.break_off();
                    return;
                }
                self.frames.begin(track, id, &self.head, rtp_time);
                self.after_video = track == Track::Video;
                match len {
                    0 => State::Unbounded(track),
                    _ if len == optional => State::Head,
                    _ => State::Payload(track, len - optional),
                }
            }
            _ => match self.unit_len() {
                0 => State::Head,
                len => State::Skip(len),
            },
        };
        self.head.clear();
    }

    /// Payload up to the next start code of the system layer. Pictures hold none: forbidden_zero_bit is 0 in them.
    fn unbounded(&mut self, track: Track, bytes: &[u8]) -> usize {
        let carried = std::mem::take(&mut self.head);
        let joined = [&carried[..], bytes].concat();
        let start = memmem::find_iter(&joined, &[0, 0, 1]).find(|&at| {
            joined
                .get(at + 3)
                .is_some_and(|&id| id >= 0xBA && (id <= 0xBD || (0xC0..=0xEF).contains(&id)))
        });
        let end = start.unwrap_or(joined.len().saturating_sub(3));
        self.frames.append(track, &joined[..end]);
        if start.is_some() {
            if track == Track::Audio {
                self.frames.close(Track::Audio);
            }
            self.state = State::Head;
            self.after_video = false;
            self.head.extend_from_slice(&joined[end..end + 4]);
            return end + 4 - carried.len();
        }
        self.head.extend_from_slice(&joined[end..]);
        bytes.len()
    }
}
