//! One browser that plays recorded footage: it asks over a WebSocket, and is answered a few fragments at a time. Nothing is sent
//! that was not asked for, so that whoever is slow holds nothing, and a seek waits for one answer at most.
use crate::event::EventKind;
use crate::footage_asks::{Answer, Ask, GAP_US, PEEK, way_name};
use crate::footage_pieces::{Pace, Piece, Pieces};
use crate::footage_right::FootageRight;
use crate::http::Rooms;
use crate::refusal::Refusal;
use crate::ticket::TicketError;
use crate::viewer::{client_frame, message};
use bytes::{Bytes, BytesMut};
use recording::{Footage, FootageReader, Pictures, RecordingError, Way, shown};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use stream_hub::websocket_header;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Its addresses begin so, and so do the names in its tickets.
pub(crate) const PLAYED: &str = "/playback/";
pub(crate) const PROTOCOL: &str = "playback";
/// Asks that wait at most; a player has one or two.
const MAX_WAITING: usize = 16;
const MAX_HEARD: usize = 4_096;
/// An answer is ended at this size; a fragment above it is sent alone.
const ANSWER_BYTES: usize = 3 * 1024 * 1024;
/// Fragments passed over in search of one that can be shown, for one answer.
const MOST_PASSED: u32 = 512;
/// A viewer that takes nothing for so long is let go; and one that says nothing, whose browser is gone.
const SEND_LIMIT: Duration = Duration::from_secs(20);
const SILENCE_LIMIT: Duration = Duration::from_secs(600);
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// A player that was let in. Dropping it tells the node what it was shown last, and that it left.
pub(crate) struct PlaybackAdmission {
    pub right: FootageRight,
    pub pieces: Pieces,
}

/// Checks the ticket for `name`, `<camera>/<stream>/<from>-<to>`.
pub(crate) fn admit_player(
    rooms: &Rooms,
    name: &str,
    text: Option<&str>,
) -> Result<PlaybackAdmission, Refusal> {
    let right = FootageRight::of(rooms, PROTOCOL, name, text)?;
    right.tell(right.event(EventKind::PlayerJoined));
    Ok(PlaybackAdmission {
        right,
        pieces: Pieces::default(),
    })
}

impl PlaybackAdmission {
    fn tell(&self, piece: Option<Piece>) {
        if let Some(piece) = piece {
            let mut event = self.right.event(EventKind::FootageShown);
            event.reason = way_name(piece.way).to_owned();
            (event.from_us, event.to_us) = (piece.from_us, piece.to_us);
            event.pictures = piece.pictures;
            self.right.tell(event);
        }
    }

    pub fn tell_open_piece(&mut self) {
        let piece = self.pieces.take();
        self.tell(piece);
    }
}

impl Drop for PlaybackAdmission {
    fn drop(&mut self) {
        self.tell_open_piece();
        self.right.tell(self.right.event(EventKind::PlayerLeft));
    }
}

