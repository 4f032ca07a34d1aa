//! Media over HTTP: HTTP-fMP4, raw access units, HLS, WHEP. The ticket in the address is the right. WebSockets and
//! bodies on a connection of their own never come here (`front`).
use crate::admission::{Reader, admit};
use crate::footage_clip;
use crate::footage_hls::FootageOpenings;
use crate::footage_viewer::PLAYED;
use crate::hls;
use crate::patience::Carrier;
use crate::refusal::{PROBLEM, Refusal};
use crate::shared::Shared;
use crate::source::codec_name;
use crate::viewer::VIEWED;
use crate::whep;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next as Following};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get};
use bytes::{BufMut, BytesMut};
use media_types::Codec;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use stream_hub::{Frame, Next, VideoInfo};
use tokio_stream::wrappers::ReceiverStream;

/// A viewer that takes nothing for so long is let go.
const SEND_LIMIT: Duration = Duration::from_secs(20);
/// How long a request waits for the camera's first picture.
const FIRST_PICTURE_LIMIT: Duration = Duration::from_secs(30);
const MAX_REQUEST_BYTES: usize = 64 * 1024;

#[derive(Clone)]
pub(crate) struct Rooms {
    pub shared: Arc<Shared>,
    pub hls: Arc<hls::Playlists>,
    pub footage_openings: Arc<FootageOpenings>,
    pub whep: Arc<whep::Sessions>,
    /// Who asks on this connection.
    pub peer: IpAddr,
    /// The connection.
    pub carrier: Arc<Carrier>,
}

impl Rooms {
    /// The same rooms for a connection from `peer`.
    pub fn of(&self, peer: SocketAddr) -> Self {
        Self {
            peer: peer.ip(),
            carrier: Arc::default(),
            ..self.clone()
        }
    }
}

/// One address of the port: how it is asked for, and what serves it.
struct Way {
    path: &'static str,
    asked: &'static [&'static str],
    serve: fn() -> MethodRouter<Rooms>,
}

const WAYS: [Way; 6] = [
    Way {
        path: "/health",
        asked: &["GET /health"],
        serve: || get(|| async { "ok" }),
    },
    Way {
        path: "/fmp4/{*name}",
        asked: &["GET /fmp4/{name}"],
        serve: || get(progressive),
    },
    Way {
        path: "/es/{*name}",
        asked: &["GET /es/{name}"],
        serve: || get(elementary),
    },
    Way {
        path: "/clip/{*name}",
        asked: &footage_clip::ASKED,
        serve: || get(footage_clip::serve),
    },
    Way {
        path: "/hls/{*path}",
        asked: &hls::ASKED,
        serve: || get(hls::serve),
    },
    Way {
        path: "/whep/{*name}",
        asked: &["POST /whep/{name}", "DELETE /whep/{name}/{viewer}"],
        serve: || any(whep::serve),
    },
];

/// Everything that the media port answers, as `METHOD /path`: the router and the front are made of the same lists.
pub fn media_paths() -> Vec<String> {
    let viewed = VIEWED.map(|(prefix, _)| format!("GET {prefix}{{name}}"));
    let asked = WAYS.iter().flat_map(|way| way.asked);
    let mut paths: Vec<String> = viewed
        .into_iter()
        .chain([format!("GET {PLAYED}{{name}}")])
        .chain(asked.map(|&asked| asked.to_owned()))
        .collect();
    paths.sort();
    paths.dedup(); // HTTP-fMP4 after another request on the same connection comes to the router
    paths
}

pub(crate) fn router(rooms: Rooms) -> Router {
    let contact: Arc<str> = rooms.shared.config.audit_office.as_str().into();
    WAYS.iter()
        .fold(Router::new(), |router, way| {
            router.route(way.path, (way.serve)())
        })
        .fallback(|| async { Refusal::NoSuchAddress })
        .method_not_allowed_fallback(|| async { Refusal::NoSuchMethod })
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .layer(middleware::from_fn_with_state(contact, say_no))
        .layer(middleware::from_fn(allow_any_origin))
        .with_state(rooms)
}

/// Writes the document of a refusal.
async fn say_no(
    State(contact): State<Arc<str>>,
    request: axum::extract::Request,
    following: Following,
) -> Response {
    let mut response = following.run(request).await;
    match response.extensions_mut().remove::<Refusal>() {
        Some(refusal) => (
            refusal.status(),
            [(header::CONTENT_TYPE, PROBLEM)],
            refusal.document(&contact),
        )
            .into_response(),
        None => response,
    }
}

/// The ticket is the right, not the origin: a player on any page that was given the address may use it.
async fn allow_any_origin(request: axum::extract::Request, following: Following) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        following.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, DELETE, OPTIONS"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("location"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("cross-origin"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The value of `wanted` in a query; tickets need no percent decoding.
pub(crate) fn query_value<'a>(query: Option<&'a str>, wanted: &str) -> Option<&'a str> {
    query?.split('&').find_map(|pair| {
        pair.split_once('=')
            .filter(|(name, _)| *name == wanted)
            .map(|(_, value)| value)
    })
}

async fn progressive(
    State(rooms): State<Rooms>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let reader = admit(
        &rooms,
        &name,
        query_value(query.as_deref(), "ticket"),
        "fmp4",
    )?
    .follow();
    stream_of(reader, "video/mp4", |video, frame, first| {
        let mut chunks = Vec::with_capacity(2);
        if first {
            chunks.push(video.init_segment.clone());
        }
        chunks.push(frame.fragment());
        chunks
    })
    .await
}

async fn elementary(
    State(rooms): State<Rooms>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let reader = admit(&rooms, &name, query_value(query.as_deref(), "ticket"), "es")?.follow();
    stream_of(reader, "application/octet-stream", |_, frame, _| {
        if frame.sound.is_some() {
            return Vec::new(); // its readers decode pictures
        }
        let mut head = BytesMut::with_capacity(16);
        head.put_u32(frame.bytes.len() as u32); // bounded by max_frame_bytes
        head.put_u8(u8::from(frame.key));
        head.put_u8(if frame.codec == Codec::H265 { 2 } else { 1 });
        head.put_u16(0);
        head.put_i64(frame.pts_90k);
        vec![head.freeze(), frame.bytes.clone()]
    })
    .await
}

async fn stream_of(
    mut reader: Reader,
    content_type: &'static str,
    cut: impl Fn(&VideoInfo, &Frame, bool) -> Vec<Bytes> + Send + 'static,
) -> Result<Response, Refusal> {
    let begun = tokio::time::timeout(FIRST_PICTURE_LIMIT, reader.video())
        .await
        .ok()
        .flatten();
    let (video, first) = begun.ok_or(Refusal::NoPicture)?;
    let codec = codec_name(video.codec);
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, Infallible>>(2);
    tokio::spawn(async move {
        let mut next = first;
        let mut is_first = true;
        while let Next::Frame(frame) = next {
            for chunk in cut(&video, &frame, is_first) {
                reader.sent(chunk.len());
                match tokio::time::timeout(SEND_LIMIT, sender.send(Ok(chunk))).await {
                    Ok(Ok(())) => {}
                    _ => return,
                }
            }
            is_first = false;
            next = tokio::select! {
                next = reader.next() => next,
                () = sender.closed() => return,
            };
            if reader
                .hub
                .video()
                .is_none_or(|now| now.generation != video.generation)
            {
                return; // another codec or size: the player must begin anew
            }
        }
    });
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("x-codec", HeaderValue::from_static(codec));
    Ok((headers, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}
