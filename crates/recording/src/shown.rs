//! A fragment for a player: its pictures alone, on a time line that follows the node's clock. The pictures' bytes stay as they are.
//!
//! A fragment says when it began and when the next one did, so its pictures are spread over just that time: what is read by
//! parts, whatever the order, fits together, and several cameras show the same moment at the same media time.
use crate::reader::Fragment;
use bytes::{Bytes, BytesMut};
use fragmented_mp4::{ReadSample, Run, Sample, Track, movie_fragment, read_movie_fragment};

/// Key frames alone pass eight times as fast: players need not go faster than they can.
pub const KEYS_FASTER: i64 = 8;

/// How footage passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Every picture; media time 0 is the origin.
    All,
    /// Key frames, [`KEYS_FASTER`]; media time 0 is the origin.
    Keys,
    /// Key frames backwards, [`KEYS_FASTER`]: media time grows as time goes back from the origin.
    Back,
}

/// Which pictures, and what media time 0 is. Times: µs since 1970, UTC.
#[derive(Clone, Copy, Debug)]
pub struct Pictures {
    pub way: Way,
    pub origin_us: i64,
    /// Pictures from then on are left out, and what is stored behind them.
    pub until_us: i64,
}

/// A fragment as a player takes it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// `moof` and the head of `mdat`.
    pub head: Bytes,
    /// The pictures.
    pub payload: Bytes,
    /// When each picture is of, µs after the fragment's start, ascending.
    pub times_us: Vec<i64>,
}

/// None when the fragment holds no picture to be shown, or cannot be read.
pub fn shown(fragment: &Fragment, wanted: Pictures) -> Option<Shown> {
    let runs = read_movie_fragment(&fragment.body)?;
    let run = runs.into_iter().find(|run| run.track == Track::Video)?;
    match wanted.way {
        Way::All => every_picture(fragment, &run.samples, wanted),
        Way::Keys | Way::Back => key_picture(fragment, run.samples.first()?, wanted),
    }
}

fn every_picture(fragment: &Fragment, samples: &[ReadSample], wanted: Pictures) -> Option<Shown> {
    let placed = placed(fragment, samples, wanted.origin_us, wanted.until_us)?;
    let begins = ticks(fragment.facts.start_us - wanted.origin_us);
    let decode_time = u64::try_from((begins - placed.first_offset).max(0)).ok()?;
    let samples: Vec<Sample> = placed.pictures.iter().map(|one| one.0).collect();
    let mut times_us: Vec<i64> = placed.pictures.iter().map(|one| one.2.max(0)).collect();
    times_us.sort_unstable();
    let (first, last) = (placed.pictures.first()?, placed.pictures.last()?);
    let bytes = first.1..last.1 + u64::from(last.0.size);
    made(fragment, decode_time, &samples, bytes, times_us)
}

/// A fragment's pictures, spread over its time by the node's clock.
struct Placed {
    /// Of the first one, presentation minus decode time.
    first_offset: i64,
    /// Each with where its bytes begin, and when it is of, µs after the fragment's start.
    pictures: Vec<(Sample, u64, i64)>,
}

fn placed(
    fragment: &Fragment,
    samples: &[ReadSample],
    origin_us: i64,
    until_us: i64,
) -> Option<Placed> {
    let facts = &fragment.facts;
    let media: i128 = samples
        .iter()
        .map(|one| i128::from(one.sample.duration))
        .sum();
    let start = ticks(facts.start_us - origin_us);
    let wall = match ticks(facts.end_us - origin_us) - start {
        wall if wall > 0 && media > 0 => i128::from(wall),
        _ => media.max(1),
    };
    let spread = |at: i128| (at * wall / media.max(1)) as i64; // of the order of a fragment's length
    let first_offset = samples.first()?.sample.composition_offset;
    let mut at = 0;
    let mut pictures = Vec::with_capacity(samples.len());
    for one in samples {
        let decoded = spread(at);
        at += i128::from(one.sample.duration);
        let offset = spread(i128::from(one.sample.composition_offset - first_offset));
        let sample = Sample {
            duration: u32::try_from(spread(at) - decoded).ok()?,
            composition_offset: spread(i128::from(one.sample.composition_offset)) as i32, // of ten seconds at most
            ..one.sample
        };
        pictures.push((sample, one.offset, (decoded + offset) * 100 / 9));
    }
    // The first picture beyond ends it, though others within are stored behind: they stand on that one, which nobody may see.
    let beyond = |time_us: i64| facts.start_us + time_us >= until_us;
    let kept = pictures.iter().position(|one| beyond(one.2));
    pictures.truncate(kept.unwrap_or(pictures.len()));
    Some(Placed {
        first_offset: spread(i128::from(first_offset)),
        pictures,
    })
}

