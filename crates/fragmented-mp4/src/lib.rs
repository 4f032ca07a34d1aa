//! Fragmented MP4 of one video track: an init segment, then fragments whose samples are taken by reference. No I/O.
//! Source: ISO/IEC 14496-12 (boxes), 14496-15 (avcC, hvcC). Time scale 90 000.
mod boxes;
mod fragment;
mod init;

pub use fragment::{Sample, fragment};
pub use init::init_segment;

/// Ticks of the only track a second.
pub const TIMESCALE: u32 = 90_000;
/// The only track.
pub const TRACK_ID: u32 = 1;
