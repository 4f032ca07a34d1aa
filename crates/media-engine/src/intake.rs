//! A worker's RTP sockets: shared and own UDP ports, TCP both ways. RFC 3550, RFC 4571; GB/T 28181-2022 §9.2, annex D.
use crate::dialling::Dialling;
use crate::packets::{take_packets, take_report};
use crate::shared::Shared;
use crate::sockets::SharedSockets;
use crate::table::Cell;
use crate::worker::{Ask, Watch};
use mio::net::{TcpListener, TcpStream, UdpSocket};
use rtp::{TcpFramer, peek_ssrc};
use slab::Slab;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use udp_batch::{Datagrams, coalesce};

/// Messages (runs of datagrams) taken by one call.
const MESSAGES: usize = 16;
/// Calls on one socket before the others get their turn.
const CALLS_A_TURN: usize = 16;
const READ_BYTES: usize = 128 * 1024;
/// Reads of one connection before the others get their turn.
const READS_A_TURN: usize = 8;
/// A media connection must have said whose stream it carries by then (ms).
const WAITING_CONNECTION_MS: u64 = 10_000;

enum Socket {
    SharedUdp(UdpSocket),
    SharedTcp(TcpListener),
    OwnUdp(UdpSocket, Arc<Cell>),
    OwnTcp(TcpListener, Arc<Cell>),
    Stream(Box<Connection>),
    /// Being served; its place is kept.
    Taken,
}

struct Connection {
    stream: TcpStream,
    framer: TcpFramer,
    peer: SocketAddr,
    cell: Option<Arc<Cell>>,
    opened_ms: u64,
    /// We made it.
    ours: bool,
    /// A packet of it was taken, or it is of our making: it may stay.
    heard: bool,
}

/// What became of a socket's turn.
enum Turn {
    Done,
    /// More is waiting, and the kernel will not say so again.
    More,
    /// Nothing can be taken now: there is no descriptor for it. The kernel keeps it, and will not say so again.
    Later,
    Ended,
}

pub(crate) struct Intake {
    shared: Arc<Shared>,
    sockets: Slab<Socket>,
    dialling: Dialling,
    datagrams: Datagrams,
    buffer: Vec<u8>,
    /// (token, whether the other side has closed)
    ready: Vec<(usize, bool)>,
    later: Vec<usize>,
    finished: Vec<Arc<Cell>>,
}

