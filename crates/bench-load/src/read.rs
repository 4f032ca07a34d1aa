//! `read`: viewers over TCP. `urls=file` (one a line, taken in turn), `readers=N`, `sample=K` (every K-th is read in full and
//! its stamps are measured, the others throw their bytes away unread; 0: none), `seconds`, `settle` (seconds not counted).
//! Readers of `wss://` shake hands and then count ciphertext.
use crate::arguments::{Arguments, loopback, now_ns, percentile};
use crate::film::MAGIC;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::Duration;

pub(crate) const STARVED_NS: u64 = 2_000_000_000;
const CHUNK: usize = 1 << 20;

struct Reader {
    stream: TcpStream,
    asked_ns: u64,
    first_ns: u64,
    last_ns: u64,
    longest_gap_ns: u64,
    bytes: u64,
    sampled: bool,
    tail: Vec<u8>,
    ended: bool,
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let file = arguments.text("urls");
    let text = std::fs::read_to_string(file).map_err(|error| format!("urls={file}: {error}"))?;
    let urls: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let count: usize = arguments.get("readers", 100)?;
    let sample: usize = arguments.get("sample", 50)?;
    let settle_ns = arguments.get("settle", 2_u64)? * 1_000_000_000;
    let mut poll = Poll::new().map_err(|error| error.to_string())?;
    let mut readers = Vec::with_capacity(count);
    for index in 0..count {
        let url = urls.get(index % urls.len().max(1)).ok_or("no urls")?;
        let mut reader = ask(url).map_err(|error| format!("{url}: {error}"))?;
        reader.sampled = sample > 0 && index % sample == 0;
        poll.registry()
            .register(&mut reader.stream, Token(index), Interest::READABLE)
            .map_err(|error| error.to_string())?;
        readers.push(reader);
    }
    let began = now_ns();
    let counted_from = began + settle_ns;
    let end = counted_from + arguments.seconds()?.as_nanos() as u64;
    let mut events = Events::with_capacity(4_096);
    let mut buffer = vec![0; CHUNK];
    let mut ages = Vec::new();
    let mut before = vec![0_u64; count];
    let mut counting = false;
    loop {
        let now = now_ns();
        if now >= end {
            break;
        }
        if !counting && now >= counted_from {
            counting = true;
            for (reader, before) in readers.iter_mut().zip(&mut before) {
                *before = reader.bytes;
                reader.longest_gap_ns = 0;
                reader.last_ns = now;
            }
            ages.clear();
        }
        poll.poll(&mut events, Some(Duration::from_millis(50)))
            .map_err(|error| error.to_string())?;
        for event in &events {
            take(&mut readers[event.token().0], &mut buffer, &mut ages);
        }
    }
    let mut bytes: Vec<u64> = readers
        .iter()
        .zip(&before)
        .map(|(reader, before)| reader.bytes - before)
        .collect();
    let total: u64 = bytes.iter().sum();
    bytes.sort_unstable();
    let now = now_ns();
    let starved = readers
        .iter()
        .filter(|reader| {
            reader.ended || reader.longest_gap_ns.max(now - reader.last_ns) > STARVED_NS
        })
        .count();
    let mut firsts: Vec<u64> = readers
        .iter()
        .filter(|reader| reader.first_ns > 0)
        .map(|reader| (reader.first_ns - reader.asked_ns) / 1_000)
        .collect();
    firsts.sort_unstable();
    ages.sort_unstable();
    let seconds = (now - counted_from) as f64 / 1e9;
    Ok(format!(
        r#"{{"readers":{count},"bytes":{total},"seconds":{seconds:.3},"gbit_s":{:.3},"min_bytes":{},"median_bytes":{},"starved":{starved},"first_us_p50":{},"first_us_p95":{},"age_us_p50":{},"age_us_p99":{},"ages":{}}}"#,
        total as f64 * 8.0 / seconds / 1e9,
        bytes.first().copied().unwrap_or(0),
        percentile(&bytes, 0.5),
        percentile(&firsts, 0.5),
        percentile(&firsts, 0.95),
        percentile(&ages, 0.5),
        percentile(&ages, 0.99),
        ages.len()
    ))
}

/// Whoever waits longer for a picture gets none.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(15);

