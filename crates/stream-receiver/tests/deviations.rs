//! Deviations of real devices, one test each; the table is docs/design/media-deviations.md.
use media_types::{AccessUnit, Codec};
use rtp::RtpHeader;
use stream_receiver::{
    AudioPolicy, MarkerPolicy, ParameterSetPolicy, ReceiverPolicy, ReorderPolicy, StreamReceiver,
    Unplayable,
};

const H264_SETS: &[u8] = &[
    0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xF6, 0x80, 0, 0, 0, 1, 0x68, 0xCE, 0x3C,
    0x80,
];
const H265_SETS: &[u8] = &[
    0, 0, 0, 1, 0x40, 1, 0x0C, 1, 0xFF, 0xFF, 1, 0x60, 0, 0, 0, 1, 0x42, 1, 1, 1, 0x60, 0, 0, 3, 0,
    0x90, 0, 0, 3, 0, 0, 3, 0, 0x7B, 0xA0, 3, 0xC0, 0x80, 0x10, 0xE5, 0x96, 0x56, 0x69, 0, 0, 0, 1,
    0x44, 1, 0xC1, 0x72, 0xB4,
];
const TICKS: i64 = 3_600;

fn picture(number: usize, len: usize) -> Vec<u8> {
    let kind = if number.is_multiple_of(10) {
        0x65
    } else {
        0x41
    };
    let mut unit = vec![0, 0, 0, 1, kind];
    unit.extend((0..len).map(|at| (at % 199 + 4) as u8));
    if kind == 0x65 {
        unit = [H264_SETS, &unit].concat();
    }
    unit
}

fn pack(pts: i64) -> Vec<u8> {
    let mut out = Vec::new();
    program_stream::mux_picture(Codec::H264, &[], pts, false, &mut out);
    out.truncate(14);
    out
}

fn map(entries: &[[u8; 2]]) -> Vec<u8> {
    let mut out = vec![
        0,
        0,
        1,
        0xBC,
        0,
        10 + 4 * entries.len() as u8,
        0xE0,
        0xFF,
        0,
        0,
        0,
        4 * entries.len() as u8,
    ];
    entries
        .iter()
        .for_each(|[kind, id]| out.extend_from_slice(&[*kind, *id, 0, 0]));
    out.extend_from_slice(&[0xBA, 0xAD, 0xBA, 0xAD]); // a checksum that is wrong
    out
}

fn pes(id: u8, pts: Option<i64>, length: Option<usize>, payload: &[u8]) -> Vec<u8> {
    let mut head = vec![0x80, 0, 0];
    if let Some(pts) = pts {
        head = vec![
            0x80,
            0x80,
            5,
            0x21 | (pts >> 29) as u8 & 0x0E,
            (pts >> 22) as u8,
        ];
        head.extend_from_slice(&[
            (pts >> 14) as u8 | 1,
            (pts >> 7) as u8,
            (pts << 1) as u8 | 1,
        ]);
    }
    let length = length.unwrap_or(head.len() + payload.len()) as u16; // wraps, as devices do
    [&[0, 0, 1, id][..], &length.to_be_bytes(), &head, payload].concat()
}

/// A picture as the standard has it.
fn plain(number: usize, picture: &[u8]) -> Vec<u8> {
    let pts = number as i64 * TICKS;
    let map = if number.is_multiple_of(10) {
        map(&[[0x1B, 0xE0], [0x90, 0xC0]])
    } else {
        Vec::new()
    };
    [pack(pts), map, pes(0xE0, Some(pts), None, picture)].concat()
}

struct Sender {
    sequence: u16,
    payload_type: u8,
    marker: fn(bool) -> bool,
    /// Time stamp by the picture's number and the packet's within it.
    time: fn(u32, usize) -> u32,
    receiver: StreamReceiver,
    units: Vec<AccessUnit>,
}

impl Sender {
    fn new(policy: ReceiverPolicy) -> Self {
        let reorder = ReorderPolicy::TCP;
        let receiver = StreamReceiver::new(ReceiverPolicy { reorder, ..policy });
        Self {
            sequence: 65_500,
            payload_type: 96,
            marker: |last| last,
            time: |number, _| (number * TICKS as u32).wrapping_sub(9_000),
            receiver,
            units: Vec::new(),
        }
    }

