//! A camera without a network, and disks that fail when told.
#![allow(dead_code)] // each test file uses its part
use bytes::{BufMut, Bytes, BytesMut};
use elementary::{START_CODE, VideoParameters, first_picture_offset};
use media_types::{AccessUnit, Codec, Pts90k};
use recording::{
    Created, FolderSpec, Index, Medium, Now, Recorder, RecorderConfig, RecordingEvent, Span,
    StreamName, SystemDisk, Tap, Written,
};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use stream_hub::Hub;

const SMALL: [&[u8]; 2] = [
    &[0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8],
    &[0x68, 0xCB, 0x83, 0xCB, 0x20],
];
const OTHER: [&[u8]; 2] = [
    &[0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xF6, 0x80],
    &[0x68, 0xCE, 0x3C, 0x80],
];
/// H.265, of libx265.
const OF_H265: [&[u8]; 3] = [
    &[
        0x40, 0x01, 0x0C, 0x01, 0xFF, 0xFF, 0x04, 0x08, 0x00, 0x00, 0x03, 0x00, 0x9E, 0x08, 0x00,
        0x00, 0x03, 0x00, 0x00, 0x3C, 0x95, 0x98, 0x09,
    ],
    &[
        0x42, 0x01, 0x01, 0x04, 0x08, 0x00, 0x00, 0x03, 0x00, 0x9E, 0x08, 0x00, 0x00, 0x03, 0x00,
        0x00, 0x3C, 0x90, 0x01, 0x61, 0x00, 0x90, 0xB2, 0xCA, 0xCD, 0x24, 0x99, 0x5E, 0x02, 0xDC,
        0x08, 0x08, 0x00, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x01, 0x90, 0x80,
    ],
    &[0x44, 0x01, 0xC1, 0x72, 0x86, 0x0C, 0x46, 0x24],
];
pub const PICTURE_US: i64 = 40_000;

/// 25 pictures a second, a key frame each `gop` of them.
pub struct Camera {
    pub hub: Arc<Hub>,
    pub now: Now,
    pub gop: u64,
    pub picture_bytes: usize,
    pub other_size: bool,
    /// Its parameter sets do not stand before its key frames.
    pub bare: bool,
    pub codec: Codec,
    pub pts_90k: i64,
    /// How far its own clock is ahead; None: it tells none.
    pub camera_ahead_us: Option<i64>,
    pub began_us: i64,
    number: u64,
    pub sent: Vec<Bytes>,
}

impl Camera {
    pub fn new(gop: u64, picture_bytes: usize) -> Self {
        Self {
            hub: Arc::new(Hub::expecting_sound()),
            now: recording::now(),
            gop,
            picture_bytes,
            other_size: false,
            bare: false,
            codec: Codec::H264,
            pts_90k: 0,
            camera_ahead_us: None,
            began_us: recording::now().wall_us,
            number: 0,
            sent: Vec::new(),
        }
    }

    fn picture(&self) -> (Bytes, bool) {
        let key = self.number.is_multiple_of(self.gop);
        let mut bytes = BytesMut::new();
        let h265 = self.codec == Codec::H265;
        let sets: &[&[u8]] = match (h265, self.other_size) {
            (true, _) => &OF_H265,
            (false, true) => &OTHER,
            (false, false) => &SMALL,
        };
        for set in sets.iter().filter(|_| key) {
            bytes.put_slice(&START_CODE);
            bytes.put_slice(set);
        }
        bytes.put_slice(&START_CODE);
        bytes.put_slice(match (h265, key) {
            (true, true) => &[0x28, 0x01],
            (true, false) => &[0x02, 0x01],
            (false, true) => &[0x65, 0x88],
            (false, false) => &[0x41, 0x9A],
        });
        bytes.put_u64(self.number | 0x0101_0101_0101_0101);
        bytes.put_bytes(0x55, self.picture_bytes.saturating_sub(bytes.len()));
        (bytes.freeze(), key)
    }

