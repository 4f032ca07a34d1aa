//! A stream that is recorded on event: held in memory for as long as the time before an event is, written while one lasts.
use crate::clock::Now;
use crate::event::RecordingEvent;
use crate::gathering::Closed;
use crate::held::Held;
use crate::house::{House, Stream};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// After so long without letting go of what was to be held, the whole time is held again.
const SHORT_US: i64 = 60_000_000;

pub(crate) struct OnEvent {
    before_us: i64,
    /// What begins before then is written, on the clock that is never set.
    until_us: Option<i64>,
    held: Held,
    /// Of `held`, as [`Holding`] knows it.
    counted: usize,
    /// When it last let go of what should have been held.
    short_us: Option<i64>,
    /// Pictures are being written, or are about to be.
    writing: bool,
}

impl OnEvent {
    pub fn new(before: Duration, house: &House, stream: &Stream) -> Self {
        house.holding.join();
        stream.armed.fetch_add(1, Ordering::Relaxed);
        Self {
            before_us: micros(before),
            until_us: None,
            held: Held::new(),
            counted: 0,
            short_us: None,
            writing: false,
        }
    }

    pub fn set_before(&mut self, before: Duration) {
        self.before_us = micros(before);
    }

    /// Writes what is held, and what begins until then; what was to be written for longer still is.
    pub fn happened(&mut self, lasting: Duration, now: Now, house: &House, stream: &Stream) {
        let until_us = now.steady_us + micros(lasting);
        self.until_us = Some(
            self.until_us
                .map_or(until_us, |before| before.max(until_us)),
        );
        self.held.claim();
        self.write(house, stream);
        self.note(now, house, stream);
    }

    /// The newest fragment, whole.
    pub fn take(&mut self, closed: Closed, house: &House, stream: &Stream) {
        let now_us = closed.ended_us;
        let wanted = self.is_within(closed.begun_us);
        stream
            .taken_until_us
            .store(closed.facts.end_us, Ordering::Relaxed);
        if wanted && self.held.oldest().is_none() {
            // Nothing shows a later part without its beginning, but it came within the event: it is kept as any other is.
            self.held.link();
        }
        self.held.push(closed);
        if wanted {
            self.held.claim();
        }
        self.count(house);
        self.write(house, stream);
        self.bound(now_us, house, stream);
    }

    /// Once in a while. `next_begins`: what is open begins with a key frame.
    pub fn look(&mut self, next_begins: bool, now: Now, house: &House, stream: &Stream) {
        self.write(house, stream);
        let from_us = now.steady_us - self.before_us;
        while self.held.is_over_by(from_us, next_begins) && self.held.let_go() {}
        if self
            .short_us
            .is_some_and(|at| now.steady_us - at > SHORT_US)
        {
            self.short_us = None;
        }
        self.note(now, house, stream);
    }

    /// It ends, or goes on without a pause: what is to be written is, and also what is held if that is wanted.
    pub fn end(&mut self, all: bool, house: &House, stream: &Stream) {
        if all {
            self.held.claim();
        }
        while let Some(closed) = self.held.pop() {
            house.keep(stream, closed);
        }
    }

    /// No longer.
    pub fn leave(mut self, house: &House, stream: &Stream) {
        self.held = Held::new();
        self.count(house);
        self.set_writing(false, stream);
        house.holding.leave();
        stream.armed.fetch_sub(1, Ordering::Relaxed);
        stream.held_since_us.store(i64::MIN, Ordering::Relaxed);
        stream.held_short.store(false, Ordering::Relaxed);
    }

    pub fn is_within(&self, steady_us: i64) -> bool {
        self.until_us.is_some_and(|until| steady_us < until)
    }

    /// What waits for the disks has room for the cameras that record without a pause: what is held comes to them bit by bit.
    fn write(&mut self, house: &House, stream: &Stream) {
        let full = |held: &Held| held.bytes() > house.holding.stream_bytes;
        while (house.has_room() || full(&self.held))
            && let Some(closed) = self.held.pop()
        {
            house.keep(stream, closed);
        }
        self.count(house);
    }

    fn bound(&mut self, now_us: i64, house: &House, stream: &Stream) {
        while house.holding.is_too_much(self.held.bytes()) && self.held.let_go() {
            self.count(house);
            let held_us = self.held.lasts_us();
            if held_us < self.before_us && self.short_us.replace(now_us).is_none() {
                stream.held_short.store(true, Ordering::Relaxed);
                (house.tell)(RecordingEvent::HeldShort {
                    stream: stream.name.clone(),
                    held_us,
                });
            }
        }
    }

    fn count(&mut self, house: &House) {
        let (before, bytes) = (self.counted, self.held.bytes());
        house.holding.count(before, bytes);
        self.counted = bytes;
    }

    /// What is told of the stream.
    fn note(&mut self, now: Now, house: &House, stream: &Stream) {
        self.count(house);
        let since_us = self
            .held
            .oldest()
            .map_or(i64::MIN, |one| one.facts.start_us);
        stream.held_since_us.store(since_us, Ordering::Relaxed);
        let short = self.short_us.is_some();
        stream.held_short.store(short, Ordering::Relaxed);
        self.set_writing(self.is_within(now.steady_us) || self.held.is_due(), stream);
    }

    fn set_writing(&mut self, writing: bool, stream: &Stream) {
        if writing && !self.writing {
            stream.taps.fetch_add(1, Ordering::Relaxed);
        } else if self.writing && !writing {
            stream.taps.fetch_sub(1, Ordering::Relaxed);
        }
        self.writing = writing;
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX / 4)
}
