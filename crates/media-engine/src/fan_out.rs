//! A worker's viewers: who gets which picture, in turns, so that nobody starves and the RTP sockets are not left alone.
use crate::rtc_viewer::{Cutter, RtcViewer};
use crate::shared::Shared;
use crate::table::Cell;
use crate::viewer::{Progress, Viewer};
use crate::worker::Watch;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Sending before the RTP sockets and new viewers get their turn again. Time, not viewers: a key picture takes five times as
/// long as another.
const TURN: Duration = Duration::from_millis(1);
const LOOK_EVERY_MS: u64 = 1_000;

/// A viewer by either way.
pub(crate) enum Seat {
    Tcp(Box<Viewer>),
    Rtc(Box<RtcViewer>),
}

impl Seat {
    fn source(&self) -> u64 {
        match self {
            Seat::Tcp(viewer) => viewer.source(),
            Seat::Rtc(viewer) => viewer.source(),
        }
    }

    fn send(&mut self, cutter: &mut Cutter, now_ms: u64) -> Progress {
        match self {
            Seat::Tcp(viewer) => viewer.send(now_ms),
            Seat::Rtc(viewer) => viewer.send(cutter),
        }
    }

    fn end_if_revoked(&mut self) -> bool {
        match self {
            Seat::Tcp(viewer) => viewer.end_if_revoked(),
            Seat::Rtc(viewer) => viewer.end_if_revoked(),
        }
    }
}

pub(crate) struct FanOut {
    shared: Arc<Shared>,
    viewers: slab::Slab<Seat>,
    /// WebRTC viewers by their number.
    rtc: HashMap<u64, usize>,
    /// Viewers that have more to send than one turn allows.
    paced: Vec<usize>,
    cutter: Cutter,
    by_source: HashMap<u64, Vec<usize>>,
    /// Sources with new pictures, and how many of their viewers were served.
    waiting: VecDeque<(Arc<Cell>, usize)>,
    revocations: u64,
    looked_ms: u64,
}

