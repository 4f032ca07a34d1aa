//! A real stream through a network with faults: nothing but what was sent comes out, in order, and nothing panics.
use bad_network::{BadNetwork, Faults};
use proptest::prelude::*;
use rtp::RtpHeader;
use stream_receiver::{ReceiverPolicy, ReorderPolicy, StreamReceiver, fuzz_bodies};

const STREAM: &[u8] = include_bytes!("../testdata/gomedia-h264-aac.ps");

fn through(faults: Faults, seed: u64) -> (StreamReceiver, u64, Vec<Vec<u8>>) {
    let mut network = BadNetwork::new(faults, seed);
    let (mut receiver, mut frames) = (StreamReceiver::new(ReceiverPolicy::default()), Vec::new());
    let packets: Vec<_> = STREAM.chunks(1_400).collect();
    for now_ms in 0..packets.len() as u64 + 2_000 {
        if let Some(payload) = packets.get(now_ms as usize) {
            let header = RtpHeader {
                marker: false,
                payload_type: 96,
                sequence: now_ms as u16,
                timestamp: 0,
                ssrc: 1,
            };
            network.send(&[&header.to_bytes()[..], payload].concat(), now_ms);
        }
        while let Some(packet) = network.receive(now_ms) {
            receiver.push_packet(&packet, now_ms);
        }
        if receiver.due_at_ms().is_some_and(|due| due <= now_ms) {
            receiver.handle_timeout(now_ms);
        }
        frames.extend(std::iter::from_fn(|| receiver.pull()).map(|unit| unit.bytes.to_vec()));
    }
    (receiver, network.lost(), frames)
}

/// A packet each millisecond, of which the twentieth comes `late` packets later: lost, and the units that came out.
fn with_one_late(reorder: ReorderPolicy, late: usize) -> (u64, Vec<Vec<u8>>) {
    let mut packets: Vec<_> = STREAM.chunks(250).enumerate().take(1_500).collect();
    let held = packets.remove(20);
    packets.insert(20 + late, held);
    let policy = ReceiverPolicy {
        reorder,
        ..ReceiverPolicy::default()
    };
    let (mut receiver, mut frames) = (StreamReceiver::new(policy), Vec::new());
    for (now_ms, (number, payload)) in packets.into_iter().enumerate() {
        let header = RtpHeader {
            marker: false,
            payload_type: 96,
            sequence: number as u16,
            timestamp: 0,
            ssrc: 1,
        };
        receiver.push_packet(&[&header.to_bytes()[..], payload].concat(), now_ms as u64);
        frames.extend(std::iter::from_fn(|| receiver.pull()).map(|unit| unit.bytes.to_vec()));
    }
    (receiver.stats().lost, frames)
}

#[test]
fn how_long_a_missing_packet_is_waited_for_is_the_policys() {
    let (lost, whole) = with_one_late(ReorderPolicy::LONG, 0);
    assert!(lost == 0 && whole.len() > 5);
    for (policy, follows, gives_up) in [
        (ReorderPolicy::NONE, 0, 1),
        (ReorderPolicy::UDP, 60, 150),
        (ReorderPolicy::LONG, 700, 1_100),
    ] {
        assert_eq!(with_one_late(policy, follows).0, 0, "{policy:?}");
        assert!(with_one_late(policy, gives_up).0 > 0, "{policy:?}");
    }
    assert_eq!(with_one_late(ReorderPolicy::LONG, 700).1, whole);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn disorder_and_repetition_change_nothing(seed: u64, delay_ms in 1u64..40, repeat_percent in 0u8..30) {
        let (_, _, whole) = through(Faults::default(), 0);
        let (receiver, _, frames) = through(Faults { delay_ms, repeat_percent, loss_percent: 0 }, seed);
        // The very first packets may be overtaken; the stream then begins with a later one.
        prop_assert!(frames == whole || receiver.stats().late > 0);
    }

    #[test]
    fn after_loss_only_whole_frames_come_out(seed: u64, loss_percent in 1u8..5) {
        let (_, _, whole) = through(Faults::default(), 0);
        let (receiver, lost, frames) = through(Faults { loss_percent, ..Faults::default() }, seed);
        prop_assert!(receiver.stats().lost <= lost);
        let mut sent = whole.iter();
        for frame in &frames {
            prop_assert!(sent.any(|whole| whole == frame), "a frame that was not sent, or out of order");
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
        fuzz_bodies::stream(&bytes);
    }
}
