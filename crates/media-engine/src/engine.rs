//! The engine's face: start, open and close sources, counters.
use crate::config::{EngineConfig, SourceSpec, Transport};
use crate::error::{EngineError, listen_error};
use crate::event::Event;
use crate::front::{self, Door};
use crate::http::Rooms;
use crate::keeper;
use crate::shared::Shared;
use crate::sockets::{SharedSockets, reports_socket, tcp_listener, udp_socket};
use crate::source::{codec_name, remote_of};
use crate::table::Cell;
use crate::tls;
use crate::whep;
use crate::worker::{Ask, Worker};
use bytes::Bytes;
use mio::net::TcpListener;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::RawFd;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

mod footage;
pub use footage::AtInstant;

/// Key-frame bursts of many cameras fit in here until the next look.
/// A worker that must first be given its memory by the system is some hundred milliseconds late; the shared port waits so long.
const RECEIVE_BUFFER: usize = 64 * 1024 * 1024;
const OWN_RECEIVE_BUFFER: usize = 4 * 1024 * 1024;

/// A source that was opened: its number and the RTP port to tell the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedSource {
    pub id: u64,
    pub port: u16,
}

/// Totals since the start, and what is open now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineCounters {
    pub sources: u64,
    pub readers: u64,
    pub packets: u64,
    pub bytes_in: u64,
    pub lost: u64,
    pub oversized_frames: u64,
    pub bytes_out: u64,
    pub skipped_frames: u64,
    /// Packets that WebRTC viewers asked for again: sent, and above what they had earned.
    pub resent_packets: u64,
    pub refused_resends: u64,
    pub unknown_packets: u64,
    pub malformed_packets: u64,
    pub refused_connections: u64,
    pub refused_viewers: u64,
    /// Players' connections that no worker has taken over.
    pub connections: u64,
    /// TLS handshakes under way.
    pub handshakes: u64,
    pub refused_tickets: u64,
    /// Ended sessions that are remembered until their tickets have expired.
    pub revoked_sessions: u64,
    pub dropped_events: u64,
    /// Panics and other surprises of its threads, tasks and streams.
    pub failures: u64,
    /// Threads and tasks that failed and have not begun anew.
    pub pausing: u64,
}

/// One source's counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceCounters {
    pub packets: u64,
    pub bytes: u64,
    pub lost: u64,
    pub reordered: u64,
    pub frames: u64,
    pub key_frames: u64,
    pub discarded_frames: u64,
    pub jitter_us: u64,
    pub readers: u64,
    pub codec: String,
    /// RFC 6381, from the parameter sets: what a browser is asked whether it decodes it.
    pub codec_string: String,
    pub width: u32,
    pub height: u32,
    /// `g711a`, `g711u`, `aac`; empty without sound that may be heard.
    pub sound: String,
    pub sender: String,
}

/// One still, for the worker that makes a JPEG of it.
#[derive(Clone, Debug)]
pub struct KeyFrame {
    pub codec: String,
    pub annex_b: Bytes,
}

struct Running {
    workers: Vec<JoinHandle<()>>,
    web: tokio::runtime::Runtime,
    loopback_port: u16,
}

/// The media engine of one process.
pub struct Engine {
    shared: Arc<Shared>,
    running: Mutex<Option<Running>>,
}

