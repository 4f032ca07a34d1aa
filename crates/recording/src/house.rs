//! What the recorder's threads share: the folders, the streams and where each goes, and what is to enter the index.
use crate::disk::{Disk, Keeper, UNANSWERED};
use crate::event::{LossReason, RecordingEvent};
use crate::facts::StreamName;
use crate::folder::choose;
use crate::gathering::Closed;
use crate::held::Holding;
use crate::index::FileRow;
use crate::rebuild::Looked;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(200);
const UNKNOWN_ERROR: u32 = u32::MAX;
/// Streams begin by then, with the folders that have been looked at; the others join when they answer.
const OPEN_WITHIN: Duration = Duration::from_secs(2);
/// So much later than the first folder that takes footage: a stream's own may be the next one.
const OPEN_TOGETHER: Duration = Duration::from_millis(250);

/// How far the index may be behind what lies in the folders.
#[derive(Default)]
pub(crate) struct Looking {
    /// The index has been looked at as a whole.
    pub checked: AtomicBool,
    /// It is being made anew.
    pub remaking: AtomicBool,
    /// It was, and not every folder has been looked through since.
    pub anew: AtomicBool,
    /// How often the index took all that waited.
    pub puts: AtomicU64,
    /// Who has trouble with the index: it is told of as failed while somebody has.
    pub troubles: Mutex<BTreeSet<Whose>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// The thread's that fills it.
    Index,
    /// Of whoever looks for footage in the folder of this number.
    Look(usize),
}

/// Who is at a folder.
#[derive(Default)]
pub(crate) struct AtWork {
    /// It is being looked through, or the index has not taken what was found.
    pub scanning: AtomicBool,
    /// Of whoever looks through it, or removes files of it: what is found must not be entered when it is gone.
    pub turn: Mutex<()>,
}

pub(crate) struct Stream {
    pub name: StreamName,
    /// Its folder, and the hour for which it was chosen.
    pub place: Mutex<Option<(usize, i64)>>,
    /// That keep what comes now.
    pub taps: AtomicU64,
    /// That hold it in memory, for an event.
    pub armed: AtomicU64,
    /// Wall clock; i64::MIN: nothing is held.
    pub held_since_us: AtomicI64,
    /// The time before an event is not held as long as it should be.
    pub held_short: AtomicBool,
    /// Up to when something came, whether it is held or written; wall clock; i64::MIN: nothing did.
    pub taken_until_us: AtomicI64,
    pub safe_until_us: AtomicI64,
    outstanding: Mutex<Outstanding>,
    pub fragments: AtomicU64,
    pub bytes: AtomicU64,
    pub lost: AtomicU64,
    /// Fragments are being lost; told when that begins.
    losing: AtomicBool,
}

/// Fragments of one stream that came and of which it is not yet known that they, and all before them, are on disk.
#[derive(Default)]
struct Outstanding {
    first: u64,
    ends: VecDeque<(i64, Fate)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Waiting,
    Safe,
    Lost,
}

impl Outstanding {
    fn begin(&mut self, end_us: i64) -> u64 {
        self.ends.push_back((end_us, Fate::Waiting));
        self.first + self.ends.len() as u64 - 1
    }

    /// Up to when everything is safe that was not lost; None when that is as before.
    fn end(&mut self, ordinal: u64, fate: Fate) -> Option<i64> {
        let place = ordinal.checked_sub(self.first)? as usize;
        self.ends.get_mut(place)?.1 = fate;
        let mut safe = None;
        while let Some(&(end_us, fate)) = self.ends.front()
            && fate != Fate::Waiting
        {
            self.ends.pop_front();
            self.first += 1;
            safe = (fate == Fate::Safe).then_some(end_us).or(safe);
        }
        safe
    }
}

