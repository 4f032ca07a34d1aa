//! The power goes in the midst of recording: the disk keeps what was synced, and of the rest whatever it had got to.
mod support;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use recording::{Created, Medium, SystemDisk, Written, rebuild};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use support::{Bench, Camera, config, indexed, name, until};

const ROUNDS: u64 = 200;
/// A round waits most of the time.
const AT_ONCE: u64 = 8;
const GOP: u64 = 5;
/// Some rounds have more files than are synced one by one.
const STREAMS: [usize; 3] = [1, 4, 20];
const PAGE: usize = 4_096;
/// A sync takes so long, and what is written meanwhile is not in it.
const SYNC: Duration = Duration::from_micros(300);

/// A file as the disk has it, and what was written since.
#[derive(Clone, Default)]
struct Cells {
    synced: Vec<u8>,
    written: Vec<(usize, Vec<u8>)>,
}

fn put(into: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    into.resize(into.len().max(offset + bytes.len()), 0);
    into[offset..offset + bytes.len()].copy_from_slice(bytes);
}

impl Cells {
    /// The first so many writes: those of before the sync began.
    fn sync(&mut self, writes: usize) {
        for (offset, bytes) in self.written.drain(..writes.min(self.written.len())) {
            put(&mut self.synced, offset, &bytes);
        }
    }

    /// What is there after the cut: all that was synced, and of what was written since any pages, or none.
    fn after(mut self, chance: &mut TestRng) -> Vec<u8> {
        let kept = below(chance, 3); // none, any, most
        for (offset, bytes) in self.written {
            let mut at = 0;
            while at < bytes.len() {
                let page = (PAGE - (offset + at) % PAGE).min(bytes.len() - at);
                if below(chance, 4) < [0, 2, 3][kept as usize] {
                    put(&mut self.synced, offset + at, &bytes[at..at + page]);
                }
                at += page;
            }
        }
        self.synced
    }
}

fn below(chance: &mut TestRng, bound: u64) -> u64 {
    chance.next_u64() % bound
}

/// Files, and names that are on disk for good. Names are of files and folders, below the disk's own folder.
#[derive(Clone, Default)]
struct Kept {
    files: BTreeMap<PathBuf, Cells>,
    names: BTreeSet<PathBuf>,
}

/// A disk with a cache of its own, which a power cut empties.
#[derive(Clone)]
struct Cached {
    root: PathBuf,
    kept: Arc<Mutex<Kept>>,
}

struct CachedFile {
    file: Box<dyn Written>,
    path: PathBuf,
    disk: Cached,
}

impl Cached {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("whole")
    }

    /// The names of a path below the root, from the longest to the shortest.
    fn names<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a Path> {
        path.ancestors()
            .take_while(|one| one.starts_with(&self.root) && **one != *self.root)
    }

    fn sync_names(&self, under: impl Fn(&Path) -> bool) {
        let mut kept = self.kept();
        let paths: Vec<PathBuf> = kept.files.keys().cloned().collect();
        for path in &paths {
            let synced = self.names(path).filter(|one| under(one));
            kept.names.extend(synced.map(Path::to_owned));
        }
    }

    /// What a disk has after a cut at this instant, as files below `root`.
    fn cut(&self, root: &Path, chance: &mut TestRng) {
        let now = self.kept().clone();
        for (path, cells) in now.files {
            let lost = self.names(&path).any(|one| !now.names.contains(one));
            if lost && below(chance, 2) == 0 {
                continue;
            }
            let to = root.join(path.strip_prefix(&self.root).expect("below"));
            fs::create_dir_all(to.parent().expect("a folder")).expect("room");
            fs::write(to, cells.after(chance)).expect("room");
        }
    }
}

impl Written for CachedFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(bytes, offset)?;
        let mut kept = self.disk.kept();
        let cells = kept.files.get_mut(&self.path).expect("it was created");
        cells.written.push((offset as usize, bytes.to_vec()));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let writes = self.disk.kept().files[&self.path].written.len();
        std::thread::sleep(SYNC);
        let mut kept = self.disk.kept();
        let cells = kept.files.get_mut(&self.path).expect("it was created");
        cells.sync(writes);
        Ok(())
    }
}

impl Medium for Cached {
    fn create(&self, path: &Path) -> io::Result<Created> {
        let Created { file, folders } = SystemDisk.create(path)?;
        self.kept().files.insert(path.to_owned(), Cells::default());
        let file = Box::new(CachedFile {
            file,
            path: path.to_owned(),
            disk: self.clone(),
        });
        Ok(Created { file, folders })
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.sync_names(|one| one.parent() == Some(folder));
        Ok(())
    }

