//! One stream on its way to the disks: kept as it comes, or held in memory until something happens.
use crate::clock::Now;
use crate::event::LossReason;
use crate::facts::StreamName;
use crate::gathering::{Closed, Gathering};
use crate::house::{House, Stream};
use crate::on_event::OnEvent;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use stream_hub::{Hub, Keeper};

/// One stream on its way into its file. Dropping it ends the recording.
pub struct Tap {
    keeper: Keeper,
    gathering: Gathering,
    out: Out,
}

/// Where its fragments go.
struct Out {
    house: Arc<House>,
    stream: Arc<Stream>,
    /// None: all of them are kept.
    on_event: Option<OnEvent>,
}

impl Out {
    fn take(&mut self, mut closed: Closed) {
        self.house.stamp(&mut closed);
        match &mut self.on_event {
            Some(on_event) => on_event.take(closed, &self.house, &self.stream),
            None => self.house.keep(&self.stream, closed),
        }
    }

    /// Whether what comes now is to be kept.
    fn is_kept(&self, now: Now) -> bool {
        let within = |on_event: &OnEvent| on_event.is_within(now.steady_us);
        self.on_event.as_ref().is_none_or(within)
    }
}

impl Tap {
    pub(crate) fn new(house: &Arc<House>, name: &StreamName, hub: &Arc<Hub>, now: Now) -> Self {
        let stream = house.stream(name);
        stream.taps.fetch_add(1, Ordering::Relaxed);
        Self {
            keeper: hub.keeper(),
            gathering: Gathering::new(name.clone(), now),
            out: Out {
                house: Arc::clone(house),
                stream,
                on_event: None,
            },
        }
    }

    /// From now on what comes is held in memory, for so long at least, by whole groups of pictures; it is written when something
    /// [`happens`](Self::happened).
    pub fn hold(&mut self, before: Duration) {
        let Out {
            house,
            stream,
            on_event,
        } = &mut self.out;
        match on_event {
            Some(on_event) => on_event.set_before(before),
            None => {
                *on_event = Some(OnEvent::new(before, house, stream));
                stream.taps.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// Something happened: what is held is written, and what comes within `lasting` from now on. No effect where all is kept.
    pub fn happened(&mut self, lasting: Duration, now: Now) {
        let Out {
            house,
            stream,
            on_event,
        } = &mut self.out;
        if let Some(on_event) = on_event {
            on_event.happened(lasting, now, house, stream);
        }
    }

    /// From now on all is kept, and what is held already.
    pub fn keep_all(&mut self) {
        if let Some(mut on_event) = self.out.on_event.take() {
            let Out { house, stream, .. } = &self.out;
            stream.taps.fetch_add(1, Ordering::Relaxed);
            on_event.end(true, house, stream);
            on_event.leave(house, stream);
        }
    }

    /// Takes what came since the last call; the newest picture came at `now`. False once the hub is closed.
    pub fn pull(&mut self, now: Now) -> bool {
        let taken = self.keeper.take();
        let Self { gathering, out, .. } = self;
        if taken.missed > 0 {
            let name = out.stream.name.as_str();
            tracing::warn!(
                stream = name,
                missed = taken.missed,
                "pictures came faster than they were taken"
            );
            if out.is_kept(now) {
                out.house
                    .lose(&out.stream, None, now.wall_us, LossReason::Overrun);
            }
            if let Some(closed) = gathering.missed(now) {
                out.take(closed);
            }
        }
        gathering.take(taken.frames, &taken.described, now, |closed| {
            out.take(closed);
        });
        !taken.closed
    }

    /// Once in a while, also when nothing comes.
    pub fn tick(&mut self, now: Now) {
        if let Some(closed) = self.gathering.tick(now) {
            self.out.take(closed);
        }
        let Out {
            house,
            stream,
            on_event,
        } = &mut self.out;
        if let Some(on_event) = on_event {
            on_event.look(self.gathering.is_at_key(), now, house, stream);
        }
    }

    /// The last fragment is whole as it is; what is held for an event that did not come is let go. Call it before the tap is
    /// dropped.
    pub fn finish(&mut self, now: Now) {
        self.pull(now);
        if let Some(closed) = self.gathering.finish(now) {
            self.out.take(closed);
        }
        let Out {
            house,
            stream,
            on_event,
        } = &mut self.out;
        if let Some(on_event) = on_event {
            on_event.end(false, house, stream);
        }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let on_event = self.out.on_event.take();
        let Out { house, stream, .. } = &self.out;
        match on_event {
            Some(on_event) => on_event.leave(house, stream),
            None => {
                stream.taps.fetch_sub(1, Ordering::Relaxed); // the file stays open for a while: the camera may come back
            }
        }
    }
}
