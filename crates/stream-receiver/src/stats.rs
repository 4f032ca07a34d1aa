//! What a receiver counted since it was made. All fields only grow, save `jitter_us`.

/// Counters of one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiverStats {
    /// RTP packets taken, late and duplicate ones included.
    pub packets: u64,
    /// Bytes of those packets, RTP headers included.
    pub bytes: u64,
    /// Packets that never came in time.
    pub lost: u64,
    /// Packets that came out of order and were put right.
    pub reordered: u64,
    pub duplicates: u64,
    /// Packets that came after their gap was given up.
    pub late: u64,
    /// Packets that are no RTP.
    pub malformed: u64,
    /// Packets of an SSRC other than the one received.
    pub foreign_ssrc: u64,
    /// Times the sequence or the SSRC began anew.
    pub restarts: u64,
    /// Packets before the payload's kind was known.
    pub unclassified: u64,
    /// Video access units handed on.
    pub frames: u64,
    pub key_frames: u64,
    /// Audio access units handed on.
    pub audio_units: u64,
    /// Video access units begun but not handed on: damaged by loss, too large, or before the first key frame.
    pub discarded_frames: u64,
    /// Of those: larger than `max_frame_bytes`.
    pub oversized_frames: u64,
    /// Times the time line was moved because time stamps leapt.
    pub time_leaps: u64,
    /// Key frames that got cached parameter sets put before them.
    pub parameter_sets_inserted: u64,
    /// Units of the program stream that were broken.
    pub broken_units: u64,
    /// Interarrival jitter (RFC 3550 §6.4.1) in microseconds; the clock handed in has milliseconds.
    pub jitter_us: u64,
}

/// Why bytes that arrive cannot be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unplayable {
    /// Packets come, but nothing in them is a program stream, H.264 or H.265.
    UnknownPayload,
    /// MPEG transport stream instead of a program stream.
    TransportStream,
    /// MPEG-4 Visual (stream_type 0x10).
    Mpeg4Visual,
    /// SVAC (stream_type 0x80).
    Svac,
    /// Video comes, but no parameter sets or no key frame.
    NoKeyFrame,
}