    fn send(&mut self, number: usize, bytes: &[u8]) {
        for (at, chunk) in bytes.chunks(1_400).enumerate() {
            let header = RtpHeader {
                marker: (self.marker)((at + 1) * 1_400 >= bytes.len()),
                payload_type: self.payload_type,
                sequence: self.sequence,
                timestamp: (self.time)(number as u32, at),
                ssrc: 7,
            };
            self.sequence = self.sequence.wrapping_add(1);
            self.receiver.push_packet(
                &[&header.to_bytes()[..], chunk].concat(),
                number as u64 * 40,
            );
        }
        self.units
            .extend(std::iter::from_fn(|| self.receiver.pull()));
    }

    fn finish(mut self) -> Vec<AccessUnit> {
        self.receiver.handle_timeout(1_000_000);
        self.units
            .extend(std::iter::from_fn(|| self.receiver.pull()));
        self.units
    }
}

/// Sends 25 pictures as `mux` has them; they must come out as they were.
fn whole(mux: impl Fn(usize, &[u8]) -> Vec<u8>) -> Vec<AccessUnit> {
    whole_of(Sender::new(ReceiverPolicy::default()), 5_000, mux)
}

fn whole_of(
    mut sender: Sender,
    len: usize,
    mux: impl Fn(usize, &[u8]) -> Vec<u8>,
) -> Vec<AccessUnit> {
    for number in 0..25 {
        let stream = mux(number, &picture(number, len));
        sender.send(number, &stream);
    }
    let units = sender.finish();
    let pictures: Vec<_> = units.iter().filter(|unit| unit.codec.is_video()).collect();
    assert_eq!(pictures.len(), 25);
    for (number, unit) in pictures.iter().enumerate() {
        assert_eq!((unit.codec, unit.key), (Codec::H264, number % 10 == 0));
        assert!(unit.bytes == picture(number, len), "picture {number}");
    }
    for pair in pictures.windows(2) {
        assert_eq!(pair[1].pts.0 - pair[0].pts.0, TICKS);
    }
    units
}

#[test]
fn a_map_that_never_comes_or_lies_is_not_needed() {
    whole(|number, picture| {
        [
            pack(number as i64 * TICKS),
            pes(0xE0, Some(number as i64 * TICKS), None, picture),
        ]
        .concat()
    });
    whole(|number, picture| {
        let pts = number as i64 * TICKS;
        [
            pack(pts),
            map(&[[0x24, 0xE0]]),
            pes(0xE0, Some(pts), None, picture),
        ]
        .concat()
    });
}

#[test]
fn a_codec_that_changes_in_the_middle_is_seen_by_its_parameter_sets() {
    let mut sender = Sender::new(ReceiverPolicy::default());
    for number in 0..12 {
        sender.send(number, &plain(number, &picture(number, 900)));
    }
    let h265 = [H265_SETS, &[0, 0, 0, 1, 0x26, 1, 9, 9, 9]].concat();
    sender.send(12, &plain(12, &h265));
    sender.send(13, &plain(13, &[0, 0, 0, 1, 0x02, 1, 8, 8, 8]));
    let units = sender.finish();
    assert_eq!(units.len(), 14);
    assert!(units[12].codec == Codec::H265 && units[12].key && units[13].codec == Codec::H265);
}

#[test]
fn private_units_padding_and_empty_packets_are_jumped_over_whatever_they_hold() {
    whole(|number, picture| {
        let pts = number as i64 * TICKS;
        // Private data with start codes in it, which a search would take for units.
        let private = pes(
            0xBD,
            None,
            None,
            &[0, 0, 1, 0xE0, 0, 9, 0, 0, 1, 0xBA, 0x44],
        );
        let padding = [
            &[0, 0, 1, 0xBE, 0, 4][..],
            &[0xFF; 4],
            &[0, 0, 1, 0xBF, 0, 2, 0, 1],
        ]
        .concat();
        [
            pack(pts),
            private,
            padding,
            pes(0xE0, Some(pts), None, picture),
            pes(0xE0, None, None, &[]),
        ]
        .concat()
    });
}

