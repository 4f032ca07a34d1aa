//! `whep`: WebRTC viewers. `urls=file`, `viewers=N`, `seconds`, `settle`. str0m does the handshake; then datagrams are counted.
use crate::arguments::{Arguments, loopback, now_ns, percentile};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc};
use udp_batch::{Datagrams, coalesce};

const CONNECT_LIMIT: Duration = Duration::from_secs(30);
const STARVED_NS: u64 = 2_000_000_000;

struct Viewer {
    socket: UdpSocket,
    local: SocketAddr,
    rtc: Rtc,
    connected: bool,
    packets: u64,
    bytes: u64,
    last_ns: u64,
    longest_gap_ns: u64,
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let file = arguments.text("urls");
    let text = std::fs::read_to_string(file).map_err(|error| format!("urls={file}: {error}"))?;
    let urls: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let count: usize = arguments.get("viewers", 100)?;
    let settle_ns = arguments.get("settle", 2_u64)? * 1_000_000_000;
    let mut room = Datagrams::new(16);
    let mut viewers: Vec<Viewer> = Vec::with_capacity(count);
    for index in 0..count {
        let url = urls.get(index % urls.len().max(1)).ok_or("no urls")?;
        let mut viewer = offer(url).map_err(|error| format!("{url}: {error}"))?;
        connect(&mut viewer, &mut room)?;
        viewers.push(viewer);
        drain(&mut viewers, &mut room); // those who are connected already are sent to
    }
    let counted_from = now_ns() + settle_ns;
    let end = counted_from + arguments.seconds()?.as_nanos() as u64;
    let mut counting = false;
    loop {
        let now = now_ns();
        if now >= end {
            break;
        }
        if !counting && now >= counted_from {
            counting = true;
            for viewer in &mut viewers {
                (viewer.packets, viewer.bytes) = (0, 0);
                (viewer.longest_gap_ns, viewer.last_ns) = (0, now);
            }
        }
        if drain(&mut viewers, &mut room) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    let now = now_ns();
    let seconds = (now - counted_from) as f64 / 1e9;
    let mut bytes: Vec<u64> = viewers.iter().map(|viewer| viewer.bytes).collect();
    bytes.sort_unstable();
    let starved = viewers
        .iter()
        .filter(|viewer| viewer.longest_gap_ns.max(now - viewer.last_ns) > STARVED_NS)
        .count();
    let total: u64 = bytes.iter().sum();
    let packets: u64 = viewers.iter().map(|viewer| viewer.packets).sum();
    Ok(format!(
        r#"{{"viewers":{count},"packets":{packets},"bytes":{total},"seconds":{seconds:.3},"gbit_s":{:.3},"min_bytes":{},"median_bytes":{},"starved":{starved}}}"#,
        total as f64 * 8.0 / seconds / 1e9,
        bytes.first().copied().unwrap_or(0),
        percentile(&bytes, 0.5)
    ))
}

/// Posts an offer and takes the answer.
fn offer(url: &str) -> Result<Viewer, String> {
    let rest = url.split_once("://").ok_or("no scheme")?.1;
    let (host, path) = rest.split_once('/').ok_or("no path")?;
    let to: SocketAddr = loopback(host.parse().map_err(|_| "host:port is needed".to_owned())?)?;
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    coalesce(socket.as_raw_fd());
    let local = socket.local_addr().map_err(|error| error.to_string())?;
    let mut rtc = Rtc::builder()
        .clear_codecs()
        .enable_h264(true)
        .build(Instant::now());
    rtc.add_local_candidate(Candidate::host(local, "udp").map_err(|error| error.to_string())?);
    let mut changes = rtc.sdp_api();
    changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
    let (sdp, pending): (_, SdpPendingOffer) = changes.apply().ok_or("nothing to offer")?;
    let body = sdp.to_sdp_string();
    let mut stream = TcpStream::connect(to).map_err(|error| error.to_string())?;
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .map_err(|error| error.to_string())?;
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .map_err(|error| error.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    if !head.starts_with("HTTP/1.1 201") {
        return Err(answer.chars().take(300).collect());
    }
    let sdp = SdpAnswer::from_sdp_string(body).map_err(|error| error.to_string())?;
    rtc.sdp_api()
        .accept_answer(pending, sdp)
        .map_err(|error| error.to_string())?;
    Ok(Viewer {
        socket,
        local,
        rtc,
        connected: false,
        packets: 0,
        bytes: 0,
        last_ns: now_ns(),
        longest_gap_ns: 0,
    })
}

fn connect(viewer: &mut Viewer, room: &mut Datagrams) -> Result<(), String> {
    let limit = Instant::now() + CONNECT_LIMIT;
    while !viewer.connected {
        if Instant::now() > limit {
            return Err("a viewer did not connect".to_owned());
        }
        viewer
            .rtc
            .handle_input(Input::Timeout(Instant::now()))
            .map_err(|error| error.to_string())?;
        poll(viewer)?;
        let Ok(count) = room.receive(viewer.socket.as_raw_fd()) else {
            std::thread::sleep(Duration::from_micros(200));
            continue;
        };
        for index in 0..count {
            let Some((from, bytes, segment)) = room.message(index) else {
                continue;
            };
            for datagram in bytes.chunks(segment) {
                let Ok(contents) = datagram.try_into() else {
                    continue;
                };
                let receive = Receive {
                    proto: Protocol::Udp,
                    source: from,
                    destination: viewer.local,
                    contents,
                };
                viewer
                    .rtc
                    .handle_input(Input::Receive(Instant::now(), receive))
                    .map_err(|error| error.to_string())?;
                poll(viewer)?;
            }
        }
    }
    Ok(())
}

fn poll(viewer: &mut Viewer) -> Result<(), String> {
    loop {
        match viewer
            .rtc
            .poll_output()
            .map_err(|error| error.to_string())?
        {
            Output::Timeout(_) => return Ok(()),
            Output::Transmit(transmit) => {
                viewer
                    .socket
                    .send_to(&transmit.contents, transmit.destination)
                    .map_err(|error| error.to_string())?;
            }
            Output::Event(Event::Connected) => viewer.connected = true,
            Output::Event(_) => {}
        }
    }
}

/// Takes what waits; returns how many messages.
fn drain(viewers: &mut [Viewer], room: &mut Datagrams) -> usize {
    let mut taken = 0;
    for viewer in viewers {
        while let Ok(count) = room.receive(viewer.socket.as_raw_fd()) {
            let now = now_ns();
            for index in 0..count {
                if let Some((_, bytes, segment)) = room.message(index) {
                    viewer.bytes += bytes.len() as u64;
                    viewer.packets += bytes.len().div_ceil(segment) as u64;
                }
            }
            viewer.longest_gap_ns = viewer.longest_gap_ns.max(now - viewer.last_ns);
            viewer.last_ns = now;
            taken += count;
            if count < room.room() {
                break;
            }
        }
    }
    taken
}
