//! Time stamps that always go on. Source: RFC 3550 §5.1; leaps are in the field.

const TICKS_PER_MS: i64 = 90;
/// Steps back up to this are frames out of display order, not a leap.
const MAX_STEP_BACK: i64 = 500 * TICKS_PER_MS;
const USUAL_STEP: i64 = 3_600;

/// Unwraps 32-bit RTP time stamps.
#[derive(Debug, Default)]
pub(crate) struct RtpTime {
    last: Option<i64>,
}

impl RtpTime {
    /// The latest.
    pub(crate) fn last(&self) -> Option<i64> {
        self.last
    }

    pub(crate) fn unwrap(&mut self, timestamp: u32) -> i64 {
        let full = match self.last {
            None => i64::from(timestamp),
            Some(last) => last + i64::from(timestamp.wrapping_sub(last as u32) as i32),
        };
        self.last = Some(full);
        full
    }
}

/// How unevenly packets come. Source: RFC 3550 A.8.
#[derive(Debug, Default)]
pub(crate) struct Jitter {
    /// In sixteenths of a tick of 1/90 000 s.
    ticks: i64,
    last_transit: Option<i64>,
}

impl Jitter {
    /// Microseconds so far; None for the first packet.
    #[inline]
    pub(crate) fn note(&mut self, timestamp: u32, now_ms: u64) -> Option<u64> {
        let transit = i64::from((now_ms.wrapping_mul(90) as u32).wrapping_sub(timestamp) as i32);
        let last = self.last_transit.replace(transit)?;
        let change = (transit - last).abs().min(90_000 * 10);
        self.ticks += change - ((self.ticks + 8) >> 4);
        Some((self.ticks.max(0) as u64 >> 4) * 100 / 9)
    }

    /// Another sender's packets follow.
    pub(crate) fn restart(&mut self) {
        self.last_transit = None;
    }
}

/// Moves the line instead of the picture when the sender's clock leaps. Sound keeps its distance to the picture.
#[derive(Debug)]
pub(crate) struct Timeline {
    max_leap: i64,
    offset: i64,
    last_out: Option<i64>,
    step: i64,
    pub leaps: u64,
}

impl Timeline {
    pub(crate) fn new(max_leap_ms: u64) -> Self {
        let max_leap = i64::try_from(max_leap_ms)
            .unwrap_or(i64::MAX)
            .saturating_mul(TICKS_PER_MS);
        Self {
            max_leap,
            offset: 0,
            last_out: None,
            step: USUAL_STEP,
            leaps: 0,
        }
    }

    pub(crate) fn video(&mut self, raw: i64) -> i64 {
        let mut out = raw.wrapping_add(self.offset);
        if let Some(last) = self.last_out {
            let step = out.wrapping_sub(last);
            if step > self.max_leap || step < -MAX_STEP_BACK {
                self.leaps += 1;
                out = last + self.step;
                self.offset = out.wrapping_sub(raw);
            } else if step > 0 {
                self.step = step;
            }
        }
        self.last_out = Some(out);
        out
    }

    /// Sound without a time, or further from the picture than a leap, is put beside it.
    pub(crate) fn audio(&self, raw: Option<i64>) -> i64 {
        let Some(raw) = raw else {
            return self.last_out.unwrap_or(0);
        };
        let out = raw.wrapping_add(self.offset);
        match self.last_out {
            Some(last) if out.wrapping_sub(last).saturating_abs() > self.max_leap => last,
            _ => out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrap_is_no_leap_and_a_leap_moves_the_line() {
        let mut rtp = RtpTime::default();
        assert_eq!(rtp.unwrap(0xFFFF_FFFF), 0xFFFF_FFFF);
        assert_eq!(rtp.unwrap(3_599), 0xFFFF_FFFF + 3_600);
        let mut line = Timeline::new(3_000);
        assert_eq!([line.video(1_000), line.video(4_600)], [1_000, 4_600]);
        assert_eq!(
            [line.video(9_000_000), line.video(9_003_600)],
            [8_200, 11_800]
        );
        assert_eq!((line.video(0), line.leaps), (15_400, 2));
        assert_eq!(line.audio(Some(3_600)), 19_000);
    }
}
