//! One stream's open fragment: pictures and sound by reference until the group of pictures is over.
use crate::clock::{Now, is_wall_clock};
use crate::facts::{Facts, FragmentFlags, StreamName};
use bytes::Bytes;
use fragmented_mp4::footage_init_segment;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use stream_hub::{Frame, VideoInfo};

/// A group of pictures that is longer is kept in parts.
const MAX_OPEN_US: i64 = 10_000_000;
const MAX_OPEN_BYTES: usize = 4 * 1024 * 1024;
const MAX_OPEN_FRAMES: usize = 2_000;
/// Without a picture for so long the open part is over.
const SILENT_US: i64 = 3_000_000;
/// The wall clock went another way than time itself.
const CLOCK_SET_US: i64 = 500_000;
/// Pictures that were waiting came no earlier than this before now.
const MAX_AGE_90K: u64 = 60 * 90_000;

/// How the pictures of a file are described: one file, one description.
#[derive(Debug)]
pub(crate) struct Description {
    pub generation: u64,
    pub init: Bytes,
    /// Ticks a second of the sound track; None without one.
    pub sound_hz: Option<u32>,
}

impl Description {
    fn of(info: &VideoInfo) -> Arc<Self> {
        Arc::new(Self {
            generation: info.generation,
            init: footage_init_segment(&info.parameters, info.sound.as_ref()),
            sound_hz: info.sound.map(|sound| sound.sample_rate_hz),
        })
    }
}

/// A fragment that is whole and not yet written.
#[derive(Debug)]
pub(crate) struct Closed {
    pub stream: StreamName,
    pub facts: Facts,
    pub description: Arc<Description>,
    /// In sending order; the first is a picture.
    pub frames: Vec<Arc<Frame>>,
    pub bytes: usize,
    /// When it began and when the next one did, on the clock that is never set.
    pub begun_us: i64,
    pub ended_us: i64,
    /// Counts the stream's fragments since the start: what is told as safe has nothing outstanding before it.
    pub ordinal: u64,
    /// A folder that works did not take it: it is tried in another one, once.
    pub refused: AtomicBool,
}

struct Open {
    frames: Vec<Arc<Frame>>,
    bytes: usize,
    begun: Now,
    last: Now,
    flags: FragmentFlags,
    description: Arc<Description>,
}

/// Makes fragments of what a hub's cursor gives.
pub(crate) struct Gathering {
    stream: StreamName,
    run_us: i64,
    sequence: u32,
    follows: bool,
    before: Option<Now>,
    open: Option<Open>,
    description: Option<Arc<Description>>,
}

impl Gathering {
    pub fn new(stream: StreamName, now: Now) -> Self {
        Self {
            stream,
            run_us: now.wall_us,
            sequence: 0,
            follows: false,
            before: None,
            open: None,
            description: None,
        }
    }

    /// Whether the next fragment begins a group of pictures.
    pub fn is_at_key(&self) -> bool {
        let flags = self.open.as_ref().map(|open| open.flags);
        flags.is_none_or(|flags| flags.has(FragmentFlags::KEY))
    }

    /// Pictures were missed: what comes does not follow what came.
    pub fn missed(&mut self, now: Now) -> Option<Closed> {
        let closed = self.finish(now);
        self.follows = false;
        closed
    }

    /// What waited in the hub when it was looked at, in order; the last came just now. `described`: the descriptions of these
    /// pictures, the newest last. `finished` takes what is whole.
    pub fn take(
        &mut self,
        frames: Vec<Arc<Frame>>,
        described: &[Arc<VideoInfo>],
        now: Now,
        mut finished: impl FnMut(Closed),
    ) {
        let newest = frames
            .iter()
            .filter(|one| one.sound.is_none())
            .map(|one| one.decode_90k)
            .max();
        for frame in frames {
            let own = described
                .iter()
                .find(|info| info.generation == frame.generation);
            let Some(info) = own.or(described.last()) else {
                return;
            };
            let age = newest.unwrap_or(0).saturating_sub(frame.decode_90k);
            let age = if frame.sound.is_some() {
                0
            } else {
                age.min(MAX_AGE_90K)
            };
            self.add(
                frame,
                info,
                now.earlier(age as i64 * 100 / 9),
                &mut finished,
            );
        }
    }

