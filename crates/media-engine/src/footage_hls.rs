//! Recorded footage as HLS with a known end, for players of others: the playlist of what is there, heads, and segments whose pictures
//! are the recorded ones. Who asks opens it once, and is one reader however many requests follow; it lasts as long as the right to
//! it, or until nobody asks any more. docs/decisions/0070-foreign-players.md.
use crate::admission::allowed;
use crate::event::EventKind;
use crate::footage_asks::{Ask, way_name};
use crate::footage_files::FilesInTurn;
use crate::footage_list::{Listing, segment_of};
use crate::footage_pieces::{Piece, Pieces, TELL_EVERY};
use crate::footage_right::FootageRight;
use crate::footage_viewer::PROTOCOL;
use crate::http::{Rooms, query_value};
use crate::refusal::Refusal;
use crate::ticket::TicketError;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use recording::{FindFiles, Footage, FootageReader, Pictures, Spot, Way, shown};
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;

/// Names of recorded footage begin so, below `/hls/` and `/ws/` as in their tickets.
pub(crate) const RECORDED: &str = "playback/";
/// Who asks for nothing any more has left after this time: players have a minute ahead, and may be paused for a while.
const UNASKED_LIMIT: Duration = Duration::from_secs(180);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Requests of one opening that are answered at once; a player has one or two.
const AT_ONCE: usize = 4;
/// Fragments that wait for one slow reader, at most.
const AHEAD: usize = 1;
/// A player that takes nothing for so long has gone.
const SEND_LIMIT: Duration = Duration::from_secs(120);

/// By session.
#[derive(Default)]
pub(crate) struct FootageOpenings(Mutex<HashMap<String, Arc<Opening>>>);

/// One session's player. Dropping it tells the node what it was shown last, and that it left.
struct Opening {
    right: FootageRight,
    /// Where it was opened from: an address that is passed on lasts no longer than its ticket elsewhere.
    peer: IpAddr,
    asked: Mutex<Instant>,
    pieces: Mutex<Pieces>,
    /// Between two requests.
    reader: Mutex<Option<FootageReader>>,
    answering: Arc<Semaphore>,
}

fn lock<One>(of: &Mutex<One>) -> MutexGuard<'_, One> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `name`: what the ticket is for, with [`RECORDED`]; `file`: what is asked for below it.
pub(crate) async fn serve(
    rooms: &Rooms,
    name: &str,
    file: &str,
    query: Option<&str>,
) -> Result<Response, Refusal> {
    let ticket = query_value(query, "ticket");
    let opening = rooms.footage_openings.of(rooms, name, ticket)?;
    let place = Arc::clone(&opening.answering).try_acquire_owned();
    let place = Arc::new(place.map_err(|_| Refusal::TooManyReadersOfSession)?);
    match file.strip_prefix("seg/") {
        Some(file) => segment(rooms, Arc::clone(&opening), place, file).await,
        None if file == "init.mp4" => {
            let at_us = query_value(query, "at").and_then(|at| at.parse().ok());
            let at_us = at_us.ok_or(Refusal::NoSuchFile)?;
            let head =
                blocking(&opening, &place, move |one, reader| one.head(reader, at_us)).await?;
            Ok(media(Body::from(head)))
        }
        None if file == "index.m3u8" => {
            let told = ticket.unwrap_or_default().to_owned();
            let text =
                blocking(&opening, &place, move |one, reader| one.list(reader, &told)).await?;
            let kind = [(header::CONTENT_TYPE, "application/vnd.apple.mpegurl")];
            Ok((kind, text).into_response())
        }
        None => Err(Refusal::NoSuchFile),
    }
}

fn media(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "video/mp4")], body).into_response()
}

