//! The open sources and which packet belongs to which.
use crate::allowance::Allowance;
use crate::config::{EngineConfig, SourceSpec, SsrcPolicy, Transport};
use crate::error::EngineError;
use crate::event::EventQueue;
use crate::leftovers::Leftovers;
use crate::recordings::Recording;
use crate::source::{Source, block_of, sender_key};
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use stream_hub::Hub;
use stream_receiver::ReceiverStats;

/// One open source as all threads see it.
pub(crate) struct Cell {
    pub id: u64,
    pub name: String,
    /// The worker that looks after its timers and viewers.
    pub worker: usize,
    pub port: u16,
    pub hub: Arc<Hub>,
    over_tcp: bool,
    /// `sender_key` of whose packets it takes; 0: of nobody yet.
    latched: Arc<AtomicU64>,
    block: u32,
    /// Whether its sound may be heard.
    pub audio: bool,
    /// Viewers that the worker serves itself.
    pub viewers: AtomicUsize,
    /// Set while the worker has been told of new pictures and has not yet looked.
    pub dirty: AtomicBool,
    /// The engine met something unexpected in it: it takes no more.
    pub failed: AtomicBool,
    pub recording: Recording,
    /// What may be read of its connection.
    pub allowance: Allowance,
    source: Mutex<Source>,
}

impl Cell {
    pub fn source(&self) -> MutexGuard<'_, Source> {
        // A panic while it is held leaves plain values; the stream goes on with the next key frame.
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every open source, found by SSRC, sender or name.
#[derive(Default)]
pub(crate) struct Table {
    index: RwLock<Index>,
    leftovers: Leftovers,
    /// Own ports that no source has, the one that has rested longest first.
    free_ports: Mutex<VecDeque<u16>>,
    pub unknown_packets: AtomicU64,
    pub malformed_packets: AtomicU64,
}

/// What was received since the start, by open and by closed sources.
#[derive(Clone, Copy, Default)]
pub(crate) struct Totals {
    pub packets: u64,
    pub bytes: u64,
    pub lost: u64,
    pub oversized_frames: u64,
}

impl Totals {
    fn add(&mut self, stats: &ReceiverStats) {
        self.packets += stats.packets;
        self.bytes += stats.bytes;
        self.lost += stats.lost;
        self.oversized_frames += stats.oversized_frames;
    }
}

#[derive(Default)]
struct Index {
    /// Of sources that are closed.
    closed: Totals,
    cells: HashMap<u64, Arc<Cell>>,
    by_ssrc: HashMap<u32, Arc<Cell>>,
    by_name: HashMap<String, Arc<Cell>>,
    /// Sources that take foreign SSRCs from the address of their device.
    by_device: HashMap<IpAddr, Vec<Arc<Cell>>>,
    opened: u64,
}

impl Table {
    fn index(&self) -> std::sync::RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_mut(&self) -> std::sync::RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a source; `workers` share the sources evenly.
    pub fn open(
        &self,
        spec: SourceSpec,
        config: &EngineConfig,
        port: u16,
        workers: usize,
        now_ms: u64,
    ) -> Result<Arc<Cell>, EngineError> {
        let mut index = self.index_mut();
        if index.cells.len() >= config.max_sources {
            return Err(EngineError::TooManySources(config.max_sources));
        }
        if index.by_name.contains_key(&spec.name) {
            return Err(EngineError::NameInUse(spec.name));
        }
        if index.by_ssrc.contains_key(&spec.ssrc) {
            return Err(EngineError::SsrcInUse(spec.ssrc));
        }
        index.opened += 1;
        let id = index.opened;
        let hub = Arc::new(if spec.audio {
            Hub::expecting_sound()
        } else {
            Hub::new()
        });
        let latched = Arc::new(AtomicU64::new(0));
        let cell = Arc::new(Cell {
            id,
            name: spec.name.clone(),
            worker: id as usize % workers,
            port,
            hub: Arc::clone(&hub),
            over_tcp: spec.transport != Transport::Udp,
            block: block_of(spec.ssrc),
            latched: Arc::clone(&latched),
            audio: spec.audio,
            viewers: AtomicUsize::new(0),
            dirty: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            recording: Recording::default(),
            allowance: Allowance::new(spec.bytes_a_second, now_ms),
            source: Mutex::new(Source::new(id, spec.clone(), hub, latched, config, now_ms)),
        });
        index.cells.insert(id, Arc::clone(&cell));
        index.by_name.insert(spec.name.clone(), Arc::clone(&cell));
        index.by_ssrc.insert(spec.ssrc, Arc::clone(&cell));
        index.note_device(&cell, spec.remote_host, &spec);
        Ok(cell)
    }