    /// One picture with its sound, taken by the tap.
    pub fn send(&mut self, tap: &mut Tap) {
        self.push();
        tap.pull(self.now);
        self.step();
    }

    /// Pictures that the tap finds when it looks next: the machine was busy.
    pub fn burst(&mut self, pictures: u64) {
        for _ in 0..pictures {
            self.push();
            self.step();
        }
    }

    fn push(&mut self) {
        let (bytes, key) = self.picture();
        let parameters = VideoParameters::from_annex_b(self.codec, &bytes);
        let bytes = match first_picture_offset(self.codec, &bytes) {
            Some(at) if self.bare => bytes.slice(at - START_CODE.len()..),
            _ => bytes,
        };
        let unit = AccessUnit {
            codec: self.codec,
            pts: Pts90k(self.pts_90k),
            key,
            camera_us: self
                .camera_ahead_us
                .map(|ahead_us| self.now.wall_us + ahead_us),
            bytes: bytes.clone(),
        };
        self.hub.push(unit, parameters.as_ref());
        let sound = AccessUnit {
            codec: Codec::G711A,
            pts: Pts90k(self.pts_90k),
            key: false,
            camera_us: None,
            bytes: Bytes::from_static(&[0xD5; 320]),
        };
        self.hub.push_sound(sound);
        self.sent.push(bytes);
        if self.number == 0 {
            self.began_us = self.now.wall_us;
        }
    }

    fn step(&mut self) {
        self.number += 1;
        self.pts_90k += 3_600;
        self.now = Now {
            wall_us: self.now.wall_us + PICTURE_US,
            steady_us: self.now.steady_us + PICTURE_US,
        };
    }

    pub fn send_all(&mut self, tap: &mut Tap, pictures: u64) {
        (0..pictures).for_each(|_| self.send(tap));
    }

    pub fn sent_bytes(&self) -> u64 {
        self.sent.iter().map(|one| one.len() as u64 + 320).sum()
    }
}

/// Streams whose hour does not end within ten minutes: with each hour a stream's folder is chosen anew, which is no move.
pub fn names_within_an_hour() -> impl Iterator<Item = StreamName> {
    let now_us = recording::now().wall_us;
    (0..200)
        .map(name)
        .filter(move |stream| stream.hour_of(now_us) == stream.hour_of(now_us + 600_000_000))
}

pub fn name(number: usize) -> StreamName {
    StreamName::new(&format!("3402000000132{number:07}/main")).expect("a name")
}

/// A recorder in a folder of its own, and what it told.
pub struct Bench {
    pub recorder: Recorder,
    pub told: Arc<Mutex<Vec<RecordingEvent>>>,
    pub folders: Vec<PathBuf>,
}

pub fn config(root: &Path, folders: usize) -> RecorderConfig {
    let folders = (0..folders).map(|number| FolderSpec {
        path: root.join(format!("disk{number}")),
        weight: 1,
        reserve_bytes: 0,
    });
    RecorderConfig {
        folders: folders.collect(),
        index: root.join("footage.db"),
        write_behind_bytes: 64 * 1024 * 1024,
        held_stream_bytes: 16 * 1024 * 1024,
        held_bytes: 64 * 1024 * 1024,
        sync_within: Duration::from_millis(50),
        clock_error: || Some(1_500),
    }
}

impl Bench {
    pub fn new(root: &Path, folders: usize, medium: Arc<dyn Medium>) -> Self {
        Self::with(config(root, folders), medium)
    }

