//! Recorded footage handed over as one MP4 file: the pictures' bytes as they were recorded, the time line that playback shows, and
//! in the file's head who took it and by which right. It is read, hashed and sent a fragment at a time, however long it is.
//! docs/decisions/0042-playback.md.
use crate::clip_marks::ClipMark;
use crate::event::EventKind;
use crate::footage_right::FootageRight;
use crate::http::{Rooms, query_value};
use crate::refusal::Refusal;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use fragmented_mp4::{COMMENT, TITLE, marked};
use recording::{Footage, FootageReader, FragmentFlags, Pictures, Spot, Way, shown};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

pub(crate) const ASKED: [&str; 1] = ["GET /clip/{name}"];
const PROTOCOL: &str = "clip";
/// A browser that takes nothing for so long has gone; it may ask the user where the file goes.
const SEND_LIMIT: Duration = Duration::from_secs(120);
/// Fragments that are read ahead of the socket: disk and network work at once.
const AHEAD: usize = 2;

/// Fetched pieces nearer to each other are told as one.
const JOINED_US: i64 = 500_000;

/// Why a clip ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    /// Another codec or size: a file has one. The rest is asked for by itself.
    Changed,
    Revoked,
    /// The browser went away.
    Left,
    /// The index does not answer.
    Unread,
}

impl End {
    fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Changed => "changed",
            Self::Revoked => "revoked",
            Self::Left => "left",
            Self::Unread => "unread",
        }
    }
}

/// One clip under way. Dropping it tells the node what was handed over.
struct Clip {
    right: FootageRight,
    mark: ClipMark,
    reader: FootageReader,
    at_us: i64,
    /// The first picture's, and where the last fragment ends; None before the first.
    span: Option<(i64, i64)>,
    described: Bytes,
    hash: Sha256,
    bytes: u64,
    pictures: u64,
    damaged: u64,
    /// When its device recorded it and the node did not; ascending.
    fetched: Vec<(i64, i64)>,
    end: End,
}