/// What all threads share.
pub(crate) struct House {
    pub disks: Vec<Disk>,
    write_behind_bytes: usize,
    pub holding: Holding,
    streams: Mutex<HashMap<StreamName, Arc<Stream>>>,
    pub rows: Mutex<HashMap<(PathBuf, PathBuf), FileRow>>,
    pub rows_came: Condvar,
    pub rows_went: Condvar,
    /// Folders that are to be looked through for what the index lacks.
    pub unseen: Vec<AtomicBool>,
    /// How far each is looked through.
    pub looked: Vec<Looked>,
    pub at_work: Vec<AtWork>,
    clock_error: fn() -> Option<u32>,
    /// As it was a moment ago.
    clock_error_us: AtomicU32,
    pub fragments: AtomicU64,
    pub bytes: AtomicU64,
    pub lost: AtomicU64,
    pub fetched_fragments: AtomicU64,
    pub fetched_bytes: AtomicU64,
    pub stopping: Arc<AtomicBool>,
    /// Whoever asked the index found it damaged.
    pub index_damaged: AtomicBool,
    pub looking: Looking,
    /// A folder was looked at for the first time.
    opened: Condvar,
    opening: Mutex<()>,
    pub tell: Box<dyn Fn(RecordingEvent) + Send + Sync>,
}

impl Stream {
    pub fn place(&self) -> MutexGuard<'_, Option<(usize, i64)>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outstanding(&self) -> MutexGuard<'_, Outstanding> {
        let found = self.outstanding.lock();
        found.unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, ordinal: u64, fate: Fate) {
        let mut outstanding = self.outstanding();
        if let Some(safe_until_us) = outstanding.end(ordinal, fate) {
            self.safe_until_us.store(safe_until_us, Ordering::Relaxed);
        }
    }
}

