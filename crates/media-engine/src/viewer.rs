//! One browser over TCP that is sent fMP4: as WebSocket messages or as the body of an HTTP answer.
use crate::admission::Admission;
use crate::line::Line;
use crate::refusal::Refusal;
use crate::ticket::TicketError;
use bytes::{Bytes, BytesMut};
use mio::net::TcpStream;
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::atomic::Ordering;
use stream_hub::{Cursor, Next, VideoInfo, websocket_header};

/// A viewer that takes nothing for so long is let go.
const STUCK_MS: u64 = 20_000;
/// Sent to one viewer before the others get their turn: the group of pictures that a new viewer begins with goes in parts.
const BYTES_A_TURN: usize = 256 * 1024;
/// Browsers send us pings and a close at most; more is no player of ours.
const MAX_HEARD: usize = 4_096;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    WebSocket,
    /// The body ends with the connection.
    Body,
}

/// What a worker serves once the front has let it in; everything else is HTTP's.
pub(crate) const VIEWED: [(&str, Shape); 2] = [("/ws/", Shape::WebSocket), ("/fmp4/", Shape::Body)];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Progress {
    Alive,
    /// Alive, and with more to send in its next turn.
    More,
    Gone,
}

pub(crate) struct Viewer {
    line: Line,
    shape: Shape,
    admission: Admission,
    cursor: Cursor,
    /// Written in this order; the first one from `written` on.
    pending: VecDeque<Bytes>,
    written: usize,
    blocked_since_ms: Option<u64>,
    generation: u64,
    heard: Vec<u8>,
    closing: bool,
}

impl Viewer {
    /// `line` does not block and its request was answered; `heard` came after the request.
    pub fn new(line: Line, shape: Shape, admission: Admission, heard: Vec<u8>) -> Self {
        admission.cell.viewers.fetch_add(1, Ordering::Relaxed);
        Self {
            line,
            shape,
            cursor: admission.cell.hub.cursor(),
            admission,
            pending: VecDeque::new(),
            written: 0,
            blocked_since_ms: None,
            generation: 0,
            heard,
            closing: false,
        }
    }

    pub fn source(&self) -> u64 {
        self.admission.cell.id
    }

    pub fn stream_mut(&mut self) -> &mut TcpStream {
        self.line.socket_mut()
    }

    pub fn is_stuck(&self, now_ms: u64) -> bool {
        self.blocked_since_ms
            .is_some_and(|since| now_ms >= since + STUCK_MS)
    }

    /// True when its session has ended: to be let go.
    pub fn end_if_revoked(&mut self) -> bool {
        let revoked = self.admission.is_revoked();
        if revoked {
            self.admission.reason = "session ended";
            if self.shape == Shape::WebSocket && self.written == 0 {
                // Between two messages, as far as the socket takes it: the end waits for nobody.
                let goodbye = Refusal::from(TicketError::Revoked).websocket_close();
                let _ = self.line.write(&goodbye);
            }
        }
        revoked
    }

