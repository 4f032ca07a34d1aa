//! Recorded footage handed over as one MP4 file: the pictures' bytes as they were recorded, the time line that playback shows, and
//! in the file's head who took it and by which right. It is read, hashed and sent a fragment at a time, however long it is: one is
//! read and one is hashed while one is sent.
//! docs/decisions/0042-playback.md.
use crate::clip_body::{ClipBody, End, Step, Taker, Told};
use crate::clip_footage::Following;
use crate::clip_marks::ClipMark;
use crate::event::EventKind;
use crate::footage_right::FootageRight;
use crate::http::{Rooms, query_value};
use crate::refusal::Refusal;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use fragmented_mp4::{COMMENT, TITLE, marked};
use recording::{Footage, FootageReader, Pictures, Spot, Way, shown};
use sha2::Digest;
use std::fmt::Write as _;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;

pub(crate) const ASKED: [&str; 1] = ["GET /clip/{name}"];
const PROTOCOL: &str = "clip";
/// A browser that takes nothing for so long has gone; it may ask the user where the file goes.
const SEND_LIMIT: Duration = Duration::from_secs(120);
/// Fragments that are read ahead of the socket: disk and network work at once.
const AHEAD: usize = 2;

/// A fragment on its way, and what it adds to what is told.
struct Part {
    bytes: Vec<Bytes>,
    pictures: u64,
    /// Of the first picture, and where this fragment ends.
    span: (i64, i64),
    footage: Following,
}

/// What was found next: a part, or why there is none.
struct Found {
    /// Fragments passed over on the way to it: they do not agree with their checksums.
    damaged: u64,
    next: Result<Part, End>,
}

/// Where a clip is read.
struct Finding {
    right: Arc<FootageRight>,
    mark: ClipMark,
    reader: FootageReader,
    at_us: i64,
    /// The first picture's time; None before it.
    origin_us: Option<i64>,
    described: Bytes,
    footage: Following,
}

pub(crate) async fn serve(
    State(rooms): State<Rooms>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
) -> Result<Response, Refusal> {
    let ticket = query_value(query.as_deref(), "ticket");
    let right = Arc::new(FootageRight::of(&rooms, PROTOCOL, &name, ticket)?);
    let marks = &right.shared.clip_marks;
    if method == Method::HEAD {
        let file = marks.file(&right.session).ok_or(Refusal::NoSource)?;
        return Ok(head_of(&file)?.into_response()); // whoever looks takes nothing
    }
    let mark = marks.take(&right.session).ok_or(Refusal::NoSource)?;
    let (sender, steps) = mpsc::channel(AHEAD);
    let body = ClipBody::new(Arc::clone(&right), steps);
    let (head, from_us) = (head_of(&mark.file)?, right.from_us);
    let finding = Finding {
        reader: (right.shared.footage.reader(right.stream.clone()))
            .in_turn(right.turn)
            .in_passing(),
        at_us: right.from_us,
        right: Arc::clone(&right),
        mark,
        origin_us: None,
        described: Bytes::new(),
        footage: Following::new(from_us),
    };
    let (finding, first) = blocking(finding, Finding::find)
        .await
        .ok_or(Refusal::NoPicture)?;
    if first.next.is_err() {
        return Err(Refusal::NoPicture);
    }
    rooms.carrier.may_take(SEND_LIMIT);
    let carrier = Arc::clone(&rooms.carrier);
    tokio::spawn(async move {
        let (found, read) = mpsc::channel(1);
        let hand_over = async {
            tokio::join!(read_on(finding, first, found), hash_on(read, &sender));
            sender.closed().await;
        };
        if is_to_be_cut(hand_over, right.ended()).await {
            carrier.cut();
        }
    });
    Ok((head, Body::from_stream(body)).into_response())
}

/// Whether the right ends before all is handed over. The node ends it once it is told that all is, and on a busy machine both have
/// happened before anybody looks: what still waits for the socket is not cut off then.
async fn is_to_be_cut(
    handed_over: impl Future<Output = ()>,
    ended: impl Future<Output = ()>,
) -> bool {
    tokio::select! {
        biased;
        () = handed_over => false,
        () = ended => true,
    }
}

fn head_of(file: &str) -> Result<HeaderMap, Refusal> {
    let named = HeaderValue::try_from(format!("attachment; filename=\"{file}\""))
        .map_err(|_| Refusal::NoSource)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("video/mp4"));
    headers.insert(header::CONTENT_DISPOSITION, named);
    Ok(headers)
}

/// While one part is hashed the next one is read, and the one before is sent: each may have a core of its own.
async fn read_on(mut finding: Finding, mut found: Found, parts: mpsc::Sender<Found>) {
    loop {
        let is_last = found.next.is_err();
        if parts.send(found).await.is_err() || is_last {
            return;
        }
        match blocking(finding, Finding::find).await {
            Some((going, next)) => (finding, found) = (going, next),
            None => return,
        }
    }
}

async fn hash_on(mut parts: mpsc::Receiver<Found>, sender: &mpsc::Sender<Step>) {
    let mut told = Told::default();
    while let Some(found) = parts.recv().await {
        told.damaged += found.damaged;
        let part = match found.next {
            Ok(part) => part,
            Err(end) => {
                let _ = sender.send(Step::Over(end, told)).await; // nobody waits for it where the browser has gone
                return;
            }
        };
        let Some((going, steps)) = blocking(told.clone(), |told| steps_of(told, part)).await else {
            break;
        };
        told = going;
        for step in steps {
            if sender.send(step).await.is_err() {
                return;
            }
        }
    }
    // Whoever reads or hashes panicked; without a word the browser would wait for ever.
    let _ = sender.send(Step::Over(End::Unread, told)).await;
}

