//! A real stream through a network with faults: nothing but what was sent comes out, in order, and nothing panics.
use bad_network::{BadNetwork, Faults};
use proptest::prelude::*;
use rtp::RtpHeader;
use stream_receiver::{ReceiverPolicy, StreamReceiver, fuzz_bodies};

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
