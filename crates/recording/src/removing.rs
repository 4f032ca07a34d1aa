//! Footage removed so that nothing is left behind, whatever moment the machine stops in.
//!
//! First the folder's own list says which files go, and is on disk; then the index forgets them, then they are unlinked, then the
//! list goes. Whoever finds a list finishes it: the index never tells of a file that is gone, nor is a file left that nobody knows.
use crate::disk::{Disk, UNANSWERED, UNANSWERED_TEXT};
use crate::event::RecordingError;
use crate::facts::StreamName;
use crate::folder::is_there;
use crate::house::House;
use crate::index::Index;
use crate::medium::{Claim, claim};
use crate::old_files::OldFile;
use crate::scan::{Verify, contents};
use crate::table::put_table;
use bytes::BytesMut;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{MutexGuard, TryLockError};

/// In the root of a folder, while files of it are being removed.
const LIST: &str = "fengsui-removing";
/// Of a file whose table has the digest of its pictures, and of one of before.
const DIGEST_OF: [&[u8]; 2] = [b"fengsui footage file 2\0", b"fengsui footage file 1\0"];

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub files: u64,
    pub bytes: u64,
    /// Files that are still there, each with why.
    pub left: Vec<(PathBuf, String)>,
}

impl House {
    /// Removes files that nobody writes; what a stop of before left is finished first. Errors: a folder of theirs is being looked
    /// through for footage ([`RecordingError::Looking`]). What cannot be removed is told, and the rest is removed all the same.
    pub fn remove(&self, index: &Path, files: &[OldFile]) -> Result<Removed, RecordingError> {
        let _turns = self.turns(files)?;
        let mut removed = Removed::default();
        for file in files {
            let ours = |disk: &&Disk| disk.spec.path == file.folder;
            if !self.disks.iter().any(|disk| ours(&disk)) {
                let why = "it is in no folder of this node".to_owned();
                removed.left.push((file.folder.join(&file.path), why));
            }
        }
        for disk in &self.disks {
            let some: Vec<&OldFile> = files
                .iter()
                .filter(|one| one.folder == disk.spec.path)
                .collect();
            if some.is_empty() {
                continue;
            }
            let left = removed.left.len();
            // One that is full takes nothing, and gives room all the same; one that is gone must not be taken for empty.
            let answers = if disk.unanswered() > UNANSWERED {
                Err(io::Error::other(UNANSWERED_TEXT)) // whoever asks it would wait as well
            } else {
                Ok(())
            };
            let done = answers
                .and_then(|()| is_there(disk.medium(), &disk.spec))
                .map_err(RecordingError::from)
                .and_then(|()| self.remove_from(disk, index, &some, &mut removed));
            if let Err(error) = done {
                let (folder, why) = (disk.spec.path.display(), error.to_string());
                tracing::error!(%folder, why, "footage could not be removed");
                removed.left.truncate(left);
                let all = some.iter().map(|one| one.folder.join(&one.path));
                removed.left.extend(all.map(|path| (path, why.clone())));
            }
        }
        Ok(removed)
    }

    /// At the folders of these files. One that does not answer has no turn to give: nothing of it is touched.
    fn turns(&self, files: &[OldFile]) -> Result<Vec<MutexGuard<'_, ()>>, RecordingError> {
        let mut turns = Vec::new();
        for (disk, at_work) in self.disks.iter().zip(&self.at_work) {
            let is_asked = files.iter().any(|one| one.folder == disk.spec.path);
            if !is_asked || disk.unanswered() > UNANSWERED {
                continue;
            }
            turns.push(match at_work.turn.try_lock() {
                Ok(turn) => turn,
                Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
                Err(TryLockError::WouldBlock) => return Err(RecordingError::Looking),
            });
        }
        Ok(turns)
    }

    fn remove_from(
        &self,
        disk: &Disk,
        index: &Path,
        files: &[&OldFile],
        removed: &mut Removed,
    ) -> Result<(), RecordingError> {
        self.finish_removal(disk, index)?;
        let mut paths = Vec::with_capacity(files.len());
        let (mut count, mut bytes) = (0, 0);
        for file in files {
            let path = file.folder.join(&file.path);
            let why = if !is_below(&file.path) {
                Some("it is no footage file's name")
            } else {
                is_written(&path)?.then_some("it is being written")
            };
            if let Some(why) = why {
                removed.left.push((path, why.to_owned()));
                continue;
            }
            paths.push(file.path.clone());
            count += 1;
            bytes += file.bytes;
        }
        if paths.is_empty() {
            return Ok(());
        }
        let root = &disk.spec.path;
        let listed = disk
            .medium()
            .write(&root.join(LIST), &list_of(&paths))
            .and_then(|()| disk.medium().sync_folder(root));
        match listed {
            // Without a list a stop in between leaves files that the next start enters again: better than a disk that stays full.
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                tracing::warn!(folder = %root.display(), "no room for the list of what is removed: it goes without");
            }
            listed => listed?,
        }
        self.carry_out(disk, index, &paths)?;
        removed.files += count;
        removed.bytes += bytes;
        Ok(())
    }

    /// What a list in the folder says, from wherever it was left. Whoever calls has the turn.
    pub fn finish_removal(&self, disk: &Disk, index: &Path) -> Result<(), RecordingError> {
        let list = disk.spec.path.join(LIST);
        let bytes = match disk.medium().read(&list) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        // One that is not whole was not on disk when the machine stopped: then nothing was removed by it.
        let Some(paths) = paths_of(&bytes) else {
            disk.medium().remove(&list)?;
            return Ok(());
        };
        tracing::warn!(folder = %disk.spec.path.display(), files = paths.len(), "a removal of footage that was cut off is finished");
        self.carry_out(disk, index, &paths)
    }

    fn carry_out(
        &self,
        disk: &Disk,
        index: &Path,
        paths: &[PathBuf],
    ) -> Result<(), RecordingError> {
        let (medium, root) = (disk.medium(), &disk.spec.path);
        {
            let mut waiting = self.rows();
            for path in paths {
                waiting.remove(&(root.clone(), path.clone()));
            }
        }
        let forgotten = Index::attach(index).and_then(|mut index| Ok(index.forget(root, paths)?));
        if let Err(RecordingError::Index(error)) = &forgotten {
            self.note_index(error);
        }
        forgotten?;
        let mut above = BTreeSet::new();
        for path in paths {
            let path = root.join(path);
            match medium.remove(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => above.extend(path.parent().map(Path::to_owned)),
            }
        }
        for folder in above {
            match medium.sync_folder(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {} // as a stop of before left it
                done => done?,
            }
            let _ = medium.remove_folder(&folder); // a day with other files stays
        }
        match medium.remove(&root.join(LIST)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => medium.sync_folder(root)?,
        }
        Ok(())
    }
}

