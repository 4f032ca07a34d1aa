//! Lets a reader in: ticket, source, limits; counts it and tells the node when it joins and leaves.
use crate::event::{Event, EventKind};
use crate::http::Rooms;
use crate::places::Place;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::table::Cell;
use crate::ticket::{self, Ticket, TicketError};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use stream_hub::{Hub, HubReader, Next, VideoInfo};
use tokio::sync::watch;

/// A name that is asked for is told up to this length; ours are shorter.
const MAX_NAME: usize = 96;

/// In the name of what a device plays of its own recordings.
const FILM: &str = "/device-";
/// The way of the console's player.
pub(crate) const WEB_SOCKET: &str = "ws";

/// A reader that was let in. Dropping it tells the node that it left.
pub(crate) struct Admission {
    shared: Arc<Shared>,
    pub cell: Arc<Cell>,
    session: String,
    protocol: &'static str,
    pub reason: &'static str,
    /// Pictures it missed because it was too slow, as far as they are counted.
    skipped: u64,
    _place: Place,
    _share: Place<String>,
}

/// An admitted reader that waits for pictures on the asynchronous side.
pub(crate) struct Reader {
    admission: Admission,
    pub hub: Arc<Hub>,
    pub pictures: HubReader,
    revocations: watch::Receiver<u64>,
}

/// Whether the ticket opens `name` for whoever asks; a refusal is counted and told to the node. `is_open`: of a session, that what
/// it asks for is open already and ends with its right, so that its ticket need not last as long.
pub(crate) fn allowed(
    rooms: &Rooms,
    name: &str,
    text: Option<&str>,
    protocol: &'static str,
    is_open: impl Fn(&str) -> bool,
) -> Result<Ticket, TicketError> {
    let shared = &rooms.shared;
    let genuine = text
        .ok_or(TicketError::Missing)
        .and_then(|text| ticket::read(&shared.config.ticket_key, text));
    let mut session = String::new();
    let decided = genuine.and_then(|ticket| {
        session.clone_from(&ticket.session);
        let now_unix = if is_open(&session) {
            0
        } else {
            shared.now_unix()
        };
        ticket.opens(name, now_unix, rooms.peer)?;
        if shared.bars(&ticket) {
            return Err(TicketError::Revoked);
        }
        if name.contains(FILM) && protocol != WEB_SOCKET {
            return Err(TicketError::OtherWay); // the other ways give a file, and footage leaves as a clip alone
        }
        Ok(ticket)
    });
    if let Err(error) = decided {
        tell_refused(rooms, name, session, protocol, error.word());
    }
    decided
}

/// The node records it, folded: somebody asked for what they were given no right to.
pub(crate) fn tell_refused(
    rooms: &Rooms,
    name: &str,
    session: String,
    protocol: &'static str,
    reason: &str,
) {
    let asked: String = name.chars().take(MAX_NAME).collect();
    let mut refused = Event::new(EventKind::TicketRefused, 0, &asked);
    refused.session = session;
    refused.protocol = protocol.to_owned();
    refused.reason = reason.to_owned();
    refused.remote_host = rooms.peer.to_canonical().to_string();
    rooms.shared.ticket_refused(refused);
}

/// Checks the ticket for `name` and joins its source.
pub(crate) fn admit(
    rooms: &Rooms,
    name: &str,
    text: Option<&str>,
    protocol: &'static str,
) -> Result<Admission, Refusal> {
    let shared = &rooms.shared;
    let ticket = allowed(rooms, name, text, protocol, |_| false)?;
    let cell = shared.table.by_name(name).ok_or(Refusal::NoSource)?;
    let Some(place) = shared.readers.enter(rooms.peer) else {
        shared.count_refused_viewer();
        return Err(Refusal::TooManyReaders);
    };
    let Some(share) = shared.readers_of_sessions.enter(ticket.session.clone()) else {
        shared.count_refused_viewer();
        return Err(Refusal::TooManyReadersOfSession);
    };
    let mut joined = Event::new(EventKind::ReaderJoined, cell.id, name);
    joined.session = ticket.session.clone();
    joined.protocol = protocol.to_owned();
    shared.events.push(joined);
    Ok(Admission {
        shared: Arc::clone(shared),
        cell,
        session: ticket.session,
        protocol,
        reason: "left",
        skipped: 0,
        _place: place,
        _share: share,
    })
}

impl Admission {
    /// Pictures it has missed so far: told while it reads, not when it leaves.
    pub fn count_skipped(&mut self, skipped: u64) {
        if skipped > self.skipped {
            self.shared
                .skipped_frames
                .fetch_add(skipped - self.skipped, Ordering::Relaxed);
            self.skipped = skipped;
        }
    }

    pub fn is_revoked(&self) -> bool {
        self.shared.is_revoked(&self.session)
    }

    pub fn sent(&self, bytes: usize) {
        self.shared
            .bytes_out
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Waits until something can be shown. Errors: [`Refusal::NoPicture`] after `limit`, [`Refusal::NoSource`].
    pub async fn video(&self, limit: std::time::Duration) -> Result<Arc<VideoInfo>, Refusal> {
        let mut pictures = self.cell.hub.read();
        match tokio::time::timeout(limit, pictures.next()).await {
            Ok(Next::Frame(_)) => self.cell.hub.video().ok_or(Refusal::NoPicture),
            Ok(Next::Closed) => Err(Refusal::NoSource),
            Err(_) => Err(Refusal::NoPicture),
        }
    }

    pub fn follow(self) -> Reader {
        let mut revocations = self.shared.revocations.subscribe();
        revocations.mark_changed(); // the session may have ended since its ticket was looked at
        Reader {
            hub: Arc::clone(&self.cell.hub),
            pictures: self.cell.hub.read(),
            revocations,
            admission: self,
        }
    }
}

impl Reader {
    /// The next picture; `Closed` when the source ends or the session is revoked.
    pub async fn next(&mut self) -> Next {
        loop {
            tokio::select! {
                biased; // an ended session gets no picture that lies ready
                changed = self.revocations.changed() => {
                    if changed.is_err() || self.admission.is_revoked() {
                        self.admission.reason = "session ended";
                        return Next::Closed;
                    }
                }
                next = self.pictures.next() => {
                    self.admission.count_skipped(self.pictures.skipped());
                    if matches!(next, Next::Closed) {
                        self.admission.reason = "source closed";
                    }
                    return next;
                }
            }
        }
    }

    /// The description of the stream, waiting for the first picture if need be. None when the source ends before.
    pub async fn video(&mut self) -> Option<(Arc<VideoInfo>, Next)> {
        match self.next().await {
            Next::Frame(frame) => self.hub.video().map(|video| (video, Next::Frame(frame))),
            Next::Closed => None,
        }
    }

    pub fn sent(&self, bytes: usize) {
        self.admission.sent(bytes);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.admission.count_skipped(self.pictures.skipped());
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut left = Event::new(EventKind::ReaderLeft, self.cell.id, &self.cell.name);
        left.session.clone_from(&self.session);
        left.protocol = self.protocol.to_owned();
        left.reason = self.reason.to_owned();
        self.shared.events.push(left);
    }
}
