//! What the fuzz target runs, compiled with the crate so that it cannot rot. Returns for any bytes.
use crate::{frame_of, read};

/// A datagram. What is read of it stands in it, and its acknowledgement is a whole frame.
pub fn plain(bytes: &[u8]) {
    let frame = frame_of(bytes).unwrap_or(bytes);
    let Some(found) = read(frame) else {
        return;
    };
    let text = String::from_utf8_lossy(frame);
    for part in [found.token, found.sequence, found.data] {
        assert!(text.contains(part));
    }
    assert!(frame_of(&found.ack).is_some());
}
