//! The thread that owns the RTP sockets. It looks at them on a tick instead of waking for each datagram.
use crate::config::EngineConfig;
use crate::event::{Event, EventKind};
use crate::shared::Shared;
use crate::table::ssrc_of;
use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Token};
use rtp::TcpFramer;
use std::collections::HashMap;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::time::Duration;

const SHARED_UDP: Token = Token(0);
const SHARED_TCP: Token = Token(1);
const FIRST_FREE: usize = 16;
/// Sleep between looks while packets flow; costs that much of a frame's age.
const BUSY_TICK: Duration = Duration::from_millis(1);
const IDLE_WAIT: Duration = Duration::from_millis(20);
const TIMERS_EVERY_MS: u64 = 20;
/// Datagrams taken from one socket before the others get their turn.
const DATAGRAMS_A_TURN: usize = 512;
const MAX_DATAGRAM: usize = 65_536;
/// A media connection must have said whose stream it carries by then (ms).
const WAITING_CONNECTION_MS: u64 = 10_000;
const CONNECT_TRIES: u32 = 3;
const CONNECT_PAUSE_MS: u64 = 1_000;
const CONNECT_LIMIT_MS: u64 = 5_000;

enum Socket {
    SharedUdp(UdpSocket),
    SharedTcp(TcpListener),
    OwnUdp(UdpSocket, u64),
    OwnTcp(TcpListener, u64),
    Stream(Box<Connection>),
}

struct Connection {
    stream: TcpStream,
    framer: TcpFramer,
    peer: SocketAddr,
    source: Option<u64>,
    opened_ms: u64,
}

/// A connection that we are to make.
struct Connecting {
    source: u64,
    to: SocketAddr,
    tries: u32,
    next_ms: u64,
    pending: Option<(TcpStream, u64)>,
}

/// What the node's threads ask of the ingest thread.
pub(crate) enum Ask {
    OwnUdp(UdpSocket, u64),
    OwnTcp(TcpListener, u64),
    Connect(u64, SocketAddr),
    Closed(u64),
}

pub(crate) struct Ingest {
    shared: std::sync::Arc<Shared>,
    poll: Poll,
    sockets: HashMap<Token, Socket>,
    connecting: Vec<Connecting>,
    next_token: usize,
    buffer: Vec<u8>,
    timers_ms: u64,
}

impl Ingest {
    pub fn new(
        shared: std::sync::Arc<Shared>,
        mut udp: UdpSocket,
        mut tcp: TcpListener,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        poll.registry()
            .register(&mut udp, SHARED_UDP, Interest::READABLE)?;
        poll.registry()
            .register(&mut tcp, SHARED_TCP, Interest::READABLE)?;
        let sockets = HashMap::from([
            (SHARED_UDP, Socket::SharedUdp(udp)),
            (SHARED_TCP, Socket::SharedTcp(tcp)),
        ]);
        Ok(Self {
            shared,
            poll,
            sockets,
            connecting: Vec::new(),
            next_token: FIRST_FREE,
            buffer: vec![0; MAX_DATAGRAM],
            timers_ms: 0,
        })
    }

