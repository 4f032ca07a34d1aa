//! One worker thread: RTP sockets of its sources in, browser formats of its sources out. Workers share only the table.
//!
//! It looks at its sockets on a tick instead of waking for each datagram: one wake for many.
use crate::fan_out::{FanOut, Seat};
use crate::intake::Intake;
use crate::keeper::{guarded, tell_failed};
use crate::shared::Shared;
use crate::sockets::SharedSockets;
use crate::table::Cell;
use mio::net::{TcpListener, UdpSocket};
use mio::{Events, Interest, Poll, Token, Waker};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Sleep between looks while packets flow; costs that much of a frame's age.
const BUSY_TICK: Duration = Duration::from_millis(1);
const IDLE_WAIT: Duration = Duration::from_millis(20);
const TIMERS_EVERY_MS: u64 = 20;
const WAKE: Token = Token(usize::MAX - 1);

/// What other threads ask of a worker.
pub(crate) enum Ask {
    OwnUdp(UdpSocket, Arc<Cell>),
    OwnTcp(TcpListener, Arc<Cell>),
    Connect(Arc<Cell>, SocketAddr),
    Closed(u64),
    /// A viewer whose request was answered.
    View(Seat),
    RtcDatagram(u64, SocketAddr, Vec<u8>),
    RtcEnd(u64),
    /// New pictures of a source, received by another worker.
    Pictures(Arc<Cell>),
    #[cfg(test)]
    Panic,
}

/// Where others leave what they ask.
pub(crate) struct Mailbox {
    asked: Mutex<Vec<Ask>>,
    /// Another one after the worker began anew.
    waker: Mutex<Waker>,
}

impl Mailbox {
    pub fn ask(&self, ask: Ask) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(ask);
        let first = asked.len() == 1;
        drop(asked);
        if first && let Err(error) = self.waker().wake() {
            tracing::warn!(%error, "a media worker could not be woken");
        }
    }

    fn waker(&self) -> MutexGuard<'_, Waker> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<Ask> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Where sockets are handed over to be watched.
pub(crate) struct Watch {
    registry: mio::Registry,
}

impl Watch {
    /// Edge-triggered: whoever is named reads until nothing is left.
    pub fn add(
        &self,
        source: &mut impl mio::event::Source,
        token: usize,
        both: bool,
    ) -> io::Result<()> {
        let interest = if both {
            Interest::READABLE | Interest::WRITABLE
        } else {
            Interest::READABLE
        };
        self.registry.register(source, Token(token), interest)
    }
}

pub(crate) struct Worker {
    shared: Arc<Shared>,
    number: usize,
    poll: Poll,
    watch: Watch,
    mailbox: Arc<Mailbox>,
    intake: Intake,
    fan_out: FanOut,
    timers_ms: u64,
}

/// Tokens of viewers have this bit; the others are the intake's.
const VIEWER_BIT: usize = 1 << 62;

