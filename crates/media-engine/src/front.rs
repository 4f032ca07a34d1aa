//! The media port's door. WebSockets and endless bodies go to a worker once their request is answered; the rest is HTTP.
//! With a certificate the port speaks TLS; workers of this machine have a plain door of their own on loopback.
use crate::admission::{Admission, WEB_SOCKET, admit};
use crate::fan_out::Seat;
use crate::footage_hls::RECORDED;
use crate::footage_pacing;
use crate::footage_viewer::{self, PLAYED, PlaybackAdmission, admit_player};
use crate::http::{Rooms, query_value, router};
use crate::line::Line;
use crate::patience::Patient;
use crate::prefixed::Prefixed;
use crate::refusal::{PROBLEM, Refusal};
use crate::tls::{self, TlsLine};
use crate::viewer::{Shape, VIEWED, Viewer};
use crate::worker::Ask;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use sha1::{Digest, Sha1};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest};
use tokio::net::{TcpListener, TcpStream};

const MAX_HEAD: usize = 16 * 1024;
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// Between looks at a request that came in pieces: at first, and after many in vain.
const HEAD_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_HEAD_PAUSE: Duration = Duration::from_millis(250);
/// How long a viewer may take to read one answer: a segment is a second or two of pictures, and has left the playlist long before.
const TAKING_LIMIT: Duration = Duration::from_secs(60);
/// How long a request waits for the camera's first picture.
const FIRST_PICTURE_LIMIT: Duration = Duration::from_secs(30);
/// Unsent bytes the kernel keeps for one viewer: what is more waits with us, where it can be skipped.
const UNSENT_BYTES: libc::c_int = 512 * 1024;
/// The ticket is the right; nothing is guessed from the bytes and no address with a ticket travels on.
const ANY_ORIGIN: &str = "access-control-allow-origin: *\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n";
/// RFC 6455 §1.3.
const WEBSOCKET_GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// How long, and how many bytes, whoever was refused may still say: a close with unread bytes would take the answer away.
const GOODBYE_LIMIT: Duration = Duration::from_secs(5);
const MAX_AFTER_GOODBYE: u64 = 64 * 1024;

/// Who may come in by a listener.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// TLS once there is a certificate.
    Public,
    /// Always plain.
    Loopback,
}

/// Takes connections until the runtime ends.
pub(crate) async fn serve(rooms: Rooms, listener: TcpListener, door: Door) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "a viewer's connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await; // out of descriptors: some will end
                continue;
            }
        };
        let place = match door {
            Door::Loopback => None,
            Door::Public => match rooms.shared.connections.enter(peer.ip()) {
                Some(place) => Some(place),
                None => {
                    rooms.shared.count_refused_viewer();
                    continue;
                }
            },
        };
        let rooms = rooms.of(peer);
        tokio::spawn(async move {
            if let Err(error) = answer(rooms, stream, peer, door).await {
                tracing::debug!(%error, "a viewer's connection ended");
            }
            drop(place);
        });
    }
}

async fn answer(
    rooms: Rooms,
    stream: TcpStream,
    peer: SocketAddr,
    door: Door,
) -> std::io::Result<()> {
    // Without it a small frame waits for the acknowledgement of the one before.
    stream.set_nodelay(true)?;
    let tls = rooms.shared.tls().filter(|_| door == Door::Public);
    let Some(config) = tls else {
        return answer_plain(rooms, stream).await;
    };
    let Some(waiting) = rooms.shared.handshakes.enter(peer.ip()) else {
        rooms.shared.count_refused_viewer();
        return Ok(()); // one address shakes too many hands at once
    };
    let Ok(accepted) = tokio::time::timeout(HEAD_LIMIT, tls::accept(stream, config)).await else {
        return Ok(());
    };
    let Some(mut stream) = accepted? else {
        return Ok(()); // plain HTTP, which was answered
    };
    let Ok(read) = tokio::time::timeout(HEAD_LIMIT, read_head(&mut stream)).await else {
        return Ok(());
    };
    drop(waiting);
    let (mut bytes, head) = read?;
    let Some((request, length)) = head else {
        return hand_to_http(rooms, Prefixed::new(bytes, stream)).await;
    };
    let heard = bytes.split_off(length);
    match admitted(&rooms, &request).await {
        Ok((entrance, head)) => {
            stream.write_all(head.as_bytes()).await?;
            stream.flush().await?;
            keep_little_unsent(stream.get_ref().0);
            let (shape, admission) = match entrance {
                Entrance::Live(shape, admission) => (shape, admission),
                Entrance::Playback(player) => {
                    return footage_viewer::play(stream, player, heard).await;
                }
                Entrance::Paced(player) => {
                    return footage_pacing::pace(stream, player, heard).await;
                }
            };
            let (socket, connection) = stream.into_inner();
            let socket = mio::net::TcpStream::from_std(socket.into_std()?);
            let line = Line::Tls(Box::new(TlsLine::new(socket, connection)));
            seat(&rooms, line, shape, admission, heard);
            Ok(())
        }
        Err(refusal) => refuse(&rooms, stream, &request, &refusal).await,
    }
}

