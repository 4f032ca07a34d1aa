//! MPEG program stream into access units. No I/O, no clock, no Python. Source: GB/T 28181-2022 C.1, ISO/IEC 13818-1 2.5.
//!
//! Rules kept for devices that leave the standard: units are jumped over by length, not searched (private data hold
//! false start codes); the map's CRC is never checked and its lengths are bounded; a PES of length 0, or whose 16-bit
//! length wrapped, ends at the next start code of the system layer; a missing or zero PTS inherits the frame's; zeros
//! between units are skipped; after a loss or a broken unit everything up to the next pack header is dropped.
mod demuxer;
mod frames;
pub mod fuzz_bodies;
mod headers;
mod muxer;

pub use demuxer::PsDemuxer;
pub use frames::{PsStats, PsUnit, Track};
pub use muxer::mux_picture;
