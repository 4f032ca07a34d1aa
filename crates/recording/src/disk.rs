//! One footage folder at work: a thread that writes what waits and brings it to disk in groups.
//!
//! A fragment is let go only when it is on disk. Until then it is kept by reference, so that a folder that fails gives everything
//! back that it had not yet made safe.
use crate::facts::StreamName;
use crate::folder::{FolderSpec, has_room, is_there, probe, refusal};
use crate::gathering::Closed;
use crate::index::FileRow;
use crate::medium::Medium;
use crate::pace::Pace;
use crate::segment::Segment;
use crate::writing::Form;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A folder that failed is looked at again so often.
pub(crate) const PROBE_EVERY: Duration = Duration::from_secs(5);
/// A disk that has not answered for so long is told, and given up if another one answers.
pub(crate) const UNANSWERED: Duration = Duration::from_secs(3);
pub(crate) const UNANSWERED_TEXT: &str = "the disk does not answer";
/// With more open files one call for the whole file system costs less than one for each.
const SYNC_TOGETHER: usize = 16;
/// A file to which nothing came for so long is closed.
const IDLE: Duration = Duration::from_secs(600);

/// Who hears of a disk's work.
pub(crate) trait Keeper: Send + Sync {
    /// `kept` is on disk, in the files that `rows` tell of.
    fn synced(&self, rows: Vec<FileRow>, kept: Vec<Arc<Closed>>);
    /// The folder takes no more; `back` is what it had not yet brought to disk, in order.
    fn failed(&self, disk: usize, reason: String, back: Vec<Arc<Closed>>);
    fn recovered(&self, disk: usize);
    /// The folder was looked at for the first time, and takes footage.
    fn opened(&self);
    /// The folder works and does not take this one.
    fn refused(&self, disk: usize, closed: Arc<Closed>, why: String);
}

enum Order {
    Keep(Arc<Closed>),
    /// The stream ended or went to another folder: its file is closed.
    Close(StreamName),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    /// Not yet looked at.
    Opening,
    Working,
    Failed,
}

struct Queue {
    waiting: VecDeque<Order>,
    waiting_bytes: usize,
    unsynced: Vec<Arc<Closed>>,
    unsynced_bytes: usize,
    health: Health,
    reason: String,
    /// Grows with each failure: what the thread was doing meanwhile counts no longer.
    epoch: u64,
    busy_since: Option<Instant>,
    stopping: bool,
}

enum Task {
    Order(Order),
    Sync,
    Probe,
    Stop,
}