async fn answer_plain(rooms: Rooms, mut stream: TcpStream) -> std::io::Result<()> {
    let Ok(head) = tokio::time::timeout(HEAD_LIMIT, peek_head(&stream)).await else {
        return Ok(()); // it never said what it wants
    };
    let Some((request, length)) = head? else {
        return hand_to_http(rooms, stream).await;
    };
    let mut taken = vec![0; length];
    stream.read_exact(&mut taken).await?;
    match admitted(&rooms, &request).await {
        Ok((entrance, head)) => {
            stream.write_all(head.as_bytes()).await?;
            keep_little_unsent(&stream);
            let (shape, admission) = match entrance {
                Entrance::Live(shape, admission) => (shape, admission),
                Entrance::Playback(player) => {
                    return footage_viewer::play(stream, player, Vec::new()).await;
                }
                Entrance::Paced(player) => {
                    return footage_pacing::pace(stream, player, Vec::new()).await;
                }
            };
            let line = Line::Plain(mio::net::TcpStream::from_std(stream.into_std()?));
            seat(&rooms, line, shape, admission, Vec::new());
            Ok(())
        }
        Err(refusal) => refuse(&rooms, stream, &request, &refusal).await,
    }
}

/// Hands the viewer to the worker of its source.
fn seat(rooms: &Rooms, line: Line, shape: Shape, admission: Admission, heard: Vec<u8>) {
    let worker = admission.cell.worker;
    let viewer = Viewer::new(line, shape, admission, heard);
    if let Some(mailbox) = rooms.shared.mailbox(worker) {
        mailbox.ask(Ask::View(Seat::Tcp(Box::new(viewer))));
    }
}

/// What was read, and the request if a worker is to serve it with the length of its head.
async fn read_head(
    stream: &mut (impl AsyncRead + Unpin),
) -> std::io::Result<(Vec<u8>, Option<(ViewRequest, usize)>)> {
    let mut bytes = Vec::with_capacity(1_024);
    loop {
        let count = stream.read_buf(&mut bytes).await?;
        match seen_head(&bytes) {
            Seen::View(request, length) => return Ok((bytes, Some((request, length)))),
            Seen::Other => return Ok((bytes, None)),
            Seen::Partial if count == 0 || bytes.len() >= MAX_HEAD => return Ok((bytes, None)),
            Seen::Partial => {}
        }
    }
}

enum Seen {
    Partial,
    /// HTTP's own, nonsense too.
    Other,
    View(ViewRequest, usize),
}

fn seen_head(bytes: &[u8]) -> Seen {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => {
            view_request(&request).map_or(Seen::Other, |view| Seen::View(view, length))
        }
        Ok(httparse::Status::Partial) => Seen::Partial,
        Err(_) => Seen::Other,
    }
}

/// Who serves a request that is not HTTP's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Served {
    /// The worker of its source.
    Live(Shape),
    /// The task that let it in: piece by piece as it is asked, or at the node's pace.
    Playback,
    Paced,
}

/// A request that was let in.
enum Entrance {
    Live(Shape, Admission),
    Playback(PlaybackAdmission),
    Paced(PlaybackAdmission),
}

struct ViewRequest {
    name: String,
    ticket: Option<String>,
    served: Served,
    websocket_key: Option<String>,
}

impl ViewRequest {
    /// The head that makes it a WebSocket; None when it does not ask for one. RFC 6455 §4.2.2.
    fn upgrade(&self) -> Option<String> {
        let key = self.websocket_key.as_deref()?;
        let accept = STANDARD.encode(Sha1::digest(format!("{key}{WEBSOCKET_GUID}")));
        Some(format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        ))
    }
}

/// The request if a worker is to serve it, and the length of its head; None when it is HTTP's. Nothing is consumed.
async fn peek_head(stream: &TcpStream) -> std::io::Result<Option<(ViewRequest, usize)>> {
    let mut buffer = vec![0; 1_024];
    let mut pause = HEAD_PAUSE;
    loop {
        let closed = stream.ready(Interest::READABLE).await?.is_read_closed();
        let count = stream.peek(&mut buffer).await?;
        match seen_head(&buffer[..count]) {
            Seen::View(request, length) => return Ok(Some((request, length))),
            Seen::Other => return Ok(None),
            Seen::Partial if closed || count == 0 || count >= MAX_HEAD => return Ok(None),
            Seen::Partial if count == buffer.len() => buffer.resize(buffer.len() * 2, 0),
            Seen::Partial => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_HEAD_PAUSE);
            }
        }
    }
}

