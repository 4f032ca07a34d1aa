//! What the engine's threads share.
use crate::clip_marks::ClipMarks;
use crate::config::EngineConfig;
use crate::event::{Event, EventKind, EventQueue};
use crate::places::Places;
use crate::recordings::Footage;
use crate::revoked::Revoked;
use crate::steering::Steering;
use crate::table::Table;
use crate::ticket::Ticket;
use crate::worker::Mailbox;
use rustls::ServerConfig;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Refused tickets that are told in a second; the counter knows all of them.
const REFUSALS_TOLD_A_SECOND: u32 = 100;

pub(crate) struct Shared {
    pub config: EngineConfig,
    pub events: EventQueue,
    pub stopping: AtomicBool,
    pub refused_connections: AtomicU64,
    pub refused_tickets: AtomicU64,
    /// Panics and other surprises of its threads, tasks and streams.
    pub failures: AtomicU64,
    /// Threads and tasks that failed and have not begun anew.
    pub pausing: AtomicU64,
    pub readers: Arc<Places>,
    pub readers_of_sessions: Arc<Places<String>>,
    pub bytes_out: AtomicU64,
    pub skipped_frames: AtomicU64,
    /// Packets that WebRTC viewers asked for again: sent, and above what they had earned.
    pub resent_packets: AtomicU64,
    pub refused_resends: AtomicU64,
    started: Instant,
    /// The latest time of day at `started`, in ms since 1970, that any look at the clock has told.
    epoch_ms: AtomicU64,
    refusals: Mutex<(u64, u32)>,
    tls: RwLock<Option<Arc<ServerConfig>>>,
    pub handshakes: Arc<Places>,
    /// Connections of the public door that no worker has taken over.
    pub connections: Arc<Places>,
    pub refused_viewers: AtomicU64,
    pub table: Table,
    pub footage: Footage,
    pub clip_marks: ClipMarks,
    /// What is to be done with footage that is sent at the node's pace.
    pub steering: Steering,
    mailboxes: OnceLock<Vec<Arc<Mailbox>>>,
    revoked: Arc<Mutex<Revoked>>,
    /// Grows with each ended session; readers look whether it was theirs.
    pub revocations: watch::Sender<u64>,
}

impl Shared {
    pub fn new(config: EngineConfig) -> std::io::Result<Arc<Self>> {
        let revoked = Arc::new(Mutex::new(Revoked::new(config.ticket_life_s)));
        Ok(Arc::new(Self {
            events: EventQueue::new()?,
            stopping: AtomicBool::new(false),
            refused_connections: AtomicU64::new(0),
            refused_tickets: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            pausing: AtomicU64::new(0),
            readers: Places::new(config.max_readers, config.max_readers_per_address),
            readers_of_sessions: Places::new(config.max_readers, config.max_readers_per_session),
            bytes_out: AtomicU64::new(0),
            skipped_frames: AtomicU64::new(0),
            resent_packets: AtomicU64::new(0),
            refused_resends: AtomicU64::new(0),
            started: Instant::now(),
            epoch_ms: AtomicU64::new(0),
            refusals: Mutex::default(),
            tls: RwLock::default(),
            handshakes: Places::new(config.max_handshakes, config.max_handshakes_per_address),
            connections: Places::new(config.max_connections, config.max_connections_per_address),
            refused_viewers: AtomicU64::new(0),
            table: Table::default(),
            footage: Footage::default(),
            clip_marks: ClipMarks::default(),
            steering: Steering::new(Arc::clone(&revoked)),
            mailboxes: OnceLock::new(),
            revoked,
            revocations: watch::Sender::new(0),
            config,
        }))
    }

    /// Milliseconds of the engine's own clock.
    pub fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// Seconds since 1970, for tickets. It never goes back: a clock that is set back must not make ended tickets good again.
    pub fn now_unix(&self) -> u64 {
        let wall_ms = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis() as u64);
        let elapsed_ms = self.now_ms();
        let epoch_ms = wall_ms.saturating_sub(elapsed_ms);
        let before_ms = self.epoch_ms.fetch_max(epoch_ms, Ordering::Relaxed);
        (epoch_ms.max(before_ms) + elapsed_ms) / 1_000
    }

    /// The certificate of new connections; None: plain HTTP.
    pub fn tls(&self) -> Option<Arc<ServerConfig>> {
        self.tls
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn use_tls(&self, config: Arc<ServerConfig>) {
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = Some(config);
    }

    /// Counts a refused ticket and tells the node, at most so many in a second: a storm of them must not bury other events.
    pub fn ticket_refused(&self, refused: Event) {
        debug_assert_eq!(refused.kind, EventKind::TicketRefused);
        self.refused_tickets.fetch_add(1, Ordering::Relaxed);
        let second = self.now_ms() / 1_000;
        let mut told = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if told.0 != second {
            *told = (second, 0);
        }
        told.1 += 1;
        if told.1 <= REFUSALS_TOLD_A_SECOND {
            drop(told);
            self.events.push(refused);
        }
    }

    pub fn count_refused_viewer(&self) {
        self.refused_viewers.fetch_add(1, Ordering::Relaxed);
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

    fn revoked(&self) -> MutexGuard<'_, Revoked> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn revoke(&self, session: &str) {
        let now = self.now_unix();
        self.revoked().add(session, now);
        self.clip_marks.take(session);
        self.steering.forget(session); // behind the line that ends it
        self.revocations.send_modify(|count| *count += 1);
    }

    /// Ended sessions that are remembered.
    pub fn revoked_sessions(&self) -> usize {
        self.revoked().len()
    }

    pub fn is_revoked(&self, session: &str) -> bool {
        self.revoked().has(session)
    }

    /// Whether a genuine ticket opens nothing any more because its session has ended.
    pub fn bars(&self, ticket: &Ticket) -> bool {
        self.revoked().bars(&ticket.session, ticket.expires_unix)
    }
}
