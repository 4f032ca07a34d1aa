//! The state of one program stream. One copy: from the packet into the frame.
use crate::headers::{map_entries, pes_pts};
use bytes::Bytes;
use media_types::Pts90k;
use memchr::memmem;
use std::collections::VecDeque;

/// Which elementary stream a unit belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    Video,
    Audio,
}

/// One frame as the stream cut it. What codec it is, its content tells; `stream_type` is what the map claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PsUnit {
    pub track: Track,
    pub stream_type: Option<u8>,
    /// Unwrapped, not re-based.
    pub pts: Pts90k,
    pub bytes: Bytes,
}

/// Counters; all only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PsStats {
    pub broken_units: u64,
    /// Video frames dropped because bytes of them were lost or broken.
    pub damaged_frames: u64,
    pub oversized_frames: u64,
}

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

#[derive(Debug, Default)]
struct Frame {
    bytes: Vec<u8>,
    open: bool,
    oversized: bool,
    pts: i64,
    rtp_time: i64,
    usual_len: usize,
}

/// Program stream in any chunking to frames.
#[derive(Debug)]
pub struct PsDemuxer {
    state: State,
    head: Vec<u8>,
    zeros: usize,
    after_video: bool,
    map: Vec<(u8, u8)>,
    keep_audio: bool,
    max_frame_bytes: usize,
    video: Frame,
    video_id: u8,
    audio: Frame,
    audio_id: u8,
    last_pts: Option<i64>,
    lost_pts: Option<i64>,
    ready: VecDeque<PsUnit>,
    stats: PsStats,
}

/// A map longer than this is no map.
const MAX_MAP: usize = 1_024;
const PTS_BITS: u32 = 33;

impl PsDemuxer {
    /// Without `keep_audio` sound is jumped over and never copied.
    pub fn new(keep_audio: bool, max_frame_bytes: usize) -> Self {
        Self {
            state: State::Hunt,
            head: Vec::new(),
            zeros: 0,
            after_video: false,
            map: Vec::new(),
            keep_audio,
            max_frame_bytes,
            video: Frame::default(),
            video_id: 0xE0,
            audio: Frame::default(),
            audio_id: 0xC0,
            last_pts: None,
            lost_pts: None,
            ready: VecDeque::new(),
            stats: PsStats::default(),
        }
    }

    pub fn stats(&self) -> PsStats {
        self.stats
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
                    self.append(track, &bytes[..used]);
                    if used == left {
                        self.state = State::Head;
                        if track == Track::Audio {
                            self.close(Track::Audio);
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
        self.ready.pop_front()
    }

    /// True where a frame may end: no unit is half read. A PES without length has no end of its own.
    pub fn at_border(&self) -> bool {
        matches!(self.state, State::Unbounded(_))
            || matches!(self.state, State::Head) && self.head.is_empty()
    }

    /// True while a picture is gathered.
    pub fn has_open_frame(&self) -> bool {
        self.video.open
    }

    /// The sender says (marker, silence) that the frame is over: closes it unless more of a unit is due.
    pub fn end_frame(&mut self) {
        if !self.at_border() {
            return;
        }
        if let State::Unbounded(track) = self.state {
            let carried = std::mem::take(&mut self.head);
            self.append(track, &carried);
            self.state = State::Head;
            self.after_video = track == Track::Video;
        }
        self.close(Track::Video);
    }

    /// Bytes are missing here: the open frame is dropped, and everything up to the next pack header.
    pub fn lose(&mut self) {
        if self.video.open {
            self.stats.damaged_frames += 1;
        }
        self.lost_pts = Some(self.video.pts);
        for frame in [&mut self.video, &mut self.audio] {
            frame.open = false;
            frame.bytes.clear();
        }
        self.head.clear();
        self.zeros = 0;
        self.state = State::Hunt;
    }

    fn break_off(&mut self) {
        self.stats.broken_units += 1;
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
                self.append(Track::Video, &more);
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
                self.map = map_entries(&self.head);
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
                self.begin_pes(track, id, rtp_time);
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

    /// Begins a frame, or goes on with the open one. After a loss the rest of the lost frame is known by its PTS, by
    /// having none, or by not beginning with a start code (see `close`).
    fn begin_pes(&mut self, track: Track, id: u8, rtp_time: i64) {
        let raw = pes_pts(&self.head).filter(|&raw| raw != 0 || self.last_pts.is_none());
        let pts = raw.map(|raw| self.unwrap(raw));
        let frame = self.frame(track);
        let goes_on = frame.open && pts.map_or(frame.rtp_time == rtp_time, |pts| pts == frame.pts);
        if goes_on {
            return;
        }
        if track == Track::Video && self.lost_pts.is_some() {
            if pts.is_none_or(|pts| Some(pts) == self.lost_pts) && self.last_pts.is_some() {
                return;
            }
            self.lost_pts = None;
        }
        let frame = self.frame(track);
        let inherited = frame.pts + (rtp_time - frame.rtp_time);
        self.close(track);
        match track {
            Track::Video => self.video_id = id,
            Track::Audio => self.audio_id = id,
        }
        let frame = self.frame(track);
        frame.open = true;
        frame.oversized = false;
        frame.pts = pts.unwrap_or(inherited);
        frame.rtp_time = rtp_time;
        frame.bytes.reserve(frame.usual_len);
    }

    /// 33 bits to 64, by the shortest way from the last one.
    fn unwrap(&mut self, raw: u64) -> i64 {
        let raw = raw as i64;
        let full = match self.last_pts {
            None => raw,
            Some(last) => {
                let span = 1i64 << PTS_BITS;
                let step = (raw - last).rem_euclid(span);
                last + if step >= span / 2 { step - span } else { step }
            }
        };
        self.last_pts = Some(full);
        full
    }

    fn frame(&mut self, track: Track) -> &mut Frame {
        match track {
            Track::Video => &mut self.video,
            Track::Audio => &mut self.audio,
        }
    }

    fn append(&mut self, track: Track, bytes: &[u8]) {
        let limit = self.max_frame_bytes;
        let frame = self.frame(track);
        if !frame.open || frame.oversized {
            return;
        }
        if frame.bytes.len() + bytes.len() > limit {
            frame.oversized = true;
            frame.bytes = Vec::new();
            self.stats.oversized_frames += 1;
            return;
        }
        frame.bytes.extend_from_slice(bytes);
    }

    fn close(&mut self, track: Track) {
        let id = if track == Track::Video {
            self.video_id
        } else {
            self.audio_id
        };
        let stream_type = self
            .map
            .iter()
            .find(|entry| entry.0 == id)
            .map(|entry| entry.1);
        let frame = self.frame(track);
        if !std::mem::take(&mut frame.open) || frame.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut frame.bytes);
        if track == Track::Video
            && !(bytes.starts_with(&[0, 0, 1]) || bytes.starts_with(&[0, 0, 0]))
        {
            self.stats.damaged_frames += 1; // the begin of the picture was lost
            return;
        }
        frame.usual_len = bytes.len();
        let pts = Pts90k(frame.pts);
        // Room learned from a key frame must not stay with the small frames behind it.
        let bytes = if bytes.capacity() > bytes.len() * 5 / 4 {
            Bytes::copy_from_slice(&bytes)
        } else {
            Bytes::from(bytes)
        };
        self.ready.push_back(PsUnit {
            track,
            stream_type,
            pts,
            bytes,
        });
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
        self.append(track, &joined[..end]);
        if start.is_some() {
            if track == Track::Audio {
                self.close(Track::Audio);
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
