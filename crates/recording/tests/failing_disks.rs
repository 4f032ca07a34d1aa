//! Disks that fill, fail, hang, vanish and come back while streams are being recorded.
mod support;

use recording::{LossReason, RecordingEvent, StreamName, SystemDisk};
use std::ffi::CString;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use support::{
    Bench, Camera, FailingDisk, Fate, config, files, indexed, name, names_within_an_hour, until,
};

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
    )
    .opened();
    let home = names_within_an_hour().find(|stream| {
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
    (bench, fate, home.expect("one of many"))
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

/// A recorder with one folder that does as told.
fn one_disk(
    root: &std::path::Path,
    change: impl FnOnce(&mut recording::RecorderConfig),
) -> (Bench, Arc<Fate>) {
    let fate = Fate::healthy();
    let disk = FailingDisk {
        folder: root.join("disk0"),
        fate: Arc::clone(&fate),
    };
    let mut config = config(root, 1);
    change(&mut config);
    (Bench::with(config, Arc::new(disk)), fate)
}

#[test]
fn a_disk_without_inodes_loses_nothing() {
    let bench = nothing_is_missing(|fate| fate.no_inodes.store(true, Ordering::SeqCst));
    assert!(!bench.recorder.troubles().is_empty());
    fs::remove_dir_all(bench.folders[0].parent().expect("a root")).expect("ours");
}

#[test]
fn nothing_is_told_as_safe_while_something_older_is_not() {
    let root = tempfile::tempdir().expect("a folder");
    let fate = Fate::healthy();
    let folder = root.path().join("disk0");
    let mut config = config(root.path(), 2);
    config.write_behind_bytes = 4_000_000;
    config.folders[1].weight = 0; // nothing begins there
    let disk = FailingDisk {
        folder,
        fate: Arc::clone(&fate),
    };
    let bench = Bench::with(config, Arc::new(disk)).opened();
    let mut camera = Camera::new(10, 20_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 11);
    bench.settle();
    fate.hangs.store(true, Ordering::SeqCst);
    let from = camera.now.wall_us;
    let fragments = || bench.recorder.counters().fragments;
    let before = fragments();
    until("newer fragments are on the other disk", || {
        if bench.recorder.counters().waiting_bytes < 3_000_000 {
            camera.send_all(&mut tap, 10);
        }
        fragments() > before
    });
    let safe = || {
        let status = bench.recorder.status(&name(1)).expect("known");
        status.safe_until_us.expect("something is")
    };
    assert!(safe() <= from, "an older one waits for the disk that hangs");
    tap.finish(camera.now);
    fate.hangs.store(false, Ordering::SeqCst);
    until("all is safe", || safe() == camera.now.wall_us);
    assert_eq!(bench.recorder.counters().lost_fragments, 0);
}

#[test]
fn a_stream_whose_file_cannot_be_made_goes_elsewhere_and_costs_no_other() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, _, stream) = two_disks(root.path());
    for number in 300..340 {
        let place = bench.folders[0].join(name(number).as_str().trim_end_matches("/main"));
        fs::write(place, b"no folder").expect("ours");
    }
    let mut cameras: Vec<_> = (300..340)
        .map(name)
        .chain([stream])
        .map(|stream| {
            let camera = Camera::new(10, 400);
            let tap = bench.recorder.tap(&stream, &camera.hub, camera.now);
            (camera, tap, stream)
        })
        .collect();
    for (camera, tap, _) in &mut cameras {
        camera.send_all(tap, 30);
        tap.finish(camera.now);
    }
    for (camera, _, stream) in &cameras {
        bench.found_until(stream, camera.now.wall_us);
    }
    let counters = bench.recorder.counters();
    assert_eq!(
        (counters.folders_working, counters.lost_fragments),
        (2, 0),
        "{:?}",
        bench.told()
    );
}

