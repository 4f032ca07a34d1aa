//! The ring and its cursors.
use crate::frame::Frame;
use bytes::Bytes;
use elementary::VideoParameters;
use fragmented_mp4::init_segment;
use media_types::{AccessUnit, Codec};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// Duration assumed for a picture before its follower is known: 25 a second.
const FIRST_DURATION_90K: u32 = 3_600;
/// Pictures kept from before the newest key frame, so that a reader a moment behind need not skip.
const KEPT_BEFORE_KEY: usize = 8;
const MAX_DURATION_90K: i64 = 90_000;
/// A ring never holds more than this, even if the camera sends no key frames.
const MAX_RING_FRAMES: usize = 1_500;
const MAX_RING_BYTES: usize = 24 * 1024 * 1024;

/// What a player must know before the first picture.
#[derive(Clone, Debug)]
pub struct VideoInfo {
    pub codec: Codec,
    pub codec_string: String,
    pub width: u32,
    pub height: u32,
    pub init_segment: Bytes,
    /// Grows with each change of codec or size: a reader that sees another number must begin anew.
    pub generation: u64,
}

struct State {
    ring: VecDeque<Arc<Frame>>,
    ring_bytes: usize,
    next_sequence: u64,
    last_key: Option<u64>,
    first_pts: Option<i64>,
    last_pts: i64,
    last_decode: Option<u64>,
    last_duration: u32,
    parameters: Option<VideoParameters>,
    video: Option<Arc<VideoInfo>>,
    closed: bool,
}

/// A source's pictures and who reads them.
pub struct Hub {
    state: Mutex<State>,
    newest: watch::Sender<u64>,
    readers: AtomicUsize,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    pub fn new() -> Self {
        Self {
            state: Mutex::new(State {
                ring: VecDeque::new(),
                ring_bytes: 0,
                next_sequence: 0,
                last_key: None,
                first_pts: None,
                last_pts: 0,
                last_decode: None,
                last_duration: FIRST_DURATION_90K,
                parameters: None,
                video: None,
                closed: false,
            }),
            newest: watch::Sender::new(0),
            readers: AtomicUsize::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while holding the lock leaves plain values: the ring is still whole.
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Adds a picture. `parameters` are those the receiver knows. Returns the new description when it changed.
    pub fn push(
        &self,
        unit: AccessUnit,
        parameters: Option<&VideoParameters>,
    ) -> Option<Arc<VideoInfo>> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        let changed = state.take_parameters(parameters);
        state.video.as_ref()?; // nothing can be shown before the parameter sets are known
        let pts = unit.pts.0;
        let first = *state.first_pts.get_or_insert(pts);
        let relative = pts - first;
        let step = relative - state.last_pts;
        if state.next_sequence > 0 && (1..MAX_DURATION_90K).contains(&step) {
            state.last_duration = step as u32; // below 90 000
        }
        state.last_pts = relative;
        let decode = match state.last_decode {
            Some(last) => (relative.max(0) as u64).max(last + 1),
            None => relative.max(0) as u64,
        };
        state.last_decode = Some(decode);
        let sequence = state.next_sequence;
        state.next_sequence += 1;
        if unit.key {
            state.last_key = Some(sequence);
            while state.ring.len() > KEPT_BEFORE_KEY {
                let Some(dropped) = state.ring.pop_front() else {
                    break;
                };
                state.ring_bytes -= dropped.annex_b.len();
            }
        }
        state.ring_bytes += unit.bytes.len();
        let duration = state.last_duration;
        state.ring.push_back(Arc::new(Frame::new(
            sequence, unit, relative, decode, duration,
        )));
        while state.ring.len() > MAX_RING_FRAMES || state.ring_bytes > MAX_RING_BYTES {
            let Some(dropped) = state.ring.pop_front() else {
                break;
            };
            state.ring_bytes -= dropped.annex_b.len();
        }
        drop(state);
        self.newest.send_replace(sequence + 1);
        changed
    }

    /// Ends every reader.
    pub fn close(&self) {
        self.state().closed = true;
        self.newest.send_modify(|_| {});
    }

    /// The description, once parameter sets were seen.
    pub fn video(&self) -> Option<Arc<VideoInfo>> {
        self.state().video.clone()
    }

    /// Readers now.
    pub fn readers(&self) -> usize {
        self.readers.load(Ordering::Relaxed)
    }

    /// Whether a new reader finds a key frame to begin with.
    pub fn has_key_frame(&self) -> bool {
        self.latest_key_frame().is_some()
    }

    /// The newest key frame in the ring.
    pub fn latest_key_frame(&self) -> Option<Arc<Frame>> {
        let state = self.state();
        state.frame(state.last_key?).cloned()
    }

    /// A place in the ring that begins at the newest key frame.
    pub fn cursor(self: &Arc<Self>) -> Cursor {
        self.readers.fetch_add(1, Ordering::Relaxed);
        Cursor {
            hub: Arc::clone(self),
            next: None,
            skipped: 0,
        }
    }

    /// A cursor that can be waited on.
    pub fn read(self: &Arc<Self>) -> HubReader {
        HubReader {
            newest: self.newest.subscribe(),
            cursor: self.cursor(),
        }
    }
}

impl State {
    fn frame(&self, sequence: u64) -> Option<&Arc<Frame>> {
        let front = self.ring.front()?.sequence;
        self.ring.get(sequence.checked_sub(front)? as usize)
    }

