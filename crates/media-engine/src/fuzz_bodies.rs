//! What the fuzz targets run, compiled with the crate so that it cannot rot. Each must return for any bytes.
use crate::{front, ticket, viewer};

/// What a browser says on a WebSocket.
pub fn websocket_frames(bytes: &[u8]) {
    let mut rest = bytes;
    while let Some((_, payload, length)) = viewer::client_frame(rest) {
        assert!(length >= 6 && payload.len() < length);
        rest = &rest[length..];
    }
}

/// A media ticket: no bytes are one without the key.
pub fn media_ticket(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert!(ticket::read(&[7; 32], &text).is_err());
}

/// The head of a request to the media port.
pub fn request_head(bytes: &[u8]) {
    front::fuzz_head(bytes);
}
