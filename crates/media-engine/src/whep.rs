//! WebRTC egress by WHEP: one UDP port for all viewers. Offers are answered here, datagrams are handed to the worker that
//! has the viewer's source. ICE lite, host candidates only; no foreign server. Source: the WHEP draft, after RFC 9725.
use crate::admission::{Admission, admit, tell_refused};
use crate::fan_out::Seat;
use crate::http::{Rooms, query_value};
use crate::refusal::Refusal;
use crate::rtc_viewer::RtcViewer;
use crate::shared::Shared;
use crate::source::codec_name;
use crate::worker::Ask;
use axum::extract::{Path, RawQuery, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use tokio::net::UdpSocket;
use webrtc::{Identity, Offer, OfferError, Session, user_fragment_of};

const MAX_DATAGRAM: usize = 2_048;
/// Addresses from which one viewer may speak: a laptop between networks has a few.
const MAX_ADDRESSES: usize = 16;
/// Viewers that ended are known for a while: whoever ends theirs twice is told so, and is no intruder.
const MAX_ENDED: usize = 4_096;

/// Every viewer by public id, ICE user fragment and, once it spoke, address.
pub(crate) struct Sessions {
    routes: Mutex<Routes>,
    socket: OnceLock<Arc<std::net::UdpSocket>>,
    candidates: OnceLock<Vec<SocketAddr>>,
    identity: Identity,
    random: RandomState,
}

#[derive(Clone, Copy)]
struct Route {
    viewer: u64,
    worker: usize,
}

struct Known {
    route: Route,
    source: String,
    public_id: String,
    user_fragment: String,
    addresses: Vec<SocketAddr>,
}

/// What the address of a viewer names.
enum Found {
    Here(Route),
    Ended,
    Unknown,
}

#[derive(Default)]
struct Routes {
    known: HashMap<u64, Known>,
    by_public_id: HashMap<String, u64>,
    by_fragment: HashMap<String, u64>,
    by_address: HashMap<SocketAddr, Route>,
    ended: VecDeque<String>,
    issued: u64,
}

impl Sessions {
    /// Errors: [`OfferError::Crypto`] when no certificate can be made.
    pub fn new() -> Result<Arc<Self>, OfferError> {
        Ok(Arc::new(Self {
            routes: Mutex::default(),
            socket: OnceLock::new(),
            candidates: OnceLock::new(),
            identity: Identity::new()?,
            random: RandomState::new(),
        }))
    }

    fn routes(&self) -> std::sync::MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom a datagram is for: by its sender, else by the user fragment in a first connectivity check.
    fn route(&self, from: SocketAddr, datagram: &[u8]) -> Option<Route> {
        let mut routes = self.routes();
        if let Some(route) = routes.by_address.get(&from) {
            return Some(*route);
        }
        let viewer = *routes.by_fragment.get(user_fragment_of(datagram)?)?;
        let known = routes.known.get_mut(&viewer)?;
        let route = known.route;
        if known.addresses.len() < MAX_ADDRESSES {
            known.addresses.push(from);
            routes.by_address.insert(from, route);
        }
        Some(route)
    }

    /// Numbers a viewer; its public id can only be known to whoever was told it.
    fn enrol(&self, session: &Session, worker: usize, source: &str) -> (u64, String) {
        let mut routes = self.routes();
        routes.issued += 1;
        let viewer = routes.issued;
        let public_id = format!(
            "{:016x}{:016x}",
            self.random.hash_one(viewer),
            self.random.hash_one((viewer, "whep"))
        );
        let user_fragment = session.user_fragment().to_owned();
        routes.by_fragment.insert(user_fragment.clone(), viewer);
        routes.by_public_id.insert(public_id.clone(), viewer);
        let known = Known {
            route: Route { viewer, worker },
            source: source.to_owned(),
            public_id: public_id.clone(),
            user_fragment,
            addresses: Vec::new(),
        };
        routes.known.insert(viewer, known);
        (viewer, public_id)
    }

    /// The viewer is gone.
    pub fn remove(&self, viewer: u64) {
        let mut routes = self.routes();
        if let Some(known) = routes.known.remove(&viewer) {
            routes.by_public_id.remove(&known.public_id);
            routes.by_fragment.remove(&known.user_fragment);
            for address in known.addresses {
                routes.by_address.remove(&address);
            }
            if routes.ended.len() >= MAX_ENDED {
                routes.ended.pop_front();
            }
            routes.ended.push_back(known.public_id);
        }
    }

    /// By the address that `Location` told: both its source and its id must be the viewer's.
    fn find(&self, source: &str, public_id: &str) -> Found {
        let routes = self.routes();
        let viewer = routes.by_public_id.get(public_id);
        match viewer.and_then(|viewer| routes.known.get(viewer)) {
            Some(known) if known.source == source => Found::Here(known.route),
            None if routes.ended.iter().any(|ended| ended == public_id) => Found::Ended,
            _ => Found::Unknown,
        }
    }
}

/// Hands each datagram to its viewer's worker, until the engine stops.
pub(crate) async fn run(
    shared: Arc<Shared>,
    sessions: Arc<Sessions>,
    socket: std::net::UdpSocket,
) -> std::io::Result<()> {
    let port = socket.local_addr()?.port();
    let addresses: &[IpAddr] = &shared.config.webrtc_addresses;
    sessions.candidates.get_or_init(|| {
        addresses
            .iter()
            .map(|&host| SocketAddr::new(host, port))
            .collect()
    });
    let listening = UdpSocket::from_std(socket.try_clone()?)?;
    sessions.socket.get_or_init(|| Arc::new(socket));
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        match listening.recv_from(&mut buffer).await {
            Ok((length, from)) => {
                let datagram = &buffer[..length];
                if let Some(route) = sessions.route(from, datagram)
                    && let Some(mailbox) = shared.mailbox(route.worker)
                {
                    mailbox.ask(Ask::RtcDatagram(route.viewer, from, datagram.to_vec()));
                }
            }
            Err(error) => tracing::debug!(%error, "a WebRTC datagram was lost"),
        }
    }
}

