//! One source's HLS playlist while somebody asks for it: parts and segments cut from its pictures, and who is served of them.
//! Source: RFC 8216, its second edition (parts).
use crate::admission::Admission;
use axum::body::Bytes;
use bytes::BytesMut;
use fragmented_mp4::{Sample, Track, fragment};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use stream_hub::{Cursor, Frame, HubReader, Next, VideoInfo};
use tokio::sync::watch;

/// A part is cut when it has reached this length.
const PART_90K: u32 = 27_000;
const PART_TARGET_S: f64 = 0.5;
/// Whole segments in a playlist.
const WINDOW: usize = 6;
/// Who asks for nothing any more has left after this time; a playlist without viewers ends.
const UNASKED_LIMIT: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// More than there can be segments in a second: each begins with a key frame.
const NUMBERS_A_SECOND: u64 = 100;
/// How long a request may wait for pictures.
pub(crate) const BLOCK_LIMIT: Duration = Duration::from_secs(15);

struct Part {
    bytes: Bytes,
    duration_90k: u32,
    independent: bool,
}

struct Segment {
    number: u64,
    parts: Vec<Part>,
    /// Once it is complete: its parts in one piece, shared by all who take it, however slowly.
    whole: Option<Bytes>,
}

impl Segment {
    fn complete(&mut self) {
        let parts: Vec<&[u8]> = self.parts.iter().map(|part| part.bytes.as_ref()).collect();
        let joined = Bytes::from(parts.concat());
        let mut at = 0;
        for part in &mut self.parts {
            part.bytes = joined.slice(at..at + part.bytes.len());
            at += part.bytes.len();
        }
        self.whole = Some(joined);
    }

    fn duration_90k(&self) -> u32 {
        self.parts.iter().map(|part| part.duration_90k).sum()
    }
}

/// One session that plays it, and counts as one reader however many requests it makes.
pub(crate) struct Viewer {
    pub admission: Admission,
    asked: Instant,
    /// Its place among the source's readers; what it is sent is read for all.
    _place: Cursor,
}

impl Viewer {
    pub fn new(admission: Admission) -> Self {
        Self {
            _place: admission.cell.hub.cursor(),
            asked: Instant::now(),
            admission,
        }
    }
}

pub(crate) struct Playlist {
    segments: Mutex<VecDeque<Segment>>,
    init: Bytes,
    generation: u64,
    /// Playlists of one source that follow each other count on: players take an older number for an old playlist.
    first_number: u64,
    /// (segments begun, parts of the newest): what a blocking request waits for.
    progress: watch::Sender<(u64, usize)>,
    viewers: Mutex<HashMap<String, Viewer>>,
    ended: watch::Sender<bool>,
}

/// Makes parts and segments of the pictures while there are viewers.
pub(crate) async fn cut(playlist: Arc<Playlist>, mut pictures: HubReader, first: Next) {
    let mut next = first;
    let mut gathered: Vec<Arc<Frame>> = Vec::new();
    let mut look = tokio::time::interval(LOOK_EVERY);
    let reason = loop {
        let Next::Frame(frame) = next else {
            break "source closed";
        };
        if !pictures.is_described_by(playlist.generation) {
            break "another picture";
        }
        if frame.key {
            playlist.add_part(&gathered);
            gathered.clear();
            playlist.begin_segment();
        } else if gathered.iter().map(|frame| frame.duration_90k).sum::<u32>() >= PART_90K {
            playlist.add_part(&gathered);
            gathered.clear();
        }
        gathered.push(frame);
        let mut watched = true;
        next = loop {
            tokio::select! {
                next = pictures.next() => break next,
                _ = look.tick() => {
                    watched = playlist.keep_viewers();
                    if !watched {
                        break Next::Closed;
                    }
                }
            }
        };
        if !watched {
            break "left";
        }
    };
    playlist.end(reason);
}

impl Playlist {
    /// `now_unix`: numbers of segments begin there.
    pub fn new(video: &VideoInfo, session: &str, viewer: Viewer, now_unix: u64) -> Self {
        Self {
            segments: Mutex::new(VecDeque::new()),
            init: video.init_segment.clone(),
            generation: video.generation,
            first_number: now_unix * NUMBERS_A_SECOND,
            progress: watch::Sender::new((0, 0)),
            viewers: Mutex::new(HashMap::from([(session.to_owned(), viewer)])),
            ended: watch::Sender::new(false),
        }
    }

    pub fn has_ended(&self) -> bool {
        *self.ended.borrow()
    }

    pub fn init(&self) -> Bytes {
        self.init.clone()
    }

    fn viewers(&self) -> MutexGuard<'_, HashMap<String, Viewer>> {
        self.viewers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request of `session`; false when it is none of the viewers yet.
    pub fn is_asked_by(&self, session: &str) -> bool {
        let mut viewers = self.viewers();
        let found = viewers.get_mut(session);
        found.map(|viewer| viewer.asked = Instant::now()).is_some()
    }

    pub fn join(&self, session: &str, viewer: Viewer) {
        let mut viewers = self.viewers();
        // Nobody would let it go again from a playlist that has ended.
        if !*self.ended.borrow() {
            viewers.insert(session.to_owned(), viewer);
        }
    }

    pub fn sent_to(&self, session: &str, bytes: usize) {
        if let Some(viewer) = self.viewers().get(session) {
            viewer.admission.sent(bytes);
        }
    }

