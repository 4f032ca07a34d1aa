//! `send`: cameras. `to=host:port`, `streams=N`, `mode=udp|tcp`, `ports=file` (a port a line for own ports), `ssrc=first`,
//! `gso=1|0`, `sound=none|g711a|aac`, `ramp` (seconds over which they begin one after the other, as cameras are called),
//! `seconds` (with all of them). Streams are spread evenly over the 40 ms and over the two seconds between key pictures,
//! as independent cameras are; a frame leaves as one burst.
use crate::arguments::{Arguments, core_s, now_ns};
use crate::film::{FramePackets, Framing, GOP, PACKET, PICTURES_A_SECOND, group_bytes};
use crate::sound::Sound;
use socket2::{Domain, Socket, Type};
use std::collections::VecDeque;
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;
use udp_batch::{send_many, send_segments};

const FRAME_NS: u64 = 1_000_000_000 / PICTURES_A_SECOND;
/// A camera that is later than this has not kept its rate.
const LATE_NS: u64 = 100_000_000;
/// Behind a connection that takes nothing, this much (one second) waits at most.
const MAX_LEFT: usize = 500_000;

enum Way {
    Udp(UdpSocket, SocketAddr),
    Tcp(TcpStream, Vec<u8>),
}

#[derive(Default)]
struct Sent {
    packets: u64,
    frames: u64,
    late: u64,
    refused: u64,
    most_late_ns: u64,
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let to = arguments.target()?;
    let streams: usize = arguments.get("streams", 100)?;
    let first: u32 = arguments.get("ssrc", 1)?;
    let gso = arguments.get("gso", 1_u8)? == 1;
    let sound = arguments.get("sound", Sound::None)?;
    let ramp_ns = arguments.get("ramp", 0_u64)?.min(60) * 1_000_000_000;
    let ports: Vec<u16> = match arguments.text("ports") {
        "" => Vec::new(),
        file => std::fs::read_to_string(file)
            .map_err(|error| format!("{file}: {error}"))?
            .lines()
            .filter_map(|line| line.parse().ok())
            .collect(),
    };
    let tcp = arguments.text("mode") == "tcp";
    let framing = if tcp {
        Framing::Connection
    } else {
        Framing::Datagrams
    };
    let mut ways = (0..streams)
        .map(|index| {
            open(
                tcp,
                SocketAddr::new(to.ip(), ports.get(index).copied().unwrap_or(to.port())),
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut film: VecDeque<FramePackets> = (0..GOP)
        .map(|number| FramePackets::of(number, framing, sound))
        .collect();
    let began = now_ns();
    let all_from = began + ramp_ns;
    let end = all_from + arguments.seconds()?.as_nanos() as u64;
    let mut sent = Sent::default();
    let mut number = 0_u64;
    let mut sequences = vec![0_u16; streams];
    let mut core_before_s = None;
    'film: loop {
        for (index, way) in ways.iter_mut().enumerate() {
            let due = began + number * FRAME_NS + FRAME_NS * index as u64 / streams as u64;
            if due < began + ramp_ns * index as u64 / streams as u64 {
                continue;
            }
            let now = wait_until(due.min(end));
            if now >= end {
                break 'film;
            }
            if now >= all_from {
                core_before_s.get_or_insert_with(core_s);
            }
            sent.late += u64::from(now - due > LATE_NS);
            sent.most_late_ns = sent.most_late_ns.max(now - due);
            let frame = &mut film[index * 7 % GOP as usize];
            frame.set_stream(first + index as u32, sequences[index]);
            sequences[index] = sequences[index].wrapping_add(frame.packets() as u16);
            frame.set_stamp(now);
            sent.packets += frame.packets() as u64;
            sent.frames += 1;
            sent.refused += u64::from(!send(way, frame, gso));
        }
        film.pop_front();
        number += 1;
        film.push_back(FramePackets::of(number + GOP - 1, framing, sound));
    }
    let share = core_before_s.map_or(0.0, |before| {
        (core_s() - before) * 1e9 / (end - all_from) as f64
    });
    Ok(format!(
        r#"{{"streams":{streams},"packets":{},"frames":{},"late_frames":{},"refused_frames":{},"most_late_ms":{:.1},"core_share":{share:.3},"group_bytes":{},"seconds":{:.3}}}"#,
        sent.packets,
        sent.frames,
        sent.late,
        sent.refused,
        sent.most_late_ns as f64 / 1e6,
        group_bytes(),
        (now_ns() - began) as f64 / 1e9
    ))
}

/// Returns the moment at which it returned.
fn wait_until(due: u64) -> u64 {
    let mut now = now_ns();
    while now < due {
        if due - now > 200_000 {
            std::thread::sleep(Duration::from_nanos(due - now - 100_000));
        }
        now = now_ns();
    }
    now
}

fn open(tcp: bool, to: SocketAddr) -> Result<Way, String> {
    let failed = |error: std::io::Error| format!("cannot send to {to}: {error}");
    if tcp {
        let stream = TcpStream::connect(to).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_nonblocking(true).map_err(failed)?;
        return Ok(Way::Tcp(stream, Vec::new()));
    }
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).map_err(failed)?;
    socket.set_send_buffer_size(1 << 20).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    socket.bind(&any.into()).map_err(failed)?;
    Ok(Way::Udp(socket.into(), to))
}

/// False when the kernel did not take it whole (and, over TCP, what is left grows beyond a second).
fn send(way: &mut Way, frame: &FramePackets, gso: bool) -> bool {
    match way {
        Way::Udp(socket, to) if gso => {
            // At most 64 segments and 64 KiB a call.
            frame
                .bytes
                .chunks(PACKET * 45)
                .all(|run| send_segments(socket, *to, run, PACKET).is_ok())
        }
        Way::Udp(socket, to) => {
            let batch: Vec<_> = frame
                .bytes
                .chunks(PACKET)
                .map(|packet| (*to, packet.to_vec()))
                .collect();
            send_many(socket, &batch) == batch.len()
        }
        Way::Tcp(stream, left) => {
            // What waits goes first; a frame of which the kernel takes all is never copied.
            if !left.is_empty() {
                match written(stream, left) {
                    Some(count) => left.drain(..count),
                    None => return false,
                };
            }
            let mut taken = 0;
            if left.is_empty() {
                match written(stream, &frame.bytes) {
                    Some(count) => taken = count,
                    None => return false,
                }
            }
            left.extend_from_slice(&frame.bytes[taken..]);
            left.len() < MAX_LEFT
        }
    }
}

/// Bytes that the kernel took; None when the connection is over.
fn written(stream: &mut TcpStream, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        match stream.write(&bytes[at..]) {
            Ok(count) => at += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(at)
}
