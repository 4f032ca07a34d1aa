//! What panics in the engine is told, ends what it had, and the others go on.
use crate::config::{Deviations, EngineConfig, Payload, SourceSpec, SsrcPolicy, Transport};
use crate::engine::Engine;
use crate::event::{Event, EventKind};
use crate::keeper::keep_task;
use crate::shared::Shared;
use crate::worker::Ask;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn free_port() -> u16 {
    let socket = UdpSocket::bind((HOST, 0)).expect("a port");
    socket.local_addr().expect("its number").port()
}

fn config(workers: usize) -> EngineConfig {
    EngineConfig {
        rtp_host: HOST,
        rtp_port: free_port(),
        rtcp_port: 0,
        rtp_port_first: 0,
        rtp_port_last: 0,
        http_host: HOST,
        http_port: 0,
        webrtc_port: 0,
        webrtc_addresses: vec![HOST],
        ticket_key: vec![7; 32],
        audit_office: String::new(),
        grace_ms: 60_000,
        silence_ms: 60_000,
        first_packet_ms: 60_000,
        max_sources: 100,
        max_readers: 100,
        max_readers_per_address: 100,
        max_readers_per_session: 8,
        ticket_life_s: 3_600,
        max_frame_bytes: 1 << 20,
        max_waiting_per_address: 100,
        max_waiting: 100,
        max_connections_per_address: 100,
        max_connections: 100,
        max_handshakes_per_address: 100,
        max_handshakes: 100,
        workers,
    }
}

fn spec(name: &str, ssrc: u32) -> SourceSpec {
    SourceSpec {
        name: name.into(),
        ssrc,
        transport: Transport::Udp,
        own_port: false,
        remote_host: Some(HOST),
        remote_port: None,
        ssrc_policy: SsrcPolicy::Strict,
        payload: Payload::Detect,
        audio: false,
        bytes_a_second: 0,
        deviations: Deviations::default(),
    }
}

fn until<Out>(what: &str, mut look: impl FnMut() -> Option<Out>) -> Out {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn packet(ssrc: u32, sequence: u16, end: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0; 32]);
    packet.extend(end);
    packet
}

struct Bench {
    engine: Engine,
    shared: Arc<Shared>,
    events: Vec<Event>,
    sequence: u16,
    camera: UdpSocket,
    to: SocketAddr,
}

impl Bench {
    fn new(workers: usize) -> Self {
        let config = config(workers);
        let to = SocketAddr::new(HOST, config.rtp_port);
        let engine = Engine::new(config).expect("an engine");
        engine.start().expect("free ports");
        Self {
            shared: engine.shared_for_tests(),
            engine,
            events: Vec::new(),
            sequence: 0,
            camera: UdpSocket::bind((HOST, 0)).expect("a socket"),
            to,
        }
    }

    fn send(&mut self, ssrc: u32, end: &[u8]) {
        self.sequence += 1;
        let packet = packet(ssrc, self.sequence, end);
        self.camera.send_to(&packet, self.to).expect("it is sent");
    }

    /// Sends until the source has counted one more.
    fn takes(&mut self, id: u64, ssrc: u32) {
        let count = |engine: &Engine| engine.source_counters(id).map_or(0, |found| found.packets);
        let before = count(&self.engine);
        until("its packets are counted", || {
            self.send(ssrc, b"");
            (count(&self.engine) > before).then_some(())
        });
    }

    fn failed(&mut self, count: usize) -> Vec<u64> {
        until("the failures are told", || {
            self.events.extend(self.engine.take_events(1_000));
            let failed = |event: &&Event| event.kind == EventKind::EngineFailed;
            let found: Vec<u64> = self
                .events
                .iter()
                .filter(failed)
                .map(|one| one.source)
                .collect();
            (found.len() >= count).then_some(found)
        })
    }
}

#[test]
fn a_panic_over_one_stream_ends_that_stream_alone() {
    let mut bench = Bench::new(1);
    let good = bench
        .engine
        .open_source(spec("good", 1))
        .expect("a source")
        .id;
    let bad = bench
        .engine
        .open_source(spec("bad", 2))
        .expect("a source")
        .id;
    bench.takes(good, 1);
    bench.takes(bad, 2);
    bench.send(2, b"planted");
    assert_eq!(bench.failed(1), [bad]);
    bench.send(2, b"planted"); // it takes no more, and fails no more
    bench.takes(good, 1);
    let counters = bench.engine.counters();
    assert_eq!((counters.failures, counters.pausing), (1, 0));
    bench.engine.close_source(bad);
    let again = bench
        .engine
        .open_source(spec("bad", 2))
        .expect("the name is free")
        .id;
    bench.takes(again, 2);
    assert_eq!(bench.failed(1), [bad], "nobody else failed");
}

#[test]
fn a_worker_that_panics_ends_its_streams_and_begins_anew() {
    let mut bench = Bench::new(2);
    let sources: Vec<(u64, u32)> = (1..=4)
        .map(|ssrc| {
            let opened = bench
                .engine
                .open_source(spec(&format!("source {ssrc}"), ssrc));
            (opened.expect("a source").id, ssrc)
        })
        .collect();
    for &(id, ssrc) in &sources {
        bench.takes(id, ssrc);
    }
    bench.shared.mailbox(0).expect("a worker").ask(Ask::Panic);
    let mut failed = bench.failed(2);
    failed.sort_unstable();
    let (lost, kept): (Vec<_>, Vec<_>) = sources.iter().partition(|(id, _)| id % 2 == 0);
    assert_eq!(failed, lost.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    for &(id, ssrc) in &kept {
        bench.takes(id, ssrc);
    }
    assert_eq!(bench.engine.counters().failures, 1);
    for &(id, ssrc) in &lost {
        bench.engine.close_source(id);
        let again = bench
            .engine
            .open_source(spec(&format!("source {ssrc}"), ssrc));
        bench.takes(again.expect("a source").id, ssrc);
    }
    until("it has begun anew", || {
        (bench.engine.counters().pausing == 0).then_some(())
    });
    bench.shared.mailbox(0).expect("a worker").ask(Ask::Panic); // so it hears what is asked of it again
    until("it fails again", || {
        (bench.engine.counters().failures == 2).then_some(())
    });
    bench.engine.stop(); // and the end does not wait for its pause
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_begins_anew() {
    let shared = Shared::new(config(1)).expect("what threads share");
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    keep_task("of a test", Arc::clone(&shared), move || {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        Ok(async move {
            assert!(number >= 2, "planted");
            Ok(())
        })
    })
    .await;
    assert_eq!(tries.load(Ordering::Relaxed), 3);
    assert_eq!(shared.failures.load(Ordering::Relaxed), 2);
    assert_eq!(shared.pausing.load(Ordering::Relaxed), 0);
}
