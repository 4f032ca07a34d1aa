//! What the fuzz target runs, compiled with the crate so that it cannot rot. Returns for any bytes.
use crate::{PsDemuxer, PsUnit};

const MAX_FRAME: usize = 4_096;

/// Any bytes, pushed in pieces as long as the first byte says: they give what they give in one piece.
pub fn program_stream(bytes: &[u8]) {
    let piece = usize::from(bytes.first().copied().unwrap_or(0)) + 1;
    let whole = frames(std::iter::once(bytes));
    assert_eq!(frames(bytes.chunks(piece)), whole, "cuts change nothing");
    assert!(
        whole.iter().all(|unit| unit.bytes.len() <= MAX_FRAME),
        "frames are bounded"
    );
}

fn frames<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<PsUnit> {
    let mut demuxer = PsDemuxer::new(true, MAX_FRAME);
    let mut found = Vec::new();
    for chunk in chunks {
        demuxer.push(chunk, 0);
        found.extend(std::iter::from_fn(|| demuxer.pull()));
    }
    demuxer.end_frame();
    found.extend(std::iter::from_fn(|| demuxer.pull()));
    found
}
