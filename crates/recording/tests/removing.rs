//! Old footage is chosen and removed: never what is written, nothing halfway, whatever moment the process is killed in.
mod support;

use recording::{
    Created, Cut, FindFiles, Footage, FootageFile, FootageReader, Found, Medium, OldFile, Recorder,
    RecordingError, RecordingEvent, Scan, Span, StreamName, SystemDisk, Verify,
};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Bench, Camera, config, files, indexed, name, until};

const FOLDER: &str = "FENGSUI_TEST_REMOVING_FOLDER";
const CALL: &str = "FENGSUI_TEST_REMOVING_CALL";
const DAY_US: i64 = 86_400_000_000;
const EVER: i64 = i64::MAX / 2;

/// Four seconds of a camera, so many days ago; the file stays open until the recorder stops.
fn record(bench: &Bench, number: usize, days_ago: i64) -> i64 {
    let mut camera = Camera::new(50, 500);
    camera.now.wall_us -= days_ago * DAY_US;
    let mut tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
    camera.send_all(&mut tap, 100);
    tap.finish(camera.now);
    bench.found_until(&name(number), camera.now.wall_us);
    camera.began_us
}

fn found(bench: &Bench) {
    until("the folders are looked through", || {
        !bench.recorder.counters().looking
    });
}

/// Cameras 1 and 2, each on the days 40, 35 and 10 before today; all files are closed.
fn three_days(root: &Path) -> Bench {
    let bench = Bench::on_system_disk(root, 2);
    for number in [1, 2] {
        for days in [40, 35, 10] {
            record(&bench, number, days);
        }
    }
    drop(bench);
    let bench = Bench::on_system_disk(root, 2);
    found(&bench);
    bench
}

fn cut(number: usize, days: i64, held: Vec<Span>) -> Cut {
    let before = recording::now().wall_us - days * DAY_US;
    Cut {
        stream: name(number),
        begins_before_us: before,
        ends_by_us: before,
        held,
    }
}

fn old(recorder: &Recorder, cuts: &[Cut], folder: Option<&Path>, limit: usize) -> Vec<OldFile> {
    let found = recorder
        .old_files(cuts, folder, limit, false)
        .expect("an index");
    found.into_iter().map(|(file, _)| file).collect()
}

#[test]
fn the_oldest_closed_files_of_all_streams_are_chosen_and_none_that_is_held() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = three_days(root.path());
    record(&bench, 3, 50); // its file is still open
    let recorder = &bench.recorder;
    let cuts = [cut(1, 30, vec![]), cut(2, 30, vec![]), cut(3, 30, vec![])];
    let chosen = old(recorder, &cuts, None, 100);
    let streams: Vec<&str> = chosen.iter().map(|one| one.stream.as_str()).collect();
    assert_eq!(streams.len(), 4, "{chosen:?}");
    assert!(!streams.contains(&name(3).as_str()), "an open file stays");
    assert!(
        chosen.is_sorted_by_key(|one| one.start_us),
        "the oldest first"
    );
    assert_eq!(old(recorder, &cuts, None, 3), chosen[..3]);
    assert_eq!(old(recorder, &cuts[1..], None, 100).len(), 2);
    let by_folder: usize = bench
        .folders
        .iter()
        .map(|folder| old(recorder, &cuts, Some(folder), 100).len())
        .sum();
    assert_eq!(by_folder, 4);
    let held = Span {
        start_us: chosen[0].start_us + 1_000_000,
        end_us: chosen[0].start_us + 1_000_001,
    };
    let number = if chosen[0].stream == name(1).as_str() {
        1
    } else {
        2
    };
    let left = old(recorder, &[cut(number, 30, vec![held])], None, 1);
    assert_ne!(
        left[0], chosen[0],
        "what is held stays, and what is behind it is found"
    );
    let oldest = recorder.oldest().expect("an index");
    assert_eq!(oldest.len(), 3);
    let stored = recorder
        .stored(
            Some(&name(1)),
            recording::now().wall_us - 20 * DAY_US,
            EVER,
            false,
        )
        .expect("an index");
    let of_ten: u64 = stored[0].bytes_between;
    assert!(of_ten > 0 && stored[0].bytes > 2 * of_ten, "{stored:?}");
}

/// What a table says of its file's pictures, and where it says it.
fn told_of_pictures(file: &[u8]) -> ([u8; 32], std::ops::Range<usize>) {
    let size = u32::from_be_bytes(file[file.len() - 8..][..4].try_into().expect("four bytes"));
    let table = file.len() - size as usize;
    let at = table + 29 + usize::from(file[table + 28]);
    (
        file[at..at + 32].try_into().expect("a digest"),
        table..file.len(),
    )
}

