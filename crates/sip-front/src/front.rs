//! The socket and its thread around the rules.
use crate::queue::Queue;
use crate::rules::{Now, Rules, Verdict};
use crate::shapes::{FrontConfig, FrontCounters, Observed, Registration};
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use udp_batch::{Datagrams, send_many};

/// A storm must fit until we look.
const BUFFER: usize = 16 * 1024 * 1024;
const DATAGRAMS_A_CALL: usize = 64;
/// After the first datagram of a quiet while, others are waited for: 1,700 heartbeats a second are then some hundred
/// wakes and runs of system calls instead of 1,700. An answer is that much later.
const GATHER: Duration = Duration::from_millis(3);
const LOOK_AT_END_EVERY: Duration = Duration::from_millis(200);

/// What the node is handed in one go.
#[derive(Debug, Default)]
pub struct Taken {
    /// Datagrams as they came.
    pub datagrams: Vec<(SocketAddr, Vec<u8>)>,
    pub registrations: Vec<Registration>,
    pub observed: Vec<Observed>,
}

struct Waiting {
    datagrams: Queue,
    registrations: Vec<Registration>,
}

struct Inner {
    rules: Mutex<Rules>,
    waiting: Mutex<Waiting>,
    socket: UdpSocket,
    /// Readable while something waits.
    event: OwnedFd,
    stopping: AtomicBool,
}

/// The open UDP door.
pub struct Front {
    /// None once closed: the port is free again.
    inner: Mutex<Option<Arc<Inner>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Our word on a registration: token, status, header lines.
pub type Word = (u64, u16, Vec<(String, String)>);

impl Front {
    /// Opens the port and starts the thread. Errors: the port is taken, no descriptor.
    pub fn open(address: SocketAddr, config: FrontConfig) -> io::Result<Self> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        enlarge(&socket, BUFFER)?;
        socket.bind(&address.into())?;
        let socket: UdpSocket = socket.into();
        socket.set_read_timeout(Some(LOOK_AT_END_EVERY))?;
        // SAFETY: eventfd takes no pointers; the descriptor is checked and owned from here on.
        let event = unsafe {
            let fd = libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC);
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(fd)
        };
        let inner = Arc::new(Inner {
            waiting: Mutex::new(Waiting {
                datagrams: Queue::new(config.max_waiting, config.max_waiting_octets),
                registrations: Vec::new(),
            }),
            rules: Mutex::new(Rules::new(config)),
            socket,
            event,
            stopping: AtomicBool::new(false),
        });
        let working = Arc::clone(&inner);
        let thread = std::thread::Builder::new()
            .name("sip-front".into())
            .spawn(move || working.keep())?;
        Ok(Self {
            inner: Mutex::new(Some(inner)),
            thread: Mutex::new(Some(thread)),
        })
    }

    fn inner(&self) -> Option<Arc<Inner>> {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn with_rules<Out: Default>(&self, change: impl FnOnce(&mut Rules) -> Out) -> Out {
        self.inner()
            .map_or_else(Out::default, |inner| change(&mut inner.rules()))
    }

    /// Closes the door and frees the port; afterwards every call does nothing. Idempotent.
    pub fn close(&self) {
        let Some(inner) = self
            .inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        else {
            return;
        };
        inner.stopping.store(true, Ordering::Relaxed);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            let _ = thread.join(); // its panics are told where they happen
        }
    }

    /// Becomes readable when there is something to take; -1 once closed.
    pub fn event_fd(&self) -> RawFd {
        self.inner().map_or(-1, |inner| inner.event.as_raw_fd())
    }

    /// Up to `limit` datagrams and registrations each; the rest stays, and the descriptor readable.
    pub fn take(&self, limit: usize) -> Taken {
        let Some(inner) = self.inner() else {
            return Taken::default();
        };
        let mut waiting = inner.waiting();
        let registrations = waiting.registrations.len().min(limit);
        let taken = Taken {
            datagrams: waiting.datagrams.take(limit),
            registrations: waiting.registrations.drain(..registrations).collect(),
            observed: inner.rules().take_observed(),
        };
        if waiting.datagrams.is_empty() && waiting.registrations.is_empty() {
            inner.calm();
        }
        taken
    }

    /// Codes of devices whose heartbeats were answered since the last call.
    pub fn take_heard(&self) -> Vec<String> {
        self.with_rules(Rules::take_heard)
    }

    /// What the socket does not take is lost, as the network might lose it; SIP sends again.
    pub fn send(&self, to: SocketAddr, octets: &[u8]) {
        if let Some(inner) = self.inner() {
            send_many(&inner.socket, &[(to, octets.to_vec())]);
            inner.rules().counters.sent += 1;
        }
    }

    /// Answers registrations. Returns what was sent, for the trace.
    pub fn answer(&self, words: &[Word]) -> Vec<(SocketAddr, Vec<u8>)> {
        let Some(inner) = self.inner() else {
            return Vec::new();
        };
        let out: Vec<_> = {
            let mut rules = inner.rules();
            rules.counters.sent += words.len() as u64;
            words
                .iter()
                .filter_map(|(token, status, lines)| rules.answer(*token, *status, lines))
                .collect()
        };
        send_many(&inner.socket, &out);
        out
    }

    /// Registrations that could not be kept: sent again, they are new.
    pub fn forget(&self, tokens: &[u64]) {
        self.with_rules(|rules| tokens.iter().for_each(|&token| rules.forget(token)));
    }

    pub fn know(&self, code: &str, password: &str) {
        self.with_rules(|rules| rules.know(code, password));
    }

    pub fn defer(&self, code: &str, deferred: bool) {
        self.with_rules(|rules| rules.defer(code, deferred));
    }

    /// `expires_at`: seconds since 1970.
    pub fn bind(&self, code: &str, peer: SocketAddr, expires_at: u64) {
        self.with_rules(|rules| rules.bind(code, peer, expires_at));
    }

    pub fn unbind(&self, code: &str) {
        self.with_rules(|rules| rules.unbind(code));
    }

    pub fn remove(&self, code: &str) {
        self.with_rules(|rules| rules.remove(code));
    }

    pub fn counters(&self) -> FrontCounters {
        self.with_rules(|rules| rules.counters)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.close();
    }
}

