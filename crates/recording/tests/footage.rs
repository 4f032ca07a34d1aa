//! Streams in, files out: what is kept, where it is found, and what it costs.
mod support;

use fragmented_mp4::{Track, read_movie_fragment};
use media_types::Codec;
use recording::{
    Found, FragmentFlags, Located, LossReason, RecordingEvent, Scan, SystemDisk, Verify, rebuild,
};
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use support::{Bench, Camera, files, indexed, name, until};

fn fragments(path: &Path) -> Vec<Located> {
    let file = File::open(path).expect("a file");
    let scan = Scan::new(&file, Verify::Everything).expect("readable");
    scan.filter_map(|found| match found.expect("readable") {
        Found::Fragment(_, located) => Some(located),
        Found::Other(_) => None,
    })
    .collect()
}

/// The pictures of a file, each as it was sent, and the bytes of sound.
fn played(path: &Path) -> (Vec<Vec<u8>>, usize) {
    let bytes = fs::read(path).expect("a file");
    let (mut pictures, mut sound) = (Vec::new(), 0);
    for one in fragments(path) {
        let body = &bytes[(one.offset + u64::from(one.head_bytes)) as usize..one.end() as usize];
        for run in read_movie_fragment(body).expect("a movie fragment") {
            for sample in run.samples {
                let at = sample.offset as usize;
                let mut rest = &body[at..at + sample.sample.size as usize];
                if run.track == Track::Sound {
                    sound += rest.len();
                    continue;
                }
                let mut picture = Vec::new();
                while let Some((length, behind)) = rest.split_first_chunk::<4>() {
                    let length = u32::from_be_bytes(*length) as usize;
                    picture.extend_from_slice(&elementary::START_CODE);
                    picture.extend_from_slice(&behind[..length]);
                    rest = &behind[length..];
                }
                pictures.push(picture);
            }
        }
    }
    (pictures, sound)
}

#[test]
fn every_byte_of_every_picture_is_kept_and_found() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 20_000); // 4 Mbit/s
    let began = camera.now.wall_us;
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 275);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    let spans = bench.spans(&name(1));
    assert_eq!(spans.len(), 1);
    assert!(
        (spans[0].start_us - began).abs() <= support::PICTURE_US,
        "the ring begins with the first picture"
    );
    let status = bench.recorder.status(&name(1)).expect("known");
    assert_eq!(
        (status.fragments, status.lost_fragments, status.recording),
        (6, 0, true)
    );
    assert_eq!(status.safe_until_us, Some(camera.now.wall_us));
    drop(tap);
    bench.recorder.stop(std::time::Duration::from_secs(5));
    let files = files(&bench.folders[0]);
    assert!(
        (1..=2).contains(&files.len()),
        "one file, or two over the end of an hour"
    );
    let (mut pictures, mut sound) = (Vec::new(), 0);
    for file in &files {
        let (more, heard) = played(file);
        pictures.extend(more);
        sound += heard;
    }
    assert!(
        pictures
            == camera
                .sent
                .iter()
                .map(|one| one.to_vec())
                .collect::<Vec<_>>()
    );
    assert_eq!(sound % 320, 0);
    assert!(sound >= 320 * 200, "sound: {sound}");
    let written: u64 = files
        .iter()
        .map(|file| fs::metadata(file).expect("a file").len())
        .sum();
    assert!(
        written * 100 <= camera.sent_bytes() * 102,
        "{written} for {}",
        camera.sent_bytes()
    );
    assert!(bench.told().is_empty());
}

