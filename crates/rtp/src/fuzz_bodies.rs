//! What the fuzz targets run, compiled with the crate so that it cannot rot. Each must return for any bytes.
use crate::{H264Depacketizer, H265Depacketizer, RtpPacket, TcpFramer};

/// One datagram, and its payload in both formats.
pub fn packet(bytes: &[u8]) {
    let payload = RtpPacket::parse(bytes).map_or(bytes, |packet| packet.payload);
    let mut annex_b = Vec::new();
    let _ = H264Depacketizer::default().push(payload, &mut annex_b);
    let _ = H265Depacketizer::default().push(payload, &mut annex_b);
}

/// A connection, split where its first byte says.
pub fn connection(bytes: &[u8]) {
    let at = bytes
        .first()
        .map_or(0, |&first| usize::from(first).min(bytes.len()));
    let mut framer = TcpFramer::new();
    for chunk in [&bytes[..at], &bytes[at..]] {
        framer.push(chunk, |_| ());
    }
}
