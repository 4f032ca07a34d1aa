//! How much moves in a stream, by the sizes of its pictures alone: facts of fragments are read, and nothing is decoded.
//!
//! Pictures between key frames say what has changed since the picture before: where nothing moves they are small. What one of them
//! takes, as a share of what a key frame takes, depends on neither size nor rate of the pictures; the quarter of an hour's shares
//! that are lowest is how quiet it is around (an encoder's noise, leaves, a road). What stands out above that is activity.
use crate::event::RecordingError;
use crate::facts::{Facts, FragmentFlags, StreamName};
use crate::reader::FindFiles;
use crate::scan::{Verify, contents};
use std::collections::HashSet;
use std::fs::File;
use std::ops::Range;
use std::path::Path;

/// Of [`Activity::levels`]: no footage.
pub const NO_FOOTAGE: u8 = u8::MAX;
/// From this level on something happens.
pub const BUSY: u8 = 25;
/// The level is the highest that there is.
const FULL: u8 = 100;
/// Quiet is looked for in pieces of this length, and so many on either side.
const PIECE_US: i64 = 300_000_000;
const AROUND: usize = 6;
/// Below this share of a key frame a picture says nothing, however quiet it is.
const LEAST: f32 = 0.004;
/// Of the quiet level: noise of the night is large, and trembles.
const TREMBLES: f32 = 0.5;
/// Distances between the lowest and the lower shares that quiet reaches.
const SPREADS: f32 = 4.0;
/// Times that are nearer to each other are one.
const JOIN_US: i64 = 8_000_000;
const MOST_BUSY: usize = 2_000;

/// When something moved, without a pause. Times: µs since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    pub start_us: i64,
    pub end_us: i64,
    /// The highest level.
    pub peak: u8,
}

/// The curve of one stream and time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// In equal parts of the time: 0 to 100, the highest of each part, or [`NO_FOOTAGE`].
    pub levels: Vec<u8>,
    /// From [`BUSY`] on, ascending.
    pub busy: Vec<Busy>,
}

/// The curve between two times in so many parts, by the fragments that begin between them alone: what is outside tells nothing.
/// Reads the table of each closed file, and the heads of the fragments of an open one. A file that cannot be read has no footage.
/// Errors: the index does not answer.
pub fn activity(
    find: &dyn FindFiles,
    stream: &StreamName,
    from_us: i64,
    to_us: i64,
    parts: usize,
) -> Result<Activity, RecordingError> {
    Ok(curve(
        &facts_between(find, stream, from_us, to_us)?,
        from_us,
        to_us,
        parts,
    ))
}

fn facts_between(
    find: &dyn FindFiles,
    stream: &StreamName,
    from_us: i64,
    to_us: i64,
) -> Result<Vec<Facts>, RecordingError> {
    let (mut at_us, mut seen, mut found) = (from_us, HashSet::new(), Vec::new());
    loop {
        let files = find.after(stream, at_us, to_us)?;
        let Some(first_end_us) = files.iter().map(|file| file.end_us).min() else {
            break;
        };
        for file in files {
            if !seen.contains(&file.path) {
                found.extend(facts_of(&file.path, from_us..to_us));
                seen.insert(file.path);
            }
        }
        at_us = first_end_us.max(at_us.saturating_add(1));
    }
    found.sort_by_key(|facts| facts.start_us);
    Ok(found)
}

fn facts_of(path: &Path, within: Range<i64>) -> Vec<Facts> {
    let fragments = File::open(path)
        .and_then(|file| contents(&file, Verify::Heads))
        .map(|found| found.fragments)
        .unwrap_or_default();
    let facts = fragments.into_iter().map(|one| one.facts);
    facts.filter(|one| within.contains(&one.start_us)).collect()
}

/// `facts`: ascending. Pure.
fn curve(facts: &[Facts], from_us: i64, to_us: i64, parts: usize) -> Activity {
    let levels = levels_of(facts, &shares_of(facts));
    Activity {
        levels: in_parts(facts, &levels, from_us, to_us, parts),
        busy: busy_times(facts, &levels),
    }
}

/// What a picture between key frames takes, as a share of the last key frame; None of a lone key frame, as some encoders send them.
/// Where there are key frames alone: by how much of its size this one differs from the one before.
fn shares_of(facts: &[Facts]) -> Vec<Option<f32>> {
    let keys_alone = facts.iter().all(|one| one.other_bytes == 0);
    let mut last_key = None;
    let share = |one: &Facts| {
        let is_key = one.flags.has(FragmentFlags::KEY);
        let before = last_key;
        if is_key && one.key_bytes > 0 {
            last_key = Some(one.key_bytes as f32);
        }
        let others = one.pictures.saturating_sub(u16::from(is_key));
        match (last_key, before) {
            (Some(key), _) if others > 0 => Some(one.other_bytes as f32 / f32::from(others) / key),
            (Some(key), Some(before)) if keys_alone => Some((key - before).abs() / before),
            _ => None,
        }
    };
    facts.iter().map(share).collect()
}