#[test]
fn a_packet_length_of_zero_or_wrapped_ends_at_the_next_unit() {
    whole(|number, picture| {
        [
            pack(number as i64 * TICKS),
            pes(0xE0, Some(number as i64 * TICKS), Some(0), picture),
        ]
        .concat()
    });
    let wrapped = |number: usize, picture: &[u8]| {
        [
            pack(number as i64 * TICKS),
            pes(0xE0, Some(number as i64 * TICKS), None, picture),
        ]
        .concat()
    };
    whole_of(Sender::new(ReceiverPolicy::default()), 150_000, wrapped);
}

#[test]
fn a_picture_in_many_packets_of_which_only_the_first_has_a_time() {
    for later in [None, Some(0)] {
        whole(|number, picture| {
            let pts = number as i64 * TICKS;
            let (first, rest) = picture.split_at(2_000);
            [
                pack(pts),
                pes(0xE0, Some(pts), None, first),
                pes(0xE0, later, None, rest),
            ]
            .concat()
        });
    }
}

#[test]
fn markers_on_every_packet_or_on_none_and_any_payload_type() {
    let markers: [fn(bool) -> bool; 2] = [|_| true, |_| false];
    for marker in markers {
        for payload_type in [96, 98, 99, 100, 40] {
            let sender = Sender {
                marker,
                payload_type,
                ..Sender::new(ReceiverPolicy::default())
            };
            whole_of(sender, 5_000, plain);
        }
    }
}

#[test]
fn pictures_that_share_a_time_stamp_are_parted_by_markers_that_are_trusted() {
    // The sender's clock stands for two pictures, and no PES tells a time.
    let parted_by = |marker| {
        let mut sender = Sender {
            time: |number, _| number / 2 * 2 * TICKS as u32,
            ..Sender::new(ReceiverPolicy {
                marker,
                ..ReceiverPolicy::default()
            })
        };
        for number in 0..25 {
            let bytes = pes(0xE0, None, None, &picture(number, 3_000));
            sender.send(number, &[pack(number as i64 * TICKS), bytes].concat());
        }
        let units = sender.finish();
        units
            .iter()
            .map(|unit| unit.bytes.to_vec())
            .collect::<Vec<_>>()
    };
    let sent: Vec<_> = (0..25).map(|number| picture(number, 3_000)).collect();
    assert!(parted_by(MarkerPolicy::Trust) == sent);
    for policy in [MarkerPolicy::Learn, MarkerPolicy::Ignore] {
        assert_ne!(parted_by(policy).len(), sent.len(), "two become one");
    }
}

#[test]
fn packets_of_another_time_stamp_between_those_of_a_picture() {
    for marker in [|last| last, |_| true] as [fn(bool) -> bool; 2] {
        let sender = Sender {
            marker,
            time: |number, at| number * TICKS as u32 + if at == 1 { 77 } else { 0 },
            ..Sender::new(ReceiverPolicy::default())
        };
        whole_of(sender, 5_000, plain);
    }
}

#[test]
fn slices_in_packets_of_their_own_with_filler_and_zeros_are_one_picture() {
    let mut sender = Sender::new(ReceiverPolicy::default());
    let filler = [&[0, 0, 0, 1, 0x0C][..], &[0xFF; 300], &[0x80]].concat();
    for number in 0..12 {
        let pts = Some(number as i64 * TICKS);
        let first = picture(number, 800);
        let second = [0, 0, 0, 1, first[first.len() - 801], 0x40, 7, 7, 7];
        let stream = [
            pack(number as i64 * TICKS),
            pes(0xE0, pts, None, &first),
            pes(0xE0, pts, None, &second),
            pes(0xE0, None, None, &[&filler[..], &[0; 6]].concat()),
        ];
        sender.send(number, &stream.concat());
    }
    let units = sender.finish();
    assert_eq!(units.len(), 12);
    for (number, unit) in units.iter().enumerate() {
        assert!(unit.bytes.starts_with(&picture(number, 800)));
        assert_eq!(
            (unit.pts.0 - units[0].pts.0, unit.key),
            (number as i64 * TICKS, number % 10 == 0)
        );
    }
}