/// Answers until either side ends it. `heard`: what came after the request.
pub(crate) async fn play(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    mut player: PlaybackAdmission,
    mut heard: Vec<u8>,
) -> io::Result<()> {
    let mut revocations = player.right.shared.revocations.subscribe();
    revocations.mark_changed();
    let right = &player.right;
    let footage = || right.shared.footage.reader(right.stream.clone());
    let mut reader = footage().in_turn(right.turn);
    // Tables of files that are looked at beside what is played are not to push its own out, and what comes after it nobody wants.
    let mut beside = footage().in_turn(right.turn).here_and_there();
    let (mut asks, mut pace) = (Asks::default(), Pace::default());
    let mut buffer = [0; 1_024];
    loop {
        if !take_heard(&mut stream, &mut heard, &mut asks).await? {
            return Ok(());
        }
        let now = Instant::now();
        if player.pieces.due().is_some_and(|due| due <= now) {
            player.tell_open_piece();
        }
        let wait = pace.wait(now);
        if wait.is_zero()
            && let Some(ask) = asks.next()
        {
            pace.asked(now);
            if player.right.has_ended() {
                player.tell_open_piece(); // a slow browser takes its time over the farewell
                return goodbye(&mut stream, TicketError::Revoked.into()).await;
            }
            let done;
            (player, reader, beside, done) = tokio::task::spawn_blocking(move || {
                let done = match ask.peek {
                    true => peek(&player, &mut beside, &ask),
                    false => answer(&mut player, &mut reader, &ask),
                };
                (player, reader, beside, done)
            })
            .await
            .map_err(io::Error::other)?;
            match done {
                Ok(message) => send(&mut stream, &mut player, &message, &mut revocations).await?,
                Err(error) => {
                    tracing::error!(%error, "footage could not be looked up");
                    return goodbye(&mut stream, Refusal::NoPicture).await;
                }
            }
            continue;
        }
        tokio::select! {
            biased;
            changed = revocations.changed() => {
                if changed.is_err() || player.right.has_ended() {
                    player.tell_open_piece();
                    return goodbye(&mut stream, TicketError::Revoked.into()).await;
                }
            }
            () = tokio::time::sleep(wait), if !asks.is_empty() => {}
            () = until(player.pieces.due()) => {}
            read = tokio::time::timeout(SILENCE_LIMIT, stream.read(&mut buffer)) => match read {
                Ok(Ok(count)) if count > 0 => heard.extend_from_slice(&buffer[..count]),
                Ok(Err(error)) => return Err(error),
                _ => return Ok(()),
            },
        }
    }
}

/// What a player has asked and was not answered.
#[derive(Default)]
struct Asks {
    waiting: VecDeque<Ask>,
    /// The newest alone: whoever moves a pointer on does not want what it was on.
    peek: Option<Ask>,
}

impl Asks {
    /// False: these are too many.
    fn take(&mut self, ask: Ask) -> bool {
        if ask.peek {
            self.peek = Some(ask);
            return true;
        }
        if !ask.on {
            self.waiting.clear(); // what was asked before a seek is not wanted any more
        }
        let fits = self.waiting.len() < MAX_WAITING;
        if fits {
            self.waiting.push_back(ask);
        }
        fits
    }

    /// What is played goes first.
    fn next(&mut self) -> Option<Ask> {
        self.waiting.pop_front().or_else(|| self.peek.take())
    }

    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.peek.is_none()
    }
}

pub(crate) async fn until(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when.into()).await,
        None => std::future::pending().await,
    }
}

/// False when the browser closes or breaks the rules.
async fn take_heard(
    stream: &mut (impl AsyncWrite + Unpin),
    heard: &mut Vec<u8>,
    asks: &mut Asks,
) -> io::Result<bool> {
    while let Some((opcode, payload, length)) = client_frame(heard) {
        heard.drain(..length);
        match opcode {
            CLOSE => return Ok(false),
            PING => write(stream, &message(PONG, &payload[..payload.len().min(125)])).await?,
            TEXT => match Ask::read(&payload) {
                Some(ask) if asks.take(ask) => {}
                _ => return Ok(false),
            },
            _ => {}
        }
    }
    let masked = heard.len() < 2 || heard[1] & 0x80 != 0;
    Ok(heard.len() <= MAX_HEARD && masked)
}

