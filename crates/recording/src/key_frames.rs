//! Key frames of one stream and time, one by one, for whoever decodes them beside the node: from the index and the files alone.
use crate::event::RecordingError;
use crate::facts::StreamName;
use crate::hollow::BringBack;
use crate::index::{FootageFile, Index};
use crate::reader::{FindFiles, Footage, FootageReader};
use bytes::Bytes;
use fragmented_mp4::{Track, read_movie_fragment};
use std::path::Path;

/// From one that the second tier does not give to the next that is tried: what lies near it is there as well.
const SKIP_US: i64 = 10_000_000;

/// A key frame, and the group of pictures that hangs on it. Times: µs since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFrame {
    pub start_us: i64,
    pub end_us: i64,
    /// `ftyp` and `moov` with its parameter sets.
    pub init: Bytes,
    /// NAL units, each after its length.
    pub picture: Bytes,
}

/// Reads between two times alone.
pub struct KeyFrames {
    index: Index,
    reader: FootageReader,
    from_us: i64,
    to_us: i64,
    away: u64,
}

impl KeyFrames {
    /// Beside the recorder that keeps the index; `fetch` brings back what is in a second tier. Errors: there is no index.
    pub fn open(
        index: &Path,
        stream: StreamName,
        from_us: i64,
        to_us: i64,
        fetch: Option<BringBack>,
    ) -> Result<Self, RecordingError> {
        Ok(Self {
            index: Index::attach(index)?,
            reader: FootageReader::new(stream, fetch).here_and_there(),
            from_us,
            to_us,
            away: 0,
        })
    }

    /// Times that a second tier did not give one.
    pub fn away(&self) -> u64 {
        self.away
    }

    /// The one that an instant hangs on, else the first after it. What is damaged, was removed, or is in a second
    /// tier that does not give it, is passed over. Errors: the index does not answer.
    pub fn at_or_after(&mut self, at_us: i64) -> Result<Option<KeyFrame>, RecordingError> {
        let mut at_us = at_us.max(self.from_us);
        loop {
            let found = self
                .reader
                .at_or_after(&self.index, at_us, self.from_us, self.to_us)?;
            let Some(spot) = found else {
                return Ok(None);
            };
            at_us = spot.end_us.max(at_us.saturating_add(1));
            if !spot.is_key() {
                continue;
            }
            let fragment = match self.reader.read(&spot) {
                Footage::Fragment(fragment) => fragment,
                Footage::Away(_) => {
                    self.away += 1;
                    at_us = at_us.saturating_add(SKIP_US);
                    continue;
                }
                Footage::Damaged(_) | Footage::Removed => continue,
            };
            let runs = read_movie_fragment(&fragment.body).unwrap_or_default();
            let video = runs.into_iter().find(|run| run.track == Track::Video);
            let first = video.and_then(|run| run.samples.first().copied());
            let Some(first) = first.filter(|one| one.sample.key) else {
                continue;
            };
            let end = first.offset.saturating_add(u64::from(first.sample.size));
            let (Ok(start), Ok(end)) = (usize::try_from(first.offset), usize::try_from(end)) else {
                continue;
            };
            if end <= fragment.body.len() {
                return Ok(Some(KeyFrame {
                    start_us: spot.start_us,
                    end_us: spot.end_us,
                    init: fragment.description.pictures_only.clone(),
                    picture: fragment.body.slice(start..end),
                }));
            }
        }
    }
}

impl FindFiles for Index {
    fn after(
        &self,
        stream: &StreamName,
        at_us: i64,
        to_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError> {
        Ok(self.files_after(stream, at_us, to_us)?)
    }

    fn before(
        &self,
        stream: &StreamName,
        at_us: i64,
        from_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError> {
        Ok(self.files_before(stream, at_us, from_us)?)
    }
}
