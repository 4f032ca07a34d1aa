//! One open source: its packets to pictures, its silences told.
use crate::config::{
    AfterLoss, EngineConfig, Marker, ParameterSets, Payload, Reorder, SourceSpec, SsrcChange,
    SsrcPolicy, Transport, UnmappedSound,
};
use crate::event::{Event, EventKind, EventQueue};
use media_types::Codec;
use rtp::{SenderReport, peek_ssrc};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stream_hub::Hub;
use stream_receiver::{
    AfterLossPolicy, AudioPolicy, MarkerPolicy, ParameterSetPolicy, PayloadPolicy, ReceiverPolicy,
    ReceiverStats, ReorderPolicy, SsrcChangePolicy, StreamReceiver, UnmappedSoundPolicy,
};

/// Silence (ms) after which another sender address may take a source over. GB/T 28181 field practice.
const RELATCH_MS: u64 = 3_000;
/// A foreign SSRC is believed once it has come for so long (ms) without the one that was asked for, and since the answer.
const FOREIGN_WAIT_MS: u64 = 1_000;
/// A sender that closed its connection may have made another one (ms).
const REDIAL_MS: u64 = 500;
/// SSRCs of one node share all but their last four digits. Source: GB/T 28181-2022 annex G.
const OF_ONE_NODE: u32 = 10_000;
/// A key frame is asked for at most this often (ms) for one source.
const KEY_FRAME_PAUSE_MS: u64 = 1_000;

/// One open source.
pub(crate) struct Source {
    id: u64,
    pub spec: SourceSpec,
    hub: Arc<Hub>,
    receiver: StreamReceiver,
    /// Whose packets it takes, once the first came: sender and SSRC.
    latch: Option<(SocketAddr, u32)>,
    /// `sender_key` of the latched sender, for those who look without the lock.
    latched: Arc<AtomicU64>,
    /// Of the SSRC that was asked for first: others of this node are other streams', now or formerly.
    block: u32,
    /// Where the answer says that the media come from.
    media_host: Option<IpAddr>,
    answered_ms: u64,
    /// A foreign sender that wants to be believed, and since when.
    candidate: Option<(SocketAddr, u32, u64)>,
    /// When the sender's connection was closed.
    closed_ms: Option<u64>,
    opened_ms: u64,
    last_packet_ms: Option<u64>,
    last_reader_ms: u64,
    last_key_asked_ms: Option<u64>,
    silence_told: bool,
    unplayable_told: bool,
    codec: Option<Codec>,
}

impl Source {
    pub fn new(
        id: u64,
        spec: SourceSpec,
        hub: Arc<Hub>,
        latched: Arc<AtomicU64>,
        config: &EngineConfig,
        now_ms: u64,
    ) -> Self {
        Self {
            id,
            receiver: StreamReceiver::new(policy_of(&spec, config)),
            block: block_of(spec.ssrc),
            spec,
            hub,
            latch: None,
            latched,
            media_host: None,
            answered_ms: now_ms,
            candidate: None,
            closed_ms: None,
            opened_ms: now_ms,
            last_packet_ms: None,
            last_reader_ms: now_ms,
            last_key_asked_ms: None,
            silence_told: false,
            unplayable_told: false,
            codec: None,
        }
    }

    /// Takes one RTP packet. False when it is somebody else's, who shall not disturb a running stream.
    pub fn packet(
        &mut self,
        packet: &[u8],
        from: SocketAddr,
        now_ms: u64,
        events: &EventQueue,
    ) -> bool {
        #[cfg(test)]
        assert!(!packet.ends_with(b"planted"), "planted");
        let Some(ssrc) = peek_ssrc(packet) else {
            return false;
        };
        let latched = self.latch == Some((from, ssrc));
        if !latched && !self.admits(ssrc, from, now_ms, events) {
            return false;
        }
        if self.last_packet_ms.is_none() {
            self.tell_first_packet(packet, from, events);
        }
        if self.receiver.push_packet(packet, now_ms) {
            if !latched {
                self.latch_to(Some((from, ssrc)));
            }
            self.last_packet_ms = Some(now_ms);
            self.silence_told = false;
        }
        true
    }