    pub fn with(config: RecorderConfig, medium: Arc<dyn Medium>) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let folders = config
            .folders
            .iter()
            .map(|folder| folder.path.clone())
            .collect();
        let tell = move |event| heard.lock().expect("whole").push(event);
        let recorder = Recorder::open(config, medium, tell).expect("a recorder");
        Self {
            recorder,
            told,
            folders,
        }
    }

    pub fn on_system_disk(root: &Path, folders: usize) -> Self {
        Self::new(root, folders, Arc::new(SystemDisk))
    }

    /// All its folders take footage: at the start one that is slow is not waited for.
    pub fn opened(self) -> Self {
        until("every folder works", || {
            self.recorder.counters().folders_working == self.folders.len() as u64
        });
        self
    }

    pub fn told(&self) -> Vec<RecordingEvent> {
        self.told.lock().expect("whole").clone()
    }

    /// Everything that was given to it is on disk and in the index.
    pub fn settle(&self) {
        until("what waits is on disk", || {
            self.recorder.counters().waiting_bytes == 0
        });
    }

    pub fn spans(&self, stream: &StreamName) -> Vec<Span> {
        self.recorder
            .spans(stream, i64::MIN / 2, i64::MAX / 2)
            .expect("an index")
    }

    /// Waits until the index tells of footage up to there; one that is being made anew tells nothing yet.
    pub fn found_until(&self, stream: &StreamName, end_us: i64) {
        until("the index knows", || {
            let spans = self.recorder.spans(stream, i64::MIN / 2, i64::MAX / 2);
            let last = spans.ok().and_then(|spans| spans.last().copied());
            last.is_some_and(|span| span.end_us >= end_us)
        });
    }
}

pub fn indexed(path: &Path, stream: &StreamName) -> Vec<Span> {
    let (index, _) = Index::open(path).expect("an index");
    index
        .spans(stream, i64::MIN / 2, i64::MAX / 2, false)
        .expect("its rows")
}

pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "not within 20 s: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|kind| kind == "mp4") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What happens to one folder.
#[derive(Default)]
pub struct Fate {
    /// Bytes that it still takes before each write fails; negative: no bound.
    pub left: AtomicI64,
    pub error: Mutex<Option<io::ErrorKind>>,
    pub sync_fails: AtomicBool,
    /// Only what brings to disk hangs.
    pub sync_hangs: AtomicBool,
    /// How long that takes at least.
    pub sync_ms: AtomicU64,
    /// How often that began.
    pub syncs_begun: AtomicU64,
    /// From when to when all was brought to disk, each time.
    pub syncs: Mutex<Vec<(Instant, Instant)>>,
    pub hangs: AtomicBool,
    /// It hangs from when it is looked through on.
    pub hangs_when_looked_through: AtomicBool,
    pub no_inodes: AtomicBool,
    pub no_descriptors: AtomicBool,
    /// No file becomes larger; 0: no bound.
    pub largest_file: AtomicU64,
    /// Tables of files whose fragments were not on disk yet.
    pub early_tables: AtomicU64,
    /// Bytes that need not stay in memory.
    pub let_go: AtomicU64,
    /// Counts the calls that brought everything to disk.
    synced_all: AtomicU64,
    /// Bytes that are free as the disk tells it; 0: what the system says.
    pub free_bytes: AtomicU64,
    pub pause_ms: AtomicU64,
}

/// The system's disk; below `folder` as `fate` says.
pub struct FailingDisk {
    pub folder: PathBuf,
    pub fate: Arc<Fate>,
}

struct FailingFile {
    file: Box<dyn Written>,
    fate: Arc<Fate>,
    /// [`Fate::synced_all`] when it was written to last, until it is synced.
    written: Mutex<Option<u64>>,
}

impl Fate {
    pub fn healthy() -> Arc<Self> {
        let fate = Self::default();
        fate.left.store(-1, Ordering::SeqCst);
        Arc::new(fate)
    }

    pub fn fail_after(&self, bytes: i64, error: io::ErrorKind) {
        *self.error.lock().expect("whole") = Some(error);
        self.left.store(bytes, Ordering::SeqCst);
    }

    fn act(&self) {
        while self.hangs.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(self.pause_ms.load(Ordering::SeqCst)));
    }

    fn act_at_sync(&self) {
        self.syncs_begun.fetch_add(1, Ordering::SeqCst);
        self.act();
        while self.sync_hangs.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(self.sync_ms.load(Ordering::SeqCst)));
    }

    fn failing(&self) -> io::Result<()> {
        match *self.error.lock().expect("whole") {
            Some(error) if self.left.load(Ordering::SeqCst) == 0 => Err(error.into()),
            _ => Ok(()),
        }
    }
}