    /// Sends what there is until the socket takes no more or the turn is over.
    pub fn send(&mut self, now_ms: u64) -> Progress {
        match self.line.flush() {
            Ok(()) if self.pending.is_empty() => self.blocked_since_ms = None,
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.blocked_since_ms.get_or_insert(now_ms);
                return Progress::Alive;
            }
            Err(_) => return Progress::Gone,
        }
        let mut taken = 0;
        loop {
            while let Some(front) = self.pending.front() {
                match self.line.write(&front[self.written..]) {
                    Ok(count) => {
                        self.blocked_since_ms = None;
                        self.written += count;
                        taken += count;
                        self.admission.sent(count);
                        if self.written == front.len() {
                            self.pending.pop_front();
                            self.written = 0;
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        self.blocked_since_ms.get_or_insert(now_ms);
                        return Progress::Alive;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(_) => return Progress::Gone,
                }
            }
            if self.closing {
                return Progress::Gone;
            }
            if taken >= BYTES_A_TURN {
                return Progress::More;
            }
            let next = self.cursor.try_next();
            self.admission.count_skipped(self.cursor.skipped());
            match next {
                None => return Progress::Alive,
                Some(Next::Closed) => {
                    self.admission.reason = "source closed";
                    self.closing = true;
                    if self.shape == Shape::WebSocket {
                        self.pending.push_back(control_message(CLOSE, &[]));
                    }
                }
                Some(Next::Frame(frame)) => {
                    let Some(video) = self.cursor.hub().video() else {
                        return Progress::Alive;
                    };
                    if video.generation != self.generation && !self.begin_anew(&video) {
                        return Progress::Gone; // another codec or size: a plain body must be asked for anew
                    }
                    self.pending.push_back(match self.shape {
                        Shape::WebSocket => frame.websocket_message().clone(),
                        Shape::Body => frame.fragment(),
                    });
                }
            }
        }
    }

    fn begin_anew(&mut self, video: &VideoInfo) -> bool {
        let first = self.generation == 0;
        self.generation = video.generation;
        match self.shape {
            Shape::Body if !first => return false,
            Shape::Body => self.pending.push_back(video.init_segment.clone()),
            Shape::WebSocket => {
                let text = description(video);
                self.pending.push_back(message(TEXT, text.as_bytes()));
                self.pending.push_back(message(2, &video.init_segment));
            }
        }
        true
    }

    /// Reads what the browser says: a close, a ping, or that it is gone.
    pub fn listen(&mut self) -> Progress {
        let mut buffer = [0; 1_024];
        loop {
            match self.line.read(&mut buffer) {
                Ok(0) => return Progress::Gone,
                Ok(_) if self.shape == Shape::Body => {}
                Ok(count) => {
                    self.heard.extend_from_slice(&buffer[..count]);
                    if self.heard.len() > MAX_HEARD || !self.answer_heard() {
                        return Progress::Gone;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Progress::Alive,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Progress::Gone,
            }
        }
    }

    /// False when the browser closes or breaks the rules. RFC 6455 §5.1: what a client sends is masked.
    fn answer_heard(&mut self) -> bool {
        while let Some((opcode, payload, length)) = client_frame(&self.heard) {
            match opcode {
                CLOSE => return false,
                // Pongs wait behind the picture that is being written; a few at most.
                PING if self.pending.len() < 16 => {
                    self.pending.push_back(control_message(PONG, &payload))
                }
                _ => {}
            }
            self.heard.drain(..length);
        }
        self.heard.len() < 2 || self.heard[1] & 0x80 != 0
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.line.finish();
        self.admission.cell.viewers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The first whole frame: opcode, unmasked payload, bytes it took.
pub(crate) fn client_frame(heard: &[u8]) -> Option<(u8, Vec<u8>, usize)> {
    let (&first, &second) = (heard.first()?, heard.get(1)?);
    let (length, at) = match second & 0x7F {
        126 => (
            usize::from(u16::from_be_bytes([*heard.get(2)?, *heard.get(3)?])),
            4,
        ),
        127 => return None, // beyond MAX_HEARD: never whole
        short => (usize::from(short), 2),
    };
    let mask = heard.get(at..at + 4)?;
    let payload = heard.get(at + 4..at + 4 + length)?;
    let plain = payload
        .iter()
        .zip(mask.iter().cycle())
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    Some((first & 0x0F, plain, at + 4 + length))
}

pub(crate) fn message(opcode: u8, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(10 + payload.len());
    websocket_header(&mut out, opcode, payload.len());
    out.extend_from_slice(payload);
    out.freeze()
}

fn control_message(opcode: u8, payload: &[u8]) -> Bytes {
    message(opcode, &payload[..payload.len().min(125)])
}

fn description(video: &VideoInfo) -> String {
    let sound = video.sound.map(|sound| sound.codec_string());
    let codecs = match &sound {
        Some(sound) => format!("{},{sound}", video.codec_string),
        None => video.codec_string.clone(),
    };
    format!(
        r#"{{"codec":"{}","sound":"{}","mime":"video/mp4; codecs=\"{codecs}\"","width":{},"height":{}}}"#,
        video.codec_string,
        sound.unwrap_or_default(),
        video.width,
        video.height
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_ping_is_read_whatever_way_it_is_cut() {
        let ping = [0x89, 0x83, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2, b'c' ^ 3];
        for cut in 0..ping.len() {
            assert!(client_frame(&ping[..cut]).is_none());
        }
        assert_eq!(client_frame(&ping), Some((PING, b"abc".to_vec(), 9)));
    }
}
