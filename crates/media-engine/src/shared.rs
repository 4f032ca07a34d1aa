//! What the engine's threads share.
use crate::config::EngineConfig;
use crate::event::EventQueue;
use crate::table::Table;
use crate::worker::Mailbox;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Ended sessions that are remembered at most; their tickets expire within minutes anyway.
const MAX_REVOKED: usize = 100_000;

pub(crate) struct Shared {
    pub config: EngineConfig,
    pub events: EventQueue,
    pub stopping: AtomicBool,
    pub refused_connections: AtomicU64,
    pub readers: AtomicUsize,
    pub bytes_out: AtomicU64,
    pub skipped_frames: AtomicU64,
    started: Instant,
    pub table: Table,
    mailboxes: OnceLock<Vec<Arc<Mailbox>>>,
    revoked: Mutex<HashMap<String, u64>>,
    /// Grows with each ended session; readers look whether it was theirs.
    pub revocations: watch::Sender<u64>,
}

impl Shared {
    pub fn new(config: EngineConfig) -> std::io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            config,
            events: EventQueue::new()?,
            stopping: AtomicBool::new(false),
            refused_connections: AtomicU64::new(0),
            readers: AtomicUsize::new(0),
            bytes_out: AtomicU64::new(0),
            skipped_frames: AtomicU64::new(0),
            started: Instant::now(),
            table: Table::default(),
            mailboxes: OnceLock::new(),
            revoked: Mutex::new(HashMap::new()),
            revocations: watch::Sender::new(0),
        }))
    }

    /// Milliseconds of the engine's own clock.
    pub fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// Seconds since 1970, for tickets.
    pub fn now_unix(&self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }

    /// Once, when the workers start.
    pub fn set_mailboxes(&self, mailboxes: Vec<Arc<Mailbox>>) {
        self.mailboxes.get_or_init(|| mailboxes);
    }

    pub fn mailboxes(&self) -> &[Arc<Mailbox>] {
        self.mailboxes.get().map_or(&[], Vec::as_slice)
    }

    pub fn mailbox(&self, worker: usize) -> Option<&Arc<Mailbox>> {
        self.mailboxes().get(worker)
    }

    pub fn revoke(&self, session: &str) {
        let mut revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        if revoked.len() >= MAX_REVOKED {
            let now = self.now_unix();
            revoked.retain(|_, at| *at + 3600 > now);
        }
        revoked.insert(session.to_owned(), self.now_unix());
        drop(revoked);
        self.revocations.send_modify(|count| *count += 1);
    }

    pub fn is_revoked(&self, session: &str) -> bool {
        self.revoked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(session)
    }
}