    /// What its sender says of its clock, from another port than the pictures (RFC 3550 §11). Anybody else's is left alone: false.
    pub fn report(&mut self, report: &SenderReport, host: IpAddr) -> bool {
        let ours = |(sender, ssrc): (SocketAddr, u32)| sender.ip() == host && ssrc == report.ssrc;
        self.latch.is_some_and(ours) && self.receiver.push_report(report)
    }

    /// Whether a packet of another sender or SSRC than the latched ones is taken. One that has a better claim takes over at once.
    #[cold]
    fn admits(&mut self, ssrc: u32, from: SocketAddr, now_ms: u64, events: &EventQueue) -> bool {
        let Some(claim) = self.claim(ssrc, from.ip()) else {
            return false;
        };
        let Some((sender, heard)) = self.latch else {
            return claim >= Claim::Asked || self.has_waited(ssrc, from, now_ms);
        };
        let present = self.claim(heard, sender.ip());
        if present < Some(claim) {
            self.displace(events);
            return true;
        }
        let silent = self
            .last_packet_ms
            .is_none_or(|last| now_ms >= last + RELATCH_MS);
        // Another SSRC of the same sender: the receiver's policy says whether it is followed.
        silent || (sender == from && present == Some(claim))
    }

    /// How well sender and SSRC show that a packet is this source's. `None`: never.
    fn claim(&self, ssrc: u32, host: IpAddr) -> Option<Claim> {
        let strict = self.spec.ssrc_policy == SsrcPolicy::Strict;
        let asked = ssrc == self.spec.ssrc;
        let promised = self.spec.remote_host;
        let known = promised.is_none() || promised == Some(host) || self.media_host == Some(host);
        // Nobody but this machine sends what it was to send itself.
        let local = strict && promised.is_some_and(|promised| promised.is_loopback());
        match (asked, known) {
            (true, true) => Some(Claim::AskedAndKnown),
            (true, false) => (!local).then_some(Claim::Asked),
            (false, _) if strict || block_of(ssrc) == self.block => None,
            (false, true) => Some(Claim::Known),
            (false, false) => self.spec.own_port.then_some(Claim::Nothing),
        }
    }

    /// Two that come by turns wait for ever: which of them is right cannot be told.
    fn has_waited(&mut self, ssrc: u32, from: SocketAddr, now_ms: u64) -> bool {
        match self.candidate {
            Some((sender, heard, since_ms)) if (sender, heard) == (from, ssrc) => {
                now_ms >= since_ms.max(self.answered_ms) + FOREIGN_WAIT_MS
            }
            _ => {
                self.candidate = Some((from, ssrc, now_ms));
                false
            }
        }
    }

    fn displace(&mut self, events: &EventQueue) {
        self.receiver.restart();
        self.latch_to(None);
        events.push(Event::new(
            EventKind::KeyFrameWanted,
            self.id,
            &self.spec.name,
        ));
    }

    fn latch_to(&mut self, latch: Option<(SocketAddr, u32)>) {
        self.latch = latch;
        self.candidate = None;
        self.closed_ms = None;
        let key = latch.map_or(0, |(sender, _)| sender_key(sender));
        self.latched.store(key, Ordering::Relaxed);
    }

    /// Whether nobody else's packets come to its port.
    pub fn has_own_port(&self) -> bool {
        self.spec.own_port && self.spec.transport != Transport::TcpActive
    }

    pub fn sender(&self) -> Option<SocketAddr> {
        self.latch.map(|(sender, _)| sender)
    }

    /// The SSRC of its packets.
    pub fn heard(&self) -> Option<u32> {
        self.latch.map(|(_, ssrc)| ssrc)
    }

    /// The call was answered: from now on it is due. `host`: where the answer says that the media come from.
    pub fn answered(&mut self, host: Option<IpAddr>, now_ms: u64) {
        self.media_host = host;
        self.answered_ms = now_ms;
    }

