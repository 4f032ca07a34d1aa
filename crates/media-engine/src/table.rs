//! The open sources and which packet belongs to which.
use crate::config::{EngineConfig, SourceSpec, SsrcPolicy, Transport};
use crate::error::EngineError;
use crate::event::EventQueue;
use crate::leftovers::Leftovers;
use crate::source::Source;
use std::collections::{HashMap, HashSet};
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
    /// Whether its sound may be heard.
    pub audio: bool,
    /// Viewers that the worker serves itself.
    pub viewers: AtomicUsize,
    /// Set while the worker has been told of new pictures and has not yet looked.
    pub dirty: AtomicBool,
    /// The engine met something unexpected in it: it takes no more.
    pub failed: AtomicBool,
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
    ports: HashSet<u16>,
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
        let cell = Arc::new(Cell {
            id,
            name: spec.name.clone(),
            worker: id as usize % workers,
            port,
            hub: Arc::clone(&hub),
            audio: spec.audio,
            viewers: AtomicUsize::new(0),
            dirty: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            source: Mutex::new(Source::new(id, spec.clone(), hub, config, now_ms)),
        });
        index.cells.insert(id, Arc::clone(&cell));
        index.by_name.insert(spec.name.clone(), Arc::clone(&cell));
        index.by_ssrc.insert(spec.ssrc, Arc::clone(&cell));
        if port != config.rtp_port {
            index.ports.insert(port);
        }
        index.note_device(&cell, &spec);
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
        index.forget_device(id, &source.spec);
        index.ports.remove(&cell.port);
        if let (Some(ssrc), Some(sender)) = (source.heard, source.sender) {
            let asked = ssrc == source.spec.ssrc;
            self.leftovers
                .note((id, &cell.name), (ssrc, asked), sender.ip(), now_ms);
        }
        drop(source);
        cell.hub.close();
        Some(cell)
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
        index.forget_device(id, &source.spec);
        source.spec.remote_host = Some(host);
        source.spec.remote_port = Some(port);
        index.note_device(&cell, &source.spec);
        drop(source);
        Ok(cell)
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

    pub fn port_taken(&self, port: u16) -> bool {
        self.index().ports.contains(&port)
    }

    /// The source of a packet on the shared port: by SSRC, else by sender where the source's policy allows it.
    pub fn find(&self, ssrc: u32, from: SocketAddr, tcp: bool) -> Option<Arc<Cell>> {
        let index = self.index();
        if let Some(cell) = index.by_ssrc.get(&ssrc) {
            return Some(Arc::clone(cell));
        }
        if self.leftovers.holds(ssrc) {
            return None;
        }
        let mut fitting = index.by_device.get(&from.ip())?.iter().filter_map(|cell| {
            let source = cell.source();
            let fits = (source.spec.transport != Transport::Udp) == tcp
                && source.sender.is_none_or(|sender| sender == from);
            fits.then(|| (cell, source.sender.is_some()))
        });
        let (found, latched) = fitting.next()?;
        // Two streams from one address with foreign SSRCs cannot be told apart: neither is guessed.
        (latched || fitting.next().is_none()).then(|| Arc::clone(found))
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
    fn note_device(&mut self, cell: &Arc<Cell>, spec: &SourceSpec) {
        if let Some(host) = spec.remote_host.filter(|_| takes_foreign_ssrc(spec)) {
            self.by_device
                .entry(host)
                .or_default()
                .push(Arc::clone(cell));
        }
    }

    fn forget_device(&mut self, id: u64, spec: &SourceSpec) {
        let Some(host) = spec.remote_host else { return };
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