    pub fn close(&self, id: u64, now_ms: u64) -> Option<Arc<Cell>> {
        let mut index = self.index_mut();
        let cell = index.cells.remove(&id)?;
        let source = cell.source();
        index.closed.add(&source.stats());
        index.by_name.remove(&cell.name);
        if index
            .by_ssrc
            .get(&source.spec.ssrc)
            .is_some_and(|found| found.id == id)
        {
            index.by_ssrc.remove(&source.spec.ssrc);
        }
        index.forget_device(id, source.spec.remote_host);
        index.forget_device(id, source.media_host());
        if source.has_own_port() {
            self.rest_port(cell.port);
        }
        if let (Some(ssrc), Some(sender)) = (source.heard(), source.sender()) {
            let asked = ssrc == source.spec.ssrc;
            self.leftovers
                .note((id, &cell.name), (ssrc, asked), sender.ip(), now_ms);
        }
        drop(source);
        cell.hub.close();
        Some(cell)
    }

    /// A stream of before the start may still come: it is no other source's, and it is told of. The number it is told with.
    pub fn remember_ended(&self, name: &str, ssrc: u32, sender: IpAddr, now_ms: u64) -> u64 {
        let mut index = self.index_mut();
        index.opened += 1;
        let id = index.opened;
        drop(index);
        self.leftovers
            .note((id, name), (ssrc, true), sender, now_ms);
        id
    }

    pub fn set_ssrc(&self, id: u64, ssrc: u32) -> Result<(), EngineError> {
        let mut index = self.index_mut();
        if index.by_ssrc.get(&ssrc).is_some_and(|other| other.id != id) {
            return Err(EngineError::SsrcInUse(ssrc));
        }
        let cell = Arc::clone(index.cells.get(&id).ok_or(EngineError::NoSuchSource(id))?);
        let mut source = cell.source();
        index.by_ssrc.remove(&source.spec.ssrc);
        source.spec.ssrc = ssrc;
        index.by_ssrc.insert(ssrc, Arc::clone(&cell));
        Ok(())
    }

    /// Where the device says its media comes from.
    pub fn set_remote(&self, id: u64, host: IpAddr, port: u16) -> Result<Arc<Cell>, EngineError> {
        let mut index = self.index_mut();
        let cell = Arc::clone(index.cells.get(&id).ok_or(EngineError::NoSuchSource(id))?);
        let mut source = cell.source();
        index.forget_device(id, source.spec.remote_host);
        source.spec.remote_host = Some(host);
        source.spec.remote_port = Some(port);
        index.note_device(&cell, Some(host), &source.spec);
        drop(source);
        Ok(cell)
    }

    /// The device has answered; `host`: where the answer says that the media come from, beside the device's own address.
    pub fn answered(&self, id: u64, host: Option<IpAddr>, now_ms: u64) -> Result<(), EngineError> {
        let mut index = self.index_mut();
        let cell = Arc::clone(index.cells.get(&id).ok_or(EngineError::NoSuchSource(id))?);
        let mut source = cell.source();
        let host = host.filter(|host| source.spec.remote_host != Some(*host));
        index.forget_device(id, source.media_host());
        source.answered(host, now_ms);
        index.note_device(&cell, host, &source.spec);
        Ok(())
    }

    pub fn get(&self, id: u64) -> Option<Arc<Cell>> {
        self.index().cells.get(&id).cloned()
    }

    pub fn by_name(&self, name: &str) -> Option<Arc<Cell>> {
        self.index().by_name.get(name).cloned()
    }

    pub fn all(&self) -> Vec<Arc<Cell>> {
        self.index().cells.values().cloned().collect()
    }

    /// Never less than before.
    pub fn totals(&self) -> Totals {
        let index = self.index();
        let mut totals = index.closed;
        for cell in index.cells.values() {
            totals.add(&cell.source().stats());
        }
        totals
    }

