//! One footage folder at work: a thread that writes what waits, and one that brings to disk what is written, in groups.
//!
//! A fragment is let go only when it is on disk. Until then it is kept by reference, so that a folder that fails gives everything
//! back that it had not yet made safe. However long the disk takes to sync, what is over goes on to its file meanwhile: whatever is
//! in the system's hands outlives the process. docs/decisions/0068-paced-sync.md.
use crate::desk::{Desk, Job};
use crate::facts::StreamName;
use crate::folder::{FolderSpec, has_room, is_there, probe};
use crate::gathering::Closed;
use crate::index::FileRow;
use crate::medium::Medium;
use crate::queue::{Health, Order, Queue};
use crate::segment::Segment;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A folder that failed is looked at again so often.
pub(crate) const PROBE_EVERY: Duration = Duration::from_secs(5);
/// A disk that has not answered for so long is told, and given up if another one answers.
pub(crate) const UNANSWERED: Duration = Duration::from_secs(3);
pub(crate) const UNANSWERED_TEXT: &str = "the disk does not answer";
/// With more open files one call for the whole file system costs less than one for each.
const SYNC_TOGETHER: usize = 16;

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

enum Task {
    Order(Order),
    /// What is written is cut off for the next sync.
    Sync,
    Full(String),
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
    /// There is something to sync, or will never be again.
    ordered: Condvar,
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
            queue: Mutex::new(Queue::new(sync_within)),
            changed: Condvar::new(),
            ordered: Condvar::new(),
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
        (queue.unanswered() > UNANSWERED).then(|| UNANSWERED_TEXT.to_owned())
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

    /// Writes what waits, closes the files and ends the threads.
    pub fn stop(&self) {
        self.queue().stopping = true;
        self.changed.notify_all();
    }

    /// How long its disk has not answered.
    pub fn unanswered(&self) -> Duration {
        self.queue().unanswered()
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
        queue.full = None;
        queue.epoch += 1;
        (
            queue.waiting_bytes,
            queue.unsynced_bytes,
            queue.syncing_bytes,
        ) = (0, 0, 0);
        let mut back = std::mem::take(&mut queue.syncing);
        back.append(&mut queue.unsynced);
        back.extend(queue.waiting.drain(..).filter_map(|order| match order {
            Order::Keep(closed) => Some(closed),
            Order::Close(_) => None,
        }));
        let left = (queue.job.take(), std::mem::take(&mut queue.tabled));
        if left.0.is_some() {
            queue.flight = None; // nobody had begun
        }
        drop(queue);
        drop(left); // files are closed
        self.changed.notify_all();
        keeper.failed(self.number, reason, back);
    }

