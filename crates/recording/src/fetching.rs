//! What a device recorded itself, fetched into the footage. It is written under a name that nobody reads and becomes footage at once,
//! when whoever fetches it has found it plausible: times are the recording's, told by the device, and not those of the node's clock.
//! docs/decisions/0048-filling-from-the-device.md.
use crate::clock::Now;
use crate::disk::Disk;
use crate::event::RecordingError;
use crate::facts::{FragmentFlags, StreamName};
use crate::folder::{choose, has_room};
use crate::gathering::{Closed, Gathering};
use crate::house::House;
use crate::index::FileRow;
use crate::segment::Segment;
use crate::writing::Form;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use stream_hub::{Frame, Hub, Keeper, Taken};

const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Bytes after which they are brought to disk: fetching must not fill the machine's memory with what waits for the disks.
const SYNC_BYTES: u64 = 16 * 1024 * 1024;
/// A recording that stands still for so long within itself leaps: what comes then is of a time that nobody knows.
const LEAP_90K: u64 = 10 * 90_000;

const ENTERED_WITHIN: Duration = Duration::from_secs(10);

const GO_ON: u8 = 0;
const KEEP_WHOLE: u8 = 1;
const KEEP_GROUPS: u8 = 2;
const LET_GO: u8 = 3;

/// How a fetch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchEnd {
    /// All of it becomes footage.
    Whole,
    /// It was cut short: whole groups of pictures become footage, the last one is fetched again.
    Groups,
    /// Nothing of it does.
    Nothing,
}

/// How far a fetch is. Times: µs since 1970, by the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchStatus {
    /// Up to here pictures came; None: none did.
    pub reached_us: Option<i64>,
    pub pictures: u64,
    pub bytes: u64,
    /// What was asked for is there to its end: what comes is let go.
    pub full: bool,
    /// Why no more is taken of it: `leap`, `overrun`, `disk`; empty while it is.
    pub trouble: String,
}

/// What became footage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    pub start_us: i64,
    pub end_us: i64,
    pub fragments: u64,
    pub bytes: u64,
}

struct Shared {
    order: AtomicU8,
    status: Mutex<FetchStatus>,
}

impl Shared {
    fn status(&self) -> MutexGuard<'_, FetchStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One fetch under way, on a thread of its own. Dropping it lets go of what came.
pub struct Fetch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<io::Result<Option<Fetched>>>>,
}

impl Fetch {
    /// Takes what comes to `hub` as the recording of `stream` that begins at `start_us`: its first key frame is of that time. What is
    /// of `until_us` or later is left out. `leaps`: how often the stream's time line was moved so far.
    pub(crate) fn begin(
        house: &Arc<House>,
        stream: &StreamName,
        (start_us, until_us): (i64, i64),
        hub: &Arc<Hub>,
        leaps: impl Fn() -> u64 + Send + 'static,
    ) -> Result<Self, RecordingError> {
        let disk = disk_for(house, stream).ok_or(RecordingError::NoFolder)?;
        let shared = Arc::new(Shared {
            order: AtomicU8::new(GO_ON),
            status: Mutex::default(),
        });
        let begun = Now {
            wall_us: start_us,
            steady_us: 0,
        };
        let mut work = Work {
            house: Arc::clone(house),
            disk,
            shared: Arc::clone(&shared),
            keeper: hub.keeper(),
            gathering: Gathering::new(stream.clone(), begun),
            start_us,
            until_us,
            first_90k: None,
            last_90k: 0,
            at: begun,
            out: Out::default(),
        };
        let thread = std::thread::Builder::new()
            .name("footage-fetch".to_owned())
            .spawn(move || work.run(&leaps))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    pub fn status(&self) -> FetchStatus {
        self.shared.status().clone()
    }

    /// Ends it and waits until what is kept is on disk and found by whoever looks. None: nothing is kept. Errors: the disk's; then
    /// nothing of it is footage that was not before.
    pub fn end(mut self, how: FetchEnd) -> io::Result<Option<Fetched>> {
        let order = match how {
            FetchEnd::Whole => KEEP_WHOLE,
            FetchEnd::Groups => KEEP_GROUPS,
            FetchEnd::Nothing => LET_GO,
        };
        self.shared.order.store(order, Ordering::SeqCst);
        let Some(thread) = self.thread.take() else {
            return Ok(None);
        };
        let panicked = |_| Err(io::Error::other("the thread that fetches failed"));
        thread.join().unwrap_or_else(panicked)
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.shared.order.store(LET_GO, Ordering::SeqCst);
        }
    }
}