fn levels_of(facts: &[Facts], shares: &[Option<f32>]) -> Vec<u8> {
    let Some(first) = facts.first() else {
        return Vec::new();
    };
    let piece_of = |one: &Facts| (one.start_us - first.start_us).div_euclid(PIECE_US);
    let mut levels = Vec::with_capacity(facts.len());
    // Where each piece that has footage begins, and the end of them all.
    let mut begins: Vec<usize> = vec![0];
    let changes = (1..facts.len()).filter(|&at| piece_of(&facts[at]) != piece_of(&facts[at - 1]));
    begins.extend(changes);
    begins.push(facts.len());
    for piece in 0..begins.len() - 1 {
        let around = begins[piece.saturating_sub(AROUND)]
            ..begins[(piece + AROUND + 1).min(begins.len() - 1)];
        let (quiet, scale) = quiet_of(&shares[around]);
        let own = &shares[begins[piece]..begins[piece + 1]];
        let above = |share: &Option<f32>| share.map_or(0.0, |share| (share - quiet) / scale);
        levels.extend(own.iter().map(|share| level(above(share))));
    }
    levels
}

/// The level of quiet, and how far above it is not quiet any more.
fn quiet_of(shares: &[Option<f32>]) -> (f32, f32) {
    let mut sorted: Vec<f32> = shares.iter().copied().flatten().collect();
    if sorted.is_empty() {
        return (0.0, LEAST);
    }
    let mut lowest = |parts: usize| {
        let at = sorted.len() / parts;
        *sorted.select_nth_unstable_by(at, f32::total_cmp).1
    };
    let (quiet, least) = (lowest(4), lowest(20));
    let scale = (SPREADS * (quiet - least)).max(TREMBLES * quiet).max(LEAST);
    (quiet, scale)
}

/// Doubling is seen as a step, whatever the size.
fn level(above: f32) -> u8 {
    let steps = f32::from(BUSY) * (1.0 + above.max(0.0)).log2();
    steps.min(f32::from(FULL)) as u8 // not negative, and not NaN: both are kept out above
}

fn in_parts(facts: &[Facts], levels: &[u8], from_us: i64, to_us: i64, parts: usize) -> Vec<u8> {
    let mut found = vec![NO_FOOTAGE; parts];
    let length = (i128::from(to_us) - i128::from(from_us)).max(1);
    let part_of = |at_us: i64| {
        let part = (i128::from(at_us) - i128::from(from_us)) * parts as i128 / length;
        part.clamp(0, parts as i128) as usize
    };
    for (one, &level) in facts.iter().zip(levels) {
        let end = part_of(one.end_us.min(to_us).saturating_sub(1)) + 1;
        for part in found
            .get_mut(part_of(one.start_us)..end.min(parts))
            .unwrap_or_default()
        {
            *part = if *part == NO_FOOTAGE {
                level
            } else {
                level.max(*part)
            };
        }
    }
    found
}

fn busy_times(facts: &[Facts], levels: &[u8]) -> Vec<Busy> {
    let times = facts
        .iter()
        .zip(levels)
        .filter(|(_, level)| **level >= BUSY);
    let all = times.map(|(one, &peak)| Busy {
        start_us: one.start_us,
        end_us: one.end_us,
        peak,
    });
    let mut join_us = JOIN_US;
    let mut found = joined(all, join_us);
    while found.len() > MOST_BUSY {
        join_us *= 2;
        found = joined(found.into_iter(), join_us);
    }
    found
}