    fn sync_all(&self, _: &Path) -> io::Result<()> {
        let writes: BTreeMap<PathBuf, usize> = {
            let kept = self.kept();
            let files = kept.files.iter();
            files
                .map(|(path, cells)| (path.clone(), cells.written.len()))
                .collect()
        };
        std::thread::sleep(SYNC);
        for (path, writes) in writes {
            let mut kept = self.kept();
            kept.names.extend(self.names(&path).map(Path::to_owned));
            if let Some(cells) = kept.files.get_mut(&path) {
                cells.sync(writes);
            }
        }
        Ok(())
    }

    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        SystemDisk.free_bytes(folder)
    }

    fn free_files(&self, folder: &Path) -> io::Result<Option<u64>> {
        SystemDisk.free_files(folder)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        SystemDisk.create_folder(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        SystemDisk.read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        SystemDisk.write(path, bytes)?;
        let mut kept = self.kept();
        let cells = kept.files.entry(path.to_owned()).or_default();
        *cells = Cells {
            synced: bytes.to_vec(),
            written: Vec::new(),
        };
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.kept().files.remove(path);
        SystemDisk.remove(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove_folder(path)
    }
}

/// Records until the power goes; then what was told as safe is looked for in what the disk kept.
fn round(number: u64, chance: &mut TestRng) {
    let (before, after) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let folder = before.path().join("disk0");
    let disk = Cached {
        root: folder.clone(),
        kept: Arc::default(),
    };
    let mut settings = config(before.path(), 1);
    settings.sync_within = Duration::from_millis(3);
    let bench = Bench::with(settings, Arc::new(disk.clone()));
    let streams = STREAMS[number as usize % STREAMS.len()];
    let mut cameras: Vec<_> = (0..streams)
        .map(|one| {
            let camera = Camera::new(GOP, 2_000 + 500 * one);
            let tap = bench.recorder.tap(&name(one), &camera.hub, camera.now);
            (name(one), camera, tap)
        })
        .collect();
    let safe = |stream| {
        let status = bench.recorder.status(stream);
        status.and_then(|status| status.safe_until_us)
    };
    let pictures = GOP + 1 + below(chance, 60);
    for _ in 0..pictures {
        for (_, camera, tap) in &mut cameras {
            camera.send(tap);
        }
        if below(chance, 3) == 0 {
            std::thread::sleep(Duration::from_micros(below(chance, 4_000)));
        }
    }
    until("something is safe", || {
        cameras.iter().any(|(stream, ..)| safe(stream).is_some())
    });
    std::thread::sleep(Duration::from_micros(below(chance, 6_000))); // the instant is anywhere in a turn of the disk's thread
    let told: Vec<_> = cameras
        .iter()
        .filter_map(|(stream, camera, _)| Some((stream.clone(), camera.began_us, safe(stream)?)))
        .collect();
    disk.cut(&after.path().join("disk0"), chance);
    drop(cameras);
    drop(bench);

    let index = after.path().join("footage.db");
    if below(chance, 2) == 0 {
        // The index came to disk whole, also rows of files that did not.
        fs::copy(before.path().join("footage.db"), &index).expect("room");
    }
    let again = Bench::on_system_disk(after.path(), 1);
    let holds = |spans: Vec<recording::Span>, began: i64, safe_until: i64| {
        let whole = |span: &recording::Span| span.start_us <= began && span.end_us >= safe_until;
        spans.iter().any(whole)
    };
    for (stream, began, safe_until) in &told {
        until("what was told as safe is found", || {
            let spans = again.recorder.spans(stream, i64::MIN / 2, i64::MAX / 2);
            spans.is_ok_and(|spans| holds(spans, *began, *safe_until))
        });
    }
    drop(again);
    rebuild(&index, &[after.path().join("disk0")]).expect("readable");
    for (stream, began, safe_until) in told {
        let spans = indexed(&index, &stream);
        assert!(
            holds(spans.clone(), began, safe_until),
            "round {number}, by the files alone: {began} to {safe_until} of {spans:?}"
        );
    }
}

#[test]
fn a_power_cut_takes_nothing_that_was_told_to_be_on_disk() {
    std::thread::scope(|scope| {
        for first in 0..AT_ONCE {
            scope.spawn(move || {
                let seed = [first as u8; 32];
                let mut chance = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
                let numbers = (first..ROUNDS).step_by(AT_ONCE as usize);
                numbers.for_each(|number| round(number, &mut chance));
            });
        }
    });
}
