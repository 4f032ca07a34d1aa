//! The deviations of real devices that a stream may be allowed, each by name. Source: GB/T 28181-2022 C.1 and the
//! field; the rules that need no choice are written where they are kept (see the crate's documentation).

/// How one camera's stream is taken. The default fits a camera over UDP that keeps to the standard, and tolerates all
/// that can be told by content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverPolicy {
    pub payload: PayloadPolicy,
    pub reorder: ReorderPolicy,
    pub marker: MarkerPolicy,
    pub after_loss: AfterLossPolicy,
    pub parameter_sets: ParameterSetPolicy,
    pub ssrc: SsrcChangePolicy,
    pub audio: AudioPolicy,
    pub unmapped_sound: UnmappedSoundPolicy,
    /// A frame that grows beyond this many bytes is discarded. Key frames of 4K cameras pass 1 MB.
    pub max_frame_bytes: usize,
    /// An open frame that lacks nothing known is closed when no packet came for so long (ms): a camera without
    /// markers, at one frame a second, must not be seen a second late.
    pub idle_close_ms: u64,
    /// A time stamp that leaps further than this (ms), or back, moves the time line instead of the picture.
    pub max_leap_ms: u64,
}

impl Default for ReceiverPolicy {
    fn default() -> Self {
        Self {
            payload: PayloadPolicy::Detect,
            reorder: ReorderPolicy::UDP,
            marker: MarkerPolicy::Learn,
            after_loss: AfterLossPolicy::NextUnit,
            parameter_sets: ParameterSetPolicy::InsertBeforeKey,
            ssrc: SsrcChangePolicy::FollowWhenSilent { silent_ms: 3_000 },
            audio: AudioPolicy::Drop,
            unmapped_sound: UnmappedSoundPolicy::Drop,
            max_frame_bytes: 8 * 1024 * 1024,
            idle_close_ms: 150,
            max_leap_ms: 3_000,
        }
    }
}

/// What the signalling promised. Content wins; the promise only decides where content does not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadPolicy {
    Detect,
    ProgramStream,
    H264,
    H265,
}

/// How long a missing packet is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReorderPolicy {
    /// Packets held behind a gap at most; 0 takes every gap as a loss at once (TCP).
    pub window_packets: u16,
    /// Time (ms) a gap may stay open.
    pub hold_ms: u64,
}

impl ReorderPolicy {
    pub const UDP: Self = Self {
        window_packets: 100,
        hold_ms: 200,
    };
    /// Lines that hold packets back for long: mobile networks, satellites.
    pub const LONG: Self = Self {
        window_packets: 1_000,
        hold_ms: 1_000,
    };
    /// Every gap is a loss at once.
    pub const NONE: Self = Self {
        window_packets: 0,
        hold_ms: 0,
    };
    pub const TCP: Self = Self::NONE;
}

/// What the RTP marker means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkerPolicy {
    /// Believed while it stands on the last packet of frames and nowhere else.
    Learn,
    /// Always the end of a frame.
    Trust,
    /// Cameras that set it on every packet, or at random.
    Ignore,
}

/// When pictures go on after a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterLossPolicy {
    /// With the next whole access unit: short smears, no freeze.
    NextUnit,
    /// With the next key frame: a freeze, no smear.
    NextKeyFrame,
}

/// For cameras that send their parameter sets only once, or before other frames than key frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterSetPolicy {
    /// The last sets seen are put before a key frame that lacks them.
    InsertBeforeKey,
    /// Access units leave as they came.
    Leave,
}

/// For cameras that change their SSRC while the stream runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SsrcChangePolicy {
    /// The first SSRC stays until it is silent for so long (ms); packets of others are counted and dropped.
    FollowWhenSilent { silent_ms: u64 },
    /// Every change is followed at once: only for a port of its own with one sender.
    Follow,
    /// The first SSRC is the stream's: packets of others are counted and dropped, however long it is silent.
    Refuse,
}

/// Sound leaves the receiver only for cameras with a recorded legal basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioPolicy {
    /// Never copied out of the packet.
    Drop,
    Keep,
}

/// What sound is that no map describes and that is no AAC: the bytes of G.711 cannot be told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnmappedSoundPolicy {
    /// No sound is better than noise.
    Drop,
    G711A,
    G711U,
}