/// See [`crate::fuzz_bodies::request_head`].
pub(crate) fn fuzz_head(bytes: &[u8]) {
    if let Seen::View(_, length) = seen_head(bytes) {
        assert!(length <= bytes.len());
    }
}

fn view_request(request: &httparse::Request<'_, '_>) -> Option<ViewRequest> {
    let (path, query) = request.path?.split_once('?').unwrap_or((request.path?, ""));
    let live = VIEWED.map(|(prefix, shape)| (prefix, Served::Live(shape)));
    let (name, served) = live
        .into_iter()
        .chain([(PLAYED, Served::Playback)])
        .find_map(|(prefix, served)| Some((path.strip_prefix(prefix)?, served)))?;
    if request.method != Some("GET") {
        return None;
    }
    let (name, served) = match (name.strip_prefix(RECORDED), served) {
        (Some(name), Served::Live(Shape::WebSocket)) => (name, Served::Paced),
        _ => (name, served),
    };
    let header = |wanted: &str| {
        let found = request
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(wanted))?;
        std::str::from_utf8(found.value).ok().map(str::to_owned)
    };
    Some(ViewRequest {
        name: name.to_owned(),
        ticket: query_value(Some(query), "ticket").map(str::to_owned),
        served,
        websocket_key: header("sec-websocket-key"),
    })
}

/// The right to view and the head of our answer.
async fn admitted(rooms: &Rooms, request: &ViewRequest) -> Result<(Entrance, String), Refusal> {
    let (name, ticket) = (request.name.as_str(), request.ticket.as_deref());
    let upgrade = || request.upgrade().ok_or(Refusal::NotAWebSocket);
    let shape = match request.served {
        Served::Playback => {
            let player = admit_player(rooms, name, ticket)?;
            return Ok((Entrance::Playback(player), upgrade()?));
        }
        Served::Paced => {
            let player = admit_player(rooms, name, ticket)?;
            return Ok((Entrance::Paced(player), upgrade()?));
        }
        Served::Live(shape) => shape,
    };
    let protocol = if shape == Shape::WebSocket {
        WEB_SOCKET
    } else {
        "fmp4"
    };
    let admission = admit(rooms, name, ticket, protocol)?;
    let head = match shape {
        Shape::WebSocket => upgrade()?,
        Shape::Body => {
            admission.video(FIRST_PICTURE_LIMIT).await?;
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\nconnection: close\r\ncache-control: no-store\r\n\
                 cross-origin-resource-policy: cross-origin\r\n{ANY_ORIGIN}\r\n"
            )
        }
    };
    Ok((Entrance::Live(shape, admission), head))
}

/// A browser can read no answer to a refused WebSocket: it is let in as far as the document and a close with its reason.
async fn refuse(
    rooms: &Rooms,
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &ViewRequest,
    refusal: &Refusal,
) -> std::io::Result<()> {
    let contact = &rooms.shared.config.audit_office;
    let upgrade = request
        .upgrade()
        .filter(|_| request.served != Served::Live(Shape::Body));
    if let Some(head) = upgrade {
        stream.write_all(head.as_bytes()).await?;
        stream
            .write_all(&refusal.websocket_goodbye(contact))
            .await?;
        stream.shutdown().await?;
        let (mut heard, mut nowhere) = (stream.take(MAX_AFTER_GOODBYE), tokio::io::sink());
        let rest = tokio::io::copy(&mut heard, &mut nowhere);
        // Whoever says more, or nothing, is cut off.
        let _ = tokio::time::timeout(GOODBYE_LIMIT, rest).await;
        return Ok(());
    }
    let status = refusal.status();
    let body = refusal.document(contact);
    let head = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: {PROBLEM}\r\ncontent-length: {}\r\nconnection: close\r\n\
         cache-control: no-store\r\n{ANY_ORIGIN}\r\n",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

async fn hand_to_http(
    rooms: Rooms,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> std::io::Result<()> {
    let patient = Patient::new(stream, TAKING_LIMIT, &rooms.carrier);
    let service = TowerToHyperService::new(router(rooms));
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT * 6) // between requests of a playlist's reader, too
        .serve_connection(TokioIo::new(patient), service)
        .await
        .map_err(std::io::Error::other)
}

fn keep_little_unsent(stream: &TcpStream) {
    // SAFETY: the option takes one int, which lives through the call; refusal is fine.
    unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_NOTSENT_LOWAT,
            std::ptr::from_ref(&UNSENT_BYTES).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        );
    }
}