impl House {
    pub fn new(
        disks: Vec<Disk>,
        write_behind_bytes: usize,
        holding: Holding,
        clock_error: fn() -> Option<u32>,
        tell: Box<dyn Fn(RecordingEvent) + Send + Sync>,
    ) -> Self {
        Self {
            unseen: disks.iter().map(|_| AtomicBool::new(true)).collect(),
            looked: disks.iter().map(|_| Looked::default()).collect(),
            at_work: disks.iter().map(|_| AtWork::default()).collect(),
            disks,
            write_behind_bytes,
            holding,
            streams: Mutex::default(),
            rows: Mutex::default(),
            rows_came: Condvar::new(),
            rows_went: Condvar::new(),
            clock_error,
            clock_error_us: AtomicU32::new(clock_error().unwrap_or(UNKNOWN_ERROR)),
            fragments: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            fetched_fragments: AtomicU64::new(0),
            fetched_bytes: AtomicU64::new(0),
            stopping: Arc::default(),
            index_damaged: AtomicBool::new(false),
            looking: Looking::default(),
            opened: Condvar::new(),
            opening: Mutex::default(),
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
                armed: AtomicU64::new(0),
                held_since_us: AtomicI64::new(i64::MIN),
                held_short: AtomicBool::new(false),
                taken_until_us: AtomicI64::new(i64::MIN),
                safe_until_us: AtomicI64::new(i64::MIN),
                outstanding: Mutex::default(),
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

    /// Waits until every folder was looked at for the first time, or long enough that streams begin without those that do not answer.
    pub fn wait_opened(&self) {
        let began = Instant::now();
        let mut first = None;
        let mut opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        while self.disks.iter().any(Disk::is_opening) {
            let now = Instant::now();
            if self.disks.iter().any(Disk::is_working) {
                first.get_or_insert(now);
            }
            let Some(left) = begin_at(began, first).checked_duration_since(now) else {
                return;
            };
            let waited = self.opened.wait_timeout(opening, left);
            opening = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whoever waits for a folder looks again.
    fn tell_opened(&self) {
        drop(self.opening.lock());
        self.opened.notify_all();
    }

    /// Half of what may wait for the disks does not.
    pub fn has_room(&self) -> bool {
        2 * self.waiting_bytes() < self.write_behind_bytes
    }

    /// How far the clock may be off now, in a fragment that just became whole.
    pub fn stamp(&self, closed: &mut Closed) {
        let error = self.clock_error_us.load(Ordering::Relaxed);
        closed.facts.clock_error_us = (error != UNKNOWN_ERROR).then_some(error);
    }

    /// A whole fragment of a stream: to its folder.
    pub fn keep(&self, stream: &Stream, mut closed: Closed) {
        closed.ordinal = stream.outstanding().begin(closed.facts.end_us);
        if self.waiting_bytes() + closed.bytes > self.write_behind_bytes {
            let (ordinal, start_us) = (closed.ordinal, closed.facts.start_us);
            return self.lose(stream, Some(ordinal), start_us, LossReason::TooSlow);
        }
        self.place(stream, &Arc::new(closed), None);
    }

    /// The folder that has the stream, if it works and keeps up, else another; with each hour the one that is the stream's by
    /// weight. Never the one that `refused` it.
    fn place(&self, stream: &Stream, closed: &Arc<Closed>, refused: Option<usize>) {
        let share = self.write_behind_bytes / self.disks.len();
        let hour = stream.name.hour_of(closed.facts.start_us);
        let mut place = stream.place();
        let before = *place;
        let fits = |disk: &Disk, bound: usize| {
            disk.is_working() && disk.waiting_bytes() < bound && refused != Some(disk.number)
        };
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
            let reason = refused.map_or(LossReason::NoFolder, |_| LossReason::Refused);
            return self.lose(stream, Some(closed.ordinal), closed.facts.start_us, reason);
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

    /// Something that began at `start_us` is not kept: the fragment of that number, or pictures that never became one.
    pub fn lose(&self, stream: &Stream, ordinal: Option<u64>, start_us: i64, reason: LossReason) {
        if let Some(ordinal) = ordinal {
            stream.ended(ordinal, Fate::Lost);
        }
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

    /// Gives up disks that do not answer while others do, tells of one that is waited for because there is no other, and keeps an
    /// eye on the clock.
    pub fn watch(&self) {
        let mut told = vec![false; self.disks.len()];
        while !self.stopping.load(Ordering::Relaxed) {
            let error = (self.clock_error)().unwrap_or(UNKNOWN_ERROR);
            self.clock_error_us.store(error, Ordering::Relaxed);
            for (disk, told) in self.disks.iter().zip(&mut told) {
                let hangs = disk.unanswered() > UNANSWERED;
                let other = self.disks.iter().any(Disk::answers);
                if hangs && (other || disk.is_opening()) {
                    disk.give_up(self);
                    *told = false;
                } else if hangs && disk.is_working() && !*told {
                    *told = true;
                    let reason = disk.trouble().unwrap_or_default();
                    let folder = disk.spec.path.clone();
                    (self.tell)(RecordingEvent::FolderFailed { folder, reason });
                } else if !hangs && std::mem::take(told) && disk.is_working() {
                    self.recovered(disk.number);
                }
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub fn rows(&self) -> MutexGuard<'_, HashMap<(PathBuf, PathBuf), FileRow>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When streams begin though a folder has not answered. `first`: when one was seen to take footage.
fn begin_at(began: Instant, first: Option<Instant>) -> Instant {
    let until = began + OPEN_WITHIN;
    first.map_or(until, |first| until.min(first + OPEN_TOGETHER))
}

impl Keeper for House {
    fn synced(&self, rows: Vec<FileRow>, kept: Vec<Arc<Closed>>) {
        for closed in kept {
            let stream = self.stream(&closed.stream);
            stream.ended(closed.ordinal, Fate::Safe);
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
        self.tell_opened();
        (self.tell)(RecordingEvent::FolderFailed {
            folder: self.disks[disk].spec.path.clone(),
            reason,
        });
        for closed in back {
            self.place(&self.stream(&closed.stream), &closed, None);
        }
    }

    fn refused(&self, disk: usize, closed: Arc<Closed>, why: String) {
        let (stream, folder) = (self.stream(&closed.stream), &self.disks[disk].spec.path);
        tracing::error!(stream = stream.name.as_str(), folder = %folder.display(), why, "a folder does not take a stream's file");
        if closed.refused.swap(true, Ordering::Relaxed) {
            let (ordinal, start_us) = (Some(closed.ordinal), closed.facts.start_us);
            self.lose(&stream, ordinal, start_us, LossReason::Refused);
        } else {
            self.place(&stream, &closed, Some(disk));
        }
    }

    fn opened(&self) {
        self.tell_opened();
    }

    fn recovered(&self, disk: usize) {
        self.unseen[disk].store(true, Ordering::SeqCst);
        (self.tell)(RecordingEvent::FolderRecovered {
            folder: self.disks[disk].spec.path.clone(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_begin_soon_after_the_first_folder_and_wait_longer_only_while_none_works() {
        let began = Instant::now();
        let after = |ms| began + Duration::from_millis(ms);
        assert_eq!(begin_at(began, None), after(2_000));
        assert_eq!(begin_at(began, Some(after(10))), after(260));
        assert_eq!(begin_at(began, Some(after(1_900))), after(2_000));
    }
}