#[test]
fn a_process_without_descriptors_loses_what_it_cannot_write_and_keeps_its_folder() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, fate) = one_disk(root.path(), |_| {});
    let mut writing = Camera::new(10, 400);
    let mut tap = bench.recorder.tap(&name(1), &writing.hub, writing.now);
    writing.send_all(&mut tap, 21);
    bench.settle();
    fate.no_descriptors.store(true, Ordering::SeqCst);
    let mut fresh = Camera::new(10, 400);
    let mut second = bench.recorder.tap(&name(2), &fresh.hub, fresh.now);
    fresh.send_all(&mut second, 21);
    writing.send_all(&mut tap, 20);
    tap.finish(writing.now);
    bench.found_until(&name(1), writing.now.wall_us);
    bench.settle();
    let lost = |number| {
        let status = bench.recorder.status(&name(number)).expect("known");
        status.lost_fragments
    };
    assert_eq!((lost(1), lost(2)), (0, 2));
    assert!(bench.recorder.troubles().is_empty());
    fate.no_descriptors.store(false, Ordering::SeqCst);
    fresh.send_all(&mut second, 20);
    second.finish(fresh.now);
    bench.found_until(&name(2), fresh.now.wall_us);
    assert_eq!(lost(2), 2);
}

#[test]
fn a_file_system_that_takes_no_larger_file_gets_another_one() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, fate) = one_disk(root.path(), |_| {});
    fate.largest_file.store(100_000, Ordering::SeqCst);
    let mut camera = Camera::new(10, 4_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 100);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    let counters = bench.recorder.counters();
    assert_eq!((counters.lost_fragments, counters.folders_working), (0, 1));
    assert_eq!(bench.spans(&name(1)).len(), 1);
    assert!(files(&bench.folders[0]).len() >= 4);
}

#[test]
fn a_folder_at_its_reserve_keeps_what_it_has_and_nothing_is_written_twice() {
    let root = tempfile::tempdir().expect("a folder");
    let fate = Fate::healthy();
    let mut config = config(root.path(), 2);
    config.folders[0].reserve_bytes = 1_000;
    config.folders[1].weight = 0;
    let disk = FailingDisk {
        folder: root.path().join("disk0"),
        fate: Arc::clone(&fate),
    };
    let bench = Bench::with(config, Arc::new(disk)).opened();
    let mut camera = Camera::new(10, 4_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    fate.hangs.store(true, Ordering::SeqCst);
    camera.send_all(&mut tap, 41);
    fate.free_bytes.store(500, Ordering::SeqCst); // before they are brought to disk
    fate.hangs.store(false, Ordering::SeqCst);
    until("the folder is full", || {
        bench.recorder.counters().folders_failed == 1
    });
    camera.send_all(&mut tap, 40);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    let found = recording::rebuild(&root.path().join("fresh.db"), &bench.folders);
    let found = found.expect("an index");
    assert_eq!(found.fragments, 9, "each group of pictures once");
}

#[test]
fn a_folder_that_is_gone_gives_back_what_its_open_files_took() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, _, stream) = two_disks(root.path());
    let mut camera = Camera::new(25, 1_000);
    let mut tap = bench.recorder.tap(&stream, &camera.hub, camera.now);
    camera.send_all(&mut tap, 30);
    bench.settle();
    fs::remove_dir_all(&bench.folders[0]).expect("ours");
    let from = camera.now.wall_us;
    camera.send_all(&mut tap, 75);
    tap.finish(camera.now);
    until("the other folder has it", || {
        files(&bench.folders[1])
            .iter()
            .any(|file| file.to_string_lossy().contains(stream.as_str()))
    });
    bench.settle();
    let index = root.path().join("fresh.db");
    recording::rebuild(&index, &bench.folders[1..]).expect("an index");
    let kept: i64 = indexed(&index, &stream)
        .iter()
        .map(|span| span.end_us - span.start_us.max(from))
        .sum();
    assert_eq!(kept, camera.now.wall_us - from);
}