    /// Where the answer says that the media come from, if it says so.
    pub fn media_host(&self) -> Option<IpAddr> {
        self.media_host
    }

    /// A connection ended. It ends the stream only where its packets were taken and no other one brings them soon, or where
    /// we made it (`ours`) and it brought none.
    pub fn connection_closed(&mut self, peer: SocketAddr, ours: bool, now_ms: u64) {
        if self.sender() == Some(peer) || (ours && self.latch.is_none()) {
            self.latch_to(None);
            self.closed_ms = Some(now_ms);
        }
    }

    fn tell_first_packet(&self, packet: &[u8], from: SocketAddr, events: &EventQueue) {
        let mut event = Event::new(EventKind::FirstPacket, self.id, &self.spec.name);
        event.remote_host = from.ip().to_string();
        event.remote_port = from.port();
        events.push(event);
        if let Some(ssrc) = peek_ssrc(packet).filter(|&ssrc| ssrc != self.spec.ssrc) {
            let mut event = Event::new(EventKind::SsrcMismatch, self.id, &self.spec.name);
            event.ssrc = ssrc;
            events.push(event);
        }
    }

    pub fn stats(&self) -> ReceiverStats {
        *self.receiver.stats()
    }

    /// Hands whole pictures to the ring. True when there was one.
    pub fn drain(&mut self, events: &EventQueue) -> bool {
        let mut any = false;
        while let Some(unit) = self.receiver.pull() {
            any = true;
            let described = if unit.codec.is_video() {
                self.hub.push(unit, self.receiver.video())
            } else {
                self.hub.push_sound(unit)
            };
            if let Some(video) = described {
                let kind = if self.codec.is_none() {
                    EventKind::Ready
                } else {
                    EventKind::CodecChanged
                };
                self.codec = Some(video.codec);
                let mut event = Event::new(kind, self.id, &self.spec.name);
                event.codec = codec_name(video.codec).to_owned();
                event.width = video.width;
                event.height = video.height;
                events.push(event);
            }
        }
        any
    }

    /// What is due. True when a picture was finished by it.
    pub fn tick(&mut self, now_ms: u64, config: &EngineConfig, events: &EventQueue) -> bool {
        let mut any = false;
        if self
            .closed_ms
            .is_some_and(|closed| now_ms >= closed + REDIAL_MS)
        {
            self.closed_ms = None;
            events.push(Event::new(EventKind::TcpClosed, self.id, &self.spec.name));
        }
        if self.receiver.due_at_ms().is_some_and(|due| due <= now_ms) {
            self.receiver.handle_timeout(now_ms);
            any = self.drain(events);
        }
        let waited_from = self.last_packet_ms.unwrap_or(self.opened_ms);
        let (limit, kind) = match self.last_packet_ms {
            None => (config.first_packet_ms, EventKind::NoPackets),
            Some(_) => (config.silence_ms, EventKind::Silent),
        };
        if !self.silence_told && now_ms >= waited_from + limit {
            self.silence_told = true;
            events.push(Event::new(kind, self.id, &self.spec.name));
        }
        if let Some(reason) = self.receiver.unplayable().filter(|_| !self.unplayable_told) {
            self.unplayable_told = true;
            let mut event = Event::new(EventKind::Unplayable, self.id, &self.spec.name);
            event.reason = format!("{reason:?}");
            events.push(event);
        }
        // A source is opened for somebody, who may wait for its first picture before reading: the camera is asked at once.
        let asked_lately = self
            .last_key_asked_ms
            .is_some_and(|asked| now_ms < asked + KEY_FRAME_PAUSE_MS);
        if self.last_packet_ms.is_some() && !self.hub.has_key_frame() && !asked_lately {
            self.last_key_asked_ms = Some(now_ms);
            events.push(Event::new(
                EventKind::KeyFrameWanted,
                self.id,
                &self.spec.name,
            ));
        }
        if self.hub.readers() > 0 {
            self.last_reader_ms = now_ms;
        } else if now_ms >= self.last_reader_ms + config.grace_ms {
            self.last_reader_ms = now_ms; // told again after another grace time, should somebody be awaited
            events.push(Event::new(EventKind::NoReaders, self.id, &self.spec.name));
        }
        any
    }
}

