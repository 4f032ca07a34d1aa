//! WebRTC egress by WHEP: one UDP port for all viewers, one task for each. ICE lite, host candidates only; no foreign server.
//! Source: RFC 9725 (WHIP) and the WHEP draft; H.264 by RFC 6184 and H.265 by RFC 7798, packetised by str0m.
use crate::admission::{Reader, Refusal, admit};
use crate::event::{Event, EventKind};
use crate::http::{Rooms, query_value};
use crate::shared::Shared;
use axum::extract::{Path, RawQuery, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use media_types::Codec;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use str0m::change::SdpOffer;
use str0m::format::Codec as RtcCodec;
use str0m::media::{Frequency, MediaKind, MediaTime, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event as RtcEvent, IceConnectionState, Input, Output, Rtc, RtcConfig};
use stream_hub::{Frame, Next};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// Datagrams that wait for one viewer's task.
const MAX_WAITING: usize = 256;
/// Ticks between pictures that are sent in one go at the start, so that the player shows the newest at once.
const BURST_STEP_90K: i64 = 90;
const MAX_DATAGRAM: usize = 2_048;

struct Datagram {
    from: SocketAddr,
    bytes: Vec<u8>,
}

enum ToViewer {
    Datagram(Datagram),
    End,
}

/// Every viewer by id, ICE user fragment and, once it spoke, address.
pub(crate) struct Sessions {
    viewers: Mutex<Viewers>,
    socket: OnceLock<Arc<UdpSocket>>,
    candidates: OnceLock<Vec<SocketAddr>>,
    random: RandomState,
}

#[derive(Default)]
struct Viewers {
    by_id: HashMap<String, (mpsc::Sender<ToViewer>, String)>,
    by_fragment: HashMap<String, String>,
    by_address: HashMap<SocketAddr, String>,
    issued: u64,
}

impl Sessions {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            viewers: Mutex::default(),
            socket: OnceLock::new(),
            candidates: OnceLock::new(),
            random: RandomState::new(),
        })
    }

    fn viewers(&self) -> std::sync::MutexGuard<'_, Viewers> {
        self.viewers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An address that only its viewer can guess.
    fn new_id(&self, viewers: &mut Viewers) -> String {
        viewers.issued += 1;
        format!(
            "{:016x}{:016x}",
            self.random.hash_one(viewers.issued),
            self.random.hash_one((viewers.issued, "whep"))
        )
    }

    fn route(&self, datagram: Datagram) {
        let mut viewers = self.viewers();
        let id = viewers.by_address.get(&datagram.from).cloned().or_else(|| {
            let id = viewers
                .by_fragment
                .get(stun_fragment(&datagram.bytes)?)?
                .clone();
            Some(id)
        });
        let Some(id) = id else { return }; // nobody of ours
        viewers
            .by_address
            .entry(datagram.from)
            .or_insert_with(|| id.clone());
        if let Some((viewer, _)) = viewers.by_id.get(&id) {
            // A full queue loses the datagram, as the network might.
            let _ = viewer.try_send(ToViewer::Datagram(datagram));
        }
    }

    fn remove(&self, id: &str) {
        let mut viewers = self.viewers();
        if let Some((viewer, fragment)) = viewers.by_id.remove(id) {
            viewers.by_fragment.remove(&fragment);
            viewers.by_address.retain(|_, owner| owner != id);
            // Its task may be gone already.
            let _ = viewer.try_send(ToViewer::End);
        }
    }
}

/// The local user fragment that a STUN binding request names (RFC 8445 §7.2.2): USERNAME is `<ours>:<theirs>`.
fn stun_fragment(bytes: &[u8]) -> Option<&str> {
    if bytes.len() < 20 || bytes[0] & 0xC0 != 0 || bytes[4..8] != [0x21, 0x12, 0xA4, 0x42] {
        return None;
    }
    let mut at = 20;
    while let Some(&[kind_high, kind_low, length_high, length_low]) =
        bytes.get(at..)?.first_chunk::<4>()
    {
        let length = usize::from(u16::from_be_bytes([length_high, length_low]));
        let value = bytes.get(at + 4..at + 4 + length)?;
        if [kind_high, kind_low] == [0, 6] {
            return std::str::from_utf8(value).ok()?.split(':').next();
        }
        at += 4 + length.next_multiple_of(4);
    }
    None
}

