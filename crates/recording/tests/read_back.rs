//! Footage read back: over files and folders, around gaps and damage, at any instant.
mod support;

use bytes::{Bytes, BytesMut};
use fragmented_mp4::{Sample, Track, fragment, read_movie_fragment};
use media_types::Codec;
use proptest::prelude::*;
use recording::{
    Footage, FootageReader, Fragment, Index, Pictures, Recorder, Spot, Turn, Way, rebuild, shown,
};
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use stream_hub::Hub;
use support::{Bench, Camera, PICTURE_US, files, name, until};

/// Not long before an hour of the first stream ends.
const BEFORE_AN_HOUR_US: i64 = 1_767_225_600_000_000;
const ALWAYS: (i64, i64) = (i64::MIN / 2, i64::MAX / 2);

fn spot(reader: &mut FootageReader, recorder: &Recorder, at_us: i64) -> Option<Spot> {
    let found = reader.at_or_after(recorder, at_us, ALWAYS.0, ALWAYS.1);
    found.expect("an index")
}

fn whole(reader: &mut FootageReader, spot: &Spot) -> Fragment {
    match reader.read(spot) {
        Footage::Fragment(fragment) => *fragment,
        Footage::Damaged(reason) | Footage::Away(reason) => panic!("{reason}"),
        Footage::Removed => panic!("it was removed"),
    }
}

/// Every fragment from there on: its start, end and pictures as players take them.
fn played(recorder: &Recorder, mut at_us: i64) -> Vec<(i64, i64, Vec<i64>)> {
    let mut reader = FootageReader::new(name(1), None);
    let mut found = Vec::new();
    while let Some(spot) = spot(&mut reader, recorder, at_us) {
        let fragment = whole(&mut reader, &spot);
        let wanted = Pictures {
            way: Way::All,
            origin_us: 0,
            until_us: ALWAYS.1,
        };
        let times = shown(&fragment, wanted).expect("pictures").times_us;
        found.push((spot.start_us, spot.end_us, times));
        at_us = spot.end_us;
    }
    found
}

/// Two seconds on, so many of them, in a new run after `pause_us`.
fn record(bench: &Bench, camera: &mut Camera, groups: u64, pause_us: i64) {
    camera.hub = Arc::new(Hub::expecting_sound()); // a new call: nothing of the one before is taken again
    camera.now.wall_us += pause_us;
    camera.now.steady_us += pause_us;
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 50 * groups);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
}

#[test]
fn every_picture_comes_back_in_order_over_borders_of_files_and_gaps() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 2);
    let mut camera = Camera::new(50, 2_000);
    let began = camera.now.wall_us;
    record(&bench, &mut camera, 4, 0);
    let first_end = camera.now.wall_us;
    record(&bench, &mut camera, 3, 7_200_000_000); // another hour: another file, perhaps in the other folder
    camera.other_size = true; // and another description
    record(&bench, &mut camera, 2, 60_000_000);
    let all = played(&bench.recorder, began);
    assert_eq!(all.len(), 9);
    assert_eq!(all.iter().map(|one| one.2.len()).sum::<usize>(), 450);
    for pair in all.windows(2) {
        assert!(pair[1].0 >= pair[0].1, "they follow each other");
    }
    let gaps: Vec<i64> = all
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].1)
        .filter(|&gap| gap > 500_000)
        .collect();
    assert_eq!(gaps.len(), 2);
    assert!(files(root.path()).len() >= 3);

    let mut reader = FootageReader::new(name(1), None);
    let found = spot(&mut reader, &bench.recorder, began + 3_100_000).expect("footage");
    assert!(found.start_us <= began + 3_100_000 && began + 3_100_000 < found.end_us);
    let next = spot(&mut reader, &bench.recorder, first_end + 1_000_000).expect("footage");
    assert_eq!(
        next.start_us, all[4].0,
        "in a gap the next footage is found"
    );
    let small = whole(&mut reader, &next);
    let end = spot(&mut reader, &bench.recorder, all[8].0).expect("footage");
    let last = whole(&mut reader, &end);
    assert_ne!(
        small.description.pictures_only,
        last.description.pictures_only
    );
    assert!(last.description.sound && small.description.codec_string.starts_with("avc1."));
}

