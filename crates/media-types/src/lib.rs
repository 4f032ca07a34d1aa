//! The words that every media crate shares: times, SSRC, codec, access unit. No I/O, no Python.
use bytes::Bytes;
use std::fmt;

/// Ticks of 1/90 000 s, unwrapped to 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pts90k(pub i64);

/// RTP synchronisation source. GB/T 28181-2022 G.1: `y=0200000001` is SSRC 200000001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ssrc(pub u32);

impl fmt::Display for Ssrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

/// What the elementary stream is. The content decides, not the PSM and not the payload type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    H264,
    H265,
    G711A,
    G711U,
    Aac,
}

impl Codec {
    /// True for the codecs that carry pictures.
    pub fn is_video(self) -> bool {
        matches!(self, Codec::H264 | Codec::H265)
    }
}

/// One whole coded picture (or audio frame group), in the form in which it arrived: Annex B for video
/// (start codes 00 00 01 or 00 00 00 01), raw samples for G.711, ADTS for AAC. One buffer by reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessUnit {
    pub codec: Codec,
    pub pts: Pts90k,
    /// For video: an IDR (H.264) or IRAP (H.265) picture.
    pub key: bool,
    /// When it was taken by the clock of who sends it, µs since 1970; None where it tells none. Nobody has judged that clock.
    pub camera_us: Option<i64>,
    pub bytes: Bytes,
}
