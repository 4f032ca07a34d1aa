//! `hls`: viewers of low-latency HLS on one kept connection each: the playlist as a blocking request, then every part that it
//! newly names. `urls=file` (playlists, one a line, taken in turn), `readers=N`, `seconds`, `settle` (seconds not counted).
use crate::arguments::{Arguments, loopback, now_ns, percentile};
use crate::read::{STARVED_NS, throw_away};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

const HEAD_LIMIT: usize = 64 << 10;

/// Segment and part.
type At = (u64, usize);

enum Wanted {
    Playlist,
    Part(At),
}

struct Viewer {
    stream: TcpStream,
    host: String,
    /// The playlist's path up to its file, and the query.
    folder: String,
    query: String,
    wanted: Wanted,
    /// The answer's head, and the body of a playlist.
    text: Vec<u8>,
    /// What of a part's body is still to come.
    left: usize,
    in_body: bool,
    next: At,
    due: VecDeque<At>,
    parts: u64,
    bytes: u64,
    last_ns: u64,
    longest_gap_ns: u64,
    ended: bool,
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let file = arguments.text("urls");
    let text = std::fs::read_to_string(file).map_err(|error| format!("urls={file}: {error}"))?;
    let urls: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let count: usize = arguments.get("readers", 100)?;
    let settle_ns = arguments.get("settle", 4_u64)? * 1_000_000_000;
    let mut poll = Poll::new().map_err(|error| error.to_string())?;
    let mut viewers = Vec::with_capacity(count);
    for index in 0..count {
        let url = urls.get(index % urls.len().max(1)).ok_or("no urls")?;
        let mut viewer = Viewer::open(url).map_err(|error| format!("{url}: {error}"))?;
        poll.registry()
            .register(&mut viewer.stream, Token(index), Interest::READABLE)
            .map_err(|error| error.to_string())?;
        viewer.ask().map_err(|error| error.to_string())?;
        viewers.push(viewer);
    }
    let counted_from = now_ns() + settle_ns;
    let end = counted_from + arguments.seconds()?.as_nanos() as u64;
    let mut events = Events::with_capacity(4_096);
    let mut before = vec![0_u64; count];
    let mut counting = false;
    while now_ns() < end {
        if !counting && now_ns() >= counted_from {
            counting = true;
            for (viewer, before) in viewers.iter_mut().zip(&mut before) {
                *before = viewer.bytes;
                viewer.parts = 0;
                viewer.longest_gap_ns = 0;
                viewer.last_ns = now_ns();
            }
        }
        poll.poll(&mut events, Some(Duration::from_millis(50)))
            .map_err(|error| error.to_string())?;
        for event in &events {
            let viewer = &mut viewers[event.token().0];
            if !viewer.ended && viewer.take().is_err() {
                viewer.ended = true;
            }
        }
    }
    let now = now_ns();
    let mut bytes: Vec<u64> = viewers
        .iter()
        .zip(&before)
        .map(|(viewer, before)| viewer.bytes - before)
        .collect();
    bytes.sort_unstable();
    let total: u64 = bytes.iter().sum();
    let starved = viewers
        .iter()
        .filter(|viewer| {
            viewer.ended || viewer.longest_gap_ns.max(now - viewer.last_ns) > STARVED_NS
        })
        .count();
    let parts: u64 = viewers.iter().map(|viewer| viewer.parts).sum();
    let seconds = (now - counted_from) as f64 / 1e9;
    Ok(format!(
        r#"{{"readers":{count},"bytes":{total},"seconds":{seconds:.3},"gbit_s":{:.3},"min_bytes":{},"median_bytes":{},"starved":{starved},"parts":{parts}}}"#,
        total as f64 * 8.0 / seconds / 1e9,
        bytes.first().copied().unwrap_or(0),
        percentile(&bytes, 0.5),
    ))
}

