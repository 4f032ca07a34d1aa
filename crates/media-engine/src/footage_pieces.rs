//! What a player was shown, piece by piece, and how often it may ask. Pure.
use crate::footage_asks::Ask;
use recording::Way;
use std::time::{Duration, Instant};

/// A piece is told after so long, though nobody leaps: what stands nowhere yet is lost with the node.
pub(crate) const TELL_EVERY: Duration = Duration::from_secs(60);
/// Of one player: each leap is a piece for the log.
const ASKS_A_SECOND: u32 = 20;
/// Asks that need not wait after a pause.
const AT_ONCE: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(1_000 / ASKS_A_SECOND as u64);

/// Shown without a leap. Times: µs since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub way: Way,
    pub from_us: i64,
    pub to_us: i64,
    pub pictures: u64,
    begun: Instant,
}

/// The piece that is not told yet.
#[derive(Default)]
pub(crate) struct Pieces {
    open: Option<Piece>,
    /// What the next ask goes on from, if it does.
    reached: Option<(Way, i64)>,
}

impl Pieces {
    /// The piece that this ask ends, by a leap or by another way. Whatever the player calls it: one that does not begin where the
    /// answer before ended is a leap, or the piece would hold what was not shown.
    pub fn ended_by(&mut self, ask: &Ask) -> Option<Piece> {
        let goes_on = ask.on && self.reached == Some((ask.way, ask.at_us));
        if goes_on { None } else { self.take() }
    }

    pub fn note(&mut self, way: Way, (from_us, to_us): (i64, i64), pictures: u64, now: Instant) {
        let piece = self.open.get_or_insert(Piece {
            way,
            from_us,
            to_us,
            pictures: 0,
            begun: now,
        });
        piece.from_us = piece.from_us.min(from_us);
        piece.to_us = piece.to_us.max(to_us);
        piece.pictures += pictures;
    }

    /// An answer was given up to there.
    pub fn reach(&mut self, way: Way, next_us: i64) {
        self.reached = Some((way, next_us));
    }

    /// When the open piece is to be told at the latest.
    pub fn due(&self) -> Option<Instant> {
        self.open.map(|piece| piece.begun + TELL_EVERY)
    }

    pub fn take(&mut self) -> Option<Piece> {
        self.open.take()
    }
}

/// Whoever asks faster waits.
#[derive(Default)]
pub(crate) struct Pace {
    /// All that was asked would be done by then, at an even pace.
    even: Option<Instant>,
}

impl Pace {
    /// How long the next ask waits.
    pub fn wait(&self, now: Instant) -> Duration {
        let even = self.even.unwrap_or(now);
        even.saturating_duration_since(now + BETWEEN * (AT_ONCE - 1))
    }

    pub fn asked(&mut self, now: Instant) {
        let even = self.even.unwrap_or(now).max(now);
        self.even = Some(even + BETWEEN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(way: Way, at_us: i64, on: bool) -> Ask {
        Ask {
            number: 1,
            way,
            at_us,
            on,
            count: 1,
            peek: false,
        }
    }

    #[test]
    fn a_piece_holds_nothing_that_was_leapt_over_whatever_the_ask_is_called() {
        let now = Instant::now();
        let mut pieces = Pieces::default();
        assert_eq!(pieces.ended_by(&ask(Way::All, 0, true)), None);
        pieces.note(Way::All, (0, 1_000), 25, now);
        pieces.reach(Way::All, 1_000);
        assert_eq!(
            pieces.ended_by(&ask(Way::All, 1_000, true)),
            None,
            "it goes on"
        );
        pieces.note(Way::All, (1_000, 2_000), 25, now);
        pieces.reach(Way::All, 2_000);
        let ended = pieces
            .ended_by(&ask(Way::All, 9_000_000, true))
            .expect("a leap that is called going on");
        assert_eq!((ended.from_us, ended.to_us, ended.pictures), (0, 2_000, 50));
        pieces.note(Way::All, (9_000_000, 9_001_000), 25, now);
        pieces.reach(Way::All, 9_001_000);
        let ended = pieces
            .ended_by(&ask(Way::Keys, 9_001_000, true))
            .expect("another way");
        assert_eq!((ended.way, ended.from_us), (Way::All, 9_000_000));
        pieces.note(Way::Keys, (9_001_000, 9_002_000), 1, now);
        pieces.reach(Way::Keys, 9_002_000);
        assert!(
            pieces.ended_by(&ask(Way::Keys, 9_002_000, false)).is_some(),
            "a seek"
        );
        assert_eq!(pieces.take(), None);
    }

    #[test]
    fn a_piece_is_due_though_nobody_leaps() {
        let now = Instant::now();
        let mut pieces = Pieces::default();
        assert_eq!(pieces.due(), None);
        pieces.note(Way::All, (0, 1_000), 25, now);
        pieces.note(Way::All, (1_000, 2_000), 25, now + TELL_EVERY / 2);
        assert_eq!(pieces.due(), Some(now + TELL_EVERY));
        assert!(pieces.take().is_some());
        assert_eq!(pieces.due(), None);
    }

    #[test]
    fn asks_are_bounded_and_a_pause_gives_them_back() {
        let begun = Instant::now();
        let (mut pace, mut now) = (Pace::default(), begun);
        let mut asked = 0;
        while now < begun + Duration::from_secs(10) {
            let wait = pace.wait(now);
            if wait.is_zero() {
                pace.asked(now);
                asked += 1;
            } else {
                now += wait;
            }
        }
        assert_eq!(asked, 10 * ASKS_A_SECOND + AT_ONCE - 1);
        now += Duration::from_secs(5);
        for _ in 0..AT_ONCE {
            assert!(pace.wait(now).is_zero());
            pace.asked(now);
        }
        assert_eq!(pace.wait(now), BETWEEN);
    }
}