/// A picture by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// When it is of, µs since 1970.
    pub time_us: i64,
    /// Until the next one, by the node's clock.
    pub duration_90k: u32,
    /// Presentation minus decode time.
    pub composition_90k: i32,
    pub key: bool,
    /// NAL units, each after its length.
    pub bytes: Bytes,
}

/// The same pictures one by one, in the order in which they are decoded; by keys the first alone, which stands for the whole time.
pub fn pictures(fragment: &Fragment, way: Way, until_us: i64) -> Option<Vec<Picture>> {
    let runs = read_movie_fragment(&fragment.body)?;
    let run = runs.into_iter().find(|run| run.track == Track::Video)?;
    let start_us = fragment.facts.start_us;
    let placed = placed(fragment, &run.samples, start_us, until_us)?;
    let mut found = Vec::with_capacity(placed.pictures.len());
    for (sample, offset, time_us) in placed.pictures {
        let (from, to) = (
            usize::try_from(offset).ok()?,
            usize::try_from(offset + u64::from(sample.size)).ok()?,
        );
        if to > fragment.body.len() {
            return None; // our own tables, whose checksum is right, do not say so
        }
        found.push(Picture {
            time_us: start_us + time_us.max(0),
            duration_90k: sample.duration,
            composition_90k: sample.composition_offset,
            key: sample.key,
            bytes: fragment.body.slice(from..to),
        });
    }
    if way != Way::All {
        found.truncate(1);
        let key = found.first_mut().filter(|one| one.key)?;
        let whole = ticks(fragment.facts.end_us - start_us).max(1);
        (key.duration_90k, key.composition_90k) = (u32::try_from(whole).ok()?, 0);
    }
    (!found.is_empty()).then_some(found)
}

fn key_picture(fragment: &Fragment, first: &ReadSample, wanted: Pictures) -> Option<Shown> {
    let facts = &fragment.facts;
    if !first.sample.key || facts.start_us >= wanted.until_us {
        return None;
    }
    let end_us = facts.end_us.max(facts.start_us + 1_000);
    let (from_us, to_us) = match wanted.way {
        Way::Back => (wanted.origin_us - end_us, wanted.origin_us - facts.start_us),
        _ => (facts.start_us - wanted.origin_us, end_us - wanted.origin_us),
    };
    let (from, to) = (ticks(from_us / KEYS_FASTER), ticks(to_us / KEYS_FASTER));
    let sample = Sample {
        duration: u32::try_from((to - from).max(1)).ok()?,
        composition_offset: 0,
        ..first.sample
    };
    let bytes = first.offset..first.offset + u64::from(sample.size);
    let decode_time = u64::try_from(from.max(0)).ok()?;
    made(fragment, decode_time, &[sample], bytes, vec![0])
}

fn made(
    fragment: &Fragment,
    decode_time: u64,
    samples: &[Sample],
    bytes: std::ops::Range<u64>,
    times_us: Vec<i64>,
) -> Option<Shown> {
    let range = usize::try_from(bytes.start).ok()?..usize::try_from(bytes.end).ok()?;
    if range.end > fragment.body.len() {
        return None; // our own tables, whose checksum is right, do not say so
    }
    let mut head = BytesMut::with_capacity(128 + 16 * samples.len());
    let run = Run {
        track: Track::Video,
        decode_time,
        samples,
    };
    movie_fragment(&mut head, fragment.facts.sequence, &[run]).then(|| Shown {
        head: head.freeze(),
        payload: fragment.body.slice(range),
        times_us,
    })
}

/// Of 1/90 000 s.
fn ticks(us: i64) -> i64 {
    us.div_euclid(100) * 9 + us.rem_euclid(100) * 9 / 100
}
