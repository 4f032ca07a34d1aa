//! What the recorder's threads share: the folders, the streams and where each goes, and what is to enter the index.
use crate::disk::{Disk, Keeper};
use crate::event::{LossReason, RecordingError, RecordingEvent};
use crate::facts::StreamName;
use crate::folder::choose;
use crate::gathering::Closed;
use crate::index::{FileRow, Index};
use crate::rebuild::{Rebuilt, add_folder};
use crate::segment::hour_of;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// A disk that has not answered for so long is given up, if another works.
pub(crate) const UNANSWERED: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(200);
const INDEX_PAUSE: Duration = Duration::from_secs(1);
const UNKNOWN_ERROR: u32 = u32::MAX;

pub(crate) struct Stream {
    pub name: StreamName,
    /// Its folder, and the hour for which it was chosen.
    pub place: Mutex<Option<(usize, i64)>>,
    pub taps: AtomicU64,
    pub safe_until_us: AtomicI64,
    pub fragments: AtomicU64,
    pub bytes: AtomicU64,
    pub lost: AtomicU64,
    /// Fragments are being lost; told when that begins.
    losing: AtomicBool,
}

/// What all threads share.
pub(crate) struct House {
    pub disks: Vec<Disk>,
    write_behind_bytes: usize,
    streams: Mutex<HashMap<StreamName, Arc<Stream>>>,
    rows: Mutex<HashMap<(PathBuf, PathBuf), FileRow>>,
    pub rows_came: Condvar,
    clock_error: fn() -> Option<u32>,
    /// As it was a moment ago.
    clock_error_us: AtomicU32,
    pub fragments: AtomicU64,
    pub bytes: AtomicU64,
    pub lost: AtomicU64,
    pub stopping: AtomicBool,
    tell: Box<dyn Fn(RecordingEvent) + Send + Sync>,
}

impl Stream {
    pub fn place(&self) -> MutexGuard<'_, Option<(usize, i64)>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl House {
    pub fn new(
        disks: Vec<Disk>,
        write_behind_bytes: usize,
        clock_error: fn() -> Option<u32>,
        tell: Box<dyn Fn(RecordingEvent) + Send + Sync>,
    ) -> Self {
        Self {
            disks,
            write_behind_bytes,
            streams: Mutex::default(),
            rows: Mutex::default(),
            rows_came: Condvar::new(),
            clock_error,
            clock_error_us: AtomicU32::new(clock_error().unwrap_or(UNKNOWN_ERROR)),
            fragments: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            tell,
        }
    }

