//! What to do with a datagram, by the table that the node keeps here. No sockets: `now` is handed in.
use crate::answer::answer;
use crate::digest::{Credentials, Nonces};
use crate::head::{Head, find};
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

const REPLAY_S: u64 = 32;
const MAX_REPLAYS: usize = 50_000;
const MAX_BUCKETS: usize = 20_000;
/// Challenged exchanges shown to the node for its trace, between two looks of the node.
const MAX_OBSERVED: usize = 256;
/// Registrations that wait for the node's word.
const MAX_PENDING: usize = 20_000;

/// How the door behaves.
#[derive(Clone, Debug, Default)]
pub struct FrontConfig {
    pub realm: String,
    pub nonce_key: Vec<u8>,
    pub challenge: bool,
    /// For devices without a password of their own; empty: none.
    pub default_password: String,
    /// Unknown devices may register with the default password (else they go to the node as they came).
    pub admit_unknown: bool,
    pub max_requests_per_address_per_s: u32,
}

/// A REGISTER whose sender knows the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub token: u64,
    pub code: String,
    pub from: SocketAddr,
    pub call_id: String,
    pub contact: String,
    pub expires_s: Option<u32>,
    pub version: String,
    pub user_agent: String,
    pub octets: Vec<u8>,
}

/// A message for the node's trace. `out`: ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub code: String,
    pub out: bool,
    pub peer: SocketAddr,
    pub octets: Vec<u8>,
}

/// Totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrontCounters {
    pub received: u64,
    pub sent: u64,
    pub heartbeats: u64,
    pub challenged: u64,
    pub registrations: u64,
    pub replayed: u64,
    pub handed_on: u64,
    /// Strangers above their rate, and what the node was too slow for.
    pub dropped: u64,
}

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
}

struct Binding {
    peer: SocketAddr,
    expires_at: u64,
}

struct Bucket {
    tokens: f64,
    at_ms: u64,
}

struct Replay {
    /// None while the node has not answered.
    answer: Option<Vec<u8>>,
    token: u64,
    until_s: u64,
}

type Key = (SocketAddr, String, String);

