//! The index made anew from the footage alone, and files mended that a crash left open.
use crate::begun::begun_us;
use crate::event::RecordingError;
use crate::facts::FragmentFlags;
use crate::index::{FileRow, Index};
use crate::lock::lock_of;
use crate::medium::{Claim, claim};
use crate::scan::{Contents, Verify, contents, digest_by_heads};
use crate::segment::HIDDEN;
use crate::spans::Spans;
use crate::table::put_table;
use bytes::BytesMut;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

const ROWS_AT_ONCE: usize = 500;
/// Streams, days, files: no footage lies deeper.
const MAX_DEPTH: usize = 8;
/// At the root of many file systems, and nobody's but root's.
const LOST_AND_FOUND: &str = "lost+found";

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    pub files: u64,
    pub fragments: u64,
    /// Bytes that are no whole fragment: what a crash tore off, or what a disk lost.
    pub damaged_bytes: u64,
    /// Files that cannot be read or hold no fragment, each with what is wrong.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// How much of a folder was looked through: each folder below another counts as much as those beside it.
#[derive(Default)]
pub(crate) struct Looked(AtomicU32);

impl Looked {
    const WHOLE: f64 = 10_000.0;

    pub fn begin(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn reached(&self, share: f64) {
        self.0
            .store((share * Self::WHOLE) as u32, Ordering::Relaxed);
    }

    /// 0 to 1.
    pub fn share(&self) -> f64 {
        f64::from(self.0.load(Ordering::Relaxed)) / Self::WHOLE
    }
}

/// Makes the index at `index` anew from what lies in `folders`; the one before is replaced when the new one is whole.
/// Errors: [`RecordingError::InUse`] while a recorder has it.
pub fn rebuild(index: &Path, folders: &[PathBuf]) -> Result<Rebuilt, RecordingError> {
    let _lock = lock_of(index)?;
    let fresh = index.with_extension("new");
    for suffix in ["", "-wal", "-shm"] {
        remove_if_there(&with_suffix(&fresh, suffix))?;
    }
    let mut found = Rebuilt::default();
    {
        let (mut made, _) = Index::open(&fresh)?;
        let mut rows = Vec::new();
        for folder in folders {
            let unknown = |_: &Path| Ok(false);
            look_through(
                folder,
                None,
                &Looked::default(),
                &mut found,
                unknown,
                |row| {
                    rows.push(row);
                    if rows.len() >= ROWS_AT_ONCE {
                        made.put(&std::mem::take(&mut rows))?;
                    }
                    Ok(true)
                },
            )?;
        }
        made.put(&rows)?;
    } // closed: the log is folded into the file
    for suffix in ["-wal", "-shm"] {
        remove_if_there(&with_suffix(index, suffix))?;
    }
    fs::rename(&fresh, index)?;
    if let Some(above) = index.parent() {
        File::open(if above.as_os_str().is_empty() {
            Path::new(".")
        } else {
            above
        })?
        .sync_all()?;
    }
    Ok(found)
}

/// Reads the files of `folder` that are not `known`, by their paths below it, and hands a row of each to `take`, which says whether
/// to go on. `mend_before`: files that nobody writes, that were not closed, and were last written before that time get their table,
/// after what is torn at their end was cut off; None: nothing is changed.
pub(crate) fn look_through(
    folder: &Path,
    mend_before: Option<SystemTime>,
    looked: &Looked,
    found: &mut Rebuilt,
    mut known: impl FnMut(&Path) -> Result<bool, RecordingError>,
    mut take: impl FnMut(FileRow) -> Result<bool, RecordingError>,
) -> Result<(), RecordingError> {
    let mut closed_to_us = Vec::new();
    walk(folder, looked, &mut closed_to_us, &mut |file| {
        if file.extension().is_some_and(|kind| kind == HIDDEN) {
            remove_left(file, mend_before);
            return Ok(true);
        }
        let below = file.strip_prefix(folder).unwrap_or(file);
        if known(below)? {
            return Ok(true);
        }
        match read(folder, below, mend_before) {
            Ok(Some(row)) => {
                found.files += 1;
                found.fragments += row.fragments;
                found.damaged_bytes += row.damaged_bytes;
                return take(row);
            }
            Ok(None) => found
                .unreadable
                .push((file.to_owned(), "no fragment is whole".to_owned())),
            Err(error) => found.unreadable.push((file.to_owned(), error.to_string())),
        }
        Ok(true)
    })?;
    found.unreadable.append(&mut closed_to_us);
    Ok(())
}

fn read(
    folder: &Path,
    below: &Path,
    mend_before: Option<SystemTime>,
) -> io::Result<Option<FileRow>> {
    let path = folder.join(below);
    let file = match mend_before {
        Some(_) => to_claim(&path)?,
        None => File::open(&path)?,
    };
    let claimed = mend_before.map(|before| (before, claim(&file)));
    let mut found = contents(&file, Verify::Unsynced)?;
    let (Some(stream), Some(first)) = (found.stream.clone(), found.fragments.first()) else {
        return Ok(None);
    };
    let first_of_device = first.facts.flags.has(FragmentFlags::FROM_DEVICE);
    let start_us = begun_us(below, &file, &stream, first);
    if !found.closed
        && let Some((before, Claim::Ours)) = claimed
        && file.metadata()?.modified()? < before
        // One that cannot be mended is found all the same: a disk that is read-only gives what it has.
        && let Err(error) = mend(&path, &mut found)
    {
        tracing::warn!(path = %path.display(), %error, "a footage file cannot be closed");
    }
    let mut spans = Spans::default();
    for one in &found.fragments {
        spans.add(one.facts.start_us, one.facts.end_us);
    }
    Ok(Some(FileRow {
        stream,
        folder: folder.to_owned(),
        path: below.to_owned(),
        start_us,
        spans,
        bytes: file.metadata()?.len(),
        fragments: found.fragments.len() as u64,
        damaged_bytes: found
            .damaged
            .iter()
            .map(|range| range.end - range.start)
            .sum(),
        closed: found.closed,
        fetched: first_of_device,
        tentative: matches!(claimed, Some((_, Claim::Others | Claim::Unknown))),
    }))
}

/// What a stop left of a fetch: it was never footage, and is fetched again.
fn remove_left(path: &Path, mend_before: Option<SystemTime>) {
    let Some(before) = mend_before else {
        return;
    };
    let removed = to_claim(path).and_then(|file| {
        let left = claim(&file) == Claim::Ours && file.metadata()?.modified()? < before;
        if left { fs::remove_file(path) } else { Ok(()) }
    });
    if let Err(error) = removed {
        tracing::warn!(path = %path.display(), %error, "what a stop left of a fetch cannot be removed");
    }
}

/// A network file system gives a file to its writer only by a descriptor that may write; one that is read-only gives what it has.
fn to_claim(path: &Path) -> io::Result<File> {
    match File::options().read(true).write(true).open(path) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
            ) =>
        {
            File::open(path)
        }
        opened => opened,
    }
}