#[test]
fn stuffing_in_the_pack_header_is_skipped() {
    whole(|number, picture| {
        let mut stuffed = pack(number as i64 * TICKS);
        stuffed[13] |= 5;
        [
            stuffed,
            vec![0xFF; 5],
            pes(0xE0, Some(number as i64 * TICKS), None, picture),
        ]
        .concat()
    });
}

#[test]
fn sound_between_the_packets_of_a_picture_and_in_packs_of_its_own() {
    let policy = ReceiverPolicy {
        audio: AudioPolicy::Keep,
        ..ReceiverPolicy::default()
    };
    let units = whole_of(Sender::new(policy), 5_000, |number, picture| {
        let sound = pes(0xC0, Some(number as i64 * TICKS - 900), None, &[0xD5; 320]);
        let old = [pack(number as i64 * TICKS - 1_800), sound.clone()].concat();
        [plain(number, picture), sound, old].concat()
    });
    assert_eq!(
        units
            .iter()
            .filter(|unit| unit.codec == Codec::G711A)
            .count(),
        50
    );
}

#[test]
fn time_stamps_that_leap_move_the_line_and_not_the_picture() {
    let mut sender = Sender::new(ReceiverPolicy::default());
    for number in 0..20 {
        let pts = number as i64 * TICKS + if number < 10 { 0 } else { 5_000_000_000 };
        let stream = [pack(pts), pes(0xE0, Some(pts), None, &picture(number, 700))].concat();
        sender.send(number, &stream);
    }
    let units = sender.finish();
    assert_eq!(units.len(), 20);
    assert!(
        units
            .windows(2)
            .all(|pair| pair[1].pts.0 - pair[0].pts.0 == TICKS)
    );
}

/// The first bytes of each key frame; the camera sends its parameter sets before the pictures of these numbers alone.
fn key_frames_of(parameter_sets: ParameterSetPolicy, with_sets: &[usize]) -> Vec<bool> {
    let mut sender = Sender::new(ReceiverPolicy {
        parameter_sets,
        ..ReceiverPolicy::default()
    });
    for number in 0..25 {
        let mut bytes = picture(number, 700);
        if number % 10 == 0 {
            bytes.drain(..H264_SETS.len());
        }
        if with_sets.contains(&number) {
            bytes = [H264_SETS, &bytes].concat();
        }
        sender.send(number, &plain(number, &bytes));
    }
    let units = sender.finish();
    let keys = units.iter().filter(|unit| unit.key);
    keys.map(|unit| unit.bytes.starts_with(H264_SETS)).collect()
}

#[test]
fn parameter_sets_that_came_only_once_or_before_another_picture_are_put_before_each_key_frame() {
    let inserted = |with_sets| key_frames_of(ParameterSetPolicy::InsertBeforeKey, with_sets);
    assert_eq!(inserted(&[0]), [true, true, true]);
    assert_eq!(
        inserted(&[3, 13]),
        [true, true],
        "shown from the next key frame on"
    );
    assert_eq!(
        key_frames_of(ParameterSetPolicy::Leave, &[0]),
        [true, false, false]
    );
}

#[test]
fn what_nobody_can_play_is_named() {
    for (stream_type, reason) in [(0x80, Unplayable::Svac), (0x10, Unplayable::Mpeg4Visual)] {
        let mut sender = Sender::new(ReceiverPolicy::default());
        for number in 0..4 {
            let pts = number as i64 * TICKS;
            let frame = pes(0xE0, Some(pts), None, &[0, 0, 1, 0xB6, 1, 2, 3]);
            sender.send(
                number,
                &[pack(pts), map(&[[stream_type, 0xE0]]), frame].concat(),
            );
        }
        assert_eq!(sender.receiver.unplayable(), Some(reason));
        assert!(sender.finish().is_empty());
    }
}
