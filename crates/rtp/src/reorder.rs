//! Puts packets into the order of their sequence numbers, and says what is missing. Source: RFC 3550 §5.1, A.1.
use std::collections::VecDeque;

/// Further ahead than this is no loss but another beginning (RFC 3550 A.1, MAX_DROPOUT).
const MAX_DROPOUT: u16 = 3000;

/// What became of a packet that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is the next one: use it at once, without a copy; then call [`ReorderBuffer::step`].
    Next,
    /// It is the next one after `lost` others that will not come (no window): use it at once.
    NextAfterLoss { lost: u16 },
    /// It waits for earlier ones: call [`ReorderBuffer::step`].
    Held,
    /// It was here before.
    Duplicate,
    /// Its gap was given up.
    Late,
    /// It fits nowhere; kept until the packet after it shows whether the sequence began anew.
    Suspect,
    /// The sequence began anew, with the suspect: call [`ReorderBuffer::step`].
    Restarted,
}

/// What comes next out of the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<T> {
    Packet(T),
    /// So many packets before the next one are given up.
    Lost(u16),
}

#[derive(Debug)]
struct Held<T> {
    arrived_ms: u64,
    packet: T,
}

/// Order of one SSRC. `T` is the kept form of a packet, made only for those that must wait.
/// Times: milliseconds of one monotonic clock.
#[derive(Debug)]
pub struct ReorderBuffer<T> {
    window: usize,
    hold_ms: u64,
    /// Sequence number of `held[0]`.
    next: Option<u16>,
    /// Empty, or begins with the gap; ends with a packet.
    held: VecDeque<Option<Held<T>>>,
    gap_since_ms: u64,
    /// Bit i: `next - 1 - i` was received.
    received: u128,
    suspect: Option<(u16, T)>,
}

impl<T> ReorderBuffer<T> {
    /// `window_packets` 0: every gap is a loss at once (TCP).
    pub fn new(window_packets: u16, hold_ms: u64) -> Self {
        Self {
            window: usize::from(window_packets),
            hold_ms,
            next: None,
            held: VecDeque::new(),
            gap_since_ms: 0,
            received: 0,
            suspect: None,
        }
    }

    /// Takes the packet with this number; `keep` makes its kept form if it must wait.
    #[inline]
    pub fn arrive(&mut self, sequence: u16, now_ms: u64, keep: impl FnOnce() -> T) -> Arrival {
        let ahead = match self.next {
            Some(next) => sequence.wrapping_sub(next),
            None => 0,
        };
        if ahead == 0 && self.held.is_empty() {
            self.suspect = None;
            self.next = Some(sequence.wrapping_add(1));
            self.received = self.received << 1 | 1;
            return Arrival::Next;
        }
        self.arrive_out_of_order(sequence, ahead, now_ms, keep)
    }

    #[cold]
    fn arrive_out_of_order(
        &mut self,
        sequence: u16,
        ahead: u16,
        now_ms: u64,
        keep: impl FnOnce() -> T,
    ) -> Arrival {
        let behind = ahead.wrapping_neg();
        if ahead < MAX_DROPOUT {
            self.suspect = None;
            if self.window == 0 {
                self.give_up_numbers(ahead);
                self.next = Some(sequence.wrapping_add(1));
                self.received = self.received << 1 | 1;
                return Arrival::NextAfterLoss { lost: ahead };
            }
            return self.hold(usize::from(ahead), now_ms, keep);
        }
        if u32::from(behind) <= u128::BITS {
            return if self.received >> (behind - 1) & 1 == 1 {
                Arrival::Duplicate
            } else {
                Arrival::Late
            };
        }
        match self.suspect.take() {
            Some((before, packet)) if before.wrapping_add(1) == sequence => {
                self.held.clear();
                self.held.push_back(Some(Held {
                    arrived_ms: now_ms,
                    packet,
                }));
                self.held.push_back(Some(Held {
                    arrived_ms: now_ms,
                    packet: keep(),
                }));
                self.next = Some(before);
                self.received = 0;
                Arrival::Restarted
            }
            _ => {
                self.suspect = Some((sequence, keep()));
                Arrival::Suspect
            }
        }
    }

