//! When pictures are decoded, from when they are shown: with B pictures a picture comes before those that are shown before
//! it. Few program streams tell the decode time, and MP4 players stop at one that leaps.

/// Pictures that may be sent before one that is shown earlier. H.264 allows 16, cameras use one or two.
const MAX_DELAY: usize = 4;

#[derive(Debug, Default)]
pub(crate) struct DecodeTimes {
    /// The latest presentation times, ascending.
    latest: Vec<i64>,
    /// Pictures that were seen to come before one that is shown earlier, at most at once.
    delay: usize,
    last: Option<u64>,
}

/// A picture's decode time, and how long after the last one where that is its true distance.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DecodeTime {
    pub at_90k: u64,
    pub step_90k: Option<i64>,
}

impl DecodeTimes {
    /// The next picture in sending order is shown at `pts_90k`. Decode times never go back. Each is the latest presentation
    /// time but as many as pictures wait for others: without B pictures the picture's own.
    pub fn next(&mut self, pts_90k: i64) -> DecodeTime {
        let at = self.latest.partition_point(|&one| one <= pts_90k);
        self.delay = self.delay.max((self.latest.len() - at).min(MAX_DELAY));
        self.latest.insert(at, pts_90k);
        if self.latest.len() > MAX_DELAY + 1 {
            self.latest.remove(0);
        }
        let wanted = self.latest[self.latest.len().saturating_sub(1 + self.delay)].max(0) as u64;
        let at_90k = self.last.map_or(wanted, |last| wanted.max(last + 1));
        let step_90k = self
            .last
            .filter(|_| at_90k == wanted)
            .map(|last| at_90k as i64 - last as i64);
        self.last = Some(at_90k);
        DecodeTime { at_90k, step_90k }
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
    fn what_goes_back_is_no_true_distance() {
        let mut times = DecodeTimes::default();
        assert_eq!(times.next(100).step_90k, None);
        assert_eq!(times.next(300).step_90k, Some(200));
        assert_eq!(
            times.next(200),
            DecodeTime {
                at_90k: 301,
                step_90k: None
            }
        );
    }
}