#[test]
fn what_stands_for_a_file_covers_every_byte_of_its_pictures_also_after_a_crash() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    record(&bench, 1, 40);
    drop(bench);
    let path = files(root.path()).remove(0);
    let whole = std::fs::read(&path).expect("closed");
    let (told, table) = told_of_pictures(&whole);
    let mut all = Sha256::new();
    let mut fragments = 0;
    for one in Scan::new(&whole[..table.start], Verify::Everything).expect("memory") {
        if let Found::Fragment(_, one) = one.expect("memory") {
            let body = one.offset as usize + one.head_bytes as usize..one.end() as usize;
            all.update(Sha256::digest(&whole[body]));
            fragments += 1;
        }
    }
    assert_eq!((told, fragments), (all.finalize().into(), 2));

    let stands = || {
        let bench = Bench::on_system_disk(root.path(), 1);
        found(&bench);
        let cuts = [cut(1, 30, vec![])];
        let chosen = bench.recorder.old_files(&cuts, None, 9, false);
        chosen.expect("an index").remove(0)
    };
    let (file, before) = stands();
    let below = file.path.to_str().expect("plain");
    let by_hand = Sha256::new()
        .chain_update(b"fengsui footage file 2\0")
        .chain_update(below)
        .chain_update([0])
        .chain_update((whole.len() as u64).to_be_bytes())
        .chain_update(&whole[table.clone()]);
    assert_eq!(before.digest, <[u8; 32]>::from(by_hand.finalize()));
    assert!(before.has_pictures);

    // As a crash leaves it: the next start closes it by what the heads say.
    let torn = std::fs::File::options()
        .write(true)
        .open(&path)
        .expect("ours");
    torn.set_len(table.start as u64).expect("shorter");
    torn.set_modified(std::time::UNIX_EPOCH).expect("long ago");
    drop(torn);
    for name in ["footage.db", "footage.db-wal", "footage.db-shm"] {
        let _ = std::fs::remove_file(root.path().join(name)); // one or the other is not there
    }
    assert_eq!(stands().1, before);
    assert_eq!(std::fs::read(&path).expect("mended"), whole);
}

#[test]
fn what_is_removed_is_gone_from_disk_and_index_and_the_digests_tell_the_files_apart() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = three_days(root.path());
    let cuts = [cut(1, 30, vec![]), cut(2, 37, vec![])];
    let with_digests = bench
        .recorder
        .old_files(&cuts, None, 100, false)
        .expect("an index");
    let again = bench
        .recorder
        .old_files(&cuts, None, 100, false)
        .expect("an index");
    assert_eq!(with_digests, again);
    let mut digests: Vec<[u8; 32]> = with_digests.iter().map(|one| one.1.digest).collect();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), 3);
    let chosen: Vec<OldFile> = with_digests.into_iter().map(|one| one.0).collect();
    let removed = bench
        .recorder
        .remove(&chosen)
        .expect("nobody looks through");
    assert_eq!((removed.files, removed.left.len()), (3, 0));
    assert_eq!(
        removed.bytes,
        chosen.iter().map(|one| one.bytes).sum::<u64>()
    );
    assert_eq!(files(root.path()).len(), 3);
    for file in &chosen {
        let path = file.folder.join(&file.path);
        assert!(
            !path.exists() && !path.parent().expect("a day").exists(),
            "an empty day goes too"
        );
    }
    let ten_days = recording::now().wall_us - 11 * DAY_US;
    assert!(
        bench
            .spans(&name(1))
            .iter()
            .all(|span| span.start_us > ten_days)
    );
    assert_eq!(bench.spans(&name(2)).len(), 2);
    assert!(old(&bench.recorder, &cuts, None, 100).is_empty());
}

#[test]
fn a_file_that_is_written_stays_and_a_name_that_leads_elsewhere_touches_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let began = record(&bench, 1, 40);
    found(&bench);
    let folder = bench.folders[0].clone();
    let written = files(&folder).remove(0);
    let file = |folder: &Path, path: &Path| OldFile {
        stream: name(1).as_str().to_owned(),
        folder: folder.to_owned(),
        path: path.to_owned(),
        start_us: began,
        end_us: began + 1,
        bytes: 1,
    };
    let outside = root.path().join("keep.mp4");
    std::fs::write(&outside, b"not ours").expect("a file");
    let wanted = [
        file(&folder, written.strip_prefix(&folder).expect("below")),
        file(&folder, Path::new("../keep.mp4")),
        file(root.path(), Path::new("keep.mp4")),
    ];
    let removed = bench
        .recorder
        .remove(&wanted)
        .expect("nobody looks through");
    assert_eq!((removed.files, removed.left.len()), (0, 3), "{removed:?}");
    assert!(written.exists() && outside.exists());
    assert_eq!(bench.spans(&name(1)).len(), 1);
    record(&bench, 1, 39); // the stream goes on
}