/// What is asked for, as the bytes of two messages.
fn answer(
    player: &mut PlaybackAdmission,
    reader: &mut FootageReader,
    ask: &Ask,
) -> Result<Vec<Bytes>, RecordingError> {
    let leapt = player.pieces.ended_by(ask);
    player.tell(leapt);
    let shared = Arc::clone(&player.right.shared);
    let recorder = shared
        .footage
        .recorder()
        .map_err(|_| RecordingError::NoFolder)?;
    let (from_us, to_us) = (player.right.from_us, player.right.to_us);
    let at_us = ask.at_us.clamp(from_us, to_us);
    let pictures = Pictures {
        way: ask.way,
        origin_us: if ask.way == Way::Back { to_us } else { from_us },
        until_us: to_us,
    };
    let mut told = Answer::beginning(at_us);
    let mut bytes: Vec<Bytes> = Vec::new();
    let mut length = 0;
    let mut count = 0;
    let mut passed = 0;
    let mut ended = false;
    let mut described: Option<Bytes> = None;
    let sought_us = if ask.on { i64::MIN } else { at_us };
    let mut seeking = !ask.on && ask.way != Way::Back;
    while count < ask.count && length < ANSWER_BYTES && passed < MOST_PASSED {
        passed += 1;
        let at_us = told.reached_us();
        let next = match ask.way {
            Way::Back => reader.before(recorder, at_us, from_us)?,
            Way::All | Way::Keys => reader.at_or_after(recorder, at_us, from_us, to_us)?,
        };
        let Some(mut spot) = next else {
            ended = true;
            break;
        };
        if seeking {
            // A long group of pictures is kept in parts: it is begun with its key frame.
            let mut first = Some(spot.clone());
            while let Some(before) = first.take_if(|one| one.facts().is_some() && !one.is_key()) {
                first = reader.before(recorder, before.start_us, from_us)?;
            }
            match first {
                Some(key) if key.is_key() => {
                    spot = key;
                    told = Answer::beginning(at_us.min(spot.start_us));
                }
                _ if spot.facts().is_some() => {
                    told.reach(ask.way, spot.start_us, spot.end_us); // its key frame may not be seen
                    continue;
                }
                _ => {}
            }
            seeking = false;
        }
        // What is here does not wait for what is to be fetched.
        let read = match count {
            0 => Some(reader.read(&spot)),
            _ => reader.read_here(&spot),
        };
        let Some(read) = read else { break };
        let mut piece = match read {
            Footage::Damaged(reason) => {
                told.reach(ask.way, spot.start_us, spot.end_us);
                told.damage(spot.start_us, spot.end_us, &reason);
                continue;
            }
            // What comes after it most likely is as well: whoever watches is told now.
            Footage::Away(reason) => {
                told.reach(ask.way, spot.start_us, spot.end_us);
                told.away(spot.start_us, spot.end_us, &reason);
                break;
            }
            Footage::Removed => {
                told.reach(ask.way, spot.start_us, spot.end_us);
                continue;
            }
            Footage::Fragment(fragment) => fragment,
        };
        let skipped = ask.way != Way::All && !spot.is_key();
        if ask.way != Way::All && !skipped {
            // The key frame stands for all of its group.
            let ended_us = reader.group_end(recorder, &spot, to_us)?;
            spot.end_us = ended_us.min(to_us).max(spot.end_us);
            piece.facts.end_us = spot.end_us;
        }
        let Some(shown) = (!skipped).then(|| shown(&piece, pictures)).flatten() else {
            told.reach(ask.way, spot.start_us, spot.end_us);
            continue;
        };
        let init = &piece.description.pictures_only;
        if described.as_ref() != Some(init) {
            let size = (piece.description.width, piece.description.height);
            told.reach(ask.way, spot.start_us, spot.start_us.max(told.reached_us()));
            told.init(&piece.description.codec_string, size, init);
            length += init.len();
            bytes.push(init.clone());
            described = Some(init.clone());
        }
        told.reach(ask.way, spot.start_us, spot.end_us);
        let size = shown.head.len() + shown.payload.len();
        told.fragment(&piece.facts, &shown.times_us, size);
        let span = (spot.start_us, spot.end_us.min(to_us));
        let pictures = shown.times_us.len() as u64;
        player.pieces.note(ask.way, span, pictures, Instant::now());
        length += size;
        bytes.extend([shown.head, shown.payload]);
        let is_there = ask.way != Way::All || spot.end_us > sought_us; // parts on the way to the instant that is sought come besides
        count += u32::from(is_there);
    }
    player.pieces.reach(ask.way, told.reached_us());
    Ok(messages(&told.text(ask, ended, length), length, bytes))
}

