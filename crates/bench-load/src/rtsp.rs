//! `rtsp`: the same cameras as an RTSP server, for programs that know no GB/T 28181. `listen=host:port`, `streams=N` (all of
//! any path; the digits at its end choose the camera), `seconds`. RTP in the RTSP connection, RFC 7826 §14, RFC 6184 §5.8.
use crate::arguments::{Arguments, loopback, now_ns};
use crate::film::{GOP, PARAMETERS, PICTURES_A_SECOND, RTP_PAYLOAD, picture, stamp};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

const FRAME_NS: u64 = 1_000_000_000 / PICTURES_A_SECOND;
const FRAGMENT: usize = RTP_PAYLOAD - 2;
const SPS: &str = "Z0LAHtoCgPaA";
const PPS: &str = "aM48gA==";

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let listen: SocketAddr = arguments
        .text("listen")
        .parse()
        .map_err(|_| "listen=host:port is needed".to_owned())?;
    let streams: u64 = arguments.get("streams", 20_u64)?;
    let end = now_ns() + arguments.seconds()?.as_nanos() as u64;
    let listener = TcpListener::bind(loopback(listen)?).map_err(|error| error.to_string())?;
    listener
        .set_nonblocking(true)
        .map_err(|error| error.to_string())?;
    let mut players = Vec::new();
    while now_ns() < end {
        match listener.accept() {
            Ok((stream, _)) => players.push(std::thread::spawn(move || play(stream, streams, end))),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    let frames: u64 = players
        .into_iter()
        .filter_map(|player| player.join().ok())
        .map(Result::unwrap_or_default)
        .sum();
    Ok(format!(r#"{{"streams":{streams},"frames":{frames}}}"#))
}

/// Answers until PLAY, then sends. Returns the pictures sent; an error is the peer's hanging up.
fn play(mut stream: TcpStream, streams: u64, end: u64) -> std::io::Result<u64> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut camera = 0;
    loop {
        let (mut method, mut cseq, mut first) = (String::new(), String::new(), true);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(0);
            }
            if first {
                let mut words = line.split_whitespace();
                method = words.next().unwrap_or_default().to_owned();
                let path = words.next().unwrap_or_default();
                if let Some(number) = path
                    .rsplit('/')
                    .find_map(|part| part.strip_prefix("camera")?.parse::<u64>().ok())
                {
                    camera = number;
                }
                first = false;
            } else if let Some(value) = line.strip_prefix("CSeq:") {
                cseq = value.trim().to_owned();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let (extra, body) = match method.as_str() {
            "OPTIONS" => (
                "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
                String::new(),
            ),
            "DESCRIBE" => ("Content-Type: application/sdp\r\n", description()),
            "SETUP" => (
                "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
                String::new(),
            ),
            _ => ("Session: 1\r\n", String::new()),
        };
        write!(
            stream,
            "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n{extra}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        if method == "PLAY" {
            return send(&mut stream, camera, streams, end);
        }
    }
}

fn description() -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=bench\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n\
         a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42C01E;sprop-parameter-sets={SPS},{PPS}\r\n\
         a=control:track0\r\n"
    )
}

/// Cameras are spread over the 40 ms and over the two seconds between key pictures, as `send` does.
fn send(stream: &mut TcpStream, camera: u64, streams: u64, end: u64) -> std::io::Result<u64> {
    let began = now_ns();
    let offset = FRAME_NS * camera / streams.max(1);
    let mut film: Vec<Vec<u8>> = (0..GOP).map(picture).collect();
    let (mut number, mut sequence, mut out) = (0_u64, 0_u16, Vec::new());
    loop {
        let due = began + offset + number * FRAME_NS;
        let now = now_ns();
        if now >= end {
            return Ok(number);
        }
        if now < due {
            std::thread::sleep(Duration::from_nanos(due - now));
        }
        let key = (number + camera * 7).is_multiple_of(GOP);
        let frame = &mut film[((number + camera * 7) % GOP) as usize];
        stamp(frame, now_ns());
        out.clear();
        write_packets(frame, key, number, &mut sequence, &mut out);
        stream.write_all(&out)?;
        number += 1;
    }
}

fn write_packets(frame: &[u8], key: bool, number: u64, sequence: &mut u16, out: &mut Vec<u8>) {
    let mut packet = |payload: &[&[u8]], marker: bool| {
        let length: usize = 12 + payload.iter().map(|part| part.len()).sum::<usize>();
        out.extend_from_slice(&[b'$', 0]);
        out.extend_from_slice(&(length as u16).to_be_bytes());
        out.extend_from_slice(&[0x80, 96 | u8::from(marker) << 7]);
        out.extend_from_slice(&sequence.to_be_bytes());
        out.extend_from_slice(&((number * 3_600) as u32).to_be_bytes());
        out.extend_from_slice(&[0, 0, 0, 1]);
        for part in payload {
            out.extend_from_slice(part);
        }
        *sequence = sequence.wrapping_add(1);
    };
    let mut body = frame;
    if key {
        packet(&[&PARAMETERS[4..13]], false);
        packet(&[&PARAMETERS[17..]], false);
        body = &frame[PARAMETERS.len()..];
    }
    let (header, rest) = (body[4], &body[5..]);
    let count = rest.len().div_ceil(FRAGMENT);
    for (index, part) in rest.chunks(FRAGMENT).enumerate() {
        let bounds = u8::from(index == 0) << 7 | u8::from(index + 1 == count) << 6;
        packet(
            &[&[header & 0xE0 | 28, bounds | header & 0x1F], part],
            index + 1 == count,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_from_its_packets() {
        let frame = picture(1);
        let (mut sequence, mut out) = (7, Vec::new());
        write_packets(&frame, false, 1, &mut sequence, &mut out);
        let (mut seen, mut at) = (vec![0, 0, 0, 1, frame[4]], 0);
        while at < out.len() {
            let length = usize::from(u16::from_be_bytes([out[at + 2], out[at + 3]]));
            let payload = &out[at + 4 + 12..at + 4 + length];
            assert_eq!(payload[1] & 0x1F | payload[0] & 0xE0, frame[4]);
            seen.extend_from_slice(&payload[2..]);
            at += 4 + length;
        }
        assert_eq!(seen, frame);
    }
}
