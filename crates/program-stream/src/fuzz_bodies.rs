//! What the fuzz target runs, compiled with the crate so that it cannot rot. Returns for any bytes.
use crate::PsDemuxer;

/// Any bytes, pushed in pieces as long as the first byte says.
pub fn program_stream(bytes: &[u8]) {
    let piece = usize::from(bytes.first().copied().unwrap_or(0)) + 1;
    let mut demuxer = PsDemuxer::new(true, 4_096);
    for (at, chunk) in bytes.chunks(piece).enumerate() {
        demuxer.push(chunk, at as i64 / 4);
        while let Some(unit) = demuxer.pull() {
            assert!(unit.bytes.len() <= 4_096, "frames are bounded");
        }
    }
    demuxer.end_frame();
}
