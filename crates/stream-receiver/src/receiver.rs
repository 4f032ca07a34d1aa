//! The whole path of one stream: order, payload, frames.
use crate::classify::{Kind, classify};
use crate::elementary_payload;
use crate::marker::MarkerTrust;
use crate::policy::{AfterLossPolicy, ParameterSetPolicy, ReceiverPolicy, SsrcChangePolicy};
use crate::stats::{ReceiverStats, Unplayable};
use crate::timeline::Timeline;
use bytes::{Bytes, BytesMut};
use elementary::{ParameterSets, VideoParameters, has_picture, is_key, sniff_codec};
use media_types::{AccessUnit, Codec, Pts90k};
use program_stream::{PesUnit, PsDemuxer};
use rtp::{Arrival, Reorder, RtpPacket};
use std::collections::VecDeque;

/// Packets after which a payload that nobody knows is reported.
const MAX_UNCLASSIFIED: u64 = 500;
/// Discarded frames after which the missing key frame is reported.
const MAX_BEFORE_KEY: u64 = 500;

struct Held {
    payload: Bytes,
    timestamp: u32,
    payload_type: u8,
    marker: bool,
}

#[derive(Default)]
struct OpenFrame {
    bytes: BytesMut,
    pts_90k: Option<u64>,
    timestamp: u32,
    damaged: bool,
}

/// RTP packets in, access units out.
pub struct StreamReceiver {
    policy: ReceiverPolicy,
    stats: ReceiverStats,
    reorder: Reorder<Held>,
    ssrc: Option<u32>,
    kind: Option<Kind>,
    demuxer: PsDemuxer,
    frame: OpenFrame,
    frame_open: bool,
    marker: MarkerTrust,
    timeline: Option<Timeline>,
    codec: Option<Codec>,
    sets: ParameterSets,
    video: Option<VideoParameters>,
    key_seen: bool,
    waiting_for_key: bool,
    discontinuity: bool,
    last_packet_ms: u64,
    largest_frame: usize,
    ready: VecDeque<AccessUnit>,
}

impl StreamReceiver {
    pub fn new(policy: ReceiverPolicy) -> Self {
        let reorder = Reorder::new(
            usize::from(policy.reorder.window_packets),
            policy.reorder.hold_ms,
        );
        let marker = MarkerTrust::new(policy.marker);
        Self {
            policy,
            stats: ReceiverStats::default(),
            reorder,
            ssrc: None,
            kind: None,
            demuxer: PsDemuxer::new(),
            frame: OpenFrame::default(),
            frame_open: false,
            marker,
            timeline: None,
            codec: None,
            sets: ParameterSets::default(),
            video: None,
            key_seen: false,
            waiting_for_key: false,
            discontinuity: false,
            last_packet_ms: 0,
            largest_frame: 0,
            ready: VecDeque::new(),
        }
    }

    pub fn stats(&self) -> &ReceiverStats {
        &self.stats
    }

    /// The stream's description; known before the first unit is pulled.
    pub fn video(&self) -> Option<&VideoParameters> {
        self.video.as_ref()
    }

    /// Why nothing can be shown although packets come.
    pub fn unplayable(&self) -> Option<Unplayable> {
        match self.kind {
            Some(Kind::TransportStream) => Some(Unplayable::TransportStream),
            None if self.stats.unclassified >= MAX_UNCLASSIFIED => Some(Unplayable::UnknownPayload),
            Some(_) if self.stats.frames == 0 && self.stats.discarded_frames >= MAX_BEFORE_KEY => {
                Some(Unplayable::NoKeyFrame)
            }
            _ => None,
        }
    }

    /// Whether something was lost since the last call.
    pub fn take_discontinuity(&mut self) -> bool {
        std::mem::take(&mut self.discontinuity)
    }

