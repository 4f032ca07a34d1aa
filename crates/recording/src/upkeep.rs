//! What whoever looks after the footage of a node asks its recorder for: what is old, how much there is, what room is left.
use crate::disk::{Disk, UNANSWERED};
use crate::event::RecordingError;
use crate::facts::StreamName;
use crate::folder::is_there;
use crate::index::Index;
use crate::old_files::{Cut, OldFile, Stored};
use crate::recorder::Recorder;
use crate::removing::{Removed, StandsFor, stands_for};
use std::path::{Path, PathBuf};

/// A folder that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderRoom {
    pub path: PathBuf,
    /// That may still be written there, by anybody.
    pub free_bytes: u64,
    /// Below this it takes no footage.
    pub reserve_bytes: u64,
}

impl Recorder {
    /// The oldest closed files that may go, of all streams, in one folder or all; each with what stands for it in the
    /// record of its removal. Reads the end of each file; nobody who plays waits for it. `here`: none that is in the second tier.
    pub fn old_files(
        &self,
        cuts: &[Cut],
        folder: Option<&Path>,
        limit: usize,
        here: bool,
    ) -> Result<Vec<(OldFile, StandsFor)>, RecordingError> {
        let found = self.ask_apart(|index| index.old_files(cuts, folder, limit, here))?;
        let with = |file| {
            let stands = stands_for(&file);
            (file, stands)
        };
        Ok(found.into_iter().map(with).collect())
    }

    /// Each stream with footage, and when its oldest file begins.
    pub fn oldest(&self) -> Result<Vec<(String, i64)>, RecordingError> {
        self.ask_apart(Index::oldest)
    }

    /// What there is of each stream, or of one; and of files that begin between these times. `tiers`: and in a second tier.
    pub fn stored(
        &self,
        stream: Option<&StreamName>,
        from_us: i64,
        to_us: i64,
        tiers: bool,
    ) -> Result<Vec<Stored>, RecordingError> {
        self.ask_apart(|index| index.stored(stream, from_us, to_us, tiers))
    }

    /// Removes files for good: what is begun is finished by the next start whenever this one stops. One that is being written stays.
    /// Errors: folders are being looked through for footage.
    pub fn remove(&self, files: &[OldFile]) -> Result<Removed, RecordingError> {
        self.house.remove(&self.config.index, files)
    }

    /// Of the folders that are there and answer, also of those that are full.
    pub fn room(&self) -> Vec<FolderRoom> {
        let answers = |disk: &&Disk| disk.unanswered() <= UNANSWERED && !disk.is_opening();
        let answering = self.house.disks.iter().filter(answers);
        let room = |disk: &Disk| {
            is_there(disk.medium(), &disk.spec).ok()?;
            Some(FolderRoom {
                path: disk.spec.path.clone(),
                free_bytes: disk.medium().free_bytes(&disk.spec.path).ok()?,
                reserve_bytes: disk.spec.reserve_bytes,
            })
        };
        answering.filter_map(room).collect()
    }

    /// Beside those who ask for footage to show it, for it takes longer.
    fn ask_apart<T>(
        &self,
        question: impl FnOnce(&Index) -> rusqlite::Result<T>,
    ) -> Result<T, RecordingError> {
        let answer = question(&Index::attach(&self.config.index)?);
        answer.map_err(|error| {
            self.house.note_index(&error);
            error.into()
        })
    }
}
