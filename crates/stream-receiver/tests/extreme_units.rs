//! Access units of nothing but delimiters and messages, of one byte, and of more than any camera sends.
use media_types::AccessUnit;
use rtp::{Fragment, H264Packetizer, RtpHeader};
use stream_receiver::{ReceiverPolicy, ReorderPolicy, StreamReceiver};

const SETS: &[u8] = &[
    0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xF6, 0x80, 0, 0, 0, 1, 0x68, 0xCE, 0x3C,
    0x80,
];
const DELIMITER: &[u8] = &[0, 0, 0, 1, 0x09, 0xF0];
const MESSAGE: &[u8] = &[0, 0, 0, 1, 0x06, 0x05, 0x01, 0xAA, 0x80];

fn slice(kind: u8, len: usize) -> Vec<u8> {
    [&[0, 0, 0, 1, kind][..], &vec![0x5A; len]].concat()
}

fn key(len: usize) -> Vec<u8> {
    [SETS, &slice(0x65, len)].concat()
}

/// A camera and what comes of it. `packed`: as a program stream with lengths of zero, else straight in RTP.
struct Link {
    receiver: StreamReceiver,
    packed: bool,
    sequence: u16,
    frames: u32,
}

impl Link {
    fn new(packed: bool, max_frame_bytes: usize) -> Self {
        let policy = ReceiverPolicy {
            reorder: ReorderPolicy::TCP,
            max_frame_bytes,
            ..ReceiverPolicy::default()
        };
        Self {
            receiver: StreamReceiver::new(policy),
            packed,
            sequence: 0,
            frames: 0,
        }
    }

    fn send(&mut self, annex_b: &[u8]) -> Vec<AccessUnit> {
        self.frames += 1;
        let time = self.frames * 3_600;
        let mut payloads: Vec<(bool, Vec<u8>)> = Vec::new();
        if self.packed {
            let mut pack = Vec::new();
            program_stream::mux_picture(
                media_types::Codec::H264,
                &[],
                i64::from(time),
                false,
                &mut pack,
            );
            pack.truncate(14);
            pack.extend_from_slice(&[0, 0, 1, 0xE0, 0, 0, 0x80, 0x80, 5]);
            pack.extend_from_slice(&[
                0x21 | (time >> 29) as u8 & 0x0E,
                (time >> 22) as u8,
                (time >> 14) as u8 | 1,
                (time >> 7) as u8,
                (time << 1) as u8 | 1,
            ]);
            pack.extend_from_slice(annex_b);
            let parts = pack.chunks(1_400).map(<[u8]>::to_vec).collect::<Vec<_>>();
            let last = parts.len() - 1;
            payloads.extend(
                parts
                    .into_iter()
                    .enumerate()
                    .map(|(at, part)| (at == last, part)),
            );
        } else {
            H264Packetizer::new(1_200).packetize(annex_b, |fragment: Fragment<'_>| {
                payloads.push((fragment.last, [fragment.prefix, fragment.body].concat()));
            });
        }
        for (marker, payload) in payloads {
            let header = RtpHeader {
                marker,
                payload_type: 96,
                sequence: self.sequence,
                timestamp: time,
                ssrc: 9,
            };
            self.sequence = self.sequence.wrapping_add(1);
            let packet = [&header.to_bytes()[..], &payload].concat();
            self.receiver
                .push_packet(&packet, u64::from(self.frames) * 40);
        }
        std::iter::from_fn(|| self.receiver.pull()).collect()
    }

    fn rest(&mut self) -> Vec<AccessUnit> {
        self.receiver
            .handle_timeout(u64::from(self.frames) * 40 + 10_000);
        std::iter::from_fn(|| self.receiver.pull()).collect()
    }
}

#[test]
fn a_flood_of_delimiters_and_messages_is_no_picture_and_hides_none() {
    for packed in [true, false] {
        let mut link = Link::new(packed, 1 << 20);
        let mut units = link.send(&key(3_000));
        for round in 0..400 {
            units.extend(link.send(&[DELIMITER, MESSAGE].concat().repeat(1 + round % 40)));
        }
        let behind = [
            &[DELIMITER, MESSAGE].concat().repeat(500)[..],
            &slice(0x41, 900),
        ]
        .concat();
        units.extend(link.send(&behind));
        units.extend(link.send(&key(3_000)));
        units.extend(link.rest());
        let pictures: Vec<_> = units
            .iter()
            .map(|unit| (unit.key, unit.bytes.len()))
            .collect();
        assert_eq!(
            pictures.len(),
            3,
            "packed {packed}: {pictures:?} {:?}",
            link.receiver.stats()
        );
        assert!(pictures[0].0 && !pictures[1].0 && pictures[2].0);
        assert!(pictures[1].1 >= 900);
    }
}

#[test]
fn a_flood_within_one_picture_is_bounded_and_counted() {
    for packed in [true, false] {
        let mut link = Link::new(packed, 100_000);
        let mut units = link.send(&key(3_000));
        let flood = [&MESSAGE.repeat(50_000)[..], &slice(0x41, 900)].concat();
        units.extend(link.send(&flood));
        units.extend(link.send(&key(3_000)));
        units.extend(link.rest());
        assert!(
            units.iter().all(|unit| unit.bytes.len() <= 100_000),
            "packed {packed}"
        );
        let stats = link.receiver.stats();
        assert_eq!(
            (stats.discarded_frames, stats.oversized_frames),
            (1, 1),
            "packed {packed}"
        );
        assert!(
            units.last().is_some_and(|unit| unit.key),
            "packed {packed}: it goes on"
        );
    }
}

#[test]
fn pictures_of_one_byte_and_of_the_limit_pass_and_a_larger_one_is_dropped() {
    for packed in [true, false] {
        let limit = 8 << 20;
        let mut link = Link::new(packed, limit);
        let mut units = link.send(&key(1));
        units.extend(link.send(&slice(0x41, 1)));
        units.extend(link.send(&key(limit - 10_000)));
        units.extend(link.send(&key(limit + 1)));
        units.extend(link.send(&slice(0x41, 1)));
        units.extend(link.send(&key(1)));
        units.extend(link.rest());
        let sizes: Vec<_> = units.iter().map(|unit| unit.bytes.len()).collect();
        assert!(
            sizes.contains(&key(limit - 10_000).len()),
            "packed {packed}: {sizes:?}"
        );
        assert!(
            sizes.iter().all(|&size| size <= limit),
            "packed {packed}: {sizes:?}"
        );
        assert_eq!(
            units.first().map(|unit| unit.bytes.len()),
            Some(key(1).len()),
            "packed {packed}"
        );
        assert!(
            units
                .last()
                .is_some_and(|unit| unit.key && unit.bytes.len() == key(1).len()),
            "packed {packed}"
        );
        let stats = link.receiver.stats();
        assert!(stats.oversized_frames >= 1, "packed {packed}: {stats:?}");
        assert!(
            stats.discarded_frames >= stats.oversized_frames,
            "packed {packed}: {stats:?}"
        );
    }
}