impl Written for FailingFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.fate.act();
        let largest = self.fate.largest_file.load(Ordering::SeqCst);
        if largest > 0 && offset + bytes.len() as u64 > largest {
            return Err(io::Error::from_raw_os_error(libc::EFBIG));
        }
        let synced_all = self.fate.synced_all.load(Ordering::SeqCst);
        let before = self.written.lock().expect("whole").replace(synced_all);
        if bytes.ends_with(b"fsTB") && before == Some(synced_all) {
            self.fate.early_tables.fetch_add(1, Ordering::SeqCst);
        }
        let left = self.fate.left.load(Ordering::SeqCst);
        if left >= 0 && (left as usize) < bytes.len() {
            self.fate.left.store(0, Ordering::SeqCst);
            self.file.write_at(&bytes[..left as usize], offset)?; // as a full disk does
            return Err(self
                .fate
                .error
                .lock()
                .expect("whole")
                .unwrap_or(io::ErrorKind::Other)
                .into());
        }
        if left >= 0 {
            self.fate
                .left
                .store(left - bytes.len() as i64, Ordering::SeqCst);
        }
        self.file.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.fate.act_at_sync();
        if self.fate.sync_fails.load(Ordering::SeqCst) {
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        *self.written.lock().expect("whole") = None;
        self.file.sync()
    }

    fn let_go(&self, from: u64, bytes: u64) {
        self.fate.let_go.fetch_add(bytes, Ordering::SeqCst);
        self.file.let_go(from, bytes);
    }
}

impl FailingDisk {
    fn is_below(&self, path: &Path) -> bool {
        path.starts_with(&self.folder)
    }
}

impl Medium for FailingDisk {
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)
    }

    fn create(&self, path: &Path) -> io::Result<Created> {
        if !self.is_below(path) {
            return SystemDisk.create(path);
        }
        self.fate.act();
        self.fate.failing()?;
        if self.fate.no_descriptors.load(Ordering::SeqCst) {
            return Err(io::Error::from_raw_os_error(libc::EMFILE));
        }
        let made = SystemDisk.create(path)?;
        let file = FailingFile {
            file: made.file,
            fate: Arc::clone(&self.fate),
            written: Mutex::default(),
        };
        Ok(Created {
            file: Box::new(file),
            folders: made.folders,
        })
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        SystemDisk.sync_folder(folder)
    }

    fn free_files(&self, folder: &Path) -> io::Result<Option<u64>> {
        if self.is_below(folder) && self.fate.no_inodes.load(Ordering::SeqCst) {
            return Ok(Some(0));
        }
        SystemDisk.free_files(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove_folder(path)
    }

    fn sync_all(&self, folder: &Path) -> io::Result<()> {
        if self.is_below(folder) && self.fate.sync_fails.load(Ordering::SeqCst) {
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        let began = Instant::now();
        self.fate.act_at_sync();
        self.fate.synced_all.fetch_add(1, Ordering::SeqCst);
        SystemDisk.sync_all(folder)?;
        let mut syncs = self.fate.syncs.lock().expect("whole");
        syncs.push((began, Instant::now()));
        Ok(())
    }

    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        let told = self.fate.free_bytes.load(Ordering::SeqCst);
        if self.is_below(folder) && told > 0 {
            return Ok(told);
        }
        SystemDisk.free_bytes(folder)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        SystemDisk.create_folder(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.is_below(path) && self.fate.hangs_when_looked_through.load(Ordering::SeqCst) {
            let looks = path.ends_with("fengsui-removing"); // the first thing that is looked for
            self.fate.hangs.fetch_or(looks, Ordering::SeqCst);
            self.fate.act();
        }
        SystemDisk.read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.is_below(path) {
            self.fate.act();
            self.fate.failing()?;
            if self.fate.sync_fails.load(Ordering::SeqCst) {
                return Err(io::Error::from_raw_os_error(libc::EIO));
            }
        }
        SystemDisk.write(path, bytes)
    }
}