#[test]
fn a_file_gets_its_table_only_when_its_fragments_are_on_disk() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, fate) = one_disk(root.path(), |_| {});
    for streams in [1, 40] {
        let mut cameras: Vec<_> = (0..streams)
            .map(|number| {
                let camera = Camera::new(10, 400);
                let tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
                (camera, tap)
            })
            .collect();
        for size in [true, false, true] {
            for (camera, tap) in &mut cameras {
                camera.other_size = size;
                camera.send_all(tap, 20);
            }
        }
    }
    bench.recorder.stop(Duration::from_secs(10));
    assert_eq!(fate.early_tables.load(Ordering::SeqCst), 0);
    let index = root.path().join("footage.db");
    assert!(!indexed(&index, &name(39)).is_empty());
}

#[test]
fn what_is_on_disk_need_not_stay_in_memory() {
    for streams in [2, 40] {
        // each file synced by itself, and the whole file system at once
        let root = tempfile::tempdir().expect("a folder");
        let (bench, fate) = one_disk(root.path(), |_| {});
        for number in 0..streams {
            let mut camera = Camera::new(10, 4_000);
            let mut tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
            camera.send_all(&mut tap, 30);
            tap.finish(camera.now);
        }
        bench.settle();
        bench.recorder.stop(Duration::from_secs(10));
        let bytes: u64 = files(&bench.folders[0])
            .iter()
            .map(|file| fs::metadata(file).expect("a file").len())
            .sum();
        assert!(bytes > 0);
        assert_eq!(fate.let_go.load(Ordering::SeqCst), bytes);
    }
}

#[test]
fn a_disk_that_hangs_at_the_start_is_told() {
    let root = tempfile::tempdir().expect("a folder");
    let fate = Fate::healthy();
    fate.hangs.store(true, Ordering::SeqCst);
    let disk = FailingDisk {
        folder: root.path().join("disk0"),
        fate: Arc::clone(&fate),
    };
    let bench = Bench::new(root.path(), 1, Arc::new(disk));
    until("the fault is told", || {
        !bench.recorder.troubles().is_empty()
    });
    until("and the event", || {
        matches!(
            bench.told().first(),
            Some(RecordingEvent::FolderFailed { .. })
        )
    });
    fate.hangs.store(false, Ordering::SeqCst);
    until("it works", || {
        bench.recorder.counters().folders_working == 1
    });
}

#[test]
fn a_disk_that_hangs_at_the_start_holds_up_no_other_and_joins_when_it_answers() {
    let root = tempfile::tempdir().expect("a folder");
    let fate = Fate::healthy();
    fate.hangs.store(true, Ordering::SeqCst);
    let disk = FailingDisk {
        folder: root.path().join("disk0"),
        fate: Arc::clone(&fate),
    };
    let bench = Bench::new(root.path(), 2, Arc::new(disk));
    let in_folder = |stream: &StreamName| {
        let status = bench.recorder.status(stream);
        status.and_then(|status| status.folder)
    };
    let mut cameras: Vec<_> = (0..20)
        .map(|number| {
            let camera = Camera::new(10, 400);
            let tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
            (name(number), camera, tap)
        })
        .collect();
    for (stream, camera, tap) in &mut cameras {
        camera.send_all(tap, 21);
        bench.found_until(stream, camera.now.wall_us - support::PICTURE_US);
        assert_eq!(in_folder(stream).as_ref(), Some(&bench.folders[1]));
    }
    assert_eq!(bench.recorder.counters().folders_working, 1);
    fate.hangs.store(false, Ordering::SeqCst);
    until("it joins", || {
        bench.recorder.counters().folders_working == 2
    });
    let mut fresh = (100..200).map(name).filter(|stream| {
        let mut camera = Camera::new(2, 200);
        let mut tap = bench.recorder.tap(stream, &camera.hub, camera.now);
        camera.send_all(&mut tap, 3);
        tap.finish(camera.now);
        in_folder(stream).as_ref() == Some(&bench.folders[0])
    });
    assert!(fresh.next().is_some(), "it takes its share");
    for (stream, camera, tap) in &mut cameras {
        camera.send_all(tap, 20);
        tap.finish(camera.now);
        bench.found_until(stream, camera.now.wall_us);
        assert_eq!(bench.spans(stream).len(), 1, "without a gap");
    }
    assert_eq!(bench.recorder.counters().lost_fragments, 0);
}