    /// Takes one RTP packet, in any order.
    pub fn push_packet(&mut self, bytes: &[u8], now_ms: u64) {
        let Some(packet) = RtpPacket::parse(bytes) else {
            self.stats.malformed += 1;
            return;
        };
        if !self.of_this_stream(packet.ssrc, now_ms) {
            self.stats.foreign_ssrc += 1;
            return;
        }
        self.stats.packets += 1;
        self.stats.bytes += bytes.len() as u64;
        self.last_packet_ms = now_ms;
        let held = Held {
            payload: Bytes::copy_from_slice(packet.payload),
            timestamp: packet.timestamp,
            payload_type: packet.payload_type,
            marker: packet.marker,
        };
        match self.reorder.push(packet.sequence, held, now_ms) {
            Arrival::InOrder => {}
            Arrival::Early => self.stats.reordered += 1,
            Arrival::Late => self.stats.late += 1,
            Arrival::Duplicate => self.stats.duplicates += 1,
            Arrival::Restart => {
                self.stats.restarts += 1;
                self.lose();
            }
        }
        self.drain(now_ms);
    }

    /// The next whole access unit.
    pub fn pull(&mut self) -> Option<AccessUnit> {
        self.ready.pop_front()
    }

    /// When `handle_timeout` wants to be called.
    pub fn due_at_ms(&self) -> Option<u64> {
        let idle = self
            .frame_open
            .then_some(self.last_packet_ms + self.policy.idle_close_ms);
        match (self.reorder.due_at_ms(), idle) {
            (Some(gap), Some(idle)) => Some(gap.min(idle)),
            (gap, idle) => gap.or(idle),
        }
    }