/// Hands each datagram to its viewer's task, until the engine stops.
pub(crate) async fn run(sessions: Arc<Sessions>, socket: UdpSocket, addresses: Vec<IpAddr>) {
    let port = socket.local_addr().map_or(0, |address| address.port());
    let candidates = addresses
        .into_iter()
        .map(|address| SocketAddr::new(address, port))
        .collect();
    let socket = Arc::clone(sessions.socket.get_or_init(|| Arc::new(socket)));
    sessions.candidates.get_or_init(|| candidates);
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, from)) => sessions.route(Datagram {
                from,
                bytes: buffer[..length].to_vec(),
            }),
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
            let reader = admit(
                &rooms.shared,
                &path,
                query_value(query.as_deref(), "ticket"),
                "webrtc",
            )?
            .follow();
            let (id, answer) = begin(&rooms, reader, &body)?;
            let headers = [
                (header::CONTENT_TYPE, "application/sdp".to_owned()),
                (header::LOCATION, format!("/whep/{path}/{id}")),
            ];
            Ok((StatusCode::CREATED, headers, answer).into_response())
        }
        Method::DELETE => {
            rooms
                .whep
                .remove(path.rsplit('/').next().unwrap_or_default());
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Ok(StatusCode::METHOD_NOT_ALLOWED.into_response()),
    }
}

fn begin(rooms: &Rooms, reader: Reader, offer: &str) -> Result<(String, String), Refusal> {
    let refused = |error: &dyn std::fmt::Display| {
        Refusal::BadRequest(format!("the WebRTC offer cannot be used: {error}"))
    };
    let offer = SdpOffer::from_sdp_string(offer).map_err(|error| refused(&error))?;
    let (socket, candidates) = match (rooms.whep.socket.get(), rooms.whep.candidates.get()) {
        (Some(socket), Some(candidates)) => (Arc::clone(socket), candidates.clone()),
        _ => return Err(Refusal::NoSource),
    };
    let mut rtc = RtcConfig::new()
        .set_ice_lite(true)
        .clear_codecs()
        .enable_h264(true)
        .enable_h265(true)
        .build(Instant::now());
    for &candidate in &candidates {
        let candidate = Candidate::host(candidate, "udp").map_err(|error| refused(&error))?;
        rtc.add_local_candidate(candidate);
    }
    let answer = rtc
        .sdp_api()
        .accept_offer(offer)
        .map_err(|error| refused(&error))?
        .to_sdp_string();
    let fragment = answer
        .lines()
        .find_map(|line| line.strip_prefix("a=ice-ufrag:"))
        .unwrap_or_default()
        .trim()
        .to_owned();
    let (sender, receiver) = mpsc::channel(MAX_WAITING);
    let id = {
        let mut viewers = rooms.whep.viewers();
        let id = rooms.whep.new_id(&mut viewers);
        viewers.by_fragment.insert(fragment.clone(), id.clone());
        viewers.by_id.insert(id.clone(), (sender, fragment));
        id
    };
    let viewer = Viewer {
        rtc,
        socket,
        candidates,
        reader,
        mid: None,
        payload: None,
        started: false,
    };
    let (sessions, ended) = (Arc::clone(&rooms.whep), id.clone());
    let shared = Arc::clone(&rooms.shared);
    tokio::spawn(async move {
        viewer.follow(receiver, &shared).await;
        sessions.remove(&ended);
    });
    Ok((id, answer))
}

struct Viewer {
    rtc: Rtc,
    socket: Arc<UdpSocket>,
    candidates: Vec<SocketAddr>,
    reader: Reader,
    mid: Option<Mid>,
    payload: Option<(Codec, Pt)>,
    /// Whether the first burst was sent.
    started: bool,
}

impl Viewer {
    async fn follow(mut self, mut datagrams: mpsc::Receiver<ToViewer>, shared: &Shared) {
        loop {
            let Some(due) = self.flush(shared) else {
                return;
            };
            let connected = self.rtc.is_connected() && self.mid.is_some();
            if connected && !self.started {
                self.started = true;
                if !self.send_burst() {
                    return;
                }
                continue;
            }
            let input = tokio::select! {
                came = datagrams.recv() => match came {
                    Some(ToViewer::Datagram(datagram)) => self.receive(&datagram),
                    Some(ToViewer::End) | None => return,
                },
                next = self.reader.next(), if connected => match next {
                    Next::Frame(frame) => self.send(&frame, frame.pts_90k),
                    Next::Closed => return,
                },
                () = tokio::time::sleep_until(due.into()) => self.rtc.handle_input(Input::Timeout(Instant::now())).is_ok(),
            };
            if !input {
                return;
            }
        }
    }