#[test]
fn a_player_goes_on_over_footage_that_is_removed_and_takes_it_for_no_damage() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = three_days(root.path());
    let begin = recording::now().wall_us - 41 * DAY_US;
    let mut reader = FootageReader::new(name(1), None);
    let mut next = |find: &dyn FindFiles, at_us| {
        let spot = reader
            .at_or_after(find, at_us, begin, EVER)
            .expect("an index")
            .expect("footage");
        (reader.read(&spot), spot)
    };
    let (first, spot) = next(&bench.recorder, begin);
    assert!(matches!(first, Footage::Fragment(_)));
    let asked_before = Stale {
        recorder: &bench.recorder,
        files: RefCell::new(
            bench
                .recorder
                .after(&name(1), begin, EVER)
                .expect("an index"),
        ),
    };
    let chosen = old(&bench.recorder, &[cut(1, 30, vec![])], None, 100);
    assert_eq!(bench.recorder.remove(&chosen).expect("no look").files, 2);
    let (second, later) = next(&bench.recorder, spot.end_us); // its own file, which it has open
    let of_open_file =
        matches!(second, Footage::Fragment(_)) && later.start_us > begin + 20 * DAY_US;
    assert!(of_open_file, "the next footage there is: {later:?}");
    let mut fresh = FootageReader::new(name(1), None);
    assert!(matches!(fresh.read(&spot), Footage::Removed));
    let found = fresh
        .at_or_after(&asked_before, begin, begin, EVER)
        .expect("an index")
        .expect("footage");
    assert_eq!(found, later, "whoever had the names from before asks again");
    assert!(matches!(fresh.read(&found), Footage::Fragment(_)));
}

#[test]
fn a_folder_that_is_gone_or_full_loses_nothing_by_a_removal_and_a_full_one_gives_room() {
    let root = tempfile::tempdir().expect("a folder");
    drop(three_days(root.path()));
    let fate = support::Fate::healthy();
    let disk = support::FailingDisk {
        folder: root.path().to_owned(),
        fate: Arc::clone(&fate),
    };
    let bench = Bench::new(root.path(), 2, Arc::new(disk));
    found(&bench);
    let cuts = [cut(1, 30, vec![]), cut(2, 30, vec![])];
    let chosen = old(&bench.recorder, &cuts, None, 100);
    let away: Vec<_> = bench
        .folders
        .iter()
        .map(|one| one.with_extension("away"))
        .collect();
    for (folder, away) in bench.folders.iter().zip(&away) {
        std::fs::rename(folder, away).expect("unmounted");
        std::fs::create_dir(folder).expect("its mount point");
    }
    assert!(bench.recorder.room().is_empty());
    found(&bench);
    let removed = bench
        .recorder
        .remove(&chosen)
        .expect("nobody looks through");
    assert_eq!((removed.files, removed.left.len()), (0, 4), "{removed:?}");
    assert_eq!(
        old(&bench.recorder, &cuts, None, 100),
        chosen,
        "the index knows them still"
    );
    for (folder, away) in bench.folders.iter().zip(&away) {
        std::fs::remove_dir_all(folder).expect("ours");
        std::fs::rename(away, folder).expect("mounted");
    }
    fate.fail_after(0, io::ErrorKind::StorageFull); // not even the list has room
    let mut removed = None;
    until("nobody looks through the folders", || {
        removed = bench.recorder.remove(&chosen).ok();
        removed.is_some()
    });
    let removed = removed.expect("awaited");
    assert_eq!((removed.files, removed.left.len()), (4, 0), "{removed:?}");
    assert_eq!(files(root.path()).len(), 2);
    assert_eq!(bench.recorder.room().len(), 2);
}

/// Names that the index gave before files were removed, once.
struct Stale<'a> {
    recorder: &'a Recorder,
    files: RefCell<Vec<FootageFile>>,
}

