//! One footage folder at work: a thread that writes what waits and brings it to disk in groups.
//!
//! A fragment is let go only when it is on disk. Until then it is kept by reference, so that a folder that fails gives everything
//! back that it had not yet made safe.
use crate::facts::StreamName;
use crate::folder::{FolderSpec, look, probe};
use crate::gathering::Closed;
use crate::index::FileRow;
use crate::medium::Medium;
use crate::segment::Segment;
use crate::writing::Form;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A folder that failed is looked at again so often.
pub(crate) const PROBE_EVERY: Duration = Duration::from_secs(5);
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
    /// What is written is on disk, and in the index, after this time.
    sync_every: Duration,
    medium: Arc<dyn Medium>,
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl Disk {
    pub fn new(
        number: usize,
        spec: FolderSpec,
        sync_every: Duration,
        medium: Arc<dyn Medium>,
    ) -> Self {
        Self {
            number,
            spec,
            sync_every,
            medium,
            queue: Mutex::new(Queue {
                waiting: VecDeque::new(),
                waiting_bytes: 0,
                unsynced: Vec::new(),
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

    pub fn is_working(&self) -> bool {
        self.queue().health == Health::Working
    }

    /// Why the folder takes nothing; None while it does.
    pub fn trouble(&self) -> Option<String> {
        let queue = self.queue();
        (queue.health == Health::Failed).then(|| queue.reason.clone())
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

    /// Waits until the folder was looked at for the first time.
    pub fn wait_opened(&self, until: Instant) {
        let mut queue = self.queue();
        while queue.health == Health::Opening {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                break;
            };
            let waited = self.changed.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How long its disk has not answered.
    pub fn unanswered(&self) -> Duration {
        self.queue()
            .busy_since
            .map_or(Duration::ZERO, |since| since.elapsed())
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
        let mut desk = Desk {
            segments: HashMap::new(),
            form: Form::default(),
            closed: Vec::new(),
        };
        let mut synced_at = Instant::now();
        loop {
            let (task, epoch) = self.next_task(synced_at + self.sync_every, desk.has_unsynced());
            let done = match task {
                Task::Order(Order::Keep(closed)) => desk.keep(self, &closed),
                Task::Order(Order::Close(stream)) => desk.close(&stream),
                Task::Sync => {
                    synced_at = Instant::now();
                    self.sync(&mut desk, keeper, epoch)
                }
                Task::Probe => {
                    desk.segments.clear(); // of before the failure: their tails are torn
                    desk.closed.clear();
                    let found = probe(&*self.medium, &self.spec, known);
                    known |= found.is_ok();
                    self.probed(keeper, found);
                    continue;
                }
                Task::Stop if self.trouble().is_some() => return,
                Task::Stop => {
                    let closed = desk.close_all();
                    let synced = closed.and_then(|()| self.sync(&mut desk, keeper, epoch));
                    if let Err(error) = synced {
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

    fn next_task(&self, sync_at: Instant, has_unsynced: bool) -> (Task, u64) {
        let mut queue = self.queue();
        let mut waited = false;
        loop {
            let now = Instant::now();
            let task = match queue.health {
                Health::Opening => Some(Task::Probe),
                Health::Failed if queue.stopping => return (Task::Stop, queue.epoch),
                Health::Failed => waited.then_some(Task::Probe),
                Health::Working if has_unsynced && now >= sync_at => Some(Task::Sync),
                Health::Working => match queue.waiting.pop_front() {
                    Some(Order::Keep(closed)) => {
                        queue.unsynced.push(Arc::clone(&closed));
                        Some(Task::Order(Order::Keep(closed)))
                    }
                    Some(order) => Some(Task::Order(order)),
                    None if queue.stopping => Some(Task::Stop),
                    None => None,
                },
            };
            if let Some(task) = task {
                queue.busy_since = (queue.health == Health::Working).then_some(now);
                return (task, queue.epoch);
            }
            let pause = match queue.health {
                Health::Failed => PROBE_EVERY,
                _ => self.sync_every.min(
                    sync_at
                        .saturating_duration_since(now)
                        .max(Duration::from_millis(1)),
                ),
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
                if before == Health::Failed {
                    keeper.recovered(self.number);
                }
            }
            Err(error) => {
                self.queue().reason = error.to_string();
                self.fail(keeper, error.to_string(), None);
            }
        }
    }

    /// Everything that was written is on disk, idle files are closed, and the folder is still there.
    fn sync(&self, desk: &mut Desk, keeper: &dyn Keeper, epoch: u64) -> io::Result<()> {
        desk.close_idle()?;
        let mut dirty: Vec<&mut Segment> = desk
            .segments
            .values_mut()
            .filter(|one| !one.is_synced())
            .collect();
        if dirty.len() > SYNC_TOGETHER {
            self.medium.sync_all(&self.spec.path)?;
            dirty.iter_mut().for_each(|segment| segment.note_synced());
        } else {
            dirty.iter_mut().try_for_each(|segment| segment.sync())?;
        }
        let mut rows: Vec<FileRow> = dirty.iter().map(|segment| segment.row(false)).collect();
        rows.append(&mut desk.closed);
        look(&*self.medium, &self.spec)?;
        let mut queue = self.queue();
        if queue.epoch != epoch {
            return Ok(()); // it was given up meanwhile, and what it held is elsewhere
        }
        let kept = std::mem::take(&mut queue.unsynced);
        drop(queue);
        if rows.is_empty() && kept.is_empty() {
            return Ok(());
        }
        let bytes: usize = kept.iter().map(|one| one.bytes).sum();
        keeper.synced(rows, kept);
        let mut queue = self.queue();
        if queue.epoch == epoch {
            queue.waiting_bytes -= bytes;
        }
        Ok(())
    }
}

/// What the thread has before it.
struct Desk {
    segments: HashMap<StreamName, Segment>,
    form: Form,
    /// Files that were closed since the last group.
    closed: Vec<FileRow>,
}

impl Desk {
    fn has_unsynced(&self) -> bool {
        !self.closed.is_empty() || self.segments.values().any(|one| !one.is_synced())
    }

    fn keep(&mut self, disk: &Disk, closed: &Closed) -> io::Result<()> {
        if self
            .segments
            .get(&closed.stream)
            .is_some_and(|one| !one.takes(closed))
        {
            self.close(&closed.stream)?;
        }
        let segment = match self.segments.entry(closed.stream.clone()) {
            std::collections::hash_map::Entry::Occupied(found) => found.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(Segment::create(&*disk.medium, &disk.spec.path, closed)?)
            }
        };
        segment.append(&mut self.form, closed)
    }

    fn close(&mut self, stream: &StreamName) -> io::Result<()> {
        if let Some(mut segment) = self.segments.remove(stream) {
            segment.close()?;
            self.closed.push(segment.row(true));
        }
        Ok(())
    }

    fn close_idle(&mut self) -> io::Result<()> {
        let idle = self.segments.iter().filter(|(_, one)| one.idle() > IDLE);
        let idle: Vec<StreamName> = idle.map(|(stream, _)| stream.clone()).collect();
        idle.iter().try_for_each(|stream| self.close(stream))
    }

    fn close_all(&mut self) -> io::Result<()> {
        let all: Vec<StreamName> = self.segments.keys().cloned().collect();
        all.iter().try_for_each(|stream| self.close(stream))
    }
}