/// How well a packet shows that it is a source's, the best last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// It came to the port that the source has for itself.
    Nothing,
    /// From the device's address.
    Known,
    /// With the SSRC that was asked for.
    Asked,
    AskedAndKnown,
}

/// What the SSRCs of one node have in common.
pub(crate) fn block_of(ssrc: u32) -> u32 {
    ssrc / OF_ONE_NODE
}

/// An address as one number, never 0.
pub(crate) fn sender_key(sender: SocketAddr) -> u64 {
    let port = u64::from(sender.port()) | 1 << 63;
    match sender.ip() {
        IpAddr::V4(ip) => port | u64::from(u32::from(ip)) << 16,
        IpAddr::V6(ip) => {
            let bits = u128::from(ip);
            port | ((bits >> 64) as u64 ^ bits as u64).rotate_left(16) << 16 >> 1
        }
    }
}

pub(crate) fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "h264",
        Codec::H265 => "h265",
        Codec::G711A => "g711a",
        Codec::G711U => "g711u",
        Codec::Aac => "aac",
    }
}

fn policy_of(spec: &SourceSpec, config: &EngineConfig) -> ReceiverPolicy {
    ReceiverPolicy {
        payload: match spec.payload {
            Payload::Detect => PayloadPolicy::Detect,
            Payload::ProgramStream => PayloadPolicy::ProgramStream,
            Payload::H264 => PayloadPolicy::H264,
            Payload::H265 => PayloadPolicy::H265,
        },
        reorder: match spec.deviations.reorder {
            _ if spec.transport != Transport::Udp => ReorderPolicy::TCP,
            Reorder::Standard => ReorderPolicy::UDP,
            Reorder::Long => ReorderPolicy::LONG,
            Reorder::None => ReorderPolicy::NONE,
        },
        ssrc: match spec.deviations.ssrc_change {
            SsrcChange::Refuse => SsrcChangePolicy::Refuse,
            SsrcChange::Auto if spec.ssrc_policy != SsrcPolicy::Strict => SsrcChangePolicy::Follow,
            SsrcChange::Auto | SsrcChange::WhenSilent => SsrcChangePolicy::FollowWhenSilent {
                silent_ms: RELATCH_MS,
            },
        },
        parameter_sets: match spec.deviations.parameter_sets {
            ParameterSets::Insert => ParameterSetPolicy::InsertBeforeKey,
            ParameterSets::Leave => ParameterSetPolicy::Leave,
        },
        audio: if spec.audio {
            AudioPolicy::Keep
        } else {
            AudioPolicy::Drop
        },
        marker: match spec.deviations.marker {
            Marker::Learn => MarkerPolicy::Learn,
            Marker::Trust => MarkerPolicy::Trust,
            Marker::Ignore => MarkerPolicy::Ignore,
        },
        after_loss: match spec.deviations.after_loss {
            AfterLoss::NextPicture => AfterLossPolicy::NextUnit,
            AfterLoss::NextKeyFrame => AfterLossPolicy::NextKeyFrame,
        },
        unmapped_sound: match spec.deviations.unmapped_sound {
            UnmappedSound::Drop => UnmappedSoundPolicy::Drop,
            UnmappedSound::G711A => UnmappedSoundPolicy::G711A,
            UnmappedSound::G711U => UnmappedSoundPolicy::G711U,
        },
        max_frame_bytes: config.max_frame_bytes,
        ..ReceiverPolicy::default()
    }
}

/// The peer address that a spec promises, for connecting out.
pub(crate) fn remote_of(spec: &SourceSpec) -> Option<SocketAddr> {
    let host: IpAddr = spec.remote_host?;
    Some(SocketAddr::new(host, spec.remote_port?))
}