pub(crate) struct Disk {
    pub number: usize,
    pub spec: FolderSpec,
    /// Nothing that is written waits longer for the sync that brings it to disk.
    sync_within: Duration,
    /// Or as soon as it is so much.
    sync_bytes: usize,
    medium: Arc<dyn Medium>,
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl Disk {
    pub fn new(
        number: usize,
        spec: FolderSpec,
        sync_within: Duration,
        sync_bytes: usize,
        medium: Arc<dyn Medium>,
    ) -> Self {
        Self {
            number,
            spec,
            sync_within,
            sync_bytes,
            medium,
            queue: Mutex::new(Queue {
                waiting: VecDeque::new(),
                waiting_bytes: 0,
                unsynced: Vec::new(),
                unsynced_bytes: 0,
                health: Health::Opening,
                reason: String::new(),
                epoch: 0,
                busy_since: None,
                stopping: false,
            }),
            changed: Condvar::new(),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while it is held but an allocation; the queue is whole then too.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn medium(&self) -> &dyn Medium {
        &*self.medium
    }

    pub fn is_working(&self) -> bool {
        self.queue().health == Health::Working
    }

    /// It takes footage, and brings it to disk.
    pub fn answers(&self) -> bool {
        self.is_working() && self.unanswered() <= UNANSWERED
    }

    /// It has been tried; a folder that hangs at the first look has not.
    pub fn is_opening(&self) -> bool {
        self.queue().health == Health::Opening
    }

    fn has_failed(&self) -> bool {
        self.queue().health == Health::Failed
    }

    /// What is wrong with the folder; None while it takes footage and brings it to disk.
    pub fn trouble(&self) -> Option<String> {
        let queue = self.queue();
        if queue.health == Health::Failed {
            return Some(queue.reason.clone());
        }
        let hangs = queue
            .busy_since
            .is_some_and(|since| since.elapsed() > UNANSWERED);
        hangs.then(|| UNANSWERED_TEXT.to_owned())
    }

    /// Bytes that wait to be written or brought to disk.
    pub fn waiting_bytes(&self) -> usize {
        self.queue().waiting_bytes
    }

    /// False if the folder takes nothing now.
    pub fn keep(&self, closed: &Arc<Closed>) -> bool {
        let mut queue = self.queue();
        if queue.health != Health::Working {
            return false;
        }
        queue.waiting_bytes += closed.bytes;
        queue.waiting.push_back(Order::Keep(Arc::clone(closed)));
        drop(queue);
        self.changed.notify_all();
        true
    }

    /// The stream's file is closed once what waits is written.
    pub fn close_file(&self, stream: &StreamName) {
        let mut queue = self.queue();
        if queue.health == Health::Working {
            queue.waiting.push_back(Order::Close(stream.clone()));
            drop(queue);
            self.changed.notify_all();
        }
    }

    /// Writes what waits, closes the files and ends the thread.
    pub fn stop(&self) {
        self.queue().stopping = true;
        self.changed.notify_all();
    }

    /// How long its disk has not answered.
    pub fn unanswered(&self) -> Duration {
        self.queue()
            .busy_since
            .map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// As [`Self::fail`], because it does not answer.
    pub fn give_up(&self, keeper: &dyn Keeper) {
        self.fail(keeper, UNANSWERED_TEXT.to_owned(), None);
    }

    /// Takes the folder out of use and gives back what is not safe. Nothing happens if it is out of use, or if `epoch` says that the
    /// failure is one of before.
    pub fn fail(&self, keeper: &dyn Keeper, reason: String, epoch: Option<u64>) {
        let mut queue = self.queue();
        if queue.health == Health::Failed || epoch.is_some_and(|epoch| epoch != queue.epoch) {
            return;
        }
        queue.health = Health::Failed;
        queue.reason.clone_from(&reason);
        queue.epoch += 1;
        queue.waiting_bytes = 0;
        queue.unsynced_bytes = 0;
        let mut back = std::mem::take(&mut queue.unsynced);
        back.extend(queue.waiting.drain(..).filter_map(|order| match order {
            Order::Keep(closed) => Some(closed),
            Order::Close(_) => None,
        }));
        drop(queue);
        self.changed.notify_all();
        keeper.failed(self.number, reason, back);
    }

    /// The thread. `known`: the folder has been ours before, so that an empty one is not it.
    pub fn run(&self, keeper: &dyn Keeper, mut known: bool) {
        let mut desk = Desk::default();
        let mut pace = Pace::new(self.sync_within, Instant::now());
        loop {
            let (task, epoch) = self.next_task(&pace, desk.has_unsynced());
            let done = match task {
                Task::Order(Order::Keep(closed)) => {
                    let kept = desk.keep(self, &closed);
                    kept.map(|why| self.not_kept(keeper, closed, why, epoch))
                }
                Task::Order(Order::Close(stream)) => {
                    desk.end(&stream);
                    Ok(())
                }
                Task::Sync => {
                    let (began, brings) = (Instant::now(), desk.has_unsynced());
                    let synced = self.sync(&mut desk, keeper, epoch);
                    if brings {
                        pace.synced(began.elapsed(), Instant::now());
                    }
                    synced
                }
                Task::Probe => {
                    desk = Desk::default(); // what was before the failure has torn tails
                    let found = probe(&*self.medium, &self.spec, known);
                    known |= found.is_ok();
                    self.probed(keeper, found);
                    Ok(())
                }
                Task::Stop if self.has_failed() => return,
                Task::Stop => {
                    desk.end_all();
                    let synced = self.sync(&mut desk, keeper, epoch);
                    let tabled = synced.and_then(|()| self.sync(&mut desk, keeper, epoch));
                    if let Err(error) = tabled {
                        self.fail(keeper, error.to_string(), Some(epoch));
                    }
                    return;
                }
            };
            if let Err(error) = done {
                self.fail(keeper, error.to_string(), Some(epoch));
            }
            self.queue().busy_since = None;
        }
    }

    /// The fragment that was to be written last was refused, for `why`.
    fn not_kept(&self, keeper: &dyn Keeper, closed: Arc<Closed>, why: Option<String>, epoch: u64) {
        let Some(why) = why else {
            return;
        };
        let mut queue = self.queue();
        if queue.epoch != epoch {
            return; // it was given back with the others
        }
        queue.unsynced.retain(|one| !Arc::ptr_eq(one, &closed));
        queue.unsynced_bytes -= closed.bytes;
        queue.waiting_bytes -= closed.bytes;
        drop(queue);
        keeper.refused(self.number, closed, why);
    }

    fn next_task(&self, pace: &Pace, has_unsynced: bool) -> (Task, u64) {
        let mut queue = self.queue();
        let mut waited = false;
        loop {
            let now = Instant::now();
            let task = match queue.health {
                Health::Opening => Some(Task::Probe),
                Health::Failed if queue.stopping => return (Task::Stop, queue.epoch),
                Health::Failed => waited.then_some(Task::Probe),
                Health::Working
                    if has_unsynced
                        && (now >= pace.overdue()
                            || queue.unsynced_bytes >= self.sync_bytes
                            || now >= pace.due() && queue.waiting.is_empty()) =>
                {
                    Some(Task::Sync)
                }
                Health::Working => match queue.waiting.pop_front() {
                    Some(Order::Keep(closed)) => {
                        queue.unsynced.push(Arc::clone(&closed));
                        queue.unsynced_bytes += closed.bytes;
                        Some(Task::Order(Order::Keep(closed)))
                    }
                    Some(order) => Some(Task::Order(order)),
                    None if queue.stopping => Some(Task::Stop),
                    None => None,
                },
            };
            if let Some(task) = task {
                queue.busy_since = Some(now);
                return (task, queue.epoch);
            }
            let pause = match queue.health {
                Health::Failed => PROBE_EVERY,
                _ if has_unsynced => pace.due().saturating_duration_since(now),
                _ => self.sync_within,
            };
            let (again, timeout) = self
                .changed
                .wait_timeout(queue, pause)
                .unwrap_or_else(PoisonError::into_inner);
            queue = again;
            waited |= timeout.timed_out();
            if !has_unsynced && timeout.timed_out() && queue.health == Health::Working {
                queue.busy_since = Some(Instant::now());
                return (Task::Sync, queue.epoch); // idle files are closed, the folder is looked at
            }
        }
    }

    fn probed(&self, keeper: &dyn Keeper, found: io::Result<()>) {
        match found {
            Ok(()) => {
                let before = std::mem::replace(&mut self.queue().health, Health::Working);
                self.changed.notify_all();
                match before {
                    Health::Opening => keeper.opened(),
                    Health::Failed => keeper.recovered(self.number),
                    Health::Working => {}
                }
            }
            Err(error) => {
                self.queue().reason = error.to_string();
                self.fail(keeper, error.to_string(), None);
            }
        }
    }

    /// Everything that was written is on disk and told as safe; then files that ended get their tables, which the next call
    /// brings to disk. Errors: what was not told goes elsewhere.
    fn sync(&self, desk: &mut Desk, keeper: &dyn Keeper, epoch: u64) -> io::Result<()> {
        desk.end_idle();
        let mut dirty: Vec<&mut Segment> = desk
            .segments
            .values_mut()
            .chain(&mut desk.ending)
            .chain(&mut desk.torn)
            .chain(&mut desk.tabled)
            .filter(|one| !one.is_synced())
            .collect();
        if dirty.len() + desk.folders.len() > SYNC_TOGETHER {
            self.medium.sync_all(&self.spec.path)?;
            dirty.iter_mut().for_each(|segment| segment.note_synced());
        } else {
            dirty.iter_mut().try_for_each(|segment| segment.sync())?;
            let mut folders = desk.folders.iter();
            folders.try_for_each(|one| self.medium.sync_folder(one))?;
        }
        is_there(&*self.medium, &self.spec)?;
        let mut rows: Vec<FileRow> = dirty.iter().map(|one| one.row(false)).collect();
        desk.torn.clear();
        rows.extend(desk.tabled.drain(..).map(|one| one.row(true))); // the last word on a file
        desk.folders.clear();
        desk.written = false;
        let mut queue = self.queue();
        if queue.epoch != epoch {
            return Ok(()); // it was given up meanwhile, and what it held is elsewhere
        }
        let kept = std::mem::take(&mut queue.unsynced);
        let bytes = std::mem::take(&mut queue.unsynced_bytes);
        drop(queue);
        if !rows.is_empty() || !kept.is_empty() {
            keeper.synced(rows, kept);
            let mut queue = self.queue();
            if queue.epoch == epoch {
                queue.waiting_bytes -= bytes;
            }
        }
        for mut segment in std::mem::take(&mut desk.ending) {
            segment.write_table()?;
            desk.tabled.push(segment);
        }
        has_room(&*self.medium, &self.spec)
    }
}

/// What the thread has before it.
#[derive(Default)]
struct Desk {
    segments: HashMap<StreamName, Segment>,
    form: Form,
    /// Files that end: first their fragments come to disk, then they get their tables.
    ending: Vec<Segment>,
    /// Files with a table that is not on disk yet.
    tabled: Vec<Segment>,
    /// Files that took no more in the midst of a fragment.
    torn: Vec<Segment>,
    /// Folders with names that are not on disk yet.
    folders: BTreeSet<PathBuf>,
    /// Something was written to the files of streams since all was brought to disk: who is asked after each write does not look at
    /// hundreds of them.
    written: bool,
}

impl Desk {
    fn has_unsynced(&self) -> bool {
        let ends = [&self.ending, &self.tabled, &self.torn];
        self.written || ends.iter().any(|some| !some.is_empty())
    }

    /// None when it is written, else why this fragment is not taken. Errors are the whole folder's.
    fn keep(&mut self, disk: &Disk, closed: &Closed) -> io::Result<Option<String>> {
        match self.write(disk, closed) {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                self.torn.extend(self.segments.remove(&closed.stream));
                let again = self.write(disk, closed);
                Ok(again.unwrap_or_else(|error| Some(error.to_string())))
            }
            done => done,
        }
    }

    fn write(&mut self, disk: &Disk, closed: &Closed) -> io::Result<Option<String>> {
        self.written = true;
        let takes = |one: &Segment| one.takes(closed);
        if !self.segments.get(&closed.stream).is_some_and(takes) {
            self.end(&closed.stream);
            match Segment::create(&*disk.medium, &disk.spec.path, closed) {
                Ok((segment, folders)) => {
                    self.folders.extend(folders);
                    self.segments.insert(closed.stream.clone(), segment);
                }
                Err(error) => return refusal(&*disk.medium, &disk.spec, error).map(Some),
            }
        }
        let Some(segment) = self.segments.get_mut(&closed.stream) else {
            return Ok(None); // it was put there above
        };
        let taken = segment.append(&mut self.form, closed)?;
        Ok((!taken).then(|| "the fragment is larger than a file takes".to_owned()))
    }

    fn end(&mut self, stream: &StreamName) {
        self.ending.extend(self.segments.remove(stream));
    }

    fn end_idle(&mut self) {
        let idle = |_: &StreamName, one: &mut Segment| one.idle() > IDLE;
        let ended = self.segments.extract_if(idle);
        self.ending.extend(ended.map(|(_, segment)| segment));
    }

    fn end_all(&mut self) {
        let all = self.segments.drain().map(|(_, segment)| segment);
        self.ending.extend(all);
    }
}
