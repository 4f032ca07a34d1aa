//! What the fuzz targets run, compiled with the crate so that it cannot rot. Each must return for any bytes.
use crate::{H264Depacketizer, H265Depacketizer, RtpPacket, SenderReport, TcpFramer};

/// One datagram, and its payload in both formats.
pub fn packet(bytes: &[u8]) {
    let payload = RtpPacket::parse(bytes).map_or(bytes, |packet| packet.payload);
    let mut annex_b = Vec::new();
    let _ = H264Depacketizer::default().push(payload, &mut annex_b);
    let _ = H265Depacketizer::default().push(payload, &mut annex_b);
}

/// A report: what was taken of it is written as it was read.
pub fn sender_report(bytes: &[u8]) {
    if let Some(report) = SenderReport::parse(bytes) {
        let _ = report.wall_us();
        assert_eq!(SenderReport::parse(&report.to_bytes()), Some(report));
    }
}

/// A connection, split where its first byte says: it gives what it gives in one piece.
pub fn connection(bytes: &[u8]) {
    let at = bytes
        .first()
        .map_or(0, |&first| usize::from(first).min(bytes.len()));
    assert_eq!(
        packets(&[&bytes[..at], &bytes[at..]]),
        packets(&[bytes]),
        "a cut changes nothing"
    );
}

fn packets(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
    let (mut framer, mut found) = (TcpFramer::new(), Vec::new());
    for chunk in chunks {
        framer.push(chunk, |packet| found.push(packet.to_vec()));
    }
    found
}
