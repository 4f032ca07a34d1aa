//! What a device recorded becomes footage of its own time: whole, marked, beside what the node recorded, or not at all.
mod support;

use recording::{
    Fetch, FetchEnd, Footage, FootageReader, FragmentFlags, Index, Recorder, Span, rebuild,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stream_hub::Hub;
use support::{Bench, Camera, PICTURE_US, files, name, until};

const GROUP_US: i64 = 50 * PICTURE_US;
const ALWAYS: (i64, i64) = (i64::MIN / 2, i64::MAX / 2);

fn fetch(bench: &Bench, camera: &mut Camera, between_us: (i64, i64)) -> Fetch {
    fetch_with(bench, camera, between_us, || 0)
}

fn fetch_with(
    bench: &Bench,
    camera: &mut Camera,
    between_us: (i64, i64),
    leaps: impl Fn() -> u64 + Send + 'static,
) -> Fetch {
    camera.hub = Arc::new(Hub::expecting_sound());
    let begun = bench
        .recorder
        .fetch(&name(1), between_us, &camera.hub, leaps);
    begun.expect("a folder")
}

/// As fast as it is taken, as a download comes.
fn send(fetch: &Fetch, camera: &mut Camera, groups: u64) {
    for _ in 0..groups {
        let before = fetch.status();
        camera.burst(50);
        until("it is taken", || {
            let now = fetch.status();
            now.pictures >= before.pictures + 50 || now.full || !now.trouble.is_empty()
        });
    }
}

/// Four groups of pictures, a gap of three, and four again: all in one live file.
fn with_a_gap(bench: &Bench, camera: &mut Camera) -> (i64, i64) {
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 200);
    tap.finish(camera.now);
    let gap_us = camera.now.wall_us;
    camera.hub = Arc::new(Hub::expecting_sound());
    camera.now.wall_us += 3 * GROUP_US;
    camera.now.steady_us += 3 * GROUP_US;
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 200);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    (gap_us, gap_us + 3 * GROUP_US)
}

fn spans(recorder: &Recorder) -> (Vec<Span>, Vec<Span>) {
    let (all, fetched) = (
        recorder.spans(&name(1), ALWAYS.0, ALWAYS.1),
        recorder.fetched_spans(&name(1), ALWAYS.0, ALWAYS.1),
    );
    (all.expect("an index"), fetched.expect("an index"))
}

/// Every fragment from the beginning on: when it is of, and whether its device recorded it.
fn played(recorder: &Recorder) -> Vec<(i64, i64, bool)> {
    let (mut reader, mut at_us, mut found) =
        (FootageReader::new(name(1), None), ALWAYS.0, Vec::new());
    while let Some(spot) = reader
        .at_or_after(recorder, at_us, ALWAYS.0, ALWAYS.1)
        .expect("an index")
    {
        let Footage::Fragment(fragment) = reader.read(&spot) else {
            panic!("it cannot be read");
        };
        let from_device = fragment.facts.flags.has(FragmentFlags::FROM_DEVICE);
        if from_device {
            assert_eq!(fragment.facts.clock_error_us, None, "nobody knows");
            assert_eq!(fragment.facts.camera_us, Some(spot.start_us));
        }
        found.push((spot.start_us, spot.end_us, from_device));
        at_us = spot.end_us;
    }
    found
}

fn backwards(recorder: &Recorder) -> Vec<i64> {
    let (mut reader, mut at_us, mut found) =
        (FootageReader::new(name(1), None), ALWAYS.1, Vec::new());
    while let Some(spot) = reader.before(recorder, at_us, ALWAYS.0).expect("an index") {
        found.push(spot.start_us);
        at_us = spot.start_us;
    }
    found.reverse();
    found
}

fn hidden(root: &Path) -> Vec<PathBuf> {
    let mut open = vec![root.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|kind| kind == "part") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn a_gap_is_filled_with_what_the_device_recorded_marked_and_no_picture_twice() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    let began_us = camera.now.wall_us;
    let gap = with_a_gap(&bench, &mut camera);
    let end_us = camera.now.wall_us;
    assert_eq!(spans(&bench.recorder).0.len(), 2);
    let live = files(root.path()).len();

    let fetching = fetch(&bench, &mut camera, gap);
    send(&fetching, &mut camera, 2);
    assert_eq!(
        spans(&bench.recorder).0.len(),
        2,
        "nobody sees it before it is whole"
    );
    assert!(!hidden(root.path()).is_empty());
    assert_eq!(files(root.path()).len(), live);
    send(&fetching, &mut camera, 3); // the device sends on behind what it was asked for
    until("it is full", || fetching.status().full);
    let kept = fetching
        .end(FetchEnd::Whole)
        .expect("a disk")
        .expect("some");
    assert_eq!(
        (kept.start_us, kept.end_us, kept.fragments),
        (gap.0, gap.1, 3)
    );

    let (all, fetched) = spans(&bench.recorder);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(
        fetched,
        [Span {
            start_us: gap.0,
            end_us: gap.1
        }]
    );
    let played_now = played(&bench.recorder);
    let from_device: Vec<bool> = played_now.iter().map(|one| one.2).collect();
    assert_eq!(
        from_device,
        [[false; 4].as_slice(), &[true; 3], &[false; 4]].concat()
    );
    assert_eq!((played_now[0].0, played_now[10].1), (began_us, end_us));
    for pair in played_now.windows(2) {
        assert!((pair[1].0 - pair[0].1).abs() < 2 * PICTURE_US, "{pair:?}");
    }
    let starts: Vec<i64> = played_now.iter().map(|one| one.0).collect();
    assert_eq!(backwards(&bench.recorder), starts);
    assert!(hidden(root.path()).is_empty());
    let counted = bench.recorder.counters();
    assert_eq!(
        (counted.fetched_fragments, counted.fetched_bytes),
        (3, kept.bytes)
    );

    drop(bench);
    let index = root.path().join("footage.db");
    rebuild(&index, &[root.path().join("disk0")]).expect("files");
    let bench = Bench::on_system_disk(root.path(), 1);
    assert_eq!(
        spans(&bench.recorder),
        (all, fetched),
        "the files alone say so"
    );
}