fn joined(times: impl Iterator<Item = Busy>, join_us: i64) -> Vec<Busy> {
    let mut found: Vec<Busy> = Vec::new();
    for one in times {
        match found.last_mut() {
            Some(last) if one.start_us.saturating_sub(last.end_us) <= join_us => {
                last.end_us = last.end_us.max(one.end_us);
                last.peak = last.peak.max(one.peak);
            }
            _ => found.push(one),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::FACTS_BYTES;
    use proptest::prelude::*;

    const GROUP_US: i64 = 2_000_000;
    const KEY: u32 = 100_000;

    /// Two seconds of 25 pictures a second; `share`: of a key frame, of each other picture.
    fn group(at_us: i64, key_bytes: u32, share: f64) -> Facts {
        Facts {
            flags: FragmentFlags::KEY,
            start_us: at_us,
            end_us: at_us + GROUP_US,
            pictures: 50,
            key_bytes,
            other_bytes: (f64::from(key_bytes) * share * 49.0) as u32,
            ..Facts::get(&[0; FACTS_BYTES])
        }
    }

    /// A day's groups; `share` of each by its number.
    fn day(share: impl Fn(i64) -> f64) -> Vec<Facts> {
        (0..43_200)
            .map(|number| group(number * GROUP_US, KEY, share(number)))
            .collect()
    }

    /// Between 0 and 1, the same each time.
    fn chance(number: i64) -> f64 {
        (number.wrapping_mul(2_654_435_761).rem_euclid(1_000) as f64) / 1_000.0
    }

    #[test]
    fn what_moves_stands_out_of_the_noise_of_day_and_night_and_nothing_else_does() {
        let noise = |number: i64| if number < 20_000 { 0.012 } else { 0.15 };
        let visits = [(7_000, 7_003), (15_000, 15_060), (30_000, 30_002)];
        let moves = |number| {
            visits
                .iter()
                .any(|&(from, to)| (from..to).contains(&number))
        };
        let facts = day(|number| {
            noise(number) * (0.9 + 0.2 * chance(number)) + if moves(number) { 0.25 } else { 0.0 }
        });
        let found = curve(&facts, 0, 86_400_000_000, 8_640);
        let times: Vec<(i64, i64)> = found
            .busy
            .iter()
            .map(|one| (one.start_us / GROUP_US, one.end_us / GROUP_US))
            .filter(|one| one.0.abs_diff(20_000) > 1_000) // the light changes there, and that may be seen
            .collect();
        assert_eq!(times, visits);
        assert!(found.levels.iter().all(|&level| level <= FULL));
        assert!(found.levels[7_000 / 5] >= BUSY && found.levels[6_000 / 5] < BUSY);
    }

    #[test]
    fn a_road_is_busy_when_more_moves_than_around() {
        let facts =
            day(|number| 0.2 + 0.1 * chance(number) + if number == 9_000 { 0.9 } else { 0.0 });
        let found = curve(&facts, 0, 86_400_000_000, 100);
        assert_eq!(found.busy.len(), 1);
        assert_eq!(found.busy[0].start_us, 9_000 * GROUP_US);
    }

    #[test]
    fn no_footage_is_told_apart_from_quiet_and_a_part_has_its_highest_level() {
        let mut facts: Vec<Facts> = (0..60).map(|n| group(n * GROUP_US, KEY, 0.01)).collect();
        facts
            .extend((90..120).map(|n| group(n * GROUP_US, KEY, if n == 100 { 0.5 } else { 0.01 })));
        let found = curve(&facts, 0, 240_000_000, 8);
        assert_eq!(found.levels[..4], [0, 0, 0, 0]);
        assert_eq!(found.levels[4..6], [NO_FOOTAGE, NO_FOOTAGE]);
        assert_eq!((found.levels[6], found.levels[7]), (FULL, 0));
    }

    #[test]
    fn a_group_that_goes_on_is_measured_by_its_key_frame_and_key_frames_alone_by_each_other() {
        let mut facts: Vec<Facts> = (0..100).map(|n| group(n * GROUP_US, KEY, 0.01)).collect();
        for one in facts
            .iter_mut()
            .skip(1)
            .filter(|one| one.start_us % 8_000_000 != 0)
        {
            (one.flags, one.key_bytes, one.pictures) = (FragmentFlags(0), 0, 49);
        }
        assert_eq!(curve(&facts, 0, 200_000_000, 1).levels, [0]);
        let alone = |n: i64| Facts {
            pictures: 1,
            ..group(n * GROUP_US, if n < 50 { KEY } else { 2 * KEY }, 0.0)
        };
        let found = curve(
            &(0..100).map(alone).collect::<Vec<_>>(),
            0,
            200_000_000,
            100,
        );
        assert_eq!(found.busy.len(), 1);
        assert_eq!(found.busy[0].start_us, 50 * GROUP_US);
    }

    #[test]
    fn a_lone_key_frame_between_groups_says_nothing() {
        let lone = |n: i64| Facts {
            pictures: 1,
            ..group(n * GROUP_US, KEY, 0.0)
        };
        let facts: Vec<Facts> = (0..200)
            .map(|n| match n % 2 {
                0 => group(n * GROUP_US, KEY, if n == 120 { 0.9 } else { 0.24 }),
                _ => lone(n),
            })
            .collect();
        let found = curve(&facts, 0, 400_000_000, 100);
        assert_eq!(found.busy.len(), 1, "{found:?}");
        assert_eq!(found.busy[0].start_us, 120 * GROUP_US);
    }

    #[test]
    fn times_are_bounded_by_joining_them() {
        let facts = day(|number| if number % 8 == 0 { 0.6 } else { 0.01 });
        let found = curve(&facts, 0, 86_400_000_000, 10);
        assert!(!found.busy.is_empty() && found.busy.len() <= MOST_BUSY);
        assert_eq!(found.busy.first().map(|one| one.start_us), Some(0));
    }

    proptest! {
        #[test]
        fn any_facts_have_a_curve(bytes in prop::collection::vec(any::<[u8; 66]>(), 0..40), parts in 0usize..50) {
            let mut facts: Vec<Facts> = bytes.iter().map(Facts::get).collect();
            for one in &mut facts {
                one.start_us = one.start_us.rem_euclid(1_000_000_000);
            }
            facts.sort_by_key(|one| one.start_us);
            let found = curve(&facts, 0, 1_000_000_000, parts);
            prop_assert_eq!(found.levels.len(), parts);
            prop_assert!(found.busy.windows(2).all(|pair| pair[0].start_us <= pair[1].start_us));
        }
    }
}
