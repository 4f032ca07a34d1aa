//! `send`: cameras. `to=host:port`, `streams=N`, `mode=udp|tcp`, `ports=file` (a port a line for own ports), `ssrc=first`,
//! `gso=1|0`, `seconds`. Streams are spread evenly over the 40 ms and over the two seconds between key pictures, as
//! independent cameras are; a frame leaves as one burst.
use crate::arguments::{Arguments, now_ns};
use crate::film::{FramePackets, GOP, PACKET, PICTURES_A_SECOND};
use socket2::{Domain, Socket, Type};
use std::collections::VecDeque;
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;
use udp_batch::{send_many, send_segments};

const FRAME_NS: u64 = 1_000_000_000 / PICTURES_A_SECOND;
/// A camera that is later than this has not kept its rate.
const LATE_NS: u64 = 100_000_000;

enum Way {
    Udp(UdpSocket, SocketAddr),
    Tcp(TcpStream, Vec<u8>),
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let to = arguments.target()?;
    let streams: usize = arguments.get("streams", 100)?;
    let first: u32 = arguments.get("ssrc", 1)?;
    let gso = arguments.get("gso", 1_u8)? == 1;
    let ports: Vec<u16> = match arguments.text("ports") {
        "" => Vec::new(),
        file => std::fs::read_to_string(file)
            .map_err(|error| format!("{file}: {error}"))?
            .lines()
            .filter_map(|line| line.parse().ok())
            .collect(),
    };
    let tcp = arguments.text("mode") == "tcp";
    let mut ways = (0..streams)
        .map(|index| {
            open(
                tcp,
                SocketAddr::new(to.ip(), ports.get(index).copied().unwrap_or(to.port())),
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    let began = now_ns();
    let end = began + arguments.seconds()?.as_nanos() as u64;
    let (mut packets, mut refused, mut late) = (0_u64, 0_u64, 0_u64);
    let mut number = 0_u64;
    let mut film: VecDeque<FramePackets> = (0..GOP).map(FramePackets::of).collect();
    let mut sequences = vec![0_u16; streams];
    'film: loop {
        for (index, way) in ways.iter_mut().enumerate() {
            let due = began + number * FRAME_NS + FRAME_NS * index as u64 / streams as u64;
            let mut now = now_ns();
            while now < due {
                if now >= end {
                    break 'film;
                }
                if due - now > 200_000 {
                    std::thread::sleep(Duration::from_nanos(due - now - 100_000));
                }
                now = now_ns();
            }
            if now >= end {
                break 'film;
            }
            late += u64::from(now - due > LATE_NS);
            let frame = &mut film[index * 7 % GOP as usize];
            frame.set_stream(first + index as u32, sequences[index]);
            sequences[index] = sequences[index].wrapping_add(frame.packets() as u16);
            frame.set_stamp(now);
            packets += frame.packets() as u64;
            refused += u64::from(!send(way, frame, gso));
        }
        film.pop_front();
        number += 1;
        film.push_back(FramePackets::of(number + GOP - 1));
    }
    Ok(format!(
        r#"{{"streams":{streams},"packets":{packets},"frames":{number},"late_frames":{late},"refused_frames":{refused},"seconds":{:.3}}}"#,
        (now_ns() - began) as f64 / 1e9
    ))
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
            for packet in frame.bytes.chunks(PACKET) {
                left.extend_from_slice(&(packet.len() as u16).to_be_bytes());
                left.extend_from_slice(packet);
            }
            while !left.is_empty() {
                match stream.write(left) {
                    Ok(count) => {
                        left.drain(..count);
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => return false,
                }
            }
            left.len() < 500_000
        }
    }
}
