//! Footage in Python: status, counters, and the index made anew without an engine.
use crate::EngineError;
use media_engine::EngineError as Refusal;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use recording::{BringBack, Cut, OldFile, Span, StandsFor, StreamName};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(PartialEq, Eq)]
pub struct RecordingStatus {
    recording: bool,
    armed: bool,
    held_since_us: Option<i64>,
    held_short: bool,
    taken_until_us: Option<i64>,
    safe_until_us: Option<i64>,
    fragments: u64,
    bytes: u64,
    lost_fragments: u64,
    folder: Option<PathBuf>,
}

impl From<recording::RecordingStatus> for RecordingStatus {
    fn from(status: recording::RecordingStatus) -> Self {
        Self {
            recording: status.recording,
            armed: status.armed,
            held_since_us: status.held_since_us,
            held_short: status.held_short,
            taken_until_us: status.taken_until_us,
            safe_until_us: status.safe_until_us,
            fragments: status.fragments,
            bytes: status.bytes,
            lost_fragments: status.lost_fragments,
            folder: status.folder,
        }
    }
}

#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(PartialEq, Eq)]
pub struct FootageCounters {
    streams: u64,
    armed_streams: u64,
    held_bytes: u64,
    fragments: u64,
    bytes: u64,
    lost_fragments: u64,
    fetched_fragments: u64,
    fetched_bytes: u64,
    waiting_bytes: u64,
    folders_working: u64,
    folders_failed: u64,
    looking: bool,
    looked_percent: u8,
}

impl From<recording::RecorderCounters> for FootageCounters {
    fn from(counters: recording::RecorderCounters) -> Self {
        Self {
            streams: counters.streams,
            armed_streams: counters.armed_streams,
            held_bytes: counters.held_bytes,
            fragments: counters.fragments,
            bytes: counters.bytes,
            lost_fragments: counters.lost_fragments,
            fetched_fragments: counters.fetched_fragments,
            fetched_bytes: counters.fetched_bytes,
            waiting_bytes: counters.waiting_bytes,
            folders_working: counters.folders_working,
            folders_failed: counters.folders_failed,
            looking: counters.looking,
            looked_percent: counters.looked_percent,
        }
    }
}

/// How far a fetch is. Times: µs since 1970, by the device.
#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(PartialEq, Eq)]
pub struct FetchStatus {
    reached_us: Option<i64>,
    pictures: u64,
    bytes: u64,
    full: bool,
    trouble: String,
}

impl From<recording::FetchStatus> for FetchStatus {
    fn from(status: recording::FetchStatus) -> Self {
        Self {
            reached_us: status.reached_us,
            pictures: status.pictures,
            bytes: status.bytes,
            full: status.full,
            trouble: status.trouble,
        }
    }
}

/// Stream, before when a file begins and by when it ends, what is held.
pub type GivenCut = (String, i64, i64, Vec<(i64, i64)>);

/// Errors: [`Refusal::StreamName`].
pub fn cut_of((stream, begins_before_us, ends_by_us, held): GivenCut) -> Result<Cut, Refusal> {
    let span = |(start_us, end_us)| Span { start_us, end_us };
    Ok(Cut {
        stream: StreamName::new(&stream).ok_or(Refusal::StreamName(stream))?,
        begins_before_us,
        ends_by_us,
        held: held.into_iter().map(span).collect(),
    })
}

#[pyclass(frozen, eq, module = "fengsui._engine")]
#[derive(PartialEq, Eq)]
pub struct OldFootage {
    pub file: OldFile,
    stands: StandsFor,
}

impl From<(OldFile, StandsFor)> for OldFootage {
    fn from((file, stands): (OldFile, StandsFor)) -> Self {
        Self { file, stands }
    }
}

#[pymethods]
impl OldFootage {
    #[getter]
    fn stream(&self) -> &str {
        &self.file.stream
    }

    #[getter]
    fn path(&self) -> PathBuf {
        self.file.folder.join(&self.file.path)
    }

    #[getter]
    fn start_us(&self) -> i64 {
        self.file.start_us
    }

    #[getter]
    fn end_us(&self) -> i64 {
        self.file.end_us
    }

    #[getter]
    fn bytes(&self) -> u64 {
        self.file.bytes
    }

    #[getter]
    fn digest(&self) -> &[u8] {
        &self.stands.digest
    }

    #[getter]
    fn has_pictures(&self) -> bool {
        self.stands.has_pictures
    }
}

/// Python's own way to bring back what was moved: called with path, start and end, raises OSError.
pub(crate) fn bring_back(fetch: Py<PyAny>) -> BringBack {
    Arc::new(move |path: &Path, range: Range<u64>| {
        Python::attach(|py| {
            let asked = (path, range.start, range.end);
            let said = |error: PyErr| io::Error::other(error.value(py).to_string());
            fetch.call1(py, asked).map(drop).map_err(said)
        })
    })
}

/// Start and end of the group that hangs on it, head of the file, and the picture.
type FoundKeyFrame<'py> = (i64, i64, Bound<'py, PyBytes>, Bound<'py, PyBytes>);

#[pyclass(frozen, module = "fengsui._engine")]
pub struct KeyFrames(Mutex<recording::KeyFrames>);

#[pymethods]
impl KeyFrames {
    /// `fetch`: as of `Engine.fetch_footage_by`.
    #[new]
    #[pyo3(signature = (index, stream, from_us, to_us, fetch=None))]
    fn new(
        index: PathBuf,
        stream: &str,
        from_us: i64,
        to_us: i64,
        fetch: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let refused = |error: &dyn std::fmt::Display| EngineError::new_err(error.to_string());
        let name = StreamName::new(stream).ok_or_else(|| refused(&"no name of a stream"))?;
        let fetch = fetch.map(bring_back);
        let opened = recording::KeyFrames::open(&index, name, from_us, to_us, fetch);
        Ok(Self(Mutex::new(opened.map_err(|error| refused(&error))?)))
    }

    /// Times that a second tier did not give one.
    #[getter]
    fn away(&self, py: Python<'_>) -> u64 {
        let ask = || self.0.lock().unwrap_or_else(PoisonError::into_inner).away();
        py.detach(ask)
    }

    fn at_or_after<'py>(
        &self,
        py: Python<'py>,
        at_us: i64,
    ) -> PyResult<Option<FoundKeyFrame<'py>>> {
        let ask = || {
            let mut frames = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            frames.at_or_after(at_us)
        };
        let found = py.detach(ask);
        let found = found.map_err(|error| EngineError::new_err(error.to_string()))?;
        Ok(found.map(|one| {
            let bytes = |bytes: &[u8]| PyBytes::new(py, bytes);
            (
                one.start_us,
                one.end_us,
                bytes(&one.init),
                bytes(&one.picture),
            )
        }))
    }
}

#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(PartialEq, Eq)]
pub struct RebuiltIndex {
    files: u64,
    fragments: u64,
    damaged_bytes: u64,
    unreadable: Vec<(PathBuf, String)>,
}

/// Makes the index of footage anew from the files in these folders. Raises EngineError while a node has it.
#[pyfunction]
pub fn rebuild_footage_index(
    py: Python<'_>,
    index: PathBuf,
    folders: Vec<PathBuf>,
) -> PyResult<RebuiltIndex> {
    let found = py
        .detach(|| recording::rebuild(&index, &folders))
        .map_err(|error| EngineError::new_err(error.to_string()))?;
    Ok(RebuiltIndex {
        files: found.files,
        fragments: found.fragments,
        damaged_bytes: found.damaged_bytes,
        unreadable: found.unreadable,
    })
}
