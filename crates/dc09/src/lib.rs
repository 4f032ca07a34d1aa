//! Frames of alarm hosts as nearly all of them are: in clear, of a usual token, with printable data (ANSI/SIA DC-09). What is in any
//! way otherwise is left to the reader in Python (`wire.dc09`), which is the reference and has the last word.
mod checksum;
pub mod fuzz_bodies;
mod plain;

pub use plain::{Plain, frame_of, read};