impl Engine {
    /// Binds nothing yet.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        let (first, last) = (config.rtp_port_first, config.rtp_port_last);
        let shared = Shared::new(config)?;
        shared.table.give_ports(first, last);
        Ok(Self {
            shared,
            running: Mutex::new(None),
        })
    }

    /// Opens the ports and starts the threads.
    pub fn start(&self) -> Result<(), EngineError> {
        let mut running = self.running();
        if running.is_some() {
            return Ok(());
        }
        let config = &self.shared.config;
        let rtp = SocketAddr::new(config.rtp_host, config.rtp_port);
        // The workers share the port among themselves; that nobody else has it must be asked first.
        drop(
            udp_socket(rtp, RECEIVE_BUFFER, false)
                .map_err(|error| listen_error("RTP (UDP)", rtp.port(), error))?,
        );
        drop(
            tcp_listener(rtp, false)
                .map_err(|error| listen_error("RTP (TCP)", rtp.port(), error))?,
        );
        let web_address = SocketAddr::new(config.http_host, config.http_port);
        let web_socket = std::net::TcpListener::bind(web_address)
            .and_then(|socket| socket.set_nonblocking(true).map(|()| socket))
            .map_err(|error| listen_error("media HTTP", web_address.port(), error))?;
        let loopback_socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|socket| socket.set_nonblocking(true).map(|()| socket))
            .map_err(|error| listen_error("media HTTP of workers", 0, error))?;
        let loopback_port = loopback_socket.local_addr()?.port();
        let rtc_address = SocketAddr::new(config.http_host, config.webrtc_port);
        let rtc_socket = std::net::UdpSocket::bind(rtc_address)
            .and_then(|socket| socket.set_nonblocking(true).map(|()| socket))
            .map_err(|error| listen_error("WebRTC", rtc_address.port(), error))?;
        let count = match config.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        let reports = SocketAddr::new(config.rtp_host, config.rtcp_port);
        let hears_reports = config.rtcp_port != 0 && reports_socket(reports, false).is_some();
        if config.rtcp_port != 0 && !hears_reports {
            let port = config.rtcp_port;
            tracing::warn!(
                port,
                "the port for sender reports is in use: cameras' own time is not known by UDP"
            );
        }
        let sockets = move || {
            Ok(SharedSockets {
                rtp: udp_socket(rtp, RECEIVE_BUFFER, true)?,
                tcp: tcp_listener(rtp, true)?,
                rtcp: hears_reports
                    .then(|| reports_socket(reports, true))
                    .flatten(),
            })
        };
        let workers = (0..count)
            .map(|number| Worker::new(Arc::clone(&self.shared), number, sockets()?))
            .collect::<std::io::Result<Vec<_>>>()?;
        self.shared
            .set_mailboxes(workers.iter().map(Worker::mailbox).collect());
        let threads = workers
            .into_iter()
            .enumerate()
            .map(|(number, worker)| {
                let shared = Arc::clone(&self.shared);
                std::thread::Builder::new()
                    .name(format!("media-{number}"))
                    .spawn(move || keeper::keep(worker, &shared, sockets))
            })
            .collect::<std::io::Result<Vec<_>>>()?;
        let web = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("media-web")
            .enable_all()
            .build()?;
        let rooms = Rooms {
            shared: Arc::clone(&self.shared),
            hls: Arc::default(),
            footage_openings: Arc::default(),
            whep: whep::Sessions::new()
                .map_err(|error| EngineError::Io(std::io::Error::other(error)))?,
            peer: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            carrier: Arc::default(),
        };
        let (whep, shared) = (Arc::clone(&rooms.whep), Arc::clone(&self.shared));
        let webrtc = move || {
            let socket = rtc_socket.try_clone()?;
            Ok(whep::run(Arc::clone(&shared), Arc::clone(&whep), socket))
        };
        web.spawn(keeper::keep_task(
            "WebRTC",
            Arc::clone(&self.shared),
            webrtc,
        ));
        let clock = Arc::clone(&self.shared);
        web.spawn(async move {
            loop {
                clock.now_unix(); // a look at least twice a second, so that no setting back goes unseen
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            }
        });
        for (name, socket, door) in [
            ("media HTTP of workers", loopback_socket, Door::Loopback),
            ("media HTTP", web_socket, Door::Public),
        ] {
            let rooms = rooms.clone();
            let serve = move || {
                let listener = tokio::net::TcpListener::from_std(socket.try_clone()?)?;
                let serving = front::serve(rooms.clone(), listener, door);
                Ok(async {
                    serving.await;
                    Ok(())
                })
            };
            web.spawn(keeper::keep_task(name, Arc::clone(&self.shared), serve));
        }
        *running = Some(Running {
            workers: threads,
            web,
            loopback_port,
        });
        Ok(())
    }

    /// Ends every source and reader and joins the threads. Idempotent.
    pub fn stop(&self) {
        let Some(running) = self.running().take() else {
            return;
        };
        self.shared.stopping.store(true, Ordering::Relaxed);
        for cell in self.shared.table.all() {
            self.close_source(cell.id);
        }
        for worker in running.workers {
            if worker.join().is_err() {
                tracing::error!("a media worker had panicked");
            }
        }
        running
            .web
            .shutdown_timeout(std::time::Duration::from_secs(2));
        self.shared.footage.stop();
    }

    pub fn open_source(&self, spec: SourceSpec) -> Result<OpenedSource, EngineError> {
        if self.running().is_none() {
            return Err(EngineError::NotRunning);
        }
        let config = &self.shared.config;
        let now_ms = self.shared.now_ms();
        let workers = self.shared.mailboxes().len();
        if !spec.own_port || spec.transport == Transport::TcpActive {
            let cell = self
                .shared
                .table
                .open(spec, config, config.rtp_port, workers, now_ms)?;
            return Ok(OpenedSource {
                id: cell.id,
                port: config.rtp_port,
            });
        }
        let table = &self.shared.table;
        let over_tcp = spec.transport == Transport::TcpPassive;
        for _ in 0..table.ports_left() {
            let Some(port) = table.take_port() else {
                break;
            };
            let address = SocketAddr::new(config.rtp_host, port);
            let ask: Box<dyn FnOnce(Arc<Cell>) -> Ask> = if over_tcp {
                let Ok(listener) = TcpListener::bind(address) else {
                    table.rest_port(port);
                    continue;
                };
                Box::new(move |cell| Ask::OwnTcp(listener, cell))
            } else {
                let Ok(udp) = udp_socket(address, OWN_RECEIVE_BUFFER, false) else {
                    table.rest_port(port);
                    continue;
                };
                Box::new(move |cell| Ask::OwnUdp(udp, cell))
            };
            let reports = (!over_tcp)
                .then(|| port.checked_add(1))
                .flatten()
                .and_then(|port| reports_socket(SocketAddr::new(config.rtp_host, port), false));
            let cell = table
                .open(spec, config, port, workers, now_ms)
                .inspect_err(|_| table.rest_port(port))?;
            let opened = OpenedSource { id: cell.id, port };
            if let Some(reports) = reports {
                self.ask(cell.worker, Ask::OwnUdp(reports, Arc::clone(&cell)));
            }
            self.ask(cell.worker, ask(cell));
            return Ok(opened);
        }
        Err(EngineError::NoPortLeft(
            config.rtp_port_first,
            config.rtp_port_last,
        ))
    }

    pub fn set_ssrc(&self, id: u64, ssrc: u32) -> Result<(), EngineError> {
        self.shared.table.set_ssrc(id, ssrc)
    }

    /// Where the answer says the media comes from.
    pub fn set_remote(&self, id: u64, host: IpAddr, port: u16) -> Result<(), EngineError> {
        self.shared.table.set_remote(id, host, port).map(|_| ())
    }

    /// The device has answered; `host`: where the answer says that the media come from.
    pub fn answered(&self, id: u64, host: Option<IpAddr>) -> Result<(), EngineError> {
        self.shared.table.answered(id, host, self.shared.now_ms())
    }

    /// A stream that a former run of the program had asked for may still come from this host: what comes of it is told as
    /// `StillSending` with the number returned, as of a closed source.
    pub fn remember_ended(&self, name: &str, ssrc: u32, sender: IpAddr) -> u64 {
        self.shared
            .table
            .remember_ended(name, ssrc, sender, self.shared.now_ms())
    }

    /// For `TcpActive`: connects to the sender (3 tries, 1 s apart; GB/T 28181-2022 annex D).
    pub fn connect_source(&self, id: u64, host: IpAddr, port: u16) -> Result<(), EngineError> {
        let cell = self.shared.table.set_remote(id, host, port)?;
        let to = remote_of(&cell.source().spec).ok_or(EngineError::NoSuchSource(id))?;
        self.ask(cell.worker, Ask::Connect(cell, to));
        Ok(())
    }

    /// Closes the source, its sockets and its readers. Idempotent.
    pub fn close_source(&self, id: u64) {
        self.end_recording(id); // with what came before the end
        if self.shared.table.close(id, self.shared.now_ms()).is_some() {
            // Its packets may come to any of them.
            for worker in 0..self.shared.mailboxes().len() {
                self.ask(worker, Ask::Closed(id));
            }
        }
    }

    fn ask(&self, worker: usize, ask: Ask) {
        if let Some(mailbox) = self.shared.mailbox(worker) {
            mailbox.ask(ask);
        }
    }

    /// New connections to the media port speak TLS with this certificate (its chain, PEM) from now on; open ones go on.
    /// Errors: [`EngineError::Certificate`]; the one before stays in force.
    pub fn use_certificate(&self, chain_pem: &str, key_pem: &str) -> Result<(), EngineError> {
        self.shared.use_tls(tls::server_config(
            chain_pem.as_bytes(),
            key_pem.as_bytes(),
        )?);
        Ok(())
    }

    /// The plain media port on loopback, for workers of this machine. Errors: [`EngineError::NotRunning`].
    pub fn loopback_port(&self) -> Result<u16, EngineError> {
        let running = self.running();
        let running = running.as_ref().ok_or(EngineError::NotRunning)?;
        Ok(running.loopback_port)
    }

    /// Ends every reader of a session and refuses its tickets from now on.
    pub fn revoke_session(&self, session: &str) {
        self.shared.revoke(session);
    }

    pub fn event_fd(&self) -> RawFd {
        self.shared.events.fd()
    }

    pub fn take_events(&self, limit: usize) -> Vec<Event> {
        self.shared.events.take(limit)
    }

    pub fn counters(&self) -> EngineCounters {
        let table = &self.shared.table;
        let received = table.totals();
        EngineCounters {
            sources: table.len() as u64,
            readers: self.shared.readers.taken() as u64,
            bytes_out: self.shared.bytes_out.load(Ordering::Relaxed),
            skipped_frames: self.shared.skipped_frames.load(Ordering::Relaxed),
            resent_packets: self.shared.resent_packets.load(Ordering::Relaxed),
            refused_resends: self.shared.refused_resends.load(Ordering::Relaxed),
            unknown_packets: table.unknown_packets.load(Ordering::Relaxed),
            malformed_packets: table.malformed_packets.load(Ordering::Relaxed),
            refused_connections: self.shared.refused_connections.load(Ordering::Relaxed),
            refused_viewers: self.shared.refused_viewers.load(Ordering::Relaxed),
            connections: self.shared.connections.taken() as u64,
            handshakes: self.shared.handshakes.taken() as u64,
            refused_tickets: self.shared.refused_tickets.load(Ordering::Relaxed),
            revoked_sessions: self.shared.revoked_sessions() as u64,
            dropped_events: self.shared.events.dropped(),
            failures: self.shared.failures.load(Ordering::Relaxed),
            pausing: self.shared.pausing.load(Ordering::Relaxed),
            packets: received.packets,
            bytes_in: received.bytes,
            lost: received.lost,
            oversized_frames: received.oversized_frames,
        }
    }

    pub fn source_counters(&self, id: u64) -> Option<SourceCounters> {
        let cell = self.shared.table.get(id)?;
        let source = cell.source();
        let stats = source.stats();
        let video = cell.hub.video();
        Some(SourceCounters {
            packets: stats.packets,
            bytes: stats.bytes,
            lost: stats.lost,
            reordered: stats.reordered,
            frames: stats.frames,
            key_frames: stats.key_frames,
            discarded_frames: stats.discarded_frames,
            jitter_us: stats.jitter_us,
            readers: cell.hub.readers() as u64,
            codec: video
                .as_ref()
                .map_or(String::new(), |video| codec_name(video.codec).to_owned()),
            codec_string: video
                .as_ref()
                .map_or(String::new(), |video| video.codec_string.clone()),
            width: video.as_ref().map_or(0, |video| video.width),
            height: video.as_ref().map_or(0, |video| video.height),
            sound: video
                .as_ref()
                .and_then(|video| video.sound)
                .map_or(String::new(), |sound| codec_name(sound.codec).to_owned()),
            sender: source
                .sender()
                .map_or(String::new(), |sender| sender.to_string()),
        })
    }

    pub fn latest_key_frame(&self, id: u64) -> Option<KeyFrame> {
        let frame = self.shared.table.get(id)?.hub.latest_key_frame()?;
        Some(KeyFrame {
            codec: codec_name(frame.codec).to_owned(),
            annex_b: frame.bytes.clone(),
        })
    }

    #[cfg(test)]
    pub(crate) fn shared_for_tests(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}
