//! A fragment of many samples and one or two tracks, as footage is kept: what is alike in all samples of a track is said once.
use crate::Track;
use crate::boxes::{Boxes, Fields, boxed, full_box};
use crate::fragment::Sample;
use bytes::{BufMut, BytesMut};

const SYNC_SAMPLE: u32 = 0x0200_0000;
const DEPENDENT_SAMPLE: u32 = 0x0101_0000;
/// Of `sample_flags`: others are needed to decode it. ISO/IEC 14496-12 8.8.3.1.
const NON_SYNC_BIT: u32 = 0x0001_0000;
const DEFAULT_DURATION: u32 = 0x8;
const DEFAULT_SIZE: u32 = 0x10;
const DEFAULT_FLAGS: u32 = 0x20;
const DEFAULT_BASE_IS_MOOF: u32 = 0x02_0000;
const DATA_OFFSET: u32 = 0x1;
const FIRST_FLAGS: u32 = 0x4;
const EACH_DURATION: u32 = 0x100;
const EACH_SIZE: u32 = 0x200;
const EACH_FLAGS: u32 = 0x400;
const EACH_OFFSET: u32 = 0x800;

/// One track's part of a fragment.
pub struct Run<'a> {
    pub track: Track,
    /// Of the first sample, in ticks of the track.
    pub decode_time: u64,
    pub samples: &'a [Sample],
}

/// Appends `moof` and the eight bytes of `mdat`; the bytes of the runs' samples follow in order. False, and nothing is appended, when
/// the samples are too many bytes for one `mdat` (4 GiB).
pub fn movie_fragment(out: &mut BytesMut, sequence: u32, runs: &[Run<'_>]) -> bool {
    let sizes = runs.iter().flat_map(|run| run.samples);
    let payload: u64 = sizes.map(|sample| u64::from(sample.size)).sum();
    let Ok(mdat) = u32::try_from(payload + 8) else {
        return false;
    };
    let start = out.len();
    let mut offsets_at = [0; 2];
    boxed(out, b"moof", |out| {
        full_box(out, b"mfhd", 0, 0, |out| out.put_u32(sequence));
        for (run, at) in runs.iter().zip(&mut offsets_at) {
            *at = track_run(out, run);
        }
    });
    let mut offset = (out.len() - start + 8) as u32; // behind the header of `mdat`
    for (run, &at) in runs.iter().zip(&offsets_at) {
        out[at..at + 4].copy_from_slice(&offset.to_be_bytes());
        offset += run.samples.iter().map(|sample| sample.size).sum::<u32>();
    }
    out.put_u32(mdat);
    out.put_slice(b"mdat");
    true
}

/// Where the place for the data offset stands.
fn track_run(out: &mut BytesMut, run: &Run<'_>) -> usize {
    let alike = |what: fn(&Sample) -> u32| {
        let first = run.samples.first().map(what)?;
        run.samples
            .iter()
            .all(|sample| what(sample) == first)
            .then_some(first)
    };
    let (duration, size) = (alike(|sample| sample.duration), alike(|sample| sample.size));
    let rest = run.samples.get(1..).unwrap_or_default();
    let keys = rest
        .first()
        .or(run.samples.first())
        .is_some_and(|sample| sample.key);
    let as_the_rest = rest.iter().all(|sample| sample.key == keys);
    let plain = run
        .samples
        .iter()
        .all(|sample| sample.composition_offset == 0);
    let flags_of = |key| if key { SYNC_SAMPLE } else { DEPENDENT_SAMPLE };
    let mut at = 0;
    boxed(out, b"traf", |out| {
        let head = DEFAULT_BASE_IS_MOOF
            | if duration.is_some() {
                DEFAULT_DURATION
            } else {
                0
            }
            | if size.is_some() { DEFAULT_SIZE } else { 0 }
            | DEFAULT_FLAGS;
        full_box(out, b"tfhd", 0, head, |out| {
            out.put_u32(run.track.id());
            duration
                .into_iter()
                .chain(size)
                .for_each(|value| out.put_u32(value));
            out.put_u32(flags_of(keys));
        });
        full_box(out, b"tfdt", 1, 0, |out| out.put_u64(run.decode_time));
        let flags = DATA_OFFSET
            | if as_the_rest { FIRST_FLAGS } else { EACH_FLAGS }
            | if duration.is_none() { EACH_DURATION } else { 0 }
            | if size.is_none() { EACH_SIZE } else { 0 }
            | if plain { 0 } else { EACH_OFFSET };
        full_box(out, b"trun", 1, flags, |out| {
            out.put_u32(run.samples.len() as u32); // a fragment holds some thousands at most
            at = out.len();
            out.put_u32(0);
            if as_the_rest {
                out.put_u32(flags_of(
                    run.samples.first().is_some_and(|sample| sample.key),
                ));
            }
            for sample in run.samples {
                if duration.is_none() {
                    out.put_u32(sample.duration);
                }
                if size.is_none() {
                    out.put_u32(sample.size);
                }
                if !as_the_rest {
                    out.put_u32(flags_of(sample.key));
                }
                if !plain {
                    out.put_i32(sample.composition_offset);
                }
            }
        });
    });
    at
}

/// One sample as a fragment tells it: a range of the bytes that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadSample {
    /// From the first byte of `moof`.
    pub offset: u64,
    pub sample: Sample,
}