    /// Sends what is to be sent; the time of the next look, or None when the viewer is gone.
    fn flush(&mut self, shared: &Shared) -> Option<Instant> {
        loop {
            match self.rtc.poll_output().ok()? {
                Output::Timeout(due) => return self.rtc.is_alive().then_some(due),
                Output::Transmit(transmit) => {
                    self.reader.sent(transmit.contents.len());
                    // A full socket buffer loses the packet, as the network might; the viewer asks again (NACK).
                    let _ = self
                        .socket
                        .try_send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(RtcEvent::IceConnectionStateChange(
                    IceConnectionState::Disconnected,
                )) => return None,
                Output::Event(RtcEvent::MediaAdded(added)) if added.kind == MediaKind::Video => {
                    self.mid = Some(added.mid)
                }
                Output::Event(RtcEvent::KeyframeRequest(_)) => {
                    shared.events.push(Event::new(
                        EventKind::KeyFrameWanted,
                        self.reader.source(),
                        self.reader.name(),
                    ));
                }
                Output::Event(_) => {}
            }
        }
    }

    fn receive(&mut self, datagram: &Datagram) -> bool {
        let Some(destination) = self.local_for(datagram.from) else {
            return true;
        };
        let Ok(contents) = datagram.bytes.as_slice().try_into() else {
            return true;
        };
        let receive = Receive {
            proto: Protocol::Udp,
            source: datagram.from,
            destination,
            contents,
        };
        self.rtc
            .handle_input(Input::Receive(Instant::now(), receive))
            .is_ok()
    }

    /// The candidate at which a datagram from `peer` arrives: loopback speaks to loopback.
    fn local_for(&self, peer: SocketAddr) -> Option<SocketAddr> {
        let same_kind =
            |candidate: &&SocketAddr| candidate.ip().is_loopback() == peer.ip().is_loopback();
        self.candidates
            .iter()
            .find(same_kind)
            .or(self.candidates.first())
            .copied()
    }

    /// The newest group of pictures at once: a player that got them at their own pace would stay behind for ever.
    fn send_burst(&mut self) -> bool {
        let mut burst = Vec::new();
        while let Some(Next::Frame(frame)) = self.reader.pictures.try_next() {
            burst.push(frame);
        }
        let Some(newest) = burst.last().map(|frame| frame.pts_90k) else {
            return true;
        };
        let count = burst.len() as i64;
        burst.iter().enumerate().all(|(index, frame)| {
            self.send(frame, newest - (count - 1 - index as i64) * BURST_STEP_90K)
        })
    }

    fn send(&mut self, frame: &Arc<Frame>, pts_90k: i64) -> bool {
        let Some(mid) = self.mid else { return true };
        let Some(payload) = self.payload_for(frame.codec, mid) else {
            return false;
        };
        let Some(writer) = self.rtc.writer(mid) else {
            return true;
        };
        let time = MediaTime::new(pts_90k.max(0) as u64, Frequency::NINETY_KHZ);
        writer
            .write(payload, Instant::now(), time, frame.annex_b.as_ref())
            .is_ok()
    }

    fn payload_for(&mut self, codec: Codec, mid: Mid) -> Option<Pt> {
        if let Some((known, payload)) = self.payload
            && known == codec
        {
            return Some(payload);
        }
        let wanted = if codec == Codec::H265 {
            RtcCodec::H265
        } else {
            RtcCodec::H264
        };
        let writer = self.rtc.writer(mid)?;
        let fitting = |mode_1: bool| {
            writer
                .payload_params()
                .find(|offered| {
                    let spec = offered.spec();
                    spec.codec == wanted && (!mode_1 || spec.format.packetization_mode == Some(1))
                })
                .map(|offered| offered.pt())
        };
        let payload = fitting(wanted == RtcCodec::H264).or_else(|| fitting(false))?;
        self.payload = Some((codec, payload));
        Some(payload)
    }
}