#[test]
fn a_camera_that_changes_its_codec_is_described_anew_and_goes_on() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    for codec in [Codec::H264, Codec::H265] {
        camera.codec = codec;
        camera.send_all(&mut tap, 50);
    }
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    let mut reader = FootageReader::new(name(1), None);
    let (mut at_us, mut codecs) = (camera.began_us, Vec::new());
    while let Some(spot) = spot(&mut reader, &bench.recorder, at_us) {
        assert!(spot.start_us - at_us <= 1, "nothing is missing between");
        at_us = spot.end_us;
        codecs.push(whole(&mut reader, &spot).description.codec_string.clone());
    }
    let begins = |text: &str| codecs.iter().filter(|one| one.starts_with(text)).count();
    assert_eq!((begins("avc1."), begins("hvc1."), codecs.len()), (2, 2, 4));
    assert!(codecs.is_sorted(), "{codecs:?}");
}

/// Every fragment from there on: run, sequence, start and end.
fn walked(recorder: &Recorder, at_us: i64) -> Vec<(i64, u32, i64, i64)> {
    walked_in(recorder, at_us, 0)
}

/// The same of the moments that there are more than once, by their turn.
fn walked_in(recorder: &Recorder, mut at_us: i64, turn: Turn) -> Vec<(i64, u32, i64, i64)> {
    let mut reader = FootageReader::new(name(1), None).in_turn(turn);
    let mut found = Vec::new();
    while let Some(spot) = spot(&mut reader, recorder, at_us) {
        let facts = spot.facts().expect("readable");
        found.push((facts.run_us, facts.sequence, spot.start_us, spot.end_us));
        at_us = spot.end_us;
    }
    found
}

fn is_one_time(found: &[(i64, u32, i64, i64)]) -> bool {
    let left = |pair: &[(i64, u32, i64, i64)]| {
        pair[0].0 != pair[1].0 || pair[0].1.wrapping_add(1) != pair[1].1
    };
    found.windows(2).filter(|pair| left(pair)).count() <= 1
        && found
            .windows(2)
            .all(|pair| pair[1].2 >= pair[0].3 - 100_000)
}

#[test]
fn two_times_that_lie_over_each_other_are_not_mixed() {
    for pause in [0, 5_000_000] {
        let root = tempfile::tempdir().expect("a folder");
        let bench = Bench::on_system_disk(root.path(), 1);
        let mut camera = Camera::new(25, 500);
        let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        camera.send_all(&mut tap, 50 * 20);
        let ended_us = camera.now.wall_us;
        if pause > 0 {
            tap.finish(camera.now);
            camera.hub = Arc::new(Hub::expecting_sound());
            camera.now.steady_us += pause;
        }
        camera.now.wall_us -= 30_700_000; // no multiple of a group of pictures
        if pause > 0 {
            tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        }
        camera.send_all(&mut tap, 50 * 30);
        tap.finish(camera.now);
        bench.found_until(&name(1), camera.now.wall_us);
        bench.settle();
        let found = walked(&bench.recorder, camera.began_us);
        assert!(is_one_time(&found), "{found:?}");
        assert!(found.len() > 60, "{}", found.len());
        // Who looks into the time that there is twice sees what was recorded first.
        let found = walked(&bench.recorder, ended_us - 20_300_000);
        assert!(is_one_time(&found), "{found:?}");
        assert_eq!(found[0].3 - found[0].2, 1_000_000);
        assert!(
            found[0].1 < 40 && found[0].0 <= camera.began_us,
            "{:?}",
            found[0]
        );
        // Nor is what was recorded then out of reach.
        let others = walked_in(&bench.recorder, camera.began_us, 1);
        assert!(is_one_time(&others), "{others:?}");
        let first = walked(&bench.recorder, camera.began_us);
        let hidden: Vec<_> = others.iter().filter(|one| !first.contains(one)).collect();
        assert!((30..=32).contains(&hidden.len()), "{hidden:?}");
        let fragments = bench.recorder.counters().fragments;
        let in_reach: std::collections::BTreeSet<_> = first.iter().chain(&others).collect();
        assert_eq!(in_reach.len() as u64, fragments);
        let found = bench.recorder.twice(&name(1), ALWAYS.0, ALWAYS.1);
        let [twice] = found.expect("an index")[..] else {
            panic!("one stretch");
        };
        assert_eq!(twice.times, 2);
        assert!(
            (twice.span.start_us - hidden[0].2).abs() <= 1_000_000,
            "{twice:?}"
        );
        assert!(
            (twice.span.end_us - ended_us).abs() <= 1_000_000,
            "{twice:?}"
        );
        // Backwards as well.
        assert_eq!(
            walked_back(&bench.recorder, ALWAYS.1),
            walked(&bench.recorder, camera.began_us)
        );
    }
}

