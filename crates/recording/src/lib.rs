//! Footage: what a stream sent, kept on disks as it came. Files, threads and the index of one recording node; no sockets, no Python.
//!
//! A footage file is fragmented MP4 (any player opens it): `ftyp`, `moov`, then for each group of pictures a `uuid` box with our
//! facts, `moof` and `mdat`; a closed file ends with a table of its fragments. The facts carry checksums, so that a scan finds every
//! whole fragment of a damaged file, and the index is built from the files alone. docs/decisions/0041-footage-files.md.
mod activity;
mod begun;
mod clock;
mod desk;
mod disk;
mod event;
mod facts;
mod fetching;
mod folder;
mod fragments;
pub mod fuzz_bodies;
mod gathering;
mod heads;
mod held;
mod hollow;
mod house;
mod index;
mod indexing;
mod key_frames;
mod lock;
mod medium;
mod old_files;
mod on_event;
mod opened;
mod pace;
mod passing;
mod queue;
mod reader;
mod rebuild;
mod recorder;
mod removing;
mod scan;
mod segment;
mod shown;
mod spans;
mod table;
mod tap;
mod two_times;
mod upkeep;
mod writing;

pub use activity::{Activity, Busy, activity};
pub use clock::{Now, now, system_clock_error};
pub use event::{LossReason, RecordingError, RecordingEvent};
pub use facts::{Facts, FragmentFlags, Located, StreamName};
pub use fetching::{Fetch, FetchEnd, FetchStatus, Fetched};
pub use folder::FolderSpec;
pub use hollow::{BringBack, hollow, note_of};
pub use index::{FootageFile, Index};
pub use key_frames::{KeyFrame, KeyFrames};
pub use medium::{Created, Medium, SystemDisk, Written};
pub use old_files::{Cut, OldFile, Stored};
pub use reader::{FindFiles, Footage, FootageReader, Fragment, Spot};
pub use rebuild::{Rebuilt, rebuild};
pub use recorder::{Recorder, RecorderConfig, RecorderCounters, RecordingStatus};
pub use removing::{Removed, StandsFor};
pub use scan::{Found, ReadAt, Scan, Verify};
pub use shown::{Picture, Pictures, Shown, Way, pictures, shown};
pub use spans::{Span, Twice};
pub use tap::Tap;
pub use two_times::Turn;
pub use upkeep::FolderRoom;