/// Whether somebody has it for writing; a file that is gone nobody has.
fn is_written(path: &Path) -> io::Result<bool> {
    match File::open(path) {
        Ok(file) => Ok(claim(&file) == Claim::Others),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What stands for a file in the record of its removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandsFor {
    /// SHA-256 of its path below the folder, its bytes, and its table: each fragment's place, times and sizes, and the digest of all
    /// pictures as they came.
    pub digest: [u8; 32],
    /// False: its table is one of before, which says nothing of the pictures; or it cannot be read, or is gone, and has none.
    pub has_pictures: bool,
}

/// Reads the file's table.
pub(crate) fn stands_for(file: &OldFile) -> StandsFor {
    let read = || contents(&File::open(file.folder.join(&file.path))?, Verify::Heads);
    let found = read().unwrap_or_default();
    let mut table = BytesMut::new();
    if let Some(stream) = &found.stream {
        put_table(&mut table, stream, &found.fragments, found.digest.as_ref());
    }
    let has_pictures = found.digest.is_some();
    let mut hash = Sha256::new();
    hash.update(DIGEST_OF[usize::from(!has_pictures)]);
    hash.update(file.path.as_os_str().as_encoded_bytes());
    hash.update([0]);
    hash.update(file.bytes.to_be_bytes());
    hash.update(table);
    StandsFor {
        digest: hash.finalize().into(),
        has_pictures,
    }
}

/// `<stream>/<day>/<time>.mp4`, and nothing that leads elsewhere.
fn is_below(path: &Path) -> bool {
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let stream = path.ancestors().nth(2).map(Path::to_string_lossy);
    plain
        && path.extension().is_some_and(|kind| kind == "mp4")
        && stream.is_some_and(|name| StreamName::new(&name).is_some())
}

/// A checksum, then a path each line.
fn list_of(paths: &[PathBuf]) -> Vec<u8> {
    let mut lines = Vec::new();
    for path in paths {
        lines.extend_from_slice(path.as_os_str().as_encoded_bytes());
        lines.push(b'\n');
    }
    let mut whole = format!("{:08x}\n", crc32fast::hash(&lines)).into_bytes();
    whole.append(&mut lines);
    whole
}

/// None for anything else than [`list_of`] made, and for paths that are no footage file's.
fn paths_of(bytes: &[u8]) -> Option<Vec<PathBuf>> {
    let (head, lines) = bytes.split_at_checked(9)?;
    if head != format!("{:08x}\n", crc32fast::hash(lines)).as_bytes() {
        return None;
    }
    let text = std::str::from_utf8(lines).ok()?;
    let paths: Vec<PathBuf> = text.lines().map(PathBuf::from).collect();
    paths.iter().all(|path| is_below(path)).then_some(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_names_of_footage_files_are_removed() {
        for good in [
            "34020000001320000001/main/20261127/235959.mp4",
            "cam/20261127/1-2.mp4",
        ] {
            assert!(is_below(Path::new(good)), "{good}");
        }
        for bad in [
            "/etc/passwd.mp4",
            "cam/../../x/y.mp4",
            "cam/20261127/a.db",
            "a.mp4",
            "d/a.mp4",
            "",
        ] {
            assert!(!is_below(Path::new(bad)), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_list_is_read_back_and_no_torn_or_changed_one_is_believed(
            numbers in prop::collection::vec(any::<u32>(), 1..20), at in any::<prop::sample::Index>(), change in 1u8..
        ) {
            let paths: Vec<PathBuf> = numbers.iter().map(|one| PathBuf::from(format!("cam/sub/20261127/{one}.mp4"))).collect();
            let whole = list_of(&paths);
            prop_assert_eq!(paths_of(&whole), Some(paths));
            let cut = at.index(whole.len());
            prop_assert_eq!(paths_of(&whole[..cut]), None);
            let mut other = whole;
            other[cut] ^= change;
            prop_assert_eq!(paths_of(&other), None);
        }
    }
}