/// Every fragment before that, in the order of time: run, sequence, start and end.
fn walked_back(recorder: &Recorder, mut at_us: i64) -> Vec<(i64, u32, i64, i64)> {
    let mut reader = FootageReader::new(name(1), None);
    let mut found = Vec::new();
    while let Some(spot) = reader.before(recorder, at_us, ALWAYS.0).expect("an index") {
        let facts = spot.facts().expect("readable");
        found.push((facts.run_us, facts.sequence, spot.start_us, spot.end_us));
        at_us = spot.start_us;
    }
    found.reverse();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, max_shrink_iters: 16, ..ProptestConfig::default() })]

    #[test]
    fn each_moment_has_one_owner_however_often_the_clock_was_set_back(
        runs in prop::collection::vec((-9_000..2_000i64, 2..8u64, any::<bool>()), 2..5),
        asks_ms in prop::collection::vec(-5_000..40_000i64, 6),
    ) {
        let root = tempfile::tempdir().expect("a folder");
        let bench = Bench::on_system_disk(root.path(), 2);
        let mut camera = Camera::new(25, 200);
        let began_us = camera.now.wall_us;
        let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        camera.send_all(&mut tap, 100);
        for (set_ms, seconds, is_new_call) in runs {
            camera.now.wall_us += set_ms * 1_000;
            if is_new_call {
                tap.finish(camera.now);
                camera.hub = Arc::new(Hub::expecting_sound());
                tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
            }
            camera.send_all(&mut tap, 25 * seconds);
        }
        tap.finish(camera.now);
        bench.settle();
        let (index, _) = Index::open(&root.path().join("footage.db")).expect("an index");
        until("the index knows of all", || {
            index.counts().expect("its rows").1 == bench.recorder.counters().fragments
        });
        let shown = walked(&bench.recorder, ALWAYS.0);
        prop_assert_eq!(&walked_back(&bench.recorder, ALWAYS.1), &shown);
        for pair in shown.windows(2) {
            prop_assert!(pair[1].2 >= pair[0].3 - 100_000, "no moment is there twice: {:?}", pair);
        }
        for ask_us in asks_ms.iter().map(|ms| began_us + ms * 1_000) {
            let on: Vec<_> = shown.iter().copied().filter(|one| one.3 > ask_us).collect();
            prop_assert_eq!(&walked(&bench.recorder, ask_us), &on, "wherever one begins");
            let back: Vec<_> = shown.iter().copied().filter(|one| one.2 < ask_us).collect();
            prop_assert_eq!(&walked_back(&bench.recorder, ask_us), &back);
        }
    }
}

#[test]
fn a_group_of_pictures_in_parts_ends_with_its_last_part() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25 * 35, 500);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 25 * 70);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    let mut reader = FootageReader::new(name(1), None);
    let (mut at_us, mut groups) = (camera.began_us, Vec::new());
    while let Some(spot) = spot(&mut reader, &bench.recorder, at_us) {
        at_us = spot.end_us;
        if spot.is_key() {
            let end_us = reader.group_end(&bench.recorder, &spot, ALWAYS.1);
            groups.push((spot.start_us, end_us.expect("an index"), spot.end_us));
        }
    }
    assert_eq!(groups.len(), 2);
    assert_eq!(groups[0].1, groups[1].0, "to where the next begins");
    assert!(groups[0].2 < groups[0].1, "it is in parts");
    assert_eq!(groups[1].1, at_us);
}

