use super::*;
use bytes::Bytes;
use media_types::{Codec, Pts90k};

const SPS_PPS_IDR: &[u8] = &[
    0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8, 0, 0, 0, 1, 0x68, 0xCB,
    0x83, 0xCB, 0x20, 0, 0, 0, 1, 0x65, 0x88, 0x84,
];

fn unit(number: i64, key: bool) -> AccessUnit {
    let bytes: &'static [u8] = if key {
        SPS_PPS_IDR
    } else {
        &[0, 0, 0, 1, 0x41, 1, 2]
    };
    AccessUnit {
        codec: Codec::H264,
        pts: Pts90k(number * 3600),
        key,
        camera_us: None,
        bytes: Bytes::from_static(bytes),
    }
}

fn sequence_of(next: Option<Next>) -> Option<u64> {
    match next {
        Some(Next::Frame(frame)) => Some(frame.sequence),
        _ => None,
    }
}

fn filled(pictures: i64, gop: i64) -> Arc<Hub> {
    let hub = Arc::new(Hub::new());
    let parameters =
        VideoParameters::from_annex_b(Codec::H264, SPS_PPS_IDR).expect("whole parameter sets");
    for number in 0..pictures {
        hub.push(unit(number, number % gop == 0), Some(&parameters));
    }
    hub
}

#[test]
fn a_new_reader_begins_at_the_newest_key_frame() {
    let hub = filled(27, 10);
    assert_eq!(sequence_of(hub.read().try_next()), Some(20));
}

#[test]
fn a_slow_reader_skips_to_the_newest_key_frame_and_counts_what_it_missed() {
    let hub = filled(1, 10);
    let mut reader = hub.read();
    assert_eq!(sequence_of(reader.try_next()), Some(0));
    let parameters =
        VideoParameters::from_annex_b(Codec::H264, SPS_PPS_IDR).expect("whole parameter sets");
    for number in 1..45 {
        hub.push(unit(number, number % 10 == 0), Some(&parameters));
    }
    assert_eq!(sequence_of(reader.try_next()), Some(40));
    assert_eq!(reader.skipped(), 39);
}

#[tokio::test]
async fn closing_ends_a_waiting_reader() {
    let hub = filled(1, 10);
    let mut reader = hub.read();
    assert!(matches!(reader.next().await, Next::Frame(_)));
    hub.close();
    assert!(matches!(reader.next().await, Next::Closed));
    drop(reader);
    assert_eq!(hub.readers(), 0);
}

fn sound(pts_90k: i64) -> AccessUnit {
    AccessUnit {
        codec: Codec::G711A,
        pts: Pts90k(pts_90k),
        key: false,
        camera_us: None,
        bytes: Bytes::from_static(&[0xD5; 320]),
    }
}

/// Pictures and 40 ms of sound in turn; `has_sound` says at which pictures.
fn heard(pictures: i64, has_sound: fn(i64) -> bool) -> (Arc<Hub>, Vec<Arc<VideoInfo>>) {
    let hub = Arc::new(Hub::expecting_sound());
    let parameters =
        VideoParameters::from_annex_b(Codec::H264, SPS_PPS_IDR).expect("whole parameter sets");
    let mut described = Vec::new();
    for number in 0..pictures {
        described.extend(hub.push(unit(number, number % 10 == 0), Some(&parameters)));
        if has_sound(number) {
            described.extend(hub.push_sound(sound(number * 3_600)));
        }
    }
    (hub, described)
}

#[test]
fn sound_is_described_with_the_first_picture_and_shares_the_ring() {
    let (hub, described) = heard(25, |_| true);
    assert_eq!(described.len(), 1);
    assert_eq!(
        described[0].sound.map(|sound| sound.codec),
        Some(Codec::G711A)
    );
    let mut reader = hub.read();
    let mut frames = Vec::new();
    while let Some(Next::Frame(frame)) = reader.try_next() {
        frames.push(frame);
    }
    assert!(frames[0].key);
    let sounds: Vec<_> = frames.iter().filter_map(|frame| frame.sound).collect();
    assert_eq!((frames.len(), sounds.len()), (10, 5));
    for pair in sounds.windows(2) {
        assert_eq!(pair[0].first_sample + 320, pair[1].first_sample);
    }
    assert_eq!(sounds[0].first_sample, 20 * 320);
}

