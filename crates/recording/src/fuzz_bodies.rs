//! What the fuzz target runs, compiled with the crate so that it cannot rot. It must return for any bytes.
use crate::scan::{Found, Scan, Verify, contents};

/// Any bytes as a footage file: everything is gone through once, in order, and nothing is found outside.
pub fn footage(bytes: &[u8]) {
    for verify in [Verify::Heads, Verify::Everything] {
        let mut at = 0;
        for found in Scan::new(bytes, verify).into_iter().flatten().flatten() {
            let range = match found {
                Found::Fragment(_, located) => located.offset..located.end(),
                Found::Other(range) => range,
            };
            assert!(range.start == at && range.end > at && range.end <= bytes.len() as u64);
            at = range.end;
        }
        assert_eq!(at, bytes.len() as u64);
    }
    for verify in [Verify::Heads, Verify::Unsynced, Verify::Everything] {
        let found = contents(bytes, verify).expect("memory is read without errors");
        assert!(
            found
                .fragments
                .iter()
                .all(|one| one.end() <= bytes.len() as u64)
        );
    }
}
