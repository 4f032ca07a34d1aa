//! The engine's face in Python. Every call releases the interpreter while it works.
use crate::footage::{
    FetchStatus, FootageCounters, GivenCut, OldFootage, RecordingStatus, bring_back, cut_of,
};
use crate::shapes::{
    EngineConfig, EngineCounters, Event, KeyFrame, OpenedSource, SourceCounters, SourceSpec,
    address, time,
};
use crate::{CannotListen, EngineError, NameInUse, NoPortLeft, PortInUse, TooManySources};
use media_engine::AtInstant;
use media_engine::EngineError as Refusal;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use recording::{
    FetchEnd, FolderRoom, FolderSpec, OldFile, RecorderConfig, StreamName, hollow,
    system_clock_error,
};
use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

/// For the time before an event, where nobody says another bound: of one stream, and of all together.
const HELD_BYTES: (usize, usize) = (64 << 20, 512 << 20);

fn to_python(error: Refusal) -> PyErr {
    let text = error.to_string();
    match error {
        Refusal::PortInUse { kind, port } => PortInUse::new_err((text, kind, port)),
        Refusal::CannotListen { kind, port, source } => {
            CannotListen::new_err((text, kind, port, source.to_string()))
        }
        Refusal::NameInUse(_) | Refusal::SsrcInUse(_) => NameInUse::new_err(text),
        Refusal::NoPortLeft(..) => NoPortLeft::new_err(text),
        Refusal::TooManySources(_) => TooManySources::new_err(text),
        Refusal::NoSuchSource(_)
        | Refusal::NotRunning
        | Refusal::Certificate(_)
        | Refusal::NoFootage
        | Refusal::FootageTwice
        | Refusal::TooManyClips
        | Refusal::StreamName(_)
        | Refusal::Footage(_)
        | Refusal::Io(_) => EngineError::new_err(text),
    }
}

#[pyclass(frozen, module = "fengsui._engine")]
pub struct Engine(media_engine::Engine);

#[pymethods]
impl Engine {
    #[new]
    fn new(config: &EngineConfig) -> PyResult<Self> {
        media_engine::Engine::new(config.0.clone())
            .map(Self)
            .map_err(to_python)
    }

