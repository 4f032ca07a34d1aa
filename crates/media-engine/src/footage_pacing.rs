//! Recorded footage sent at the node's pace to players of others: pictures one by one over a WebSocket, framed as those of a live
//! stream, in media time that runs as the clock does. What is held is one group of pictures; whoever takes it slower than it passes
//! sees it slower. docs/decisions/0070-foreign-players.md.
use crate::footage_asks::GAP_US;
use crate::footage_right::FootageRight;
use crate::footage_viewer::{PlaybackAdmission, goodbye, send, until, write};
use crate::pacing::{Sending, Stretch};
use crate::refusal::Refusal;
use crate::ticket::TicketError;
use crate::viewer::{client_frame, message};
use bytes::Bytes;
use recording::{Footage, FootageReader, Spot, Way, pictures};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// From what a second tier does not give to what is tried next.
const AWAY_US: i64 = 10_000_000;
/// A paused player is asked for a sign of life, and let go without one.
const PING_EVERY: Duration = Duration::from_secs(30);
const SILENCE_LIMIT: Duration = Duration::from_secs(600);
/// For the other side's close.
const GOODBYE_LIMIT: Duration = Duration::from_secs(5);
const MAX_HEARD: usize = 4_096;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Sends until the footage, the right or the player ends. `heard`: what came after the request.
pub(crate) async fn pace(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    mut player: PlaybackAdmission,
    mut heard: Vec<u8>,
) -> io::Result<()> {
    let steered = player.right.shared.steering.of(&player.right.session);
    let mut wishes = steered.follow();
    let mut revocations = player.right.shared.revocations.subscribe();
    revocations.mark_changed();
    let mut film = Film::of(&player.right);
    let mut sending = Sending::new(*wishes.borrow_and_update());
    if sending.wish.leap.0 > 0 {
        film.leap(sending.wish.leap.1, &player.right); // somebody said where to before the player came
    }
    sending.owed = sending.wish.paused;
    let (mut ping, mut last_heard) = (tokio::time::interval(PING_EVERY), Instant::now());
    let mut buffer = [0; 1_024];
    loop {
        if !take_heard(&mut stream, &mut heard).await? {
            return Ok(());
        }
        if player.pieces.due().is_some_and(|due| due <= Instant::now()) {
            player.tell_open_piece();
        }
        if sending.wants_more() {
            let way = sending.way();
            let found;
            (player, film, found) = tokio::task::spawn_blocking(move || {
                let found = film.next(&player.right, way);
                (player, film, found)
            })
            .await
            .map_err(io::Error::other)?;
            match found {
                Ok(Some(stretch)) => sending.take(stretch),
                Ok(None) => sending.over = true,
                Err(why) => {
                    player.tell_open_piece();
                    return goodbye(&mut stream, why).await;
                }
            }
        }
        let due = sending.due();
        tokio::select! {
            biased;
            changed = revocations.changed() => {
                if changed.is_err() || player.right.has_ended() {
                    player.tell_open_piece(); // a slow browser takes its time over the farewell
                    return goodbye(&mut stream, TicketError::Revoked.into()).await;
                }
            }
            Ok(()) = wishes.changed() => {
                let wish = *wishes.borrow_and_update();
                let change = sending.steer(wish);
                if wish.paused {
                    // A player says nothing while it plays: from here on it is asked.
                    last_heard = Instant::now();
                    ping.reset();
                }
                film.anew |= change.anew;
                if change.leap_us.is_some() || change.other_way {
                    player.tell_open_piece();
                    (film.waits_for_key, film.anew) = (true, true);
                }
                if let Some(at_us) = change.leap_us {
                    film.leap(at_us, &player.right);
                }
            }
            () = until(due) => match sending.next() {
                Some(picture) => {
                    if let Some(described) = sending.described(&picture) {
                        player.tell_open_piece();
                        send(&mut stream, &mut player, &described, &mut revocations).await?;
                    }
                    let bytes = sending.message(&picture);
                    send(&mut stream, &mut player, &bytes, &mut revocations).await?;
                    steered.reach(picture.time_us);
                    let span = (picture.time_us, picture.time_us + i64::from(picture.duration_90k) * 100 / 9);
                    player.pieces.note(sending.way(), span, 1, Instant::now());
                }
                None => {
                    player.tell_open_piece();
                    return farewell(&mut stream).await;
                }
            },
            () = until(player.pieces.due()) => {}
            _ = ping.tick(), if sending.wish.paused => {
                if last_heard.elapsed() > SILENCE_LIMIT {
                    return Ok(());
                }
                write(&mut stream, &message(PING, &[])).await?;
                stream.flush().await?;
            }
            read = stream.read(&mut buffer) => match read? {
                0 => return Ok(()),
                count => {
                    last_heard = Instant::now();
                    heard.extend_from_slice(&buffer[..count]);
                }
            },
        }
    }
}

