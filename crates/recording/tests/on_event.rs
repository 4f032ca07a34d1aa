//! Recording on event: what came before it, in order and with its own time; how long it goes on; and what memory it may take.
mod support;

use recording::{
    Found, FragmentFlags, Located, RecorderConfig, RecordingEvent, Scan, SystemDisk, Tap, Verify,
};
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;
use support::{Bench, Camera, PICTURE_US, config, files, name, until};

const SECOND_US: i64 = 1_000_000;
/// Of a group of pictures.
const GOP_US: i64 = 25 * PICTURE_US;

/// A second of pictures, and what the worker does meanwhile.
fn send_s(camera: &mut Camera, tap: &mut Tap, seconds: u64) {
    for _ in 0..seconds * 25 {
        camera.send(tap);
        tap.tick(camera.now);
    }
}

/// What was written, in the order of the files.
fn written(bench: &Bench) -> Vec<Located> {
    let mut found = Vec::new();
    for path in files(&bench.folders[0]) {
        let file = File::open(path).expect("a file");
        let scan = Scan::new(&file, Verify::Everything).expect("readable");
        found.extend(scan.filter_map(|found| match found.expect("readable") {
            Found::Fragment(_, located) => Some(located),
            Found::Other(_) => None,
        }));
    }
    found
}

/// Each begins where the one before ended, and none says otherwise.
fn is_seamless(found: &[Located]) -> bool {
    found.windows(2).all(|pair| {
        pair[0].facts.end_us == pair[1].facts.start_us
            && pair[1].facts.flags.has(FragmentFlags::FOLLOWS)
            && pair[0].facts.sequence + 1 == pair[1].facts.sequence
    })
}

fn holding(root: &std::path::Path, stream_bytes: usize, total_bytes: usize) -> Bench {
    let config = RecorderConfig {
        held_stream_bytes: stream_bytes,
        held_bytes: total_bytes,
        ..config(root, 1)
    };
    Bench::with(config, Arc::new(SystemDisk))
}

#[test]
fn what_came_before_an_event_is_written_in_order_and_nothing_of_the_time_between() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 1_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    tap.hold(Duration::from_secs(5));
    send_s(&mut camera, &mut tap, 30);
    let status = bench.recorder.status(&name(1)).expect("known");
    assert!(status.armed && !status.recording && status.safe_until_us.is_none());
    assert!(files(&bench.folders[0]).is_empty(), "nothing happened yet");
    let held_us = camera.now.wall_us - status.held_since_us.expect("held");
    assert!((5 * SECOND_US..=5 * SECOND_US + 2 * GOP_US).contains(&held_us));

    let first = camera.now;
    tap.happened(Duration::from_secs(3), camera.now);
    assert!(bench.recorder.status(&name(1)).expect("known").recording);
    send_s(&mut camera, &mut tap, 20);
    let status = bench.recorder.status(&name(1)).expect("known");
    assert!(status.armed && !status.recording, "it has ended by itself");
    bench.settle();
    let found = written(&bench);
    assert!(is_seamless(&found), "{found:?}");
    let (begin, end) = (
        found[0].facts.start_us,
        found.last().expect("some").facts.end_us,
    );
    let before_us = first.wall_us - begin;
    assert!(
        (5 * SECOND_US..=5 * SECOND_US + 2 * GOP_US).contains(&before_us),
        "{before_us}"
    );
    let after_us = end - first.wall_us;
    assert!(
        (3 * SECOND_US..=3 * SECOND_US + GOP_US).contains(&after_us),
        "{after_us}"
    );
    assert!(
        found
            .iter()
            .all(|one| one.facts.flags.has(FragmentFlags::KEY))
    );
    assert!(
        !found[0].facts.flags.has(FragmentFlags::FOLLOWS),
        "what came before it was let go"
    );

    let second = camera.now;
    tap.happened(Duration::from_secs(2), camera.now);
    send_s(&mut camera, &mut tap, 10);
    bench.settle();
    let later = written(&bench).split_off(found.len());
    assert!(is_seamless(&later) && !later[0].facts.flags.has(FragmentFlags::FOLLOWS));
    assert!(
        later[0].facts.start_us > end,
        "a hole between them, as it was"
    );
    assert!(second.wall_us - later[0].facts.start_us >= 5 * SECOND_US);
    let index = |spans: usize| bench.spans(&name(1)).len() == spans;
    until("the index knows of two", || index(2));
    assert!(bench.told().is_empty());
}

#[test]
fn an_event_soon_after_another_goes_on_where_that_ended_without_a_hole_or_anything_twice() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 1_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    tap.hold(Duration::from_secs(5));
    send_s(&mut camera, &mut tap, 8);
    let first = camera.now;
    tap.happened(Duration::from_secs(2), camera.now);
    send_s(&mut camera, &mut tap, 1);
    tap.happened(Duration::from_secs(3), camera.now); // prolongs: until the fourth second
    tap.happened(Duration::from_secs(1), camera.now); // ends earlier: no matter
    send_s(&mut camera, &mut tap, 6); // three seconds after its end
    tap.happened(Duration::from_secs(2), camera.now);
    send_s(&mut camera, &mut tap, 2);
    tap.finish(camera.now);
    bench.settle();
    let found = written(&bench);
    assert!(is_seamless(&found), "{found:?}");
    assert!(first.wall_us - found[0].facts.start_us >= 5 * SECOND_US);
    assert_eq!(found.last().expect("some").facts.end_us, camera.now.wall_us);
    let pictures: usize = found
        .iter()
        .map(|one| usize::from(one.facts.pictures))
        .sum();
    let lasted_us = camera.now.wall_us - found[0].facts.start_us;
    assert_eq!(
        pictures as i64,
        lasted_us / PICTURE_US,
        "every picture once"
    );
}

