//! What the node asks of the recorder.
use super::Engine;
use crate::clip_marks::ClipMark;
use crate::error::EngineError;
use crate::steering::Paced;
use crate::table::Cell;
use bytes::Bytes;
use recording::{
    BringBack, FetchEnd, FetchStatus, Fetched, Footage, Pictures, Recorder, RecorderConfig,
    RecorderCounters, RecordingStatus, Span, StreamName, Twice, Way, shown,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A group of pictures is no longer.
const GROUP_US: i64 = 60_000_000;
/// Parts of a long one.
const MOST_PARTS: u32 = 64;
const FIRST_US: i64 = 1_000_000;
/// Fragments nearer to each other are one stretch of footage, as the index tells of it: a moment between them is of the next one.
const JOINED_US: i64 = 500_000;

/// What a player would be shown at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtInstant {
    /// The first second of its group of pictures, as MP4.
    Shown(Bytes),
    /// It cannot be read, or holds no picture.
    Damaged,
    /// It lies in the second tier, which does not give it now.
    Away,
    /// Its file was removed meanwhile.
    Removed,
    /// The files have none there.
    Nothing,
}

impl Engine {
    /// Reads as for a player who looks at this moment alone: of a second tier no more is brought back than it needs. Blocks. Errors: no such name, no folder was given, the index does not answer.
    pub fn footage_at(&self, stream: &str, at_us: i64) -> Result<AtInstant, EngineError> {
        let name =
            StreamName::new(stream).ok_or_else(|| EngineError::StreamName(stream.to_owned()))?;
        let recorder = self.shared.footage.recorder()?;
        let mut reader = self.shared.footage.reader(name).here_and_there();
        let from_us = at_us.saturating_sub(GROUP_US);
        let to_us = at_us.saturating_add(JOINED_US + 1);
        let mut found = reader.at_or_after(recorder, at_us, from_us, to_us)?;
        for _ in 0..MOST_PARTS {
            let Some(part) = found
                .as_ref()
                .filter(|spot| spot.facts().is_some() && !spot.is_key())
            else {
                break;
            };
            found = reader.before(recorder, part.start_us, from_us)?;
        }
        let Some(spot) = found else {
            return Ok(AtInstant::Nothing);
        };
        Ok(match reader.read(&spot) {
            Footage::Damaged(_) => AtInstant::Damaged,
            Footage::Away(_) => AtInstant::Away,
            Footage::Removed => AtInstant::Removed,
            Footage::Fragment(fragment) => {
                let wanted = Pictures {
                    way: Way::All,
                    origin_us: spot.start_us,
                    until_us: spot.start_us.saturating_add(FIRST_US),
                };
                let media = shown(&fragment, wanted).map(|shown| {
                    let init = &fragment.description.pictures_only;
                    [&init[..], &shown.head, &shown.payload].concat()
                });
                media.map_or(AtInstant::Damaged, |media| AtInstant::Shown(media.into()))
            }
        })
    }

    /// The codec of what is shown first of a time, by RFC 6381. None: there is nothing that can be read. Blocks. Errors: as of
    /// [`Self::footage_at`].
    pub fn footage_codec(
        &self,
        stream: &str,
        from_us: i64,
        to_us: i64,
    ) -> Result<Option<String>, EngineError> {
        let name =
            StreamName::new(stream).ok_or_else(|| EngineError::StreamName(stream.to_owned()))?;
        let recorder = self.shared.footage.recorder()?;
        let mut reader = self.shared.footage.reader(name).here_and_there();
        let spot = reader.at_or_after(recorder, from_us, from_us, to_us)?;
        let head = spot.and_then(|spot| reader.description(&spot));
        Ok(head.map(|head| head.codec_string.clone()))
    }

    /// Says where footage goes, once. Errors: [`EngineError::Footage`], [`EngineError::FootageTwice`].
    pub fn keep_footage(&self, config: RecorderConfig) -> Result<(), EngineError> {
        let shared = Arc::downgrade(&self.shared);
        let tell = move |event| {
            if let Some(shared) = shared.upgrade() {
                shared.events.push(event);
            }
        };
        self.shared.footage.open(config, tell)
    }

    /// What was moved to a second tier is brought back by `fetch`, which may wait; only the first one that is given counts.
    pub fn fetch_footage_by(&self, fetch: BringBack) {
        self.shared.footage.fetch_by(fetch);
    }

    /// Keeps a source's pictures on disk as `stream`, from its newest key frame on, until it is closed; nobody need watch. With
    /// `before` they are held in memory for so long, until [`Self::record_event`]. Where they are kept or held already it goes on so.
    pub fn start_recording(
        &self,
        id: u64,
        stream: &str,
        before: Option<Duration>,
    ) -> Result<(), EngineError> {
        let cell = self
            .shared
            .table
            .get(id)
            .ok_or(EngineError::NoSuchSource(id))?;
        if cell
            .recording
            .start(&self.shared.footage, stream, &cell.hub, before)?
        {
            cell.viewers.fetch_add(1, Ordering::Relaxed); // its worker is told of its pictures as for a viewer
        }
        Ok(())
    }

