//! What the thread that writes a folder has before it: files that are open, that end, and that wait for their tables.
use crate::facts::StreamName;
use crate::folder::{FolderSpec, refusal};
use crate::gathering::Closed;
use crate::index::FileRow;
use crate::medium::Medium;
use crate::segment::{Backing, Segment};
use crate::writing::Form;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A file to which nothing came for so long is closed.
const IDLE: Duration = Duration::from_secs(600);

/// What was written by a moment and is to be brought to disk; who writes goes on meanwhile.
#[derive(Default)]
pub(crate) struct Job {
    /// Of the folder's failures, when it was cut.
    pub epoch: u64,
    /// Files, each with how much of it there was.
    pub dirty: Vec<(Arc<Backing>, u64)>,
    /// Files that end: once their fragments are on disk they get their tables.
    pub ending: Vec<Segment>,
    /// Files that have their tables, or were torn: they are closed once they are on disk.
    pub ended: Vec<Segment>,
    /// Folders with new names.
    pub folders: BTreeSet<PathBuf>,
    /// What the index is told of the files.
    pub rows: Vec<FileRow>,
}

impl Job {
    /// False: it only looks after the folder.
    pub fn brings(&self) -> bool {
        !(self.dirty.is_empty() && self.ending.is_empty() && self.ended.is_empty())
    }
}

#[derive(Default)]
pub(crate) struct Desk {
    segments: HashMap<StreamName, Segment>,
    form: Form,
    /// Files that end: first their fragments come to disk, then they get their tables.
    ending: Vec<Segment>,
    /// Files that took no more in the midst of a fragment.
    torn: Vec<Segment>,
    /// Folders with names that are not on disk yet.
    folders: BTreeSet<PathBuf>,
    /// Something was written to the files of streams since a job was cut: who is asked after each write does not look at hundreds of
    /// them.
    written: bool,
}

impl Desk {
    pub fn has_unsynced(&self) -> bool {
        self.written || !self.ending.is_empty() || !self.torn.is_empty()
    }

    /// Whatever was written since the last one; `tabled`: files that got their tables by it.
    pub fn cut(&mut self, epoch: u64, tabled: Vec<Segment>) -> Job {
        self.end_idle();
        self.written = false;
        let mut job = Job {
            epoch,
            ending: std::mem::take(&mut self.ending),
            folders: std::mem::take(&mut self.folders),
            ..Job::default()
        };
        let torn = std::mem::take(&mut self.torn);
        let open = self.segments.values().chain(&job.ending).chain(&torn);
        for one in open.filter(|one| !one.is_synced()) {
            job.dirty.push(one.backing());
            job.rows.push(one.row(false));
        }
        for one in tabled.iter().filter(|one| !one.is_synced()) {
            job.dirty.push(one.backing());
            job.rows.push(one.row(true)); // the last word on a file
        }
        job.ended = torn;
        job.ended.extend(tabled);
        job
    }

    /// None when it is written, else why this fragment is not taken. Errors are the whole folder's.
    pub fn keep(
        &mut self,
        medium: &dyn Medium,
        spec: &FolderSpec,
        closed: &Closed,
    ) -> io::Result<Option<String>> {
        match self.write(medium, spec, closed) {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                self.torn.extend(self.segments.remove(&closed.stream));
                let again = self.write(medium, spec, closed);
                Ok(again.unwrap_or_else(|error| Some(error.to_string())))
            }
            done => done,
        }
    }

    fn write(
        &mut self,
        medium: &dyn Medium,
        spec: &FolderSpec,
        closed: &Closed,
    ) -> io::Result<Option<String>> {
        self.written = true;
        let takes = |one: &Segment| one.takes(closed);
        if !self.segments.get(&closed.stream).is_some_and(takes) {
            self.end(&closed.stream);
            match Segment::create(medium, &spec.path, closed) {
                Ok((segment, folders)) => {
                    self.folders.extend(folders);
                    self.segments.insert(closed.stream.clone(), segment);
                }
                Err(error) => return refusal(medium, spec, error).map(Some),
            }
        }
        let Some(segment) = self.segments.get_mut(&closed.stream) else {
            return Ok(None); // it was put there above
        };
        let taken = segment.append(&mut self.form, closed)?;
        Ok((!taken).then(|| "the fragment is larger than a file takes".to_owned()))
    }

    pub fn end(&mut self, stream: &StreamName) {
        self.ending.extend(self.segments.remove(stream));
    }

    fn end_idle(&mut self) {
        let idle = |_: &StreamName, one: &mut Segment| one.idle() > IDLE;
        let ended = self.segments.extract_if(idle);
        self.ending.extend(ended.map(|(_, segment)| segment));
    }

    pub fn end_all(&mut self) {
        let all = self.segments.drain().map(|(_, segment)| segment);
        self.ending.extend(all);
    }
}
