//! The whole way of one camera's packets.
use crate::camera_clock::CameraClock;
use crate::classify::{Kind, classify};
use crate::elementary_path::ElementaryPath;
use crate::markers::Markers;
use crate::policy::{
    AfterLossPolicy, AudioPolicy, ParameterSetPolicy, ReceiverPolicy, SsrcChangePolicy,
};
use crate::sound_path::SoundPath;
use crate::stats::{ReceiverStats, Unplayable};
use crate::timeline::{Jitter, RtpTime, Timeline};
use bytes::Bytes;
use elementary::{ParameterSets, VideoParameters, has_picture, is_key, sniff_codec};
use media_types::{AccessUnit, Codec, Pts90k};
use program_stream::{PsDemuxer, PsUnit, Track};
use rtp::{Arrival, ReorderBuffer, RtpHeader, RtpPacket, SenderReport, Step};
use std::collections::VecDeque;

/// Packets without a known payload before the stream is called unplayable.
const MAX_UNCLASSIFIED: u64 = 500;
/// Frames without a usable key frame before the stream is called unplayable.
const MAX_FRAMES_WITHOUT_KEY: u64 = 500;
/// Access units that may wait to be pulled; the oldest are dropped beyond.
const MAX_READY: usize = 256;
#[derive(Debug)]
enum Path {
    Unknown,
    ProgramStream(Box<PsDemuxer>),
    Elementary {
        path: Box<ElementaryPath>,
        codec: Option<Codec>,
    },
}

/// One camera's stream: packets in, access units out. Times: milliseconds of one monotonic clock.
#[derive(Debug)]
pub struct StreamReceiver {
    policy: ReceiverPolicy,
    order: ReorderBuffer<Vec<u8>>,
    path: Path,
    ssrc: Option<u32>,
    heard_ms: u64,
    rtp_time: RtpTime,
    timeline: Timeline,
    camera_clock: CameraClock,
    markers: Markers,
    /// Damaged and oversized frames of the path, as counted last.
    dropped_seen: (u64, u64),
    jitter: Jitter,
    codec: Option<Codec>,
    sound: SoundPath,
    sets: ParameterSets,
    video: Option<VideoParameters>,
    wants_key: bool,
    frames_without_key: u64,
    unplayable: Option<Unplayable>,
    discontinuity: bool,
    ready: VecDeque<AccessUnit>,
    stats: ReceiverStats,
}

impl StreamReceiver {
    pub fn new(policy: ReceiverPolicy) -> Self {
        Self {
            order: ReorderBuffer::new(policy.reorder.window_packets, policy.reorder.hold_ms),
            timeline: Timeline::new(policy.max_leap_ms),
            policy,
            path: Path::Unknown,
            ssrc: None,
            heard_ms: 0,
            rtp_time: RtpTime::default(),
            camera_clock: CameraClock::default(),
            markers: Markers::default(),
            dropped_seen: (0, 0),
            jitter: Jitter::default(),
            codec: None,
            sound: SoundPath::default(),
            sets: ParameterSets::default(),
            video: None,
            wants_key: true,
            frames_without_key: 0,
            unplayable: None,
            discontinuity: false,
            ready: VecDeque::new(),
            stats: ReceiverStats::default(),
        }
    }