impl Viewer {
    fn open(url: &str) -> Result<Self, String> {
        let (host, path) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .ok_or("http://host:port/path is needed")?;
        let (folder, query) = path.split_once("index.m3u8?").ok_or("no playlist")?;
        let to: SocketAddr = loopback(host.parse().map_err(|_| "host:port is needed".to_owned())?)?;
        let stream = std::net::TcpStream::connect(to).map_err(|error| error.to_string())?;
        stream
            .set_nonblocking(true)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            stream: TcpStream::from_std(stream),
            host: host.to_owned(),
            folder: folder.to_owned(),
            query: query.to_owned(),
            wanted: Wanted::Playlist,
            text: Vec::new(),
            left: 0,
            in_body: false,
            next: (0, 0),
            due: VecDeque::new(),
            parts: 0,
            bytes: 0,
            last_ns: now_ns(),
            longest_gap_ns: 0,
            ended: false,
        })
    }

    /// The next request; a few hundred bytes, which a socket's empty buffer takes at once.
    fn ask(&mut self) -> std::io::Result<()> {
        self.wanted = match self.due.pop_front() {
            Some(at) => Wanted::Part(at),
            None => Wanted::Playlist,
        };
        let file = match &self.wanted {
            Wanted::Part((segment, part)) => format!("part/{segment}.{part}.m4s?{}", self.query),
            Wanted::Playlist if self.next.0 == 0 => format!("index.m3u8?{}", self.query),
            Wanted::Playlist => format!(
                "index.m3u8?{}&_HLS_msn={}&_HLS_part={}",
                self.query, self.next.0, self.next.1
            ),
        };
        let request = format!(
            "GET /{}{file} HTTP/1.1\r\nHost: {}\r\n\r\n",
            self.folder, self.host
        );
        self.text.clear();
        self.in_body = false;
        self.stream.write_all(request.as_bytes())
    }

    /// Whatever there is. An error ends the viewer.
    fn take(&mut self) -> std::io::Result<()> {
        loop {
            let got = if self.in_body && matches!(self.wanted, Wanted::Part(_)) {
                throw_away(&self.stream, self.left)
            } else {
                self.take_text()
            };
            let count = match got {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if self.in_body && matches!(self.wanted, Wanted::Part(_)) {
                self.count(count);
                self.left -= count;
            } else {
                self.enter_body()?;
            }
            if self.in_body && self.left == 0 {
                self.finish()?;
            }
        }
    }

    /// One byte after the other until the head's end, so that a part's body stays in the socket; a playlist's body at once.
    fn take_text(&mut self) -> std::io::Result<usize> {
        if self.in_body {
            let mut buffer = vec![0; self.left];
            let count = self.stream.read(&mut buffer)?;
            self.text.extend_from_slice(&buffer[..count]);
            self.left -= count;
            return Ok(count);
        }
        let mut peeked = [0; 4_096];
        let seen = self.stream.peek(&mut peeked)?;
        let end = peeked[..seen]
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .map_or(seen, |at| at + 4);
        let count = self.stream.read(&mut peeked[..end])?;
        self.text.extend_from_slice(&peeked[..count]);
        Ok(count)
    }

    fn enter_body(&mut self) -> std::io::Result<()> {
        if self.in_body {
            return Ok(());
        }
        if !self.text.ends_with(b"\r\n\r\n") {
            let whole = self.text.len() < HEAD_LIMIT;
            return whole.then_some(()).ok_or(ErrorKind::InvalidData.into());
        }
        let head = String::from_utf8_lossy(&self.text).to_ascii_lowercase();
        let length = head
            .split("content-length:")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next()?.trim().parse().ok());
        if !head.starts_with("http/1.1 200") {
            return Err(ErrorKind::InvalidData.into());
        }
        self.left = length.ok_or(ErrorKind::InvalidData)?;
        self.in_body = true;
        self.text.clear();
        Ok(())
    }

    fn count(&mut self, count: usize) {
        let now = now_ns();
        self.bytes += count as u64;
        self.longest_gap_ns = self.longest_gap_ns.max(now - self.last_ns);
        self.last_ns = now;
    }

    fn finish(&mut self) -> std::io::Result<()> {
        match self.wanted {
            Wanted::Part(at) => {
                self.parts += 1;
                self.next = (at.0, at.1 + 1);
            }
            Wanted::Playlist => {
                self.count(self.text.len());
                let first = self.next.0 == 0;
                let text = String::from_utf8_lossy(&self.text);
                let named = parts(&text);
                if first {
                    // A viewer begins with the newest part; the older ones are for those who were away.
                    self.due.extend(named.last());
                } else {
                    self.due.extend(named.iter().filter(|at| **at >= self.next));
                    // The segment that was waited for ended without this part.
                    if self.due.is_empty() {
                        self.next = (self.next.0 + 1, 0);
                    }
                }
            }
        }
        self.ask()
    }
}

/// The parts that a playlist names, oldest first.
fn parts(text: &str) -> Vec<At> {
    text.lines()
        .filter(|line| line.starts_with("#EXT-X-PART:"))
        .filter_map(|line| {
            let name = line.split("part/").nth(1)?.split(".m4s").next()?;
            let (segment, part) = name.split_once('.')?;
            Some((segment.parse().ok()?, part.parse().ok()?))
        })
        .collect()
}
