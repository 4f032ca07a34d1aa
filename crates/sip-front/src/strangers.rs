//! What one address may ask before it has proved itself: a bucket of tokens each, of so many addresses.
use std::collections::HashMap;
use std::net::IpAddr;

/// A bucket is full again after so long, and need not be remembered.
const FULL_AFTER_MS: u64 = 1_000;

struct Bucket {
    tokens: f64,
    at_ms: u64,
}

pub(crate) struct Strangers {
    most: usize,
    buckets: HashMap<IpAddr, Bucket>,
    /// Times that busy addresses had to be forgotten.
    pub overflows: u64,
}

impl Strangers {
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            buckets: HashMap::new(),
            overflows: 0,
        }
    }

    /// `rate`: requests a second, and the most that may come at once.
    pub fn may_speak(&mut self, host: IpAddr, rate: f64, now_ms: u64) -> bool {
        if self.buckets.len() >= self.most && !self.buckets.contains_key(&host) {
            self.make_room(now_ms);
        }
        let bucket = self.buckets.entry(host).or_insert(Bucket {
            tokens: rate,
            at_ms: now_ms,
        });
        let passed_s = now_ms.saturating_sub(bucket.at_ms) as f64 / 1000.0;
        bucket.tokens = rate.min(bucket.tokens + passed_s * rate);
        bucket.at_ms = now_ms;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }

    /// Forgets who was silent; where nearly all are busy, everybody: they get one second's requests anew.
    fn make_room(&mut self, now_ms: u64) {
        self.buckets
            .retain(|_, bucket| now_ms.saturating_sub(bucket.at_ms) < FULL_AFTER_MS);
        if self.buckets.len() > self.most / 2 {
            self.buckets.clear();
            self.overflows += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[test]
    fn a_full_table_forgets_the_silent_and_remembers_the_busy() {
        let mut strangers = Strangers::new(10);
        for number in 0..8 {
            assert!(strangers.may_speak(host(number), 2.0, 0));
        }
        for _ in 0..3 {
            strangers.may_speak(host(100), 2.0, 1_500);
        }
        for number in 200..205 {
            assert!(strangers.may_speak(host(number), 2.0, 1_600));
        }
        assert!(
            !strangers.may_speak(host(100), 2.0, 1_600),
            "it is still remembered"
        );
        assert_eq!(strangers.overflows, 0);
        for number in 300..320 {
            assert!(strangers.may_speak(host(number), 2.0, 1_700));
            assert!(strangers.buckets.len() <= 10);
        }
        assert!(strangers.overflows > 0);
    }
}
