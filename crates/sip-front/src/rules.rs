//! What to do with a datagram, by the table that the node keeps here. No sockets: `now` is handed in.
use crate::answer::answer;
use crate::digest::{Credentials, Nonces};
use crate::head::{Head, find};
use crate::shapes::{FrontConfig, FrontCounters, Observed, Registration};
use crate::strangers::Strangers;
use hosts::Hosts;
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

mod hosts;

const REPLAY_S: u64 = 32;
const MAX_REPLAYS: usize = 50_000;
/// Octets of a plain heartbeat's body; what is longer carries something more, which the node looks at.
const MAX_HEARTBEAT: usize = 400;
/// Challenged exchanges shown to the node for its trace, between two looks of the node.
const MAX_OBSERVED: usize = 256;
/// A device registers now and then; its repetitions come twice a second.
const MAX_REGISTERS_A_S: u32 = 50;

/// What becomes of a datagram.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Send(Vec<u8>),
    Register(Registration),
    HandOn,
    Drop,
}

#[derive(Default)]
struct Device {
    password: String,
    bound: Option<Binding>,
    heard: bool,
    /// The node wants to see everything of this device itself.
    deferred: bool,
    /// The second it spoke last, and how often in it.
    spoke_s: u64,
    spoken: u32,
}

impl Device {
    /// Counts one request; whether they are more than so many in this second.
    fn is_hasty(&mut self, most: u32, now: Now) -> bool {
        if self.spoke_s != now.unix_s {
            (self.spoke_s, self.spoken) = (now.unix_s, 0);
        }
        self.spoken = self.spoken.saturating_add(1);
        self.spoken > most
    }
}

struct Binding {
    peer: SocketAddr,
    expires_at: u64,
}

struct Replay {
    /// None while the node has not answered.
    answer: Option<Vec<u8>>,
    token: u64,
    until_s: u64,
}

/// Branch, Call-ID and CSeq: some devices send no branch, or always the same one and number.
type Key = (SocketAddr, String, String, String);

pub(crate) struct Rules {
    config: FrontConfig,
    nonces: Nonces,
    devices: HashMap<String, Device>,
    hosts: Hosts,
    /// By address: registrations that wait for the node's word.
    pending_of: HashMap<IpAddr, usize>,
    strangers: Strangers,
    replays: HashMap<Key, Replay>,
    replay_order: VecDeque<(u64, Key)>,
    pending: HashMap<u64, (Key, Vec<u8>)>,
    heard: Vec<String>,
    observed: Vec<Observed>,
    next_token: u64,
    pub counters: FrontCounters,
}

/// Now, in the two clocks that are needed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// Milliseconds of the monotonic clock: the one by which the node makes nonces.
    pub monotonic_ms: u64,
    /// Seconds since 1970.
    pub unix_s: u64,
}

impl Rules {
    pub fn new(config: FrontConfig) -> Self {
        Self {
            nonces: Nonces::new(&config.nonce_key),
            hosts: Hosts::new(config.max_requests_per_device_per_s),
            strangers: Strangers::new(config.max_remembered_addresses),
            config,
            devices: HashMap::new(),
            pending_of: HashMap::new(),
            replays: HashMap::new(),
            replay_order: VecDeque::new(),
            pending: HashMap::new(),
            heard: Vec::new(),
            observed: Vec::new(),
            next_token: 1,
            counters: FrontCounters::default(),
        }
    }

    /// Rules on one datagram.
    pub fn judge(&mut self, datagram: &[u8], from: SocketAddr, now: Now) -> Verdict {
        self.counters.received += 1;
        let Some(head) = Head::parse(datagram) else {
            return self.hand_on(from, now);
        };
        match (head.method, head.sender()) {
            ("MESSAGE", Some(code)) => self.heartbeat(&head, code, from, now),
            ("REGISTER", Some(code)) => self.register(&head, code, datagram, from, now),
            _ => self.hand_on(from, now),
        }
    }

    fn hand_on(&mut self, from: SocketAddr, now: Now) -> Verdict {
        match self.hosts.may_speak(from.ip(), now.monotonic_ms) {
            Some(true) => {}
            Some(false) => return self.too_hasty(),
            None if self.stranger_may_speak(from.ip(), now) => {}
            None => {
                self.counters.dropped += 1;
                return Verdict::Drop;
            }
        }
        self.counters.handed_on += 1;
        Verdict::HandOn
    }

    fn too_hasty(&mut self) -> Verdict {
        self.counters.dropped += 1;
        self.counters.over_rate += 1;
        Verdict::Drop
    }