#[test]
fn a_disk_that_hangs_while_it_is_looked_through_holds_up_no_other() {
    let root = tempfile::tempdir().expect("a folder");
    let looked = |recorder: &recording::Recorder| !recorder.counters().looking;
    {
        let bench = Bench::on_system_disk(root.path(), 2);
        until("both are looked through", || looked(&bench.recorder));
    }
    let mut other = config(root.path(), 2);
    other.index = root.path().join("other.db");
    other.folders[0].weight = 0; // all goes to the second folder, and the index does not hear of it
    let mut camera = Camera::new(10, 400);
    {
        let bench = Bench::with(other, Arc::new(SystemDisk)).opened();
        let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        camera.send_all(&mut tap, 30);
        tap.finish(camera.now);
        bench.found_until(&name(1), camera.now.wall_us);
    }
    let fate = Fate::healthy();
    fate.hangs_when_looked_through.store(true, Ordering::SeqCst);
    let disk = FailingDisk {
        folder: root.path().join("disk0"),
        fate: Arc::clone(&fate),
    };
    let bench = Bench::new(root.path(), 2, Arc::new(disk));
    until("it hangs", || fate.hangs.load(Ordering::SeqCst));
    bench.found_until(&name(1), camera.now.wall_us);
    until("nobody waits for it", || looked(&bench.recorder));
    let cut = recording::Cut {
        stream: name(1),
        begins_before_us: i64::MAX,
        ends_by_us: i64::MAX,
        held: Vec::new(),
    };
    let old = bench
        .recorder
        .old_files(&[cut], None, 10, true)
        .expect("an index");
    let files: Vec<_> = old.into_iter().map(|(file, _)| file).collect();
    let removed = bench.recorder.remove(&files).expect("its folder answers");
    assert_eq!((removed.files, removed.left.len()), (1, 0));
    fate.hangs_when_looked_through
        .store(false, Ordering::SeqCst);
    fate.hangs.store(false, Ordering::SeqCst);
}

#[test]
fn the_only_disk_that_hangs_is_told_and_waited_for() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, fate) = one_disk(root.path(), |_| {});
    let mut camera = Camera::new(10, 400);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 21);
    bench.settle();
    fate.hangs.store(true, Ordering::SeqCst);
    camera.send_all(&mut tap, 20);
    until("the fault is told", || {
        !bench.recorder.troubles().is_empty()
    });
    until("and the event", || {
        matches!(
            bench.told().first(),
            Some(RecordingEvent::FolderFailed { .. })
        )
    });
    assert_eq!(bench.recorder.counters().folders_working, 0);
    fate.hangs.store(false, Ordering::SeqCst);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    until("it is told that it is well", || {
        matches!(
            bench.told().last(),
            Some(RecordingEvent::FolderRecovered { .. })
        )
    });
    assert_eq!(bench.recorder.counters().lost_fragments, 0);
}

#[test]
fn much_that_waits_is_brought_to_disk_before_its_time() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, fate) = one_disk(root.path(), |config| {
        config.sync_within = Duration::from_secs(3_600);
        config.write_behind_bytes = 4_000_000;
    });
    let mut camera = Camera::new(10, 40_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    fate.sync_ms.store(2_500, Ordering::SeqCst); // the next is not due within the time of this test
    camera.send_all(&mut tap, 11);
    bench.settle();
    fate.sync_ms.store(0, Ordering::SeqCst);
    for _ in 0..30 {
        camera.send_all(&mut tap, 10);
        until("it goes to disk", || {
            bench.recorder.counters().waiting_bytes < 2_000_000
        });
    }
    assert_eq!(bench.recorder.counters().lost_fragments, 0);
    assert!(bench.recorder.counters().fragments >= 20);
}

/// Up to when everything is told to be on disk.
fn safe_until(bench: &Bench, stream: &StreamName) -> Option<i64> {
    let status = bench.recorder.status(stream);
    status.and_then(|status| status.safe_until_us)
}

