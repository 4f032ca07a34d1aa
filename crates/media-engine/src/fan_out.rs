//! A worker's viewers: who gets which picture, in turns, so that nobody starves and the RTP sockets are not left alone.
use crate::shared::Shared;
use crate::table::Cell;
use crate::viewer::{Progress, Viewer};
use crate::worker::Watch;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Viewers served before the RTP sockets get their turn again: about 2 ms of sending.
const VIEWERS_A_TURN: usize = 192;
const LOOK_EVERY_MS: u64 = 1_000;

pub(crate) struct FanOut {
    shared: Arc<Shared>,
    viewers: slab::Slab<Box<Viewer>>,
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
            by_source: HashMap::new(),
            waiting: VecDeque::new(),
            revocations: 0,
            looked_ms: 0,
        }
    }

    pub fn has_work(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Takes a viewer in; it gets the newest group of pictures at once.
    pub fn add(&mut self, mut viewer: Box<Viewer>, token_bit: usize, watch: &Watch, now_ms: u64) {
        let entry = self.viewers.vacant_entry();
        let key = entry.key();
        if let Err(error) = watch.add(viewer.stream_mut(), key | token_bit, true) {
            tracing::warn!(%error, "a viewer's connection cannot be watched");
            return;
        }
        let source = viewer.source();
        entry.insert(viewer);
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
        let Some(viewer) = self.viewers.get_mut(key) else {
            return;
        };
        let alive = (!readable || viewer.listen() == Progress::Alive)
            && viewer.send(now_ms) == Progress::Alive;
        if !alive {
            self.drop_viewer(key);
        }
    }

    /// One turn of sending.
    pub fn send(&mut self, now_ms: u64) {
        let mut left = VIEWERS_A_TURN;
        let mut gone = Vec::new();
        while left > 0
            && let Some((cell, served)) = self.waiting.front_mut()
        {
            let keys = self.by_source.get(&cell.id).map_or(&[][..], Vec::as_slice);
            if *served == 0 {
                cell.dirty.store(false, Ordering::Release); // what comes from now on needs another round
            }
            let turn = keys.len().saturating_sub(*served).min(left);
            for &key in keys.iter().skip(*served).take(turn) {
                if self.viewers[key].send(now_ms) == Progress::Gone {
                    gone.push(key);
                }
            }
            left -= turn.max(1);
            *served += turn;
            if *served >= keys.len() {
                self.waiting.pop_front();
            }
        }
        for key in gone {
            self.drop_viewer(key);
        }
    }

    pub fn source_closed(&mut self, id: u64, now_ms: u64) {
        for key in self.by_source.get(&id).cloned().unwrap_or_default() {
            self.serve(key, false, now_ms); // its cursor says that the source is closed
        }
    }

    /// Lets go who takes nothing, and whose session has ended.
    pub fn run_timers(&mut self, now_ms: u64) {
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
            let viewer = &mut self.viewers[key];
            let ended = revoked && viewer.end_if_revoked();
            if ended || viewer.is_stuck(now_ms) {
                self.drop_viewer(key);
            }
        }
    }

    pub fn end_all(&mut self, now_ms: u64) {
        let keys: Vec<usize> = self.viewers.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.viewers[key].send(now_ms);
            self.drop_viewer(key);
        }
    }

    fn drop_viewer(&mut self, key: usize) {
        let Some(viewer) = self.viewers.try_remove(key) else {
            return;
        };
        if let Some(keys) = self.by_source.get_mut(&viewer.source()) {
            keys.retain(|&other| other != key);
            if keys.is_empty() {
                self.by_source.remove(&viewer.source());
            }
        }
    }
}
