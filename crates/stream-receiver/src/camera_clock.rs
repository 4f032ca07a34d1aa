//! The sender's own clock, from its sender reports. Source: RFC 3550 §6.4.1; what is wrong with those of real devices, the field.
use rtp::SenderReport;

/// A report further from the pictures' time stamps than this is not of them, µs.
const APART_US: i64 = 30_000_000;
/// Reports are due every five seconds or so (RFC 3550 §6.2); after this they have ceased, and nobody knows that clock any more, µs.
const CEASED_US: i64 = 60_000_000;

#[derive(Debug, Default)]
pub(crate) struct CameraClock {
    /// A time stamp, unwrapped, and the time that it was.
    known: Option<(i64, i64)>,
    last: Option<SenderReport>,
}

impl CameraClock {
    /// `newest`: the latest time stamp of the pictures, unwrapped. A report that does not fit it tells nothing, nor one whose clock
    /// stands while the pictures go on.
    pub fn note(&mut self, report: &SenderReport, newest: i64) {
        let before = self.last.replace(*report);
        let stands = before.is_some_and(|before| {
            before.ntp == report.ntp && before.rtp_timestamp != report.rtp_timestamp
        });
        let apart = report.rtp_timestamp.wrapping_sub(newest as u32) as i32;
        let fits = us(i64::from(apart)).abs() <= APART_US;
        self.known = report
            .wall_us()
            .filter(|_| fits && !stands)
            .map(|wall_us| (newest + i64::from(apart), wall_us));
    }

    /// Its time at this time stamp, µs since 1970.
    pub fn at(&self, rtp_time: i64) -> Option<i64> {
        let (known, wall_us) = self.known?;
        let since_us = us(rtp_time.checked_sub(known)?);
        (since_us.abs() <= CEASED_US).then_some(wall_us + since_us)
    }
}

fn us(ticks: i64) -> i64 {
    ticks.saturating_mul(100) / 9
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WALL_S: u64 = 1_764_000_000;

    fn report(wall_s: u64, rtp_timestamp: u32) -> SenderReport {
        let ntp = (wall_s + 2_208_988_800) << 32;
        SenderReport {
            ssrc: 1,
            ntp,
            rtp_timestamp,
        }
    }

    fn after(reports: &[(SenderReport, i64)]) -> CameraClock {
        let mut clock = CameraClock::default();
        for (report, newest) in reports {
            clock.note(report, *newest);
        }
        clock
    }

    #[test]
    fn pictures_before_and_after_a_report_have_the_senders_time_across_the_wrap() {
        let wrapped = (1i64 << 32) + 90_000;
        let clock = after(&[(report(WALL_S, 0xFFFF_FFFF), wrapped)]);
        let since = |rtp_time| clock.at(rtp_time).map(|us| us - WALL_S as i64 * 1_000_000);
        assert_eq!(since((1 << 32) - 1), Some(0));
        assert_eq!(since(wrapped - 1), Some(1_000_000));
        assert_eq!(since((1 << 32) - 90_001), Some(-1_000_000));
        assert_eq!(since(wrapped + 61 * 90_000), None, "reports have ceased");
    }

    #[test]
    fn a_report_of_another_time_line_and_a_clock_that_stands_tell_nothing() {
        assert_eq!(after(&[(report(WALL_S, 0), 31 * 90_000)]).at(0), None);
        let standing = [(report(WALL_S, 0), 0), (report(WALL_S, 450_000), 450_000)];
        assert_eq!(after(&standing).at(450_000), None);
        let goes_on = (report(WALL_S + 10, 900_000), 900_000);
        assert!(
            after(&[standing[0], standing[1], goes_on])
                .at(900_000)
                .is_some()
        );
        let no_clock = SenderReport {
            ntp: 0,
            ..report(0, 900_000)
        };
        assert_eq!(after(&[goes_on, (no_clock, 900_000)]).at(900_000), None);
    }

    #[test]
    fn a_clock_that_is_set_is_followed() {
        let set = after(&[
            (report(WALL_S, 0), 0),
            (report(WALL_S + 25, 450_000), 450_000),
        ]);
        assert_eq!(set.at(450_000), Some((WALL_S as i64 + 25) * 1_000_000));
    }

    proptest! {
        #[test]
        fn any_reports_are_survived(reports: Vec<(u64, u32, i64)>, at: i64) {
            let mut clock = CameraClock::default();
            for (ntp, rtp_timestamp, newest) in reports {
                clock.note(&SenderReport { ssrc: 1, ntp, rtp_timestamp }, newest >> 16);
                let _ = clock.at(at);
            }
        }
    }
}