    /// Runs until the engine stops.
    pub fn run(&mut self) {
        let mut ready = Events::with_capacity(1024);
        // Sockets with more waiting than one turn takes: epoll is edge-triggered and will not name them again.
        let mut unfinished: Vec<Token> = Vec::new();
        while !self.shared.stopping.load(Ordering::Relaxed) {
            let wait = if unfinished.is_empty() {
                IDLE_WAIT
            } else {
                Duration::ZERO
            };
            if let Err(error) = self.poll.poll(&mut ready, Some(wait))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "the RTP sockets cannot be watched");
                return;
            }
            let mut tokens = std::mem::take(&mut unfinished);
            tokens.extend(ready.iter().map(|event| event.token()));
            let worked = !tokens.is_empty();
            for token in tokens {
                if self.serve(token) {
                    unfinished.push(token);
                }
            }
            self.take_asked();
            let now_ms = self.shared.now_ms();
            if now_ms >= self.timers_ms + TIMERS_EVERY_MS {
                self.timers_ms = now_ms;
                self.run_timers(now_ms);
            }
            if worked && unfinished.is_empty() {
                std::thread::sleep(BUSY_TICK); // gather what arrives meanwhile: one wake for many datagrams
            }
        }
    }

    /// Reads what waits on one socket. True when more is left than one turn takes.
    fn serve(&mut self, token: Token) -> bool {
        let Some(mut socket) = self.sockets.remove(&token) else {
            return false;
        };
        let now_ms = self.shared.now_ms();
        let (keep, more) = match &mut socket {
            Socket::SharedUdp(udp) => (true, self.read_datagrams(udp, None, now_ms)),
            Socket::OwnUdp(udp, source) => (true, self.read_datagrams(udp, Some(*source), now_ms)),
            Socket::SharedTcp(listener) => (true, self.accept(listener, None, now_ms)),
            Socket::OwnTcp(listener, source) => {
                (true, self.accept(listener, Some(*source), now_ms))
            }
            Socket::Stream(connection) => self.read_stream(connection, now_ms),
        };
        if keep {
            self.sockets.insert(token, socket);
        } else if let Socket::Stream(connection) = socket
            && let Some(id) = connection.source
        {
            let table = self.shared.table();
            if let Some(source) = table.get(id) {
                self.shared
                    .events
                    .push(Event::new(EventKind::TcpClosed, id, &source.spec.name));
            }
        }
        more
    }

    fn read_datagrams(&mut self, udp: &UdpSocket, own: Option<u64>, now_ms: u64) -> bool {
        let mut table = self.shared.table();
        for _ in 0..DATAGRAMS_A_TURN {
            let (length, from) = match udp.recv_from(&mut self.buffer) {
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(_) => continue, // an ICMP answer to an earlier packet; the next datagram is fine
            };
            let packet = &self.buffer[..length];
            let Some(ssrc) = ssrc_of(packet) else {
                table.malformed_packets += 1;
                continue;
            };
            match own.or_else(|| table.find(ssrc, from, false)) {
                Some(id) => table.packet(id, packet, from, now_ms, &self.shared.events),
                None => table.unknown_packets += 1,
            }
        }
        true
    }

    fn accept(&mut self, listener: &TcpListener, own: Option<u64>, now_ms: u64) -> bool {
        loop {
            match listener.accept() {
                Ok((stream, peer)) => {
                    if own.is_none() && !self.may_wait(peer.ip(), &self.shared.config) {
                        self.shared
                            .refused_connections
                            .fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    self.add_stream(stream, peer, own, now_ms);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) => {
                    tracing::warn!(%error, "a media connection could not be accepted");
                    return false;
                }
            }
        }
    }

    fn may_wait(&self, address: IpAddr, config: &EngineConfig) -> bool {
        let waiting = self.sockets.values().filter_map(|socket| match socket {
            Socket::Stream(connection) if connection.source.is_none() => Some(connection.peer.ip()),
            _ => None,
        });
        let (mut all, mut same) = (0, 0);
        for peer in waiting {
            all += 1;
            same += usize::from(peer == address);
        }
        all < config.max_waiting && same < config.max_waiting_per_address
    }

    fn add_stream(
        &mut self,
        mut stream: TcpStream,
        peer: SocketAddr,
        source: Option<u64>,
        now_ms: u64,
    ) {
        let token = self.token();
        if let Err(error) = self
            .poll
            .registry()
            .register(&mut stream, token, Interest::READABLE)
        {
            tracing::warn!(%error, "a media connection cannot be watched");
            return;
        }
        let connection = Connection {
            stream,
            framer: TcpFramer::new(),
            peer,
            source,
            opened_ms: now_ms,
        };
        self.sockets
            .insert(token, Socket::Stream(Box::new(connection)));
        self.serve(token); // bytes may have come before the registration
    }

    /// (keep the connection, more is waiting)
    fn read_stream(&mut self, connection: &mut Connection, now_ms: u64) -> (bool, bool) {
        for _ in 0..16 {
            let length = match connection.stream.read(&mut self.buffer) {
                Ok(0) => return (false, false),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return (true, false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return (false, false),
            };
            let mut table = self.shared.table();
            let (peer, shared) = (connection.peer, &self.shared);
            let source = &mut connection.source;
            let mut unclaimed = false;
            connection.framer.push(&self.buffer[..length], |packet| {
                let Some(ssrc) = ssrc_of(packet) else { return };
                if source.is_none() {
                    *source = table.find(ssrc, peer, true);
                }
                match *source {
                    Some(id) => table.packet(id, packet, peer, now_ms, &shared.events),
                    None => unclaimed = true,
                }
            });
            if unclaimed {
                table.unknown_packets += 1;
                return (false, false); // a stream that nobody asked for
            }
            if connection.source.is_some_and(|id| table.get(id).is_none()) {
                return (false, false); // its source was closed
            }
        }
        (true, true)
    }

    fn take_asked(&mut self) {
        let asked = std::mem::take(&mut *self.shared.asked());
        for ask in asked {
            match ask {
                Ask::OwnUdp(mut udp, id) => {
                    let token = self.token();
                    if self
                        .poll
                        .registry()
                        .register(&mut udp, token, Interest::READABLE)
                        .is_ok()
                    {
                        self.sockets.insert(token, Socket::OwnUdp(udp, id));
                        self.serve(token);
                    }
                }
                Ask::OwnTcp(mut listener, id) => {
                    let token = self.token();
                    if self
                        .poll
                        .registry()
                        .register(&mut listener, token, Interest::READABLE)
                        .is_ok()
                    {
                        self.sockets.insert(token, Socket::OwnTcp(listener, id));
                        self.serve(token);
                    }
                }
                Ask::Connect(source, to) => {
                    self.connecting.push(Connecting {
                        source,
                        to,
                        tries: 0,
                        next_ms: 0,
                        pending: None,
                    });
                }
                Ask::Closed(id) => {
                    self.connecting.retain(|connecting| connecting.source != id);
                    self.sockets.retain(|_, socket| match socket {
                        Socket::OwnUdp(_, owner) | Socket::OwnTcp(_, owner) => *owner != id,
                        Socket::Stream(connection) => connection.source != Some(id),
                        Socket::SharedUdp(_) | Socket::SharedTcp(_) => true,
                    });
                }
            }
        }
    }

    fn run_timers(&mut self, now_ms: u64) {
        self.shared
            .table()
            .tick(now_ms, &self.shared.config, &self.shared.events);
        self.sockets.retain(|_, socket| match socket {
            Socket::Stream(connection) => {
                connection.source.is_some() || now_ms < connection.opened_ms + WAITING_CONNECTION_MS
            }
            _ => true,
        });
        let mut connecting = std::mem::take(&mut self.connecting);
        connecting.retain_mut(|attempt| self.drive_connection(attempt, now_ms));
        self.connecting.extend(connecting);
    }

    /// False when the attempt is over, well or badly.
    fn drive_connection(&mut self, attempt: &mut Connecting, now_ms: u64) -> bool {
        if let Some((stream, started_ms)) = attempt.pending.take() {
            if stream.peer_addr().is_ok() {
                self.add_stream(stream, attempt.to, Some(attempt.source), now_ms);
                return false;
            }
            let failed = stream.take_error().ok().flatten().is_some()
                || now_ms >= started_ms + CONNECT_LIMIT_MS;
            if !failed {
                attempt.pending = Some((stream, started_ms));
                return true;
            }
            attempt.next_ms = now_ms + CONNECT_PAUSE_MS;
        }
        if attempt.tries >= CONNECT_TRIES {
            let table = self.shared.table();
            if let Some(source) = table.get(attempt.source) {
                self.shared.events.push(Event::new(
                    EventKind::TcpConnectFailed,
                    attempt.source,
                    &source.spec.name,
                ));
            }
            return false;
        }
        if now_ms >= attempt.next_ms {
            attempt.tries += 1;
            match TcpStream::connect(attempt.to) {
                Ok(stream) => attempt.pending = Some((stream, now_ms)),
                Err(_) => attempt.next_ms = now_ms + CONNECT_PAUSE_MS,
            }
        }
        true
    }

    fn token(&mut self) -> Token {
        self.next_token += 1;
        Token(self.next_token)
    }
}
