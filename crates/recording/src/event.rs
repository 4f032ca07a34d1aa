//! What the recorder tells of itself.
use crate::facts::StreamName;
use std::path::PathBuf;

/// Why the recorder does not begin, or the index does not answer.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    #[error("no footage folder is given")]
    NoFolder,
    #[error("{0:?} is no stream name: letters, digits, '-', '_' and '.' in parts parted by '/'")]
    Name(String),
    #[error("the footage index {0} is in use: by a node that runs, or by another rebuilding")]
    InUse(PathBuf),
    #[error("the footage folders are being looked through: try again when that is done")]
    Looking,
    #[error("the footage index: {0}")]
    Index(#[from] rusqlite::Error),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Told once for each change, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingEvent {
    /// A folder takes no more: full, read-only, gone, failing or too slow. Its streams go on elsewhere.
    FolderFailed {
        folder: PathBuf,
        reason: String,
    },
    FolderRecovered {
        folder: PathBuf,
    },
    /// A stream goes on in another folder, with what was not yet on disk.
    StreamMoved {
        stream: StreamName,
        from: PathBuf,
        to: PathBuf,
    },
    /// From here on fragments of a stream were lost; told again only after some were kept.
    FootageLost {
        stream: StreamName,
        start_us: i64,
        reason: LossReason,
    },
    /// The time before an event is not held as long as it should be: the stream, or all together, reached the bound. Told again
    /// only after a minute in which all was held.
    HeldShort {
        stream: StreamName,
        held_us: i64,
    },
    /// The index could not be written; footage goes on, and the index is mended from it.
    IndexFailed {
        reason: String,
    },
    IndexRecovered,
}

/// Why a fragment was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossReason {
    /// No folder takes footage.
    NoFolder,
    /// The disks are slower than the cameras: what waits has reached its bound.
    TooSlow,
    /// The pictures came faster than the machine took them out of the ring.
    Overrun,
    /// Folders that work did not take this stream's file: no descriptor is left, something of another name is in its place.
    Refused,
}

impl LossReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoFolder => "no_folder",
            Self::TooSlow => "too_slow",
            Self::Overrun => "overrun",
            Self::Refused => "refused",
        }
    }
}