#[test]
fn facts_tell_key_frames_activity_clock_error_and_what_follows_what() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 1_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 50);
    camera.camera_ahead_us = Some(20_000_000);
    camera.send_all(&mut tap, 25);
    let since_power_on_us = 2_085_978_496_000_000 + 60_000_000;
    camera.camera_ahead_us = Some(since_power_on_us - camera.now.wall_us);
    camera.send_all(&mut tap, 25);
    tap.finish(camera.now);
    bench.settle();
    let found: Vec<Located> = files(&bench.folders[0])
        .iter()
        .flat_map(|file| fragments(file))
        .collect();
    assert_eq!(found.len(), 4);
    for (number, one) in found.iter().enumerate() {
        let facts = one.facts;
        assert!(facts.flags.has(FragmentFlags::KEY));
        assert_eq!(facts.flags.has(FragmentFlags::FOLLOWS), number > 0);
        assert_eq!(
            (
                facts.sequence as usize,
                facts.pictures,
                facts.clock_error_us
            ),
            (number, 25, Some(1_500))
        );
        assert_eq!((facts.key_bytes, facts.other_bytes), (1_000, 24_000));
        let ahead_us = facts.camera_us.map(|camera_us| camera_us - facts.start_us);
        assert_eq!(ahead_us, (number == 2).then_some(20_000_000));
    }
    for pair in found.windows(2) {
        assert_eq!(pair[0].facts.end_us, pair[1].facts.start_us);
    }
}

#[test]
fn a_clock_that_is_steered_leaves_no_hole_between_fragments() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    for steered in [0, 1, -1, 300, -300_000] {
        camera.now.wall_us += steered;
        camera.send_all(&mut tap, 25);
    }
    tap.finish(camera.now);
    bench.settle();
    let found: Vec<Located> = files(&bench.folders[0])
        .iter()
        .flat_map(|file| fragments(file))
        .collect();
    assert_eq!(found.len(), 5);
    for pair in found.windows(2) {
        assert_eq!(pair[0].facts.end_us, pair[1].facts.start_us);
        assert!(!pair[1].facts.flags.has(FragmentFlags::CLOCK_SET));
    }
    let last = found[4].facts;
    assert_eq!(last.end_us - last.start_us, 1_000_000);
}

#[test]
fn a_group_that_a_clock_goes_back_over_lasts_as_long_as_it_did() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(5, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 5);
    camera.now.wall_us -= 400_000;
    camera.send_all(&mut tap, 5);
    tap.finish(camera.now);
    bench.settle();
    let lasted: Vec<i64> = files(&bench.folders[0])
        .iter()
        .flat_map(|file| fragments(file))
        .map(|one| one.facts.end_us - one.facts.start_us)
        .collect();
    assert_eq!(lasted, [200_000, 200_000]);
}

#[test]
fn a_clock_that_is_set_by_an_hour_loses_nothing_and_is_marked() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    let mut kept = Vec::new(); // what was recorded by the clock as it was then
    for leap in [
        0,
        3_600_000_000,
        -3_600_000_000,
        -3_600_000_000,
        86_400_000_000,
    ] {
        camera.now.wall_us += leap;
        let from = camera.now.wall_us;
        camera.send_all(&mut tap, 50);
        kept.push((from, camera.now.wall_us));
    }
    tap.finish(camera.now);
    bench.settle();
    let found: Vec<Located> = files(&bench.folders[0])
        .iter()
        .flat_map(|file| fragments(file))
        .collect();
    assert_eq!(found.len(), 10);
    let set = found
        .iter()
        .filter(|one| one.facts.flags.has(FragmentFlags::CLOCK_SET))
        .count();
    assert_eq!(set, 4);
    let pictures: usize = files(&bench.folders[0])
        .iter()
        .map(|file| played(file).0.len())
        .sum();
    assert_eq!(pictures, camera.sent.len());
    kept.sort_unstable();
    bench.settle();
    until("the index tells exactly these times", || {
        let spans = bench.spans(&name(1));
        kept.iter()
            .copied()
            .eq(spans.iter().map(|span| (span.start_us, span.end_us)))
    });
}

#[test]
fn without_a_key_frame_for_a_minute_the_group_is_kept_in_parts() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(1_600, 200);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 1_550);
    tap.finish(camera.now);
    bench.settle();
    let found: Vec<Located> = files(&bench.folders[0])
        .iter()
        .flat_map(|file| fragments(file))
        .collect();
    assert_eq!(found.len(), 7);
    assert_eq!(
        found
            .iter()
            .filter(|one| one.facts.flags.has(FragmentFlags::KEY))
            .count(),
        1
    );
    assert!(
        found[1..]
            .iter()
            .all(|one| one.facts.flags.has(FragmentFlags::FOLLOWS))
    );
    bench.found_until(&name(1), camera.now.wall_us);
    assert_eq!(bench.spans(&name(1)).len(), 1);
}