/// False when the browser closes or breaks the rules. What it says otherwise changes nothing.
async fn take_heard(
    stream: &mut (impl AsyncWrite + Unpin),
    heard: &mut Vec<u8>,
) -> io::Result<bool> {
    while let Some((opcode, payload, length)) = client_frame(heard) {
        heard.drain(..length);
        match opcode {
            CLOSE => return Ok(false),
            PING => write(stream, &message(PONG, &payload[..payload.len().min(125)])).await?,
            _ => {}
        }
    }
    let masked = heard.len() < 2 || heard[1] & 0x80 != 0;
    Ok(heard.len() <= MAX_HEARD && masked)
}

/// All was sent.
async fn farewell(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
    write(stream, &message(CLOSE, &1_000_u16.to_be_bytes())).await?;
    stream.flush().await?;
    let mut rest = [0; 256];
    let other_side = async { while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {} };
    let _ = tokio::time::timeout(GOODBYE_LIMIT, other_side).await; // whoever does not answer is cut off
    stream.shutdown().await
}

/// Where footage is read.
struct Film {
    reader: FootageReader,
    at_us: i64,
    /// Where what was read last ends.
    reached_us: i64,
    /// It is to begin with the key frame that `at_us` hangs on.
    seeking: bool,
    waits_for_key: bool,
    /// Players are told anew what comes.
    anew: bool,
    head: Bytes,
}

impl Film {
    fn of(right: &FootageRight) -> Self {
        let reader = right.shared.footage.reader(right.stream.clone());
        Self {
            reader: reader.in_turn(right.turn),
            at_us: right.from_us,
            reached_us: right.from_us,
            seeking: false,
            waits_for_key: true,
            anew: true,
            head: Bytes::new(),
        }
    }

    /// What comes next; None: there is no more. Errors: the right has ended, or the index does not answer.
    fn next(&mut self, right: &FootageRight, way: Way) -> Result<Option<Stretch>, Refusal> {
        loop {
            if right.has_ended() {
                return Err(TicketError::Revoked.into());
            }
            let Some(spot) = self.spot(right)? else {
                return Ok(None);
            };
            self.at_us = spot.end_us.max(spot.start_us + 1);
            if (way == Way::Keys || self.waits_for_key) && !spot.is_key() {
                continue;
            }
            let mut fragment = match self.reader.read(&spot) {
                Footage::Fragment(fragment) => fragment,
                Footage::Away(_) => {
                    self.at_us = self.at_us.saturating_add(AWAY_US);
                    self.waits_for_key = true;
                    continue;
                }
                Footage::Damaged(_) | Footage::Removed => {
                    self.waits_for_key = true;
                    continue;
                }
            };
            if way == Way::Keys {
                // The key frame stands for all of its group.
                let recorder = right
                    .shared
                    .footage
                    .recorder()
                    .map_err(|_| Refusal::NoSource)?;
                let end_us = self.reader.group_end(recorder, &spot, right.to_us);
                self.at_us = end_us.map_err(not_looked_up)?.max(self.at_us);
                fragment.facts.end_us = self.at_us.min(right.to_us);
            }
            let Some(pictures) = pictures(&fragment, way, right.to_us) else {
                continue;
            };
            let head = &fragment.description.pictures_only;
            let lacks_us = (spot.start_us - self.reached_us).abs();
            let anew = self.anew || lacks_us > GAP_US || self.head != head;
            self.head = head.clone();
            (self.reached_us, self.anew, self.waits_for_key) = (self.at_us, false, false);
            return Ok(Some(Stretch {
                pictures: pictures.into(),
                description: Arc::clone(&fragment.description),
                anew,
            }));
        }
    }

    fn spot(&mut self, right: &FootageRight) -> Result<Option<Spot>, Refusal> {
        let recorder = right
            .shared
            .footage
            .recorder()
            .map_err(|_| Refusal::NoSource)?;
        let (from_us, to_us) = (right.from_us, right.to_us);
        let reader = &mut self.reader;
        let found = reader.at_or_after(recorder, self.at_us, from_us, to_us);
        let found = found.map_err(not_looked_up)?;
        if !std::mem::take(&mut self.seeking) {
            return Ok(found);
        }
        // A long group of pictures is kept in parts: it is begun with its key frame.
        let mut first = found.clone();
        while let Some(part) = first.take_if(|one| one.facts().is_some() && !one.is_key()) {
            first = reader
                .before(recorder, part.start_us, from_us)
                .map_err(not_looked_up)?;
        }
        Ok(first.filter(Spot::is_key).or(found))
    }

    fn leap(&mut self, at_us: i64, right: &FootageRight) {
        let at_us = at_us.clamp(right.from_us, right.to_us);
        (self.at_us, self.seeking, self.waits_for_key, self.anew) = (at_us, true, true, true);
    }
}

fn not_looked_up(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "footage could not be looked up");
    Refusal::NoPicture
}