    /// Takes one RTP packet as it came from the network. Bad ones are counted and harm nothing.
    ///
    /// False when it has an SSRC that the policy does not follow: it is no sign of the stream's life.
    pub fn push_packet(&mut self, packet: &[u8], now_ms: u64) -> bool {
        let Ok(parsed) = RtpPacket::parse(packet) else {
            self.stats.malformed += 1;
            return true;
        };
        if self.ssrc != Some(parsed.header.ssrc) && !self.follows(parsed.header.ssrc, now_ms) {
            self.stats.foreign_ssrc += 1;
            return false;
        }
        self.heard_ms = now_ms;
        self.stats.packets += 1;
        self.stats.bytes += packet.len() as u64;
        if let Some(jitter_us) = self.jitter.note(parsed.header.timestamp, now_ms) {
            self.stats.jitter_us = jitter_us;
        }
        match self
            .order
            .arrive(parsed.header.sequence, now_ms, || packet.to_vec())
        {
            Arrival::Next => self.take(parsed.header, parsed.payload),
            Arrival::NextAfterLoss { lost } => {
                self.lose(lost);
                self.take(parsed.header, parsed.payload);
            }
            Arrival::Held => self.stats.reordered += 1,
            Arrival::Duplicate => self.stats.duplicates += 1,
            Arrival::Late => self.stats.late += 1,
            Arrival::Suspect => {}
            Arrival::Restarted => {
                self.stats.restarts += 1;
                self.lose(0);
            }
        }
        self.advance(now_ms);
        self.count_dropped();
        true
    }

    /// Takes a sender report: pictures have the sender's time from now on. One of another stream is left alone: false.
    pub fn push_report(&mut self, report: &SenderReport) -> bool {
        let ours = self.ssrc == Some(report.ssrc);
        if let Some(newest) = self.rtp_time.last().filter(|_| ours) {
            self.camera_clock.note(report, newest);
        }
        ours
    }

    /// What the path has dropped since the last look.
    #[inline]
    fn count_dropped(&mut self) {
        let (damaged, oversized) = match &self.path {
            Path::Unknown => return,
            Path::ProgramStream(demuxer) => {
                let stats = demuxer.stats();
                let dropped = stats.damaged_frames + stats.oversized_frames;
                (dropped, stats.oversized_frames)
            }
            Path::Elementary { path, .. } => (path.damaged_frames, path.oversized_frames),
        };
        // A path that was begun anew counts from zero.
        let since = |now: u64, seen: u64| if now < seen { now } else { now - seen };
        self.stats.discarded_frames += since(damaged, self.dropped_seen.0);
        self.stats.oversized_frames += since(oversized, self.dropped_seen.1);
        self.dropped_seen = (damaged, oversized);
    }

    /// The next access unit; [`Self::video`] describes it.
    pub fn pull(&mut self) -> Option<AccessUnit> {
        self.ready.pop_front()
    }