    fn hold(&mut self, place: usize, now_ms: u64, keep: impl FnOnce() -> T) -> Arrival {
        if self.held.is_empty() {
            self.gap_since_ms = now_ms;
        }
        if place >= self.held.len() {
            self.held.resize_with(place + 1, || None);
        } else if self.held[place].is_some() {
            return Arrival::Duplicate;
        }
        self.held[place] = Some(Held {
            arrived_ms: now_ms,
            packet: keep(),
        });
        Arrival::Held
    }

    /// The next packet in order, or the loss before it, until nothing can be said yet. Call until `None`.
    #[inline]
    pub fn step(&mut self, now_ms: u64) -> Option<Step<T>> {
        if self.held.is_empty() {
            return None;
        }
        self.step_held(now_ms)
    }

    #[cold]
    fn step_held(&mut self, now_ms: u64) -> Option<Step<T>> {
        if let Some(held) = self.held.front_mut()?.take() {
            self.held.pop_front();
            self.next = self.next.map(|next| next.wrapping_add(1));
            self.received = self.received << 1 | 1;
            if let Some(None) = self.held.front() {
                self.gap_since_ms = self
                    .held
                    .iter()
                    .flatten()
                    .next()
                    .map_or(now_ms, |first| first.arrived_ms);
            }
            if self.held.is_empty() && self.held.capacity() > 2 * self.window.max(16) {
                self.held.shrink_to(self.window); // a long gap must not keep its memory
            }
            return Some(Step::Packet(held.packet));
        }
        if self.held.len() <= self.window && now_ms < self.gap_since_ms.saturating_add(self.hold_ms)
        {
            return None;
        }
        let missing = self.held.iter().take_while(|place| place.is_none()).count();
        self.held.drain(..missing);
        let lost = u16::try_from(missing).unwrap_or(u16::MAX); // bounded by MAX_DROPOUT
        self.give_up_numbers(lost);
        Some(Step::Lost(lost))
    }

    fn give_up_numbers(&mut self, lost: u16) {
        self.next = self.next.map(|next| next.wrapping_add(lost));
        self.received = self.received.checked_shl(u32::from(lost)).unwrap_or(0);
    }

    /// When [`Self::step`] must be called next though nothing arrives.
    #[inline]
    pub fn due_at_ms(&self) -> Option<u64> {
        (!self.held.is_empty()).then(|| self.gap_since_ms.saturating_add(self.hold_ms))
    }