pub(crate) async fn serve(
    State(rooms): State<Rooms>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let ticket = query_value(query.as_deref(), "ticket");
    let right = FootageRight::of(&rooms, PROTOCOL, &name, ticket)?;
    let mark = right
        .shared
        .clip_marks
        .take(&right.session)
        .ok_or(Refusal::NoSource)?;
    let file = HeaderValue::try_from(format!("attachment; filename=\"{}\"", mark.file))
        .map_err(|_| Refusal::NoSource)?;
    let clip = Clip {
        reader: FootageReader::new(right.stream.clone()),
        at_us: right.from_us,
        right,
        mark,
        span: None,
        described: Bytes::new(),
        hash: Sha256::new(),
        bytes: 0,
        pictures: 0,
        damaged: 0,
        fetched: Vec::new(),
        end: End::Left,
    };
    let (clip, first) = read(clip).await.ok_or(Refusal::NoPicture)?;
    let first = first.ok_or(Refusal::NoPicture)?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(hand_over(clip, first, sender));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("video/mp4"));
    headers.insert(header::CONTENT_DISPOSITION, file);
    Ok((headers, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}

async fn hand_over(
    mut clip: Clip,
    mut part: Vec<Bytes>,
    sender: mpsc::Sender<Result<Bytes, io::Error>>,
) {
    loop {
        for bytes in part {
            let length = bytes.len() as u64;
            let sent = tokio::time::timeout(SEND_LIMIT, sender.send(Ok(bytes))).await;
            if !matches!(sent, Ok(Ok(()))) {
                clip.end = End::Left;
                return;
            }
            clip.right
                .shared
                .bytes_out
                .fetch_add(length, Ordering::Relaxed);
        }
        part = match read(clip).await {
            Some((going, Some(next))) => {
                clip = going;
                next
            }
            Some((ended, None)) => {
                if !matches!(ended.end, End::Whole | End::Changed) {
                    // The browser must not take a part for the whole.
                    let cut = io::Error::from(io::ErrorKind::ConnectionAborted);
                    let _ = tokio::time::timeout(SEND_LIMIT, sender.send(Err(cut))).await;
                }
                return;
            }
            None => return,
        };
    }
}

/// What comes next, read where it may block; None in place of it at the end, which `Clip::end` names. None at all: reading panicked.
async fn read(mut clip: Clip) -> Option<(Clip, Option<Vec<Bytes>>)> {
    let reading = tokio::task::spawn_blocking(move || {
        let next = match clip.next() {
            Ok(part) => Some(part),
            Err(end) => {
                clip.end = end;
                None
            }
        };
        (clip, next)
    });
    reading.await.ok()
}

impl Clip {
    fn next(&mut self) -> Result<Vec<Bytes>, End> {
        loop {
            if self.right.has_ended() {
                return Err(End::Revoked);
            }
            let spot = self.spot()?.ok_or(End::Whole)?;
            self.at_us = spot.end_us;
            if self.span.is_none() && spot.facts().is_some() && !spot.is_key() {
                continue; // it begins with the first key frame that may be seen
            }
            let fragment = match self.reader.read(&spot) {
                Footage::Fragment(fragment) => fragment,
                Footage::Damaged(_) => {
                    self.damaged += 1;
                    continue;
                }
                Footage::Removed => continue,
            };
            let (origin_us, _) = *self.span.get_or_insert((spot.start_us, spot.start_us));
            let pictures = Pictures {
                way: Way::All,
                origin_us,
                until_us: self.right.to_us,
            };
            let Some(shown) = shown(&fragment, pictures) else {
                continue;
            };
            let init = &fragment.description.pictures_only;
            let mut parts = Vec::with_capacity(3);
            if self.described.is_empty() {
                let words = [
                    (TITLE, self.mark.title.as_str()),
                    (COMMENT, self.mark.comment.as_str()),
                ];
                parts.push(marked(init, &words).ok_or(End::Unread)?);
                self.described = init.clone();
            } else if self.described != init {
                return Err(End::Changed);
            }
            self.pictures += shown.times_us.len() as u64;
            if fragment.facts.flags.has(FragmentFlags::FROM_DEVICE) {
                self.note_fetched(spot.start_us, spot.end_us.min(self.right.to_us));
            }
            self.span = Some((origin_us, spot.end_us.min(self.right.to_us)));
            parts.extend([shown.head, shown.payload]);
            for part in &parts {
                self.hash.update(part);
                self.bytes += part.len() as u64;
            }
            return Ok(parts);
        }
    }

    fn note_fetched(&mut self, from_us: i64, to_us: i64) {
        match self.fetched.last_mut() {
            Some(last) if from_us - last.1 <= JOINED_US => last.1 = to_us,
            _ => self.fetched.push((from_us, to_us)),
        }
    }

    fn spot(&mut self) -> Result<Option<Spot>, End> {
        let (from_us, to_us) = (self.right.from_us, self.right.to_us);
        let recorder = self
            .right
            .shared
            .footage
            .recorder()
            .map_err(|_| End::Unread)?;
        self.reader
            .at_or_after(recorder, self.at_us, from_us, to_us)
            .map_err(|error| {
                tracing::error!(%error, "footage could not be looked up");
                End::Unread
            })
    }
}

impl Drop for Clip {
    fn drop(&mut self) {
        let mut taken = self.right.event(EventKind::FootageTaken);
        taken.reason = self.end.word().to_owned();
        (taken.from_us, taken.to_us) = self
            .span
            .unwrap_or((self.right.from_us, self.right.from_us));
        (taken.bytes, taken.pictures, taken.damaged) = (self.bytes, self.pictures, self.damaged);
        taken.fetched = std::mem::take(&mut self.fetched);
        for byte in std::mem::take(&mut self.hash).finalize() {
            let _ = write!(taken.sha256, "{byte:02x}"); // a String takes everything
        }
        self.right.shared.events.push(taken);
    }
}
