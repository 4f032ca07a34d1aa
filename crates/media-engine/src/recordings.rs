//! Streams that are kept on disk: a source may have a tap, which the worker that looks after the source moves.
use crate::error::EngineError;
use crate::event::{Event, EventKind};
use recording::{
    BringBack, Fetch, FetchEnd, FetchStatus, Fetched, FootageReader, Recorder, RecorderConfig,
    RecorderCounters, RecordingEvent, RecordingStatus, Span, StreamName, SystemDisk, Tap, Twice,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use stream_hub::Hub;

/// So long a disk is waited for when the engine ends.
const PATIENCE: Duration = Duration::from_secs(4);

/// The recorder, once the node has said where footage goes.
#[derive(Default)]
pub(crate) struct Footage {
    recorder: OnceLock<Recorder>,
    fetch: OnceLock<BringBack>,
}

impl Footage {
    /// Opens index and folders; `tell` hears of them from threads of theirs. Errors: [`EngineError::Footage`]; a second time.
    pub fn open(
        &self,
        config: RecorderConfig,
        tell: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<(), EngineError> {
        let tell = move |event| tell(told(event));
        let recorder = Recorder::open(config, Arc::new(SystemDisk), tell)?;
        self.recorder
            .set(recorder)
            .map_err(|_| EngineError::FootageTwice)
    }

    /// What was moved to a second tier is brought back by it. Only the first one counts.
    pub fn fetch_by(&self, fetch: BringBack) {
        let _ = self.fetch.set(fetch);
    }

    /// Where the node recorded more than once: see [`recording::Index::twice`].
    pub fn twice(&self, stream: &str, from_us: i64, to_us: i64) -> Result<Vec<Twice>, EngineError> {
        Ok(self.recorder()?.twice(&name_of(stream)?, from_us, to_us)?)
    }

    pub fn reader(&self, stream: StreamName) -> FootageReader {
        FootageReader::new(stream, self.fetch.get().cloned())
    }

    pub fn recorder(&self) -> Result<&Recorder, EngineError> {
        self.recorder.get().ok_or(EngineError::NoFootage)
    }

    pub fn stop(&self) {
        if let Some(recorder) = self.recorder.get() {
            recorder.stop(PATIENCE);
        }
    }

    pub fn status(&self, stream: &str) -> Result<Option<RecordingStatus>, EngineError> {
        Ok(self.recorder()?.status(&name_of(stream)?))
    }

    pub fn spans(&self, stream: &str, from_us: i64, to_us: i64) -> Result<Vec<Span>, EngineError> {
        Ok(self.recorder()?.spans(&name_of(stream)?, from_us, to_us)?)
    }

    pub fn fetched(
        &self,
        stream: &str,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Span>, EngineError> {
        let name = name_of(stream)?;
        Ok(self.recorder()?.fetched_spans(&name, from_us, to_us)?)
    }

    pub fn counters(&self) -> RecorderCounters {
        self.recorder
            .get()
            .map(Recorder::counters)
            .unwrap_or_default()
    }

    pub fn troubles(&self) -> Vec<(PathBuf, String)> {
        self.recorder
            .get()
            .map(Recorder::troubles)
            .unwrap_or_default()
    }
}

/// A source's way to the recorder.
#[derive(Default)]
pub(crate) struct Recording {
    tap: Mutex<Option<Tap>>,
    /// Looked at for each picture.
    on: AtomicBool,
    fetch: Mutex<Option<Fetch>>,
}

impl Recording {
    fn tap(&self) -> MutexGuard<'_, Option<Tap>> {
        // A panic in it ends the source, and with it the tap.
        self.tap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// What comes to `hub` is kept from now on, as `stream`; with `before` it is held for so long, until something happens. False
    /// if it was kept or held already: it goes on without a gap.
    pub fn start(
        &self,
        footage: &Footage,
        stream: &str,
        hub: &Arc<Hub>,
        before: Option<Duration>,
    ) -> Result<bool, EngineError> {
        let recorder = footage.recorder()?;
        let name = name_of(stream)?;
        let mut tap = self.tap();
        let fresh = tap.is_none();
        let tap = tap.get_or_insert_with(|| recorder.tap(&name, hub, recording::now()));
        match before {
            Some(before) => tap.hold(before),
            None => tap.keep_all(),
        }
        self.on.store(true, Ordering::Relaxed);
        Ok(fresh)
    }

    /// What is held is kept, and what comes within `lasting`. False: nothing is held or kept.
    pub fn happened(&self, lasting: Duration) -> bool {
        let mut tap = self.tap();
        let happened = |tap: &mut Tap| tap.happened(lasting, recording::now());
        tap.as_mut().map(happened).is_some()
    }

    /// What came is kept; nothing more. False if nothing was.
    pub fn end(&self) -> bool {
        let Some(mut tap) = self.tap().take() else {
            return false;
        };
        self.on.store(false, Ordering::Relaxed);
        tap.finish(recording::now());
        true
    }

    fn fetch(&self) -> MutexGuard<'_, Option<Fetch>> {
        self.fetch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What comes to `hub` is what a device recorded of `stream` between these times.
    pub fn begin_fetch(
        &self,
        footage: &Footage,
        stream: &str,
        between_us: (i64, i64),
        hub: &Arc<Hub>,
        leaps: impl Fn() -> u64 + Send + 'static,
    ) -> Result<(), EngineError> {
        let name = name_of(stream)?;
        let fetch = footage.recorder()?.fetch(&name, between_us, hub, leaps)?;
        *self.fetch() = Some(fetch);
        Ok(())
    }

    /// None: nothing is fetched.
    pub fn fetch_status(&self) -> Option<FetchStatus> {
        self.fetch().as_ref().map(Fetch::status)
    }

    /// Blocks until what is kept can be found. None: nothing is.
    pub fn end_fetch(&self, how: FetchEnd) -> Result<Option<Fetched>, EngineError> {
        let fetch = self.fetch().take();
        let ended = fetch.map(|fetch| fetch.end(how)).transpose();
        let ended = ended.map_err(recording::RecordingError::from)?;
        Ok(ended.flatten())
    }

    /// New pictures may have come.
    pub fn pull(&self) {
        if self.is_on()
            && let Some(tap) = self.tap().as_mut()
        {
            let now = recording::now();
            tap.pull(now);
            tap.tick(now);
        }
    }
}

fn name_of(stream: &str) -> Result<StreamName, EngineError> {
    StreamName::new(stream).ok_or_else(|| EngineError::StreamName(stream.to_owned()))
}

fn told(event: RecordingEvent) -> Event {
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let (kind, name, reason) = match event {
        RecordingEvent::FolderFailed { folder, reason } => {
            (EventKind::FolderFailed, path(&folder), reason)
        }
        RecordingEvent::FolderRecovered { folder } => {
            (EventKind::FolderRecovered, path(&folder), String::new())
        }
        RecordingEvent::StreamMoved { stream, to, .. } => (
            EventKind::StreamMoved,
            stream.as_str().to_owned(),
            path(&to),
        ),
        RecordingEvent::FootageLost { stream, reason, .. } => (
            EventKind::FootageLost,
            stream.as_str().to_owned(),
            reason.as_str().to_owned(),
        ),
        RecordingEvent::HeldShort { stream, held_us } => (
            EventKind::HeldShort,
            stream.as_str().to_owned(),
            format!("{} s", held_us / 1_000_000),
        ),
        RecordingEvent::IndexFailed { reason } => (EventKind::IndexFailed, String::new(), reason),
        RecordingEvent::IndexRecovered => (EventKind::IndexRecovered, String::new(), String::new()),
    };
    let mut told = Event::new(kind, 0, &name);
    told.reason = reason;
    told
}