    fn heartbeat(&mut self, head: &Head<'_>, code: &str, from: SocketAddr, now: Now) -> Verdict {
        let plain = head.body.len() <= MAX_HEARTBEAT
            && find(head.body, b"<CmdType>Keepalive</CmdType>").is_some()
            && find(head.body, b"<Status>OK</Status>").is_some()
            && find(head.body, b"<Info>").is_none()
            && names(head.body, code);
        let device = self
            .devices
            .get_mut(code)
            .filter(|device| plain && !device.deferred);
        let bound = device.filter(|device| {
            device
                .bound
                .as_ref()
                .is_some_and(|bound| bound.peer == from && now.unix_s < bound.expires_at)
        });
        let Some(device) = bound else {
            return self.hand_on(from, now);
        };
        if device.is_hasty(self.config.max_requests_per_device_per_s, now) {
            return self.too_hasty();
        }
        if !device.heard {
            device.heard = true;
            self.heard.push(code.to_owned());
        }
        self.counters.heartbeats += 1;
        Verdict::Send(answer(head, 200, from, "k", &[]))
    }

    fn register(
        &mut self,
        head: &Head<'_>,
        code: &str,
        datagram: &[u8],
        from: SocketAddr,
        now: Now,
    ) -> Verdict {
        // Only what comes from where the device is counts against it: anybody may name it.
        if let Some(device) = self.devices.get_mut(code)
            && let Some(bound) = &device.bound
            && bound.peer.ip() == from.ip()
            && device.is_hasty(MAX_REGISTERS_A_S, now)
        {
            return self.too_hasty();
        }
        let device = self.devices.get(code);
        let password = match device {
            Some(device) if device.deferred => return self.hand_on(from, now),
            Some(device) if !device.password.is_empty() => &device.password,
            None if !self.config.admit_unknown => return self.hand_on(from, now),
            _ => &self.config.default_password,
        };
        if !self.config.challenge || password.is_empty() {
            return self.hand_on(from, now);
        }
        let (host, now_s) = (from.ip().to_string(), now.monotonic_ms / 1000);
        let Some(authorization) = head.get("authorization") else {
            let known = device
                .and_then(|device| device.bound.as_ref())
                .is_some_and(|bound| bound.peer.ip() == from.ip());
            if !known && !self.stranger_may_speak(from.ip(), now) {
                self.counters.dropped += 1;
                return Verdict::Drop;
            }
            return self.challenge(head, code, &host, from, now_s, datagram, false);
        };
        let believed = Credentials::parse(authorization)
            .filter(|found| found.username == code && found.verify(password, "REGISTER"));
        let Some(credentials) = believed else {
            return self.hand_on(from, now); // wrong passwords are counted by the node
        };
        if !self.nonces.accepts(credentials.nonce, code, &host, now_s) {
            return self.challenge(head, code, &host, from, now_s, datagram, true);
        }
        self.authenticated(head, code, from, now_s, datagram)
    }

    #[allow(clippy::too_many_arguments)] // one step of `register`, cut out to be read
    fn challenge(
        &mut self,
        head: &Head<'_>,
        code: &str,
        host: &str,
        from: SocketAddr,
        now_s: u64,
        datagram: &[u8],
        stale: bool,
    ) -> Verdict {
        let nonce = self.nonces.make(code, host, now_s);
        let stale = if stale { ",stale=true" } else { "" };
        let challenge = format!(
            "Digest realm=\"{}\",nonce=\"{nonce}\",algorithm=MD5{stale}",
            self.config.realm
        );
        let mut extra = vec![("WWW-Authenticate".to_owned(), challenge)];
        if head.get("x-gb-ver").is_some() {
            extra.push(("X-GB-Ver".to_owned(), "3.0".to_owned()));
        }
        self.counters.challenged += 1;
        let octets = answer(
            head,
            401,
            from,
            &format!("{:08x}", self.counters.received as u32),
            &extra,
        );
        if self.observed.len() + 2 <= MAX_OBSERVED {
            for (out, octets) in [(false, datagram.to_vec()), (true, octets.clone())] {
                self.observed.push(Observed {
                    code: code.to_owned(),
                    out,
                    peer: from,
                    octets,
                });
            }
        }
        Verdict::Send(octets)
    }

    fn authenticated(
        &mut self,
        head: &Head<'_>,
        code: &str,
        from: SocketAddr,
        now_s: u64,
        datagram: &[u8],
    ) -> Verdict {
        let text = |name| head.get(name).unwrap_or_default().to_owned();
        let key = (
            from,
            head.branch().to_owned(),
            text("call-id"),
            text("cseq"),
        );
        self.expire_replays(now_s);
        if let Some(replay) = self.replays.get(&key) {
            self.counters.replayed += 1;
            return replay.answer.clone().map_or(Verdict::Drop, Verdict::Send);
        }
        // One address has half of it where three quarters are taken.
        let (waiting, most) = (self.pending.len(), self.config.max_pending);
        let own = self.pending_of.get(&from.ip()).copied().unwrap_or(0);
        if waiting >= most || (4 * waiting >= 3 * most && 2 * own >= most) {
            self.counters.dropped += 1;
            self.counters.over_queue += 1;
            return Verdict::Drop;
        }
        let token = self.next_token;
        self.next_token += 1;
        let until_s = now_s + REPLAY_S;
        self.replays.insert(
            key.clone(),
            Replay {
                answer: None,
                token,
                until_s,
            },
        );
        self.replay_order.push_back((until_s, key.clone()));
        self.pending.insert(token, (key, datagram.to_vec()));
        *self.pending_of.entry(from.ip()).or_default() += 1;
        self.counters.registrations += 1;
        Verdict::Register(Registration {
            token,
            code: code.to_owned(),
            from,
            call_id: text("call-id"),
            contact: text("contact"),
            expires_s: head.expires(),
            version: text("x-gb-ver"),
            user_agent: text("user-agent"),
            octets: datagram.to_vec(),
        })
    }

