//! What the fuzz target runs, compiled with the crate so that it cannot rot. It must return for any bytes.
use crate::read_movie_fragment;

/// Any bytes as the head of a fragment.
pub fn movie_fragment(bytes: &[u8]) {
    for run in read_movie_fragment(bytes).unwrap_or_default() {
        let mut offset = run.samples.first().map_or(0, |first| first.offset);
        for one in run.samples {
            assert_eq!(one.offset, offset, "samples follow each other");
            offset += u64::from(one.sample.size);
        }
    }
}