    /// Gives up gaps and closes a frame whose camera has paused.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        self.drain(now_ms);
        if self.frame_open && now_ms >= self.last_packet_ms + self.policy.idle_close_ms {
            self.close_frame();
        }
    }

    fn of_this_stream(&mut self, ssrc: u32, now_ms: u64) -> bool {
        match self.ssrc {
            Some(known) if known == ssrc => true,
            Some(_) => {
                let follow = match self.policy.ssrc {
                    SsrcChangePolicy::Follow => true,
                    SsrcChangePolicy::FollowWhenSilent { silent_ms } => {
                        now_ms >= self.last_packet_ms + silent_ms
                    }
                };
                if follow {
                    self.ssrc = Some(ssrc);
                    self.stats.restarts += 1;
                    self.lose();
                    let window = usize::from(self.policy.reorder.window_packets);
                    self.reorder = Reorder::new(window, self.policy.reorder.hold_ms);
                }
                follow
            }
            None => {
                self.ssrc = Some(ssrc);
                true
            }
        }
    }

    fn drain(&mut self, now_ms: u64) {
        while let Some((held, gap)) = self.reorder.pull(now_ms) {
            if gap {
                self.lose();
            }
            self.take(&held);
        }
        self.stats.lost = self.reorder.lost();
    }

    fn lose(&mut self) {
        self.discontinuity = true;
        self.demuxer.lose();
        self.frame.damaged = self.frame_open;
        self.waiting_for_key |= self.policy.after_loss == AfterLossPolicy::NextKeyFrame;
    }

    fn take(&mut self, held: &Held) {
        let Some(kind) = self
            .kind
            .or_else(|| classify(&held.payload, held.payload_type, self.policy.payload))
        else {
            self.stats.unclassified += 1;
            return;
        };
        self.kind = Some(kind);
        self.marker.saw(held.timestamp, held.marker);
        match kind {
            Kind::ProgramStream => self.take_program_stream(held),
            Kind::H264 | Kind::H265 => self.take_elementary(kind, held),
            Kind::TransportStream => {}
        }
    }

    fn take_program_stream(&mut self, held: &Held) {
        self.demuxer.push(&held.payload);
        while let Some(unit) = self.demuxer.pull() {
            if (0xE0..=0xEF).contains(&unit.stream_id) {
                self.take_pes(unit, held.timestamp);
            }
        }
        self.stats.broken_units = self.demuxer.stats().broken_units;
        // A marker in the middle of a PES packet is not the end of a frame, whatever it says.
        if held.marker && self.marker.trusted() && self.demuxer.is_empty() {
            self.close_frame();
        }
    }

    fn take_pes(&mut self, unit: PesUnit, timestamp: u32) {
        let pts = unit.pts_90k.filter(|&pts| pts != 0);
        let other_time = pts.is_some() && self.frame.pts_90k.is_some() && pts != self.frame.pts_90k;
        let other_pack = unit.begins_pack && timestamp != self.frame.timestamp && pts.is_none();
        if self.frame_open && (other_time || other_pack) {
            self.close_frame();
        }
        self.open_frame(timestamp);
        self.frame.pts_90k = self.frame.pts_90k.or(pts);
        self.append(|bytes| bytes.extend_from_slice(&unit.payload));
    }

    fn take_elementary(&mut self, kind: Kind, held: &Held) {
        if self.frame_open && self.frame.timestamp != held.timestamp {
            self.close_frame();
        }
        self.codec = Some(if kind == Kind::H265 {
            Codec::H265
        } else {
            Codec::H264
        });
        self.open_frame(held.timestamp);
        let mut readable = true;
        self.append(|bytes| readable = elementary_payload::append(kind, &held.payload, bytes));
        self.frame.damaged |= !readable;
        if held.marker && self.marker.trusted() {
            self.close_frame();
        }
    }

    fn open_frame(&mut self, timestamp: u32) {
        if !self.frame_open {
            self.frame_open = true;
            self.frame.timestamp = timestamp;
            self.frame.bytes.reserve(self.largest_frame);
        }
    }

    fn append(&mut self, add: impl FnOnce(&mut BytesMut)) {
        if self.frame.bytes.len() <= self.policy.max_frame_bytes {
            add(&mut self.frame.bytes);
        }
    }

    fn close_frame(&mut self) {
        let frame = std::mem::take(&mut self.frame);
        self.frame_open = false;
        if frame.damaged || frame.bytes.len() > self.policy.max_frame_bytes {
            self.stats.discarded_frames += 1;
            self.stats.oversized_frames += u64::from(!frame.damaged);
            return;
        }
        // Shrinks slowly, so that one large key frame does not make every buffer large.
        self.largest_frame = frame
            .bytes
            .len()
            .max(self.largest_frame - self.largest_frame / 16);
        let annex_b = frame.bytes.freeze();
        // The content decides; a map that says otherwise is a known firmware fault.
        if let Some(found) = sniff_codec(&annex_b) {
            if self.codec.is_some_and(|known| known != found) {
                self.sets = ParameterSets::default();
                self.video = None;
                self.key_seen = false;
            }
            self.codec = Some(found);
        }
        let Some(codec) = self.codec else {
            self.stats.discarded_frames += 1;
            return;
        };
        let own_sets = ParameterSets::from_annex_b(codec, &annex_b);
        let lacks_sets = own_sets.is_empty();
        if !lacks_sets && (self.sets.take_over(own_sets) || self.video.is_none()) {
            self.video = VideoParameters::from_sets(codec, self.sets.clone());
        }
        if !has_picture(codec, &annex_b) {
            return; // parameter sets alone: kept, and put before the key frame
        }
        let key = is_key(codec, &annex_b);
        self.key_seen |= key && self.video.is_some();
        self.waiting_for_key &= !key;
        if !self.key_seen || self.waiting_for_key {
            self.stats.discarded_frames += 1;
            return;
        }
        let annex_b = if key
            && lacks_sets
            && self.policy.parameter_sets == ParameterSetPolicy::InsertBeforeKey
        {
            self.stats.parameter_sets_inserted += 1;
            Bytes::from([self.sets.to_annex_b(), annex_b.to_vec()].concat())
        } else {
            annex_b
        };
        let (raw, bits) = frame
            .pts_90k
            .map_or((u64::from(frame.timestamp), 32), |pts| (pts, 33));
        let max_leap_ms = self.policy.max_leap_ms;
        let timeline = self
            .timeline
            .get_or_insert_with(|| Timeline::new(bits, max_leap_ms));
        let pts = Pts90k(timeline.place(raw));
        self.stats.time_leaps = timeline.leaps();
        self.stats.frames += 1;
        self.stats.key_frames += u64::from(key);
        self.ready.push_back(AccessUnit {
            codec,
            pts,
            key,
            bytes: annex_b,
        });
    }
}