    fn expire_replays(&mut self, now_s: u64) {
        while let Some((until_s, _)) = self.replay_order.front() {
            if *until_s > now_s && self.replay_order.len() <= MAX_REPLAYS {
                return;
            }
            if let Some((until_s, key)) = self.replay_order.pop_front()
                && self
                    .replays
                    .get(&key)
                    .is_some_and(|replay| replay.until_s == until_s)
                && let Some(replay) = self.replays.remove(&key)
            {
                self.take_pending(replay.token);
            }
        }
    }

    /// The node's word on a registration: the octets to send, and to whom. None when it came too late.
    pub fn answer(
        &mut self,
        token: u64,
        status: u16,
        extra: &[(String, String)],
    ) -> Option<(SocketAddr, Vec<u8>)> {
        let (key, request) = self.take_pending(token)?;
        let head = Head::parse(&request)?;
        let octets = answer(&head, status, key.0, &format!("{token:08x}"), extra);
        if let Some(replay) = self.replays.get_mut(&key) {
            replay.answer = Some(octets.clone());
        }
        Some((key.0, octets))
    }

    /// The node could not keep it: sent again, it shall be taken as new.
    pub fn forget(&mut self, token: u64) {
        if let Some((key, _)) = self.take_pending(token) {
            self.replays.remove(&key);
        }
    }

    fn take_pending(&mut self, token: u64) -> Option<(Key, Vec<u8>)> {
        let (key, request) = self.pending.remove(&token)?;
        if let Some(own) = self.pending_of.get_mut(&key.0.ip()) {
            *own -= 1;
            if *own == 0 {
                self.pending_of.remove(&key.0.ip());
            }
        }
        Some((key, request))
    }

    fn stranger_may_speak(&mut self, host: IpAddr, now: Now) -> bool {
        let rate = f64::from(self.config.max_requests_per_address_per_s);
        let may = self.strangers.may_speak(host, rate, now.monotonic_ms);
        self.counters.overflows = self.strangers.overflows;
        may
    }

    // ── the node's table ─────────────────────────────────────────────

    pub fn know(&mut self, code: &str, password: &str) {
        let device = self.devices.entry(code.to_owned()).or_default();
        password.clone_into(&mut device.password);
    }

    pub fn defer(&mut self, code: &str, deferred: bool) {
        // Anybody may make up codes: only of those that the node knows there is an entry.
        if let Some(device) = self.devices.get_mut(code) {
            device.deferred = deferred;
        }
    }

    pub fn bind(&mut self, code: &str, peer: SocketAddr, expires_at: u64) {
        self.unbind(code);
        let device = self.devices.entry(code.to_owned()).or_default();
        device.bound = Some(Binding { peer, expires_at });
        self.hosts.enter(peer.ip());
    }

    pub fn unbind(&mut self, code: &str) {
        let Some(bound) = self
            .devices
            .get_mut(code)
            .and_then(|device| device.bound.take())
        else {
            return;
        };
        self.hosts.leave(bound.peer.ip());
    }

    pub fn remove(&mut self, code: &str) {
        self.unbind(code);
        self.devices.remove(code);
    }

    /// Codes heard since the last call.
    pub fn take_heard(&mut self) -> Vec<String> {
        let heard = std::mem::take(&mut self.heard);
        for code in &heard {
            if let Some(device) = self.devices.get_mut(code) {
                device.heard = false;
            }
        }
        heard
    }

    pub fn take_observed(&mut self) -> Vec<Observed> {
        std::mem::take(&mut self.observed)
    }
}

/// Whether a body tells of this device, or of none.
fn names(body: &[u8], code: &str) -> bool {
    const OPENING: &[u8] = b"<DeviceID>";
    find(body, OPENING).is_none_or(|at| {
        let after = body.get(at + OPENING.len()..).unwrap_or_default();
        after
            .strip_prefix(code.as_bytes())
            .is_some_and(|rest| rest.first() == Some(&b'<'))
    })
}

#[cfg(test)]
mod tests;
