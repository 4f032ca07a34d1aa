//! Bytes of real cameras and of a foreign muxer through the whole path.
use media_types::{AccessUnit, Codec};
use rtp::{RtpHeader, TcpFramer};
use stream_receiver::{AudioPolicy, ReceiverPolicy, ReorderPolicy, StreamReceiver};

const H264_PS: &[u8] = include_bytes!("../testdata/gomedia-h264-aac.ps");
const H265_PS: &[u8] = include_bytes!("../testdata/gomedia-h265-aac.ps");

fn packets_of(framed: &[u8]) -> Vec<Vec<u8>> {
    let (mut framer, mut packets) = (TcpFramer::new(), Vec::new());
    framer.push(framed, |packet| packets.push(packet.to_vec()));
    packets
}

/// The stream in packets of `len` bytes, all of one time stamp and without markers: only its own PTS cut it.
fn in_packets(stream: &[u8], len: usize) -> Vec<Vec<u8>> {
    let header = |sequence| RtpHeader {
        marker: false,
        payload_type: 96,
        sequence,
        timestamp: 0,
        ssrc: 1,
    };
    let packet = |(at, chunk): (usize, &[u8])| [&header(at as u16).to_bytes()[..], chunk].concat();
    stream.chunks(len).enumerate().map(packet).collect()
}

fn receive(packets: &[Vec<u8>], audio: AudioPolicy) -> (StreamReceiver, Vec<AccessUnit>) {
    let policy = ReceiverPolicy {
        audio,
        reorder: ReorderPolicy::TCP,
        ..ReceiverPolicy::default()
    };
    let (mut receiver, mut units) = (StreamReceiver::new(policy), Vec::new());
    for packet in packets {
        receiver.push_packet(packet, 0);
        units.extend(std::iter::from_fn(|| receiver.pull()));
    }
    receiver.handle_timeout(10_000);
    units.extend(std::iter::from_fn(|| receiver.pull()));
    (receiver, units)
}

#[test]
fn pictures_before_a_key_frame_and_half_a_key_frame_are_not_shown() {
    // Two whole P frames, a gap, and the first packet of a key frame whose end the capture does not have.
    let packets = packets_of(include_bytes!("../testdata/hikvision-ipc-h265.rtp4571"));
    let (receiver, units) = receive(&packets, AudioPolicy::Drop);
    assert_eq!(
        (receiver.stats().lost, receiver.stats().discarded_frames),
        (282, 2)
    );
    assert!(units.is_empty());
}

#[test]
fn a_hikvision_h264_stream_with_private_units_is_read() {
    let packets = packets_of(include_bytes!("../testdata/hikvision-ipc-h264.rtp4571"));
    let (receiver, units) = receive(&packets, AudioPolicy::Drop);
    assert_eq!(receiver.stats().packets, 14);
    assert_eq!(receiver.stats().lost, 0);
    assert!(
        units
            .iter()
            .any(|unit| unit.codec == Codec::H264 && unit.key),
        "{:?}",
        receiver.stats()
    );
}

#[test]
fn a_foreign_muxers_stream_is_the_same_however_it_is_cut() {
    for (stream, codec, size) in [
        (H264_PS, Codec::H264, (768, 576)),
        (H265_PS, Codec::H265, (768, 432)),
    ] {
        let (receiver, whole) = receive(&in_packets(stream, 60_000), AudioPolicy::Drop);
        let video = receiver.video().expect("described by its parameter sets");
        assert_eq!((video.codec, (video.width, video.height)), (codec, size));
        assert!(whole.len() > 20, "{} frames", whole.len());
        assert!(whole[0].key && whole.iter().all(|unit| unit.codec == codec));
        for len in [11, 97, 1_400] {
            let (receiver, cut) = receive(&in_packets(stream, len), AudioPolicy::Drop);
            assert!(cut == whole, "{len} bytes a packet: {:?}", receiver.stats());
        }
    }
}

#[test]
fn sound_leaves_only_when_the_policy_allows_it() {
    let packets = in_packets(H264_PS, 1_400);
    let (dropped, _) = receive(&packets, AudioPolicy::Drop);
    assert_eq!(dropped.stats().audio_units, 0);
    let (kept, units) = receive(&packets, AudioPolicy::Keep);
    assert!(kept.stats().audio_units > 0);
    assert!(units.iter().any(|unit| unit.codec == Codec::Aac));
    assert_eq!(kept.stats().frames, dropped.stats().frames);
}

#[test]
fn a_lost_packet_costs_whole_frames_and_leaves_no_half_ones() {
    let packets = in_packets(H264_PS, 1_400);
    let (_, whole) = receive(&packets, AudioPolicy::Drop);
    let with_loss: Vec<_> = packets
        .iter()
        .enumerate()
        .filter(|(at, _)| *at < 120 || at % 40 != 39)
        .map(|(_, packet)| packet.clone())
        .collect();
    let (receiver, units) = receive(&with_loss, AudioPolicy::Drop);
    assert!(receiver.stats().lost > 0 && units.len() < whole.len() && !units.is_empty());
    for unit in &units {
        assert!(
            whole.iter().any(|sent| sent.bytes == unit.bytes),
            "a frame that was not sent"
        );
    }
}
