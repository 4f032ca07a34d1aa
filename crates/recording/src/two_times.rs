//! What is shown of a moment that was recorded twice: a clock was set back, or the device's own recording lies beside the node's. One
//! order for all who read, forwards, backwards and here and there. Pure.
//!
//! What the node recorded goes before what was fetched, and what was recorded first, as far as can be known, before what came later.
//! A fragment that lies over a shown one is left out whole, and so are the parts of its group of pictures that come after it.
//! Nothing that was recorded is out of reach: by its [`Turn`] any recording of a moment goes before the others.
use crate::facts::{Facts, FragmentFlags, Located};

/// A new run may begin so much before the old one ended, by the clock.
pub(crate) const TREMBLE_US: i64 = 100_000;
/// What is farther away than this has no say in what is shown: a few fragments of the longest.
pub(crate) const NEAR_US: i64 = 40_000_000;

/// The fragments of one file, in the order in which they were written.
pub(crate) type Table<'a> = &'a [Located];

/// Which recording of a moment is shown, in the order that holds without it: none is 0. Where there are not so many it is the first.
pub type Turn = u8;

/// The first that is shown and ends after `at_us`, of those that begin between `from_us` and `to_us`; and the number of its table.
pub(crate) fn first(
    tables: &[Table<'_>],
    at_us: i64,
    from_us: i64,
    to_us: i64,
    turn: Turn,
) -> Option<(usize, Located)> {
    let fits =
        |facts: &Facts| facts.end_us > at_us && facts.start_us >= from_us && facts.start_us < to_us;
    let mut passed = None;
    loop {
        let left = all(tables).filter(|(_, one)| fits(&one.facts));
        let (table, one) = left
            .filter(|(_, one)| Some(place(&one.facts)) > passed)
            .min_by_key(|(_, one)| place(&one.facts))?;
        if is_shown(tables, &one.facts, turn) {
            return Some((table, *one));
        }
        passed = Some(place(&one.facts));
    }
}

/// The last that is shown, of those that begin before `at_us` and not before `from_us`; and the number of its table.
pub(crate) fn last(
    tables: &[Table<'_>],
    at_us: i64,
    from_us: i64,
    turn: Turn,
) -> Option<(usize, Located)> {
    let mut passed = None;
    loop {
        let left = all(tables)
            .filter(|(_, one)| one.facts.start_us < at_us && one.facts.start_us >= from_us);
        let (table, one) = left
            .filter(|(_, one)| passed.is_none_or(|passed| place(&one.facts) < passed))
            .max_by_key(|(_, one)| place(&one.facts))?;
        if is_shown(tables, &one.facts, turn) {
            return Some((table, *one));
        }
        passed = Some(place(&one.facts));
    }
}

/// Whether the node recorded this moment once more, which is not shown then.
pub(crate) fn is_twice(tables: &[Table<'_>], shown: &Facts) -> bool {
    let own = |facts: &Facts| !facts.is_fetched() && lies_over(facts, shown);
    !shown.is_fetched() && all(tables).any(|(_, one)| own(&one.facts))
}

fn all<'a>(tables: &'a [Table<'a>]) -> impl Iterator<Item = (usize, &'a Located)> {
    let numbered = tables.iter().enumerate();
    numbered.flat_map(|(number, table)| table.iter().map(move |one| (number, one)))
}

type Rank = (bool, i64, u32, i64);

/// The lowest is shown.
fn rank(facts: &Facts) -> Rank {
    let (run_us, sequence, start_us) = (facts.run_us, facts.sequence, facts.start_us);
    (facts.is_fetched(), run_us, sequence, start_us)
}

/// On the way forwards.
fn place(facts: &Facts) -> (i64, Rank) {
    (facts.start_us, rank(facts))
}

/// By more than clocks tremble, and never by so much that the one that begins first would not end first.
fn lies_over(one: &Facts, other: &Facts) -> bool {
    let lasts_us = |start_us: i64, end_us: i64| end_us.saturating_sub(start_us);
    let over_us = lasts_us(
        one.start_us.max(other.start_us),
        one.end_us.min(other.end_us),
    );
    let shorter_us = lasts_us(one.start_us, one.end_us).min(lasts_us(other.start_us, other.end_us));
    rank(one) != rank(other) && over_us > TREMBLE_US.min(shorter_us / 2) && over_us > 0
}

fn is_shown(tables: &[Table<'_>], facts: &Facts, turn: Turn) -> bool {
    let is_key = facts.flags.has(FragmentFlags::KEY);
    let over = |other: &Facts| {
        (turn > 0 || rank(other) < rank(facts))
            && rank(other) != rank(facts)
            && lies_over(other, facts)
    };
    if is_key && !all(tables).any(|(_, one)| over(&one.facts)) {
        return true;
    }
    let from_us = facts.start_us.saturating_sub(NEAR_US);
    let to_us = facts.end_us.saturating_add(NEAR_US);
    let near = all(tables).map(|(_, one)| one.facts);
    let mut near: Vec<Facts> = near
        .filter(|one| one.end_us > from_us && one.start_us < to_us)
        .filter(|one| turn > 0 || rank(one) <= rank(facts))
        .collect();
    near.sort_unstable_by_key(rank);
    let (mut left, mut earlier) = (near, Vec::new());
    for _ in 0..turn {
        let (shown, hidden) = laid(left);
        earlier.extend(shown);
        left = hidden;
    }
    left.extend(earlier);
    let (mut shown, mut hidden) = laid(left);
    // One that went first may hang on one that came after it and was left out.
    while let Some(at) = shown.iter().position(|one| is_torn(one, &hidden)) {
        hidden.push(shown.remove(at));
    }
    shown.iter().any(|one| rank(one) == rank(facts))
}

/// Those that are shown if the first ones go before the others, and the others; both in the order in which they came.
fn laid(some: Vec<Facts>) -> (Vec<Facts>, Vec<Facts>) {
    let (mut shown, mut hidden) = (Vec::<Facts>::new(), Vec::<Facts>::new());
    for one in some {
        if is_torn(&one, &hidden) || shown.iter().any(|other| lies_over(other, &one)) {
            hidden.push(one);
        } else {
            shown.push(one);
        }
    }
    (shown, hidden)
}

/// A later part of a group of pictures whose beginning is left out.
fn is_torn(one: &Facts, hidden: &[Facts]) -> bool {
    let hangs_on = |before: &Facts| before.is_followed_by(one);
    !one.flags.has(FragmentFlags::KEY) && hidden.iter().any(hangs_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs of fragments: beginning, lengths and whether each begins a group of pictures, all in ms; and whether it was fetched.
    type Runs = Vec<(i64, Vec<(i64, bool)>, bool)>;

    fn runs(keys: bool) -> impl Strategy<Value = Runs> {
        let length = prop_oneof![20..200i64, 500..3_000i64];
        let key = if keys {
            Just(true).boxed()
        } else {
            prop::bool::weighted(0.7).boxed()
        };
        let run = prop::collection::vec((length, key), 1..12);
        prop::collection::vec((0..15_000i64, run, prop::bool::weighted(0.2)), 1..4)
    }

    /// A table each; their fragments follow each other.
    fn tables_of(runs: &Runs) -> Vec<Vec<Located>> {
        let mut tables = Vec::new();
        for (number, (begin_ms, lengths, fetched)) in runs.iter().enumerate() {
            let mut at_us = begin_ms * 1_000;
            let table = (0..).zip(lengths).map(|(sequence, (length_ms, key))| {
                let start_us = at_us;
                at_us += length_ms * 1_000;
                let flags = FragmentFlags::default()
                    .with(FragmentFlags::KEY, *key || sequence == 0)
                    .with(FragmentFlags::FROM_DEVICE, *fetched);
                let facts = Facts {
                    flags,
                    sequence,
                    run_us: begin_ms * 1_000 + number as i64, // no two are the same
                    start_us,
                    end_us: at_us,
                    clock_error_us: None,
                    camera_us: None,
                    decode_90k: 0,
                    duration_90k: 0,
                    pictures: 1,
                    sounds: 0,
                    key_bytes: 0,
                    other_bytes: 0,
                };
                Located {
                    facts,
                    offset: 0,
                    head_bytes: 0,
                    body_bytes: 0,
                }
            });
            tables.push(table.collect());
        }
        tables
    }

    const ALWAYS: (i64, i64) = (i64::MIN / 2, i64::MAX / 2);

    fn forwards(tables: &[Table<'_>], at_us: i64) -> Vec<Facts> {
        forwards_of(tables, at_us, 0)
    }

    fn forwards_of(tables: &[Table<'_>], mut at_us: i64, turn: Turn) -> Vec<Facts> {
        let mut found = Vec::new();
        while let Some((_, one)) = first(tables, at_us, ALWAYS.0, ALWAYS.1, turn) {
            found.push(one.facts);
            at_us = one.facts.end_us;
        }
        found
    }

    fn backwards(tables: &[Table<'_>], mut at_us: i64, turn: Turn) -> Vec<Facts> {
        let mut found = Vec::new();
        while let Some((_, one)) = last(tables, at_us, ALWAYS.0, turn) {
            found.push(one.facts);
            at_us = one.facts.start_us;
        }
        found.reverse();
        found
    }

    proptest! {
        #[test]
        fn whoever_reads_sees_the_same_of_each_moment(runs in runs(false), ask_ms in 0..40_000i64, turn in 0..3 as Turn) {
            let tables = tables_of(&runs);
            let tables: Vec<Table<'_>> = tables.iter().map(Vec::as_slice).collect();
            let shown = forwards_of(&tables, ALWAYS.0, turn);
            prop_assert_eq!(&backwards(&tables, ALWAYS.1, turn), &shown);
            for pair in shown.windows(2) {
                prop_assert!(pair[0].start_us < pair[1].start_us && pair[0].end_us < pair[1].end_us);
                prop_assert!(pair[1].start_us >= pair[0].end_us - TREMBLE_US, "no moment is there twice: {:?}", pair);
            }
            let at_us = ask_ms * 1_000;
            let on: Vec<Facts> = shown.iter().copied().filter(|one| one.end_us > at_us).collect();
            prop_assert_eq!(&forwards_of(&tables, at_us, turn), &on, "wherever one begins");
            let back: Vec<Facts> = shown.iter().copied().filter(|one| one.start_us < at_us).collect();
            prop_assert_eq!(&backwards(&tables, at_us, turn), &back);
        }

        #[test]
        fn nothing_is_left_out_that_does_not_lie_over_what_is_shown(runs in runs(true)) {
            let tables = tables_of(&runs);
            let tables: Vec<Table<'_>> = tables.iter().map(Vec::as_slice).collect();
            let shown = forwards(&tables, ALWAYS.0);
            for (_, one) in all(&tables) {
                let facts = &one.facts;
                let is_there = shown.iter().any(|other| rank(other) == rank(facts));
                let over: Vec<&Facts> = shown.iter().filter(|other| lies_over(other, facts)).collect();
                prop_assert_eq!(is_there, over.is_empty(), "{:?}", facts);
                prop_assert!(is_there || over.iter().any(|other| rank(other) < rank(facts)), "what goes first is shown");
            }
            if let Some(best) = all(&tables).map(|(_, one)| rank(&one.facts)).min() {
                prop_assert!(shown.iter().any(|one| rank(one) == best));
            }
        }

        #[test]
        fn by_its_turn_each_recording_is_shown(runs in runs(true)) {
            let tables = tables_of(&runs);
            let tables: Vec<Table<'_>> = tables.iter().map(Vec::as_slice).collect();
            let shown: Vec<Facts> = (0..8).flat_map(|turn| forwards_of(&tables, ALWAYS.0, turn)).collect();
            for (_, one) in all(&tables) {
                prop_assert!(shown.iter().any(|other| rank(other) == rank(&one.facts)), "{:?}", one.facts);
            }
        }

        #[test]
        fn no_part_is_shown_without_the_key_frame_it_hangs_on(runs in runs(false), turn in 0..3 as Turn) {
            let tables = tables_of(&runs);
            let tables: Vec<Table<'_>> = tables.iter().map(Vec::as_slice).collect();
            let shown = forwards_of(&tables, ALWAYS.0, turn);
            for one in shown.iter().filter(|one| !one.flags.has(FragmentFlags::KEY)) {
                prop_assert!(shown.iter().any(|before| before.is_followed_by(one)), "{:?}", one);
            }
        }
    }

    #[test]
    fn the_nodes_own_goes_before_what_was_fetched_and_the_first_before_the_second() {
        let second = |from, fetched| (from, vec![(1_000, true); 10], fetched);
        // Fetched from 0 to 10 s; the node's own from 4.5 s, and again, its clock set back, from 9.2 s.
        let runs = vec![second(0, true), second(4_500, false), second(9_200, false)];
        let tables = tables_of(&runs);
        let tables: Vec<Table<'_>> = tables.iter().map(Vec::as_slice).collect();
        let shown = forwards(&tables, ALWAYS.0);
        let of = |number: i64| {
            let mine = shown
                .iter()
                .filter(|one| one.run_us == runs[number as usize].0 * 1_000 + number);
            mine.map(|one| one.start_us / 1_000).collect::<Vec<_>>()
        };
        assert_eq!(of(0), [0, 1_000, 2_000, 3_000]);
        assert_eq!(
            of(1),
            (0..10).map(|at| 4_500 + at * 1_000).collect::<Vec<_>>()
        );
        assert_eq!(of(2), [15_200, 16_200, 17_200, 18_200]);
        let (_, under) = first(&tables, 12_000_000, ALWAYS.0, ALWAYS.1, 0).expect("some");
        assert!(is_twice(&tables, &under.facts));
        let (_, alone) = first(&tables, 18_000_000, ALWAYS.0, ALWAYS.1, 0).expect("some");
        assert!(!is_twice(&tables, &alone.facts));
        let (_, beside_fetched) = first(&tables, 6_000_000, ALWAYS.0, ALWAYS.1, 0).expect("some");
        assert!(!is_twice(&tables, &beside_fetched.facts));
    }
}
