//! Payloads of PES packets to pictures and units of sound. One copy: from the packet into the frame.
use crate::headers::pes_pts;
use bytes::Bytes;
use media_types::Pts90k;
use std::collections::VecDeque;

const PTS_BITS: u32 = 33;

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
    /// The RTP time stamp that its beginning came with, as it was handed in.
    pub rtp_time: i64,
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

#[derive(Debug, Default)]
struct Frame {
    bytes: Vec<u8>,
    open: bool,
    oversized: bool,
    pts: i64,
    rtp_time: i64,
    usual_len: usize,
}

/// The frames that are gathered, and those that are whole.
#[derive(Debug)]
pub(crate) struct Frames {
    max_frame_bytes: usize,
    map: Vec<(u8, u8)>,
    video: Frame,
    video_id: u8,
    audio: Frame,
    audio_id: u8,
    last_pts: Option<i64>,
    lost_pts: Option<i64>,
    ready: VecDeque<PsUnit>,
    pub stats: PsStats,
}

impl Frames {
    pub fn new(max_frame_bytes: usize) -> Self {
        Self {
            max_frame_bytes,
            map: Vec::new(),
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

    /// `(stream id, stream type)` of the newest map.
    pub fn set_map(&mut self, map: Vec<(u8, u8)>) {
        self.map = map;
    }

    pub fn pull(&mut self) -> Option<PsUnit> {
        self.ready.pop_front()
    }

    pub fn has_open_picture(&self) -> bool {
        self.video.open
    }

    /// Drops what is open: bytes of it are missing.
    pub fn lose(&mut self) {
        if self.video.open {
            self.stats.damaged_frames += 1;
        }
        self.lost_pts = Some(self.video.pts);
        for frame in [&mut self.video, &mut self.audio] {
            frame.open = false;
            frame.bytes.clear();
        }
    }

    /// The header of a PES: begins a frame, or goes on with the open one. After a loss the rest of the lost frame is known by its PTS, by
    /// having none, or by not beginning with a start code (see `close`).
    pub fn begin(&mut self, track: Track, id: u8, header: &[u8], rtp_time: i64) {
        let raw = pes_pts(header).filter(|&raw| raw != 0 || self.last_pts.is_none());
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

    /// More of the open frame; dropped when none is open.
    pub fn append(&mut self, track: Track, bytes: &[u8]) {
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

    /// The open frame is over.
    pub fn close(&mut self, track: Track) {
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
        let (pts, rtp_time) = (Pts90k(frame.pts), frame.rtp_time);
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
            rtp_time,
            bytes,
        });
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
}
