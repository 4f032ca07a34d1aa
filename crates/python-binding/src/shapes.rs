//! The types that both sides use: frozen, with every field readable.
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::net::IpAddr;
use std::time::Duration;

macro_rules! mirrored {
    ($name:ident, $original:path, [$($variant:ident => $source:ident),* $(,)?]) => {
        #[pyclass(frozen, eq, eq_int, hash, from_py_object, module = "fengsui._engine")]
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(clippy::upper_case_acronyms, non_camel_case_types)]
        pub enum $name { $($variant),* }
        impl From<$original> for $name {
            fn from(value: $original) -> Self {
                use $original as Original;
                match value { $(Original::$source => Self::$variant),* }
            }
        }
        impl From<$name> for $original {
            fn from(value: $name) -> Self {
                use $original as Original;
                match value { $($name::$variant => Original::$source),* }
            }
        }
    };
}

mirrored!(Transport, media_engine::Transport, [UDP => Udp, TCP_PASSIVE => TcpPassive, TCP_ACTIVE => TcpActive]);
mirrored!(Payload, media_engine::Payload, [DETECT => Detect, PS => ProgramStream, H264 => H264, H265 => H265]);
mirrored!(SsrcPolicy, media_engine::SsrcPolicy, [STRICT => Strict, FROM_PEER_ADDRESS => FromPeerAddress, ANY => Any]);
mirrored!(Marker, media_engine::Marker, [LEARN => Learn, TRUST => Trust, IGNORE => Ignore]);
mirrored!(AfterLoss, media_engine::AfterLoss, [NEXT_PICTURE => NextPicture, NEXT_KEY_FRAME => NextKeyFrame]);
mirrored!(Reorder, media_engine::Reorder, [STANDARD => Standard, LONG => Long, NONE => None]);
mirrored!(SsrcChange, media_engine::SsrcChange, [AUTO => Auto, WHEN_SILENT => WhenSilent, REFUSE => Refuse]);
mirrored!(ParameterSets, media_engine::ParameterSets, [INSERT => Insert, LEAVE => Leave]);
mirrored!(UnmappedSound, media_engine::UnmappedSound, [DROP => Drop, G711A => G711A, G711U => G711U]);
mirrored!(EventKind, media_engine::EventKind, [
    FIRST_PACKET => FirstPacket, READY => Ready, CODEC_CHANGED => CodecChanged, NO_PACKETS => NoPackets, SILENT => Silent,
    TCP_CONNECT_FAILED => TcpConnectFailed, TCP_CLOSED => TcpClosed, SSRC_MISMATCH => SsrcMismatch,
    UNPLAYABLE => Unplayable, KEY_FRAME_WANTED => KeyFrameWanted, NO_READERS => NoReaders,
    READER_JOINED => ReaderJoined, READER_LEFT => ReaderLeft, STILL_SENDING => StillSending,
    ENGINE_FAILED => EngineFailed, TICKET_REFUSED => TicketRefused,
    FOLDER_FAILED => FolderFailed, FOLDER_RECOVERED => FolderRecovered, STREAM_MOVED => StreamMoved,
    FOOTAGE_LOST => FootageLost, HELD_SHORT => HeldShort, INDEX_FAILED => IndexFailed, INDEX_RECOVERED => IndexRecovered,
    FOOTAGE_SHOWN => FootageShown, PLAYER_JOINED => PlayerJoined, PLAYER_LEFT => PlayerLeft,
    FOOTAGE_TAKEN => FootageTaken,
]);

/// Seconds. Raises ValueError: negative, endless or no number.
pub(crate) fn time(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|error| PyValueError::new_err(error.to_string()))
}

pub(crate) fn address(text: &str) -> PyResult<IpAddr> {
    text.parse()
        .map_err(|_| PyValueError::new_err(format!("{text:?} is not an IP address")))
}

#[pyclass(frozen, module = "fengsui._engine")]
pub struct EngineConfig(pub(crate) media_engine::EngineConfig);

