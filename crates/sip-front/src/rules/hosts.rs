//! How much the addresses of registered devices may ask of the node. No clock: `now_ms` is handed in.
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;

/// An address with devices may be so many seconds' requests ahead: a catalogue of 100,000 channels comes at once.
const AHEAD_S: f64 = 20.0;
/// Addresses without devices that are remembered.
const MAX_IDLE: usize = 20_000;

/// An address with bound devices, or that had some: what it may say does not begin anew with each registration.
struct Host {
    devices: u32,
    tokens: f64,
    at_ms: u64,
}

impl Host {
    /// `rate`: requests a second for each device there.
    fn may_speak(&mut self, rate: f64, now_ms: u64) -> bool {
        let rate = rate * f64::from(self.devices);
        let passed_s = now_ms.saturating_sub(self.at_ms) as f64 / 1000.0;
        self.tokens = (rate * AHEAD_S).min(self.tokens + passed_s * rate);
        self.at_ms = now_ms;
        let may = self.tokens >= 1.0;
        if may {
            self.tokens -= 1.0;
        }
        may
    }
}

/// By address.
pub(super) struct Hosts {
    rate: f64,
    known: HashMap<IpAddr, Host>,
    idle: usize,
}

impl Hosts {
    /// `rate`: requests a second for each device of an address.
    pub fn new(rate: u32) -> Self {
        Self {
            rate: f64::from(rate),
            known: HashMap::new(),
            idle: 0,
        }
    }

    /// Takes one request of this address; None: no device is bound there.
    pub fn may_speak(&mut self, from: IpAddr, now_ms: u64) -> Option<bool> {
        let host = self.known.get_mut(&from).filter(|host| host.devices > 0)?;
        Some(host.may_speak(self.rate, now_ms))
    }

    /// A device is bound there.
    pub fn enter(&mut self, at: IpAddr) {
        if self.idle > MAX_IDLE {
            self.known.retain(|_, host| host.devices > 0);
            self.idle = 0;
        }
        match self.known.entry(at) {
            Entry::Occupied(mut known) => {
                self.idle -= usize::from(known.get().devices == 0);
                known.get_mut().devices += 1;
            }
            Entry::Vacant(new) => {
                new.insert(Host {
                    devices: 1,
                    tokens: self.rate * AHEAD_S,
                    at_ms: 0,
                });
            }
        }
    }

    /// One is no longer.
    pub fn leave(&mut self, at: IpAddr) {
        if let Some(host) = self.known.get_mut(&at) {
            host.devices -= 1;
            self.idle += usize::from(host.devices == 0);
        }
    }
}