#[test]
fn what_no_event_claimed_is_not_written_at_the_end_and_what_one_claimed_is() {
    for happens in [false, true] {
        let root = tempfile::tempdir().expect("a folder");
        let bench = Bench::on_system_disk(root.path(), 1);
        let mut camera = Camera::new(25, 1_000);
        let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
        tap.hold(Duration::from_secs(5));
        send_s(&mut camera, &mut tap, 9);
        if happens {
            tap.happened(Duration::from_secs(60), camera.now);
            camera.send_all(&mut tap, 10); // an open group of pictures
        }
        tap.finish(camera.now);
        drop(tap);
        bench.settle();
        let found = written(&bench);
        assert_eq!(
            found.last().map(|one| one.facts.end_us),
            happens.then_some(camera.now.wall_us)
        );
        let status = bench.recorder.status(&name(1)).expect("known");
        assert!(!status.armed && !status.recording && status.held_since_us.is_none());
        let counters = bench.recorder.counters();
        assert_eq!(
            (
                counters.held_bytes,
                counters.armed_streams,
                counters.streams
            ),
            (0, 0, 0)
        );
    }
}

#[test]
fn a_stream_above_its_bound_lets_its_oldest_groups_go_and_tells_it_once() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = holding(root.path(), 1_000_000, 64_000_000);
    let mut camera = Camera::new(25, 10_000); // a group of pictures: 0.26 MB
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    tap.hold(Duration::from_secs(20));
    for _ in 0..15 {
        send_s(&mut camera, &mut tap, 1);
        assert!(bench.recorder.counters().held_bytes <= 1_000_000);
    }
    assert!(bench.recorder.status(&name(1)).expect("known").held_short);
    let told = bench.told();
    let [RecordingEvent::HeldShort { stream, held_us }] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(*stream, name(1));
    assert!((2 * GOP_US..4 * GOP_US).contains(held_us), "{held_us}");
    let at = camera.now;
    tap.happened(Duration::from_secs(1), camera.now);
    send_s(&mut camera, &mut tap, 4);
    bench.settle();
    let found = written(&bench);
    assert!(is_seamless(&found) && found[0].facts.flags.has(FragmentFlags::KEY));
    assert!((2 * GOP_US..5 * GOP_US).contains(&(at.wall_us - found[0].facts.start_us)));
}

#[test]
fn all_together_hold_no_more_than_their_bound_and_a_small_stream_is_not_robbed_by_a_large_one() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = holding(root.path(), 64_000_000, 2_000_000);
    let (mut large, mut small) = (Camera::new(25, 20_000), Camera::new(25, 500));
    let mut taps = [
        bench.recorder.tap(&name(1), &large.hub, large.now),
        bench.recorder.tap(&name(2), &small.hub, small.now),
    ];
    taps.iter_mut()
        .for_each(|tap| tap.hold(Duration::from_secs(20)));
    for _ in 0..15 {
        send_s(&mut large, &mut taps[0], 1);
        send_s(&mut small, &mut taps[1], 1);
        let group = 25 * 20_500;
        assert!(bench.recorder.counters().held_bytes <= 2_000_000 + group);
    }
    let of = |number| bench.recorder.status(&name(number)).expect("known");
    assert!(of(1).held_short && !of(2).held_short);
    let held_us = small.now.wall_us - of(2).held_since_us.expect("held");
    assert!(held_us >= 14 * SECOND_US, "{held_us}");
}

#[test]
fn a_group_of_pictures_that_is_kept_in_parts_is_held_and_let_go_whole() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25 * 24, 200); // a key frame each 24 s: in parts of ten seconds
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    tap.hold(Duration::from_secs(3));
    send_s(&mut camera, &mut tap, 24 + 22); // twenty-two seconds behind the second key frame
    tap.happened(Duration::from_secs(1), camera.now);
    send_s(&mut camera, &mut tap, 4);
    bench.settle();
    let found = written(&bench);
    assert!(is_seamless(&found), "{found:?}");
    assert!(
        found[0].facts.flags.has(FragmentFlags::KEY),
        "it can be shown"
    );
    let into_us = found[0].facts.start_us - camera.began_us;
    assert!(
        (into_us - 24 * SECOND_US).abs() <= PICTURE_US,
        "the group before was over: {into_us}"
    );
}

#[test]
fn a_plan_that_changes_goes_on_without_a_hole() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 1_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    send_s(&mut camera, &mut tap, 3);
    tap.hold(Duration::from_secs(60));
    send_s(&mut camera, &mut tap, 3);
    tap.keep_all();
    send_s(&mut camera, &mut tap, 3);
    let status = bench.recorder.status(&name(1)).expect("known");
    assert!(status.recording && !status.armed);
    tap.finish(camera.now);
    bench.settle();
    let found = written(&bench);
    assert!(is_seamless(&found), "{found:?}");
    assert!((found[0].facts.start_us - camera.began_us).abs() <= PICTURE_US);
    assert_eq!(found.last().expect("some").facts.end_us, camera.now.wall_us);
}

#[test]
fn pictures_that_no_event_wants_are_not_told_as_lost_when_they_come_too_fast() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let mut camera = Camera::new(25, 1_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    tap.hold(Duration::from_secs(5));
    send_s(&mut camera, &mut tap, 2);
    camera.burst(2_000); // more than the ring holds
    tap.pull(camera.now);
    assert_eq!(bench.recorder.counters().lost_fragments, 0);
    tap.happened(Duration::from_secs(900), camera.now);
    camera.burst(2_000);
    tap.pull(camera.now);
    assert_eq!(bench.recorder.counters().lost_fragments, 1);
}
