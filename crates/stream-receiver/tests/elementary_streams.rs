//! H.264 and H.265 straight in RTP, as cameras with ES payload and the transcoder send them.
use media_types::{AccessUnit, Codec};
use rtp::{Fragment, H264Packetizer, H265Packetizer, RtpHeader};
use stream_receiver::{
    MarkerPolicy, ReceiverPolicy, ReceiverStats, ReorderPolicy, StreamReceiver, Unplayable,
};

/// A key frame that carries its sets, and pictures behind it; `sets` and slices of one codec.
fn sent(codec: Codec) -> Vec<Vec<u8>> {
    let unit = |header: &[u8], len: usize| [&[0, 0, 0, 1][..], header, &vec![0x5A; len]].concat();
    let (sets, key, other): (&[&[u8]], &[u8], &[u8]) = match codec {
        Codec::H265 => (
            &[
                &[0, 0, 0, 1, 0x40, 1, 0x0C, 1, 0xFF, 0xFF, 1, 0x60],
                // Main profile, level 4.1, 1920x1080 in a window of 1920x1088.
                &[
                    0, 0, 0, 1, 0x42, 1, 1, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x7B,
                    0xA0, 3, 0xC0, 0x80, 0x10, 0xE5, 0x96, 0x56, 0x69,
                ],
                &[0, 0, 0, 1, 0x44, 1, 0xC1, 0x72, 0xB4],
            ],
            &[0x26, 1],
            &[0x02, 1],
        ),
        _ => (
            &[
                &[
                    0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xF6, 0x80,
                ],
                &[0, 0, 0, 1, 0x68, 0xCE, 0x3C, 0x80],
            ],
            &[0x65],
            &[0x41],
        ),
    };
    let mut frames = vec![[&sets.concat()[..], &unit(key, 9_000)].concat()];
    frames.extend((1..12).map(|len| unit(other, len * 400)));
    frames
}

fn receive(
    codec: Codec,
    marker: fn(bool) -> bool,
    keep: fn(u16) -> bool,
) -> (ReceiverStats, Vec<AccessUnit>) {
    let policy = ReceiverPolicy {
        reorder: ReorderPolicy::TCP,
        ..ReceiverPolicy::default()
    };
    let (mut receiver, mut units) = (StreamReceiver::new(policy), Vec::new());
    let mut sequence = 0xFFF0u16;
    for (at, frame) in sent(codec).iter().enumerate() {
        let send = |fragment: Fragment<'_>| {
            let header = RtpHeader {
                marker: marker(fragment.last),
                payload_type: 96,
                sequence,
                timestamp: (at as u32).wrapping_mul(3_600).wrapping_sub(7_200),
                ssrc: 9,
            };
            let packet = [&header.to_bytes()[..], fragment.prefix, fragment.body].concat();
            if keep(sequence) {
                receiver.push_packet(&packet, at as u64 * 40);
            }
            sequence = sequence.wrapping_add(1);
        };
        match codec {
            Codec::H265 => H265Packetizer::new(1_200).packetize(frame, send),
            _ => H264Packetizer::new(1_200).packetize(frame, send),
        }
        units.extend(std::iter::from_fn(|| receiver.pull()));
    }
    receiver.handle_timeout(10_000);
    units.extend(std::iter::from_fn(|| receiver.pull()));
    assert!(
        receiver.video().is_some_and(|video| video.codec == codec),
        "{:?}",
        receiver.stats()
    );
    (*receiver.stats(), units)
}

#[test]
fn frames_come_out_as_sent_whatever_the_marker_says() {
    for codec in [Codec::H264, Codec::H265] {
        for marker in [|last| last, |_| false, |_| true] {
            let (_, units) = receive(codec, marker, |_| true);
            let frames: Vec<_> = units.iter().map(|unit| unit.bytes.to_vec()).collect();
            assert!(frames == sent(codec), "{codec:?}");
            assert!(units[0].key && units[1..].iter().all(|unit| !unit.key));
            assert!(
                units
                    .windows(2)
                    .all(|pair| pair[1].pts.0 - pair[0].pts.0 == 3_600)
            );
        }
    }
}

#[test]
fn frames_that_share_a_time_stamp_are_parted_by_markers_that_are_trusted() {
    let parted_by = |marker| {
        let policy = ReceiverPolicy {
            marker,
            reorder: ReorderPolicy::TCP,
            ..ReceiverPolicy::default()
        };
        let (mut receiver, mut sequence) = (StreamReceiver::new(policy), 0u16);
        for (at, frame) in sent(Codec::H264).iter().enumerate() {
            H264Packetizer::new(1_200).packetize(frame, |fragment: Fragment<'_>| {
                let header = RtpHeader {
                    marker: fragment.last,
                    payload_type: 98,
                    sequence,
                    timestamp: at as u32 / 2 * 7_200,
                    ssrc: 9,
                };
                sequence += 1;
                let packet = [&header.to_bytes()[..], fragment.prefix, fragment.body].concat();
                receiver.push_packet(&packet, at as u64 * 40);
            });
        }
        receiver.handle_timeout(10_000);
        let units = std::iter::from_fn(|| receiver.pull());
        units.map(|unit| unit.bytes.to_vec()).collect::<Vec<_>>()
    };
    assert!(parted_by(MarkerPolicy::Trust) == sent(Codec::H264));
    assert_ne!(
        parted_by(MarkerPolicy::Learn).len(),
        sent(Codec::H264).len()
    );
}

#[test]
fn a_frame_that_lost_a_fragment_is_left_out() {
    let (stats, units) = receive(Codec::H264, |last| last, |sequence| sequence != 0x0000);
    assert_eq!(stats.lost, 1);
    assert_eq!(units.len(), sent(Codec::H264).len() - 1);
}

#[test]
fn a_transport_stream_is_named() {
    let mut receiver = StreamReceiver::new(ReceiverPolicy::default());
    let mut packet = RtpHeader {
        marker: false,
        payload_type: 33,
        sequence: 1,
        timestamp: 0,
        ssrc: 1,
    }
    .to_bytes()
    .to_vec();
    packet.extend([&[0x47][..], &[0; 187]].concat().repeat(7));
    receiver.push_packet(&packet, 0);
    assert_eq!(receiver.unplayable(), Some(Unplayable::TransportStream));
}