#[pymethods]
impl EngineConfig {
    #[new]
    #[pyo3(signature = (*, ticket_key, audit_office="", rtp_host="0.0.0.0", rtp_port=10000, rtcp_port=0, rtp_port_first=0, rtp_port_last=0,
        http_host="0.0.0.0", http_port=8081, webrtc_port=8082, webrtc_addresses=Vec::new(), grace_ms=15_000,
        silence_ms=15_000, first_packet_ms=10_000, max_sources=20_000, max_readers=20_000, max_readers_per_address=15_000,
        max_readers_per_session=8, ticket_life_s=3_600, max_frame_bytes=8_388_608,
        max_waiting_per_address=32, max_waiting=1024, max_connections_per_address=512, max_connections=4096,
        max_handshakes_per_address=256, max_handshakes=2048, workers=0))]
    #[allow(clippy::too_many_arguments)] // keyword-only in Python: each is named where it is given
    fn new(
        ticket_key: Vec<u8>,
        audit_office: &str,
        rtp_host: &str,
        rtp_port: u16,
        rtcp_port: u16,
        rtp_port_first: u16,
        rtp_port_last: u16,
        http_host: &str,
        http_port: u16,
        webrtc_port: u16,
        webrtc_addresses: Vec<String>,
        grace_ms: u64,
        silence_ms: u64,
        first_packet_ms: u64,
        max_sources: usize,
        max_readers: usize,
        max_readers_per_address: usize,
        max_readers_per_session: usize,
        ticket_life_s: u64,
        max_frame_bytes: usize,
        max_waiting_per_address: usize,
        max_waiting: usize,
        max_connections_per_address: usize,
        max_connections: usize,
        max_handshakes_per_address: usize,
        max_handshakes: usize,
        workers: usize,
    ) -> PyResult<Self> {
        if ticket_key.len() < 16 {
            return Err(PyValueError::new_err(
                "the ticket key must have 16 bytes or more",
            ));
        }
        Ok(Self(media_engine::EngineConfig {
            rtp_host: address(rtp_host)?,
            rtp_port,
            rtcp_port,
            rtp_port_first,
            rtp_port_last,
            http_host: address(http_host)?,
            http_port,
            webrtc_port,
            webrtc_addresses: webrtc_addresses
                .iter()
                .map(|text| address(text))
                .collect::<PyResult<_>>()?,
            ticket_key,
            audit_office: audit_office.to_owned(),
            grace_ms,
            silence_ms,
            first_packet_ms,
            max_sources,
            max_readers,
            max_readers_per_address,
            max_readers_per_session,
            ticket_life_s,
            max_frame_bytes,
            max_waiting_per_address,
            max_waiting,
            max_connections_per_address,
            max_connections,
            max_handshakes_per_address,
            max_handshakes,
            workers,
        }))
    }
}

#[pyclass(frozen, module = "fengsui._engine")]
pub struct SourceSpec(pub(crate) media_engine::SourceSpec);

#[pymethods]
impl SourceSpec {
    #[new]
    #[pyo3(signature = (*, name, ssrc, transport, own_port=false, remote_host=None, remote_port=None,
        payload=Payload::DETECT, audio=false, ssrc_policy=SsrcPolicy::STRICT, marker=Marker::LEARN,
        after_loss=AfterLoss::NEXT_PICTURE, unmapped_sound=UnmappedSound::DROP, reorder=Reorder::STANDARD,
        ssrc_change=SsrcChange::AUTO, parameter_sets=ParameterSets::INSERT, bytes_a_second=0))]
    #[allow(clippy::too_many_arguments)] // keyword-only in Python
    fn new(
        name: String,
        ssrc: u32,
        transport: Transport,
        own_port: bool,
        remote_host: Option<String>,
        remote_port: Option<u16>,
        payload: Payload,
        audio: bool,
        ssrc_policy: SsrcPolicy,
        marker: Marker,
        after_loss: AfterLoss,
        unmapped_sound: UnmappedSound,
        reorder: Reorder,
        ssrc_change: SsrcChange,
        parameter_sets: ParameterSets,
        bytes_a_second: u32,
    ) -> PyResult<Self> {
        Ok(Self(media_engine::SourceSpec {
            name,
            ssrc,
            transport: transport.into(),
            own_port,
            remote_host: remote_host.as_deref().map(address).transpose()?,
            remote_port,
            payload: payload.into(),
            audio,
            ssrc_policy: ssrc_policy.into(),
            bytes_a_second,
            deviations: media_engine::Deviations {
                marker: marker.into(),
                after_loss: after_loss.into(),
                unmapped_sound: unmapped_sound.into(),
                reorder: reorder.into(),
                ssrc_change: ssrc_change.into(),
                parameter_sets: parameter_sets.into(),
            },
        }))
    }
}

#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(PartialEq, Eq)]
pub struct OpenedSource {
    pub id: u64,
    pub port: u16,
}

#[pyclass(frozen, get_all, eq, skip_from_py_object, module = "fengsui._engine")]
#[derive(Clone, PartialEq, Eq)]
pub struct ClipFootage {
    clock_error_us: Option<u32>,
    camera_ahead_us: Option<(i64, i64)>,
    clock_set: bool,
    overlaps: bool,
    fetched: Vec<(i64, i64)>,
    missing: Vec<(i64, i64)>,
    missing_us: i64,
}