#[test]
fn a_group_that_is_over_is_brought_to_disk_at_once_where_the_disk_is_quick() {
    for streams in [1, 20] {
        // each file synced by itself, and the whole file system at once
        let root = tempfile::tempdir().expect("a folder");
        let (bench, _) = one_disk(root.path(), |config| {
            config.sync_within = Duration::from_secs(3_600);
        });
        let mut cameras: Vec<_> = (0..streams)
            .map(|number| {
                let camera = Camera::new(10, 400);
                let tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
                (name(number), camera, tap)
            })
            .collect();
        for (_, camera, tap) in &mut cameras {
            camera.send(tap);
        }
        for _ in 0..3 {
            for (stream, camera, tap) in &mut cameras {
                camera.send_all(tap, 10);
                let group_ended_us = camera.now.wall_us - support::PICTURE_US;
                until("all but the open group is on disk", || {
                    safe_until(&bench, stream) == Some(group_ended_us)
                });
            }
        }
    }
}

#[test]
fn nothing_is_told_as_safe_while_it_is_being_brought_to_disk() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, fate) = one_disk(root.path(), |_| {});
    until("nobody looks at what lies in the folder", || {
        !bench.recorder.counters().looking
    });
    let mut camera = Camera::new(10, 400);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    fate.sync_hangs.store(true, Ordering::SeqCst);
    camera.send_all(&mut tap, 11);
    until("it is written", || {
        files(&bench.folders[0])
            .iter()
            .any(|file| fs::metadata(file).expect("a file").len() > 4_000)
    });
    until("and its sync does not end", || {
        !bench.recorder.troubles().is_empty()
    });
    assert_eq!(safe_until(&bench, &name(1)), None);
    assert_eq!(bench.spans(&name(1)), []);
    fate.sync_hangs.store(false, Ordering::SeqCst);
    bench.found_until(&name(1), camera.now.wall_us - support::PICTURE_US);
    assert!(safe_until(&bench, &name(1)).is_some());
}

#[test]
fn what_is_over_while_a_sync_takes_long_is_written_and_held_within_the_bound() {
    let root = tempfile::tempdir().expect("a folder");
    let bound = 400_000;
    let (bench, fate) = one_disk(root.path(), |config| config.write_behind_bytes = bound);
    let mut camera = Camera::new(10, 4_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    fate.sync_hangs.store(true, Ordering::SeqCst);
    camera.send_all(&mut tap, 11);
    until("a sync begins", || {
        fate.syncs_begun.load(Ordering::SeqCst) > 0
    });
    while bench.recorder.counters().lost_fragments == 0 {
        camera.send(&mut tap);
        assert!(bench.recorder.counters().waiting_bytes <= bound as u64);
    }
    let kept = bench.recorder.counters().waiting_bytes;
    until("what is kept in memory stands in the file too", || {
        let written = files(&bench.folders[0]);
        let sizes = written
            .iter()
            .map(|one| fs::metadata(one).expect("a file").len());
        sizes.sum::<u64>() >= kept
    });
    assert_eq!(safe_until(&bench, &name(1)), None);
    fate.sync_hangs.store(false, Ordering::SeqCst);
    bench.settle();
    let status = bench.recorder.status(&name(1)).expect("known");
    assert!(status.fragments >= 8, "{status:?}");
}

#[test]
fn a_disk_whose_syncs_take_half_a_second_is_synced_seldom_and_loses_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let latest = Duration::from_secs(1);
    let (bench, fate) = one_disk(root.path(), |config| config.sync_within = latest);
    fate.sync_ms.store(500, Ordering::SeqCst);
    let mut cameras: Vec<_> = (0..20)
        .map(|number| {
            let camera = Camera::new(5, 400);
            let tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
            (name(number), camera, tap)
        })
        .collect();
    let syncs = || fate.syncs.lock().expect("whole").clone();
    let mut safe = vec![None; cameras.len()];
    until("it was synced four times", || {
        for ((stream, camera, tap), before) in cameras.iter_mut().zip(&mut safe) {
            camera.send(tap);
            let now = safe_until(&bench, stream);
            assert!(*before <= now && now < Some(camera.now.wall_us), "in order");
            *before = now;
        }
        std::thread::sleep(Duration::from_millis(10));
        syncs().len() >= 4
    });
    for pair in syncs().windows(2) {
        assert!(
            pair[1].0 - pair[0].1 >= latest,
            "one ended, another began: {pair:?}"
        );
    }
    fate.sync_ms.store(0, Ordering::SeqCst);
    for (stream, camera, tap) in &mut cameras {
        tap.finish(camera.now);
        bench.found_until(stream, camera.now.wall_us);
        assert_eq!(bench.spans(stream).len(), 1, "without a gap");
    }
    let counters = bench.recorder.counters();
    assert_eq!((counters.lost_fragments, counters.folders_working), (0, 1));
}

