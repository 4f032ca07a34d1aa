//! A network that loses, delays, reorders and repeats, by a seed: the same seed gives the same faults. For tests.
//!
//! ```
//! use bad_network::{BadNetwork, Faults};
//! let mut network = BadNetwork::new(Faults { loss_percent: 100, ..Faults::default() }, 1);
//! network.send(b"gone", 0);
//! assert_eq!(network.receive(1_000), None);
//! assert_eq!(network.lost(), 1);
//! ```
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How bad it is. The default delivers everything at once, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// 0 to 100.
    pub loss_percent: u8,
    /// 0 to 100: packets that arrive twice.
    pub repeat_percent: u8,
    /// Every packet is late by 0 up to so many milliseconds; more than the sender's pause means reorder.
    pub delay_ms: u64,
}

/// One direction of a network. Times: milliseconds of one clock.
#[derive(Debug)]
pub struct BadNetwork {
    faults: Faults,
    random: u64,
    sent: u64,
    lost: u64,
    under_way: BinaryHeap<Reverse<(u64, u64, Vec<u8>)>>,
}

impl BadNetwork {
    pub fn new(faults: Faults, seed: u64) -> Self {
        Self {
            faults,
            random: seed,
            sent: 0,
            lost: 0,
            under_way: BinaryHeap::new(),
        }
    }

    /// Packets that will never come.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    pub fn send(&mut self, packet: &[u8], now_ms: u64) {
        if self.happens(self.faults.loss_percent) {
            self.lost += 1;
            return;
        }
        let copies = 1 + u64::from(self.happens(self.faults.repeat_percent));
        for _ in 0..copies {
            let delay_ms = self.next() % (self.faults.delay_ms + 1);
            self.sent += 1;
            self.under_way
                .push(Reverse((now_ms + delay_ms, self.sent, packet.to_vec())));
        }
    }

    /// The next packet that has arrived by `now_ms`.
    pub fn receive(&mut self, now_ms: u64) -> Option<Vec<u8>> {
        let Reverse((due_ms, ..)) = self.under_way.peek()?;
        if *due_ms > now_ms {
            return None;
        }
        self.under_way.pop().map(|Reverse((_, _, packet))| packet)
    }

    fn happens(&mut self, percent: u8) -> bool {
        self.next() % 100 < u64::from(percent)
    }

    /// splitmix64.
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }
}