#[test]
fn footage_passes_backwards_and_never_beyond_what_may_be_seen() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    let began = camera.now.wall_us;
    record(&bench, &mut camera, 5, 0);
    let all = played(&bench.recorder, began);
    let mut reader = FootageReader::new(name(1), None);
    let (mut at_us, mut back) = (camera.now.wall_us, Vec::new());
    while let Some(spot) = reader
        .before(&bench.recorder, at_us, began + 1_000_000)
        .expect("an index")
    {
        at_us = spot.start_us;
        back.push(spot.start_us);
    }
    let expected: Vec<i64> = all[1..].iter().rev().map(|one| one.0).collect();
    assert_eq!(
        back, expected,
        "the first one begins before what may be seen"
    );

    let until_us = all[1].0 + 10 * PICTURE_US;
    let within = reader
        .at_or_after(&bench.recorder, began, began + 1, until_us)
        .expect("an index")
        .expect("the second");
    assert_eq!(within.start_us, all[1].0);
    let fragment = whole(&mut reader, &within);
    let wanted = Pictures {
        way: Way::All,
        origin_us: began,
        until_us,
    };
    let cut = shown(&fragment, wanted).expect("pictures");
    assert!((9..=11).contains(&cut.times_us.len()), "{:?}", cut.times_us);
    let after = reader.at_or_after(&bench.recorder, within.end_us, began, until_us);
    assert_eq!(after.expect("an index"), None);
}

#[test]
fn no_picture_from_the_end_of_the_period_on_is_given_whatever_the_order_in_which_they_are_stored() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    let began = camera.now.wall_us;
    record(&bench, &mut camera, 1, 0);
    let mut reader = FootageReader::new(name(1), None);
    let first = spot(&mut reader, &bench.recorder, began).expect("footage");
    let mut reordered = whole(&mut reader, &first);
    // I0 P3 B1 B2 P6 B4 B5, 100 ms apart, each a byte that is its time.
    let shown_at = [0, 3, 1, 2, 6, 4, 5];
    let samples: Vec<Sample> = (0..)
        .zip(shown_at)
        .map(|(stored_at, shown_at)| Sample {
            size: 1,
            duration: 9_000,
            composition_offset: (shown_at - stored_at + 2) * 9_000,
            key: stored_at == 0,
        })
        .collect();
    let mut body = BytesMut::from(&fragment(Track::Video, 1, 0, &samples)[..]);
    body.extend(shown_at.map(|at| at as u8));
    reordered.body = body.freeze();
    reordered.facts.end_us = reordered.facts.start_us + 700_000;
    let start_us = reordered.facts.start_us;
    for (until_ms, given) in [
        (700, &[0, 3, 1, 2, 6, 4, 5][..]),
        (600, &[0, 3, 1, 2]),
        (301, &[0, 3, 1, 2]),
        (250, &[0]),
        (50, &[0]),
    ] {
        let wanted = Pictures {
            way: Way::All,
            origin_us: start_us,
            until_us: start_us + until_ms * 1_000,
        };
        let made = shown(&reordered, wanted).expect("pictures");
        assert_eq!(made.payload, given, "until {until_ms} ms");
        let last = made.times_us.last().expect("a time");
        assert!(*last < until_ms * 1_000, "{:?}", made.times_us);
    }
}

#[test]
fn a_players_time_follows_the_clock_and_the_pictures_are_those_that_were_kept() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    let began = camera.now.wall_us;
    record(&bench, &mut camera, 3, 0);
    let mut reader = FootageReader::new(name(1), None);
    let first = spot(&mut reader, &bench.recorder, began).expect("footage");
    let second = spot(&mut reader, &bench.recorder, first.end_us).expect("footage");
    let fragment = whole(&mut reader, &second);
    let origin_us = began - 10_000_000;
    let time_of = |way, origin_us| {
        let wanted = Pictures {
            way,
            origin_us,
            until_us: ALWAYS.1,
        };
        let made = shown(&fragment, wanted).expect("pictures");
        let mut bytes = made.head.to_vec();
        bytes.extend_from_slice(&made.payload);
        let [run]: [_; 1] = read_movie_fragment(&bytes)
            .expect("ours")
            .try_into()
            .expect("one");
        assert_eq!(run.track, Track::Video);
        (run, bytes)
    };
    let (all, bytes) = time_of(Way::All, origin_us);
    let ticks = |us: i64| (us * 9 / 100) as u64;
    assert!(all.decode_time.abs_diff(ticks(second.start_us - origin_us)) <= 9);
    let lasted: u32 = all.samples.iter().map(|one| one.sample.duration).sum();
    let due = (second.end_us - second.start_us) * 9 / 100;
    assert!((i64::from(lasted) - due).abs() <= 9, "{lasted} {due}");
    let kept = read_movie_fragment(&fragment.body).expect("kept");
    for (made, kept) in all.samples.iter().zip(&kept[0].samples) {
        let size = made.sample.size as usize;
        let (at, of) = (made.offset as usize, kept.offset as usize);
        assert_eq!(bytes[at..at + size], fragment.body[of..of + size]);
    }
    let (keys, _) = time_of(Way::Keys, origin_us);
    assert_eq!(keys.samples.len(), 1);
    assert!(
        keys.decode_time
            .abs_diff(ticks(second.start_us - origin_us) / 8)
            <= 2
    );
    let end = camera.now.wall_us;
    let (back, _) = time_of(Way::Back, end);
    assert!(back.decode_time.abs_diff(ticks(end - second.end_us) / 8) <= 2);
}