    pub fn streams(&self) -> MutexGuard<'_, HashMap<StreamName, Arc<Stream>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn stream(&self, name: &StreamName) -> Arc<Stream> {
        let mut streams = self.streams();
        Arc::clone(streams.entry(name.clone()).or_insert_with(|| {
            Arc::new(Stream {
                name: name.clone(),
                place: Mutex::new(None),
                taps: AtomicU64::new(0),
                safe_until_us: AtomicI64::new(i64::MIN),
                fragments: AtomicU64::new(0),
                bytes: AtomicU64::new(0),
                lost: AtomicU64::new(0),
                losing: AtomicBool::new(false),
            })
        }))
    }

    pub fn waiting_bytes(&self) -> usize {
        self.disks.iter().map(Disk::waiting_bytes).sum()
    }

    /// A whole fragment of a stream: to its folder.
    pub fn keep(&self, stream: &Stream, mut closed: Closed) {
        let error = self.clock_error_us.load(Ordering::Relaxed);
        closed.facts.clock_error_us = (error != UNKNOWN_ERROR).then_some(error);
        if self.waiting_bytes() + closed.bytes > self.write_behind_bytes {
            return self.lose(stream, closed.facts.start_us, LossReason::TooSlow);
        }
        self.place(stream, &Arc::new(closed));
    }

    /// The folder that has the stream, if it works and keeps up, else another; with each hour the one that is the stream's by weight.
    fn place(&self, stream: &Stream, closed: &Arc<Closed>) {
        let share = self.write_behind_bytes / self.disks.len();
        let hour = hour_of(closed.facts.start_us);
        let mut place = stream.place();
        let before = *place;
        let fits = |disk: &Disk, bound: usize| disk.is_working() && disk.waiting_bytes() < bound;
        let stays =
            before.filter(|&(disk, for_hour)| for_hour == hour && fits(&self.disks[disk], share));
        let candidates = |bound: usize| {
            let working = self.disks.iter().filter(move |disk| fits(disk, bound));
            choose(
                &stream.name,
                working.map(|disk| (disk.number, disk.spec.path.as_path(), disk.spec.weight)),
            )
        };
        let chosen = stays
            .map(|(disk, _)| disk)
            .or_else(|| candidates(share))
            .or_else(|| candidates(usize::MAX));
        let Some(disk) = chosen.filter(|&disk| self.disks[disk].keep(closed)) else {
            drop(place);
            return self.lose(stream, closed.facts.start_us, LossReason::NoFolder);
        };
        *place = Some((disk, hour));
        drop(place);
        if let Some((old, for_hour)) = before.filter(|&(old, _)| old != disk) {
            self.disks[old].close_file(&stream.name);
            if for_hour == hour {
                let [from, to] = [old, disk].map(|number| self.disks[number].spec.path.clone());
                (self.tell)(RecordingEvent::StreamMoved {
                    stream: stream.name.clone(),
                    from,
                    to,
                });
            }
        }
    }

    fn lose(&self, stream: &Stream, start_us: i64, reason: LossReason) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        stream.lost.fetch_add(1, Ordering::Relaxed);
        if !stream.losing.swap(true, Ordering::Relaxed) {
            (self.tell)(RecordingEvent::FootageLost {
                stream: stream.name.clone(),
                start_us,
                reason,
            });
        }
    }

    /// Gives up disks that do not answer while others work, and keeps an eye on the clock.
    pub fn watch(&self) {
        while !self.stopping.load(Ordering::Relaxed) {
            let error = (self.clock_error)().unwrap_or(UNKNOWN_ERROR);
            self.clock_error_us.store(error, Ordering::Relaxed);
            for disk in &self.disks {
                let others = self
                    .disks
                    .iter()
                    .filter(|other| other.number != disk.number);
                if disk.unanswered() > UNANSWERED && others.into_iter().any(Disk::is_working) {
                    disk.fail(self, "the disk does not answer".to_owned(), None);
                }
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// The thread of the index: what lies in the folders and is not in it, then what is written.
    pub fn keep_index(&self, mut index: Index, began: SystemTime) {
        let mut looked = vec![false; self.disks.len()];
        let mut failing = false;
        loop {
            for (disk, looked) in self
                .disks
                .iter()
                .zip(&mut looked)
                .filter(|(disk, looked)| !**looked && disk.is_working())
            {
                *looked = true;
                match self.add_missing(&mut index, disk, began) {
                    Ok(found) if found.files > 0 => tracing::info!(
                        folder = %disk.spec.path.display(), files = found.files, fragments = found.fragments,
                        damaged_bytes = found.damaged_bytes, "footage that was not in the index was added"
                    ),
                    Ok(_) => {}
                    Err(error) => {
                        tracing::error!(folder = %disk.spec.path.display(), %error, "footage could not be added to the index")
                    }
                }
            }
            let rows = {
                let mut rows = self.rows();
                if rows.is_empty() && !self.stopping.load(Ordering::Relaxed) {
                    let waited = self.rows_came.wait_timeout(rows, INDEX_PAUSE);
                    rows = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                std::mem::take(&mut *rows)
            };
            let stopping = self.stopping.load(Ordering::Relaxed);
            let done = index.put(rows.values());
            if let Err(error) = done {
                if !std::mem::replace(&mut failing, true) {
                    (self.tell)(RecordingEvent::IndexFailed {
                        reason: error.to_string(),
                    });
                }
                let mut newer = self.rows();
                for (key, row) in rows {
                    newer.entry(key).or_insert(row);
                }
                drop(newer);
                if !stopping {
                    std::thread::sleep(INDEX_PAUSE);
                }
            } else if std::mem::replace(&mut failing, false) {
                (self.tell)(RecordingEvent::IndexRecovered);
            }
            if stopping && (failing || self.rows().is_empty()) {
                return;
            }
        }
    }

    fn add_missing(
        &self,
        index: &mut Index,
        disk: &Disk,
        began: SystemTime,
    ) -> Result<Rebuilt, RecordingError> {
        let known = index.closed_files(&disk.spec.path)?;
        let mut found = Rebuilt::default();
        add_folder(index, &disk.spec.path, &known, Some(began), &mut found)?;
        for (path, what) in &found.unreadable {
            tracing::warn!(path = %path.display(), what, "a file in a footage folder is not counted");
        }
        Ok(found)
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<(PathBuf, PathBuf), FileRow>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keeper for House {
    fn synced(&self, rows: Vec<FileRow>, kept: Vec<Arc<Closed>>) {
        for closed in kept {
            let stream = self.stream(&closed.stream);
            stream
                .safe_until_us
                .store(closed.facts.end_us, Ordering::Relaxed);
            stream.losing.store(false, Ordering::Relaxed);
            for (fragments, bytes) in [
                (&stream.fragments, &stream.bytes),
                (&self.fragments, &self.bytes),
            ] {
                fragments.fetch_add(1, Ordering::Relaxed);
                bytes.fetch_add(closed.bytes as u64, Ordering::Relaxed);
            }
        }
        let mut waiting = self.rows();
        for row in rows {
            waiting.insert((row.folder.clone(), row.path.clone()), row);
        }
        drop(waiting);
        self.rows_came.notify_all();
    }

    fn failed(&self, disk: usize, reason: String, back: Vec<Arc<Closed>>) {
        (self.tell)(RecordingEvent::FolderFailed {
            folder: self.disks[disk].spec.path.clone(),
            reason,
        });
        for closed in back {
            self.place(&self.stream(&closed.stream), &closed);
        }
    }

    fn recovered(&self, disk: usize) {
        (self.tell)(RecordingEvent::FolderRecovered {
            folder: self.disks[disk].spec.path.clone(),
        });
    }
}