    /// Lets those go who ask no more, or may not; false when nobody is left.
    fn keep_viewers(&self) -> bool {
        let mut viewers = self.viewers();
        viewers.retain(|_, viewer| {
            let allowed = !viewer.admission.is_revoked();
            if !allowed {
                viewer.admission.reason = "session ended";
            }
            allowed && viewer.asked.elapsed() <= UNASKED_LIMIT
        });
        !viewers.is_empty()
    }

    fn end(&self, reason: &'static str) {
        let mut viewers = self.viewers();
        self.ended.send_replace(true);
        for viewer in viewers.values_mut() {
            viewer.admission.reason = reason;
        }
        viewers.clear();
        drop(viewers);
        self.progress.send_modify(|_| {});
    }

    fn begin_segment(&self) {
        let mut segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        let number = segments
            .back()
            .map_or(self.first_number, |last| last.number + 1);
        if let Some(last) = segments.back_mut() {
            last.complete();
        }
        segments.push_back(Segment {
            number,
            parts: Vec::new(),
            whole: None,
        });
        while segments.len() > WINDOW + 1 {
            segments.pop_front();
        }
        drop(segments);
        self.progress.send_replace((number + 1, 0));
    }

    fn add_part(&self, frames: &[Arc<Frame>]) {
        let Some(first) = frames.first() else { return };
        let mut bytes = BytesMut::new();
        for track in [Track::Video, Track::Sound] {
            let own = || frames.iter().filter(|frame| frame.track() == track);
            let Some(begin) = own().next() else { continue };
            let samples: Vec<Sample> = own().map(|frame| frame.mp4_sample()).collect();
            bytes.extend_from_slice(&fragment(
                track,
                (begin.sequence + 1) as u32,
                begin.decode_time(),
                &samples,
            ));
            own().for_each(|frame| bytes.extend_from_slice(&frame.sample()));
        }
        let part = Part {
            bytes: bytes.freeze(),
            duration_90k: frames.iter().map(|frame| frame.duration_90k).sum(),
            independent: first.key,
        };
        let mut segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(segment) = segments.back_mut() else {
            return;
        };
        segment.parts.push(part);
        let progress = (segment.number + 1, segment.parts.len());
        drop(segments);
        self.progress.send_replace(progress);
    }

    /// Until there is a whole segment.
    pub async fn wait_for_first(&self) {
        self.wait_for(Some(self.first_number + 1), Some(0)).await;
    }

    pub async fn wait_for(&self, segment: Option<u64>, part: Option<usize>) {
        let Some(segment) = segment else { return };
        let mut progress = self.progress.subscribe();
        let reached = progress.wait_for(|&(begun, parts)| {
            *self.ended.borrow()
                || begun > segment + 1
                || (begun == segment + 1 && part.is_some_and(|part| parts > part))
        });
        // Past the limit the answer is what there is: the player asks again.
        let _ = tokio::time::timeout(BLOCK_LIMIT, reached).await;
    }

    /// A complete one that the playlist has, or had a moment ago.
    pub fn segment(&self, number: u64) -> Option<Bytes> {
        let segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        let segment = segments.iter().find(|segment| segment.number == number)?;
        segment.whole.clone()
    }

    pub fn part(&self, segment: u64, part: usize) -> Option<Bytes> {
        let segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        let found = segments.iter().find(|found| found.number == segment)?;
        found.parts.get(part).map(|part| part.bytes.clone())
    }

    pub fn text(&self, ticket: &str) -> String {
        let segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = |ticks: u32| f64::from(ticks) / 90_000.0;
        let longest = segments
            .iter()
            .map(|segment| seconds(segment.duration_90k()))
            .fold(1.0, f64::max);
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:{}\n\
             #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={}\n#EXT-X-PART-INF:PART-TARGET={PART_TARGET_S}\n\
             #EXT-X-MEDIA-SEQUENCE:{}\n#EXT-X-MAP:URI=\"init.mp4?ticket={ticket}&generation={}\"\n",
            longest.ceil(),
            PART_TARGET_S * 3.0,
            segments.front().map_or(0, |segment| segment.number),
            self.generation,
        );
        let newest = segments.back().map_or(0, |segment| segment.number);
        for segment in segments.iter() {
            if segment.number + 3 > newest {
                for (index, part) in segment.parts.iter().enumerate() {
                    let independent = if part.independent {
                        ",INDEPENDENT=YES"
                    } else {
                        ""
                    };
                    // Writing into a String cannot fail.
                    let _ = writeln!(
                        text,
                        "#EXT-X-PART:DURATION={:.5},URI=\"part/{}.{index}.m4s?ticket={ticket}\"{independent}",
                        seconds(part.duration_90k),
                        segment.number,
                    );
                }
            }
            if segment.whole.is_some() {
                let duration = seconds(segment.duration_90k());
                let _ = writeln!(
                    text,
                    "#EXTINF:{duration:.5},\nseg/{}.m4s?ticket={ticket}",
                    segment.number
                );
            }
        }
        if let Some(open) = segments.back().filter(|segment| segment.whole.is_none()) {
            let _ = writeln!(
                text,
                "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"part/{}.{}.m4s?ticket={ticket}\"",
                open.number,
                open.parts.len()
            );
        }
        text
    }
}