#[test]
fn damage_is_told_and_what_lies_behind_it_is_found() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    let began = camera.now.wall_us;
    record(&bench, &mut camera, 4, 0);
    let all = played(&bench.recorder, began);
    let [path] = files(root.path()).try_into().expect("one file");
    let file = File::options()
        .read(true)
        .write(true)
        .open(&path)
        .expect("writable");
    let middle = file.metadata().expect("there").len() * 3 / 8; // in the second of four
    file.write_all_at(&[0xFF; 64], middle).expect("written");
    let mut reader = FootageReader::new(name(1), None);
    let mut told = Vec::new();
    let mut at_us = began;
    while let Some(spot) = spot(&mut reader, &bench.recorder, at_us) {
        told.push(matches!(reader.read(&spot), Footage::Fragment(_)));
        at_us = spot.end_us;
    }
    assert_eq!(told, [true, false, true, true]);
    std::fs::remove_file(&path).expect("gone");
    let mut reader = FootageReader::new(name(1), None);
    let lost = spot(&mut reader, &bench.recorder, began).expect("the index tells of it");
    assert!(matches!(reader.read(&lost), Footage::Damaged(_)));
    assert!(lost.end_us >= all[3].1, "the whole file is told as damaged");
    assert_eq!(spot(&mut reader, &bench.recorder, lost.end_us), None);
}

/// Overwrites a part of each file, counted from where its first fragment begins.
fn hurt(files: &[PathBuf], part: impl Fn(u64) -> Range<u64>) {
    for path in files {
        let bytes = std::fs::read(path).expect("there");
        let first = bytes.windows(4).position(|four| four == b"uuid");
        let part = part(first.expect("a fragment") as u64 - 4);
        let file = File::options().write(true).open(path).expect("writable");
        let zeros = vec![0; (part.end - part.start) as usize];
        file.write_all_at(&zeros, part.start).expect("written");
    }
}

/// Every fragment as it is described, and its bytes; None: it is told as damaged.
fn described(recorder: &Recorder, mut at_us: i64) -> Vec<Option<(Bytes, String, Bytes)>> {
    let mut reader = FootageReader::new(name(1), None);
    let mut found = Vec::new();
    while let Some(spot) = spot(&mut reader, recorder, at_us) {
        found.push(match reader.read(&spot) {
            Footage::Fragment(one) => {
                let head = &one.description;
                Some((
                    head.pictures_only.clone(),
                    head.codec_string.clone(),
                    one.body,
                ))
            }
            _ => None,
        });
        at_us = spot.end_us;
    }
    found
}

#[test]
fn a_file_that_lost_its_head_is_played_and_indexed_by_what_its_pictures_say() {
    for codec in [Codec::H264, Codec::H265] {
        let root = tempfile::tempdir().expect("a folder");
        let bench = Bench::on_system_disk(root.path(), 1);
        let mut camera = Camera::new(50, 2_000);
        camera.codec = codec;
        let began = camera.now.wall_us;
        record(&bench, &mut camera, 4, 0);
        let whole = described(&bench.recorder, began);
        assert_eq!(whole.iter().flatten().count(), 4);
        drop(bench); // the file is closed, with its table
        let bench = Bench::on_system_disk(root.path(), 1);
        let [path] = files(root.path()).try_into().expect("one file");
        let sound = std::fs::read(&path).expect("there");
        // A block of the disk at its beginning; one that leaves its boxes and takes what describes the pictures; all of it.
        for (from, left) in [(0, 600), (440, 0), (0, 0)] {
            hurt(std::slice::from_ref(&path), |first| from..first - left);
            assert_eq!(described(&bench.recorder, began), whole, "{codec:?} {from}");
            std::fs::write(&path, &sound).expect("mended");
        }
        // What was torn off with it is told, and no more.
        hurt(std::slice::from_ref(&path), |first| 0..first + 1_000);
        let left = described(&bench.recorder, began);
        assert_eq!((&left[0], &left[1..]), (&None, &whole[1..]));
        std::fs::write(&path, &sound).expect("mended");
        hurt(std::slice::from_ref(&path), |first| 0..first);
        drop(bench);
        let found = rebuild(
            &root.path().join("footage.db"),
            &[root.path().join("disk0")],
        );
        let found = found.expect("rebuilt");
        assert_eq!((found.files, found.fragments), (1, 4));
        assert!(found.unreadable.is_empty(), "{:?}", found.unreadable);
        let bench = Bench::on_system_disk(root.path(), 1);
        assert_eq!(described(&bench.recorder, began), whole);
    }
}

