//! Wrapping time stamps to one line that only leaps where the sender's clock did.

#[derive(Debug)]
pub(crate) struct Timeline {
    last: Option<(u64, i64)>,
    last_step: i64,
    bits: u32,
    max_leap: i64,
    leaps: u64,
}

/// Two pictures out of order in presentation (B frames) are no leap back.
const MAX_BACK: i64 = 45_000;
const FIRST_STEP: i64 = 3_600;

impl Timeline {
    /// `bits`: 33 for PTS, 32 for RTP. `max_leap_ms`: beyond it the line is moved instead of the picture.
    pub fn new(bits: u32, max_leap_ms: u64) -> Self {
        Self {
            last: None,
            last_step: FIRST_STEP,
            bits,
            max_leap: max_leap_ms as i64 * 90,
            leaps: 0,
        }
    }

    pub fn leaps(&self) -> u64 {
        self.leaps
    }

    /// 90 kHz ticks on one line.
    pub fn place(&mut self, raw: u64) -> i64 {
        let Some((last_raw, last_placed)) = self.last else {
            self.last = Some((raw, raw as i64));
            return raw as i64;
        };
        let unused = 64 - self.bits;
        let step = ((raw.wrapping_sub(last_raw) << unused) as i64) >> unused;
        let placed = if (-MAX_BACK..=self.max_leap).contains(&step) {
            if step > 0 {
                self.last_step = step;
            }
            last_placed + step
        } else {
            self.leaps += 1;
            last_placed + self.last_step
        };
        self.last = Some((raw, placed));
        placed
    }
}
