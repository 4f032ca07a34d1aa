//! How much of a source's connection may be read: who sends faster waits, for TCP makes him. Pure.
use std::sync::{Mutex, PoisonError};

/// What was not read for a while is made up for, as much as comes in so long.
const SAVED_MS: u64 = 1_000;

/// A bound on bytes a second, on average. Times: the engine's milliseconds.
pub(crate) struct Allowance {
    bytes_a_second: u64,
    saved: Mutex<Saved>,
}

struct Saved {
    /// Thousandths of a byte.
    left: u64,
    at_ms: u64,
}

impl Allowance {
    /// 0: no bound.
    pub fn new(bytes_a_second: u32, now_ms: u64) -> Self {
        Self {
            bytes_a_second: bytes_a_second.into(),
            saved: Mutex::new(Saved {
                left: 0,
                at_ms: now_ms,
            }),
        }
    }

    /// Bytes that may be read now, at most `wanted`.
    pub fn of(&self, wanted: usize, now_ms: u64) -> usize {
        if self.bytes_a_second == 0 {
            return wanted;
        }
        let mut saved = self.saved();
        let passed_ms = now_ms.saturating_sub(saved.at_ms).min(SAVED_MS);
        saved.at_ms = saved.at_ms.max(now_ms);
        let most = self.bytes_a_second * SAVED_MS;
        saved.left = (saved.left + passed_ms * self.bytes_a_second).min(most);
        wanted.min((saved.left / 1_000) as usize)
    }

    pub fn note(&self, read: usize) {
        if self.bytes_a_second > 0 {
            let mut saved = self.saved();
            saved.left = saved.left.saturating_sub(read as u64 * 1_000);
        }
    }

    fn saved(&self) -> std::sync::MutexGuard<'_, Saved> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_more_is_read_than_the_bound_allows_whenever_it_is_asked(
            bytes_a_second in 1_u32..10_000_000, steps in prop::collection::vec((0_u64..400, 1_usize..200_000), 1..200)
        ) {
            let allowance = Allowance::new(bytes_a_second, 0);
            let (mut now_ms, mut read) = (0, 0_u64);
            for (step_ms, wanted) in steps {
                now_ms += step_ms;
                let may = allowance.of(wanted, now_ms);
                prop_assert!(may <= wanted);
                allowance.note(may);
                read += may as u64;
                prop_assert!(read * 1_000 <= now_ms * u64::from(bytes_a_second));
            }
        }
    }

    #[test]
    fn a_steady_reader_gets_all_of_it_and_without_a_bound_everything() {
        let allowance = Allowance::new(100_000, 0);
        let mut read = 0;
        for now_ms in (0..=10_000).step_by(100) {
            let may = allowance.of(usize::MAX, now_ms);
            allowance.note(may);
            read += may;
        }
        assert_eq!(read, 1_000_000);
        assert_eq!(Allowance::new(0, 0).of(7, 0), 7);
    }
}