impl From<media_engine::ClipFootage> for ClipFootage {
    fn from(one: media_engine::ClipFootage) -> Self {
        Self {
            clock_error_us: one.clock_error_us,
            camera_ahead_us: one.camera_ahead_us,
            clock_set: one.clock_set,
            overlaps: one.overlaps,
            fetched: one.fetched,
            missing: one.missing,
            missing_us: one.missing_us,
        }
    }
}

#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(PartialEq, Eq)]
pub struct Event {
    kind: EventKind,
    source: u64,
    name: String,
    remote_host: String,
    remote_port: u16,
    codec: String,
    width: u32,
    height: u32,
    ssrc: u32,
    reason: String,
    session: String,
    protocol: String,
    from_us: i64,
    to_us: i64,
    pictures: u64,
    bytes: u64,
    damaged: u64,
    sha256: String,
    clip: Option<ClipFootage>,
}

impl From<media_engine::Event> for Event {
    fn from(event: media_engine::Event) -> Self {
        Self {
            kind: event.kind.into(),
            source: event.source,
            name: event.name,
            remote_host: event.remote_host,
            remote_port: event.remote_port,
            codec: event.codec,
            width: event.width,
            height: event.height,
            ssrc: event.ssrc,
            reason: event.reason,
            session: event.session,
            protocol: event.protocol,
            from_us: event.from_us,
            to_us: event.to_us,
            pictures: event.pictures,
            bytes: event.bytes,
            damaged: event.damaged,
            sha256: event.sha256,
            clip: event.clip.map(|one| (*one).into()),
        }
    }
}

#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(PartialEq, Eq)]
pub struct EngineCounters {
    sources: u64,
    readers: u64,
    packets: u64,
    bytes_in: u64,
    lost: u64,
    oversized_frames: u64,
    bytes_out: u64,
    skipped_frames: u64,
    resent_packets: u64,
    refused_resends: u64,
    unknown_packets: u64,
    malformed_packets: u64,
    refused_connections: u64,
    refused_viewers: u64,
    connections: u64,
    handshakes: u64,
    refused_tickets: u64,
    revoked_sessions: u64,
    dropped_events: u64,
    failures: u64,
    pausing: u64,
}

impl From<media_engine::EngineCounters> for EngineCounters {
    fn from(counters: media_engine::EngineCounters) -> Self {
        Self {
            sources: counters.sources,
            readers: counters.readers,
            packets: counters.packets,
            bytes_in: counters.bytes_in,
            lost: counters.lost,
            oversized_frames: counters.oversized_frames,
            bytes_out: counters.bytes_out,
            skipped_frames: counters.skipped_frames,
            resent_packets: counters.resent_packets,
            refused_resends: counters.refused_resends,
            unknown_packets: counters.unknown_packets,
            malformed_packets: counters.malformed_packets,
            refused_connections: counters.refused_connections,
            refused_viewers: counters.refused_viewers,
            connections: counters.connections,
            handshakes: counters.handshakes,
            refused_tickets: counters.refused_tickets,
            revoked_sessions: counters.revoked_sessions,
            dropped_events: counters.dropped_events,
            failures: counters.failures,
            pausing: counters.pausing,
        }
    }
}

#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(PartialEq, Eq)]
pub struct SourceCounters {
    packets: u64,
    bytes: u64,
    lost: u64,
    reordered: u64,
    frames: u64,
    key_frames: u64,
    discarded_frames: u64,
    jitter_us: u64,
    readers: u64,
    codec: String,
    codec_string: String,
    width: u32,
    height: u32,
    sound: String,
    sender: String,
}

impl From<media_engine::SourceCounters> for SourceCounters {
    fn from(counters: media_engine::SourceCounters) -> Self {
        Self {
            packets: counters.packets,
            bytes: counters.bytes,
            lost: counters.lost,
            reordered: counters.reordered,
            frames: counters.frames,
            key_frames: counters.key_frames,
            discarded_frames: counters.discarded_frames,
            jitter_us: counters.jitter_us,
            readers: counters.readers,
            codec: counters.codec,
            codec_string: counters.codec_string,
            width: counters.width,
            height: counters.height,
            sound: counters.sound,
            sender: counters.sender,
        }
    }
}

#[pyclass(frozen, module = "fengsui._engine")]
pub struct KeyFrame(pub(crate) media_engine::KeyFrame);

#[pymethods]
impl KeyFrame {
    #[getter]
    fn codec(&self) -> &str {
        &self.0.codec
    }

    #[getter]
    fn annex_b<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.annex_b)
    }
}