    pub fn len(&self) -> usize {
        self.index().cells.len()
    }

    fn free_ports(&self) -> MutexGuard<'_, VecDeque<u16>> {
        self.free_ports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What the sources may have as ports of their own: the even ones. RFC 3550 §11.
    pub fn give_ports(&self, first: u16, last: u16) {
        *self.free_ports() = (first..=last)
            .filter(|port| port % 2 == 0 && *port != 0)
            .collect();
    }

    pub fn ports_left(&self) -> usize {
        self.free_ports().len()
    }

    /// Each in its turn, so that what a former stream still sends meets nobody for as long as may be.
    pub fn take_port(&self) -> Option<u16> {
        self.free_ports().pop_front()
    }

    pub fn rest_port(&self, port: u16) {
        self.free_ports().push_back(port);
    }

    /// The source of a packet on the shared port: by SSRC, else by sender where the source's policy allows it.
    pub fn find(&self, ssrc: u32, from: SocketAddr, tcp: bool) -> Option<Arc<Cell>> {
        let index = self.index();
        if let Some(cell) = index.by_ssrc.get(&ssrc) {
            // Whoever connects and says a number is not the device that was asked to send datagrams.
            return (cell.over_tcp || !tcp).then(|| Arc::clone(cell));
        }
        let cells = index.by_device.get(&from.ip())?;
        // Another number of this node is another stream's, now or formerly: also one of before a restart.
        if cells.first()?.block == block_of(ssrc) || self.leftovers.holds(ssrc) {
            return None;
        }
        let from = sender_key(from);
        let mut fitting = cells.iter().filter_map(|cell| {
            let sender = cell.latched.load(Ordering::Relaxed);
            (cell.over_tcp == tcp && (sender == 0 || sender == from))
                .then_some((cell, sender == from))
        });
        let (found, latched) = fitting.next()?;
        // Two streams from one address with foreign SSRCs cannot be told apart: neither is guessed.
        (latched || fitting.next().is_none()).then(|| Arc::clone(found))
    }

    /// The source whose pictures come with this SSRC from this host.
    pub fn heard(&self, ssrc: u32, host: IpAddr) -> Option<Arc<Cell>> {
        let index = self.index();
        let asked = index.by_ssrc.get(&ssrc).into_iter();
        let of_device = index.by_device.get(&host).into_iter().flatten();
        let foreign = of_device.filter(|cell| cell.source().heard() == Some(ssrc));
        asked.chain(foreign).next().cloned()
    }

    /// The sources whose timers and viewers a worker looks after.
    pub fn of_worker(&self, worker: usize) -> Vec<Arc<Cell>> {
        self.index()
            .cells
            .values()
            .filter(|cell| cell.worker == worker)
            .cloned()
            .collect()
    }

    pub fn count_unknown(&self) {
        self.unknown_packets.fetch_add(1, Ordering::Relaxed);
    }

    /// A datagram of a stream that nobody asked for, or no longer.
    pub fn unclaimed(&self, ssrc: u32, from: IpAddr, now_ms: u64, events: &EventQueue) {
        self.count_unknown();
        if let Some(event) = self.leftovers.came(ssrc, from, now_ms) {
            events.push(event);
        }
    }

    pub fn count_malformed(&self) {
        self.malformed_packets.fetch_add(1, Ordering::Relaxed);
    }
}

impl Index {
    fn note_device(&mut self, cell: &Arc<Cell>, host: Option<IpAddr>, spec: &SourceSpec) {
        if let Some(host) = host.filter(|_| takes_foreign_ssrc(spec)) {
            self.by_device
                .entry(host)
                .or_default()
                .push(Arc::clone(cell));
        }
    }

    fn forget_device(&mut self, id: u64, host: Option<IpAddr>) {
        let Some(host) = host else { return };
        if let Some(cells) = self.by_device.get_mut(&host) {
            cells.retain(|cell| cell.id != id);
            if cells.is_empty() {
                self.by_device.remove(&host);
            }
        }
    }
}

fn takes_foreign_ssrc(spec: &SourceSpec) -> bool {
    spec.ssrc_policy == SsrcPolicy::FromPeerAddress && !spec.own_port
}