    fn take_parameters(&mut self, parameters: Option<&VideoParameters>) -> Option<Arc<VideoInfo>> {
        let parameters = parameters?;
        if self.parameters.as_ref() == Some(parameters) {
            return None;
        }
        let info = Arc::new(VideoInfo {
            codec: parameters.codec,
            codec_string: parameters.codec_string(),
            width: parameters.width,
            height: parameters.height,
            init_segment: init_segment(parameters),
            generation: self.video.as_ref().map_or(1, |old| old.generation + 1),
        });
        self.parameters = Some(parameters.clone());
        self.video = Some(Arc::clone(&info));
        Some(info)
    }
}

/// What a reader gets next.
pub enum Next {
    Frame(Arc<Frame>),
    /// The source was closed.
    Closed,
}

/// One reader's place in the ring.
pub struct Cursor {
    hub: Arc<Hub>,
    next: Option<u64>,
    skipped: u64,
}

impl Cursor {
    /// Pictures left out because this reader was too slow.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The next picture if it is there already.
    pub fn try_next(&mut self) -> Option<Next> {
        let state = self.hub.state();
        if state.closed {
            return Some(Next::Closed);
        }
        let front = state.ring.front()?.sequence;
        let wanted = match self.next {
            Some(next) if next >= front => next,
            lagging => {
                let key = state.last_key.filter(|&key| key >= front)?; // begins only at a key frame
                if let Some(next) = lagging {
                    self.skipped += key - next;
                }
                key
            }
        };
        let frame = Arc::clone(state.frame(wanted)?);
        self.next = Some(wanted + 1);
        Some(Next::Frame(frame))
    }

    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        self.hub.readers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A reader that waits for pictures on the asynchronous side.
pub struct HubReader {
    newest: watch::Receiver<u64>,
    cursor: Cursor,
}

impl HubReader {
    /// See [`Cursor::skipped`].
    pub fn skipped(&self) -> u64 {
        self.cursor.skipped()
    }

    /// See [`Cursor::try_next`].
    pub fn try_next(&mut self) -> Option<Next> {
        self.cursor.try_next()
    }

    /// Waits for the next picture.
    pub async fn next(&mut self) -> Next {
        loop {
            self.newest.mark_unchanged();
            if let Some(next) = self.try_next() {
                return next;
            }
            if self.newest.changed().await.is_err() {
                return Next::Closed;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media_types::Pts90k;

    const SPS_PPS_IDR: &[u8] = &[
        0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8, 0, 0, 0, 1, 0x68,
        0xCB, 0x83, 0xCB, 0x20, 0, 0, 0, 1, 0x65, 0x88, 0x84,
    ];

    fn unit(number: i64, key: bool) -> AccessUnit {
        let bytes: &'static [u8] = if key {
            SPS_PPS_IDR
        } else {
            &[0, 0, 0, 1, 0x41, 1, 2]
        };
        AccessUnit {
            codec: Codec::H264,
            pts: Pts90k(number * 3600),
            key,
            bytes: Bytes::from_static(bytes),
        }
    }

    fn sequence_of(next: Option<Next>) -> Option<u64> {
        match next {
            Some(Next::Frame(frame)) => Some(frame.sequence),
            _ => None,
        }
    }

    fn filled(pictures: i64, gop: i64) -> Arc<Hub> {
        let hub = Arc::new(Hub::new());
        let parameters =
            VideoParameters::from_annex_b(Codec::H264, SPS_PPS_IDR).expect("whole parameter sets");
        for number in 0..pictures {
            hub.push(unit(number, number % gop == 0), Some(&parameters));
        }
        hub
    }

    #[test]
    fn a_new_reader_begins_at_the_newest_key_frame() {
        let hub = filled(27, 10);
        assert_eq!(sequence_of(hub.read().try_next()), Some(20));
    }

    #[test]
    fn a_slow_reader_skips_to_the_newest_key_frame_and_counts_what_it_missed() {
        let hub = filled(1, 10);
        let mut reader = hub.read();
        assert_eq!(sequence_of(reader.try_next()), Some(0));
        let parameters =
            VideoParameters::from_annex_b(Codec::H264, SPS_PPS_IDR).expect("whole parameter sets");
        for number in 1..45 {
            hub.push(unit(number, number % 10 == 0), Some(&parameters));
        }
        assert_eq!(sequence_of(reader.try_next()), Some(40));
        assert_eq!(reader.skipped(), 39);
    }

    #[tokio::test]
    async fn closing_ends_a_waiting_reader() {
        let hub = filled(1, 10);
        let mut reader = hub.read();
        assert!(matches!(reader.next().await, Next::Frame(_)));
        hub.close();
        assert!(matches!(reader.next().await, Next::Closed));
        drop(reader);
        assert_eq!(hub.readers(), 0);
    }
}