/// A file system of its own in memory; the test is said to be skipped where nobody may mount one.
struct Mounted(CString);

impl Mounted {
    fn new(at: &std::path::Path, options: &str) -> Option<Self> {
        let text = |text: &str| CString::new(text).expect("no zero");
        let (kind, options) = (text("tmpfs"), text(options));
        let at = CString::new(at.as_os_str().as_encoded_bytes()).expect("no zero");
        // SAFETY: strings that live for the whole call.
        let mounted = unsafe {
            libc::mount(
                kind.as_ptr(),
                at.as_ptr(),
                kind.as_ptr(),
                0,
                options.as_ptr().cast(),
            )
        };
        if mounted != 0 {
            eprintln!(
                "skipped, for it may mount nothing: {}",
                io::Error::last_os_error()
            );
            return None;
        }
        Some(Self(at))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // SAFETY: a string that lives for the whole call; what is open below goes with its files.
        unsafe { libc::umount2(self.0.as_ptr(), libc::MNT_DETACH) };
    }
}

#[test]
fn a_file_system_that_is_really_full_gives_its_streams_away_and_takes_them_when_there_is_room() {
    let root = tempfile::tempdir().expect("a folder");
    let full = root.path().join("disk0");
    fs::create_dir(&full).expect("ours");
    let all = ["size=2m", "size=200m,nr_inodes=40"];
    for (round, options) in all.into_iter().enumerate() {
        let name = |number: usize| name(100 * round + number);
        let Some(mounted) = Mounted::new(&full, options) else {
            return;
        };
        let mut config = config(root.path(), 2);
        config.index = root.path().join(format!("{options}.db"));
        config.folders[1].weight = 0; // nothing begins there
        let bench = Bench::with(config, Arc::new(SystemDisk)).opened();
        let mut cameras: Vec<_> = (0..40)
            .map(|number| {
                let camera = Camera::new(10, 2_000);
                let tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
                (camera, tap)
            })
            .collect();
        let folders = || {
            let counters = bench.recorder.counters();
            (counters.folders_working, counters.folders_failed)
        };
        until("the disk is full", || {
            for (camera, tap) in &mut cameras {
                camera.send_all(tap, 10);
            }
            bench.settle();
            folders() == (1, 1)
        });
        let failed = Instant::now();
        for (number, (camera, tap)) in cameras.iter_mut().enumerate() {
            camera.send_all(tap, 10);
            tap.finish(camera.now);
            bench.found_until(&name(number), camera.now.wall_us);
            let spans = bench.spans(&name(number));
            let whole = spans[0].start_us <= camera.began_us + support::PICTURE_US;
            assert!(spans.len() == 1 && whole, "{options}: {spans:?}");
        }
        assert!(
            failed.elapsed() < Duration::from_secs(60),
            "{:?}",
            failed.elapsed()
        );
        assert_eq!(bench.recorder.counters().lost_fragments, 0);
        for entry in fs::read_dir(&full).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                fs::remove_dir_all(path).expect("ours"); // a stream's footage
            }
        }
        until("there is room again", || folders() == (2, 0));
        drop((cameras, bench, mounted));
    }
}