#[test]
fn pictures_wait_only_a_moment_for_sound_that_never_comes() {
    let (hub, described) = heard(7, |_| false);
    assert!(described.is_empty() && hub.read().try_next().is_none());
    let (_, described) = heard(9, |_| false);
    assert_eq!(described.len(), 1);
    assert_eq!(described[0].sound, None);
}

#[test]
fn sound_that_stops_is_taken_out_of_the_description_and_may_come_back() {
    let (_, described) = heard(200, |number| !(50..150).contains(&number));
    let sounds: Vec<bool> = described.iter().map(|info| info.sound.is_some()).collect();
    assert_eq!(sounds, [true, false, true]);
}

#[test]
fn sound_that_comes_and_goes_is_given_up_in_the_end() {
    let (_, described) = heard(2_000, |number| number % 100 < 25);
    let sounds: Vec<bool> = described.iter().map(|info| info.sound.is_some()).collect();
    assert_eq!(sounds, [true, false, true, false, true, false]);
}

#[test]
fn sound_whose_clock_is_off_follows_the_pictures() {
    let hub = Arc::new(Hub::expecting_sound());
    let parameters =
        VideoParameters::from_annex_b(Codec::H264, SPS_PPS_IDR).expect("whole parameter sets");
    let mut reader = hub.read();
    let mut ends = Vec::new();
    for number in 0..300 {
        hub.push(unit(number, number % 10 == 0), Some(&parameters));
        hub.push_sound(sound(number * 3_500)); // 40 ms of sound each 38.9 ms
        while let Some(Next::Frame(frame)) = reader.try_next() {
            ends.extend(frame.sound.map(|sound| (sound.first_sample, frame.pts_90k)));
        }
    }
    for (first_sample, pts_90k) in ends {
        assert!((first_sample as i64 - pts_90k * 8_000 / 90_000).abs() <= 640);
    }
}

#[test]
fn a_keeper_that_looks_late_has_every_picture_from_the_first_key_frame_on() {
    let hub = Arc::new(Hub::new());
    let mut keeper = hub.keeper();
    let parameters =
        VideoParameters::from_annex_b(Codec::H264, SPS_PPS_IDR).expect("whole parameter sets");
    let push = |range: std::ops::Range<i64>| {
        for number in range {
            hub.push(unit(number, number % 10 == 3), Some(&parameters));
        }
    };
    push(0..105);
    let sequences = |taken: &Taken| {
        let all = taken.frames.iter().map(|one| one.sequence);
        all.collect::<Vec<_>>()
    };
    let taken = keeper.take();
    assert_eq!(sequences(&taken), (3..105).collect::<Vec<_>>());
    push(105..171);
    let mut viewer = hub.cursor();
    assert_eq!(
        sequence_of(viewer.try_next()),
        Some(163),
        "others begin anew"
    );
    let taken = keeper.take();
    assert_eq!(
        (sequences(&taken), taken.missed),
        ((105..171).collect::<Vec<_>>(), 0)
    );
    push(171..174);
    hub.close();
    let taken = keeper.take();
    assert_eq!((taken.frames.len(), taken.closed), (3, true));
    assert!(hub.state().ring.len() < 20, "what was taken is let go");
}

#[test]
fn what_a_keeper_lost_beyond_the_bounds_is_counted() {
    let hub = filled(1, 10);
    let mut keeper = hub.keeper();
    assert_eq!(keeper.take().frames.len(), 1);
    let parameters =
        VideoParameters::from_annex_b(Codec::H264, SPS_PPS_IDR).expect("whole parameter sets");
    let more = MAX_RING_FRAMES as i64 + 100;
    for number in 1..=more {
        hub.push(unit(number, number % 10 == 0), Some(&parameters));
    }
    let taken = keeper.take();
    assert_eq!((taken.frames.len(), taken.missed), (MAX_RING_FRAMES, 100));
}

#[test]
fn nothing_before_the_newest_key_frame_is_held_for_nobody() {
    let hub = filled(20, 10);
    assert_eq!(hub.state().ring.len(), 10);
    let cursor = hub.cursor();
    hub.push(unit(20, true), None);
    assert_eq!(hub.state().ring.len(), 9, "a reader may be a moment behind");
    drop(cursor);
    hub.push(unit(21, true), None);
    assert_eq!(hub.state().ring.len(), 1);
}
