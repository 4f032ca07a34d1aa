//! Disks that fill, fail, hang, vanish and come back while streams are being recorded.
mod support;

use recording::{LossReason, RecordingEvent, StreamName};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use support::{Bench, Camera, FailingDisk, Fate, config, files, indexed, name, until};

/// A recorder with two folders, of which the first does as told, and a stream that is at home there.
fn two_disks(root: &std::path::Path) -> (Bench, Arc<Fate>, StreamName) {
    let fate = Fate::healthy();
    let folder = root.join("disk0");
    let bench = Bench::new(
        root,
        2,
        Arc::new(FailingDisk {
            folder: folder.clone(),
            fate: Arc::clone(&fate),
        }),
    );
    let home = (0..100).map(name).find(|stream| {
        let mut camera = Camera::new(2, 200);
        let mut tap = bench.recorder.tap(stream, &camera.hub, camera.now);
        camera.send_all(&mut tap, 3);
        tap.finish(camera.now);
        bench
            .recorder
            .status(stream)
            .and_then(|status| status.folder)
            == Some(folder.clone())
    });
    bench.settle();
    (bench, fate, home.expect("one of a hundred"))
}

fn pictures_found(bench: &Bench, stream: &StreamName, from_us: i64, to_us: i64) -> i64 {
    bench
        .spans(stream)
        .iter()
        .map(|span| (span.end_us.min(to_us) - span.start_us.max(from_us)).max(0))
        .sum()
}

/// Records, lets the first disk fail in the midst of it, and sees that nothing is missing.
fn nothing_is_missing(fail: impl FnOnce(&Fate)) -> Bench {
    let root = tempfile::tempdir().expect("a folder").keep();
    let (bench, fate, stream) = two_disks(&root);
    let mut camera = Camera::new(25, 4_000);
    camera.now.wall_us += 10_000_000; // behind what made it at home there
    let from = camera.now.wall_us;
    let mut tap = bench.recorder.tap(&stream, &camera.hub, camera.now);
    camera.send_all(&mut tap, 60);
    fail(&fate);
    let failed = Instant::now();
    let moved = |event: &RecordingEvent| matches!(event, RecordingEvent::StreamMoved { stream: one, .. } if *one == stream);
    until("the stream moves", || {
        camera.send(&mut tap);
        bench.told().iter().any(moved)
    });
    assert!(
        failed.elapsed() < Duration::from_secs(5),
        "{:?}",
        failed.elapsed()
    );
    camera.send_all(&mut tap, 60);
    tap.finish(camera.now);
    bench.found_until(&stream, camera.now.wall_us);
    bench.settle();
    assert_eq!(
        pictures_found(&bench, &stream, from, camera.now.wall_us),
        camera.now.wall_us - from,
        "{:?}",
        bench.spans(&stream)
    );
    assert_eq!(
        bench
            .recorder
            .status(&stream)
            .expect("known")
            .lost_fragments,
        0
    );
    fate.hangs.store(false, Ordering::SeqCst);
    bench
}

#[test]
fn a_disk_that_fills_in_the_midst_of_a_fragment_loses_nothing() {
    let bench = nothing_is_missing(|fate| fate.fail_after(1_234, io::ErrorKind::StorageFull));
    assert!(matches!(
        &bench.told()[0],
        RecordingEvent::FolderFailed { .. }
    ));
    assert_eq!(bench.recorder.troubles().len(), 1);
    fs::remove_dir_all(bench.folders[0].parent().expect("a root")).expect("ours");
}

#[test]
fn a_disk_that_becomes_read_only_loses_nothing() {
    let bench = nothing_is_missing(|fate| fate.fail_after(0, io::ErrorKind::ReadOnlyFilesystem));
    fs::remove_dir_all(bench.folders[0].parent().expect("a root")).expect("ours");
}

#[test]
fn a_disk_whose_writes_are_lost_at_the_sync_loses_nothing() {
    let bench = nothing_is_missing(|fate| fate.sync_fails.store(true, Ordering::SeqCst));
    fs::remove_dir_all(bench.folders[0].parent().expect("a root")).expect("ours");
}

#[test]
fn a_disk_that_hangs_is_left_within_five_seconds_and_loses_nothing() {
    let bench = nothing_is_missing(|fate| fate.hangs.store(true, Ordering::SeqCst));
    fs::remove_dir_all(bench.folders[0].parent().expect("a root")).expect("ours");
}

#[test]
fn a_folder_that_vanishes_is_left_and_taken_again_when_it_is_back() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, _, stream) = two_disks(root.path());
    let (here, away) = (bench.folders[0].clone(), root.path().join("away"));
    let mut camera = Camera::new(25, 1_000);
    let mut tap = bench.recorder.tap(&stream, &camera.hub, camera.now);
    camera.send_all(&mut tap, 30);
    fs::rename(&here, &away).expect("a folder");
    until("the folder is missed", || {
        bench.recorder.counters().folders_failed == 1
    });
    camera.send_all(&mut tap, 60);
    bench.settle();
    fs::create_dir(&here).expect("an empty mount point");
    until("the empty folder is told from the full one", || {
        bench
            .recorder
            .troubles()
            .iter()
            .any(|(_, why)| why.contains("not mounted"))
    });
    assert_eq!(files(&here), [] as [PathBuf; 0]);
    fs::remove_dir(&here).expect("still empty");
    fs::rename(&away, &here).expect("back");
    until("the folder works again", || {
        bench.recorder.counters().folders_working == 2
    });
    assert!(
        bench
            .told()
            .contains(&RecordingEvent::FolderRecovered { folder: here })
    );
    camera.send_all(&mut tap, 30);
    tap.finish(camera.now);
    bench.found_until(&stream, camera.now.wall_us);
    assert_eq!(bench.recorder.counters().lost_fragments, 0);
}

