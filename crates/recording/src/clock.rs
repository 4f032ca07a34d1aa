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