/// The key frame that an instant hangs on; where there is no footage, that. What is played, and what is told of it, goes on.
fn peek(
    player: &PlaybackAdmission,
    reader: &mut FootageReader,
    ask: &Ask,
) -> Result<Vec<Bytes>, RecordingError> {
    let recorder = player.right.shared.footage.recorder();
    let recorder = recorder.map_err(|_| RecordingError::NoFolder)?;
    let (from_us, to_us) = (player.right.from_us, player.right.to_us);
    let at_us = ask.at_us.clamp(from_us, to_us - 1);
    let mut told = Answer::beginning(at_us);
    let nothing = |told: Answer| Ok(messages(&told.text(ask, true, 0), 0, Vec::new()));
    let mut spot = reader.at_or_after(recorder, at_us, from_us, to_us)?;
    if spot.as_ref().is_none_or(|one| one.start_us > at_us) {
        // Fragments that tremble apart are one stretch.
        let resumes_us = spot.map_or(to_us, |next| next.start_us);
        spot = reader.before(recorder, at_us, from_us)?;
        let ended_us = spot.as_ref().map_or(from_us, |one| one.end_us);
        if resumes_us.saturating_sub(ended_us) > GAP_US {
            let mut gap = Answer::beginning(ended_us);
            gap.reach(ask.way, resumes_us, resumes_us);
            return nothing(gap);
        }
    }
    while let Some(part) = spot.take_if(|one| one.facts().is_some() && !one.is_key()) {
        spot = reader.before(recorder, part.start_us, from_us)?;
    }
    let pictures = Pictures {
        way: Way::Keys,
        origin_us: from_us,
        until_us: to_us,
    };
    let Some(spot) = spot else {
        return nothing(told);
    };
    let (found, reason) = match reader.read(&spot) {
        Footage::Fragment(fragment) => (Some(fragment), String::new()),
        Footage::Away(reason) => {
            told.away(spot.start_us, spot.end_us, &reason);
            return nothing(told);
        }
        Footage::Damaged(reason) => (None, reason),
        Footage::Removed => (None, "it was removed".to_owned()),
    };
    let Some((fragment, shown)) = found.and_then(|one| shown(&one, pictures).map(|it| (one, it)))
    else {
        told.damage(spot.start_us, spot.end_us, &reason);
        return nothing(told);
    };
    let init = fragment.description.pictures_only.clone();
    let size = (fragment.description.width, fragment.description.height);
    told.init(&fragment.description.codec_string, size, &init);
    let length = shown.head.len() + shown.payload.len();
    told.fragment(&fragment.facts, &shown.times_us, length);
    let mut event = player.right.event(EventKind::FootageShown);
    event.reason = PEEK.to_owned();
    (event.from_us, event.to_us) = (spot.start_us, spot.end_us.min(to_us));
    event.pictures = 1;
    player.right.tell(event);
    let length = init.len() + length;
    let bytes = vec![init, shown.head, shown.payload];
    Ok(messages(&told.text(ask, false, length), length, bytes))
}

/// A text, and where there are any, its bytes.
fn messages(text: &str, length: usize, mut bytes: Vec<Bytes>) -> Vec<Bytes> {
    let mut messages = vec![message(TEXT, text.as_bytes())];
    if length > 0 {
        let mut head = BytesMut::with_capacity(10);
        websocket_header(&mut head, BINARY, length);
        messages.push(head.freeze());
        messages.append(&mut bytes);
    }
    messages
}

/// An ended right cuts the answer that is under way.
pub(crate) async fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    player: &mut PlaybackAdmission,
    messages: &[Bytes],
    revocations: &mut tokio::sync::watch::Receiver<u64>,
) -> io::Result<()> {
    for part in messages {
        let mut writing = std::pin::pin!(write(stream, part));
        loop {
            tokio::select! {
                biased;
                changed = revocations.changed() => {
                    if changed.is_err() || player.right.has_ended() {
                        return Err(io::ErrorKind::PermissionDenied.into());
                    }
                }
                written = &mut writing => {
                    written?;
                    break;
                }
            }
        }
        player
            .right
            .shared
            .bytes_out
            .fetch_add(part.len() as u64, Ordering::Relaxed);
    }
    stream.flush().await
}

pub(crate) async fn goodbye(
    stream: &mut (impl AsyncWrite + Unpin),
    why: Refusal,
) -> io::Result<()> {
    write(stream, &why.websocket_close()).await?;
    tokio::time::timeout(SEND_LIMIT, stream.shutdown()).await?
}

pub(crate) async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    tokio::time::timeout(SEND_LIMIT, stream.write_all(bytes)).await?
}
