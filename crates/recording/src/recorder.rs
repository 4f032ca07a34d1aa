//! The recorder's face: which stream goes to which folder, what is known of each, and the threads behind it.
use crate::clock::Now;
use crate::disk::{Disk, UNANSWERED};
use crate::event::{RecordingError, RecordingEvent};
use crate::facts::StreamName;
use crate::fetching::Fetch;
use crate::folder::FolderSpec;
use crate::held::Holding;
use crate::house::House;
use crate::index::{FootageFile, Index, is_damage};
use crate::lock::lock_of;
use crate::medium::Medium;
use crate::reader::FindFiles;
use crate::spans::{Span, Twice};
use crate::tap::Tap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use stream_hub::Hub;

/// Of what may wait for a folder: when so much is written it is brought to disk, for until then it is held in memory.
const SYNC_PART: usize = 16;

/// Where footage goes and how much may wait.
#[derive(Clone, Debug)]
pub struct RecorderConfig {
    pub folders: Vec<FolderSpec>,
    pub index: PathBuf,
    /// Bytes that wait for all disks together: what is above is lost, and told.
    pub write_behind_bytes: usize,
    /// Bytes that one stream, and all together, hold for the time before an event: what is above is let go, the oldest first.
    pub held_stream_bytes: usize,
    pub held_bytes: usize,
    /// The sync that brings what is written to disk, and into the index, begins within this time; sooner where the disk is quick.
    pub sync_within: Duration,
    /// How far the node's clock may be off, µs; None: not known. A34. The system's: `system_clock_error`.
    pub clock_error: fn() -> Option<u32>,
}

/// Totals since the start, and what is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecorderCounters {
    pub streams: u64,
    /// Streams that are held for an event, and what of them is in memory.
    pub armed_streams: u64,
    pub held_bytes: u64,
    pub fragments: u64,
    pub bytes: u64,
    pub lost_fragments: u64,
    /// Of what devices recorded.
    pub fetched_fragments: u64,
    pub fetched_bytes: u64,
    pub waiting_bytes: u64,
    pub folders_working: u64,
    pub folders_failed: u64,
    /// Footage that lies in the folders may be missing in the index still: it is being looked for, or the index is being made anew.
    pub looking: bool,
    /// How much of the folders was looked through for that; 100 when it is over.
    pub looked_percent: u8,
}

/// One stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingStatus {
    /// A camera's pictures are being kept now.
    pub recording: bool,
    /// They are held for an event.
    pub armed: bool,
    /// From here on what is in memory; wall clock. None: nothing.
    pub held_since_us: Option<i64>,
    /// It is not held as long as it should be: a bound is reached.
    pub held_short: bool,
    /// Up to here something came, held or kept; wall clock. None: nothing yet, or it is recorded without a pause.
    pub taken_until_us: Option<i64>,
    /// Up to here everything that was taken is on disk; wall clock. None: nothing yet.
    pub safe_until_us: Option<i64>,
    pub fragments: u64,
    pub bytes: u64,
    pub lost_fragments: u64,
    pub folder: Option<PathBuf>,
}

/// Keeps streams on disk. One a node; it holds the lock of its index.
pub struct Recorder {
    pub(crate) house: Arc<House>,
    pub(crate) config: RecorderConfig,
    threads: Mutex<Option<Threads>>,
    reader: Mutex<Option<Index>>,
}

struct Threads {
    disks: Vec<JoinHandle<()>>,
    /// It reads what lies in the folders.
    look: Option<JoinHandle<()>>,
    others: Vec<JoinHandle<()>>,
    /// Goes with them: the index is free for another recorder then.
    _lock: File,
}

