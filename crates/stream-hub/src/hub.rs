//! The ring and its cursors.
use crate::decode_times::DecodeTimes;
use crate::frame::Frame;
use crate::picture_order::PictureOrder;
use crate::sound_track::SoundTrack;
use bytes::Bytes;
use elementary::{SoundParameters, VideoParameters};
use fragmented_mp4::init_segment;
use media_types::{AccessUnit, Codec};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// Pictures kept from before the newest key frame, so that a reader a moment behind need not skip.
const KEPT_BEFORE_KEY: usize = 8;
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
    /// None: no sound, or none that may be heard.
    pub sound: Option<SoundParameters>,
    pub init_segment: Bytes,
    /// The parameter sets themselves, for who describes the pictures in another form.
    pub parameters: VideoParameters,
    /// Grows with each change of codec, size or sound: a reader that sees another number must begin anew.
    pub generation: u64,
}

struct State {
    ring: VecDeque<Arc<Frame>>,
    ring_bytes: usize,
    next_sequence: u64,
    last_key: Option<u64>,
    first_pts: Option<i64>,
    decode_times: DecodeTimes,
    order: PictureOrder,
    parameters: Option<VideoParameters>,
    sound: SoundTrack,
    /// `video` does not yet say what is known.
    undescribed: bool,
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
    /// For a source without sound.
    pub fn new() -> Self {
        Self::with_sound(SoundTrack::default())
    }

    /// For a source whose sound may be heard: its description waits a moment for it.
    pub fn expecting_sound() -> Self {
        Self::with_sound(SoundTrack::expected())
    }

    fn with_sound(sound: SoundTrack) -> Self {
        Self {
            state: Mutex::new(State {
                ring: VecDeque::new(),
                ring_bytes: 0,
                next_sequence: 0,
                last_key: None,
                first_pts: None,
                decode_times: DecodeTimes::default(),
                order: PictureOrder::default(),
                parameters: None,
                sound,
                undescribed: false,
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
        state.note_parameters(parameters);
        state.parameters.as_ref()?; // nothing can be shown before the parameter sets are known
        let pts = unit.pts.0;
        let first = *state.first_pts.get_or_insert(pts);
        let relative = pts - first;
        let decode = state.decode_times.next(relative);
        state.order.note(relative);
        let sequence = state.next_sequence;
        state.next_sequence += 1;
        if unit.key {
            state.last_key = Some(sequence);
            while state.ring.len() > KEPT_BEFORE_KEY {
                let Some(dropped) = state.ring.pop_front() else {
                    break;
                };
                state.ring_bytes -= dropped.bytes.len();
            }
        }
        state.ring_bytes += unit.bytes.len();
        state.ring.push_back(Arc::new(Frame::new(
            sequence,
            unit,
            relative,
            decode.at_90k,
            decode.duration_90k,
        )));
        state.keep_bounds();
        state.undescribed |= state.sound.fell_silent(relative);
        let changed = if state.undescribed && !state.sound.is_awaited(relative) {
            state.describe()
        } else {
            None
        };
        drop(state);
        self.newest.send_replace(sequence + 1);
        changed
    }

    /// Adds a unit of sound: G.711 octets or one ADTS frame. Sound before the first picture is dropped. Returns the new
    /// description when it changed.
    pub fn push_sound(&self, unit: AccessUnit) -> Option<Arc<VideoInfo>> {
        let parameters = SoundParameters::from_unit(unit.codec, &unit.bytes)?;
        let mut state = self.state();
        if state.closed {
            return None;
        }
        let relative = unit.pts.0 - state.first_pts?;
        let samples = parameters.samples(&unit.bytes);
        let (time, changed) = state.sound.place(parameters, samples, relative)?;
        let sequence = state.next_sequence;
        state.next_sequence += 1;
        state.ring_bytes += unit.bytes.len();
        state
            .ring
            .push_back(Arc::new(Frame::of_sound(sequence, unit, relative, time)));
        state.keep_bounds();
        let changed = if changed { state.describe() } else { None };
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

    /// Whether pictures are sent in another order than they are shown in.
    pub fn is_reordered(&self) -> bool {
        self.state().order.is_changed()
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
        self.place(true)
    }

    fn place(self: &Arc<Self>, counted: bool) -> Cursor {
        Cursor {
            hub: Arc::clone(self),
            next: None,
            skipped: 0,
            counted,
        }
    }

    /// A cursor that can be waited on.
    pub fn read(self: &Arc<Self>) -> HubReader {
        HubReader {
            newest: self.newest.subscribe(),
            cursor: self.cursor(),
        }
    }

    /// As [`Hub::read`], but no reader: for what makes one thing of the pictures for many, who count themselves.
    pub fn watch(self: &Arc<Self>) -> HubReader {
        HubReader {
            newest: self.newest.subscribe(),
            cursor: self.place(false),
        }
    }
}

impl State {
    fn frame(&self, sequence: u64) -> Option<&Arc<Frame>> {
        let front = self.ring.front()?.sequence;
        self.ring.get(sequence.checked_sub(front)? as usize)
    }

    fn note_parameters(&mut self, parameters: Option<&VideoParameters>) {
        if let Some(parameters) = parameters
            && self.parameters.as_ref() != Some(parameters)
        {
            self.parameters = Some(parameters.clone());
            self.undescribed = true;
        }
    }

    fn describe(&mut self) -> Option<Arc<VideoInfo>> {
        let parameters = self.parameters.as_ref()?;
        let sound = self.sound.parameters();
        let info = Arc::new(VideoInfo {
            codec: parameters.codec,
            codec_string: parameters.codec_string(),
            width: parameters.width,
            height: parameters.height,
            sound: sound.copied(),
            init_segment: init_segment(parameters, sound),
            parameters: parameters.clone(),
            generation: self.video.as_ref().map_or(1, |old| old.generation + 1),
        });
        self.undescribed = false;
        self.video = Some(Arc::clone(&info));
        Some(info)
    }

    fn keep_bounds(&mut self) {
        while self.ring.len() > MAX_RING_FRAMES || self.ring_bytes > MAX_RING_BYTES {
            let Some(dropped) = self.ring.pop_front() else {
                break;
            };
            self.ring_bytes -= dropped.bytes.len();
        }
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
    counted: bool,
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
        state.video.as_ref()?;
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
        if self.counted {
            self.hub.readers.fetch_sub(1, Ordering::Relaxed);
        }
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

    /// Whether the stream's description is still that of `generation`.
    pub fn is_described_by(&self, generation: u64) -> bool {
        let video = self.cursor.hub.video();
        video.is_some_and(|video| video.generation == generation)
    }

    /// Waits for the next picture. Nothing is lost when it is dropped while it waits.
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
#[path = "hub_tests.rs"]
mod tests;
