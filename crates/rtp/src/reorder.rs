//! Puts packets that overtook each other back in order. Source: RFC 3550 (16-bit sequence with wrap).
use std::collections::BTreeMap;

/// A jump beyond this is a sender that began anew, not a loss.
const RESTART_DISTANCE: i64 = 3_000;

/// What came of pushing a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    InOrder,
    Early,
    Late,
    Duplicate,
    /// The sequence began anew: what was held is gone.
    Restart,
}

/// Holds packets behind a gap until it fills, the window is full or the hold time is over.
#[derive(Debug)]
pub struct Reorder<T> {
    next: Option<i64>,
    held: BTreeMap<i64, (T, u64)>,
    window: usize,
    hold_ms: u64,
    lost: u64,
}

impl<T> Reorder<T> {
    /// `window` 0 takes every gap as a loss at once.
    pub fn new(window: usize, hold_ms: u64) -> Self {
        Self {
            next: None,
            held: BTreeMap::new(),
            window,
            hold_ms,
            lost: 0,
        }
    }

    /// Packets that never came.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    pub fn push(&mut self, sequence: u16, packet: T, now_ms: u64) -> Arrival {
        let Some(next) = self.next else {
            self.next = Some(i64::from(sequence));
            self.held.insert(i64::from(sequence), (packet, now_ms));
            return Arrival::InOrder;
        };
        let distance = i64::from(sequence.wrapping_sub(next as u16) as i16);
        let position = next + distance;
        if distance.abs() > RESTART_DISTANCE {
            self.held.clear();
            self.next = Some(i64::from(sequence));
            self.held.insert(i64::from(sequence), (packet, now_ms));
            return Arrival::Restart;
        }
        if distance < 0 {
            return Arrival::Late;
        }
        if self.held.contains_key(&position) {
            return Arrival::Duplicate;
        }
        self.held.insert(position, (packet, now_ms));
        if distance == 0 {
            Arrival::InOrder
        } else {
            Arrival::Early
        }
    }

    /// The next packet, and whether packets before it were given up.
    pub fn pull(&mut self, now_ms: u64) -> Option<(T, bool)> {
        let next = self.next?;
        let (&first, (_, since_ms)) = self.held.first_key_value()?;
        let gap = first > next;
        if gap && self.held.len() <= self.window && now_ms < since_ms + self.hold_ms {
            return None;
        }
        let (position, (packet, _)) = self.held.pop_first()?;
        self.lost += (position - next) as u64;
        self.next = Some(position + 1);
        Some((packet, gap))
    }

    /// When `pull` will give up the open gap.
    pub fn due_at_ms(&self) -> Option<u64> {
        self.held
            .first_key_value()
            .map(|(_, (_, since_ms))| since_ms + self.hold_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(reorder: &mut Reorder<u16>, now_ms: u64) -> Vec<u16> {
        std::iter::from_fn(|| reorder.pull(now_ms).map(|(packet, _)| packet)).collect()
    }

    #[test]
    fn overtaken_packets_come_out_in_order_across_the_wrap() {
        let mut reorder = Reorder::new(10, 200);
        for sequence in [65534, 0, 65535, 1] {
            reorder.push(sequence, sequence, 0);
        }
        assert_eq!(drained(&mut reorder, 0), [65534, 65535, 0, 1]);
        assert_eq!(reorder.lost(), 0);
    }

    #[test]
    fn a_gap_is_given_up_after_the_hold_time() {
        let mut reorder = Reorder::new(10, 200);
        reorder.push(1, 1, 0);
        reorder.push(3, 3, 0);
        assert_eq!(drained(&mut reorder, 199), [1]);
        assert_eq!(drained(&mut reorder, 200), [3]);
        assert_eq!(reorder.lost(), 1);
        assert_eq!(reorder.push(2, 2, 201), Arrival::Late);
    }
}
