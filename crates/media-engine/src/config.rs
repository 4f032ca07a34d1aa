//! What the node asks of the engine. Times in milliseconds.
use std::net::IpAddr;

/// One engine's addresses and limits.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    pub rtp_host: IpAddr,
    pub rtp_port: u16,
    /// Where sender reports of streams on `rtp_port` come to: the port above it (RFC 3550 §11); 0: they are not listened for.
    pub rtcp_port: u16,
    /// Ports for streams that get one of their own; both 0: none.
    pub rtp_port_first: u16,
    pub rtp_port_last: u16,
    pub http_host: IpAddr,
    pub http_port: u16,
    pub webrtc_port: u16,
    /// Told to browsers as candidates.
    pub webrtc_addresses: Vec<IpAddr>,
    pub ticket_key: Vec<u8>,
    /// Whom to ask, told to whoever is refused by a rule.
    pub audit_office: String,
    /// A source without readers is reported after this time.
    pub grace_ms: u64,
    pub silence_ms: u64,
    pub first_packet_ms: u64,
    pub max_sources: usize,
    pub max_readers: usize,
    /// Readers of one address: it leaves some for others.
    pub max_readers_per_address: usize,
    /// Readers of one session, which is one picture on a screen: its player may just be connecting anew.
    pub max_readers_per_session: usize,
    /// No ticket is issued for longer, but those of our own workers.
    pub ticket_life_s: u64,
    pub max_frame_bytes: usize,
    /// Media connections that have not yet said whose stream they carry, from one address and in all.
    pub max_waiting_per_address: usize,
    pub max_waiting: usize,
    /// Connections of players that no worker has taken over: requests under way, playlists, WHEP. From one address and in all.
    pub max_connections_per_address: usize,
    pub max_connections: usize,
    /// TLS handshakes under way.
    pub max_handshakes_per_address: usize,
    pub max_handshakes: usize,
    /// Threads that receive and send; 0: one for each core.
    pub workers: usize,
}

/// How the packets come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Udp,
    /// The sender connects to us.
    TcpPassive,
    /// We connect to the sender.
    TcpActive,
}

/// Which packets belong to a source when the SSRC is not the one asked for. GB/T 28181-2022 §9.2; field practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SsrcPolicy {
    /// Only the SSRC that was asked for.
    Strict,
    /// Any SSRC that no other source has, from the sender's address.
    FromPeerAddress,
    /// Any SSRC; for a port of its own.
    Any,
}

/// What the signalling promised to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    Detect,
    ProgramStream,
    H264,
    H265,
}

/// Whether RTP markers of a camera end its frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marker {
    /// Believed while they stand on last packets of frames and nowhere else.
    #[default]
    Learn,
    Trust,
    Ignore,
}

/// When pictures go on after a loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterLoss {
    /// With the next whole picture: short smears, no freeze.
    #[default]
    NextPicture,
    /// With the next key frame: a freeze, no smear.
    NextKeyFrame,
}

/// What sound is that no stream map describes (AAC is known by itself).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnmappedSound {
    #[default]
    Drop,
    G711A,
    G711U,
}

/// How long a missing packet is waited for; by TCP none is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reorder {
    /// 100 packets and 200 ms.
    #[default]
    Standard,
    /// 1,000 packets and 1 s: lines that hold packets back.
    Long,
    /// Every gap is a loss at once: lines that keep the order.
    None,
}

/// What follows when a running stream changes its SSRC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SsrcChange {
    /// Followed at once, where the SSRC is not what tells whose packets they are; else once the first is silent.
    #[default]
    Auto,
    /// Followed once the first was silent for 3 s: senders of two streams by one port.
    WhenSilent,
    /// Never: the stream counts as silent, and is asked for anew.
    Refuse,
}

/// Whether key frames get the parameter sets that they lack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ParameterSets {
    #[default]
    Insert,
    /// Pictures leave as they came.
    Leave,
}

/// What a device profile may say about a stream beyond its transport. The default fits who keeps to the standard, and
/// tolerates all that can be told by content (docs/design/media-deviations.md).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deviations {
    pub marker: Marker,
    pub after_loss: AfterLoss,
    pub unmapped_sound: UnmappedSound,
    pub reorder: Reorder,
    pub ssrc_change: SsrcChange,
    pub parameter_sets: ParameterSets,
}

/// A stream to be received.
#[derive(Clone, Debug)]
pub struct SourceSpec {
    /// Names the source in media addresses, such as `<camera>/main`.
    pub name: String,
    pub ssrc: u32,
    pub transport: Transport,
    pub own_port: bool,
    pub remote_host: Option<IpAddr>,
    pub remote_port: Option<u16>,
    pub payload: Payload,
    /// Whether its sound may be heard: the camera's file has a legal basis.
    pub audio: bool,
    pub ssrc_policy: SsrcPolicy,
    /// So much of it is read from a connection in a second on average; 0: as it comes. The sender waits.
    pub bytes_a_second: u32,
    pub deviations: Deviations,
}
