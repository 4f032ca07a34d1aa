//! Connections that we make to devices for their media, which wait to be called. RFC 4571; GB/T 28181-2022 §9.2, annex D.
use crate::event::{Event, EventKind, EventQueue};
use crate::table::Cell;
use mio::net::TcpStream;
use std::net::SocketAddr;
use std::sync::Arc;

const TRIES: u32 = 3;
const PAUSE_MS: u64 = 1_000;
const LIMIT_MS: u64 = 5_000;

struct Attempt {
    cell: Arc<Cell>,
    to: SocketAddr,
    tries: u32,
    next_ms: u64,
    /// The stream that is not connected yet, and since when.
    pending: Option<(TcpStream, u64)>,
}

/// A connection that stands.
pub(crate) struct Reached {
    pub stream: TcpStream,
    pub peer: SocketAddr,
    pub cell: Arc<Cell>,
}

/// The attempts of one worker, each tried a few times; what is in vain is told.
#[derive(Default)]
pub(crate) struct Dialling {
    attempts: Vec<Attempt>,
}

impl Dialling {
    pub fn begin(&mut self, cell: Arc<Cell>, to: SocketAddr, now_ms: u64) {
        self.attempts.push(Attempt {
            cell,
            to,
            tries: 0,
            next_ms: now_ms,
            pending: None,
        });
    }

    /// Sources for which a connection is being made.
    pub fn cells(&self) -> impl Iterator<Item = &Arc<Cell>> {
        self.attempts.iter().map(|attempt| &attempt.cell)
    }

    pub fn forget(&mut self, id: u64) {
        self.attempts.retain(|attempt| attempt.cell.id != id);
    }

    /// What stands since the last call; the others are tried on, or given up.
    pub fn drive(&mut self, now_ms: u64, events: &EventQueue) -> Vec<Reached> {
        let mut reached = Vec::new();
        self.attempts
            .retain_mut(|attempt| match attempt.drive(now_ms) {
                Step::GoesOn => true,
                Step::Reached(stream) => {
                    reached.push(Reached {
                        stream,
                        peer: attempt.to,
                        cell: Arc::clone(&attempt.cell),
                    });
                    false
                }
                Step::InVain => {
                    let cell = &attempt.cell;
                    events.push(Event::new(EventKind::TcpConnectFailed, cell.id, &cell.name));
                    false
                }
            });
        reached
    }
}

enum Step {
    GoesOn,
    Reached(TcpStream),
    InVain,
}

impl Attempt {
    fn drive(&mut self, now_ms: u64) -> Step {
        if let Some((stream, started_ms)) = self.pending.take() {
            if stream.peer_addr().is_ok() {
                return Step::Reached(stream);
            }
            let failed =
                stream.take_error().ok().flatten().is_some() || now_ms >= started_ms + LIMIT_MS;
            if !failed {
                self.pending = Some((stream, started_ms));
                return Step::GoesOn;
            }
            self.next_ms = now_ms + PAUSE_MS;
        }
        if self.tries >= TRIES {
            return Step::InVain;
        }
        if now_ms >= self.next_ms {
            self.tries += 1;
            match TcpStream::connect(self.to) {
                Ok(stream) => self.pending = Some((stream, now_ms)),
                Err(_) => self.next_ms = now_ms + PAUSE_MS,
            }
        }
        Step::GoesOn
    }
}