/// Of a file that is claimed: cuts what is torn at the end and adds the table, so that the file is as one that was closed.
fn mend(path: &Path, found: &mut Contents) -> io::Result<()> {
    let (Some(stream), Some(last)) = (&found.stream, found.fragments.last()) else {
        return Ok(());
    };
    let end = last.end();
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let digest = digest_by_heads(&file, &found.fragments)?;
    let mut table = BytesMut::new();
    put_table(&mut table, stream, &found.fragments, digest.as_ref());
    file.set_len(end)?;
    file.sync_data()?; // before the table: whoever finds one believes it, also after a power cut
    file.write_all_at(&table, end)?;
    file.sync_data()?;
    found.damaged.retain(|range| range.start < end);
    found.closed = true;
    Ok(())
}

/// What lies in a folder that cannot be read is `unreadable`; the rest is read all the same, while `each` wants more. One stream
/// after the other.
fn walk(
    folder: &Path,
    looked: &Looked,
    unreadable: &mut Vec<(PathBuf, String)>,
    each: &mut impl FnMut(&Path) -> Result<bool, RecordingError>,
) -> Result<(), RecordingError> {
    looked.begin();
    let (mut open, mut done) = (vec![(folder.to_owned(), 0, 1.0_f64)], 0.0);
    while let Some((folder, depth, share)) = open.pop() {
        looked.reached(done);
        let listed = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match listed {
            Ok(entries) => entries,
            Err(error) => {
                unreadable.push((folder, error.to_string()));
                done += share;
                continue;
            }
        };
        entries.sort_unstable_by_key(fs::DirEntry::file_name);
        let above = open.len();
        for entry in entries {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else {
                continue; // gone meanwhile
            };
            if kind.is_dir() && depth < MAX_DEPTH && entry.file_name() != LOST_AND_FOUND {
                open.push((path, depth + 1, 0.0));
            } else if kind.is_file()
                && path
                    .extension()
                    .is_some_and(|kind| kind == "mp4" || kind == HIDDEN)
                && !each(&path)?
            {
                return Ok(());
            }
        }
        let below = open.len() - above;
        open[above..]
            .iter_mut()
            .for_each(|one| one.2 = share / below as f64);
        if below == 0 {
            done += share;
        }
    }
    looked.reached(1.0);
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