    /// The thread that writes. `known`: the folder has been ours before, so that an empty one is not it.
    pub fn run(&self, keeper: &dyn Keeper, mut known: bool) {
        let mut desk = Desk::default();
        loop {
            let (task, epoch) = self.next_task(&desk);
            let done = match task {
                Task::Order(Order::Keep(closed)) => {
                    let kept = desk.keep(&*self.medium, &self.spec, &closed);
                    kept.map(|why| self.not_kept(keeper, closed, why, epoch))
                }
                Task::Order(Order::Close(stream)) => {
                    desk.end(&stream);
                    Ok(())
                }
                Task::Sync => {
                    self.order_sync(&mut desk, epoch);
                    Ok(())
                }
                Task::Full(reason) => {
                    self.fail(keeper, reason, Some(epoch));
                    Ok(())
                }
                Task::Probe => {
                    desk = Desk::default(); // what was before the failure has torn tails
                    let found = probe(&*self.medium, &self.spec, known);
                    known |= found.is_ok();
                    self.probed(keeper, found);
                    Ok(())
                }
                Task::Stop => {
                    desk.end_all();
                    if self.has_failed() || !desk.has_unsynced() {
                        self.queue().ended = true;
                        self.ordered.notify_all();
                        return;
                    }
                    Ok(())
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

    fn next_task(&self, desk: &Desk) -> (Task, u64) {
        let mut queue = self.queue();
        let mut waited = false;
        loop {
            let now = Instant::now();
            let has_unsynced = desk.has_unsynced() || !queue.tabled.is_empty();
            let task = match queue.health {
                Health::Opening => Some(Task::Probe),
                Health::Failed if queue.stopping => return (Task::Stop, queue.epoch),
                // A sync that hangs still says that the disk does not answer.
                Health::Failed => (waited && queue.flight.is_none()).then_some(Task::Probe),
                Health::Working if has_unsynced && queue.wants_sync(now, self.sync_bytes) => {
                    Some(Task::Sync)
                }
                Health::Working if queue.full.is_some() => {
                    let reason = queue.full.clone().filter(|_| queue.flight.is_none());
                    reason.map(Task::Full)
                }
                Health::Working => match queue.waiting.pop_front() {
                    Some(Order::Keep(closed)) => {
                        queue.unsynced.push(Arc::clone(&closed));
                        queue.unsynced_bytes += closed.bytes;
                        Some(Task::Order(Order::Keep(closed)))
                    }
                    Some(order) => Some(Task::Order(order)),
                    None if queue.stopping && queue.flight.is_none() => Some(Task::Stop),
                    None => None,
                },
            };
            if let Some(task) = task {
                queue.busy_since = Some(now);
                return (task, queue.epoch);
            }
            let pause = match queue.health {
                Health::Failed => PROBE_EVERY,
                _ if queue.flight.is_some() => PROBE_EVERY, // its end is told
                _ if has_unsynced => queue.pace.due().saturating_duration_since(now),
                _ => self.sync_within,
            };
            let (again, timeout) = self
                .changed
                .wait_timeout(queue, pause)
                .unwrap_or_else(PoisonError::into_inner);
            queue = again;
            waited |= timeout.timed_out();
            let rests = !has_unsynced && timeout.timed_out() && queue.flight.is_none();
            if rests && queue.health == Health::Working {
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

    /// What is written by now goes to the thread that syncs, which has nothing else to do.
    fn order_sync(&self, desk: &mut Desk, epoch: u64) {
        let tabled = std::mem::take(&mut self.queue().tabled);
        let job = desk.cut(epoch, tabled);
        let mut queue = self.queue();
        if queue.epoch != epoch {
            return; // it was given up meanwhile, and what it held is elsewhere
        }
        queue.syncing = std::mem::take(&mut queue.unsynced);
        queue.syncing_bytes = std::mem::take(&mut queue.unsynced_bytes);
        queue.flight = Some(Instant::now());
        queue.job = Some(job);
        drop(queue);
        self.ordered.notify_all();
    }

    /// The thread that syncs.
    pub fn bring_to_disk(&self, keeper: &dyn Keeper) {
        while let Some(job) = self.next_job() {
            let (epoch, brings, began) = (job.epoch, job.brings(), Instant::now());
            let synced = self.sync(job, keeper);
            let took = began.elapsed();
            let room = synced.map(|()| has_room(&*self.medium, &self.spec).err());
            let mut queue = self.queue();
            match room {
                Ok(full) if queue.epoch == epoch => queue.full = full.map(|why| why.to_string()),
                Ok(_) => {}
                Err(error) => {
                    drop(queue);
                    self.fail(keeper, error.to_string(), Some(epoch));
                    queue = self.queue();
                }
            }
            if brings {
                queue.pace.synced(took, Instant::now());
            }
            queue.flight = None;
            drop(queue);
            self.changed.notify_all();
        }
    }

    /// None: there will be none.
    fn next_job(&self) -> Option<Job> {
        let mut queue = self.queue();
        loop {
            if let Some(job) = queue.job.take() {
                return Some(job);
            }
            if queue.ended {
                return None;
            }
            let woken = self.ordered.wait(queue);
            queue = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Everything that was written before the job was cut is on disk and told as safe; then files that ended get their tables, which
    /// the next one brings to disk. Errors: what was not told goes elsewhere.
    fn sync(&self, job: Job, keeper: &dyn Keeper) -> io::Result<()> {
        if job.dirty.len() + job.folders.len() > SYNC_TOGETHER {
            self.medium.sync_all(&self.spec.path)?;
            job.dirty
                .iter()
                .for_each(|(file, length)| file.note_synced(*length));
        } else {
            let mut dirty = job.dirty.iter();
            dirty.try_for_each(|(file, length)| file.sync(*length))?;
            let mut folders = job.folders.iter();
            folders.try_for_each(|one| self.medium.sync_folder(one))?;
        }
        is_there(&*self.medium, &self.spec)?;
        drop((job.dirty, job.ended)); // closed before anybody hears of it: whoever removes them finds that nobody writes them
        let mut queue = self.queue();
        if queue.epoch != job.epoch {
            return Ok(()); // it was given up meanwhile, and what it held is elsewhere
        }
        let kept = std::mem::take(&mut queue.syncing);
        let bytes = std::mem::take(&mut queue.syncing_bytes);
        drop(queue);
        if !job.rows.is_empty() || !kept.is_empty() {
            keeper.synced(job.rows, kept);
            let mut queue = self.queue();
            if queue.epoch == job.epoch {
                queue.waiting_bytes -= bytes;
            }
        }
        let mut ending = job.ending;
        ending.iter_mut().try_for_each(Segment::write_table)?;
        let mut queue = self.queue();
        if queue.epoch == job.epoch {
            queue.tabled.append(&mut ending);
        }
        Ok(())
    }
}
