//! Fragmented MP4 of a video track and, where there is sound, a sound track: an init segment, then fragments whose
//! samples are taken by reference. No I/O.
//! Source: ISO/IEC 14496-12 (boxes), 14496-15 (avcC, hvcC), 14496-14 (mp4a), "FLAC in ISOBMFF" (fLaC).
//! Time scale of the video 90 000, of the sound its sample rate.
mod boxes;
mod description;
mod fragment;
pub mod fuzz_bodies;
mod init;
mod marked;
mod movie_fragment;
mod sound_entry;

pub use description::{Description, read_description};
pub use fragment::{Sample, fragment};
pub use init::{footage_init_segment, init_segment};
pub use marked::{COMMENT, TITLE, marked};
pub use movie_fragment::{ReadRun, ReadSample, Run, movie_fragment, read_movie_fragment};

/// Ticks of the video track a second.
pub const TIMESCALE: u32 = 90_000;

/// The tracks a stream may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    Video,
    Sound,
}

impl Track {
    pub(crate) fn id(self) -> u32 {
        match self {
            Self::Video => 1,
            Self::Sound => 2,
        }
    }

    fn of_id(id: u32) -> Option<Self> {
        [Self::Video, Self::Sound]
            .into_iter()
            .find(|track| track.id() == id)
    }
}
