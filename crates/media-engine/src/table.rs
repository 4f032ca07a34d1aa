//! The open sources and which packet belongs to which.
use crate::config::{EngineConfig, Payload, SourceSpec, SsrcPolicy, Transport};
use crate::error::EngineError;
use crate::event::{Event, EventKind, EventQueue};
use media_types::Codec;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use stream_hub::Hub;
use stream_receiver::{
    AudioPolicy, PayloadPolicy, ReceiverPolicy, ReceiverStats, ReorderPolicy, SsrcChangePolicy,
    StreamReceiver,
};

/// Silence (ms) after which another sender address may take a source over. GB/T 28181 field practice.
const RELATCH_MS: u64 = 3_000;
/// A key frame is asked for at most this often (ms) for one source.
const KEY_FRAME_PAUSE_MS: u64 = 1_000;

/// One open source.
pub(crate) struct Source {
    pub id: u64,
    pub spec: SourceSpec,
    pub hub: Arc<Hub>,
    pub receiver: StreamReceiver,
    pub port: u16,
    /// Where its packets come from, once the first came.
    pub sender: Option<SocketAddr>,
    opened_ms: u64,
    last_packet_ms: Option<u64>,
    last_reader_ms: u64,
    last_key_asked_ms: Option<u64>,
    silence_told: bool,
    readers_told: bool,
    unplayable_told: bool,
    codec: Option<Codec>,
}

/// Every open source, found by SSRC, sender or name.
pub(crate) struct Table {
    sources: HashMap<u64, Source>,
    by_ssrc: HashMap<u32, u64>,
    by_name: HashMap<String, u64>,
    next_id: u64,
    pub unknown_packets: u64,
    pub malformed_packets: u64,
}

/// The SSRC of an RTP packet (version 2, not RTCP), None for anything else.
pub(crate) fn ssrc_of(packet: &[u8]) -> Option<u32> {
    if packet.len() < 12 || packet[0] >> 6 != 2 || (200..=204).contains(&packet[1]) {
        return None;
    }
    Some(u32::from_be_bytes([
        packet[8], packet[9], packet[10], packet[11],
    ]))
}

impl Table {
    pub fn new() -> Self {
        Self {
            sources: HashMap::new(),
            by_ssrc: HashMap::new(),
            by_name: HashMap::new(),
            next_id: 1,
            unknown_packets: 0,
            malformed_packets: 0,
        }
    }

    pub fn open(
        &mut self,
        spec: SourceSpec,
        config: &EngineConfig,
        port: u16,
        now_ms: u64,
    ) -> Result<u64, EngineError> {
        if self.sources.len() >= config.max_sources {
            return Err(EngineError::TooManySources(config.max_sources));
        }
        if self.by_name.contains_key(&spec.name) {
            return Err(EngineError::NameInUse(spec.name));
        }
        if self.by_ssrc.contains_key(&spec.ssrc) {
            return Err(EngineError::SsrcInUse(spec.ssrc));
        }
        let id = self.next_id;
        self.next_id += 1;
        self.by_name.insert(spec.name.clone(), id);
        self.by_ssrc.insert(spec.ssrc, id);
        let receiver = StreamReceiver::new(policy_of(&spec, config));
        self.sources.insert(
            id,
            Source {
                id,
                spec,
                hub: Arc::new(Hub::new()),
                receiver,
                port,
                sender: None,
                opened_ms: now_ms,
                last_packet_ms: None,
                last_reader_ms: now_ms,
                last_key_asked_ms: None,
                silence_told: false,
                readers_told: false,
                unplayable_told: false,
                codec: None,
            },
        );
        Ok(id)
    }

    pub fn close(&mut self, id: u64) -> Option<Source> {
        let source = self.sources.remove(&id)?;
        self.by_name.remove(&source.spec.name);
        if self.by_ssrc.get(&source.spec.ssrc) == Some(&id) {
            self.by_ssrc.remove(&source.spec.ssrc);
        }
        source.hub.close();
        Some(source)
    }

    pub fn set_ssrc(&mut self, id: u64, ssrc: u32) -> Result<(), EngineError> {
        if self.by_ssrc.get(&ssrc).is_some_and(|&other| other != id) {
            return Err(EngineError::SsrcInUse(ssrc));
        }
        let source = self
            .sources
            .get_mut(&id)
            .ok_or(EngineError::NoSuchSource(id))?;
        self.by_ssrc.remove(&source.spec.ssrc);
        source.spec.ssrc = ssrc;
        self.by_ssrc.insert(ssrc, id);
        Ok(())
    }

