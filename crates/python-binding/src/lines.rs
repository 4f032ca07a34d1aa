//! Lines of the core for the node's log: bounded, of our own crates alone, taken by the node again and again.
use pyo3::prelude::*;
use std::collections::VecDeque;
use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Lines that wait, and those of one second.
const MAX_WAITING: usize = 1_000;
const MAX_A_SECOND: u32 = 100;
const MAX_FIELDS: usize = 16;
/// Characters of one value.
const MAX_VALUE: usize = 500;
/// Whoever else writes lines in this process may put a key or a password into them; ours do not.
const OURS: [&str; 6] = [
    "media_engine",
    "sip_front",
    "stream_hub",
    "stream_receiver",
    "webrtc",
    "udp_batch",
];

/// One line. `level`: error, warning, info. `names` and `values` go together.
#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(Default, PartialEq, Eq)]
pub struct LogLine {
    level: String,
    target: String,
    message: String,
    names: Vec<String>,
    values: Vec<String>,
}

#[derive(Default)]
struct Waiting {
    lines: VecDeque<LogLine>,
    second: u64,
    taken: u32,
}

static WAITING: Mutex<Option<Waiting>> = Mutex::new(None);
static DROPPED: AtomicU64 = AtomicU64::new(0);
/// Somebody takes the lines: a panic need not be written elsewhere.
static HEARD: AtomicBool = AtomicBool::new(false);

/// Everything since the last call.
#[pyfunction]
pub fn take_log_lines() -> Vec<LogLine> {
    HEARD.store(true, Ordering::Relaxed);
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    waiting
        .as_mut()
        .map_or_else(Vec::new, |waiting| waiting.lines.drain(..).collect())
}

/// Lines that were too many since the start.
#[pyfunction]
pub fn dropped_log_lines() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

fn push(line: LogLine, second: u64) {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let waiting = waiting.get_or_insert_default();
    if waiting.second != second {
        (waiting.second, waiting.taken) = (second, 0);
    }
    if waiting.taken >= MAX_A_SECOND || waiting.lines.len() >= MAX_WAITING {
        DROPPED.fetch_add(1, Ordering::Relaxed);
        return;
    }
    waiting.taken += 1;
    waiting.lines.push_back(line);
}

struct Lines(Instant);

impl LogLine {
    fn add(&mut self, name: &str, value: &dyn Debug) {
        let mut text = String::new();
        let _ = write!(text, "{value:?}"); // a String takes everything
        if let Some((end, _)) = text.char_indices().nth(MAX_VALUE) {
            text.truncate(end);
        }
        if name == "message" {
            self.message = text;
        } else if self.names.len() < MAX_FIELDS {
            self.names.push(name.to_owned());
            self.values.push(text);
        }
    }
}

impl Visit for LogLine {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), &format_args!("{value}"));
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let of = metadata.target().split("::").next().unwrap_or_default();
        *metadata.level() <= Level::INFO && OURS.contains(&of)
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::INFO)
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = LogLine {
            level: match *metadata.level() {
                Level::ERROR => "error",
                Level::WARN => "warning",
                _ => "info",
            }
            .to_owned(),
            target: metadata.target().to_owned(),
            ..LogLine::default()
        };
        event.record(&mut line);
        push(line, self.0.elapsed().as_secs());
    }

    // Our crates have no spans.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Once for the process: lines and panics of every thread are kept for the node.
pub fn begin() {
    let started = Instant::now();
    if tracing::subscriber::set_global_default(Lines(started)).is_err() {
        return; // this module is loaded a second time
    }
    let elsewhere = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let mut line = LogLine {
            level: "error".into(),
            target: "panic".into(),
            ..LogLine::default()
        };
        let text = panic.payload_as_str().unwrap_or("a panic");
        line.add("message", &format_args!("a thread of the core panicked"));
        line.add("why", &format_args!("{text}"));
        if let Some(place) = panic.location() {
            line.add("place", &format_args!("{}:{}", place.file(), place.line()));
        }
        let thread = std::thread::current();
        line.add("thread", &format_args!("{}", thread.name().unwrap_or("?")));
        push(line, started.elapsed().as_secs());
        if !HEARD.load(Ordering::Relaxed) {
            elsewhere(panic);
        }
    }));
}