    fn start(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.start()).map_err(to_python)
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.0.stop());
    }

    fn open_source(&self, py: Python<'_>, spec: &SourceSpec) -> PyResult<OpenedSource> {
        let opened = py
            .detach(|| self.0.open_source(spec.0.clone()))
            .map_err(to_python)?;
        Ok(OpenedSource {
            id: opened.id,
            port: opened.port,
        })
    }

    fn set_ssrc(&self, id: u64, ssrc: u32) -> PyResult<()> {
        self.0.set_ssrc(id, ssrc).map_err(to_python)
    }

    fn set_remote(&self, id: u64, host: &str, port: u16) -> PyResult<()> {
        self.0
            .set_remote(id, address(host)?, port)
            .map_err(to_python)
    }

    #[pyo3(signature = (id, host=None))]
    fn answered(&self, id: u64, host: Option<&str>) -> PyResult<()> {
        let host = host.map(address).transpose()?;
        self.0.answered(id, host).map_err(to_python)
    }

    fn remember_ended(&self, name: &str, ssrc: u32, host: &str) -> PyResult<u64> {
        Ok(self.0.remember_ended(name, ssrc, address(host)?))
    }

    fn connect_source(&self, id: u64, host: &str, port: u16) -> PyResult<()> {
        self.0
            .connect_source(id, address(host)?, port)
            .map_err(to_python)
    }

    fn close_source(&self, py: Python<'_>, id: u64) {
        py.detach(|| self.0.close_source(id));
    }

    /// `folders`: path, weight, bytes left free; `held_bytes`: of one stream, and of all together.
    #[pyo3(signature = (folders, index, *, write_behind_bytes=536_870_912, held_bytes=None, sync_ms=1_000))]
    fn keep_footage(
        &self,
        py: Python<'_>,
        folders: Vec<(PathBuf, u32, u64)>,
        index: PathBuf,
        write_behind_bytes: usize,
        held_bytes: Option<(usize, usize)>,
        sync_ms: u64,
    ) -> PyResult<()> {
        let spec = |(path, weight, reserve_bytes)| FolderSpec {
            path,
            weight,
            reserve_bytes,
        };
        let (held_stream_bytes, held_bytes) = held_bytes.unwrap_or(HELD_BYTES);
        let config = RecorderConfig {
            folders: folders.into_iter().map(spec).collect(),
            index,
            write_behind_bytes,
            held_stream_bytes,
            held_bytes,
            sync_within: Duration::from_millis(sync_ms),
            clock_error: system_clock_error,
        };
        py.detach(|| self.0.keep_footage(config)).map_err(to_python)
    }

    #[pyo3(signature = (id, stream, before_s=None))]
    fn start_recording(&self, id: u64, stream: &str, before_s: Option<f64>) -> PyResult<()> {
        let before = before_s.map(time).transpose()?;
        self.0
            .start_recording(id, stream, before)
            .map_err(to_python)
    }

    fn record_event(&self, id: u64, lasting_s: f64) -> PyResult<bool> {
        Ok(self.0.record_event(id, time(lasting_s)?))
    }

    fn end_recording(&self, py: Python<'_>, id: u64) {
        py.detach(|| self.0.end_recording(id));
    }

    fn recording_status(&self, stream: &str) -> PyResult<Option<RecordingStatus>> {
        let status = self.0.recording_status(stream).map_err(to_python)?;
        Ok(status.map(RecordingStatus::from))
    }

    fn footage(
        &self,
        py: Python<'_>,
        stream: &str,
        from_us: i64,
        to_us: i64,
    ) -> PyResult<Vec<(i64, i64)>> {
        let spans = py
            .detach(|| self.0.footage(stream, from_us, to_us))
            .map_err(to_python)?;
        Ok(spans
            .iter()
            .map(|span| (span.start_us, span.end_us))
            .collect())
    }

    fn footage_twice(
        &self,
        py: Python<'_>,
        stream: &str,
        from_us: i64,
        to_us: i64,
    ) -> PyResult<Vec<(i64, i64, u8)>> {
        let found = py
            .detach(|| self.0.footage_twice(stream, from_us, to_us))
            .map_err(to_python)?;
        let told = |one: &recording::Twice| (one.span.start_us, one.span.end_us, one.times);
        Ok(found.iter().map(told).collect())
    }

    fn fetched_footage(
        &self,
        py: Python<'_>,
        stream: &str,
        from_us: i64,
        to_us: i64,
    ) -> PyResult<Vec<(i64, i64)>> {
        let spans = py
            .detach(|| self.0.fetched_footage(stream, from_us, to_us))
            .map_err(to_python)?;
        let told = |span: &recording::Span| (span.start_us, span.end_us);
        Ok(spans.iter().map(told).collect())
    }

    /// `id`: of a source that was just opened, for which its device is asked next.
    fn begin_fetch(&self, id: u64, stream: &str, from_us: i64, to_us: i64) -> PyResult<()> {
        self.0
            .begin_fetch(id, stream, (from_us, to_us))
            .map_err(to_python)
    }

    fn fetch_status(&self, id: u64) -> Option<FetchStatus> {
        self.0.fetch_status(id).map(FetchStatus::from)
    }

    /// `keep`: what came becomes footage; `whole`: also its last group of pictures. From when to when, and bytes; None: nothing.
    #[pyo3(signature = (id, *, keep, whole))]
    fn end_fetch(
        &self,
        py: Python<'_>,
        id: u64,
        keep: bool,
        whole: bool,
    ) -> PyResult<Option<(i64, i64, u64)>> {
        let how = match (keep, whole) {
            (false, _) => FetchEnd::Nothing,
            (true, true) => FetchEnd::Whole,
            (true, false) => FetchEnd::Groups,
        };
        let ended = py.detach(|| self.0.end_fetch(id, how)).map_err(to_python)?;
        Ok(ended.map(|one| (one.start_us, one.end_us, one.bytes)))
    }

    fn footage_codec(
        &self,
        py: Python<'_>,
        stream: &str,
        from_us: i64,
        to_us: i64,
    ) -> PyResult<Option<String>> {
        py.detach(|| self.0.footage_codec(stream, from_us, to_us))
            .map_err(to_python)
    }

    /// What a player would be shown: `shown`, with the first second as MP4; `damaged`, `away`, `removed` or `nothing`.
    fn footage_at<'py>(
        &self,
        py: Python<'py>,
        stream: &str,
        at_us: i64,
    ) -> PyResult<(&'static str, Bound<'py, PyBytes>)> {
        let found = py.detach(|| self.0.footage_at(stream, at_us));
        let (word, media) = match found.map_err(to_python)? {
            AtInstant::Shown(media) => ("shown", media),
            AtInstant::Damaged => ("damaged", Default::default()),
            AtInstant::Away => ("away", Default::default()),
            AtInstant::Removed => ("removed", Default::default()),
            AtInstant::Nothing => ("nothing", Default::default()),
        };
        Ok((word, PyBytes::new(py, &media)))
    }

    /// Levels in so many parts, and when something moved, each with its highest level.
    #[expect(clippy::type_complexity, reason = "a tuple in Python")]
    fn activity(
        &self,
        py: Python<'_>,
        stream: &str,
        from_us: i64,
        to_us: i64,
        parts: usize,
    ) -> PyResult<(Cow<'static, [u8]>, Vec<(i64, i64, u8)>)> {
        let unknown = || Refusal::StreamName(stream.to_owned());
        let ask = || {
            let name = StreamName::new(stream).ok_or_else(unknown)?;
            let recorder = self.0.recorder()?;
            Ok(recording::activity(recorder, &name, from_us, to_us, parts)?)
        };
        let found = py.detach(ask).map_err(to_python)?;
        let busy = found.busy.iter();
        let busy = busy.map(|one| (one.start_us, one.end_us, one.peak));
        Ok((Cow::Owned(found.levels), busy.collect()))
    }

    fn promise_clip(&self, session: &str, file: &str, title: &str, comment: &str) -> PyResult<()> {
        self.0
            .promise_clip(session, file, title, comment)
            .map_err(to_python)
    }

    #[pyo3(signature = (session, *, speed=None, paused=None, leap_us=None))]
    fn steer_playback(
        &self,
        session: &str,
        speed: Option<f64>,
        paused: Option<bool>,
        leap_us: Option<i64>,
    ) {
        self.0.steer_playback(session, speed, paused, leap_us);
    }

    fn paced_playback(&self, session: &str) -> Option<(Option<i64>, f64, bool)> {
        let told = self.0.paced_playback(session);
        told.map(|one| (one.at_us, one.speed, one.paused))
    }

    fn withdraw_clip(&self, session: &str) -> bool {
        self.0.withdraw_clip(session)
    }

    fn footage_counters(&self) -> FootageCounters {
        self.0.footage_counters().into()
    }

    fn footage_troubles(&self) -> Vec<(PathBuf, String)> {
        self.0.footage_troubles()
    }

    /// Each stream with footage, and when its oldest file begins.
    fn oldest_footage(&self, py: Python<'_>) -> PyResult<Vec<(String, i64)>> {
        let found = py.detach(|| Ok(self.0.recorder()?.oldest()?));
        found.map_err(to_python)
    }

    /// Of each stream, or of one: name, when its oldest file begins, bytes, bytes of files that begin between the times, and bytes
    /// in a second tier, which are looked for with `tiers`.
    #[pyo3(signature = (from_us, to_us, stream=None, tiers=false))]
    #[expect(clippy::type_complexity, reason = "a tuple in Python")]
    fn stored_footage(
        &self,
        py: Python<'_>,
        from_us: i64,
        to_us: i64,
        stream: Option<&str>,
        tiers: bool,
    ) -> PyResult<Vec<(String, i64, u64, u64, u64)>> {
        let ask = || {
            let unknown = |name: &str| Refusal::StreamName(name.to_owned());
            let named = stream.map(|name| StreamName::new(name).ok_or_else(|| unknown(name)));
            let found =
                self.0
                    .recorder()?
                    .stored(named.transpose()?.as_ref(), from_us, to_us, tiers)?;
            Ok(found
                .into_iter()
                .map(|one| {
                    let bytes = (one.bytes, one.bytes_between, one.bytes_away);
                    (one.stream, one.oldest_us, bytes.0, bytes.1, bytes.2)
                })
                .collect())
        };
        py.detach(ask).map_err(to_python)
    }

    /// Of each folder that is there: bytes free, and bytes below which it takes nothing.
    fn footage_room(&self, py: Python<'_>) -> PyResult<Vec<(PathBuf, u64, u64)>> {
        let room = py.detach(|| Ok(self.0.recorder()?.room()));
        let told = |one: FolderRoom| (one.path, one.free_bytes, one.reserve_bytes);
        Ok(room.map_err(to_python)?.into_iter().map(told).collect())
    }

    /// `cuts`: stream, before when a file begins and by when it ends, what is held.
    #[pyo3(signature = (cuts, limit, folder=None, here=false))]
    fn old_footage(
        &self,
        py: Python<'_>,
        cuts: Vec<GivenCut>,
        limit: usize,
        folder: Option<PathBuf>,
        here: bool,
    ) -> PyResult<Vec<OldFootage>> {
        let ask = || {
            let cuts = cuts
                .into_iter()
                .map(cut_of)
                .collect::<Result<Vec<_>, _>>()?;
            Ok(self
                .0
                .recorder()?
                .old_files(&cuts, folder.as_deref(), limit, here)?)
        };
        let found = py.detach(ask).map_err(to_python)?;
        Ok(found.into_iter().map(OldFootage::from).collect())
    }

    /// `fetch`: called with path, start and end from threads of the engine.
    fn fetch_footage_by(&self, fetch: Py<PyAny>) {
        self.0.fetch_footage_by(bring_back(fetch));
    }

    /// The OSError's number is the system's.
    #[staticmethod]
    fn hollow_footage(py: Python<'_>, path: PathBuf) -> PyResult<u64> {
        Ok(py.detach(|| hollow(&path))?)
    }

    /// Files and bytes that are gone, and what is left with why.
    #[expect(clippy::type_complexity, reason = "a tuple in Python")]
    fn remove_footage(
        &self,
        py: Python<'_>,
        files: Vec<Py<OldFootage>>,
    ) -> PyResult<(u64, u64, Vec<(PathBuf, String)>)> {
        let files: Vec<OldFile> = files.iter().map(|one| one.get().file.clone()).collect();
        let gone = py.detach(|| Ok(self.0.recorder()?.remove(&files)?));
        let gone = gone.map_err(to_python)?;
        Ok((gone.files, gone.bytes, gone.left))
    }

    fn use_certificate(&self, chain_pem: &str, key_pem: &str) -> PyResult<()> {
        self.0
            .use_certificate(chain_pem, key_pem)
            .map_err(to_python)
    }

    fn loopback_port(&self) -> PyResult<u16> {
        self.0.loopback_port().map_err(to_python)
    }

    fn revoke_session(&self, session: &str) {
        self.0.revoke_session(session);
    }

    fn event_fd(&self) -> i32 {
        self.0.event_fd()
    }

    #[pyo3(signature = (limit=1000))]
    fn take_events(&self, limit: usize) -> Vec<Event> {
        self.0
            .take_events(limit)
            .into_iter()
            .map(Event::from)
            .collect()
    }

    fn counters(&self, py: Python<'_>) -> EngineCounters {
        py.detach(|| self.0.counters()).into()
    }

    fn source_counters(&self, py: Python<'_>, id: u64) -> Option<SourceCounters> {
        py.detach(|| self.0.source_counters(id))
            .map(SourceCounters::from)
    }

    fn latest_key_frame(&self, py: Python<'_>, id: u64) -> Option<KeyFrame> {
        py.detach(|| self.0.latest_key_frame(id)).map(KeyFrame)
    }
}
