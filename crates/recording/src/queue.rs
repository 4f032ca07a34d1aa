//! What waits for one folder: to be written, to be synced, to be told as safe. Both of its threads look here.
use crate::desk::Job;
use crate::facts::StreamName;
use crate::gathering::Closed;
use crate::pace::Pace;
use crate::segment::Segment;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) enum Order {
    Keep(Arc<Closed>),
    /// The stream ended or went to another folder: its file is closed.
    Close(StreamName),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// Not yet looked at.
    Opening,
    Working,
    Failed,
}

pub(crate) struct Queue {
    pub waiting: VecDeque<Order>,
    /// Of all that waits to be written or brought to disk.
    pub waiting_bytes: usize,
    /// Written, and in no sync yet.
    pub unsynced: Vec<Arc<Closed>>,
    pub unsynced_bytes: usize,
    /// What the sync that is under way brings to disk.
    pub syncing: Vec<Arc<Closed>>,
    pub syncing_bytes: usize,
    /// That nobody has begun yet.
    pub job: Option<Job>,
    /// Since when a sync is under way.
    pub flight: Option<Instant>,
    /// Files that got their tables: the next sync brings them to disk.
    pub tabled: Vec<Segment>,
    pub pace: Pace,
    pub health: Health,
    pub reason: String,
    /// It takes no more, for this reason: what is written is brought to disk first.
    pub full: Option<String>,
    /// Grows with each failure: what the threads were doing meanwhile counts no longer.
    pub epoch: u64,
    pub busy_since: Option<Instant>,
    pub stopping: bool,
    /// Nothing more is written.
    pub ended: bool,
}

impl Queue {
    /// `sync_within`: nothing that is written waits longer for a sync to begin.
    pub fn new(sync_within: Duration) -> Self {
        Self {
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            unsynced: Vec::new(),
            unsynced_bytes: 0,
            syncing: Vec::new(),
            syncing_bytes: 0,
            job: None,
            flight: None,
            tabled: Vec::new(),
            pace: Pace::new(sync_within, Instant::now()),
            health: Health::Opening,
            reason: String::new(),
            full: None,
            epoch: 0,
            busy_since: None,
            stopping: false,
            ended: false,
        }
    }

    /// None is under way, and what is written is due.
    pub fn wants_sync(&self, now: Instant, sync_bytes: usize) -> bool {
        let is_last = self.waiting.is_empty() && (self.stopping || now >= self.pace.due());
        let presses = now >= self.pace.overdue() || self.unsynced_bytes >= sync_bytes;
        self.flight.is_none() && (is_last || presses || self.full.is_some())
    }

    pub fn unanswered(&self) -> Duration {
        let since = self.busy_since.into_iter().chain(self.flight).min();
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}