fn disk_for(house: &House, stream: &StreamName) -> Option<usize> {
    let takes = |disk: &&Disk| disk.answers() && has_room(disk.medium(), &disk.spec).is_ok();
    let working = house.disks.iter().filter(takes);
    let folders = working.map(|disk| (disk.number, disk.spec.path.as_path(), disk.spec.weight));
    choose(stream, folders)
}

/// The files of one fetch, none of which anybody sees.
#[derive(Default)]
struct Out {
    form: Form,
    open: Option<Segment>,
    done: Vec<Segment>,
    folders: BTreeSet<PathBuf>,
    unsynced: u64,
    kept: Fetched,
}

struct Work {
    house: Arc<House>,
    disk: usize,
    shared: Arc<Shared>,
    keeper: Keeper,
    gathering: Gathering,
    start_us: i64,
    until_us: i64,
    first_90k: Option<u64>,
    last_90k: u64,
    /// Of the newest picture, by the recording's own time.
    at: Now,
    out: Out,
}

impl Work {
    fn run(&mut self, leaps: &dyn Fn() -> u64) -> io::Result<Option<Fetched>> {
        let done = self.follow(leaps);
        let kept = done.and_then(|order| self.conclude(order));
        if !matches!(kept, Ok(Some(_))) {
            self.let_go();
        }
        kept
    }

    /// Takes what comes until it is told how to end. Errors: the disk's, once it is told.
    fn follow(&mut self, leaps: &dyn Fn() -> u64) -> io::Result<u8> {
        let leapt = leaps();
        let mut failed: Option<io::Error> = None;
        loop {
            // In this order: what came before it was told belongs to it.
            let order = self.shared.order.load(Ordering::SeqCst);
            let taken = self.keeper.take();
            let came = !taken.frames.is_empty();
            let takes = failed.is_none() && self.shared.status().trouble.is_empty();
            if takes && leaps() > leapt {
                self.stop_at("leap"); // where in what came it leapt is not known: none of it is believed
            } else if takes && taken.missed > 0 {
                self.stop_at("overrun");
            } else if takes
                && order != LET_GO
                && let Err(error) = self.take(taken)
            {
                tracing::error!(folder = %self.spec_path().display(), %error, "what a device recorded could not be written");
                self.stop_at("disk");
                failed = Some(error);
            }
            match order {
                _ if self.house.is_stopping() => return Ok(LET_GO),
                GO_ON if came => {}
                GO_ON => std::thread::sleep(LOOK_EVERY),
                order => return failed.map_or(Ok(order), Err),
            }
        }
    }

    fn spec_path(&self) -> &std::path::Path {
        &self.house.disks[self.disk].spec.path
    }

    fn stop_at(&self, why: &str) {
        let mut status = self.shared.status();
        if status.trouble.is_empty() {
            why.clone_into(&mut status.trouble);
        }
    }

    fn take(&mut self, taken: Taken) -> io::Result<()> {
        for frame in taken.frames {
            if self.shared.status().full {
                return Ok(());
            }
            if frame.sound.is_none() && !self.place(&frame) {
                return Ok(());
            }
            let (described, now) = (&taken.described, self.at);
            let mut closed = Vec::new();
            let picture = frame.sound.is_none();
            let bytes = frame.bytes.len() as u64;
            self.gathering
                .take(vec![frame], described, now, |one| closed.push(one));
            closed.into_iter().try_for_each(|one| self.keep(one))?;
            let mut status = self.shared.status();
            status.pictures += u64::from(picture);
            status.bytes += bytes;
            status.reached_us = Some(self.at.wall_us);
        }
        Ok(())
    }

    /// When the picture is of. False: it is taken no more, nor what follows.
    fn place(&mut self, frame: &Frame) -> bool {
        let first = *self.first_90k.get_or_insert(frame.decode_90k);
        if self.last_90k > 0 && frame.decode_90k.saturating_sub(self.last_90k) > LEAP_90K {
            self.stop_at("leap");
            return false;
        }
        self.last_90k = frame.decode_90k;
        let since_us = (frame.decode_90k.saturating_sub(first) as i64).saturating_mul(100) / 9;
        let at = Now {
            wall_us: self.start_us.saturating_add(since_us),
            steady_us: since_us,
        };
        if at.wall_us >= self.until_us {
            self.shared.status().full = true;
            return false;
        }
        self.at = at;
        true
    }