#[test]
fn another_codec_begins_another_file_and_no_picture_is_lost() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    for codec in [Codec::H264, Codec::H265, Codec::H264] {
        camera.codec = codec;
        camera.send_all(&mut tap, 50);
    }
    tap.finish(camera.now);
    bench.settle();
    let files = files(&bench.folders[0]);
    let pictures: Vec<Vec<u8>> = files.iter().flat_map(|file| played(file).0).collect();
    assert_eq!(files.len(), 3);
    assert_eq!(pictures, camera.sent);
    bench.found_until(&name(1), camera.now.wall_us);
    assert_eq!(bench.spans(&name(1)).len(), 1, "and none of the time");
}

#[test]
fn another_size_begins_another_file_and_no_picture_is_lost() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 50);
    camera.other_size = true;
    camera.send_all(&mut tap, 50);
    tap.finish(camera.now);
    bench.settle();
    let files = files(&bench.folders[0]);
    assert!(files.len() >= 2);
    let pictures: usize = files.iter().map(|file| played(file).0.len()).sum();
    assert_eq!(pictures, 100);
    bench.found_until(&name(1), camera.now.wall_us);
    assert_eq!(bench.spans(&name(1)).len(), 1, "and none of the time");
}

#[test]
fn a_camera_with_wild_time_stamps_is_found_by_the_nodes_clock() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    for leap in [
        0,
        90_000 * 86_400,
        -90_000 * 86_400 * 2,
        1,
        i64::from(u32::MAX),
        -5,
    ] {
        camera.pts_90k += leap;
        camera.send_all(&mut tap, 50);
    }
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us - 1_000_000);
    bench.settle();
    let spans = bench.spans(&name(1));
    let recorded: i64 = spans.iter().map(|span| span.end_us - span.start_us).sum();
    assert!((11_000_000..=12_500_000).contains(&recorded), "{spans:?}");
    let pictures: usize = files(&bench.folders[0])
        .iter()
        .map(|file| played(file).0.len())
        .sum();
    assert_eq!(pictures, 300);
}

#[test]
fn a_stream_that_falls_silent_keeps_nothing_in_memory() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 10);
    let ended = camera.now.wall_us;
    camera.now.wall_us += 3_100_000;
    camera.now.steady_us += 3_100_000;
    tap.tick(camera.now);
    bench.found_until(&name(1), ended - 40_000);
    assert!(
        bench.spans(&name(1))[0].end_us <= ended + 40_000,
        "the silence is no footage"
    );
}

#[test]
fn streams_share_the_folders() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 3);
    for number in 0..60 {
        let mut camera = Camera::new(5, 300);
        let mut tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
        camera.send_all(&mut tap, 10);
        tap.finish(camera.now);
    }
    bench.settle();
    for folder in &bench.folders {
        assert!(
            (8..=32).contains(&files(folder).len()),
            "{folder:?}: {}",
            files(folder).len()
        );
    }
    bench.recorder.stop(std::time::Duration::from_secs(5));
    let index = root.path().join("footage.db");
    let before: Vec<_> = (0..60)
        .map(|number| indexed(&index, &name(number)))
        .collect();
    drop(bench.recorder);
    for damage in ["deleted", "cut", "overwritten"] {
        match damage {
            "deleted" => fs::remove_file(&index).expect("it is there"),
            "cut" => File::options()
                .write(true)
                .open(&index)
                .and_then(|file| file.set_len(5_000))
                .expect("it is there"),
            _ => fs::write(&index, b"no database at all").expect("a file"),
        }
        let found = rebuild(&index, &bench.folders).expect("readable");
        assert!(
            found.fragments == 120 && found.damaged_bytes == 0 && found.unreadable.is_empty(),
            "{damage}: {found:?}"
        );
        let after: Vec<_> = (0..60)
            .map(|number| indexed(&index, &name(number)))
            .collect();
        assert_eq!(before, after, "{damage}");
    }
}

