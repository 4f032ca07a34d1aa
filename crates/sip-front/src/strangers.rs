//! What one address may ask before it has proved itself: a bucket of tokens each.
use std::collections::HashMap;
use std::net::IpAddr;

const MAX_ADDRESSES: usize = 20_000;

struct Bucket {
    tokens: f64,
    at_ms: u64,
}

#[derive(Default)]
pub(crate) struct Strangers {
    buckets: HashMap<IpAddr, Bucket>,
}

impl Strangers {
    /// `rate`: requests a second, and the most that may come at once.
    pub fn may_speak(&mut self, host: IpAddr, rate: f64, now_ms: u64) -> bool {
        if self.buckets.len() >= MAX_ADDRESSES && !self.buckets.contains_key(&host) {
            self.buckets.clear();
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
}
