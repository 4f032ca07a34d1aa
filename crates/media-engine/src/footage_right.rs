//! The right to recorded footage of one stream and time, as a ticket says it, while somebody uses it.
use crate::admission::{allowed, tell_refused};
use crate::event::{Event, EventKind};
use crate::footage_asks::{name_and_period, name_and_turn};
use crate::http::Rooms;
use crate::places::Place;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::ticket::TicketError;
use recording::{StreamName, Turn};
use std::sync::Arc;

/// Of whoever was let in.
pub(crate) struct FootageRight {
    pub shared: Arc<Shared>,
    name: String,
    pub session: String,
    protocol: &'static str,
    pub stream: StreamName,
    pub from_us: i64,
    pub to_us: i64,
    /// Which recording of moments that were recorded more than once.
    pub turn: Turn,
    _place: Place,
    _share: Place<String>,
}

impl FootageRight {
    /// Checks the ticket for `name`, `<camera>/<stream>/<from>-<to>`, with `/turn-<n>` or without; what the ticket names begins with the protocol.
    pub fn of(
        rooms: &Rooms,
        protocol: &'static str,
        name: &str,
        text: Option<&str>,
    ) -> Result<Self, Refusal> {
        let shared = &rooms.shared;
        let full = format!("{protocol}/{name}");
        let ticket = allowed(rooms, &full, text, protocol, |_| false)?;
        let (name, turn) = name_and_turn(name).ok_or(Refusal::NoSource)?;
        let (stream, from_us, to_us) = name_and_period(name).ok_or(Refusal::NoSource)?;
        let stream = StreamName::new(stream).ok_or(Refusal::NoSource)?;
        shared.footage.recorder().map_err(|_| Refusal::NoSource)?;
        let Some(place) = shared.readers.enter(rooms.peer) else {
            shared.count_refused_viewer();
            return Err(Refusal::TooManyReaders);
        };
        let Some(share) = shared.readers_of_sessions.enter(ticket.session.clone()) else {
            shared.count_refused_viewer();
            return Err(Refusal::TooManyReadersOfSession);
        };
        let right = Self {
            shared: Arc::clone(shared),
            name: full,
            session: ticket.session,
            protocol,
            stream,
            from_us,
            to_us,
            turn,
            _place: place,
            _share: share,
        };
        if right.has_ended() {
            let word = TicketError::Revoked.word();
            tell_refused(rooms, &right.name, right.session, protocol, word);
            return Err(TicketError::Revoked.into());
        }
        Ok(right)
    }

    pub fn has_ended(&self) -> bool {
        self.shared.is_revoked(&self.session)
    }

    /// Waits until it has.
    pub async fn ended(&self) {
        let mut revocations = self.shared.revocations.subscribe();
        while !self.has_ended() && revocations.changed().await.is_ok() {}
    }

    /// To the node.
    pub fn tell(&self, event: Event) {
        self.shared.events.push(event);
    }

    pub fn event(&self, kind: EventKind) -> Event {
        let mut event = Event::new(kind, 0, &self.name);
        event.session.clone_from(&self.session);
        event.protocol = self.protocol.to_owned();
        event
    }
}