#[test]
fn a_file_that_lost_its_head_is_described_by_those_beside_it_if_its_pictures_say_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    camera.bare = true;
    let began = camera.now.wall_us;
    for _ in 0..3 {
        record(&bench, &mut camera, 2, 3_600_000_000);
    }
    let whole = described(&bench.recorder, began);
    let all = files(root.path());
    assert_eq!((all.len(), whole.iter().flatten().count()), (3, 6));
    hurt(&all[1..2], |first| 0..first);
    assert_eq!(described(&bench.recorder, began), whole);
    hurt(&all[..2], |first| 0..first);
    let left = described(&bench.recorder, began);
    let (lost, last) = left.split_at(left.len() - 2);
    assert!(
        lost.iter().all(Option::is_none),
        "one of another run is no witness"
    );
    assert_eq!(last, &whole[4..]);
    hurt(&all, |first| 0..first);
    let lost = described(&bench.recorder, began);
    assert!(lost.len() >= 3 && lost.iter().all(Option::is_none), "told");

    // Neighbours that disagree are not believed.
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let began = camera.now.wall_us;
    for other_size in [false, false, true] {
        camera.other_size = other_size;
        record(&bench, &mut camera, 2, 3_600_000_000);
    }
    hurt(&files(root.path())[1..2], |first| 0..first);
    let found = described(&bench.recorder, began);
    let sound: Vec<bool> = found.iter().map(Option::is_some).collect();
    assert_eq!(sound, [true, true, false, true, true]);
}

#[test]
fn one_file_beside_it_describes_a_file_only_where_an_hour_ended_in_the_midst_of_a_run() {
    // The second file begins with the stream's next hour, or because the camera sends pictures of another size.
    for changes in [false, true] {
        for lost in [0, 1] {
            let root = tempfile::tempdir().expect("a folder");
            let bench = Bench::on_system_disk(root.path(), 1);
            let mut camera = Camera::new(50, 200);
            camera.bare = true;
            camera.now.wall_us = BEFORE_AN_HOUR_US;
            let began = camera.now.wall_us;
            let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
            camera.send_all(&mut tap, 100);
            camera.other_size = changes;
            until("a second file begins", || {
                camera.send_all(&mut tap, 50);
                files(root.path()).len() == 2
            });
            camera.send_all(&mut tap, 50);
            tap.finish(camera.now);
            bench.found_until(&name(1), camera.now.wall_us);
            let whole = described(&bench.recorder, began);
            assert!(whole.iter().all(Option::is_some));
            let all = files(root.path());
            hurt(&all[lost..=lost], |first| 0..first);
            let found = described(&bench.recorder, began);
            if changes {
                assert!(found.iter().any(Option::is_none) && found.iter().any(Option::is_some));
            } else {
                assert_eq!(found, whole);
            }
        }
    }
}