    fn add(
        &mut self,
        frame: Arc<Frame>,
        info: &VideoInfo,
        now: Now,
        finished: &mut impl FnMut(Closed),
    ) {
        let picture = frame.sound.is_none();
        let full = self.open.as_ref().is_some_and(|open| {
            open.bytes + frame.bytes.len() > MAX_OPEN_BYTES
                || open.frames.len() >= MAX_OPEN_FRAMES
                || now.steady_us - open.begun.steady_us >= MAX_OPEN_US
        });
        if picture && (frame.key || full) {
            finished_if(self.close(now), finished);
        }
        if let Some(open) = &mut self.open {
            let heard = picture || open.description.sound_hz.is_some();
            if heard {
                open.bytes += frame.bytes.len();
                open.frames.push(frame);
                open.last = if picture { now } else { open.last };
            }
        } else if picture {
            let described = self
                .description
                .as_ref()
                .filter(|old| old.generation == info.generation);
            let description = described.map_or_else(|| Description::of(info), Arc::clone);
            self.description = Some(Arc::clone(&description));
            let leap = self.before.map_or(0, |before| now.leap_us(before));
            self.before = Some(now);
            let flags = FragmentFlags::default()
                .with(FragmentFlags::KEY, frame.key)
                .with(FragmentFlags::FOLLOWS, self.follows)
                .with(FragmentFlags::CLOCK_SET, leap.abs() > CLOCK_SET_US);
            self.follows = true;
            self.open = Some(Open {
                bytes: frame.bytes.len(),
                frames: vec![frame],
                begun: now,
                last: now,
                flags,
                description,
            });
        }
    }

    /// Once in a while: a stream that fell silent does not keep its last pictures in memory.
    pub fn tick(&mut self, now: Now) -> Option<Closed> {
        let silent = self
            .open
            .as_ref()
            .is_some_and(|open| now.steady_us - open.last.steady_us >= SILENT_US);
        if silent { self.missed(now) } else { None }
    }

    /// The stream ended: what is open is whole.
    pub fn finish(&mut self, now: Now) -> Option<Closed> {
        let last = self.open.as_ref()?;
        let duration = last
            .frames
            .iter()
            .rev()
            .find(|one| one.sound.is_none())
            .map_or(0, |one| one.duration_90k);
        let last = last.last;
        let lasted = (i64::from(duration) * 100 / 9).min((now.steady_us - last.steady_us).max(0));
        self.close(Now {
            wall_us: last.wall_us + lasted,
            steady_us: last.steady_us + lasted,
        })
    }

    /// `now`: when the next picture came.
    fn close(&mut self, now: Now) -> Option<Closed> {
        let open = self.open.take()?;
        let pictures = || open.frames.iter().filter(|one| one.sound.is_none());
        let bytes_of = |key| {
            let bytes: usize = pictures()
                .filter(|one| one.key == key)
                .map(|one| one.bytes.len())
                .sum();
            bytes.min(u32::MAX as usize) as u32
        };
        let last = pictures().next_back()?;
        let first = pictures().next()?;
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        // The two clocks are not read at the same instant, and the wall's is steered: what follows begins where this ends, unless the
        // clock was set meanwhile, or steered back by more than this lasted.
        let steady = (now.steady_us - open.begun.steady_us).max(0);
        let wall = now.wall_us - open.begun.wall_us;
        let set = now.leap_us(open.begun).abs() > CLOCK_SET_US;
        let lasted = if set || wall <= 0 { steady } else { wall };
        let facts = Facts {
            flags: open.flags,
            sequence,
            run_us: self.run_us,
            start_us: open.begun.wall_us,
            end_us: open.begun.wall_us + lasted,
            clock_error_us: None,
            camera_us: first
                .camera_us
                .filter(|&told| is_wall_clock(told, open.begun.wall_us)),
            decode_90k: first.decode_90k,
            duration_90k: (last.decode_90k - first.decode_90k + u64::from(last.duration_90k))
                .min(u32::MAX.into()) as u32,
            pictures: pictures().count() as u16, // at most MAX_OPEN_FRAMES
            sounds: (open.frames.len() - pictures().count()) as u16,
            key_bytes: bytes_of(true),
            other_bytes: bytes_of(false),
        };
        Some(Closed {
            stream: self.stream.clone(),
            facts,
            description: open.description,
            frames: open.frames,
            bytes: open.bytes,
            begun_us: open.begun.steady_us,
            ended_us: now.steady_us,
            ordinal: 0,
            refused: AtomicBool::new(false),
        })
    }
}

fn finished_if(closed: Option<Closed>, finished: &mut impl FnMut(Closed)) {
    if let Some(closed) = closed {
        finished(closed);
    }
}