impl FootageOpenings {
    /// The one of this ticket's session; whoever comes first opens it, and is told to the node. While it is open the ticket need not
    /// last for who opened it: what ends it is the end of the right.
    fn of(
        self: &Arc<Self>,
        rooms: &Rooms,
        name: &str,
        text: Option<&str>,
    ) -> Result<Arc<Opening>, Refusal> {
        let is_open = |session: &str| {
            let open = lock(&self.0);
            open.get(session)
                .is_some_and(|found| found.peer == rooms.peer)
        };
        let ticket = allowed(rooms, name, text, PROTOCOL, is_open)?;
        let mut open = lock(&self.0);
        if let Some(found) = open.get(&ticket.session) {
            *lock(&found.asked) = Instant::now();
            return Ok(Arc::clone(found));
        }
        let below = name.strip_prefix(RECORDED).ok_or(Refusal::NoSource)?;
        let right = FootageRight::of(rooms, PROTOCOL, below, text)?;
        right.tell(right.event(EventKind::PlayerJoined));
        let opening = Arc::new(Opening {
            right,
            peer: rooms.peer,
            asked: Mutex::new(Instant::now()),
            pieces: Mutex::default(),
            reader: Mutex::default(),
            answering: Arc::new(Semaphore::new(AT_ONCE)),
        });
        open.insert(ticket.session.clone(), Arc::clone(&opening));
        drop(open);
        tokio::spawn(Arc::clone(self).keep(ticket.session, Arc::clone(&opening)));
        Ok(opening)
    }

    /// Until the right ends, or nobody asks.
    async fn keep(self: Arc<Self>, session: String, opening: Arc<Opening>) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                () = opening.right.ended() => break,
                _ = look.tick() => {}
            }
            opening.tell_what_is_due();
            let is_answering = opening.answering.available_permits() < AT_ONCE;
            let mut open = lock(&self.0);
            if !is_answering && lock(&opening.asked).elapsed() > UNASKED_LIMIT {
                open.remove(&session);
                return;
            }
        }
        lock(&self.0).remove(&session);
    }
}

impl Opening {
    fn tell(&self, piece: Option<Piece>) {
        if let Some(piece) = piece {
            let mut event = self.right.event(EventKind::FootageShown);
            event.reason = way_name(piece.way).to_owned();
            (event.from_us, event.to_us) = (piece.from_us, piece.to_us);
            event.pictures = piece.pictures;
            self.right.tell(event);
        }
    }

    fn tell_what_is_due(&self) {
        let mut pieces = lock(&self.pieces);
        let is_due = pieces.due().is_some_and(|due| due <= Instant::now());
        let piece = is_due.then(|| pieces.take()).flatten();
        drop(pieces);
        self.tell(piece);
    }

    /// A segment's pictures were handed over, from its beginning on.
    fn gave(&self, from_us: i64, to_us: i64, pictures: u64) {
        let mut pieces = lock(&self.pieces);
        let ended = pieces.ended_by(&Ask {
            number: 0,
            way: Way::All,
            at_us: from_us,
            on: true,
            count: 1,
            peek: false,
        });
        pieces.note(Way::All, (from_us, to_us), pictures, Instant::now());
        pieces.reach(Way::All, to_us);
        drop(pieces);
        self.tell(ended);
    }