    pub fn get(&self, id: u64) -> Option<&Source> {
        self.sources.get(&id)
    }

    pub fn get_mut(&mut self, id: u64) -> Option<&mut Source> {
        self.sources.get_mut(&id)
    }

    pub fn by_name(&self, name: &str) -> Option<&Source> {
        self.sources.get(self.by_name.get(name)?)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// The source of a packet on the shared port: by SSRC, else by sender where the source's policy allows it.
    pub fn find(&self, ssrc: u32, from: SocketAddr, tcp: bool) -> Option<u64> {
        if let Some(&id) = self.by_ssrc.get(&ssrc) {
            return Some(id);
        }
        let mut fitting = self.sources.values().filter(|source| {
            source.spec.ssrc_policy == SsrcPolicy::FromPeerAddress
                && !source.spec.own_port
                && (source.spec.transport != Transport::Udp) == tcp
                && source.spec.remote_host == Some(from.ip())
                && source.sender.is_none_or(|sender| sender == from)
        });
        let found = fitting.next()?;
        // Two streams from one address with foreign SSRCs cannot be told apart: neither is guessed.
        let latched = found.sender.is_some();
        (latched || fitting.next().is_none()).then_some(found.id)
    }

    /// Takes one RTP packet of source `id`.
    pub fn packet(
        &mut self,
        id: u64,
        packet: &[u8],
        from: SocketAddr,
        now_ms: u64,
        events: &EventQueue,
    ) {
        let Some(source) = self.sources.get_mut(&id) else {
            self.unknown_packets += 1;
            return;
        };
        match source.sender {
            Some(sender) if sender == from => {}
            Some(_)
                if source
                    .last_packet_ms
                    .is_some_and(|last| now_ms < last + RELATCH_MS) =>
            {
                self.unknown_packets += 1; // somebody else's packets do not disturb a running stream
                return;
            }
            _ => source.sender = Some(from),
        }
        if source.last_packet_ms.is_none() {
            let mut event = Event::new(EventKind::FirstPacket, id, &source.spec.name);
            event.remote_host = from.ip().to_string();
            event.remote_port = from.port();
            events.push(event);
            if let Some(ssrc) = ssrc_of(packet).filter(|&ssrc| ssrc != source.spec.ssrc) {
                let mut event = Event::new(EventKind::SsrcMismatch, id, &source.spec.name);
                event.ssrc = ssrc;
                events.push(event);
            }
        }
        source.last_packet_ms = Some(now_ms);
        source.silence_told = false;
        source.receiver.push_packet(packet, now_ms);
        source.drain(events);
    }

    /// What is due: open frames, silence, readers gone. Call every 20 ms or so.
    pub fn tick(&mut self, now_ms: u64, config: &EngineConfig, events: &EventQueue) {
        for source in self.sources.values_mut() {
            source.tick(now_ms, config, events);
        }
    }
}

impl Source {
    pub fn stats(&self) -> ReceiverStats {
        *self.receiver.stats()
    }

    fn drain(&mut self, events: &EventQueue) {
        while let Some(unit) = self.receiver.pull() {
            if !unit.codec.is_video() {
                continue;
            }
            if let Some(video) = self.hub.push(unit, self.receiver.video()) {
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
    }

    fn tick(&mut self, now_ms: u64, config: &EngineConfig, events: &EventQueue) {
        if self.receiver.due_at_ms().is_some_and(|due| due <= now_ms) {
            self.receiver.handle_timeout(now_ms);
            self.drain(events);
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
        if self.hub.readers() > 0 {
            self.last_reader_ms = now_ms;
            self.readers_told = false;
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
        } else if !self.readers_told && now_ms >= self.last_reader_ms + config.grace_ms {
            self.readers_told = true;
            events.push(Event::new(EventKind::NoReaders, self.id, &self.spec.name));
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
        reorder: if spec.transport == Transport::Udp {
            ReorderPolicy::UDP
        } else {
            ReorderPolicy::TCP
        },
        ssrc: if spec.ssrc_policy == SsrcPolicy::Strict {
            SsrcChangePolicy::FollowWhenSilent {
                silent_ms: RELATCH_MS,
            }
        } else {
            SsrcChangePolicy::Follow
        },
        audio: if spec.audio {
            AudioPolicy::Keep
        } else {
            AudioPolicy::Drop
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