impl Intake {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            sockets: Slab::new(),
            dialling: Dialling::default(),
            datagrams: Datagrams::new(MESSAGES),
            buffer: vec![0; READ_BYTES],
            ready: Vec::new(),
            later: Vec::new(),
            finished: Vec::new(),
        }
    }

    pub fn open_shared(&mut self, sockets: SharedSockets, watch: &Watch) -> io::Result<()> {
        coalesce(sockets.rtp.as_raw_fd());
        self.watch(Socket::SharedUdp(sockets.rtp), watch)?;
        if let Some(rtcp) = sockets.rtcp {
            self.watch(Socket::SharedUdp(rtcp), watch)?;
        }
        self.watch(Socket::SharedTcp(sockets.tcp), watch)
    }

    fn watch(&mut self, mut socket: Socket, watch: &Watch) -> io::Result<()> {
        let token = self.sockets.vacant_key();
        match &mut socket {
            Socket::SharedUdp(udp) | Socket::OwnUdp(udp, _) => watch.add(udp, token, false),
            Socket::SharedTcp(listener) | Socket::OwnTcp(listener, _) => {
                watch.add(listener, token, false)
            }
            Socket::Stream(connection) => watch.add(&mut connection.stream, token, false),
            Socket::Taken => Ok(()),
        }?;
        self.sockets.insert(socket);
        self.ready.push((token, false)); // bytes may have come before
        Ok(())
    }

    /// Sources that have a socket of their own here.
    pub fn cells(&self) -> Vec<Arc<Cell>> {
        let held = self.sockets.iter().filter_map(|(_, socket)| match socket {
            Socket::OwnUdp(_, cell) | Socket::OwnTcp(_, cell) => Some(cell),
            Socket::Stream(connection) => connection.cell.as_ref(),
            Socket::SharedUdp(_) | Socket::SharedTcp(_) | Socket::Taken => None,
        });
        held.chain(self.dialling.cells()).map(Arc::clone).collect()
    }

    pub fn has_unfinished(&self) -> bool {
        !self.ready.is_empty()
    }

    pub fn note_ready(&mut self, token: usize, closed: bool) {
        self.ready.push((token, closed));
    }

    /// Sources whose pictures came whole since the last call, each once.
    pub fn take_finished(&mut self) -> Vec<Arc<Cell>> {
        std::mem::take(&mut self.finished)
    }

    /// Gives each socket that has something its turn.
    pub fn serve_ready(&mut self, watch: &Watch, now_ms: u64) {
        for (token, closed) in std::mem::take(&mut self.ready) {
            let Some(place) = self.sockets.get_mut(token) else {
                continue;
            };
            let mut socket = std::mem::replace(place, Socket::Taken);
            let turn = match &mut socket {
                Socket::SharedUdp(udp) => self.read_datagrams(udp.as_raw_fd(), None, now_ms),
                Socket::OwnUdp(udp, cell) => {
                    let fd = udp.as_raw_fd();
                    self.read_datagrams(fd, Some(cell), now_ms)
                }
                Socket::SharedTcp(listener) => self.accept(listener, None, watch, now_ms),
                Socket::OwnTcp(listener, cell) => self.accept(listener, Some(cell), watch, now_ms),
                Socket::Stream(connection) => self.read_stream(connection, closed, now_ms),
                Socket::Taken => Turn::Done,
            };
            match turn {
                Turn::Ended => {
                    self.sockets.remove(token);
                    if let Socket::Stream(connection) = socket
                        && let Some(cell) = connection.cell
                    {
                        cell.source()
                            .connection_closed(connection.peer, connection.ours, now_ms);
                    }
                }
                turn => {
                    self.sockets[token] = socket;
                    match turn {
                        Turn::More => self.ready.push((token, closed)),
                        Turn::Later => self.later.push(token),
                        Turn::Done | Turn::Ended => {}
                    }
                }
            }
        }
    }

    fn read_datagrams(&mut self, fd: RawFd, own: Option<&Arc<Cell>>, now_ms: u64) -> Turn {
        for _ in 0..CALLS_A_TURN {
            let count = match self.datagrams.receive(fd) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Turn::Done,
                Err(_) => continue, // an ICMP answer to an earlier packet; the next datagram is fine
            };
            for index in 0..count {
                if let Some((from, bytes, segment)) = self.datagrams.message(index) {
                    let packets = bytes.chunks(segment);
                    take_packets(&self.shared, packets, from, own, now_ms, &mut self.finished);
                }
            }
            if count < MESSAGES {
                return Turn::Done;
            }
        }
        Turn::More
    }

    fn accept(
        &mut self,
        listener: &TcpListener,
        own: Option<&Arc<Cell>>,
        watch: &Watch,
        now_ms: u64,
    ) -> Turn {
        loop {
            match listener.accept() {
                Ok((stream, peer)) => {
                    if !self.may_wait(peer.ip(), own) {
                        self.shared
                            .refused_connections
                            .fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    self.add_stream(stream, peer, own.cloned(), false, watch, now_ms);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Turn::Done,
                Err(error) => {
                    tracing::debug!(%error, "a media connection could not be accepted");
                    return Turn::Later; // out of descriptors: some will end
                }
            }
        }
    }

    /// Whether one more may be waited for: not too many are silent, in all and of that address, nor speak on one own port.
    fn may_wait(&self, address: IpAddr, own: Option<&Arc<Cell>>) -> bool {
        let (mut all, mut same, mut here) = (0, 0, 0);
        for (_, socket) in &self.sockets {
            let Socket::Stream(connection) = socket else {
                continue;
            };
            if !connection.heard {
                all += 1;
                same += usize::from(connection.peer.ip() == address);
            } else if let (Some(own), Some(cell)) = (own, &connection.cell) {
                here += usize::from(own.id == cell.id);
            }
        }
        let config = &self.shared.config;
        all < config.max_waiting
            && same < config.max_waiting_per_address
            && here < config.max_waiting_per_address
    }

    fn add_stream(
        &mut self,
        stream: TcpStream,
        peer: SocketAddr,
        cell: Option<Arc<Cell>>,
        ours: bool,
        watch: &Watch,
        now_ms: u64,
    ) {
        let connection = Connection {
            stream,
            framer: TcpFramer::new(),
            peer,
            cell,
            opened_ms: now_ms,
            ours,
            heard: ours,
        };
        if let Err(error) = self.watch(Socket::Stream(Box::new(connection)), watch) {
            tracing::warn!(%error, "a media connection cannot be watched");
        }
    }

    fn read_stream(&mut self, connection: &mut Connection, closed: bool, now_ms: u64) -> Turn {
        for _ in 0..READS_A_TURN {
            let may = match &connection.cell {
                Some(cell) => cell.allowance.of(self.buffer.len(), now_ms),
                None => self.buffer.len(),
            };
            if may == 0 {
                return Turn::Later; // the rest waits where it is, and with it who sends
            }
            let length = match connection.stream.read(&mut self.buffer[..may]) {
                Ok(0) => return Turn::Ended,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Turn::Done,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Turn::Ended,
            };
            if let Some(cell) = &connection.cell {
                cell.allowance.note(length);
            }
            if !self.take_stream_bytes(connection, length, now_ms) {
                return Turn::Ended;
            }
            if length < may && !closed {
                return Turn::Done; // all was taken; more, or the end, is told anew
            }
        }
        Turn::More
    }

    /// False when nobody asked for this stream, or no longer.
    fn take_stream_bytes(
        &mut self,
        connection: &mut Connection,
        length: usize,
        now_ms: u64,
    ) -> bool {
        let (peer, shared) = (connection.peer, &self.shared);
        let (cell, heard) = (&mut connection.cell, &mut connection.heard);
        let finished = &mut self.finished;
        let mut unclaimed = false;
        connection.framer.push(&self.buffer[..length], |packet| {
            let Some(ssrc) = peek_ssrc(packet) else {
                if let Some(cell) = &*cell {
                    take_report(shared, packet, peer, Some(cell));
                }
                return;
            };
            if cell.is_none() {
                *cell = shared.table.find(ssrc, peer, true);
            }
            match &*cell {
                Some(cell) => {
                    *heard |= take_packets(
                        shared,
                        std::iter::once(packet),
                        peer,
                        Some(cell),
                        now_ms,
                        finished,
                    );
                }
                None => unclaimed = true,
            }
        });
        if unclaimed {
            shared.table.count_unknown();
        }
        !unclaimed
    }

    pub fn take(&mut self, ask: Ask, watch: &Watch, now_ms: u64) {
        let watched = match ask {
            Ask::OwnUdp(udp, cell) => {
                coalesce(udp.as_raw_fd());
                self.watch(Socket::OwnUdp(udp, cell), watch)
            }
            Ask::OwnTcp(listener, cell) => self.watch(Socket::OwnTcp(listener, cell), watch),
            Ask::Connect(cell, to) => {
                self.dialling.begin(cell, to, now_ms);
                Ok(())
            }
            _ => Ok(()), // the fan-out's
        };
        if let Err(error) = watched {
            tracing::warn!(%error, "a media port cannot be watched");
        }
    }

    /// Closes what a source had.
    pub fn forget(&mut self, id: u64) {
        self.dialling.forget(id);
        self.sockets.retain(|_, socket| match socket {
            Socket::OwnUdp(_, cell) | Socket::OwnTcp(_, cell) => cell.id != id,
            Socket::Stream(connection) => connection.cell.as_ref().is_none_or(|cell| cell.id != id),
            Socket::SharedUdp(_) | Socket::SharedTcp(_) | Socket::Taken => true,
        });
    }

    pub fn run_timers(&mut self, watch: &Watch, now_ms: u64) {
        let later = self.later.drain(..).map(|token| (token, false));
        self.ready.extend(later);
        self.sockets.retain(|_, socket| match socket {
            Socket::Stream(connection) => {
                connection.heard || now_ms < connection.opened_ms + WAITING_CONNECTION_MS
            }
            _ => true,
        });
        for reached in self.dialling.drive(now_ms, &self.shared.events) {
            let cell = Some(reached.cell);
            self.add_stream(reached.stream, reached.peer, cell, true, watch, now_ms);
        }
    }
}
