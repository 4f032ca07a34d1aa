//! Whether a sender's RTP marker can be believed: never set, and set on every packet, are both met in the field.
use crate::policy::MarkerPolicy;

/// Ends of frames that the marker must have told rightly before it is believed.
const RIGHT_BEFORE_TRUST: u32 = 2;

#[derive(Debug)]
pub(crate) struct MarkerTrust {
    policy: MarkerPolicy,
    last: Option<(u32, bool)>,
    right: u32,
    wrong: u32,
}

impl MarkerTrust {
    pub fn new(policy: MarkerPolicy) -> Self {
        Self {
            policy,
            last: None,
            right: 0,
            wrong: 0,
        }
    }

    pub fn saw(&mut self, timestamp: u32, marker: bool) {
        if let Some((before, marked)) = self.last {
            match (before != timestamp, marked) {
                (true, true) => self.right = self.right.saturating_add(1),
                (false, true) => self.wrong = self.wrong.saturating_add(1),
                _ => {}
            }
        }
        self.last = Some((timestamp, marker));
    }

    pub fn trusted(&self) -> bool {
        match self.policy {
            MarkerPolicy::Trust => true,
            MarkerPolicy::Ignore => false,
            MarkerPolicy::Learn => {
                self.right >= RIGHT_BEFORE_TRUST
                    && u64::from(self.wrong) * 50 < u64::from(self.right)
            }
        }
    }
}