pub(crate) async fn serve(
    State(rooms): State<Rooms>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    body: String,
) -> Result<Response, Refusal> {
    match method {
        Method::POST => {
            let ticket = query_value(query.as_deref(), "ticket");
            let admission = admit(&rooms, &path, ticket, "webrtc")?;
            let (id, answer) = begin(&rooms, admission, &body)?;
            let headers = [
                (header::CONTENT_TYPE, "application/sdp".to_owned()),
                (header::LOCATION, format!("/whep/{path}/{id}")),
            ];
            Ok((StatusCode::CREATED, headers, answer).into_response())
        }
        Method::DELETE => {
            // RFC 9110 §15.5.5: no such resource. It is not told apart from one of somebody else.
            let (source, public_id) = path.rsplit_once('/').unwrap_or((&path, ""));
            match rooms.whep.find(source, public_id) {
                Found::Here(route) => {
                    if let Some(mailbox) = rooms.shared.mailbox(route.worker) {
                        mailbox.ask(Ask::RtcEnd(route.viewer));
                    }
                    return Ok(StatusCode::NO_CONTENT.into_response());
                }
                Found::Ended => {}
                Found::Unknown => {
                    tell_refused(&rooms, source, String::new(), "webrtc", "no_such_viewer");
                }
            }
            Err(Refusal::NoSuchViewer)
        }
        _ => Err(Refusal::NoSuchMethod),
    }
}

fn begin(rooms: &Rooms, admission: Admission, offer: &str) -> Result<(String, String), Refusal> {
    let refused = |error: OfferError| Refusal::Offer(error.to_string());
    let sessions = &rooms.whep;
    let (Some(socket), Some(candidates)) = (sessions.socket.get(), sessions.candidates.get())
    else {
        return Err(Refusal::NoSource);
    };
    let offer = Offer::parse(offer).map_err(refused)?;
    if let Some(video) = admission.cell.hub.video()
        && offer.payload(video.codec).is_none()
    {
        return Err(Refusal::CodecNotOffered(codec_name(video.codec)));
    }
    if admission.cell.hub.is_reordered() {
        return Err(Refusal::ReorderedPictures);
    }
    let (session, answer) = Session::answer(
        offer,
        &sessions.identity,
        candidates,
        admission.cell.audio,
        Instant::now(),
    )
    .map_err(refused)?;
    let worker = admission.cell.worker;
    let (viewer, public_id) = sessions.enrol(&session, worker, &admission.cell.name);
    let viewer = RtcViewer::new(
        viewer,
        session,
        Arc::clone(socket),
        Arc::clone(sessions),
        admission,
    );
    if let Some(mailbox) = rooms.shared.mailbox(worker) {
        mailbox.ask(Ask::View(Seat::Rtc(Box::new(viewer))));
    }
    Ok((public_id, answer))
}