impl FindFiles for Stale<'_> {
    fn after(
        &self,
        stream: &StreamName,
        at_us: i64,
        to_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError> {
        match self.files.take() {
            before if !before.is_empty() => Ok(before),
            _ => self.recorder.after(stream, at_us, to_us),
        }
    }

    fn before(
        &self,
        stream: &StreamName,
        at_us: i64,
        from_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError> {
        self.recorder.before(stream, at_us, from_us)
    }
}

/// The system's disk until its call of that number of a removal: then the process is no more.
struct Deadly {
    calls: AtomicUsize,
    last: usize,
}

impl Deadly {
    fn count(&self) {
        if self.calls.fetch_add(1, Ordering::SeqCst) + 1 == self.last {
            std::process::abort();
        }
    }
}

impl Medium for Deadly {
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)
    }

    fn create(&self, path: &Path) -> io::Result<Created> {
        SystemDisk.create(path)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.count();
        SystemDisk.sync_folder(folder)
    }
    fn sync_all(&self, folder: &Path) -> io::Result<()> {
        SystemDisk.sync_all(folder)
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
        if !is_list(path) {
            return SystemDisk.write(path, bytes);
        }
        self.count();
        SystemDisk.write(path, &bytes[..bytes.len() / 2])?; // torn
        self.count();
        SystemDisk.write(path, bytes)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        if is_list(path) || path.extension().is_some_and(|kind| kind == "mp4") {
            self.count();
        }
        SystemDisk.remove(path)
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.count();
        SystemDisk.remove_folder(path)
    }
}

fn is_list(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name == "fengsui-removing")
}

/// The process that is killed in the midst of a removal.
#[test]
fn removing_child() {
    let (Ok(root), Ok(call)) = (std::env::var(FOLDER), std::env::var(CALL)) else {
        return; // run as a test of its own it has nothing to do
    };
    let last = call.parse().expect("a number");
    let medium = Arc::new(Deadly {
        calls: AtomicUsize::new(0),
        last,
    });
    let recorder = Recorder::open(config(Path::new(&root), 2), medium, |_: RecordingEvent| {})
        .expect("a recorder");
    until("the folders are looked through", || {
        !recorder.counters().looking
    });
    let chosen = old(
        &recorder,
        &[cut(1, 30, vec![]), cut(2, 30, vec![])],
        None,
        100,
    );
    let removed = recorder.remove(&chosen).expect("nobody looks through");
    assert_eq!(removed.files, 4);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let into = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &into);
        } else {
            std::fs::copy(entry.path(), into).expect("a file");
        }
    }
}

#[test]
fn a_removal_is_whole_or_was_not_begun_whatever_step_the_process_is_killed_in() {
    let root = tempfile::tempdir().expect("a folder");
    let place = root.path().join("place"); // always the same: the index names folders by their paths
    let before = root.path().join("before");
    drop(three_days(&place));
    copy(&place, &before);
    let mut outcomes = Vec::new();
    for call in 1.. {
        std::fs::remove_dir_all(&place).expect("ours");
        copy(&before, &place);
        let ended = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "removing_child", "--test-threads=1"])
            .env(FOLDER, &place)
            .env(CALL, call.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("a child");
        let index = place.join("footage.db");
        if call % 2 == 0 {
            // Whoever makes the index anew in this state finds what lies there, and the start finishes it all the same.
            let folders = [place.join("disk0"), place.join("disk1")];
            let found = recording::rebuild(&index, &folders).expect("readable");
            assert_eq!(found.files as usize, files(&place).len());
        }
        let bench = Bench::on_system_disk(&place, 2);
        found(&bench);
        for folder in &bench.folders {
            assert!(!folder.join("fengsui-removing").exists(), "call {call}");
        }
        let left = files(&place);
        drop(bench);
        let spans = |number| indexed(&index, &name(number)).len();
        assert_eq!(
            spans(1) + spans(2),
            left.len(),
            "call {call}: the index tells of what is there"
        );
        assert_eq!(
            recording::rebuild(&index, &[place.join("disk0"), place.join("disk1")])
                .expect("readable")
                .files as usize,
            left.len()
        );
        outcomes.push(left.len());
        if ended.success() {
            break;
        }
    }
    assert_eq!(
        outcomes.last(),
        Some(&2),
        "the one that was not killed removed four of six"
    );
    assert!(
        outcomes.is_sorted_by(|one, next| one >= next),
        "{outcomes:?}"
    );
    assert_eq!(outcomes[0], 6);
    assert!(outcomes.len() > 12, "{outcomes:?}");
}
