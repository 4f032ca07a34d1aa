//! The fragments of one file that is read, and what of them is near a time: looked up, for each of a day's fragments asks for it. Pure.
use crate::facts::Located;

#[derive(Default)]
pub(crate) struct Fragments {
    /// In the order in which they were written.
    all: Vec<Located>,
    /// The numbers of those before which bytes are no fragment; the first is not among them.
    holes: Vec<usize>,
    /// Some begin or end before the one that was written before them: a clock was set.
    leaps_back: bool,
}

impl Fragments {
    pub fn of(some: Vec<Located>) -> Self {
        let mut found = Self::default();
        some.into_iter().for_each(|one| found.push(one));
        found
    }

    pub fn push(&mut self, one: Located) {
        if let Some(last) = self.all.last() {
            self.leaps_back |=
                one.facts.start_us < last.facts.start_us || one.facts.end_us < last.facts.end_us;
            if one.offset > last.end() {
                self.holes.push(self.all.len());
            }
        }
        self.all.push(one);
    }

    pub fn all(&self) -> &[Located] {
        &self.all
    }

    pub fn last(&self) -> Option<&Located> {
        self.all.last()
    }

    /// Those that end after one time and begin before another, and perhaps others.
    pub fn near(&self, from_us: i64, to_us: i64) -> &[Located] {
        if self.leaps_back {
            return &self.all;
        }
        let from = self.all.partition_point(|one| one.facts.end_us <= from_us);
        let to = self.all.partition_point(|one| one.facts.start_us < to_us);
        &self.all[from..to.max(from)]
    }

    /// When there was more: bytes between or before whole fragments are none. `begins_us`: of the file, as whoever wrote it said.
    pub fn torn(&self, begins_us: i64) -> impl Iterator<Item = (i64, i64)> {
        let first = self.all.first().map(|one| (begins_us, one.facts.start_us));
        let between = self.holes.iter().map(|&number| {
            let (before, behind) = (&self.all[number - 1].facts, &self.all[number].facts);
            (before.end_us, behind.start_us)
        });
        first.into_iter().chain(between)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{FACTS_BYTES, Facts};

    const S: i64 = 1_000_000;

    /// Fragments of two seconds, from these on; `torn` is missing.
    fn fragments(starts_s: impl IntoIterator<Item = i64>, torn: i64) -> Fragments {
        let made = (0_u64..).zip(starts_s).map(|(number, start_s)| {
            let mut facts = Facts::get(&[0; FACTS_BYTES]);
            (facts.start_us, facts.end_us) = (start_s * S, (start_s + 2) * S);
            Located {
                facts,
                offset: 100 + number * 50,
                head_bytes: 10,
                body_bytes: 40,
            }
        });
        Fragments::of(made.filter(|one| one.facts.start_us != torn * S).collect())
    }

    #[test]
    fn what_is_near_a_time_is_as_much_in_a_long_file_as_in_a_short_one() {
        let counts = |length_s: i64| -> Vec<usize> {
            let file = fragments((0..length_s).step_by(2), -1);
            let all_of = |from_s: i64| file.near(from_s * S, (from_s + 60) * S).len();
            (100..200).map(all_of).collect()
        };
        assert_eq!(counts(400), counts(100_000));
        assert!(counts(400).iter().all(|&count| (30..=31).contains(&count)));
        let file = fragments((0..100).step_by(2), -1);
        let times = |some: &[Located]| some.iter().map(|one| one.facts.start_us / S).collect();
        let near: Vec<i64> = times(file.near(10 * S, 15 * S));
        assert_eq!(near, [10, 12, 14], "what ends as it begins is not of it");
        assert!(file.near(500 * S, 600 * S).is_empty() && file.near(20 * S, 10 * S).is_empty());
    }

    #[test]
    fn where_a_clock_was_set_back_all_of_a_file_is_near() {
        let file = fragments([0, 2, 4, 1, 3], -1);
        assert_eq!(file.near(4 * S, 5 * S).len(), 5);
    }

    #[test]
    fn what_is_torn_is_known_by_its_bytes() {
        let torn = |file: &Fragments, begins_us| file.torn(begins_us).collect::<Vec<_>>();
        let starts = || (0..10).step_by(2);
        assert_eq!(torn(&fragments(starts(), -1), 0), [(0, 0)]);
        assert_eq!(torn(&fragments(starts(), 0), 0), [(0, 2 * S)]);
        let midst = torn(&fragments(starts(), 4), 0);
        assert_eq!(midst, [(0, 0), (4 * S, 6 * S)]);
        assert_eq!(torn(&Fragments::default(), 0), []);
    }
}
