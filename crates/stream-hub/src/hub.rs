//! The ring and its cursors.
use crate::decode_times::DecodeTimes;
use crate::frame::Frame;
use crate::picture_order::PictureOrder;
use crate::sound_track::SoundTrack;
use crate::video_info::VideoInfo;
use elementary::{SoundParameters, VideoParameters};
use fragmented_mp4::init_segment;
use media_types::AccessUnit;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// Pictures kept from before the newest key frame while anybody has a cursor, so that a reader a moment behind need not skip.
const KEPT_BEFORE_KEY: usize = 8;
/// A ring never holds more than this, even if the camera sends no key frames.
const MAX_RING_FRAMES: usize = 1_500;
const MAX_RING_BYTES: usize = 24 * 1024 * 1024;

struct State {
    ring: VecDeque<Arc<Frame>>,
    ring_bytes: usize,
    /// What each keeper wants next: the ring lets go of nothing that one still wants, within its bounds.
    kept_from: Vec<(u64, u64)>,
    keepers: u64,
    cursors: usize,
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
    /// Those before it of which the ring still has pictures.
    described: Vec<Arc<VideoInfo>>,
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
                kept_from: Vec::new(),
                keepers: 0,
                cursors: 0,
                next_sequence: 0,
                last_key: None,
                first_pts: None,
                decode_times: DecodeTimes::default(),
                order: PictureOrder::default(),
                parameters: None,
                sound,
                undescribed: false,
                video: None,
                described: Vec::new(),
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
            state.let_go_before_key();
        }
        state.undescribed |= state.sound.fell_silent(relative);
        let changed = if state.undescribed && !state.sound.is_awaited(relative) {
            state.describe()
        } else {
            None
        };
        let generation = state.generation();
        state.ring_bytes += unit.bytes.len();
        state.ring.push_back(Arc::new(Frame::new(
            sequence,
            unit,
            relative,
            decode.at_90k,
            decode.duration_90k,
            generation,
        )));
        state.keep_bounds();
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
        let changed = if changed { state.describe() } else { None };
        let generation = state.generation();
        state.ring_bytes += unit.bytes.len();
        let frame = Frame::of_sound(sequence, unit, relative, time, generation);
        state.ring.push_back(Arc::new(frame));
        state.keep_bounds();
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
        self.state().cursors += 1;
        Cursor {
            hub: Arc::clone(self),
            next: None,
            skipped: 0,
            counted,
        }
    }

    /// A reader from whom nothing is taken before it has it: from the newest key frame on, or the next one if there is none.
    /// Only where it lags by more than the ring's bounds are pictures lost to it, and counted.
    pub fn keeper(self: &Arc<Self>) -> Keeper {
        self.readers.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state();
        let key = state.last_key.filter(|&key| state.frame(key).is_some());
        let next = key.unwrap_or(state.next_sequence);
        state.keepers += 1;
        let number = state.keepers;
        state.kept_from.push((number, next));
        Keeper {
            hub: Arc::clone(self),
            number,
            next,
            begun: false,
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

    /// Of which description a picture is that comes now: of the next one, while that waits for sound.
    fn generation(&self) -> u64 {
        let last = self.video.as_ref().map_or(0, |video| video.generation);
        last + u64::from(self.undescribed)
    }

    /// A new reader begins at the newest key frame: what was before is nobody's but a keeper's.
    fn let_go_before_key(&mut self) {
        let wanted = self.kept_from.iter().map(|&(_, next)| next).min();
        while self.ring.len() > KEPT_BEFORE_KEY * self.cursors.min(1)
            && let Some(front) = self.ring.front()
            && wanted.is_none_or(|wanted| front.sequence < wanted)
        {
            self.drop_front();
        }
        let oldest = self.ring.front().map_or(u64::MAX, |one| one.generation);
        self.described.retain(|one| one.generation >= oldest);
    }

    fn drop_front(&mut self) {
        if let Some(dropped) = self.ring.pop_front() {
            self.ring_bytes -= dropped.bytes.len();
        }
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
        let before = self.video.replace(Arc::clone(&info));
        self.described.extend(before);
        Some(info)
    }

    fn keep_bounds(&mut self) {
        while self.ring.len() > MAX_RING_FRAMES || self.ring_bytes > MAX_RING_BYTES {
            self.drop_front();
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
        self.hub.state().cursors -= 1;
        if self.counted {
            self.hub.readers.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// What a keeper had not yet.
#[derive(Default)]
pub struct Taken {
    pub frames: Vec<Arc<Frame>>,
    /// The descriptions that they belong to, by [`Frame::generation`].
    pub described: Vec<Arc<VideoInfo>>,
    /// Pictures and units of sound that the ring had to let go before the first of `frames`.
    pub missed: u64,
    /// Nothing comes any more.
    pub closed: bool,
}

/// See [`Hub::keeper`].
pub struct Keeper {
    hub: Arc<Hub>,
    number: u64,
    next: u64,
    /// It had its first key frame.
    begun: bool,
}

impl Keeper {
    /// Everything that came since the last call, in order; the first of all is a key frame. After a loss it goes on with what
    /// the ring still has. Nothing before the stream is described.
    pub fn take(&mut self) -> Taken {
        let mut state = self.hub.state();
        let mut taken = Taken {
            closed: state.closed,
            ..Taken::default()
        };
        let Some(video) = state.video.clone() else {
            return taken;
        };
        let front = state.ring.front().map_or(self.next, |one| one.sequence);
        if front > self.next {
            taken.missed = u64::from(self.begun) * (front - self.next);
            self.next = front;
        }
        let fresh = state.ring.iter().skip((self.next - front) as usize);
        taken.frames = fresh
            .skip_while(|one| !self.begun && !one.key)
            .cloned()
            .collect();
        self.begun |= !taken.frames.is_empty();
        self.next = state.next_sequence;
        if let Some(first) = taken.frames.first() {
            let of_these = |one: &&Arc<VideoInfo>| one.generation >= first.generation;
            taken.described = state.described.iter().filter(of_these).cloned().collect();
            taken.described.push(video);
        }
        let (number, next) = (self.number, self.next);
        if let Some(mine) = state.kept_from.iter_mut().find(|one| one.0 == number) {
            mine.1 = next;
        }
        taken
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let number = self.number;
        self.hub.state().kept_from.retain(|one| one.0 != number);
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
