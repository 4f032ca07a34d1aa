//! A clip over a real socket: what is told of it is what came, to its end, when it is cut, and when its taker goes away.
#[path = "../../recording/tests/support/mod.rs"]
mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use media_engine::{AtInstant, Engine, EngineConfig, Event, EventKind};
use recording::{Tap, hollow, note_of};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream, UdpSocket};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stream_hub::Hub;
use support::{Bench, Camera, config as kept_in, files, name, until};

const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const KEY: [u8; 32] = [7; 32];
const GROUP: u64 = 10;
/// Of a megabyte each: more than sockets hold.
const GROUPS: u64 = 40;
const PART: usize = 1 << 20;

struct Clips {
    engine: Engine,
    /// `<camera>/<stream>/<from>-<to>`
    what: String,
    began_us: i64,
}

impl Clips {
    /// Recorded footage, and an engine over it.
    fn new(root: &Path) -> Self {
        Self::of(root, Camera::new(GROUP, 100_000), |bench, camera, tap| {
            for _ in 0..GROUPS {
                camera.send_all(tap, GROUP);
                bench.settle();
            }
        })
    }

    /// What a camera sends, and an engine over it.
    fn of(root: &Path, mut camera: Camera, send: impl Fn(&Bench, &mut Camera, &mut Tap)) -> Self {
        let bench = Bench::on_system_disk(root, 1);
        let mut tap = bench.recorder.tap(&name(0), &camera.hub, camera.now);
        send(&bench, &mut camera, &mut tap);
        tap.finish(camera.now);
        bench.found_until(&name(0), camera.now.wall_us - 2 * support::PICTURE_US);
        drop(bench);
        let engine = started(root);
        let what = format!(
            "{}/{}-{}",
            name(0).as_str(),
            camera.began_us,
            camera.now.wall_us
        );
        Self {
            engine,
            what,
            began_us: camera.began_us,
        }
    }

    /// A connection behind the head of its answer, and that head. `more`: lines of the request.
    fn opened(&self, name: &str, session: &str, more: &str) -> (TcpStream, Vec<u8>) {
        self.opened_at(name, name, session, more)
    }

    /// As [`Self::opened`], where the path is not the name that the ticket opens.
    fn opened_at(&self, path: &str, name: &str, session: &str, more: &str) -> (TcpStream, Vec<u8>) {
        let port = self.engine.loopback_port().expect("a port");
        let mut line = TcpStream::connect((HOST, port)).expect("a connection");
        line.set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a limit");
        let ticket = ticket(name, session);
        write!(
            line,
            "GET /{path}?ticket={ticket} HTTP/1.1\r\nHost: a\r\n{more}\r\n"
        )
        .expect("taken");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut one = [0];
            line.read_exact(&mut one).expect("an answer");
            head.push(one[0]);
        }
        (line, head)
    }

    /// The connection, behind the head of an answer that hands it over.
    fn asked(&self, session: &str) -> TcpStream {
        self.engine
            .promise_clip(session, "a.mp4", "东门", "U2026-7")
            .expect("room");
        let name = format!("clip/{}", self.what);
        let (line, head) = self.opened(&name, session, "Connection: close\r\n");
        assert!(
            head.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&head)
        );
        line
    }

    fn told(&self, session: &str) -> Event {
        let mut found = None;
        until("what was handed over is told", || {
            let mut told = self.engine.take_events(1_000).into_iter();
            let ours = |one: &Event| one.kind == EventKind::FootageTaken && one.session == session;
            found = found.take().or(told.rfind(ours));
            found.is_some()
        });
        found.expect("it was found")
    }

    /// All footage as one segment of a list: the connection, behind the head of its answer.
    fn segment(&self, session: &str) -> TcpStream {
        let name = format!("playback/{}", self.what);
        let (_, period) = self.what.rsplit_once('/').expect("a period");
        let path = format!("hls/{name}/seg/{period}.m4s");
        let (line, head) = self.opened_at(&path, &name, session, "Connection: close\r\n");
        assert!(
            head.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&head)
        );
        line
    }

    /// What was told as shown to a player that left.
    fn shown(&self, session: &str) -> Vec<Event> {
        let mut found = Vec::new();
        until("the player has left", || {
            let told = self.engine.take_events(1_000).into_iter();
            found.extend(told.filter(|one| one.session == session));
            found.iter().any(|one| one.kind == EventKind::PlayerLeft)
        });
        found.retain(|one| one.kind == EventKind::FootageShown);
        found
    }

    /// All of it, as whoever takes it to its end has it.
    fn whole(&self, session: &str) -> Vec<u8> {
        let mut chunked = Vec::new();
        self.asked(session)
            .read_to_end(&mut chunked)
            .expect("to its end");
        let (body, whole) = unchunked(&chunked);
        assert!(whole, "its end is told");
        body
    }
}