#[test]
fn many_filled_gaps_in_one_hour_are_passed_backwards_without_a_leap() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 500);
    let gaps: Vec<_> = (0..6)
        .map(|_| {
            let gap = with_a_gap(&bench, &mut camera);
            camera.hub = Arc::new(Hub::expecting_sound());
            gap
        })
        .collect();
    let now = camera.now;
    for gap in gaps {
        let fetching = fetch(&bench, &mut camera, gap);
        send(&fetching, &mut camera, 4);
        fetching
            .end(FetchEnd::Whole)
            .expect("a disk")
            .expect("some");
    }
    camera.now = now;
    let starts: Vec<i64> = played(&bench.recorder).iter().map(|one| one.0).collect();
    assert_eq!(starts.len(), 6 * 11);
    assert_eq!(backwards(&bench.recorder), starts);
}

#[test]
fn what_is_cut_short_keeps_whole_groups_and_what_is_let_go_leaves_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    let from_us = camera.now.wall_us - 3_600_000_000;
    let asked = (from_us, from_us + 10 * GROUP_US);

    let fetching = fetch(&bench, &mut camera, asked);
    send(&fetching, &mut camera, 3);
    assert_eq!(fetching.end(FetchEnd::Nothing).expect("a disk"), None);
    drop(fetch(&bench, &mut camera, asked));
    until("nothing is left of it", || hidden(root.path()).is_empty());
    assert!(spans(&bench.recorder).0.is_empty() && files(root.path()).is_empty());

    let fetching = fetch(&bench, &mut camera, asked);
    send(&fetching, &mut camera, 3);
    let kept = fetching
        .end(FetchEnd::Groups)
        .expect("a disk")
        .expect("some");
    assert_eq!((kept.end_us, kept.fragments), (from_us + 2 * GROUP_US, 2));
    assert_eq!(spans(&bench.recorder).1.len(), 1);
}

#[test]
fn a_leap_within_a_recording_ends_it_where_its_time_is_known() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    let from_us = camera.now.wall_us - 3_600_000_000;
    let asked = (from_us, from_us + 60 * GROUP_US);
    let fetching = fetch(&bench, &mut camera, asked);
    send(&fetching, &mut camera, 3);
    camera.pts_90k += 90_000 * 30;
    send(&fetching, &mut camera, 2);
    assert_eq!(fetching.status().trouble, "leap");
    let kept = fetching
        .end(FetchEnd::Groups)
        .expect("a disk")
        .expect("some");
    assert!(kept.end_us <= from_us + 3 * GROUP_US);

    let moved = Arc::new(AtomicU64::new(7));
    let told = Arc::clone(&moved);
    let later = (asked.0 + 100 * GROUP_US, asked.1 + 100 * GROUP_US);
    let fetching = fetch_with(&bench, &mut camera, later, move || {
        told.load(Ordering::SeqCst)
    });
    send(&fetching, &mut camera, 3);
    moved.store(8, Ordering::SeqCst); // the receiver closed a hole whose length nobody knows
    send(&fetching, &mut camera, 1);
    assert_eq!(fetching.status().trouble, "leap");
    let kept = fetching
        .end(FetchEnd::Groups)
        .expect("a disk")
        .expect("some");
    assert_eq!(kept.end_us, later.0 + 2 * GROUP_US);
}

#[test]
fn what_a_kill_left_of_a_fetch_is_removed_by_the_next_start_and_nothing_else() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    with_a_gap(&bench, &mut camera);
    let before = spans(&bench.recorder);
    drop(bench);
    let file = files(root.path()).remove(0);
    let left = file.with_file_name("120000-device.part");
    fs::copy(&file, &left).expect("a disk");
    let bench = Bench::on_system_disk(root.path(), 1);
    until("it is gone", || !left.exists());
    until("all is looked through", || {
        !bench.recorder.counters().looking
    });
    assert_eq!(spans(&bench.recorder), before);
}

#[test]
fn an_index_of_before_is_kept() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    with_a_gap(&bench, &mut Camera::new(50, 2_000));
    let before = spans(&bench.recorder);
    bench.recorder.stop(std::time::Duration::from_secs(5));
    drop(bench);
    let index = root.path().join("footage.db");
    let old = rusqlite::Connection::open(&index).expect("an index");
    old.execute_batch("ALTER TABLE file DROP COLUMN fetched; PRAGMA user_version = 1")
        .expect("the form before");
    drop(old);
    let (_, anew) = Index::open(&index).expect("an index");
    assert!(!anew, "nothing has to be read again");
    let bench = Bench::on_system_disk(root.path(), 1);
    assert_eq!(spans(&bench.recorder), before);
}