    fn sent(&self, bytes: usize) {
        let shared = &self.right.shared;
        shared.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn take_reader(&self) -> FootageReader {
        let kept = lock(&self.reader).take();
        kept.unwrap_or_else(|| {
            let reader = self.right.shared.footage.reader(self.right.stream.clone());
            reader.in_turn(self.right.turn)
        })
    }

    /// The first fragment that begins between two times and ends after `at_us`.
    fn spot(
        &self,
        reader: &mut FootageReader,
        at_us: i64,
        (from_us, to_us): (i64, i64),
    ) -> Result<Option<Spot>, Refusal> {
        let recorder = self.right.shared.footage.recorder();
        let recorder = recorder.map_err(|_| Refusal::NoSource)?;
        self.spot_of(reader, recorder, at_us, (from_us, to_us))
    }

    /// The same by another way to know which files there are.
    fn spot_of(
        &self,
        reader: &mut FootageReader,
        files: &dyn FindFiles,
        at_us: i64,
        (from_us, to_us): (i64, i64),
    ) -> Result<Option<Spot>, Refusal> {
        if self.right.has_ended() {
            return Err(TicketError::Revoked.into());
        }
        let found = reader.at_or_after(files, at_us, from_us, to_us);
        found.map_err(|error| {
            tracing::error!(%error, "footage could not be looked up");
            Refusal::NoPicture
        })
    }

    /// The playlist's text.
    fn list(&self, reader: &mut FootageReader, ticket: &str) -> Result<String, Refusal> {
        let period = (self.right.from_us, self.right.to_us);
        let recorder = self.right.shared.footage.recorder();
        let recorder = recorder.map_err(|_| Refusal::NoSource)?;
        let files = FilesInTurn::new(recorder);
        let mut listing = Listing::new(period.0, period.1);
        let mut at_us = period.0;
        while let Some(spot) = self.spot_of(reader, &files, at_us, period)? {
            at_us = spot.end_us.max(at_us + 1);
            match reader.description(&spot) {
                Some(head) => {
                    let head = head.pictures_only.clone();
                    listing.take(spot.start_us, spot.end_us, spot.is_key(), head);
                }
                None => listing.damage(),
            }
        }
        if listing.is_empty() {
            return Err(Refusal::NoPicture);
        }
        let text = listing.text(ticket);
        self.sent(text.len());
        Ok(text)
    }

    /// `ftyp` and `moov` of the fragment that begins there.
    fn head(&self, reader: &mut FootageReader, at_us: i64) -> Result<Bytes, Refusal> {
        let from_us = at_us.max(self.right.from_us);
        let spot = self.spot(reader, from_us, (from_us, self.right.to_us))?;
        let spot = spot.ok_or(Refusal::NoSource)?;
        let head = reader.description(&spot).ok_or(Refusal::NoSource)?;
        self.sent(head.pictures_only.len());
        Ok(head.pictures_only.clone())
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let piece = lock(&self.pieces).take();
        self.tell(piece);
        self.right.tell(self.right.event(EventKind::PlayerLeft));
    }
}

/// Work that reads files. It keeps its place until it is done, though who asked has gone.
async fn blocking<Done: Send + 'static>(
    opening: &Arc<Opening>,
    place: &Arc<OwnedSemaphorePermit>,
    work: impl FnOnce(&Opening, &mut FootageReader) -> Result<Done, Refusal> + Send + 'static,
) -> Result<Done, Refusal> {
    let (opening, place) = (Arc::clone(opening), Arc::clone(place));
    let working = tokio::task::spawn_blocking(move || {
        let _place = place;
        let mut reader = opening.take_reader();
        let done = work(&opening, &mut reader);
        *lock(&opening.reader) = Some(reader);
        done
    });
    working.await.map_err(|error| {
        tracing::error!(%error, "footage could not be read");
        Refusal::NoPicture
    })?
}

/// A segment on its way.
struct Finding {
    opening: Arc<Opening>,
    from_us: i64,
    to_us: i64,
    at_us: i64,
    waits_for_key: bool,
}

/// A fragment, its pictures, and where it ends.
type Part = ([Bytes; 2], u64, i64);

impl Finding {
    /// Errors: it lies in a second tier that does not give it; the right has ended; the index does not answer.
    fn next(&mut self, reader: &mut FootageReader) -> Result<Option<Part>, Refusal> {
        let opening = Arc::clone(&self.opening);
        let period = (self.from_us, self.to_us);
        while let Some(spot) = opening.spot(reader, self.at_us, period)? {
            self.at_us = spot.end_us.max(self.at_us + 1);
            if self.waits_for_key && !spot.is_key() {
                continue;
            }
            let fragment = match reader.read(&spot) {
                Footage::Fragment(fragment) => fragment,
                Footage::Away(why) => {
                    let stream = opening.right.stream.as_str();
                    tracing::warn!(stream, why, "footage cannot be fetched");
                    return Err(Refusal::NoPicture);
                }
                Footage::Damaged(_) | Footage::Removed => {
                    self.waits_for_key = true;
                    continue;
                }
            };
            let pictures = Pictures {
                way: Way::All,
                origin_us: opening.right.from_us,
                until_us: opening.right.to_us,
            };
            let Some(shown) = shown(&fragment, pictures) else {
                continue;
            };
            self.waits_for_key = false;
            let count = shown.times_us.len() as u64;
            return Ok(Some(([shown.head, shown.payload], count, spot.end_us)));
        }
        Ok(None)
    }
}