#[test]
fn a_neighbour_that_the_disk_does_not_give_leaves_it_open_who_describes_a_file() {
    for (lost, unread) in [(0, "0.mp4"), (1, "9.mp4")] {
        let root = tempfile::tempdir().expect("a folder");
        let bench = Bench::on_system_disk(root.path(), 1);
        let mut camera = Camera::new(50, 200);
        camera.bare = true;
        camera.now.wall_us = BEFORE_AN_HOUR_US;
        let began = camera.now.wall_us;
        let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        camera.send_all(&mut tap, 100);
        until("a second file begins", || {
            camera.send_all(&mut tap, 50);
            files(root.path()).len() == 2
        });
        camera.send_all(&mut tap, 50);
        tap.finish(camera.now);
        bench.found_until(&name(1), camera.now.wall_us);
        let whole = described(&bench.recorder, began);
        let all = files(root.path());
        hurt(&all[lost..=lost], |first| 0..first);
        assert_eq!(described(&bench.recorder, began), whole, "by the other one");
        // It opens as a file does, and each read of it is an error. Nobody knows what it would have said.
        let beside = all[lost].with_file_name(unread);
        std::fs::create_dir(&beside).expect("room");
        let found = described(&bench.recorder, began);
        let sound: Vec<bool> = found.iter().map(Option::is_some).collect();
        assert_eq!((sound[0], sound[sound.len() - 1]), (lost == 1, lost == 0));
        assert!(
            found
                .iter()
                .flatten()
                .all(|one| whole.contains(&Some(one.clone())))
        );
        std::fs::remove_dir(&beside).expect("empty");
        assert_eq!(
            described(&bench.recorder, began),
            whole,
            "nothing of it is remembered"
        );
    }
}

/// From there on forwards: start, end, and whether it can be read.
fn told(recorder: &Recorder, mut at_us: i64) -> Vec<(i64, i64, bool)> {
    let (mut reader, mut found) = (FootageReader::new(name(1), None), Vec::new());
    while let Some(spot) = spot(&mut reader, recorder, at_us) {
        let is_whole = matches!(reader.read(&spot), Footage::Fragment(_));
        found.push((spot.start_us, spot.end_us, is_whole));
        at_us = spot.end_us;
    }
    found
}

/// The same backwards, ascending.
fn told_backwards(recorder: &Recorder, mut at_us: i64) -> Vec<(i64, i64, bool)> {
    let (mut reader, mut found) = (FootageReader::new(name(1), None), Vec::new());
    while let Some(spot) = reader.before(recorder, at_us, ALWAYS.0).expect("an index") {
        let is_whole = matches!(reader.read(&spot), Footage::Fragment(_));
        found.push((spot.start_us, spot.end_us, is_whole));
        at_us = spot.start_us;
    }
    found.reverse();
    found
}

#[test]
fn what_is_torn_of_an_open_file_is_told_as_damage_at_its_time() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    let began = camera.now.wall_us;
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 251); // five groups are over
    bench.found_until(&name(1), began + 9_900_000);
    let whole = told(&bench.recorder, began);
    assert!(whole.len() == 5 && whole.iter().all(|one| one.2));
    assert_eq!(told_backwards(&bench.recorder, ALWAYS.1), whole);
    let path = files(root.path()).remove(0);
    let sound = std::fs::read(&path).expect("there");
    let mark =
        |at: usize| sound[at..].starts_with(b"uuid\xf5\x5a\x1c\x9dFENGSUI\x07\xc4\xe1\x93\x02");
    let heads: Vec<usize> = (0..sound.len())
        .filter(|&at| mark(at))
        .map(|at| at - 4)
        .collect();
    assert_eq!(heads.len(), 5);
    // The first, one in its midst, two that follow each other, the first and the third.
    for torn in [vec![0], vec![2], vec![1, 2], vec![0, 2], vec![0, 1]] {
        let mut bytes = sound.clone();
        for &number in &torn {
            bytes[heads[number]..heads[number] + 40].fill(0);
        }
        std::fs::write(&path, &bytes).expect("room");
        let mut wanted: Vec<(i64, i64, bool)> = Vec::new();
        for (number, &(start_us, end_us, _)) in whole.iter().enumerate() {
            let is_whole = !torn.contains(&number);
            match wanted.last_mut() {
                Some(last) if !last.2 && !is_whole => last.1 = end_us, // one hole
                _ => wanted.push((start_us, end_us, is_whole)),
            }
        }
        let found = told(&bench.recorder, began);
        let readable = |some: &[(i64, i64, bool)]| some.iter().map(|one| one.2).collect::<Vec<_>>();
        assert_eq!(readable(&found), readable(&wanted), "{torn:?}");
        for (one, other) in found.iter().zip(&wanted) {
            assert!(
                (one.0 - other.0).abs() < 2 && (one.1 - other.1).abs() < 2,
                "{torn:?}"
            );
        }
        assert_eq!(told_backwards(&bench.recorder, ALWAYS.1), found, "{torn:?}");
        let (from_us, to_us, _) = found[torn[0]];
        let mut reader = FootageReader::new(name(1), None);
        let within = spot(&mut reader, &bench.recorder, from_us + 1_500_000).expect("told");
        assert_eq!(
            (within.start_us, within.end_us),
            (from_us + 1_500_000, to_us),
            "asked for in its midst"
        );
    }
    std::fs::write(&path, &sound).expect("room");
    assert_eq!(told(&bench.recorder, began), whole);
}