    /// To be called when [`Self::due_at_ms`] has come: gaps are given up, a frame that lacks nothing is closed.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        self.advance(now_ms);
        if self.idle_due_ms().is_some_and(|due| due <= now_ms) {
            self.end_frame();
        }
        self.count_dropped();
    }

    pub fn due_at_ms(&self) -> Option<u64> {
        match (self.order.due_at_ms(), self.idle_due_ms()) {
            (Some(gap), Some(idle)) => Some(gap.min(idle)),
            (gap, idle) => gap.or(idle),
        }
    }

    pub fn stats(&self) -> &ReceiverStats {
        &self.stats
    }

    /// The video as last described by its parameter sets.
    pub fn video(&self) -> Option<&VideoParameters> {
        self.video.as_ref()
    }

    /// Why nothing can be played though packets come.
    pub fn unplayable(&self) -> Option<Unplayable> {
        self.unplayable
    }

    /// True once after a loss: what is pulled next does not follow what was pulled before.
    pub fn take_discontinuity(&mut self) -> bool {
        std::mem::take(&mut self.discontinuity)
    }

    fn follows(&mut self, ssrc: u32, now_ms: u64) -> bool {
        let changes = self.ssrc.is_some();
        let allowed = match self.policy.ssrc {
            SsrcChangePolicy::Follow => true,
            SsrcChangePolicy::Refuse => !changes,
            SsrcChangePolicy::FollowWhenSilent { silent_ms } => {
                !changes || now_ms >= self.heard_ms.saturating_add(silent_ms)
            }
        };
        if allowed {
            self.ssrc = Some(ssrc);
            if changes {
                self.begin_anew();
            }
        }
        allowed
    }

    /// What came until now was another stream's: the next packet is believed whatever its SSRC, and shown from its key frame on.
    pub fn restart(&mut self) {
        self.ssrc = None;
        self.sets = ParameterSets::default();
        self.ready.clear();
        self.begin_anew();
        self.wants_key = true;
    }

    fn begin_anew(&mut self) {
        self.stats.restarts += 1;
        self.order.restart();
        self.lose(0);
        self.path = Path::Unknown;
        self.rtp_time = RtpTime::default();
        self.camera_clock = CameraClock::default();
        self.jitter.restart();
    }

    #[inline]
    fn advance(&mut self, now_ms: u64) {
        while let Some(step) = self.order.step(now_ms) {
            match step {
                Step::Lost(lost) => self.lose(lost),
                Step::Packet(packet) => {
                    if let Ok(parsed) = RtpPacket::parse(&packet) {
                        self.take(parsed.header, parsed.payload);
                    }
                }
            }
        }
    }

    fn lose(&mut self, packets: u16) {
        self.stats.lost += u64::from(packets);
        self.discontinuity = true;
        self.sound.lose();
        if self.policy.after_loss == AfterLossPolicy::NextKeyFrame {
            self.wants_key = true;
        }
        match &mut self.path {
            Path::Unknown => {}
            Path::ProgramStream(demuxer) => demuxer.lose(),
            Path::Elementary { path, .. } => path.lose(),
        }
    }

    /// One packet in order.
    fn take(&mut self, header: RtpHeader, payload: &[u8]) {
        if payload.is_empty() {
            return; // keep-alive through NAT
        }
        let time = self.rtp_time.unwrap(header.timestamp);
        let ends_frame = self
            .markers
            .ends_frame(time, header.marker, self.policy.marker);
        if matches!(self.path, Path::Unknown) && !self.choose_path(payload) {
            return;
        }
        match &mut self.path {
            Path::Unknown => {}
            Path::ProgramStream(demuxer) => demuxer.push(payload, time),
            Path::Elementary { path, codec } => {
                let codec = *codec;
                if let Some((pts, bytes)) = path.push(payload, time) {
                    self.finish_video(codec, (pts, pts), bytes);
                }
            }
        }
        if ends_frame {
            self.end_frame();
        } else {
            self.collect();
        }
    }

    fn choose_path(&mut self, payload: &[u8]) -> bool {
        let limit = self.policy.max_frame_bytes;
        let elementary = |codec| Path::Elementary {
            path: Box::new(ElementaryPath::new(codec, limit)),
            codec,
        };
        match classify(payload, self.policy.payload) {
            Some(Kind::ProgramStream) => {
                let keep_audio = self.policy.audio == AudioPolicy::Keep;
                self.path = Path::ProgramStream(Box::new(PsDemuxer::new(keep_audio, limit)));
            }
            Some(Kind::Elementary(codec)) => self.path = elementary(Some(codec)),
            Some(Kind::AnnexB) => self.path = elementary(None),
            other => {
                self.stats.unclassified += 1;
                if other == Some(Kind::TransportStream) {
                    self.unplayable = Some(Unplayable::TransportStream);
                } else if self.stats.unclassified >= MAX_UNCLASSIFIED && self.unplayable.is_none() {
                    self.unplayable = Some(Unplayable::UnknownPayload);
                }
                return false;
            }
        }
        self.unplayable = None;
        true
    }

    fn idle_due_ms(&self) -> Option<u64> {
        let waits = match &self.path {
            Path::Unknown => false,
            Path::ProgramStream(demuxer) => demuxer.has_open_frame() && demuxer.at_border(),
            Path::Elementary { path, .. } => path.has_open_frame() && path.at_border(),
        };
        waits.then(|| self.heard_ms.saturating_add(self.policy.idle_close_ms))
    }

    fn end_frame(&mut self) {
        match &mut self.path {
            Path::Unknown => {}
            Path::ProgramStream(demuxer) => demuxer.end_frame(),
            Path::Elementary { path, codec } => {
                let codec = *codec;
                if path.at_border()
                    && let Some((pts, bytes)) = path.end_frame()
                {
                    self.finish_video(codec, (pts, pts), bytes);
                }
            }
        }
        self.collect();
    }

    fn collect(&mut self) {
        while let Path::ProgramStream(demuxer) = &mut self.path
            && let Some(unit) = demuxer.pull()
        {
            match unit.track {
                Track::Video => self.finish_mapped_video(unit),
                Track::Audio => self.finish_audio(unit),
            }
        }
    }

    fn finish_mapped_video(&mut self, unit: PsUnit) {
        let mapped = match unit.stream_type {
            Some(0x1B) => Some(Codec::H264),
            Some(0x24) => Some(Codec::H265),
            Some(0x10) => return self.refuse(Unplayable::Mpeg4Visual),
            Some(0x80) => return self.refuse(Unplayable::Svac),
            _ => None,
        };
        self.finish_video(mapped, (unit.pts.0, unit.rtp_time), unit.bytes);
    }

    fn refuse(&mut self, reason: Unplayable) {
        self.stats.discarded_frames += 1;
        self.unplayable = Some(reason);
    }

    /// `times`: when it is shown, and its RTP time stamp.
    fn finish_video(&mut self, claimed: Option<Codec>, times: (i64, i64), bytes: Bytes) {
        if let Some(seen) = sniff_codec(&bytes)
            && self.codec != Some(seen)
        {
            self.codec = Some(seen); // content wins over the map, also in the middle of a stream
            self.sets = ParameterSets::default();
            self.video = None;
            self.wants_key = true;
        }
        let Some(codec) = self.codec.or(claimed) else {
            return self.await_key();
        };
        let own = ParameterSets::from_annex_b(codec, &bytes);
        let lacks_sets = !own.is_complete(codec);
        if !own.is_empty() && (self.sets.take_over(own) || self.video.is_none()) {
            self.video = VideoParameters::from_sets(codec, self.sets.clone());
        }
        if !has_picture(codec, &bytes) {
            return; // parameter sets alone: kept for the key frame behind them
        }
        let key = is_key(codec, &bytes);
        if self.video.is_none() || self.wants_key && !key {
            return self.await_key();
        }
        self.wants_key = false;
        self.frames_without_key = 0;
        self.unplayable = None;
        let bytes = if key
            && lacks_sets
            && self.policy.parameter_sets == ParameterSetPolicy::InsertBeforeKey
        {
            self.stats.parameter_sets_inserted += 1;
            Bytes::from([&self.sets.to_annex_b()[..], &bytes].concat())
        } else {
            bytes
        };
        let pts = Pts90k(self.timeline.video(times.0));
        self.stats.frames += 1;
        self.stats.key_frames += u64::from(key);
        self.hand_on(AccessUnit {
            codec,
            pts,
            key,
            camera_us: self.camera_clock.at(times.1),
            bytes,
        });
    }

    fn await_key(&mut self) {
        self.stats.discarded_frames += 1;
        self.frames_without_key += 1;
        if self.frames_without_key >= MAX_FRAMES_WITHOUT_KEY {
            self.unplayable = Some(Unplayable::NoKeyFrame);
        }
    }

    fn finish_audio(&mut self, unit: PsUnit) {
        for (codec, pts, bytes) in self.sound.cut(unit, self.policy.unmapped_sound) {
            let pts = Pts90k(self.timeline.audio(pts));
            self.stats.audio_units += 1;
            self.hand_on(AccessUnit {
                codec,
                pts,
                key: false,
                camera_us: None,
                bytes,
            });
        }
    }

    fn hand_on(&mut self, unit: AccessUnit) {
        if self.ready.len() >= MAX_READY {
            self.ready.pop_front();
            self.stats.discarded_frames += 1;
            self.discontinuity = true;
        }
        self.ready.push_back(unit);
    }
}
