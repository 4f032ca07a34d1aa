//! MPEG program stream into elementary units. No sockets, no clock, no Python. Source: GB/T 28181-2022 C.1, ISO/IEC 13818-1.
mod demuxer;

pub use demuxer::{PesUnit, PsDemuxer, PsStats};