impl FanOut {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            viewers: slab::Slab::new(),
            rtc: HashMap::new(),
            paced: Vec::new(),
            cutter: Cutter::default(),
            by_source: HashMap::new(),
            waiting: VecDeque::new(),
            revocations: 0,
            looked_ms: 0,
        }
    }

    pub fn has_work(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether somebody waits for the next tick.
    pub fn has_paced(&self) -> bool {
        !self.paced.is_empty()
    }

    /// Takes a viewer in; it gets the newest group of pictures at once. Its session may have ended since its ticket was looked
    /// at, and nothing would tell of that again.
    pub fn add(&mut self, mut seat: Seat, token_bit: usize, watch: &Watch, now_ms: u64) {
        if seat.end_if_revoked() {
            return;
        }
        let entry = self.viewers.vacant_entry();
        let key = entry.key();
        match &mut seat {
            Seat::Tcp(viewer) => {
                if let Err(error) = watch.add(viewer.stream_mut(), key | token_bit, true) {
                    tracing::warn!(%error, "a viewer's connection cannot be watched");
                    return;
                }
            }
            Seat::Rtc(viewer) => {
                self.rtc.insert(viewer.id, key);
            }
        }
        let source = seat.source();
        entry.insert(seat);
        self.by_source.entry(source).or_default().push(key);
        self.serve(key, true, now_ms);
    }

    pub fn pictures(&mut self, cell: Arc<Cell>) {
        if cell.viewers.load(Ordering::Relaxed) == 0 {
            cell.dirty.store(false, Ordering::Release);
            return;
        }
        self.waiting.push_back((cell, 0));
    }

    /// The viewer's socket has something to read or room to write.
    pub fn serve(&mut self, key: usize, readable: bool, now_ms: u64) {
        let Some(seat) = self.viewers.get_mut(key) else {
            return;
        };
        if let Seat::Tcp(viewer) = seat
            && readable
            && viewer.listen() == Progress::Gone
        {
            return self.drop_viewer(key);
        }
        self.send_to(key, now_ms);
    }

    fn send_to(&mut self, key: usize, now_ms: u64) {
        let Some(seat) = self.viewers.get_mut(key) else {
            return;
        };
        match seat.send(&mut self.cutter, now_ms) {
            Progress::Alive => {}
            Progress::More => self.paced.push(key),
            Progress::Gone => self.drop_viewer(key),
        }
    }

    /// The next turn of those who had more than one turn's worth.
    pub fn send_paced(&mut self, now_ms: u64) {
        let mut keys = std::mem::take(&mut self.paced);
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            self.send_to(key, now_ms);
        }
    }

    pub fn datagram(&mut self, viewer: u64, from: SocketAddr, bytes: &[u8], now_ms: u64) {
        let Some(&key) = self.rtc.get(&viewer) else {
            return;
        };
        if let Some(Seat::Rtc(viewer)) = self.viewers.get_mut(key) {
            viewer.datagram(from, bytes, &self.shared);
        }
        self.send_to(key, now_ms); // it may just have become connected
    }

    pub fn end(&mut self, viewer: u64) {
        if let Some(&key) = self.rtc.get(&viewer) {
            self.drop_viewer(key);
        }
    }

    /// One turn of sending.
    pub fn send(&mut self, now_ms: u64) {
        if self.waiting.is_empty() {
            return;
        }
        let end = Instant::now() + TURN;
        let mut gone = Vec::new();
        'turn: while let Some((cell, served)) = self.waiting.front_mut() {
            let keys = self.by_source.get(&cell.id).map_or(&[][..], Vec::as_slice);
            if *served == 0 {
                cell.dirty.store(false, Ordering::Release); // what comes from now on needs another round
            }
            for &key in keys.iter().skip(*served) {
                match self.viewers[key].send(&mut self.cutter, now_ms) {
                    Progress::Alive => {}
                    Progress::More => self.paced.push(key),
                    Progress::Gone => gone.push(key),
                }
                *served += 1;
                if Instant::now() >= end {
                    break 'turn;
                }
            }
            self.waiting.pop_front();
        }
        for key in gone {
            self.drop_viewer(key);
        }
    }

    pub fn source_closed(&mut self, id: u64, now_ms: u64) {
        for key in self.by_source.get(&id).cloned().unwrap_or_default() {
            self.serve(key, false, now_ms); // its cursor says that the source is closed
        }
        self.cutter.forget(id);
    }

    /// Lets go who takes nothing, and whose session has ended.
    pub fn run_timers(&mut self, now_ms: u64) {
        self.tick_rtc();
        let revocations = *self.shared.revocations.borrow();
        let look = now_ms >= self.looked_ms + LOOK_EVERY_MS;
        if revocations == self.revocations && !look {
            return;
        }
        let revoked = revocations != self.revocations;
        self.revocations = revocations;
        self.looked_ms = now_ms;
        let keys: Vec<usize> = self.viewers.iter().map(|(key, _)| key).collect();
        for key in keys {
            let seat = &mut self.viewers[key];
            let ended = revoked && seat.end_if_revoked();
            if ended || matches!(seat, Seat::Tcp(viewer) if viewer.is_stuck(now_ms)) {
                self.drop_viewer(key);
            }
        }
    }

    fn tick_rtc(&mut self) {
        let now = Instant::now();
        let mut gone = Vec::new();
        for &key in self.rtc.values() {
            if let Some(Seat::Rtc(viewer)) = self.viewers.get_mut(key)
                && !viewer.tick(now, &self.shared)
            {
                gone.push(key);
            }
        }
        for key in gone {
            self.drop_viewer(key);
        }
    }

    pub fn end_all(&mut self, now_ms: u64) {
        let keys: Vec<usize> = self.viewers.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.send_to(key, now_ms);
            self.drop_viewer(key);
        }
    }

    fn drop_viewer(&mut self, key: usize) {
        let Some(viewer) = self.viewers.try_remove(key) else {
            return;
        };
        if let Seat::Rtc(viewer) = &viewer {
            self.rtc.remove(&viewer.id);
        }
        if let Some(keys) = self.by_source.get_mut(&viewer.source()) {
            keys.retain(|&other| other != key);
            if keys.is_empty() {
                self.by_source.remove(&viewer.source());
            }
        }
    }
}
