//! Bare loops: what this core does when a program does nothing but the system calls. Each reports its own processor time.
//!
//! `bare-receive`: `ports=file` or `to=host:port`, `mode=udp|tcp`, `seconds`: takes packets, looks at none (recvmmsg every
//! 2 ms with GRO; for TCP epoll and read). `bare-fan-out`: `listen`, `readers`, `seconds`: 20,000 bytes to each reader 25
//! times a second by one writev. `bare-srtp`: `viewers`, `seconds`: 17 packets of 1,200 bytes to each viewer 25 times a
//! second, AES-128-GCM and one send with UDP_SEGMENT; a thread on `sink_core` takes them away.
use crate::arguments::{Arguments, core_s, loopback, now_ns};
use crate::film::PICTURES_A_SECOND;
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};
use std::io::{IoSlice, Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use udp_batch::{Datagrams, coalesce, send_segments};

const LOOK_EVERY: Duration = Duration::from_millis(2);
const FRAME_NS: u64 = 1_000_000_000 / PICTURES_A_SECOND;
const FRAME_BYTES: usize = 20_000;
const FRAGMENT_HEAD: [u8; 112] = [0; 112];
const PACKETS_A_FRAME: usize = 17;
const SRTP_BYTES: usize = 1_200;
const RTP_HEAD: usize = 12;
const BACKLOG: i32 = 4_096;
const FIRST_LIMIT_NS: u64 = 60_000_000_000;

fn text<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

pub fn receive(arguments: &Arguments) -> Result<String, String> {
    let length_ns = arguments.seconds()?.as_nanos() as u64;
    let to = arguments.target()?;
    if arguments.text("mode") == "tcp" {
        return receive_tcp(to, length_ns);
    }
    let end = now_ns() + length_ns;
    let count: usize = arguments.get("streams", 1)?;
    let mut sockets = Vec::with_capacity(count);
    for index in 0..count {
        let address = SocketAddr::new(to.ip(), to.port() + index as u16);
        let socket = UdpSocket::bind(address).map_err(|error| format!("{address}: {error}"))?;
        let buffer: libc::c_int = if count == 1 { 64 << 20 } else { 1 << 20 };
        // SAFETY: the option takes one int, which lives through the call.
        unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_RCVBUFFORCE,
                std::ptr::from_ref(&buffer).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            );
        }
        coalesce(socket.as_raw_fd());
        sockets.push(socket);
    }
    let mut room = Datagrams::new(16);
    let (mut packets, mut first_s, mut last_s) = (0_u64, None, 0.0);
    while now_ns() < end {
        let mut taken = false;
        for socket in &sockets {
            while let Ok(got) = room.receive(socket.as_raw_fd()) {
                for index in 0..got {
                    if let Some((_, bytes, segment)) = room.message(index) {
                        packets += bytes.len().div_ceil(segment) as u64;
                    }
                }
                taken = true;
                if got < room.room() {
                    break;
                }
            }
        }
        if taken {
            first_s.get_or_insert_with(core_s);
            last_s = core_s();
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(format!(
        r#"{{"packets":{packets},"cpu_s":{:.4}}}"#,
        last_s - first_s.unwrap_or(last_s)
    ))
}

/// For `length_ns` from the first connection: thousands of them take their time.
fn receive_tcp(listen: SocketAddr, length_ns: u64) -> Result<String, String> {
    let mut poll = Poll::new().map_err(text)?;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(text)?;
    socket.bind(&listen.into()).map_err(text)?;
    socket.listen(BACKLOG).map_err(text)?;
    socket.set_nonblocking(true).map_err(text)?;
    let mut listener = TcpListener::from_std(socket.into());
    let mut end = now_ns() + FIRST_LIMIT_NS;
    poll.registry()
        .register(&mut listener, Token(usize::MAX), Interest::READABLE)
        .map_err(text)?;
    let mut streams: Vec<TcpStream> = Vec::new();
    let (mut events, mut buffer) = (Events::with_capacity(4_096), vec![0; 1 << 18]);
    let mut bytes = 0_u64;
    let began_s = core_s();
    while now_ns() < end {
        poll.poll(&mut events, Some(Duration::from_millis(100)))
            .map_err(text)?;
        for event in &events {
            if event.token() == Token(usize::MAX) {
                while let Ok((mut stream, _)) = listener.accept() {
                    if streams.is_empty() {
                        end = now_ns() + length_ns;
                    }
                    poll.registry()
                        .register(&mut stream, Token(streams.len()), Interest::READABLE)
                        .map_err(text)?;
                    streams.push(stream);
                }
            } else {
                while let Ok(count @ 1..) = streams[event.token().0].read(&mut buffer) {
                    bytes += count as u64;
                }
            }
        }
        std::thread::sleep(LOOK_EVERY);
    }
    let packets = bytes / (crate::film::PACKET as u64 + 2);
    Ok(format!(
        r#"{{"packets":{packets},"cpu_s":{:.4}}}"#,
        core_s() - began_s
    ))
}

pub fn fan_out(arguments: &Arguments) -> Result<String, String> {
    let listen: SocketAddr = arguments
        .text("listen")
        .parse()
        .map_err(|_| "listen=host:port is needed".to_owned())?;
    let wanted: usize = arguments.get("readers", 100)?;
    let listener = std::net::TcpListener::bind(loopback(listen)?).map_err(text)?;
    let mut readers = Vec::with_capacity(wanted);
    while readers.len() < wanted {
        let (stream, _) = listener.accept().map_err(text)?;
        stream.set_nodelay(true).map_err(text)?;
        stream.set_nonblocking(true).map_err(text)?;
        readers.push(stream);
    }
    let frame = vec![4_u8; FRAME_BYTES];
    let began = now_ns();
    let end = began + arguments.seconds()?.as_nanos() as u64;
    let began_s = core_s();
    let (mut number, mut bytes) = (0_u64, 0_u64);
    'frames: loop {
        for (index, stream) in readers.iter_mut().enumerate() {
            let due = began + number * FRAME_NS + FRAME_NS * index as u64 / wanted as u64;
            let now = now_ns();
            if now >= end {
                break 'frames;
            }
            if due > now + 1_000_000 {
                std::thread::sleep(Duration::from_nanos(due - now));
            }
            // What the kernel does not take is lost: the loop keeps nothing.
            if let Ok(count) =
                stream.write_vectored(&[IoSlice::new(&FRAGMENT_HEAD), IoSlice::new(&frame)])
            {
                bytes += count as u64;
            }
        }
        number += 1;
    }
    let (seconds, cpu_s) = ((now_ns() - began) as f64 / 1e9, core_s() - began_s);
    Ok(format!(
        r#"{{"bytes":{bytes},"seconds":{seconds:.3},"cpu_s":{cpu_s:.4},"gbit_s_a_core":{:.3}}}"#,
        bytes as f64 * 8.0 / cpu_s / 1e9
    ))
}