/// A fragment's pictures count with the last of its octets.
fn steps_of(told: &mut Told, part: Part) -> Vec<Step> {
    let last = part.bytes.len() - 1;
    let steps = part.bytes.into_iter().enumerate().map(|(at, bytes)| {
        told.count(&bytes);
        if at == last {
            told.pictures += part.pictures;
            told.span = Some(part.span);
            told.footage = Some(part.footage.clone());
        }
        Step::Bytes(bytes, told.clone())
    });
    steps.collect()
}

/// Work on something where it may block; None: it panicked.
async fn blocking<One: Send + 'static, Done: Send + 'static>(
    mut one: One,
    work: impl FnOnce(&mut One) -> Done + Send + 'static,
) -> Option<(One, Done)> {
    let working = tokio::task::spawn_blocking(move || {
        let done = work(&mut one);
        (one, done)
    });
    let done = working.await;
    if let Err(error) = &done {
        tracing::error!(%error, "a clip could not be read on");
    }
    done.ok()
}

impl Finding {
    fn find(&mut self) -> Found {
        let mut damaged = 0;
        let next = self.next(&mut damaged);
        Found { damaged, next }
    }

    fn next(&mut self, damaged: &mut u64) -> Result<Part, End> {
        loop {
            if self.right.has_ended() {
                return Err(End::Revoked);
            }
            let spot = self.spot()?.ok_or(End::Whole)?;
            self.at_us = spot.end_us;
            if self.reader.passed_over() {
                self.footage.passes_over();
            }
            if let Some(facts) = spot.facts() {
                self.footage.found(facts);
                if self.origin_us.is_none() && !spot.is_key() {
                    self.footage.waits_for_key(facts);
                    continue; // it begins with the first key frame that may be seen
                }
            }
            let fragment = match self.reader.read(&spot) {
                Footage::Fragment(fragment) => fragment,
                Footage::Damaged(_) => {
                    *damaged += 1;
                    continue;
                }
                Footage::Away(why) => {
                    tracing::warn!(
                        stream = self.right.stream.as_str(),
                        why,
                        "footage cannot be fetched"
                    );
                    return Err(End::Unread);
                }
                Footage::Removed => continue,
            };
            let origin_us = *self.origin_us.get_or_insert(spot.start_us);
            let pictures = Pictures {
                way: Way::All,
                origin_us,
                until_us: self.right.to_us,
            };
            let Some(shown) = shown(&fragment, pictures) else {
                continue;
            };
            let init = &fragment.description.pictures_only;
            let mut bytes = Vec::with_capacity(3);
            if self.described.is_empty() {
                let words = [
                    (TITLE, self.mark.title.as_str()),
                    (COMMENT, self.mark.comment.as_str()),
                ];
                let Some(marked) = marked(init, &words) else {
                    tracing::error!(
                        stream = self.right.stream.as_str(),
                        "the head of a clip's footage is none of ours"
                    );
                    return Err(End::Unread);
                };
                bytes.push(marked);
                self.described = init.clone();
            } else if self.described != init {
                return Err(End::Changed);
            }
            bytes.extend([shown.head, shown.payload]);
            let end_us = spot.end_us.min(self.right.to_us);
            self.footage.shown(&fragment.facts, end_us);
            return Ok(Part {
                bytes,
                pictures: shown.times_us.len() as u64,
                span: (origin_us, end_us),
                footage: self.footage.clone(),
            });
        }
    }

    fn spot(&mut self) -> Result<Option<Spot>, End> {
        let (from_us, to_us) = (self.right.from_us, self.right.to_us);
        let recorder = self
            .right
            .shared
            .footage
            .recorder()
            .map_err(not_looked_up)?;
        self.reader
            .at_or_after(recorder, self.at_us, from_us, to_us)
            .map_err(not_looked_up)
    }
}

fn not_looked_up(error: impl std::fmt::Display) -> End {
    tracing::error!(%error, "footage could not be looked up");
    End::Unread
}

impl Taker for Arc<FootageRight> {
    fn has_ended(&self) -> bool {
        FootageRight::has_ended(self)
    }

    fn gave(&self, bytes: u64) {
        self.shared.bytes_out.fetch_add(bytes, Ordering::Relaxed);
    }

    fn tell(&self, end: End, told: Told) {
        let mut taken = self.event(EventKind::FootageTaken);
        taken.reason = end.word().to_owned();
        (taken.from_us, taken.to_us) = told.span.unwrap_or((self.from_us, self.from_us));
        (taken.bytes, taken.pictures, taken.damaged) = (told.bytes, told.pictures, told.damaged);
        let to_us = (end == End::Whole).then_some(self.to_us);
        taken.clip = told.footage.map(|one| Box::new(one.told(to_us)));
        for byte in told.hash.finalize() {
            let _ = write!(taken.sha256, "{byte:02x}"); // a String takes everything
        }
        FootageRight::tell(self, taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    #[tokio::test]
    async fn a_right_that_ends_when_all_is_handed_over_cuts_nothing() {
        for _ in 0..64 {
            assert!(!is_to_be_cut(ready(()), ready(())).await);
        }
        assert!(is_to_be_cut(std::future::pending(), ready(())).await);
    }

    #[tokio::test]
    async fn a_reader_that_fails_ends_the_clip_and_leaves_nobody_waiting() {
        let (found, read) = mpsc::channel(1);
        drop(found);
        let (sender, mut steps) = mpsc::channel(1);
        hash_on(read, &sender).await;
        let step = steps.try_recv();
        assert!(matches!(step, Ok(Step::Over(End::Unread, _))));
    }
}