impl Recorder {
    /// Opens the index, starts two threads for each folder and brings what is not in the index into it, in the background. `tell` is
    /// called by those threads. Errors: no folder at all; the index is another's, or cannot be made. A folder that does not work is
    /// told and looked at again and again; one that does not answer is not waited for when another one does.
    pub fn open(
        config: RecorderConfig,
        medium: Arc<dyn Medium>,
        tell: impl Fn(RecordingEvent) + Send + Sync + 'static,
    ) -> Result<Self, RecordingError> {
        if config.folders.is_empty() {
            return Err(RecordingError::NoFolder);
        }
        if let Some(above) = config.index.parent() {
            std::fs::create_dir_all(above)?;
        }
        let lock = lock_of(&config.index)?;
        let known_to = |index: &Index| {
            let folders = config.folders.iter();
            folders
                .map(|folder| index.knows_folder(&folder.path))
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        let (index, anew) = Index::open(&config.index)?;
        let (index, known, anew) = match known_to(&index) {
            // A page that opening does not read: one more reason to fill it from the footage, and none not to record.
            Err(error) if is_damage(&error) => {
                tracing::error!(%error, "the index of footage is damaged: it is made anew from the footage");
                drop(index);
                let index = Index::anew(&config.index)?;
                let known = known_to(&index)?;
                (index, known, true)
            }
            known => (index, known?, anew),
        };
        let share = config.write_behind_bytes / config.folders.len();
        let disks = config.folders.iter().enumerate().map(|(number, spec)| {
            let medium = Arc::clone(&medium);
            Disk::new(
                number,
                spec.clone(),
                config.sync_within,
                share / SYNC_PART,
                medium,
            )
        });
        let house = Arc::new(House::new(
            disks.collect(),
            config.write_behind_bytes,
            Holding::new(config.held_stream_bytes, config.held_bytes),
            config.clock_error,
            Box::new(tell),
        ));
        if anew {
            house.index_was_made_anew();
        }
        let spawn = |name: String, work: Box<dyn FnOnce(Arc<House>) + Send>| {
            let house = Arc::clone(&house);
            std::thread::Builder::new()
                .name(name)
                .spawn(move || work(house))
        };
        let mut threads = Threads {
            disks: Vec::new(),
            look: None,
            others: Vec::new(),
            _lock: lock,
        };
        for (number, known) in known.into_iter().enumerate() {
            let write = move |house: Arc<House>| house.disks[number].run(&*house, known);
            let sync = move |house: Arc<House>| house.disks[number].bring_to_disk(&*house);
            let threads = &mut threads.disks;
            threads.push(spawn(format!("footage-{number}"), Box::new(write))?);
            threads.push(spawn(format!("footage-sync-{number}"), Box::new(sync))?);
        }
        threads.others.push(spawn(
            "footage-index".to_owned(),
            Box::new({
                let path = config.index.clone();
                move |house| house.keep_index(index, &path)
            }),
        )?);
        threads.look = Some(spawn(
            "footage-look".to_owned(),
            Box::new({
                let path = config.index.clone();
                move |house| house.look_for_footage(&path)
            }),
        )?);
        threads.others.push(spawn(
            "footage-watch".to_owned(),
            Box::new(|house| house.watch()),
        )?);
        house.wait_opened();
        Ok(Self {
            house,
            config,
            threads: Mutex::new(Some(threads)),
            reader: Mutex::default(),
        })
    }

    /// Begins to keep what comes to `hub`, from its newest key frame on. Whoever moves the pictures calls the tap.
    pub fn tap(&self, name: &StreamName, hub: &Arc<Hub>, now: Now) -> Tap {
        Tap::new(&self.house, name, hub, now)
    }

    /// Begins to take what comes to `hub` as what a device recorded of a stream between two times, µs since 1970. `leaps`: how often
    /// its time line was moved so far. Errors: no folder takes footage.
    pub fn fetch(
        &self,
        name: &StreamName,
        between_us: (i64, i64),
        hub: &Arc<Hub>,
        leaps: impl Fn() -> u64 + Send + 'static,
    ) -> Result<Fetch, RecordingError> {
        Fetch::begin(&self.house, name, between_us, hub, leaps)
    }

    /// None: nothing was ever taken of it since the start.
    pub fn status(&self, name: &StreamName) -> Option<RecordingStatus> {
        let stream = self.house.streams().get(name).cloned()?;
        let known = |time: &AtomicI64| {
            let time = time.load(Ordering::Relaxed);
            (time != i64::MIN).then_some(time)
        };
        let place = *stream.place();
        Some(RecordingStatus {
            recording: stream.taps.load(Ordering::Relaxed) > 0,
            armed: stream.armed.load(Ordering::Relaxed) > 0,
            held_since_us: known(&stream.held_since_us),
            held_short: stream.held_short.load(Ordering::Relaxed),
            taken_until_us: known(&stream.taken_until_us),
            safe_until_us: known(&stream.safe_until_us),
            fragments: stream.fragments.load(Ordering::Relaxed),
            bytes: stream.bytes.load(Ordering::Relaxed),
            lost_fragments: stream.lost.load(Ordering::Relaxed),
            folder: place.map(|(disk, _)| self.house.disks[disk].spec.path.clone()),
        })
    }

    /// See [`Index::spans`]. What is on disk is in it within a second.
    pub fn spans(
        &self,
        name: &StreamName,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Span>, RecordingError> {
        self.ask(|index| index.spans(name, from_us, to_us, false))
    }

    /// The same of what was fetched from its device alone.
    pub fn fetched_spans(
        &self,
        name: &StreamName,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Span>, RecordingError> {
        self.ask(|index| index.spans(name, from_us, to_us, true))
    }

    /// See [`Index::twice`].
    pub fn twice(
        &self,
        name: &StreamName,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Twice>, RecordingError> {
        self.ask(|index| index.twice(name, from_us, to_us))
    }

    /// Of the index as it lies there now.
    fn ask<T>(
        &self,
        question: impl FnOnce(&Index) -> Result<T, RecordingError>,
    ) -> Result<T, RecordingError> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if !reader.as_ref().is_some_and(Index::is_in_place) {
            *reader = None;
        }
        let index = match &mut *reader {
            Some(index) => index,
            none => none.insert(Index::attach(&self.config.index)?),
        };
        let answer = question(index);
        if let Err(RecordingError::Index(error)) = &answer {
            self.house.note_index(error);
        }
        answer
    }

    pub fn counters(&self) -> RecorderCounters {
        let house = &self.house;
        let failed = house
            .disks
            .iter()
            .filter(|disk| disk.trouble().is_some())
            .count() as u64;
        RecorderCounters {
            streams: house
                .streams()
                .values()
                .filter(|one| one.taps.load(Ordering::Relaxed) > 0)
                .count() as u64,
            armed_streams: house.holding.streams() as u64,
            held_bytes: house.holding.bytes() as u64,
            fragments: house.fragments.load(Ordering::Relaxed),
            bytes: house.bytes.load(Ordering::Relaxed),
            lost_fragments: house.lost.load(Ordering::Relaxed),
            fetched_fragments: house.fetched_fragments.load(Ordering::Relaxed),
            fetched_bytes: house.fetched_bytes.load(Ordering::Relaxed),
            waiting_bytes: house.waiting_bytes() as u64,
            folders_working: house.disks.iter().filter(|disk| disk.answers()).count() as u64,
            folders_failed: failed,
            looking: house.is_looking(),
            looked_percent: house.looked_percent(),
        }
    }

    /// Folders that take nothing now, each with what is wrong.
    pub fn troubles(&self) -> Vec<(PathBuf, String)> {
        let disks = self.house.disks.iter();
        disks
            .filter_map(|disk| Some((disk.spec.path.clone(), disk.trouble()?)))
            .collect()
    }

    pub fn config(&self) -> &RecorderConfig {
        &self.config
    }

    /// Writes what waits, closes the files and ends the threads; taps that are left keep nothing more. Idempotent. A disk that does
    /// not answer is waited for `patience` and then left, by who writes to it and by who looks through it.
    pub fn stop(&self, patience: Duration) {
        let Some(threads) = self
            .threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        else {
            return;
        };
        self.house.disks.iter().for_each(Disk::stop);
        let until = Instant::now() + patience;
        let mut left = false;
        for thread in &threads.disks {
            while !thread.is_finished() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            left |= !thread.is_finished();
        }
        if left {
            tracing::error!("a footage folder does not answer and is left");
        }
        self.house.stopping.store(true, Ordering::Relaxed);
        self.house.rows_came.notify_all();
        let until = Instant::now() + patience;
        let ended = threads.look.filter(|look| {
            while !look.is_finished() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            look.is_finished()
        });
        if ended.is_none() {
            tracing::error!("a footage folder that is looked through does not answer and is left");
        }
        for thread in threads.others.into_iter().chain(ended) {
            if thread.join().is_err() {
                tracing::error!("a thread of the recorder had panicked");
            }
        }
    }
}

impl FindFiles for Recorder {
    fn after(
        &self,
        stream: &StreamName,
        at_us: i64,
        to_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError> {
        self.ask(|index| Ok(index.files_after(stream, at_us, to_us)?))
    }

    fn before(
        &self,
        stream: &StreamName,
        at_us: i64,
        from_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError> {
        self.ask(|index| Ok(index.files_before(stream, at_us, from_us)?))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop(UNANSWERED);
    }
}