#[test]
fn a_damaged_index_is_put_aside_and_filled_again_while_recording_goes_on() {
    let root = tempfile::tempdir().expect("a folder");
    let ended = {
        let bench = Bench::on_system_disk(root.path(), 1);
        let mut camera = Camera::new(25, 500);
        let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        camera.send_all(&mut tap, 50);
        tap.finish(camera.now);
        camera.now.wall_us
    };
    let index = root.path().join("footage.db");
    for text in [&b"no database at all"[..], b""] {
        fs::write(&index, text).expect("a file");
        let bench = Bench::on_system_disk(root.path(), 1);
        bench.found_until(&name(1), ended);
        let in_use = rebuild(&index, &bench.folders).expect_err("a recorder has it");
        assert!(in_use.to_string().contains("in use"), "{in_use}");
    }
}

#[test]
fn a_file_that_is_being_written_is_not_ended_by_whoever_takes_it_for_an_old_one() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 60);
    bench.settle();
    let path = files(&bench.folders[0]).pop().expect("a file");
    let file = File::options().write(true).open(&path).expect("its file");
    file.set_modified(SystemTime::UNIX_EPOCH).expect("a time"); // as after a clock that was put back
    let written = fs::metadata(&path).expect("a file").len();
    let mut config = support::config(root.path(), 1);
    config.index = root.path().join("another.db");
    let other = Bench::with(config, Arc::new(SystemDisk));
    until("it is found", || !other.spans(&name(1)).is_empty());
    assert_eq!(fs::metadata(&path).expect("a file").len(), written);
    camera.send_all(&mut tap, 60);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    drop(bench);
    assert_eq!(played(&path).0.len(), 120);
}

#[test]
fn what_lies_beside_a_folder_that_nobody_may_read_is_found() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 50);
    tap.finish(camera.now);
    bench.settle();
    let folder = bench.folders[0].clone();
    drop(bench);
    fs::create_dir(folder.join("lost+found")).expect("a folder");
    fs::write(
        folder.join("lost+found").join("1.mp4"),
        b"of the file system",
    )
    .expect("a file");
    let found = rebuild(
        &root.path().join("fresh.db"),
        &[folder, root.path().join("none")],
    )
    .expect("an index");
    assert_eq!(found.files, 1);
    assert_eq!(found.unreadable.len(), 1, "the folder that is not there");
    assert!(!indexed(&root.path().join("fresh.db"), &name(1)).is_empty());
}

#[test]
fn a_burst_of_many_groups_of_pictures_is_kept_whole() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(10, 2_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 5);
    camera.burst(300);
    camera.other_size = true;
    camera.burst(100);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    assert_eq!(bench.recorder.counters().lost_fragments, 0);
    drop((tap, bench.recorder));
    let files = files(&bench.folders[0]);
    let kept: Vec<usize> = files.iter().map(|file| played(file).0.len()).collect();
    assert_eq!(kept.iter().sum::<usize>(), 405);
    assert!(
        kept.contains(&95),
        "what had another size has a file of its own: {kept:?}"
    );
}

#[test]
fn a_burst_beyond_all_bounds_is_counted_and_told() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(10, 100);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 20);
    camera.burst(2_000);
    tap.finish(camera.now);
    let status = bench.recorder.status(&name(1)).expect("known");
    assert_eq!(status.lost_fragments, 1, "the ring had to let some go");
    let reason = LossReason::Overrun;
    let overrun = |event: &RecordingEvent| matches!(event, RecordingEvent::FootageLost { reason: why, .. } if *why == reason);
    assert!(bench.told().iter().any(overrun));
}

#[test]
fn midnight_and_the_end_of_summer_time_leave_no_gap() {
    for midnight in [1_793_750_400_i64, 1_792_890_000] {
        // 2026-11-04 00:00 UTC; 2026-10-25 01:00 UTC, when Europe's clocks go back
        let root = tempfile::tempdir().expect("a folder");
        let bench = Bench::on_system_disk(root.path(), 1);
        let mut camera = Camera::new(25, 500);
        camera.now.wall_us = midnight * 1_000_000 - 4_000_000;
        let from = camera.now.wall_us;
        let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        camera.send_all(&mut tap, 200);
        tap.finish(camera.now);
        bench.found_until(&name(1), camera.now.wall_us);
        let spans = bench.spans(&name(1));
        assert_eq!(
            (spans.len(), spans[0].start_us, spans[0].end_us),
            (1, from, camera.now.wall_us)
        );
    }
}