impl Worker {
    pub fn new(shared: Arc<Shared>, number: usize, sockets: SharedSockets) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mailbox = Arc::new(Mailbox {
            asked: Mutex::default(),
            waker: Mutex::new(Waker::new(poll.registry(), WAKE)?),
        });
        let mut intake = Intake::new(Arc::clone(&shared));
        let watch = Watch {
            registry: poll.registry().try_clone()?,
        };
        intake.open_shared(sockets, &watch)?;
        Ok(Self {
            fan_out: FanOut::new(Arc::clone(&shared)),
            shared,
            number,
            poll,
            watch,
            mailbox,
            intake,
            timers_ms: 0,
        })
    }

    pub fn mailbox(&self) -> Arc<Mailbox> {
        Arc::clone(&self.mailbox)
    }

    pub fn number(&self) -> usize {
        self.number
    }

    /// After a failure: every source that it had a part in is told as failed; its viewers and sockets are let go.
    pub fn lose_all(&mut self) {
        let mut lost = self.shared.table.of_worker(self.number);
        lost.extend(self.intake.cells());
        lost.sort_unstable_by_key(|cell| cell.id);
        lost.dedup_by_key(|cell| cell.id);
        for cell in lost {
            tell_failed(&self.shared, &cell);
        }
        self.intake = Intake::new(Arc::clone(&self.shared));
        self.fan_out = FanOut::new(Arc::clone(&self.shared));
    }

    /// With fresh sockets, and what was asked meanwhile.
    pub fn begin_anew(&mut self, sockets: SharedSockets) -> io::Result<()> {
        let poll = Poll::new()?;
        let watch = Watch {
            registry: poll.registry().try_clone()?,
        };
        let mut intake = Intake::new(Arc::clone(&self.shared));
        intake.open_shared(sockets, &watch)?;
        let waker = Waker::new(poll.registry(), WAKE)?;
        waker.wake()?; // for what was asked meanwhile
        *self.mailbox.waker() = waker;
        (self.poll, self.watch, self.intake) = (poll, watch, intake);
        Ok(())
    }

    /// Runs until the engine stops. Errors: its sockets cannot be watched.
    pub fn run(&mut self) -> io::Result<()> {
        let mut ready = Events::with_capacity(4096);
        while !self.shared.stopping.load(Ordering::Relaxed) {
            let wait = if self.intake.has_unfinished() || self.fan_out.has_work() {
                Duration::ZERO
            } else if self.fan_out.has_paced() {
                BUSY_TICK
            } else {
                IDLE_WAIT
            };
            if let Err(error) = self.poll.poll(&mut ready, Some(wait))
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Err(error);
            }
            let now_ms = self.shared.now_ms();
            let mut packets = self.intake.has_unfinished();
            for event in &ready {
                let token = event.token().0;
                if event.token() == WAKE {
                    continue;
                } else if token & VIEWER_BIT != 0 {
                    self.fan_out
                        .serve(token & !VIEWER_BIT, event.is_readable(), now_ms);
                } else {
                    packets = true;
                    self.intake.note_ready(token, event.is_read_closed());
                }
            }
            self.intake.serve_ready(&self.watch, now_ms);
            for ask in self.mailbox.take() {
                match ask {
                    Ask::View(seat) => self.fan_out.add(seat, VIEWER_BIT, &self.watch, now_ms),
                    Ask::RtcDatagram(viewer, from, bytes) => {
                        self.fan_out.datagram(viewer, from, &bytes, now_ms)
                    }
                    Ask::RtcEnd(viewer) => self.fan_out.end(viewer),
                    Ask::Pictures(cell) => self.pictures(cell),
                    #[cfg(test)]
                    Ask::Panic => panic!("planted"),
                    Ask::Closed(id) => {
                        self.intake.forget(id);
                        self.fan_out.source_closed(id, now_ms);
                    }
                    other => self.intake.take(other, &self.watch, now_ms),
                }
            }
            self.pass_on();
            if now_ms >= self.timers_ms + TIMERS_EVERY_MS {
                self.timers_ms = now_ms;
                self.intake.run_timers(&self.watch, now_ms);
                self.tick_sources(now_ms);
                self.fan_out.run_timers(now_ms);
            }
            self.fan_out.send_paced(now_ms);
            self.fan_out.send(now_ms);
            if packets && !self.intake.has_unfinished() && !self.fan_out.has_work() {
                std::thread::sleep(BUSY_TICK); // gather what arrives meanwhile
            }
        }
        self.fan_out.end_all(self.shared.now_ms());
        Ok(())
    }

    /// What is due for its sources: open frames, silence, readers gone.
    fn tick_sources(&mut self, now_ms: u64) {
        let shared = Arc::clone(&self.shared);
        for cell in shared.table.of_worker(self.number) {
            if cell.failed.load(Ordering::Relaxed) {
                continue;
            }
            let tick = || cell.source().tick(now_ms, &shared.config, &shared.events);
            let came = guarded(&shared, &cell, tick) == Some(true);
            if came || cell.recording.is_on() {
                self.pictures(cell);
            }
        }
    }

    /// New pictures may have come: to disk, and to who watches.
    fn pictures(&mut self, cell: Arc<Cell>) {
        if guarded(&self.shared, &cell, || cell.recording.pull()).is_some() {
            self.fan_out.pictures(cell);
        }
    }

    /// Pictures that just came whole: to our own viewers, or to the worker that has them.
    fn pass_on(&mut self) {
        for cell in self.intake.take_finished() {
            if cell.worker == self.number {
                self.pictures(cell);
            } else if let Some(mailbox) = self.shared.mailbox(cell.worker) {
                mailbox.ask(Ask::Pictures(cell));
            }
        }
    }
}
