//! The node's clocks, and how far the one on the wall may be off.
use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

/// The node's two clocks, µs: UTC since 1970, and one that is never set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub wall_us: i64,
    pub steady_us: i64,
}

impl Now {
    pub(crate) fn earlier(self, by_us: i64) -> Self {
        Self {
            wall_us: self.wall_us - by_us,
            steady_us: self.steady_us - by_us,
        }
    }

    /// How far the wall clock is from where time alone would have led it since `before`.
    pub(crate) fn leap_us(self, before: Self) -> i64 {
        (self.wall_us - before.wall_us) - (self.steady_us - before.steady_us)
    }
}

/// 2000-01-01. Clocks that nobody set since they were made, or that tell how long the camera has been on as a date, are before.
const EARLIEST_US: i64 = 946_684_800_000_000;
/// 2035-01-01. From 2036-02-07 on NTP counts from zero again.
const NEARLY_SECOND_ERA_US: i64 = 2_051_222_400_000_000;
const SECOND_ERA_US: i64 = 2_085_978_496_000_000;

/// Whether what a camera told as its time, µs since 1970, is one: not how long it has been on, which is a small number of NTP, and
/// so a date of the second era, which only begins in 2036. `now_us`: the node's. How wrong the clock is, is another question.
pub(crate) fn is_wall_clock(told_us: i64, now_us: i64) -> bool {
    let is_second_era = told_us >= SECOND_ERA_US;
    told_us >= EARLIEST_US && (!is_second_era || now_us >= NEARLY_SECOND_ERA_US)
}

/// Now, by the system's clocks.
pub fn now() -> Now {
    static START: OnceLock<Instant> = OnceLock::new();
    let steady = START.get_or_init(Instant::now).elapsed();
    let wall = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Now {
        wall_us: wall.as_micros() as i64,
        steady_us: steady.as_micros() as i64,
    }
}

/// The bound that the kernel has for the error of the system's clock, µs (adjtimex(2)); None while nothing disciplines it.
pub fn system_clock_error() -> Option<u32> {
    // SAFETY: plain numbers, all of them valid as zero; no mode asks for a change.
    let mut state: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: a live structure of our own.
    let told = unsafe { libc::adjtimex(&raw mut state) };
    let synchronised =
        told >= 0 && told != libc::TIME_ERROR && state.status & libc::STA_UNSYNC == 0;
    synchronised
        .then(|| u32::try_from(state.maxerror).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_764_000_000_000_000;
    const HOUR_US: i64 = 3_600_000_000;

    #[test]
    fn a_wrong_clock_is_a_clock_and_time_since_power_on_is_none() {
        assert!(is_wall_clock(NOW + 20_000_000, NOW));
        assert!(
            is_wall_clock(EARLIEST_US + HOUR_US, NOW),
            "unset since 2000"
        );
        assert!(is_wall_clock(NOW, 0), "the node's is the wrong one");
        assert!(!is_wall_clock(HOUR_US, NOW), "since 1970");
        assert!(!is_wall_clock(SECOND_ERA_US + HOUR_US, NOW), "since 1900");
        assert!(is_wall_clock(SECOND_ERA_US + HOUR_US, SECOND_ERA_US));
    }
}