    /// Forgets everything: the next packet begins a new sequence.
    pub fn restart(&mut self) {
        self.next = None;
        self.held.clear();
        self.received = 0;
        self.suspect = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drain(buffer: &mut ReorderBuffer<u16>, now_ms: u64) -> Vec<Step<u16>> {
        std::iter::from_fn(|| buffer.step(now_ms)).collect()
    }

    #[test]
    fn a_swapped_pair_is_put_right_across_the_wrap() {
        let mut buffer = ReorderBuffer::new(100, 200);
        assert_eq!(buffer.arrive(0xFFFF, 0, || 0xFFFF), Arrival::Next);
        assert_eq!(buffer.arrive(1, 1, || 1), Arrival::Held);
        assert_eq!(drain(&mut buffer, 1), []);
        assert_eq!(buffer.due_at_ms(), Some(201));
        assert_eq!(buffer.arrive(0, 2, || 0), Arrival::Held);
        assert_eq!(drain(&mut buffer, 2), [Step::Packet(0), Step::Packet(1)]);
        assert_eq!(buffer.due_at_ms(), None);
        assert_eq!(buffer.arrive(2, 3, || 2), Arrival::Next);
    }

    #[test]
    fn a_gap_is_given_up_after_the_hold_time_and_its_packet_is_late() {
        let mut buffer = ReorderBuffer::new(100, 200);
        buffer.arrive(1, 0, || 1);
        buffer.arrive(4, 10, || 4);
        assert_eq!(drain(&mut buffer, 209), []);
        assert_eq!(drain(&mut buffer, 210), [Step::Lost(2), Step::Packet(4)]);
        assert_eq!(buffer.arrive(3, 211, || 3), Arrival::Late);
        assert_eq!(buffer.arrive(4, 211, || 4), Arrival::Duplicate);
        assert_eq!(buffer.arrive(1, 211, || 1), Arrival::Duplicate);
    }

    #[test]
    fn a_gap_is_given_up_when_the_window_is_full() {
        let mut buffer = ReorderBuffer::new(3, 1_000_000);
        buffer.arrive(10, 0, || 10);
        for sequence in [12, 13, 14] {
            buffer.arrive(sequence, 0, || sequence);
        }
        assert_eq!(drain(&mut buffer, 0)[0], Step::Lost(1));
    }

    #[test]
    fn without_a_window_every_gap_is_a_loss() {
        let mut buffer = ReorderBuffer::new(0, 0);
        buffer.arrive(5, 0, || 5);
        assert_eq!(
            buffer.arrive(9, 0, || 9),
            Arrival::NextAfterLoss { lost: 3 }
        );
        assert_eq!(buffer.arrive(10, 0, || 10), Arrival::Next);
    }

    #[test]
    fn a_new_beginning_needs_two_packets_and_loses_none() {
        let mut buffer = ReorderBuffer::new(100, 200);
        buffer.arrive(30_000, 0, || 30_000);
        assert_eq!(buffer.arrive(7, 1, || 7), Arrival::Suspect);
        assert_eq!(buffer.arrive(30_001, 1, || 30_001), Arrival::Next);
        assert_eq!(buffer.arrive(8, 2, || 8), Arrival::Suspect);
        assert_eq!(buffer.arrive(9, 3, || 9), Arrival::Restarted);
        assert_eq!(drain(&mut buffer, 3), [Step::Packet(8), Step::Packet(9)]);
        assert_eq!(buffer.arrive(10, 4, || 10), Arrival::Next);
    }

    proptest! {
        #[test]
        fn any_order_within_the_window_comes_out_in_order(start: u16, swaps in prop::collection::vec((0usize..60, 0usize..8), 0..40)) {
            let sent: Vec<u16> = (0..64).map(|i| start.wrapping_add(i)).collect();
            let mut arriving = sent.clone();
            for (at, by) in swaps {
                let to = (at + by).min(63);
                if at > 0 { arriving.swap(at, to); }
            }
            let mut buffer = ReorderBuffer::new(100, 200);
            let mut out = Vec::new();
            for sequence in arriving {
                if buffer.arrive(sequence, 0, || sequence) == Arrival::Next { out.push(sequence); }
                for step in drain(&mut buffer, 0) {
                    match step { Step::Packet(packet) => out.push(packet), Step::Lost(_) => prop_assert!(false, "nothing is lost") }
                }
            }
            prop_assert_eq!(out, sent);
        }

        #[test]
        fn numbers_only_grow_whatever_arrives(sequences in prop::collection::vec(0u16..400, 0..300), window in 0u16..50) {
            let mut buffer = ReorderBuffer::new(window, 20);
            let mut last: Option<u16> = None;
            for (now_ms, sequence) in sequences.into_iter().enumerate() {
                let now_ms = now_ms as u64;
                let mut out = Vec::new();
                match buffer.arrive(sequence, now_ms, || sequence) {
                    Arrival::Next | Arrival::NextAfterLoss { .. } => out.push(sequence),
                    Arrival::Restarted => last = None,
                    _ => {}
                }
                out.extend(drain(&mut buffer, now_ms).into_iter().filter_map(|step| match step {
                    Step::Packet(packet) => Some(packet), Step::Lost(_) => None,
                }));
                for packet in out {
                    prop_assert!(last.is_none_or(|last| last < packet));
                    last = Some(packet);
                }
            }
        }
    }
}
