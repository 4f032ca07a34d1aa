//! What came before an event: whole groups of pictures of one stream, by reference, in order.
use crate::facts::FragmentFlags;
use crate::gathering::Closed;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Of a picture or a unit of sound beside its octets, about.
const FRAME_BYTES: usize = 256;

/// What all streams together hold, and may.
pub(crate) struct Holding {
    pub stream_bytes: usize,
    pub total_bytes: usize,
    bytes: AtomicUsize,
    streams: AtomicUsize,
}

impl Holding {
    pub fn new(stream_bytes: usize, total_bytes: usize) -> Self {
        Self {
            stream_bytes,
            total_bytes,
            bytes: AtomicUsize::new(0),
            streams: AtomicUsize::new(0),
        }
    }

    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub fn streams(&self) -> usize {
        self.streams.load(Ordering::Relaxed)
    }

    pub fn join(&self) {
        self.streams.fetch_add(1, Ordering::Relaxed);
    }

    pub fn leave(&self) {
        self.streams.fetch_sub(1, Ordering::Relaxed);
    }

    /// A stream holds `now` instead of `before`.
    pub fn count(&self, before: usize, now: usize) {
        if now >= before {
            self.bytes.fetch_add(now - before, Ordering::Relaxed);
        } else {
            self.bytes.fetch_sub(before - now, Ordering::Relaxed);
        }
    }

    /// Whether a stream that holds so much has to let go. Where all together hold too much it is those above an equal share.
    pub fn is_too_much(&self, bytes: usize) -> bool {
        let share = self.total_bytes / self.streams().max(1);
        bytes > self.stream_bytes || (self.bytes() > self.total_bytes && bytes > share)
    }
}

/// Fragments that are not written, and of which some, the oldest, are to be.
pub(crate) struct Held {
    waiting: VecDeque<Closed>,
    bytes: usize,
    /// So many of the oldest are to be written.
    due: usize,
    /// Nothing was let go between what was written last and the first that waits.
    linked: bool,
}

impl Held {
    /// What came before was written, or nothing did.
    pub fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
            bytes: 0,
            due: 0,
            linked: true,
        }
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn is_due(&self) -> bool {
        self.due > 0
    }

    pub fn oldest(&self) -> Option<&Closed> {
        self.waiting.front()
    }

    /// From the first picture to the last, µs.
    pub fn lasts_us(&self) -> i64 {
        let ends = self.waiting.front().zip(self.waiting.back());
        ends.map_or(0, |(first, last)| last.ended_us - first.begun_us)
    }

    /// The newest. A later part of a group of pictures whose beginning is neither here nor written is let go: nothing shows it.
    pub fn push(&mut self, closed: Closed) {
        let begins = closed.facts.flags.has(FragmentFlags::KEY);
        if self.waiting.is_empty() && !begins && !self.linked {
            return;
        }
        self.bytes += size_of(&closed);
        self.waiting.push_back(closed);
    }

    /// What comes next is kept, whether or not its beginning is.
    pub fn link(&mut self) {
        self.linked |= self.waiting.is_empty();
    }

    /// All of it is to be written.
    pub fn claim(&mut self) {
        self.due = self.waiting.len();
    }

    /// The oldest that is to be written.
    pub fn pop(&mut self) -> Option<Closed> {
        self.due = self.due.checked_sub(1)?;
        let mut closed = self.waiting.pop_front()?;
        self.bytes -= size_of(&closed);
        if !self.linked {
            closed.facts.flags = closed.facts.flags.without(FragmentFlags::FOLLOWS);
        }
        self.linked = true;
        Some(closed)
    }

    /// Whether the oldest group of pictures is whole and was over by then. `next_begins`: what comes next begins another.
    pub fn is_over_by(&self, steady_us: i64, next_begins: bool) -> bool {
        let parts = self.group();
        let whole = parts < self.waiting.len() || next_begins;
        let last = parts.checked_sub(1).and_then(|last| self.waiting.get(last));
        whole && last.is_some_and(|last| last.ended_us <= steady_us)
    }

    /// Lets the oldest group of pictures go. False: there is none, or it is to be written.
    pub fn let_go(&mut self) -> bool {
        let parts = self.group();
        if self.is_due() || parts == 0 {
            return false;
        }
        let gone: usize = self.waiting.drain(..parts).map(|one| size_of(&one)).sum();
        self.bytes -= gone;
        self.linked = false;
        true
    }

    /// Fragments that the oldest group of pictures consists of: a long one is kept in parts.
    fn group(&self) -> usize {
        let begins = |one: &Closed| one.facts.flags.has(FragmentFlags::KEY);
        let next = self.waiting.iter().skip(1).position(begins);
        next.map_or(self.waiting.len(), |next| next + 1)
    }
}

fn size_of(closed: &Closed) -> usize {
    closed.bytes + FRAME_BYTES * closed.frames.len()
}