    /// Something happened: what is held of a source is kept, and what comes within `lasting`. False: nothing is held of it.
    pub fn record_event(&self, id: u64, lasting: Duration) -> bool {
        let cell = self.shared.table.get(id);
        cell.is_some_and(|cell| cell.recording.happened(lasting))
    }

    /// Keeps no more. Idempotent.
    pub fn end_recording(&self, id: u64) {
        if let Some(cell) = self.shared.table.get(id)
            && cell.recording.end()
        {
            cell.viewers.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// How far a stream is recorded; None: nothing was taken of it since the start.
    pub fn recording_status(&self, stream: &str) -> Result<Option<RecordingStatus>, EngineError> {
        self.shared.footage.status(stream)
    }

    /// Footage of a stream between two times, µs since 1970, ascending.
    pub fn footage(
        &self,
        stream: &str,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Span>, EngineError> {
        self.shared.footage.spans(stream, from_us, to_us)
    }

    /// Where the node itself recorded a stream more than once, and how often: its clock was set back. Blocks for a moment.
    pub fn footage_twice(
        &self,
        stream: &str,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Twice>, EngineError> {
        self.shared.footage.twice(stream, from_us, to_us)
    }

    /// The same of what was fetched from its device alone.
    pub fn fetched_footage(
        &self,
        stream: &str,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Span>, EngineError> {
        self.shared.footage.fetched(stream, from_us, to_us)
    }

    /// What comes of a source is what its device recorded of `stream` between two times, µs since 1970; its first key frame is of the
    /// first one. Call it before the device is asked. Nothing of it is footage before [`Self::end_fetch`].
    pub fn begin_fetch(
        &self,
        id: u64,
        stream: &str,
        between_us: (i64, i64),
    ) -> Result<(), EngineError> {
        let cell = self.cell(id)?;
        let of = Arc::downgrade(&cell);
        let leaps = move || {
            of.upgrade()
                .map_or(0, |cell| cell.source().stats().time_leaps)
        };
        let (footage, hub) = (&self.shared.footage, &cell.hub);
        cell.recording
            .begin_fetch(footage, stream, between_us, hub, leaps)
    }

    /// None: nothing is fetched by it.
    pub fn fetch_status(&self, id: u64) -> Option<FetchStatus> {
        self.shared.table.get(id)?.recording.fetch_status()
    }

    /// Before the source is closed: what is kept of it is footage when this returns. None: nothing is. Errors: the disk's.
    pub fn end_fetch(&self, id: u64, how: FetchEnd) -> Result<Option<Fetched>, EngineError> {
        self.cell(id)?.recording.end_fetch(how)
    }

    fn cell(&self, id: u64) -> Result<Arc<Cell>, EngineError> {
        let cell = self.shared.table.get(id);
        cell.ok_or(EngineError::NoSuchSource(id))
    }

    /// The clip of this session's ticket is called `file`, and says `title` and `comment` in its head; it is handed over once.
    /// Errors: [`EngineError::TooManyClips`].
    pub fn promise_clip(
        &self,
        session: &str,
        file: &str,
        title: &str,
        comment: &str,
    ) -> Result<(), EngineError> {
        let mark = ClipMark {
            file: file.to_owned(),
            title: title.to_owned(),
            comment: comment.to_owned(),
        };
        let room = self.shared.clip_marks.promise(session, mark);
        if room {
            Ok(())
        } else {
            Err(EngineError::TooManyClips)
        }
    }

    /// What is to be done with footage that a session's players are sent at the node's pace, now or when one comes; what is None stays.
    /// `leap_us`: µs since 1970. It is forgotten with the session.
    pub fn steer_playback(
        &self,
        session: &str,
        speed: Option<f64>,
        paused: Option<bool>,
        leap_us: Option<i64>,
    ) {
        self.shared.steering.steer(session, speed, paused, leap_us);
    }

    /// Where it is. None: nobody steered it, and no player came.
    pub fn paced_playback(&self, session: &str) -> Option<Paced> {
        self.shared.steering.told(session)
    }

    /// Takes the promise back. False: somebody came for it, and what they are given is told.
    pub fn withdraw_clip(&self, session: &str) -> bool {
        let waited = self.shared.clip_marks.take(session).is_some();
        if waited {
            self.shared.revoke(session);
        }
        waited
    }

    pub fn footage_counters(&self) -> RecorderCounters {
        self.shared.footage.counters()
    }

    /// For whoever looks after what is kept. Errors: no folder was given.
    pub fn recorder(&self) -> Result<&Recorder, EngineError> {
        self.shared.footage.recorder()
    }

    /// Footage folders that take nothing now, each with what is wrong.
    pub fn footage_troubles(&self) -> Vec<(PathBuf, String)> {
        self.shared.footage.troubles()
    }
}