    fn keep(&mut self, mut closed: Closed) -> io::Result<()> {
        let facts = &mut closed.facts;
        facts.flags = facts.flags.with(FragmentFlags::FROM_DEVICE, true);
        facts.end_us = facts.end_us.min(self.until_us);
        // How far the device's clock may be off is not known. A34.
        (facts.clock_error_us, facts.camera_us) = (None, Some(facts.start_us));
        let disk = &self.house.disks[self.disk];
        let out = &mut self.out;
        if !out.open.as_ref().is_some_and(|one| one.takes(&closed)) {
            out.done.extend(out.open.take());
            let (segment, folders) = Segment::fetched(disk.medium(), &disk.spec.path, &closed)?;
            out.folders.extend(folders);
            out.open = Some(segment);
        }
        let Some(segment) = &mut out.open else {
            return Ok(()); // it was put there above
        };
        let before = segment.length();
        if !segment.append(&mut out.form, &closed)? {
            return Err(io::Error::other("the fragment is larger than a file takes"));
        }
        let written = segment.length() - before;
        let kept = &mut out.kept;
        if kept.fragments == 0 {
            kept.start_us = closed.facts.start_us;
        }
        kept.end_us = closed.facts.end_us;
        kept.fragments += 1;
        kept.bytes += written;
        out.unsynced += written;
        if out.unsynced >= SYNC_BYTES {
            out.unsynced = 0;
            segment.sync()?;
            has_room(disk.medium(), &disk.spec)?;
        }
        Ok(())
    }

    /// Everything is on disk with its tables before it gets the names by which it is found.
    fn conclude(&mut self, order: u8) -> io::Result<Option<Fetched>> {
        if order == LET_GO {
            return Ok(None);
        }
        if order == KEEP_WHOLE {
            let behind = self.at.earlier(-10_000_000); // longer than a picture
            let last = self.gathering.finish(behind);
            last.into_iter().try_for_each(|one| self.keep(one))?;
        }
        let disk = &self.house.disks[self.disk];
        let out = &mut self.out;
        out.done.extend(out.open.take());
        if out.done.is_empty() {
            return Ok(None);
        }
        for segment in &mut out.done {
            segment.sync()?;
            segment.write_table()?;
            segment.sync()?;
        }
        let mut rows = Vec::with_capacity(out.done.len());
        let mut shown = Ok(());
        for segment in &mut out.done {
            shown = shown.and_then(|()| segment.show(disk.medium()));
            if shown.is_ok() {
                rows.push(segment.row(true));
            }
        }
        let mut folders = out.folders.iter();
        let synced = folders.try_for_each(|one| disk.medium().sync_folder(one));
        self.enter(rows); // whatever has its name by now is footage
        shown.and(synced)?;
        let (house, kept) = (&self.house, self.out.kept);
        for (count, by) in [
            (&house.fetched_fragments, kept.fragments),
            (&house.fetched_bytes, kept.bytes),
        ] {
            count.fetch_add(by, Ordering::Relaxed);
        }
        self.out.done.clear();
        Ok(Some(kept))
    }

    /// Into the index; whoever asks it after this finds them, unless it is being mended.
    fn enter(&self, rows: Vec<FileRow>) {
        let puts = &self.house.looking.puts;
        let last = puts.load(Ordering::SeqCst) + 2; // what it is taking, and once more
        for row in rows {
            let key = (row.folder.clone(), row.path.clone());
            self.house.rows().insert(key, row);
        }
        let until = Instant::now() + ENTERED_WITHIN;
        while puts.load(Ordering::SeqCst) < last
            && Instant::now() < until
            && !self.house.is_stopping()
        {
            self.house.rows_came.notify_all();
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Nothing of it stays that is not shown. A file that cannot be removed is by the next start.
    fn let_go(&mut self) {
        let disk = &self.house.disks[self.disk];
        let out = &mut self.out;
        out.done.extend(out.open.take());
        for segment in out.done.drain(..) {
            if let Err(error) = segment.remove(disk.medium()) {
                tracing::warn!(folder = %disk.spec.path.display(), %error, "what was fetched in vain could not be removed");
            }
        }
    }
}