/// An engine over what was recorded.
fn started(root: &Path) -> Engine {
    let probe = UdpSocket::bind((HOST, 0)).expect("a port");
    let free = probe.local_addr().expect("its number").port();
    drop(probe);
    let engine = Engine::new(config(free)).expect("an engine");
    engine.start().expect("its ports");
    engine.keep_footage(kept_in(root, 1)).expect("footage");
    engine
}

/// What is asked of a player's socket, and the text of each answer; its pictures are passed over.
fn played(clips: &Clips, session: &str, asks: &[String]) -> Vec<String> {
    let name = format!("playback/{}", clips.what);
    let (mut line, _) = clips.opened(
        &name,
        session,
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    );
    let mut answers = Vec::new();
    for ask in asks {
        let mut frame = vec![0x81, 0x80 | ask.len() as u8, 0, 0, 0, 0]; // a mask of zeros leaves it as it is
        frame.extend_from_slice(ask.as_bytes());
        line.write_all(&frame).expect("taken");
        let text = std::iter::repeat_with(|| message(&mut line)).find(|one| one.0 == 1);
        answers.push(String::from_utf8(text.expect("an answer").1).expect("text"));
    }
    answers
}

/// Its opcode and its octets. RFC 6455 5.2.
fn message(line: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 2];
    line.read_exact(&mut head).expect("an answer");
    let mut length = [0; 8];
    let octets = match head[1] {
        126 => 2,
        127 => 8,
        short => {
            length[7] = short;
            0
        }
    };
    line.read_exact(&mut length[8 - octets..])
        .expect("its length");
    let mut body = vec![0; u64::from_be_bytes(length) as usize];
    line.read_exact(&mut body).expect("all of it");
    (head[0] & 0x0F, body)
}

