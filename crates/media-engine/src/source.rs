//! One open source: its packets to pictures, its silences told.
use crate::config::{
    AfterLoss, EngineConfig, Marker, ParameterSets, Payload, Reorder, SourceSpec, SsrcChange,
    SsrcPolicy, Transport, UnmappedSound,
};
use crate::event::{Event, EventKind, EventQueue};
use media_types::Codec;
use rtp::peek_ssrc;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use stream_hub::Hub;
use stream_receiver::{
    AfterLossPolicy, AudioPolicy, MarkerPolicy, ParameterSetPolicy, PayloadPolicy, ReceiverPolicy,
    ReceiverStats, ReorderPolicy, SsrcChangePolicy, StreamReceiver, UnmappedSoundPolicy,
};

/// Silence (ms) after which another sender address may take a source over. GB/T 28181 field practice.
const RELATCH_MS: u64 = 3_000;
/// A key frame is asked for at most this often (ms) for one source.
const KEY_FRAME_PAUSE_MS: u64 = 1_000;

/// One open source.
pub(crate) struct Source {
    id: u64,
    pub spec: SourceSpec,
    hub: Arc<Hub>,
    receiver: StreamReceiver,
    /// Where its packets come from, once the first came.
    pub sender: Option<SocketAddr>,
    /// The SSRC of its newest packet.
    pub heard: Option<u32>,
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
        config: &EngineConfig,
        now_ms: u64,
    ) -> Self {
        Self {
            id,
            receiver: StreamReceiver::new(policy_of(&spec, config)),
            spec,
            hub,
            sender: None,
            heard: None,
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
        match self.sender {
            Some(sender) if sender == from => {}
            Some(_)
                if self
                    .last_packet_ms
                    .is_some_and(|last| now_ms < last + RELATCH_MS) =>
            {
                return false;
            }
            _ => self.sender = Some(from),
        }
        if self.last_packet_ms.is_none() {
            self.tell_first_packet(packet, from, events);
        }
        self.heard = peek_ssrc(packet);
        if self.receiver.push_packet(packet, now_ms) {
            self.last_packet_ms = Some(now_ms);
            self.silence_told = false;
        }
        true
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