#[test]
fn files_of_many_streams_do_not_end_together() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut cameras: Vec<_> = (0..40)
        .map(|number| {
            let mut camera = Camera::new(10, 300);
            camera.now.wall_us = 1_793_750_400_000_000 - 2_000_000; // two seconds before a full hour
            let tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
            (camera, tap)
        })
        .collect();
    for (camera, tap) in &mut cameras {
        camera.send_all(tap, 100);
        tap.finish(camera.now);
    }
    bench.settle();
    let made = files(&bench.folders[0]).len();
    assert!(
        (40..=42).contains(&made),
        "{made} files of 40 streams over a full hour"
    );
}

#[test]
fn an_index_that_is_removed_or_cut_while_it_is_in_use_is_made_anew() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut old = Camera::new(10, 500);
    let mut tap = bench.recorder.tap(&name(2), &old.hub, old.now);
    old.send_all(&mut tap, 40);
    tap.finish(old.now);
    bench.found_until(&name(2), old.now.wall_us);
    let index = root.path().join("footage.db");
    let mut camera = Camera::new(10, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    for damage in ["removed", "cut"] {
        if damage == "removed" {
            for suffix in ["", "-wal", "-shm"] {
                let file = root.path().join(format!("footage.db{suffix}"));
                fs::remove_file(file).expect("it is there");
            }
        } else {
            fs::write(&index, b"no database any more").expect("a file");
        }
        until("all is found again", || {
            camera.send_all(&mut tap, 10);
            bench.settle();
            let ends = |stream: usize| {
                let spans = bench.recorder.spans(&name(stream), 0, i64::MAX / 2);
                let last = spans.ok().and_then(|spans| spans.last().copied());
                last.map_or(0, |span| span.end_us)
            };
            let in_file = fs::read(&index).is_ok_and(|bytes| bytes.starts_with(b"SQLite"));
            in_file && ends(2) == old.now.wall_us && ends(1) > camera.now.wall_us - 2_000_000
        });
    }
}

#[test]
fn an_index_that_is_damaged_within_is_found_out_and_made_anew() {
    let root = tempfile::tempdir().expect("a folder");
    let mut old = Camera::new(10, 500);
    {
        let bench = Bench::on_system_disk(root.path(), 1);
        for number in 2..40 {
            let mut tap = bench.recorder.tap(&name(number), &old.hub, old.now);
            old.send_all(&mut tap, 20);
            tap.finish(old.now);
        }
        bench.found_until(&name(39), old.now.wall_us);
    }
    let index = root.path().join("footage.db");
    let mut bytes = fs::read(&index).expect("a file");
    bytes[5 * 4_096..].fill(0x5A); // the table of files: what opening it reads is whole
    fs::write(&index, bytes).expect("a file");
    let bench = Bench::on_system_disk(root.path(), 1);
    let aside = root.path().join("footage.db.damaged");
    until("it is found out, with nobody asking", || aside.exists());
    bench.found_until(&name(39), old.now.wall_us);
    let mut camera = Camera::new(10, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 20);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
}

#[test]
fn a_recorder_says_that_it_looks_for_footage_until_the_index_has_all_of_it() {
    let root = tempfile::tempdir().expect("a folder");
    let mut camera = Camera::new(10, 500);
    {
        let bench = Bench::on_system_disk(root.path(), 1);
        until("there is nothing to look for", || {
            !bench.recorder.counters().looking
        });
        for number in 0..300 {
            let mut tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
            camera.send_all(&mut tap, 20);
            tap.finish(camera.now);
        }
        bench.settle();
    }
    let index = root.path().join("footage.db");
    fs::write(&index, "no index at all").expect("ours");
    let bench = Bench::on_system_disk(root.path(), 1);
    assert!(bench.recorder.counters().looking, "at once");
    let all_found = || (0..300).all(|number| !bench.spans(&name(number)).is_empty());
    let mut reached = vec![bench.recorder.counters().looked_percent];
    until("it has looked", || {
        reached.push(bench.recorder.counters().looked_percent);
        !bench.recorder.counters().looking
    });
    assert!(reached[0] < 100, "it has not at once: {reached:?}");
    assert!(reached.is_sorted(), "it goes forward: {reached:?}");
    assert_eq!(bench.recorder.counters().looked_percent, 100);
    assert!(all_found());
    for suffix in ["", "-wal", "-shm"] {
        fs::remove_file(root.path().join(format!("footage.db{suffix}"))).expect("it is there");
    }
    until("it looks again", || {
        index.exists() && bench.recorder.counters().looking
    });
    until("it has looked", || !bench.recorder.counters().looking);
    assert!(all_found());
}