/// The fragments of an answer: seconds after the beginning of all footage.
fn fragments(clips: &Clips, answer: &str) -> Vec<(i64, i64)> {
    let seconds = |piece: &str, key: &str| {
        let rest = piece.split(key).nth(1).expect("it is there");
        let digits = rest.split([',', '}']).next().expect("digits");
        let at_us: i64 = digits.parse().expect("a number");
        (at_us - clips.began_us + 500_000).div_euclid(1_000_000)
    };
    let pieces = answer.split(r#"{"kind":"#);
    let pieces = pieces.filter(|piece| piece.starts_with(r#""fragment""#));
    pieces
        .map(|piece| {
            (
                seconds(piece, r#""from_us":"#),
                seconds(piece, r#""to_us":"#),
            )
        })
        .collect()
}

/// The octets of a chunked body, and whether its end came. RFC 9112 7.1.
fn unchunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..line]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        if size == 0 {
            return (body, true);
        }
        rest = &rest[line + 2..];
        body.extend_from_slice(&rest[..size.min(rest.len())]);
        rest = rest.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}

fn hash(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("a String takes everything");
    }
    text
}

fn ticket(name: &str, session: &str) -> String {
    let expires = recording::now().wall_us / 1_000_000 + 3_600;
    let payload = URL_SAFE_NO_PAD.encode(format!("{name}|{session}|{expires}|"));
    let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).expect("a key");
    mac.update(payload.as_bytes());
    format!(
        "{payload}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}

fn config(rtp_port: u16) -> EngineConfig {
    EngineConfig {
        rtp_host: HOST,
        rtp_port,
        rtcp_port: 0,
        rtp_port_first: 0,
        rtp_port_last: 0,
        http_host: HOST,
        http_port: 0,
        webrtc_port: 0,
        webrtc_addresses: vec![HOST],
        ticket_key: KEY.to_vec(),
        audit_office: String::new(),
        grace_ms: 60_000,
        silence_ms: 60_000,
        first_packet_ms: 60_000,
        max_sources: 10,
        max_readers: 10,
        max_readers_per_address: 10,
        max_readers_per_session: 8,
        ticket_life_s: 3_600,
        max_frame_bytes: 1 << 20,
        max_waiting_per_address: 10,
        max_waiting: 10,
        max_connections_per_address: 10,
        max_connections: 10,
        max_handshakes_per_address: 10,
        max_handshakes: 10,
        workers: 1,
    }
}

#[test]
fn what_is_told_of_a_clip_is_what_came_however_it_ends() {
    let root = tempfile::tempdir().expect("a folder");
    let clips = Clips::new(root.path());
    let whole = clips.whole("s1");
    let told = clips.told("s1");
    assert_eq!(
        (told.reason.as_str(), told.bytes, told.pictures),
        ("whole", whole.len() as u64, GROUP * GROUPS)
    );
    assert_eq!(told.sha256, hash(&whole));

    // Cut in the midst: what was on its way has come, the end is not told, and nothing more is read.
    let mut line = clips.asked("s2");
    let mut part = vec![0; PART];
    line.read_exact(&mut part).expect("its beginning");
    clips.engine.revoke_session("s2");
    let cut_short = line.read_to_end(&mut part).is_err() || !unchunked(&part).1;
    let (came, _) = unchunked(&part);
    let told = clips.told("s2");
    assert!(cut_short && told.reason == "revoked", "{told:?}");
    assert_eq!(came, whole[..came.len()], "it is the same file");
    assert!(
        came.len() as u64 <= told.bytes && told.bytes < whole.len() as u64,
        "{} of {}: {told:?}",
        came.len(),
        whole.len()
    );
    assert_eq!(told.sha256, hash(&whole[..told.bytes as usize]));

    // A right that ends does not wait for a taker who takes nothing, nor for what was read ahead for them.
    let mut line = clips.asked("s4");
    line.read_exact(&mut part[..PART]).expect("its beginning");
    let began = std::time::Instant::now();
    clips.engine.revoke_session("s4");
    let told = clips.told("s4");
    assert!(
        told.reason == "revoked" && began.elapsed() < Duration::from_secs(5),
        "{told:?}"
    );
    assert_eq!(told.sha256, hash(&whole[..told.bytes as usize]));
    drop(line);

    // Whoever goes away has at most what is told.
    let mut line = clips.asked("s3");
    line.read_exact(&mut part[..PART]).expect("its beginning");
    drop(line);
    let told = clips.told("s3");
    assert_eq!(told.reason, "left");
    assert!(told.bytes >= PART as u64 / 2 && told.bytes < whole.len() as u64);
    assert_eq!(told.sha256, hash(&whole[..told.bytes as usize]));
    clips.engine.stop();
}

#[test]
fn of_a_listed_segment_that_is_cut_half_way_is_told_what_was_given() {
    let root = tempfile::tempdir().expect("a folder");
    let clips = Clips::new(root.path());
    let mut chunked = Vec::new();
    let mut line = clips.segment("s1");
    line.read_to_end(&mut chunked).expect("to its end");
    let (whole, ended) = unchunked(&chunked);
    assert!(ended && groups(&whole) == GROUPS, "{} octets", whole.len());
    clips.engine.revoke_session("s1");
    let all = clips.shown("s1");
    let pictures: u64 = all.iter().map(|one| one.pictures).sum();
    assert_eq!((all.len(), pictures), (1, GROUP * GROUPS), "{all:?}");

    // The end of the right, while its taker takes nothing more; then a taker who goes away.
    for session in ["s2", "s3"] {
        let mut line = clips.segment(session);
        let mut part = vec![0; 3 * PART];
        line.read_exact(&mut part).expect("its beginning");
        if session == "s2" {
            clips.engine.revoke_session(session);
            let mut rest = Vec::new();
            let cut_short = line.read_to_end(&mut rest).is_err();
            part.extend(rest);
            assert!(cut_short || !unchunked(&part).1, "no part for the whole");
        }
        drop(line);
        let (came, _) = unchunked(&part);
        assert_eq!(came, whole[..came.len()], "it is the same segment");
        clips.engine.revoke_session(session);
        let told = clips.shown(session);
        let [told] = &told[..] else {
            panic!("one piece: {told:?}");
        };
        assert!(told.pictures < GROUP * GROUPS, "{told:?}");
        assert!(
            groups(&came) >= 2 && told.pictures >= GROUP * groups(&came),
            "{} groups came: {told:?}",
            groups(&came)
        );
        let first_us = all[0].from_us;
        let length_us = told.pictures as i64 * support::PICTURE_US;
        assert_eq!((told.from_us, told.to_us), (first_us, first_us + length_us));
    }
    clips.engine.stop();
}

/// Groups of pictures that are whole.
fn groups(mut boxes: &[u8]) -> u64 {
    let mut found = 0;
    while let Some(head) = boxes.first_chunk::<8>() {
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some(rest) = boxes.get(size..) else {
            break;
        };
        found += u64::from(head[4..] == *b"mdat");
        boxes = rest;
    }
    found
}

#[test]
fn a_long_group_of_pictures_is_sought_and_passed_as_one() {
    let root = tempfile::tempdir().expect("a folder");
    let clips = Clips::of(root.path(), Camera::new(25 * 30, 200), |_, camera, tap| {
        camera.send_all(tap, 25 * 60);
    });
    let at = |seconds: i64| clips.began_us + seconds * 1_000_000;
    let asks = [
        format!("1 all {} seek 1", at(25)),
        format!("2 keys {} seek 2", at(25)),
        format!("3 back {} seek 2", at(55)),
    ];
    let told = played(&clips, "s1", &asks);
    let sought = fragments(&clips, &told[0]);
    assert_eq!(sought.first().map(|one| one.0), Some(0), "{told:?}");
    assert!(sought.last().is_some_and(|one| one.1 > 25), "{sought:?}");
    assert_eq!(fragments(&clips, &told[1]), [(0, 30), (30, 60)]);
    assert_eq!(fragments(&clips, &told[2]), [(30, 60), (0, 30)]);

    // A right that begins in the midst of a group begins with the next key frame.
    let (camera, end) = clips.what.rsplit_once('-').expect("two times");
    let later = Clips {
        what: format!(
            "{}/{}-{end}",
            camera.rsplit_once('/').expect("its begin").0,
            at(15)
        ),
        ..clips
    };
    let told = played(&later, "s2", &[format!("1 all {} seek 1", at(16))]);
    assert_eq!(
        fragments(&later, &told[0]).first().map(|one| one.0),
        Some(30),
        "{told:?}"
    );
    later.engine.stop();
}

#[test]
fn a_clip_over_a_clock_that_was_set_back_has_one_time() {
    let root = tempfile::tempdir().expect("a folder");
    let clips = Clips::of(root.path(), Camera::new(25, 500), |_, camera, tap| {
        camera.send_all(tap, 50 * 20);
        camera.now.wall_us -= 30_700_000;
        camera.send_all(tap, 50 * 30);
    });
    let whole = clips.whole("s1");
    let times: Vec<u64> = whole
        .windows(4)
        .enumerate()
        .filter(|(_, four)| four == b"tfdt")
        .map(|(at, _)| u64::from_be_bytes(whole[at + 8..at + 16].try_into().expect("eight")))
        .collect();
    assert!(times.len() > 60 && times.is_sorted(), "{times:?}");
    let told = clips.told("s1").clip.expect("facts");
    assert!(told.clock_set && told.overlaps, "{told:?}");
    assert!(
        told.missing_us < 1_000_000,
        "the rest of a group of pictures: {told:?}"
    );
    clips.engine.stop();
}

#[test]
fn a_peek_shows_what_is_played_of_a_moment_that_was_recorded_twice() {
    let root = tempfile::tempdir().expect("a folder");
    let clips = Clips::of(root.path(), Camera::new(25, 500), |_, camera, tap| {
        camera.send_all(tap, 25 * 40);
        camera.now.wall_us -= 30_700_000;
        camera.send_all(tap, 25 * 60);
    });
    let asks: Vec<String> = (8..44)
        .flat_map(|second| {
            let at_us = clips.began_us + second * 1_000_000 + 350_000;
            ["peek", "all"].map(|way| format!("{second} {way} {at_us} seek 1"))
        })
        .collect();
    let begins = |answer: &str| {
        let fragment = answer.split(r#""kind":"fragment","from_us":"#).nth(1)?;
        fragment.split(',').next()?.parse::<i64>().ok()
    };
    let answers = played(&clips, "s1", &asks);
    let shown: Vec<_> = answers.iter().map(|one| begins(one)).collect();
    for (pair, second) in shown.chunks(2).zip(8..) {
        let [peeked, played] = pair else {
            panic!("two asks a second")
        };
        let begun_us = played.expect("there is footage of each of these") - clips.began_us;
        let apart_ms = begun_us / 1_000 - second * 1_000;
        if apart_ms <= 350 {
            assert_eq!(peeked, played, "at {second} s");
        } else {
            // The first recording ends at 40 s, and a part of a group of the second one is left out there.
            assert!((39..41).contains(&second), "{second} s: {apart_ms} ms");
        }
    }
    clips.engine.stop();
}

#[test]
fn a_moment_between_two_fragments_of_one_stretch_is_that_of_the_next_one() {
    let root = tempfile::tempdir().expect("a folder");
    let clips = Clips::of(root.path(), Camera::new(25, 500), |bench, camera, tap| {
        for pause_us in [300_000, 5_000_000, 0] {
            camera.send_all(tap, 100);
            tap.finish(camera.now);
            camera.hub = Arc::new(Hub::expecting_sound());
            camera.now.wall_us += pause_us;
            camera.now.steady_us += pause_us;
            *tap = bench.recorder.tap(&name(0), &camera.hub, camera.now);
        }
    });
    let at = |ms: i64| {
        let found = clips
            .engine
            .footage_at(name(0).as_str(), clips.began_us + ms * 1_000);
        found.expect("an index")
    };
    for (ms, is_there) in [(2_000, true), (4_150, true), (9_000, false), (14_000, true)] {
        assert_eq!(matches!(at(ms), AtInstant::Shown(_)), is_there, "{ms} ms");
    }
    assert_eq!(at(9_000), AtInstant::Nothing);
    clips.engine.stop();
}

#[test]
fn whoever_looks_at_one_moment_brings_back_no_more_than_that() {
    let root = tempfile::tempdir().expect("a folder");
    let clips = Clips::new(root.path());
    clips.engine.stop();
    let [file] = files(root.path()).try_into().expect("one file");
    let content = fs::read(&file).expect("it is there");
    fs::write(note_of(&file), b"elsewhere").expect("a note");
    hollow(&file).expect("holes");
    let clips = Clips {
        engine: started(root.path()),
        ..clips
    };
    let asked: Arc<Mutex<Vec<u64>>> = Arc::default();
    let noted = Arc::clone(&asked);
    clips.engine.fetch_footage_by(Arc::new(move |path, range| {
        noted
            .lock()
            .expect("no panic")
            .push(range.end - range.start);
        let file = fs::File::options().write(true).open(path)?;
        file.write_all_at(
            &content[range.start as usize..range.end as usize],
            range.start,
        )
    }));
    let at_us = clips.began_us + 2_000_000;
    let found = clips.engine.footage_at(name(0).as_str(), at_us);
    assert!(matches!(found.expect("an index"), AtInstant::Shown(_)));
    let told = played(
        &clips,
        "s1",
        &[format!("1 peek {} seek 1", at_us + 5_000_000)],
    );
    assert_eq!(fragments(&clips, &told[0]).len(), 1, "{told:?}");
    let asked = asked.lock().expect("no panic").clone();
    assert_eq!(asked.len(), 2);
    assert!(
        asked.iter().all(|&bytes| bytes < 3 * PART as u64 / 2),
        "{asked:?}"
    );
    clips.engine.stop();
}
