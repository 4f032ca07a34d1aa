//! When a footage file began whose first fragment is torn. Once the index is lost nothing else knows: what is left of the fragment says
//! it, else how long the file had been going when the next one began, else the second that the file is named by.
use crate::facts::{Head, Located, MAX_HEAD, StreamName, UUID_STEM};
use crate::scan::ReadAt;
use fragmented_mp4::{Track, read_movie_fragment};
use memchr::memmem;
use std::path::Path;

/// `ftyp` and `moov` are a kilobyte: where the first whole fragment stands farther away, something lay between.
const OWN_HEAD: u64 = 16 * 1024;
/// So much is looked at: facts stand before the pictures, and `moof` before their bytes.
const LOOKED_AT: u64 = 64 * 1024;
/// No file lasts longer than an hour.
const LONGEST_US: i64 = 3_601_000_000;
const SECOND_US: i64 = 1_000_000;

/// `below`: the file's path below its folder, by whose second it began; `first`: the first whole one of its fragments. What the disk does
/// not give says nothing.
pub(crate) fn begun_us<Source: ReadAt + ?Sized>(
    below: &Path,
    file: &Source,
    stream: &StreamName,
    first: &Located,
) -> i64 {
    let known_us = first.facts.start_us;
    let Some(named_us) = named_us(below) else {
        return known_us; // somebody gave it another name
    };
    let behind_us = known_us.saturating_sub(named_us);
    let is_within_its_second = (0..SECOND_US).contains(&behind_us);
    if !(0..LONGEST_US).contains(&behind_us) || (is_within_its_second && first.offset <= OWN_HEAD) {
        return known_us;
    }
    let within = named_us..=known_us.min(named_us + SECOND_US - 1);
    if let Some(torn_us) = torn_facts(file, stream, first.offset).filter(|us| within.contains(us)) {
        return torn_us;
    }
    let begins = first.offset + u64::from(first.head_bytes);
    let gone_us = gone_us(&read(file, begins, u64::from(first.body_bytes)));
    let reckoned_us = gone_us.map(|us| known_us.saturating_sub(us));
    let otherwise_us = if is_within_its_second {
        known_us
    } else {
        named_us
    };
    reckoned_us.map_or(otherwise_us, |us| us.clamp(*within.start(), *within.end()))
}

/// What is left of a fragment before the first whole one says of itself, if that is whole.
fn torn_facts<Source: ReadAt + ?Sized>(
    file: &Source,
    stream: &StreamName,
    until: u64,
) -> Option<i64> {
    let bytes = read(file, 0, until);
    let starts = memmem::find_iter(&bytes, &UUID_STEM).filter_map(|at| at.checked_sub(8));
    let heads = starts.filter_map(|at| Head::read(&bytes[at..bytes.len().min(at + MAX_HEAD)]));
    let mut own = heads.filter(|(head, _)| head.stream == *stream);
    own.next().map(|(head, _)| head.facts.start_us)
}

/// How long the file had been going, by its own count of time, when a fragment began.
fn gone_us(body: &[u8]) -> Option<i64> {
    let runs = read_movie_fragment(body)?;
    let video = runs.iter().find(|run| run.track == Track::Video)?;
    i64::try_from(video.decode_time.checked_mul(100)? / 9).ok()
}

fn read<Source: ReadAt + ?Sized>(file: &Source, offset: u64, most: u64) -> Vec<u8> {
    let mut bytes = vec![0; most.min(LOOKED_AT) as usize];
    let count = file.read_into(&mut bytes, offset).unwrap_or(0);
    bytes.truncate(count);
    bytes
}

/// µs since 1970, UTC, of `…/<year month day>/<hour minute second>….mp4`.
fn named_us(below: &Path) -> Option<i64> {
    let day = number(below.parent()?.file_name()?.to_str()?, 8)?;
    let time = number(below.file_stem()?.to_str()?, 6)?;
    let (year, month, day) = (day / 10_000, day / 100 % 100, day % 100);
    let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day);
    if !fits || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Counted from 1 March of the year 0, as in the name's own making.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let days = era * 146_097 + 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 1;
    Some(((days - 719_468) * 86_400 + hour * 3_600 + minute * 60 + second) * SECOND_US)
}

/// Of so many digits, with nothing behind them, or a `-`.
fn number(text: &str, digits: usize) -> Option<i64> {
    let (number, rest) = text.split_at_checked(digits)?;
    let is_whole = rest.is_empty() || rest.starts_with('-');
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    (is_whole && is_number).then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{FACTS_BYTES, Facts};
    use crate::segment::date_and_time;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_tells_the_second_that_it_was_made_of(time_us in 0..4_102_444_800_000_000_i64, again in 0..3_u8) {
            let (day, time) = date_and_time(time_us);
            let suffix = ["", "-1", "-device-2"][usize::from(again)];
            let below = format!("34020000001320000001/main/{day}/{time}{suffix}.mp4");
            prop_assert_eq!(named_us(Path::new(&below)), Some(time_us.div_euclid(SECOND_US) * SECOND_US));
        }
    }

    #[test]
    fn what_is_no_such_name_tells_nothing() {
        for below in [
            "120000.mp4",
            "20261129/120000x.mp4",
            "20261329/120000.mp4",
            "20261129/246000.mp4",
            "2026112/120000.mp4",
            "20261129/copy of 120000.mp4",
            "20261129x/120000.mp4",
        ] {
            assert_eq!(named_us(Path::new(below)), None, "{below}");
        }
    }

    #[test]
    fn where_nothing_else_is_left_the_name_says_it_if_it_can_be_true() {
        let stream = StreamName::new("cam/main").expect("a name");
        let at = |below: &str, start_us: i64, offset: u64| {
            let mut facts = Facts::get(&[0; FACTS_BYTES]);
            facts.start_us = start_us;
            let first = Located {
                facts,
                offset,
                head_bytes: 100,
                body_bytes: 900,
            };
            begun_us(Path::new(below), &[][..], &stream, &first)
        };
        let noon_us = 43_200 * SECOND_US;
        let name = "cam/main/19700101/120000.mp4";
        assert_eq!(at(name, noon_us + 4_250_000, 90_000), noon_us);
        assert_eq!(at(name, noon_us + 250_000, 1_000), noon_us + 250_000);
        assert_eq!(at(name, noon_us + 250_000, 90_000), noon_us + 250_000);
        assert_eq!(at("cam/main/copy.mp4", noon_us + 5, 90_000), noon_us + 5);
        for start_us in [noon_us - 1, noon_us + 3_601_000_000] {
            assert_eq!(at(name, start_us, 90_000), start_us, "another file's name");
        }
    }
}
