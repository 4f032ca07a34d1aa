//! Packets a second through one receiver: `cargo run --release -p stream-receiver --example throughput`.
use rtp::RtpHeader;
use std::time::Instant;
use stream_receiver::{ReceiverPolicy, StreamReceiver};

fn main() {
    let stream = include_bytes!("../testdata/gomedia-h264-aac.ps");
    let packets: Vec<Vec<u8>> = stream
        .chunks(1_400)
        .map(|payload| {
            let header = RtpHeader {
                marker: false,
                payload_type: 96,
                sequence: 0,
                timestamp: 0,
                ssrc: 1,
            };
            [&header.to_bytes()[..], payload].concat()
        })
        .collect();
    let mut receiver = StreamReceiver::new(ReceiverPolicy::default());
    let (mut sequence, mut frames, rounds) = (0u16, 0u64, 5_000);
    let began = Instant::now();
    for packet in packets.iter().cycle().take(packets.len() * rounds) {
        let mut fixed = *packet.first_chunk::<12>().expect("an RTP header");
        fixed[2..4].copy_from_slice(&sequence.to_be_bytes());
        sequence = sequence.wrapping_add(1);
        let mut numbered = packet.clone();
        numbered[..12].copy_from_slice(&fixed);
        receiver.push_packet(&numbered, 0);
        while receiver.pull().is_some() {
            frames += 1;
        }
    }
    let took = began.elapsed();
    let count = (packets.len() * rounds) as f64;
    println!(
        "{:.0} packets/s, {:.0} ns a packet (a copy of the packet included), {frames} frames",
        count / took.as_secs_f64(),
        took.as_nanos() as f64 / count
    );
}
