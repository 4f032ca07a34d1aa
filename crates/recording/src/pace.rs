//! When a disk is synced next: as soon as something waits, as seldom as the disk is slow. docs/decisions/0068-paced-sync.md.
use std::time::{Duration, Instant};

/// A sync begins no sooner than this after the last one ended: what comes meanwhile goes to disk with one.
const SOONEST: Duration = Duration::from_millis(50);
/// Nor sooner than so many times as long as the last one took: a disk is never busy with syncs for more than a small part of its time.
const TIMES_THE_LAST: u32 = 10;

pub(crate) struct Pace {
    latest: Duration,
    ended: Instant,
    pause: Duration,
}

impl Pace {
    /// `latest`: nothing waits longer for a sync to begin, however long syncs take.
    pub fn new(latest: Duration, now: Instant) -> Self {
        Self {
            latest,
            ended: now,
            pause: SOONEST.min(latest),
        }
    }

    /// A sync that brought something to disk has ended now.
    pub fn synced(&mut self, took: Duration, now: Instant) {
        self.ended = now;
        let pause = took.saturating_mul(TIMES_THE_LAST).max(SOONEST);
        self.pause = pause.min(self.latest);
    }

    /// From then on what waits is brought to disk once nothing more is to be written.
    pub fn due(&self) -> Instant {
        self.ended + self.pause
    }

    /// From then on it is whatever is to be written.
    pub fn overdue(&self) -> Instant {
        self.ended + self.latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATEST: Duration = Duration::from_secs(1);

    /// How long after the end of a sync that took so long the next may begin.
    fn pause(took_ms: u64) -> Duration {
        let now = Instant::now();
        let mut pace = Pace::new(LATEST, now);
        let ended = now + Duration::from_millis(took_ms);
        pace.synced(Duration::from_millis(took_ms), ended);
        pace.due() - ended
    }

    #[test]
    fn a_sync_comes_later_the_longer_the_last_one_took_and_within_bounds() {
        let pauses = [0, 1, 5, 6, 30, 100, 500, 60_000].map(pause);
        let expected = [50, 50, 50, 60, 300, 1_000, 1_000, 1_000].map(Duration::from_millis);
        assert_eq!(pauses, expected);
    }

    #[test]
    fn a_disk_that_is_quick_again_is_synced_sooner_again() {
        let now = Instant::now();
        let mut pace = Pace::new(LATEST, now);
        pace.synced(Duration::from_millis(500), now);
        pace.synced(Duration::from_millis(2), now + LATEST);
        assert_eq!(pace.due(), now + LATEST + SOONEST);
        assert_eq!(pace.overdue(), now + 2 * LATEST);
    }

    #[test]
    fn whoever_wants_it_sooner_gets_it_sooner() {
        let (now, latest) = (Instant::now(), Duration::from_millis(3));
        let mut pace = Pace::new(latest, now);
        assert_eq!(pace.due(), now + latest);
        pace.synced(Duration::ZERO, now + latest);
        assert_eq!(
            (pace.due(), pace.overdue()),
            (now + 2 * latest, now + 2 * latest)
        );
    }
}