#[test]
fn without_a_folder_the_loss_is_told_once_and_recording_goes_on_when_there_is_room() {
    let root = tempfile::tempdir().expect("a folder");
    let fate = Fate::healthy();
    let disk = FailingDisk {
        folder: root.path().join("disk0"),
        fate: Arc::clone(&fate),
    };
    let bench = Bench::new(root.path(), 1, Arc::new(disk));
    let mut camera = Camera::new(25, 1_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 30);
    bench.found_until(&name(1), camera.began_us + 1_000_000);
    fate.fail_after(0, io::ErrorKind::StorageFull);
    until("the disk is full", || {
        camera.send(&mut tap);
        bench.recorder.counters().folders_failed == 1
    });
    camera.send_all(&mut tap, 200);
    let lost = |bench: &Bench| {
        bench
            .told()
            .iter()
            .filter(|event| {
                matches!(
                    event,
                    RecordingEvent::FootageLost {
                        reason: LossReason::NoFolder,
                        ..
                    }
                )
            })
            .count()
    };
    assert_eq!(lost(&bench), 1);
    fate.fail_after(-1, io::ErrorKind::StorageFull);
    until("there is room again", || {
        bench.recorder.counters().folders_working == 1
    });
    camera.send_all(&mut tap, 60);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    assert_eq!(
        bench.spans(&name(1)).len(),
        2,
        "with the gap between: {:?}",
        bench.spans(&name(1))
    );
    assert_eq!(lost(&bench), 1);
}

#[test]
fn a_disk_slower_than_the_cameras_holds_up_no_more_than_the_bound_and_says_so() {
    let root = tempfile::tempdir().expect("a folder");
    let fate = Fate::healthy();
    let disk = FailingDisk {
        folder: root.path().join("disk0"),
        fate: Arc::clone(&fate),
    };
    let mut config = config(root.path(), 1);
    config.write_behind_bytes = 400_000;
    let bench = Bench::with(config, Arc::new(disk));
    fate.pause_ms.store(500, Ordering::SeqCst);
    let mut camera = Camera::new(10, 4_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    let began = Instant::now();
    for _ in 0..400 {
        camera.send(&mut tap);
        assert!(bench.recorder.counters().waiting_bytes <= 400_000);
    }
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "a slow disk holds nobody up"
    );
    assert!(bench.told().iter().any(|event| matches!(
        event,
        RecordingEvent::FootageLost {
            reason: LossReason::TooSlow,
            ..
        }
    )));
    fate.pause_ms.store(0, Ordering::SeqCst);
    bench.settle();
    let status = bench.recorder.status(&name(1)).expect("known");
    assert!(
        status.fragments >= 2 && status.lost_fragments >= 20,
        "{status:?}"
    );
}

#[test]
fn a_slow_disk_gives_its_streams_to_one_that_keeps_up() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, fate, _) = two_disks(root.path());
    fate.pause_ms.store(500, Ordering::SeqCst);
    let mut cameras: Vec<_> = (0..30)
        .map(|number| {
            let camera = Camera::new(25, 40_000);
            let tap = bench
                .recorder
                .tap(&name(200 + number), &camera.hub, camera.now);
            (camera, tap)
        })
        .collect();
    for _ in 0..4 {
        until("the other disk is done", || {
            bench.recorder.counters().waiting_bytes <= 33_000_000
        });
        for (camera, tap) in &mut cameras {
            camera.send_all(tap, 25);
        }
    }
    cameras
        .iter_mut()
        .for_each(|(camera, tap)| tap.finish(camera.now));
    fate.pause_ms.store(0, Ordering::SeqCst);
    bench.settle();
    assert!(
        bench
            .told()
            .iter()
            .any(|event| matches!(event, RecordingEvent::StreamMoved { .. })),
        "{:?}",
        bench.told()
    );
}

#[test]
fn a_disk_that_hangs_does_not_keep_the_node_from_ending() {
    let root = tempfile::tempdir().expect("a folder");
    let fate = Fate::healthy();
    let disk = FailingDisk {
        folder: root.path().join("disk0"),
        fate: Arc::clone(&fate),
    };
    let bench = Bench::new(root.path(), 1, Arc::new(disk));
    let mut camera = Camera::new(25, 1_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 30);
    bench.found_until(&name(1), camera.now.wall_us - 1_000_000);
    fate.hangs.store(true, Ordering::SeqCst);
    camera.send_all(&mut tap, 60);
    let began = Instant::now();
    bench.recorder.stop(Duration::from_millis(300));
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(!indexed(&root.path().join("footage.db"), &name(1)).is_empty());
    fate.hangs.store(false, Ordering::SeqCst);
}
