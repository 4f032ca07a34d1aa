//! What the fuzz target runs, compiled with the crate so that it cannot rot. Returns for any bytes.
use crate::{AudioPolicy, ReceiverPolicy, StreamReceiver};

/// Any bytes as a row of packets: length byte, then so many bytes.
pub fn stream(mut bytes: &[u8]) {
    let policy = ReceiverPolicy {
        audio: AudioPolicy::Keep,
        max_frame_bytes: 4_096,
        ..ReceiverPolicy::default()
    };
    let mut receiver = StreamReceiver::new(policy);
    let mut now_ms = 0;
    while let Some((&len, rest)) = bytes.split_first() {
        let (packet, after) = rest.split_at(usize::from(len).min(rest.len()));
        receiver.push_packet(packet, now_ms);
        now_ms += u64::from(len);
        receiver.handle_timeout(now_ms);
        bytes = after;
    }
    while receiver.pull().is_some() {}
}