#[test]
fn a_file_made_good_after_a_crash_and_an_index_made_anew_know_when_its_torn_beginning_was() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    camera.now.wall_us += 345_678; // no whole second: the file's name says less
    let began = camera.now.wall_us;
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 251); // five groups are over
    bench.found_until(&name(1), began + 9_900_000);
    let path = files(root.path()).remove(0);
    let open = std::fs::read(&path).expect("there");
    let whole = told(&bench.recorder, began);
    let index = root.path().join("footage.db");
    let kept = ["footage.db", "footage.db-wal"].map(|one| root.path().join(one));
    let kept = kept.map(|one| (std::fs::read(&one).expect("there"), one));
    tap.finish(camera.now);
    drop((tap, bench));
    let heads: Vec<usize> = open
        .windows(20)
        .enumerate()
        .filter(|(_, bytes)| bytes.starts_with(b"uuid\xf5\x5a\x1c\x9dFENGSUI\x07\xc4\xe1\x93\x02"))
        .map(|(at, _)| at - 4)
        .collect();
    assert_eq!(heads.len(), 5);
    let folder = root.path().join("disk0");
    // The file as a crash leaves it, without: the beginning of the first fragment; some of its pictures; it and the file's own head; two
    // of them.
    for (number, torn) in [
        vec![(heads[0], 40)],
        vec![(heads[0] + 3_000, 100)],
        vec![(0, heads[0] + 40)],
        vec![(heads[0], 40), (heads[1], 40)],
    ]
    .into_iter()
    .enumerate()
    {
        let mut bytes = open.clone();
        for &(from, length) in &torn {
            bytes[from..from + length].fill(0);
        }
        std::fs::write(&path, &bytes).expect("room");
        let old = File::options().write(true).open(&path).expect("ours");
        old.set_modified(std::time::UNIX_EPOCH).expect("long ago");
        drop(old);
        let lost = if number < 3 { 1 } else { 2 };
        for (bytes, one) in &kept {
            std::fs::write(one, bytes).expect("room");
        }
        // By the index as it was; then by one that is made of the footage alone, of what was mended.
        for anew in [false, true] {
            if anew {
                std::fs::remove_file(&index).expect("there");
                rebuild(&index, std::slice::from_ref(&folder)).expect("rebuilt");
            }
            let bench = Bench::on_system_disk(root.path(), 1);
            until("the file is in the index", || {
                bench.recorder.counters().looked_percent == 100
            });
            let found = told(&bench.recorder, ALWAYS.0);
            let readable: Vec<bool> = found.iter().map(|one| one.2).collect();
            let wanted = std::iter::once(false).chain(vec![true; 5 - lost]);
            assert_eq!(readable, wanted.collect::<Vec<_>>(), "{number} {anew}");
            let (from_us, to_us, _) = found[0];
            assert!(
                (from_us - whole[0].0).abs() < 2,
                "{number} {anew}: {from_us}"
            );
            assert!((to_us - whole[lost - 1].1).abs() < 2, "{number} {anew}");
            drop(bench);
            let (index, _) = Index::open(&index).expect("an index");
            assert_eq!(index.counts().expect("rows").0, 1, "{number} {anew}");
        }
    }
}

#[test]
fn what_is_still_being_written_is_played_as_it_grows() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(50, 2_000);
    let began = camera.now.wall_us;
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 101); // two groups are over
    bench.found_until(&name(1), began + 3_900_000);
    let mut reader = FootageReader::new(name(1), None);
    let second = spot(&mut reader, &bench.recorder, began + 2_500_000).expect("the second");
    assert_eq!(spot(&mut reader, &bench.recorder, second.end_us), None);
    camera.send_all(&mut tap, 50);
    bench.found_until(&name(1), began + 5_900_000);
    let third = spot(&mut reader, &bench.recorder, second.end_us).expect("it came");
    assert!(third.start_us >= second.end_us);
    whole(&mut reader, &third);
}