pub(crate) struct Rules {
    config: FrontConfig,
    nonces: Nonces,
    devices: HashMap<String, Device>,
    /// Addresses with bound devices, and how many.
    hosts: HashMap<IpAddr, u32>,
    buckets: HashMap<IpAddr, Bucket>,
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
            config,
            devices: HashMap::new(),
            hosts: HashMap::new(),
            buckets: HashMap::new(),
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
        if !self.hosts.contains_key(&from.ip()) && !self.stranger_may_speak(from.ip(), now) {
            self.counters.dropped += 1;
            return Verdict::Drop;
        }
        self.counters.handed_on += 1;
        Verdict::HandOn
    }

    fn heartbeat(&mut self, head: &Head<'_>, code: &str, from: SocketAddr, now: Now) -> Verdict {
        let plain = find(head.body, b"<CmdType>Keepalive</CmdType>").is_some()
            && find(head.body, b"<Info>").is_none();
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
        let branch = if head.branch().is_empty() {
            text("call-id")
        } else {
            head.branch().to_owned()
        };
        let key = (from, branch, text("cseq"));
        self.expire_replays(now_s);
        if let Some(replay) = self.replays.get(&key) {
            self.counters.replayed += 1;
            return replay.answer.clone().map_or(Verdict::Drop, Verdict::Send);
        }
        if self.pending.len() >= MAX_PENDING {
            self.counters.dropped += 1;
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
                self.pending.remove(&replay.token);
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
        let (key, request) = self.pending.remove(&token)?;
        let head = Head::parse(&request)?;
        let octets = answer(&head, status, key.0, &format!("{token:08x}"), extra);
        if let Some(replay) = self.replays.get_mut(&key) {
            replay.answer = Some(octets.clone());
        }
        Some((key.0, octets))
    }

    /// The node could not keep it: sent again, it shall be taken as new.
    pub fn forget(&mut self, token: u64) {
        if let Some((key, _)) = self.pending.remove(&token) {
            self.replays.remove(&key);
        }
    }

    fn stranger_may_speak(&mut self, host: IpAddr, now: Now) -> bool {
        let rate = f64::from(self.config.max_requests_per_address_per_s);
        if self.buckets.len() >= MAX_BUCKETS && !self.buckets.contains_key(&host) {
            self.buckets.clear();
        }
        let bucket = self.buckets.entry(host).or_insert(Bucket {
            tokens: rate,
            at_ms: now.monotonic_ms,
        });
        let passed_s = now.monotonic_ms.saturating_sub(bucket.at_ms) as f64 / 1000.0;
        bucket.tokens = rate.min(bucket.tokens + passed_s * rate);
        bucket.at_ms = now.monotonic_ms;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }

    // ── the node's table ─────────────────────────────────────────────

    pub fn know(&mut self, code: &str, password: &str) {
        let device = self.devices.entry(code.to_owned()).or_default();
        password.clone_into(&mut device.password);
    }

    pub fn defer(&mut self, code: &str, deferred: bool) {
        self.devices.entry(code.to_owned()).or_default().deferred = deferred;
    }

    pub fn bind(&mut self, code: &str, peer: SocketAddr, expires_at: u64) {
        self.unbind(code);
        let device = self.devices.entry(code.to_owned()).or_default();
        device.bound = Some(Binding { peer, expires_at });
        *self.hosts.entry(peer.ip()).or_default() += 1;
    }

    pub fn unbind(&mut self, code: &str) {
        let Some(bound) = self
            .devices
            .get_mut(code)
            .and_then(|device| device.bound.take())
        else {
            return;
        };
        if let Some(count) = self.hosts.get_mut(&bound.peer.ip()) {
            *count -= 1;
            if *count == 0 {
                self.hosts.remove(&bound.peer.ip());
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::REGISTER;

    const CODE: &str = "52010200001320000001";
    const NOW: Now = Now {
        monotonic_ms: 5_000_000,
        unix_s: 1_800_000_000,
    };

    fn rules() -> Rules {
        let mut rules = Rules::new(FrontConfig {
            realm: "5201020000".into(),
            nonce_key: vec![1; 32],
            challenge: true,
            default_password: "secret".into(),
            admit_unknown: false,
            max_requests_per_address_per_s: 50,
        });
        rules.know(CODE, "");
        rules
    }

    fn peer() -> SocketAddr {
        "10.0.0.9:5060".parse().expect("an address")
    }

    fn with_credentials(challenge: &[u8], password: &str) -> String {
        let text = std::str::from_utf8(challenge).expect("text");
        let nonce = text
            .split("nonce=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a nonce");
        let hash = |text: String| {
            use md5::Digest as _;
            md5::Md5::digest(text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let ha1 = hash(format!("{CODE}:5201020000:{password}"));
        let ha2 = hash("REGISTER:sip:x".to_owned());
        let response = hash(format!("{ha1}:{nonce}:{ha2}"));
        REGISTER.replace(
            "Max-Forwards",
            &format!(
                "Authorization: Digest username=\"{CODE}\",realm=\"5201020000\",nonce=\"{nonce}\",uri=\"sip:x\",\
                 response=\"{response}\",algorithm=MD5\r\nMax-Forwards"
            ),
        )
    }

    fn challenged(rules: &mut Rules) -> Vec<u8> {
        match rules.judge(REGISTER.as_bytes(), peer(), NOW) {
            Verdict::Send(octets) => octets,
            other => panic!("expected a challenge, not {other:?}"),
        }
    }

    #[test]
    fn a_known_device_is_challenged_and_its_right_digest_goes_to_the_node_once() {
        let mut rules = rules();
        let challenge = challenged(&mut rules);
        let second = with_credentials(&challenge, "secret");
        let Verdict::Register(registration) = rules.judge(second.as_bytes(), peer(), NOW) else {
            panic!("expected a registration");
        };
        assert_eq!(
            (registration.code.as_str(), registration.expires_s),
            (CODE, Some(3600))
        );
        // Sent again before the node's word: nothing. After it: the same answer.
        assert_eq!(rules.judge(second.as_bytes(), peer(), NOW), Verdict::Drop);
        let (_, answer) = rules
            .answer(registration.token, 200, &[])
            .expect("it waits");
        assert_eq!(
            rules.judge(second.as_bytes(), peer(), NOW),
            Verdict::Send(answer)
        );
    }

    #[test]
    fn a_wrong_password_and_an_unknown_device_go_to_the_node() {
        let mut rules = rules();
        let challenge = challenged(&mut rules);
        let wrong = with_credentials(&challenge, "guess");
        assert_eq!(rules.judge(wrong.as_bytes(), peer(), NOW), Verdict::HandOn);
        let unknown = REGISTER.replace(CODE, "52010200001320000099");
        assert_eq!(
            rules.judge(unknown.as_bytes(), peer(), NOW),
            Verdict::HandOn
        );
    }

    #[test]
    fn what_was_not_kept_is_taken_as_new() {
        let mut rules = rules();
        let challenge = challenged(&mut rules);
        let second = with_credentials(&challenge, "secret");
        for _ in 0..2 {
            let Verdict::Register(registration) = rules.judge(second.as_bytes(), peer(), NOW)
            else {
                panic!("expected a registration");
            };
            rules.forget(registration.token);
        }
    }

    #[test]
    fn heartbeats_are_answered_for_bound_devices_at_their_address_only() {
        let heartbeat = format!(
            "MESSAGE sip:5@5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1\r\nFrom: <sip:{CODE}@5>;tag=1\r\n\
             To: <sip:5@5>\r\nCall-ID: 1\r\nCSeq: 20 MESSAGE\r\nContent-Type: Application/MANSCDP+xml\r\n\r\n\
             <?xml version=\"1.0\"?><Notify><CmdType>Keepalive</CmdType><SN>1</SN></Notify>"
        );
        let mut rules = rules();
        assert_eq!(
            rules.judge(heartbeat.as_bytes(), peer(), NOW),
            Verdict::HandOn
        );
        rules.bind(CODE, peer(), NOW.unix_s + 60);
        assert!(matches!(
            rules.judge(heartbeat.as_bytes(), peer(), NOW),
            Verdict::Send(_)
        ));
        assert!(matches!(
            rules.judge(heartbeat.as_bytes(), peer(), NOW),
            Verdict::Send(_)
        ));
        assert_eq!(rules.take_heard(), [CODE]);
        let other = "10.0.0.9:6060".parse().expect("an address");
        assert_eq!(
            rules.judge(heartbeat.as_bytes(), other, NOW),
            Verdict::HandOn
        );
        let later = Now {
            unix_s: NOW.unix_s + 61,
            ..NOW
        };
        assert_eq!(
            rules.judge(heartbeat.as_bytes(), peer(), later),
            Verdict::HandOn
        );
    }

    #[test]
    fn a_stranger_gets_its_rate_and_bound_hosts_are_not_disturbed() {
        let mut rules = rules();
        let flood = (0..1_000)
            .filter(|_| rules.judge(b"INVITE x SIP/2.0\r\n\r\n", peer(), NOW) == Verdict::HandOn)
            .count();
        assert_eq!(flood, 50);
        rules.bind(
            CODE,
            "10.0.0.7:5060".parse().expect("an address"),
            NOW.unix_s + 60,
        );
        let known = "10.0.0.7:5061".parse().expect("an address");
        assert_eq!(
            rules.judge(b"SIP/2.0 200 OK\r\n\r\n", known, NOW),
            Verdict::HandOn
        );
    }
}
