//! When pictures are decoded, from when they are shown: with B pictures a picture comes before those that are shown before
//! it. Few program streams tell the decode time, and MP4 players stop at one that leaps: a browser's MediaSource takes a step
//! of more than twice the last picture's duration for a gap, and drops everything until the next key frame.

/// Pictures that may be sent before one that is shown earlier. H.264 allows 16, cameras use one or two.
const MAX_DELAY: usize = 4;
/// Duration assumed for a picture before its follower is known: ten a second, so that five to the second still are no gap.
const FIRST_DURATION_90K: u64 = 9_000;
/// No picture is said to last longer: players take its end for the end of what they have.
const MAX_DURATION_90K: u64 = 45_000;
/// Decode times that are so far behind do leap after all: the camera paused, or sends less than a picture a second.
const MAX_LAG_90K: u64 = 450_000;

#[derive(Debug)]
pub(crate) struct DecodeTimes {
    /// The latest presentation times, ascending.
    latest: Vec<i64>,
    /// Pictures that were seen to come before one that is shown earlier, at most at once.
    delay: usize,
    last: Option<u64>,
    duration_90k: u64,
}

impl Default for DecodeTimes {
    fn default() -> Self {
        Self {
            latest: Vec::new(),
            delay: 0,
            last: None,
            duration_90k: FIRST_DURATION_90K,
        }
    }
}

/// A picture's decode time, and how long it is said to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecodeTime {
    pub at_90k: u64,
    pub duration_90k: u32,
}

impl DecodeTimes {
    /// The next picture in sending order is shown at `pts_90k`. Decode times never go back. Each is the latest presentation
    /// time but as many as pictures wait for others (without B pictures the picture's own), or as near to it as a step that
    /// players follow leads.
    pub fn next(&mut self, pts_90k: i64) -> DecodeTime {
        let at = self.latest.partition_point(|&one| one <= pts_90k);
        self.delay = self.delay.max((self.latest.len() - at).min(MAX_DELAY));
        self.latest.insert(at, pts_90k);
        if self.latest.len() > MAX_DELAY + 1 {
            self.latest.remove(0);
        }
        let wanted = self.latest[self.latest.len().saturating_sub(1 + self.delay)].max(0) as u64;
        let at_90k = match self.last {
            None => wanted,
            Some(last) if wanted > last + MAX_LAG_90K => wanted,
            Some(last) if wanted > last => {
                let step = (wanted - last).min(2 * self.duration_90k);
                self.duration_90k = step.min(MAX_DURATION_90K);
                last + step
            }
            Some(last) => last + 1, // no true distance: it says nothing of how long pictures last
        };
        self.last = Some(at_90k);
        DecodeTime {
            at_90k,
            duration_90k: self.duration_90k as u32, // at most MAX_DURATION_90K
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(shown: &[i64]) -> Vec<u64> {
        let mut times = DecodeTimes::default();
        shown.iter().map(|&pts| times.next(pts).at_90k).collect()
    }

    #[test]
    fn pictures_in_their_order_are_decoded_when_they_are_shown() {
        assert_eq!(times(&[0, 3_600, 7_200, 10_801]), [0, 3_600, 7_200, 10_801]);
    }

    #[test]
    fn with_b_pictures_the_steps_are_even_from_the_second_group_on() {
        let shown = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 10, 13, 11, 12].map(|at| at * 3_600);
        let found = times(&shown);
        let steps: Vec<_> = found[5..].windows(2).map(|two| two[1] - two[0]).collect();
        assert_eq!(steps, [3_600; 8]);
        assert!(found.windows(2).all(|two| two[0] < two[1]));
        let late = shown.iter().zip(&found).skip(5);
        assert!(late.clone().all(|(&pts, &decode)| decode as i64 <= pts));
    }

    #[test]
    fn a_pyramid_of_b_pictures_waits_for_two() {
        let shown: Vec<i64> = (0..12)
            .flat_map(|group| [4, 2, 1, 3].map(|at| (group * 4 + at) * 3_600))
            .collect();
        let found = times(&shown);
        assert!(found[8..].windows(2).all(|two| two[1] - two[0] == 3_600));
    }

    #[test]
    fn what_goes_back_says_nothing_of_how_long_pictures_last() {
        let mut times = DecodeTimes::default();
        let found: Vec<_> = [100, 300, 200].map(|pts| times.next(pts)).to_vec();
        let said = |at_90k, duration_90k| DecodeTime {
            at_90k,
            duration_90k,
        };
        assert_eq!(found, [said(100, 9_000), said(300, 200), said(301, 200)]);
    }

    /// As a MediaSource judges: a step above twice the last picture's duration is a gap.
    fn gaps(shown: &[i64]) -> Vec<usize> {
        let mut times = DecodeTimes::default();
        let found: Vec<_> = shown.iter().map(|&pts| times.next(pts)).collect();
        for (number, (one, &pts)) in found.iter().zip(shown).enumerate().skip(8) {
            assert!(
                one.at_90k as i64 <= pts,
                "picture {number} is decoded before it is shown"
            );
            assert!(u64::from(one.duration_90k) <= MAX_DURATION_90K);
        }
        let steps = found.windows(2).enumerate();
        steps
            .filter(|(_, two)| two[1].at_90k - two[0].at_90k > 2 * u64::from(two[0].duration_90k))
            .map(|(number, _)| number + 1)
            .collect()
    }

    #[test]
    fn no_player_sees_a_gap_at_any_rate_with_or_without_b_pictures() {
        for step in [1_500, 3_600, 9_000, 18_000, 45_000, 90_000] {
            let plain: Vec<i64> = (0..40).map(|number| number * step).collect();
            assert_eq!(gaps(&plain), [0; 0], "a picture each {step}");
            let with_b: Vec<i64> = (0..13)
                .flat_map(|group| [3, 1, 2].map(|at| (group * 3 + at) * step))
                .collect();
            let from_key: Vec<i64> = [0].into_iter().chain(with_b).collect();
            assert_eq!(gaps(&from_key), [0; 0], "B pictures, one each {step}");
        }
    }

    #[test]
    fn pictures_that_are_missing_are_stepped_over_and_a_pause_leaps_once() {
        let missing: Vec<i64> = (0..60)
            .filter(|number| !(20..32).contains(number))
            .map(|number| number * 3_600)
            .collect();
        assert_eq!(gaps(&missing), [0; 0]);
        assert_eq!(times(&missing).last(), Some(&(59 * 3_600)), "and caught up");
        let pause: Vec<i64> = (0..60)
            .map(|number| number * 3_600 + if number < 20 { 0 } else { 900_000 })
            .collect();
        assert_eq!(gaps(&pause), [20]);
    }
}