impl Inner {
    // A panic while a lock is held leaves plain values, so the others go on (the panic itself is reported).
    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A datagram that makes the thread panic is lost, and some that came with it; the thread goes on with the next.
    fn keep(&self) {
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.run())) {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            self.rules().counters.failures += 1;
            tracing::error!(
                why = text.unwrap_or("a panic"),
                "the SIP thread panicked; it goes on"
            );
        }
    }

    fn run(&self) {
        let mut datagrams = Datagrams::new(DATAGRAMS_A_CALL);
        let mut first = vec![0; 65_536];
        let mut answers = Vec::new();
        while !self.stopping.load(Ordering::Relaxed) {
            // Waits for one, then takes what else is there.
            let (length, from) = match self.socket.recv_from(&mut first) {
                Ok(received) => received,
                Err(_) => continue, // the time limit, or an ICMP answer to an earlier packet
            };
            std::thread::sleep(GATHER);
            let now = now();
            let mut rest = Taken::default();
            self.judge(&first[..length], from, now, &mut answers, &mut rest);
            while let Ok(count) = datagrams.receive(self.socket.as_raw_fd()) {
                for index in 0..count {
                    if let Some((from, bytes, _)) = datagrams.message(index) {
                        self.judge(bytes, from, now, &mut answers, &mut rest);
                    }
                }
                if count < datagrams.room() {
                    break;
                }
                self.pass_on(&mut answers, &mut rest);
            }
            self.pass_on(&mut answers, &mut rest);
        }
    }

    fn judge(
        &self,
        datagram: &[u8],
        from: SocketAddr,
        now: Now,
        answers: &mut Vec<(SocketAddr, Vec<u8>)>,
        rest: &mut Taken,
    ) {
        match self.rules().judge(datagram, from, now) {
            Verdict::Send(octets) => answers.push((from, octets)),
            Verdict::Register(registration) => rest.registrations.push(registration),
            Verdict::HandOn => rest.datagrams.push((from, datagram.to_vec())),
            Verdict::Drop => {}
        }
    }

    fn pass_on(&self, answers: &mut Vec<(SocketAddr, Vec<u8>)>, rest: &mut Taken) {
        if !answers.is_empty() {
            send_many(&self.socket, answers);
            self.rules().counters.sent += answers.len() as u64;
            answers.clear();
        }
        if rest.datagrams.is_empty() && rest.registrations.is_empty() {
            return;
        }
        let mut waiting = self.waiting();
        let was_empty = waiting.datagrams.is_empty() && waiting.registrations.is_empty();
        let mut dropped = 0;
        for (from, datagram) in rest.datagrams.drain(..) {
            dropped += waiting.datagrams.push(from, datagram);
        }
        waiting.registrations.append(&mut rest.registrations); // bounded by the rules
        drop(waiting);
        if dropped > 0 {
            let counters = &mut self.rules().counters;
            counters.dropped += dropped;
            counters.over_queue += dropped;
        }
        if was_empty {
            self.wake();
        }
    }

    fn wake(&self) {
        let one = 1_u64.to_ne_bytes();
        // SAFETY: eight bytes of a live array; a full counter means that the node is awake already.
        unsafe {
            libc::write(self.event.as_raw_fd(), one.as_ptr().cast(), one.len());
        }
    }

    fn calm(&self) {
        let mut count = [0_u8; 8];
        // SAFETY: eight bytes of a live array; nothing to read is fine.
        unsafe {
            libc::read(
                self.event.as_raw_fd(),
                count.as_mut_ptr().cast(),
                count.len(),
            );
        }
    }
}

fn now() -> Now {
    // SAFETY: plain data, filled by the call, which cannot fail for this clock.
    let time = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
        time
    };
    Now {
        monotonic_ms: time.tv_sec as u64 * 1_000 + time.tv_nsec as u64 / 1_000_000,
        unix_s: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    }
}

/// Best effort: above the kernel's limit only root may go, and less still works.
fn enlarge(socket: &Socket, buffer: usize) -> io::Result<()> {
    socket.set_recv_buffer_size(buffer)?;
    socket.set_send_buffer_size(buffer)?;
    for option in [libc::SO_RCVBUFFORCE, libc::SO_SNDBUFFORCE] {
        let size = buffer as libc::c_int;
        // SAFETY: the option takes one int, which lives through the call; refusal is fine.
        unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                option,
                std::ptr::from_ref(&size).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            );
        }
    }
    Ok(())
}