/// `first`: one viewer after the other, `viewers=K` times: microseconds from the request to the first picture's bytes.
pub fn first(arguments: &Arguments) -> Result<String, String> {
    let file = arguments.text("urls");
    let text = std::fs::read_to_string(file).map_err(|error| format!("urls={file}: {error}"))?;
    let urls: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let count: usize = arguments.get("viewers", 100)?;
    let foremost = Arguments::go_first();
    let mut waits = Vec::with_capacity(count);
    for index in 0..count {
        let url = urls.get(index % urls.len().max(1)).ok_or("no urls")?;
        let reader = ask(url).map_err(|error| format!("{url}: {error}"))?;
        let mut stream = std::net::TcpStream::from(reader.stream);
        stream
            .set_nonblocking(false)
            .and_then(|()| stream.set_read_timeout(Some(LONGEST_WAIT)))
            .map_err(|error| error.to_string())?;
        let mut taken = 0;
        let mut buffer = [0; 4_096];
        // Head, description and parameters are shorter; what follows is the picture.
        while taken < 2_000 {
            taken += match stream.read(&mut buffer) {
                Ok(0) => return Err(format!("{url}: ended after {taken} bytes")),
                Ok(count) => count,
                Err(error) => return Err(format!("{url}: {error}")),
            };
        }
        waits.push((now_ns() - reader.asked_ns) / 1_000);
    }
    waits.sort_unstable();
    Ok(format!(
        r#"{{"viewers":{count},"foremost":{foremost},"first_us_p50":{},"first_us_p95":{},"first_us_p99":{},"first_us_max":{}}}"#,
        percentile(&waits, 0.5),
        percentile(&waits, 0.95),
        percentile(&waits, 0.99),
        waits.last().copied().unwrap_or(0)
    ))
}

/// Connects and sends the request of `ws://`, `wss://`, `mse://` (go2rtc's WebSocket) or `http://`.
fn ask(url: &str) -> Result<Reader, String> {
    let (scheme, rest) = url.split_once("://").ok_or("no scheme")?;
    let (host, path) = rest.split_once('/').ok_or("no path")?;
    let to: SocketAddr = loopback(host.parse().map_err(|_| "host:port is needed".to_owned())?)?;
    let mut stream = std::net::TcpStream::connect(to).map_err(|error| error.to_string())?;
    let upgrade = if scheme != "http" {
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    } else {
        ""
    };
    let asked_ns = now_ns();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n{upgrade}\r\n");
    let sent = if scheme == "wss" {
        crate::tls::ask(&mut stream, request.as_bytes()).map_err(std::io::Error::other)
    } else {
        stream.write_all(request.as_bytes())
    };
    sent.and_then(|()| match scheme {
        "mse" => ask_for_media(&mut stream),
        _ => Ok(()),
    })
    .and_then(|()| stream.set_nonblocking(true))
    .map_err(|error| error.to_string())?;
    Ok(Reader {
        stream: TcpStream::from_std(stream),
        asked_ns,
        first_ns: 0,
        last_ns: asked_ns,
        longest_gap_ns: 0,
        bytes: 0,
        sampled: false,
        tail: Vec::new(),
        ended: false,
    })
}

/// go2rtc sends nothing before it is told which codecs the browser decodes: one masked text message, after the upgrade.
fn ask_for_media(stream: &mut std::net::TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let text = br#"{"type":"mse","value":"avc1.640029,avc1.42C01E"}"#;
    let mut message = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0]; // a mask of zeros
    message.extend_from_slice(text);
    stream.write_all(&message)
}

fn take(reader: &mut Reader, buffer: &mut [u8], ages: &mut Vec<u64>) {
    loop {
        let got = if reader.sampled {
            reader.stream.read(buffer)
        } else {
            throw_away(&reader.stream, CHUNK)
        };
        let count = match got {
            Ok(0) => {
                reader.ended = true;
                return;
            }
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => {
                reader.ended = true;
                return;
            }
        };
        let now = now_ns();
        reader.bytes += count as u64;
        // The answer's head is short; the first picture is not.
        if reader.first_ns == 0 && reader.bytes > 1_000 {
            reader.first_ns = now;
        }
        reader.longest_gap_ns = reader.longest_gap_ns.max(now - reader.last_ns);
        reader.last_ns = now;
        if reader.sampled {
            measure(reader, &buffer[..count], now, ages);
        }
    }
}

/// MSG_TRUNC on TCP: the kernel drops the bytes, at most `limit`, without copying them.
pub(crate) fn throw_away(stream: &TcpStream, limit: usize) -> std::io::Result<usize> {
    // SAFETY: with MSG_TRUNC on a TCP socket no byte is written to the buffer.
    let count = unsafe {
        libc::recv(
            stream.as_raw_fd(),
            std::ptr::null_mut(),
            limit,
            libc::MSG_TRUNC | libc::MSG_DONTWAIT,
        )
    };
    usize::try_from(count).map_err(|_| std::io::Error::last_os_error())
}

fn measure(reader: &mut Reader, bytes: &[u8], now: u64, ages: &mut Vec<u64>) {
    const MARK: usize = MAGIC.len() + 16;
    let seen = [&reader.tail[..], bytes].concat();
    let mut at = 0;
    while let Some(found) = seen[at..]
        .windows(MAGIC.len())
        .position(|window| window == MAGIC)
    {
        at += found;
        let Some(digits) = seen.get(at + MAGIC.len()..at + MARK) else {
            break;
        };
        if let Some(sent) = std::str::from_utf8(digits)
            .ok()
            .and_then(|text| u64::from_str_radix(text, 16).ok())
        {
            ages.push(now.saturating_sub(sent) / 1_000);
        }
        at += MARK;
    }
    let kept = seen.len() - at.max(seen.len().saturating_sub(MARK - 1));
    reader.tail = seen[seen.len() - kept..].to_vec();
}
