//! Whether pictures are sent in another order than they are shown in (B pictures): WebRTC shows what it gets as it comes.

/// Earned by a picture that is shown before the one sent before it, lost by each that is not: streams with B pictures have one
/// such among five at least, and a clock that is set back, or stamps that tremble, earn it once.
const EARNED: u8 = 8;
const BELIEVED: u8 = 24;
const HELD: u8 = 48;
/// A longer way back is a leap of the clock. B pictures wait for a few others.
const LONGEST_WAY_90K: i64 = 90_000;

#[derive(Debug, Default)]
pub(crate) struct PictureOrder {
    before: Option<i64>,
    score: u8,
}

impl PictureOrder {
    /// The next picture in sending order is shown at `pts_90k`.
    pub fn note(&mut self, pts_90k: i64) {
        let back = self.before.map_or(0, |before| before - pts_90k);
        self.before = Some(pts_90k);
        self.score = if (1..LONGEST_WAY_90K).contains(&back) {
            (self.score + EARNED).min(HELD)
        } else {
            self.score.saturating_sub(1)
        };
    }

    pub fn is_changed(&self) -> bool {
        self.score >= BELIEVED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many pictures of an endless stream, made of groups of so many with this order, it is noticed.
    fn noticed(group: &[i64]) -> Option<usize> {
        let mut order = PictureOrder::default();
        let length = group.len() as i64;
        (0..200_usize).find(|&number| {
            let at = number as i64 / length * length + group[number % group.len()];
            order.note(at * 3_600);
            order.is_changed()
        })
    }

    #[test]
    fn every_common_pattern_of_b_pictures_is_noticed_within_a_second() {
        for group in [
            &[1, 0][..],
            &[2, 0, 1],
            &[3, 0, 1, 2],
            &[3, 1, 0, 2],
            &[4, 0, 1, 2, 3],
        ] {
            let found = noticed(group);
            assert!(
                found.is_some_and(|number| number < 25),
                "{group:?}: {found:?}"
            );
        }
        assert_eq!(noticed(&[0]), None);
    }

    #[test]
    fn a_clock_that_is_set_back_or_trembles_is_no_other_order() {
        let mut order = PictureOrder::default();
        let mut pts = 0;
        for number in 0..500 {
            pts += match number % 25 {
                0 => -1_800,                    // a stamp that trembles, once a second
                _ if number == 210 => -45_000,  // the clock is set back by half a second
                _ if number == 333 => -900_000, // and by ten
                _ => 3_600,
            };
            order.note(pts);
            assert!(!order.is_changed(), "picture {number}");
        }
    }

    #[test]
    fn a_stream_that_leaves_b_pictures_off_is_in_order_again() {
        let mut order = PictureOrder::default();
        [3, 0, 1, 2]
            .repeat(9)
            .iter()
            .enumerate()
            .for_each(|(at, place)| {
                order.note((at as i64 / 4 * 4 + place) * 3_600);
            });
        assert!(order.is_changed());
        (36..75).for_each(|at| order.note(at * 3_600));
        assert!(!order.is_changed());
    }
}