/// What of a segment was handed over. Dropping it tells: the end of the right cuts a segment anywhere.
struct Given {
    opening: Arc<Opening>,
    from_us: i64,
    to_us: i64,
    pictures: u64,
    begun: Instant,
}

impl Given {
    fn of(opening: &Arc<Opening>, from_us: i64) -> Self {
        Self {
            opening: Arc::clone(opening),
            from_us,
            to_us: from_us,
            pictures: 0,
            begun: Instant::now(),
        }
    }

    fn take(&mut self, pictures: u64, to_us: i64) {
        self.to_us = to_us.min(self.opening.right.to_us);
        self.pictures += pictures;
        if self.begun.elapsed() > TELL_EVERY {
            *self = Self::of(&Arc::clone(&self.opening), self.to_us);
        }
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if self.pictures > 0 {
            self.opening.gave(self.from_us, self.to_us, self.pictures);
        }
    }
}

async fn segment(
    rooms: &Rooms,
    opening: Arc<Opening>,
    place: Arc<OwnedSemaphorePermit>,
    file: &str,
) -> Result<Response, Refusal> {
    let period = (opening.right.from_us, opening.right.to_us);
    let (from_us, to_us) = segment_of(file, period).ok_or(Refusal::NoSuchFile)?;
    let mut finding = Finding {
        opening: Arc::clone(&opening),
        from_us,
        to_us,
        at_us: from_us,
        waits_for_key: false,
    };
    let read = move |_: &Opening, reader: &mut FootageReader| {
        let part = finding.next(reader)?;
        Ok((finding, part))
    };
    let (finding, first) = blocking(&opening, &place, read).await?;
    let first = first.ok_or(Refusal::NoSource)?; // all of it is damaged
    rooms.carrier.may_take(SEND_LIMIT);
    let carrier = Arc::clone(&rooms.carrier);
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        tokio::select! {
            biased;
            () = opening.right.ended() => carrier.cut(),
            () = hand_over(finding, first, &sender, &place) => {}
        }
    });
    Ok(media(Body::from_stream(ReceiverStream::new(receiver))))
}

/// Fragment by fragment, as the player takes them.
async fn hand_over(
    mut finding: Finding,
    first: Part,
    sender: &mpsc::Sender<io::Result<Bytes>>,
    place: &Arc<OwnedSemaphorePermit>,
) {
    let opening = Arc::clone(&finding.opening);
    let mut given = Given::of(&opening, finding.from_us);
    let mut next = Some(first);
    while let Some((bytes, pictures, end_us)) = next.take() {
        for one in bytes {
            let length = one.len();
            if sender.send(Ok(one)).await.is_err() {
                return;
            }
            opening.sent(length);
        }
        given.take(pictures, end_us);
        let read = move |_: &Opening, reader: &mut FootageReader| {
            let part = finding.next(reader)?;
            Ok((finding, part))
        };
        match blocking(&opening, place, read).await {
            Ok((going, part)) => (finding, next) = (going, part),
            Err(_) => {
                // A player must not take a part for the whole.
                let _ = sender
                    .send(Err(io::ErrorKind::ConnectionAborted.into()))
                    .await;
                return;
            }
        }
    }
    // Until the last fragment is taken up as well the end of the right cuts it, and its place is not another's.
    let _ = sender.reserve().await;
}
