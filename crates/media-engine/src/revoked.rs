//! Sessions that have ended before their tickets: remembered for as long as a ticket lives, in bounded memory.
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Above this the oldest make room, and the tickets that might be theirs are refused with them.
const MOST: usize = 100_000;

/// Each step costs the same, however many there are. Times in seconds since 1970.
pub(crate) struct Revoked {
    ticket_life_s: u64,
    sessions: HashSet<Arc<str>>,
    /// When their last tickets expire, the earliest first.
    expiring: VecDeque<(u64, Arc<str>)>,
    /// A ticket that expires by then may be one of a session that had to make room.
    forgotten_until: u64,
}

impl Revoked {
    pub fn new(ticket_life_s: u64) -> Self {
        Self {
            ticket_life_s,
            sessions: HashSet::new(),
            expiring: VecDeque::new(),
            forgotten_until: 0,
        }
    }

    pub fn add(&mut self, session: &str, now_unix: u64) {
        let session: Arc<str> = session.into();
        if !self.sessions.insert(Arc::clone(&session)) {
            return;
        }
        self.expiring
            .push_back((now_unix + self.ticket_life_s, session));
        while let Some((expires, _)) = self.expiring.front() {
            let full = self.expiring.len() > MOST;
            if *expires > now_unix && !full {
                break;
            }
            if *expires > now_unix {
                self.forgotten_until = *expires;
            }
            if let Some((_, gone)) = self.expiring.pop_front() {
                self.sessions.remove(&gone);
            }
        }
    }

    pub fn has(&self, session: &str) -> bool {
        self.sessions.contains(session)
    }

    /// Whether a ticket of `session` that expires then opens nothing any more.
    pub fn bars(&self, session: &str, expires_unix: u64) -> bool {
        self.has(session) || expires_unix <= self.forgotten_until
    }

    /// Sessions that are remembered.
    pub fn len(&self) -> usize {
        debug_assert_eq!(self.sessions.len(), self.expiring.len());
        self.sessions.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_known_while_a_ticket_of_it_can_be_good_and_not_longer() {
        let mut revoked = Revoked::new(300);
        revoked.add("a", 1_000);
        revoked.add("a", 1_200); // ended twice: it had no ticket any more
        revoked.add("b", 1_250);
        assert!(revoked.bars("a", 1_299) && revoked.bars("b", 1_500));
        assert!(!revoked.bars("c", 1_250));
        revoked.add("c", 1_300);
        assert!(!revoked.has("a") && revoked.has("b"));
        assert_eq!(revoked.len(), 2);
    }

    #[test]
    fn a_storm_is_bounded_and_makes_no_ticket_good_again() {
        let mut revoked = Revoked::new(300);
        let storm = MOST as u64 + 500;
        for number in 0..storm {
            revoked.add(&format!("s{number}"), 1_000 + number / 1_000);
            assert!(revoked.len() <= MOST);
        }
        for number in [0, 250, 499, 500, storm - 1] {
            let last_ticket = 1_000 + number / 1_000 + 300;
            assert!(
                revoked.bars(&format!("s{number}"), last_ticket),
                "s{number}"
            );
        }
        assert!(
            !revoked.bars("other", 1_301),
            "a ticket that outlives the forgotten is good"
        );
        for number in 0..MOST as u64 {
            revoked.add(&format!("later{number}"), 2_000);
        }
        assert!(!revoked.bars("other", 2_001));
    }
}