#[test]
fn an_index_that_cannot_be_made_anew_is_told_once_and_nothing_of_it_is_lost() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let index = root.path().join("footage.db");
    let aside = root.path().join("footage.db.damaged");
    fs::create_dir_all(aside.join("full")).expect("ours");
    for suffix in ["", "-wal", "-shm"] {
        fs::remove_file(root.path().join(format!("footage.db{suffix}"))).expect("it is there");
    }
    fs::create_dir(&index).expect("in its place"); // and cannot be put aside
    let of_index = || {
        let mut told = bench.told();
        told.retain(|event| {
            matches!(
                event,
                RecordingEvent::IndexFailed { .. } | RecordingEvent::IndexRecovered
            )
        });
        told
    };
    until("it is told", || !of_index().is_empty());
    let mut camera = Camera::new(10, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 40);
    tap.finish(camera.now);
    until("it is on disk all the same", || {
        bench.recorder.counters().fragments >= 4
    });
    assert!(
        matches!(of_index()[..], [RecordingEvent::IndexFailed { .. }]),
        "{:?}",
        of_index()
    );
    fs::remove_dir(&index).expect("empty");
    until("it is told that it is well", || {
        of_index().last() == Some(&RecordingEvent::IndexRecovered)
    });
    assert_eq!(of_index().len(), 2, "{:?}", of_index());
    bench.found_until(&name(1), camera.now.wall_us);
}

#[test]
fn any_single_page_of_the_index_may_be_damaged_and_the_recorder_begins() {
    let root = tempfile::tempdir().expect("a folder");
    let mut camera = Camera::new(10, 500);
    {
        let bench = Bench::on_system_disk(root.path(), 1);
        let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        camera.send_all(&mut tap, 20);
        tap.finish(camera.now);
        bench.found_until(&name(1), camera.now.wall_us);
    }
    let index = root.path().join("footage.db");
    let aside = root.path().join("footage.db.damaged");
    for page in 0..6 {
        let mut bytes = fs::read(&index).expect("a file");
        bytes[page * 4_096..][..4_096].fill(0x5A);
        fs::write(&index, bytes).expect("a file");
        let bench = Bench::on_system_disk(root.path(), 1);
        until("it is found out, with nobody asking", || aside.exists());
        bench.found_until(&name(1), camera.now.wall_us);
        drop(bench);
        fs::remove_file(&aside).expect("it is there");
    }
}

#[test]
fn a_recorder_that_still_looks_for_old_footage_records_and_ends_at_once() {
    let root = tempfile::tempdir().expect("a folder");
    {
        let bench = Bench::on_system_disk(root.path(), 1);
        let mut camera = Camera::new(10, 500);
        let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        camera.send_all(&mut tap, 40);
        tap.finish(camera.now);
    }
    let folder = root.path().join("disk0");
    let model = files(&folder).pop().expect("a file");
    for number in 100..3_100 {
        let place = folder.join(name(number).as_str()).join("20261101");
        fs::create_dir_all(&place).expect("ours");
        fs::hard_link(&model, place.join("000000.mp4")).expect("a file");
    }
    fs::remove_file(root.path().join("footage.db")).expect("it is there");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(10, 500);
    let mut tap = bench.recorder.tap(&name(2), &camera.hub, camera.now);
    camera.send_all(&mut tap, 40);
    tap.finish(camera.now);
    bench.found_until(&name(2), camera.now.wall_us);
    let began = Instant::now();
    bench.recorder.stop(Duration::from_secs(5));
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
}
