//! What the engine tells the node: a bounded queue with an eventfd, so that one loop can wait for it.
use crate::clip_footage::ClipFootage;
use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const MAX_WAITING: usize = 100_000;

/// What happened to a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    FirstPacket,
    Ready,
    CodecChanged,
    NoPackets,
    Silent,
    TcpConnectFailed,
    TcpClosed,
    SsrcMismatch,
    Unplayable,
    KeyFrameWanted,
    NoReaders,
    ReaderJoined,
    ReaderLeft,
    /// Packets of a source that was closed come all the same, from where they came before; `ssrc` tells them.
    StillSending,
    /// Something unexpected happened in the engine while it took this source or served its viewers: it takes no more packets.
    EngineFailed,
    /// `reason` is one of `missing forged expired other_source revoked other_workstation other_way`; `session` is known of genuine tickets.
    TicketRefused,
    /// A footage folder (`name`) takes no more, for `reason`; its streams go on elsewhere.
    FolderFailed,
    FolderRecovered,
    /// The stream `name` goes on in the folder `reason`.
    StreamMoved,
    /// Footage of the stream `name` is being lost; `reason`: `no_folder` or `too_slow`.
    FootageLost,
    /// The stream `name` is not held as long as the time before an event should be, only for `reason`: a bound is reached.
    HeldShort,
    /// The index of footage cannot be written, for `reason`; footage goes on.
    IndexFailed,
    IndexRecovered,
    /// A player of recorded footage (`session`) was shown `pictures` between `from_us` and `to_us` without a leap; `reason`: `all`,
    /// `keys` or `back`. Told when it leaps, every minute, and when it ends.
    FootageShown,
    /// A player of recorded footage (`session`) was let in.
    PlayerJoined,
    /// A player of recorded footage closed its connection.
    PlayerLeft,
    /// A clip of recorded footage (`session`) was handed over, or as much of it as `bytes`, `sha256` and the times say; `reason`:
    /// `whole`, `changed` (codec or size; the rest is another file), `revoked`, `left` or `unread`. `damaged` fragments are missing.
    FootageTaken,
}

/// One event. Fields that a kind does not use are empty or 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub source: u64,
    pub name: String,
    pub remote_host: String,
    pub remote_port: u16,
    /// `h264` or `h265`.
    pub codec: String,
    pub width: u32,
    pub height: u32,
    pub ssrc: u32,
    pub reason: String,
    pub session: String,
    pub protocol: String,
    /// Wall clock, µs since 1970.
    pub from_us: i64,
    pub to_us: i64,
    pub pictures: u64,
    pub bytes: u64,
    pub damaged: u64,
    /// Hexadecimal, of the bytes.
    pub sha256: String,
    /// Of a clip that something was handed over of.
    pub clip: Option<Box<ClipFootage>>,
}

impl Event {
    pub fn new(kind: EventKind, source: u64, name: &str) -> Self {
        Self {
            kind,
            source,
            name: name.to_owned(),
            remote_host: String::new(),
            remote_port: 0,
            codec: String::new(),
            width: 0,
            height: 0,
            ssrc: 0,
            reason: String::new(),
            session: String::new(),
            protocol: String::new(),
            from_us: 0,
            to_us: 0,
            pictures: 0,
            bytes: 0,
            damaged: 0,
            sha256: String::new(),
            clip: None,
        }
    }
}

/// Many producers, one consumer (the node).
pub struct EventQueue {
    waiting: Mutex<VecDeque<Event>>,
    fd: RawFd,
    dropped: AtomicU64,
}

impl EventQueue {
    pub fn new() -> std::io::Result<Self> {
        // SAFETY: eventfd takes no pointers; a negative answer is checked.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(std::io::Error::last_os_error());
        }
        Ok(Self {
            waiting: Mutex::new(VecDeque::new()),
            fd,
            dropped: AtomicU64::new(0),
        })
    }

    /// Readable while events wait.
    pub fn fd(&self) -> RawFd {
        self.fd
    }

    /// Events lost because nobody took them.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub fn push(&self, event: Event) {
        let mut waiting = self
            .waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.push_back(event);
        if waiting.len() == 1 {
            let one = 1_u64;
            // SAFETY: eight bytes of a live u64 are written to our own descriptor.
            unsafe { libc::write(self.fd, std::ptr::from_ref(&one).cast(), 8) };
        }
    }

    /// At most `limit` events in order.
    pub fn take(&self, limit: usize) -> Vec<Event> {
        let mut waiting = self
            .waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = limit.min(waiting.len());
        let taken = waiting.drain(..count).collect();
        if waiting.is_empty() {
            let mut counter = 0_u64;
            // SAFETY: eight bytes are read into a live u64; nothing to read is an error we may ignore.
            unsafe { libc::read(self.fd, std::ptr::from_mut(&mut counter).cast(), 8) };
        }
        taken
    }
}

impl Drop for EventQueue {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours and is closed once.
        unsafe { libc::close(self.fd) };
    }
}
