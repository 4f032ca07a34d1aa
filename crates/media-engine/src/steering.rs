//! What whoever plays recorded footage at the node's pace is to do with it: how fast, from where, or not at all. The node says so; the
//! task that sends follows, and says where it is.
use crate::revoked::Revoked;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Not faster, nor slower.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.125..=32.0;
/// Nothing was sent yet.
const NOWHERE: i64 = i64::MIN;

/// What is wished now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wish {
    pub speed: f64,
    pub paused: bool,
    /// The newest leap, by its number, and where it goes to, µs since 1970; 0: none was wished.
    pub leap: (u64, i64),
}

/// One session's. A clone of the wish is seen by each of its players.
pub(crate) struct Steered {
    wish: watch::Sender<Wish>,
    at_us: AtomicI64,
}

/// Where a playback is, as far as it is sent. Time: µs since 1970; None: nothing was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paced {
    pub at_us: Option<i64>,
    pub speed: f64,
    pub paused: bool,
}

impl Steered {
    pub fn follow(&self) -> watch::Receiver<Wish> {
        self.wish.subscribe()
    }

    pub fn reach(&self, at_us: i64) {
        self.at_us.store(at_us, Ordering::Relaxed);
    }
}

/// By session; each goes with the end of its right.
pub(crate) struct Steering {
    all: Mutex<HashMap<String, Arc<Steered>>>,
    /// Ended sessions, before they are [forgotten](Self::forget).
    revoked: Arc<Mutex<Revoked>>,
}

impl Steering {
    pub fn new(revoked: Arc<Mutex<Revoked>>) -> Self {
        Self {
            all: Mutex::default(),
            revoked,
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Arc<Steered>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of a session that has ended it is nobody's: it goes with whoever asked.
    pub fn of(&self, session: &str) -> Arc<Steered> {
        let mut all = self.all();
        if let Some(found) = all.get(session) {
            return Arc::clone(found);
        }
        let wish = Wish {
            speed: 1.0,
            paused: false,
            leap: (0, 0),
        };
        let made = Arc::new(Steered {
            wish: watch::Sender::new(wish),
            at_us: AtomicI64::new(NOWHERE),
        });
        // Under the lock: a session that ends now is forgotten after this.
        let revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        if !revoked.has(session) {
            all.insert(session.to_owned(), Arc::clone(&made));
        }
        made
    }

    /// What is None stays as it is.
    pub fn steer(
        &self,
        session: &str,
        speed: Option<f64>,
        paused: Option<bool>,
        leap_us: Option<i64>,
    ) {
        self.of(session).wish.send_modify(|wish| {
            if let Some(speed) = speed.filter(|speed| SPEEDS.contains(speed)) {
                wish.speed = speed;
            }
            wish.paused = paused.unwrap_or(wish.paused);
            if let Some(at_us) = leap_us {
                wish.leap = (wish.leap.0 + 1, at_us);
            }
        });
    }

    /// None: nobody steered or played it.
    pub fn told(&self, session: &str) -> Option<Paced> {
        let found = self.all().get(session).cloned()?;
        let wish = *found.wish.borrow();
        let at_us = found.at_us.load(Ordering::Relaxed);
        Some(Paced {
            at_us: (at_us != NOWHERE).then_some(at_us),
            speed: wish.speed,
            paused: wish.paused,
        })
    }

    pub fn forget(&self, session: &str) {
        self.all().remove(session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_changes_what_it_names_and_goes_with_its_session() {
        let steering = Steering::new(Arc::new(Mutex::new(Revoked::new(300))));
        assert_eq!(steering.told("s"), None);
        let mut seen = steering.of("s").follow();
        steering.steer("s", Some(4.0), None, None);
        steering.steer("s", None, Some(true), Some(7));
        steering.steer("s", Some(1_000.0), None, Some(8));
        let wish = *seen.borrow_and_update();
        assert_eq!((wish.speed, wish.paused, wish.leap), (4.0, true, (2, 8)));
        steering.of("s").reach(5);
        let told = Paced {
            at_us: Some(5),
            speed: 4.0,
            paused: true,
        };
        assert_eq!(steering.told("s"), Some(told));
        steering.forget("s");
        assert_eq!(steering.told("s"), None);
    }

    #[test]
    fn nothing_stays_of_a_session_that_ends_while_somebody_comes_to_it() {
        let revoked = Arc::new(Mutex::new(Revoked::new(300)));
        let steering = Steering::new(Arc::clone(&revoked));
        let before = steering.of("s");
        revoked.lock().expect("whole").add("s", 1_000); // in this order, as the end of a right does it
        assert!(Arc::ptr_eq(&steering.of("s"), &before));
        steering.forget("s");
        let mut late = steering.of("s").follow();
        steering.steer("s", Some(4.0), None, None);
        assert_eq!((steering.told("s"), steering.all().len()), (None, 0));
        assert!(late.borrow_and_update().speed < 4.0 && steering.told("t").is_none());
        steering.steer("t", Some(4.0), None, None);
        assert!(steering.told("t").is_some());
    }
}