pub fn srtp(arguments: &Arguments) -> Result<String, String> {
    let count: usize = arguments.get("viewers", 100)?;
    let sink_core: usize = arguments.get("sink_core", 1)?;
    let end = now_ns() + arguments.seconds()?.as_nanos() as u64;
    let sinks = (0..count)
        .map(|_| UdpSocket::bind("127.0.0.1:0").map_err(text))
        .collect::<Result<Vec<_>, _>>()?;
    let targets = sinks
        .iter()
        .map(|sink| sink.local_addr().map_err(text))
        .collect::<Result<Vec<_>, _>>()?;
    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&over);
    let sink = std::thread::spawn(move || drain(&sinks, sink_core, &told));
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(text)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[7; 16]).map_err(text)?);
    let plain = [4_u8; SRTP_BYTES];
    let mut out = Vec::with_capacity(PACKETS_A_FRAME * (SRTP_BYTES + RTP_HEAD + 16));
    let (began, began_s) = (now_ns(), core_s());
    let (mut number, mut packets) = (0_u64, 0_u64);
    'frames: loop {
        for (index, to) in targets.iter().enumerate() {
            let due = began + number * FRAME_NS + FRAME_NS * index as u64 / count as u64;
            let now = now_ns();
            if now >= end {
                break 'frames;
            }
            if due > now + 1_000_000 {
                std::thread::sleep(Duration::from_nanos(due - now));
            }
            out.clear();
            for packet in 0..PACKETS_A_FRAME {
                let at = out.len();
                out.extend_from_slice(&[0x80; RTP_HEAD]);
                out.extend_from_slice(&plain);
                let mut nonce = [0; 12];
                nonce[..8].copy_from_slice(
                    &(number * PACKETS_A_FRAME as u64 + packet as u64).to_be_bytes(),
                );
                let (head, payload) = out[at..].split_at_mut(RTP_HEAD);
                let tag = key
                    .seal_in_place_separate_tag(
                        Nonce::assume_unique_for_key(nonce),
                        Aad::from(&*head),
                        payload,
                    )
                    .map_err(text)?;
                out.extend_from_slice(tag.as_ref());
            }
            send_segments(&socket, *to, &out, SRTP_BYTES + RTP_HEAD + 16).map_err(text)?;
            packets += PACKETS_A_FRAME as u64;
        }
        number += 1;
    }
    let (seconds, cpu_s) = ((now_ns() - began) as f64 / 1e9, core_s() - began_s);
    over.store(true, Ordering::Relaxed);
    sink.join().map_err(|_| "the sink ended badly".to_owned())?;
    let bits = packets as f64 * SRTP_BYTES as f64 * 8.0;
    Ok(format!(
        r#"{{"packets":{packets},"seconds":{seconds:.3},"cpu_s":{cpu_s:.4},"gbit_s_a_core":{:.3},"viewers_a_core":{:.0}}}"#,
        bits / cpu_s / 1e9,
        bits / cpu_s / 4e6
    ))
}

fn drain(sinks: &[UdpSocket], core: usize, over: &AtomicBool) {
    // SAFETY: a zeroed set is valid; the call reads it only.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
    }
    let mut room = Datagrams::new(16);
    for sink in sinks {
        coalesce(sink.as_raw_fd());
    }
    while !over.load(Ordering::Relaxed) {
        for sink in sinks {
            while room
                .receive(sink.as_raw_fd())
                .is_ok_and(|got| got == room.room())
            {}
        }
        std::thread::sleep(LOOK_EVERY);
    }
}
