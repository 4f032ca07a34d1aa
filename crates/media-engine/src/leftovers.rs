//! Streams that were ended and go on all the same: cheap cameras that miss a BYE, or begin again by themselves.
use crate::event::{Event, EventKind};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An ended stream is remembered for so long (ms).
const REMEMBERED_MS: u64 = 120_000;
/// Its last packets may still be on their way (ms).
const ON_THE_WAY_MS: u64 = 1_000;
/// The same stream is told at most this often (ms).
const TELL_EVERY_MS: u64 = 5_000;
/// More are not remembered; the oldest go.
const MOST: usize = 10_000;

/// One ended stream.
struct Ended {
    id: u64,
    name: String,
    /// It was the one that we had asked for, and so no other stream's.
    asked: bool,
    sender: IpAddr,
    ended_ms: u64,
    next_ms: u64,
}

/// Ended streams by the SSRC they had.
#[derive(Default)]
pub(crate) struct Leftovers {
    ended: Mutex<HashMap<u32, Ended>>,
    count: AtomicUsize,
}

impl Leftovers {
    /// A source that had packets of this SSRC from this address is closed. `asked`: whether it had been asked to send this one.
    pub fn note(
        &self,
        (id, name): (u64, &str),
        (ssrc, asked): (u32, bool),
        sender: IpAddr,
        now_ms: u64,
    ) {
        let Ok(mut ended) = self.ended.lock() else {
            return;
        };
        if ended.len() >= MOST {
            ended.retain(|_, one| now_ms < one.ended_ms + REMEMBERED_MS);
        }
        if ended.len() >= MOST {
            let oldest = ended.iter().min_by_key(|(_, one)| one.ended_ms);
            if let Some(ssrc) = oldest.map(|(&ssrc, _)| ssrc) {
                ended.remove(&ssrc);
            }
        }
        let one = Ended {
            id,
            name: name.to_owned(),
            asked,
            sender,
            ended_ms: now_ms,
            next_ms: now_ms + ON_THE_WAY_MS,
        };
        ended.insert(ssrc, one);
        self.count.store(ended.len(), Ordering::Relaxed);
    }

    /// Whether packets of this SSRC are an ended stream's: they are not taken for another one of the same device.
    pub fn holds(&self, ssrc: u32) -> bool {
        self.count.load(Ordering::Relaxed) > 0
            && self
                .ended
                .lock()
                .is_ok_and(|ended| ended.get(&ssrc).is_some_and(|one| one.asked))
    }

    /// A packet that nobody asked for came: what is to be told, if it is of a stream that was ended. A flood waits for nobody.
    pub fn came(&self, ssrc: u32, from: IpAddr, now_ms: u64) -> Option<Event> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut ended = self.ended.try_lock().ok()?;
        let one = ended.get_mut(&ssrc)?;
        if now_ms >= one.ended_ms + REMEMBERED_MS {
            ended.remove(&ssrc);
            self.count.store(ended.len(), Ordering::Relaxed);
            return None;
        }
        if from != one.sender || now_ms < one.next_ms {
            return None;
        }
        one.next_ms = now_ms + TELL_EVERY_MS;
        let mut event = Event::new(EventKind::StillSending, one.id, &one.name);
        event.ssrc = ssrc;
        event.remote_host = from.to_string();
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    fn ended() -> Leftovers {
        let leftovers = Leftovers::default();
        leftovers.note((3, "camera/main"), (7, true), SENDER, 10_000);
        leftovers
    }

    #[test]
    fn a_stream_that_goes_on_is_told_now_and_then_and_forgotten_at_last() {
        let leftovers = ended();
        let told = |now_ms| leftovers.came(7, SENDER, now_ms).map(|event| event.source);
        let times = [10_500, 11_000, 11_040, 15_900, 16_000, 130_000, 131_000];
        assert_eq!(
            times.map(told),
            [None, Some(3), None, None, Some(3), None, None]
        );
    }

    #[test]
    fn another_stream_or_sender_is_nobody_that_we_ended() {
        let leftovers = ended();
        assert!(leftovers.came(8, SENDER, 12_000).is_none());
        let stranger = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));
        assert!(leftovers.came(7, stranger, 12_000).is_none());
        assert!(Leftovers::default().came(7, SENDER, 12_000).is_none());
    }

    #[test]
    fn a_number_that_was_asked_for_stays_its_streams_and_a_devices_constant_does_not() {
        let leftovers = ended();
        leftovers.note((4, "camera/sub"), (0, false), SENDER, 10_000);
        assert_eq!(
            [7, 0, 8].map(|ssrc| leftovers.holds(ssrc)),
            [true, false, false]
        );
        assert!(leftovers.came(7, SENDER, 200_000).is_none());
        assert!(!leftovers.holds(7), "not for ever");
    }

    #[test]
    fn so_many_are_remembered_and_the_oldest_go() {
        let leftovers = Leftovers::default();
        for ssrc in 0..MOST as u32 + 2 {
            leftovers.note(
                (1, "camera/main"),
                (ssrc, true),
                SENDER,
                10_000 + u64::from(ssrc),
            );
        }
        assert!(leftovers.came(1, SENDER, 40_000).is_none());
        assert!(leftovers.came(2, SENDER, 40_000).is_some());
    }
}