/// One track's part of a fragment that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRun {
    pub track: Track,
    pub decode_time: u64,
    pub samples: Vec<ReadSample>,
}

/// Reads what [`movie_fragment`] wrote: the runs of the `moof` that `bytes` begin with. None for anything else, also for tables
/// that tell of more samples than there are bytes.
pub fn read_movie_fragment(bytes: &[u8]) -> Option<Vec<ReadRun>> {
    let (kind, moof) = Boxes(bytes).next()?;
    if kind != *b"moof" {
        return None;
    }
    let mut runs = Vec::new();
    for (kind, traf) in Boxes(moof) {
        if kind == *b"traf" {
            runs.push(read_run(traf)?);
        }
    }
    (!runs.is_empty()).then_some(runs)
}

fn read_run(traf: &[u8]) -> Option<ReadRun> {
    let body = |wanted: &[u8; 4]| {
        Boxes(traf)
            .find(|(kind, _)| kind == wanted)
            .map(|(_, body)| body)
    };
    let mut head = Fields(body(b"tfhd")?);
    let given = head.u32()? & 0xFF_FFFF;
    let track = Track::of_id(head.u32()?)?;
    let mut default = |flag| {
        if given & flag != 0 {
            head.u32().map(Some)
        } else {
            Some(None)
        }
    };
    let (duration, size, flags) = (
        default(DEFAULT_DURATION)?,
        default(DEFAULT_SIZE)?,
        default(DEFAULT_FLAGS)?,
    );
    let mut times = Fields(body(b"tfdt")?);
    times.u32()?;
    let decode_time = times.u64()?;
    let mut run = Fields(body(b"trun")?);
    let given = run.u32()? & 0xFF_FFFF;
    let count = run.u32()? as usize;
    let mut offset = u64::from(run.u32()?);
    let first = if given & FIRST_FLAGS != 0 {
        Some(run.u32()?)
    } else {
        None
    };
    let each = [EACH_DURATION, EACH_SIZE, EACH_FLAGS, EACH_OFFSET];
    let width = 4 * each.iter().filter(|&&flag| given & flag != 0).count();
    if count * width > run.0.len() || (width == 0 && count > MAX_ALIKE) {
        return None;
    }
    let mut samples = Vec::with_capacity(count);
    for number in 0..count {
        let mut own = |flag, otherwise: Option<u32>| {
            if given & flag != 0 {
                run.u32()
            } else {
                otherwise
            }
        };
        let duration = own(EACH_DURATION, duration)?;
        let size = own(EACH_SIZE, size)?;
        let default = first.filter(|_| number == 0).or(flags);
        let flags = own(EACH_FLAGS, default)?;
        let composition_offset = own(EACH_OFFSET, Some(0))? as i32;
        let key = flags & NON_SYNC_BIT == 0;
        let sample = Sample {
            size,
            duration,
            composition_offset,
            key,
        };
        samples.push(ReadSample { offset, sample });
        offset += u64::from(size);
    }
    Some(ReadRun {
        track,
        decode_time,
        samples,
    })
}

/// Samples that a table without a row for each may tell of.
const MAX_ALIKE: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> impl Strategy<Value = Sample> {
        let duration = prop_oneof![Just(3_600), any::<u16>().prop_map(u32::from)];
        let composition_offset = prop_oneof![Just(0), any::<i16>().prop_map(i32::from)];
        (any::<u16>(), duration, composition_offset, any::<bool>()).prop_map(
            |(size, duration, composition_offset, key)| Sample {
                size: size.into(),
                duration,
                composition_offset,
                key,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            video in prop::collection::vec(sample(), 1..40), sound in prop::collection::vec(sample(), 0..40),
            decode_time in any::<u64>()
        ) {
            let mut runs = vec![Run { track: Track::Video, decode_time, samples: &video }];
            if !sound.is_empty() {
                runs.push(Run { track: Track::Sound, decode_time: 7, samples: &sound });
            }
            let mut out = BytesMut::new();
            prop_assert!(movie_fragment(&mut out, 1, &runs));
            let read = read_movie_fragment(&out).expect("our own");
            let mut offset = out.len() as u64;
            for (run, read) in runs.iter().zip(&read) {
                prop_assert_eq!((run.track, run.decode_time), (read.track, read.decode_time));
                prop_assert_eq!(run.samples.len(), read.samples.len());
                for (one, found) in run.samples.iter().zip(&read.samples) {
                    prop_assert_eq!((*one, offset), (found.sample, found.offset));
                    offset += u64::from(one.size);
                }
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut moof = BytesMut::new();
            boxed(&mut moof, b"moof", |out| boxed(out, b"traf", |out| out.put_slice(&bytes)));
            crate::fuzz_bodies::movie_fragment(&bytes);
            crate::fuzz_bodies::movie_fragment(&moof);
        }
    }

    #[test]
    fn two_seconds_of_pictures_cost_four_bytes_each() {
        let pictures: Vec<Sample> = (0..50)
            .map(|number| Sample {
                size: 900 + number,
                duration: 3_600,
                composition_offset: 0,
                key: number == 0,
            })
            .collect();
        let mut out = BytesMut::new();
        let run = Run {
            track: Track::Video,
            decode_time: 0,
            samples: &pictures,
        };
        assert!(movie_fragment(&mut out, 1, &[run]));
        assert_eq!(out.len(), 16 + 8 + 8 + 24 + 20 + 24 + 8 + 50 * 4);
    }
}
