//! Datagrams that wait for the node. Each address has its turn, and when all is full whoever has most makes room: a flood of one
//! address waits behind itself, and drops itself.
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

/// What a datagram costs beside its octets.
const OVERHEAD: usize = 256;

#[derive(Default)]
struct Line {
    waiting: VecDeque<(SocketAddr, Vec<u8>)>,
    cost: usize,
}

pub(crate) struct Queue {
    most: usize,
    most_octets: usize,
    lines: HashMap<IpAddr, Line>,
    /// Addresses that wait, in the order of their turns.
    turns: VecDeque<IpAddr>,
    by_cost: BTreeSet<(usize, IpAddr)>,
    count: usize,
    octets: usize,
}

impl Queue {
    /// `most` datagrams of `most_octets` together.
    pub fn new(most: usize, most_octets: usize) -> Self {
        Self {
            most,
            most_octets,
            lines: HashMap::new(),
            turns: VecDeque::new(),
            by_cost: BTreeSet::new(),
            count: 0,
            octets: 0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Takes one in. How many were dropped for it: the newest of whoever has most, or itself.
    pub fn push(&mut self, from: SocketAddr, datagram: Vec<u8>) -> u64 {
        let (host, cost) = (from.ip(), datagram.len() + OVERHEAD);
        let mut dropped = 0;
        while self.count >= self.most || self.octets + datagram.len() > self.most_octets {
            let own = self.lines.get(&host).map_or(0, |line| line.cost);
            match self.by_cost.last() {
                Some(&(theirs, largest)) if largest != host && theirs > own + cost => {
                    self.drop_newest(largest);
                    dropped += 1;
                }
                _ => return dropped + 1,
            }
        }
        self.count += 1;
        self.octets += datagram.len();
        let line = self.lines.entry(host).or_default();
        if line.waiting.is_empty() {
            self.turns.push_back(host);
        } else {
            self.by_cost.remove(&(line.cost, host));
        }
        line.cost += cost;
        line.waiting.push_back((from, datagram));
        self.by_cost.insert((line.cost, host));
        dropped
    }

    /// One of each address in turn, at most `limit`; those of one address in the order they came.
    pub fn take(&mut self, limit: usize) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut taken = Vec::with_capacity(limit.min(self.count));
        while taken.len() < limit
            && let Some(host) = self.turns.pop_front()
        {
            // An address whose last one was dropped has no line any more.
            let Some(line) = self.lines.get_mut(&host) else {
                continue;
            };
            let Some(one) = line.waiting.pop_front() else {
                continue;
            };
            let before = line.cost;
            line.cost -= one.1.len() + OVERHEAD;
            let after = line.cost;
            self.moved(host, before, after);
            if after > 0 {
                self.turns.push_back(host);
            }
            self.count -= 1;
            self.octets -= one.1.len();
            taken.push(one);
        }
        taken
    }

    fn drop_newest(&mut self, host: IpAddr) {
        let Some(line) = self.lines.get_mut(&host) else {
            return;
        };
        let Some((_, datagram)) = line.waiting.pop_back() else {
            return;
        };
        let before = line.cost;
        line.cost -= datagram.len() + OVERHEAD;
        let after = line.cost;
        self.moved(host, before, after);
        if after == 0 {
            self.turns.retain(|&other| other != host);
        }
        self.count -= 1;
        self.octets -= datagram.len();
    }

    fn moved(&mut self, host: IpAddr, before: usize, after: usize) {
        self.by_cost.remove(&(before, host));
        if after > 0 {
            self.by_cost.insert((after, host));
        } else {
            self.lines.remove(&host);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from(last: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], port))
    }

    #[test]
    fn one_address_alone_has_all_of_it_in_order() {
        let mut queue = Queue::new(100, 1 << 20);
        for port in 0..100 {
            assert_eq!(queue.push(from(1, port), vec![1]), 0);
        }
        assert_eq!(queue.push(from(1, 100), vec![1]), 1, "it is full");
        let ports: Vec<u16> = queue
            .take(1_000)
            .iter()
            .map(|(from, _)| from.port())
            .collect();
        assert_eq!(ports, (0..100).collect::<Vec<_>>());
        assert!(queue.is_empty());
    }

    #[test]
    fn a_flood_waits_behind_itself_and_makes_room_for_others() {
        let mut queue = Queue::new(100, 1 << 20);
        for port in 0..300 {
            queue.push(from(1, port), vec![0; 10]);
        }
        for last in 2..12 {
            assert_eq!(
                queue.push(from(last, 7), vec![0; 10]),
                1,
                "the flood drops one"
            );
        }
        let taken = queue.take(11);
        let hosts: Vec<IpAddr> = taken.iter().map(|(from, _)| from.ip()).collect();
        let others = (2..12).map(|last| from(last, 7).ip());
        assert_eq!(
            hosts,
            std::iter::once(from(1, 0).ip())
                .chain(others)
                .collect::<Vec<_>>()
        );
        assert_eq!(queue.take(1_000).len(), 89);
    }

    #[test]
    fn few_large_ones_make_room_for_many_small_ones() {
        let mut queue = Queue::new(1_000, 1 << 20);
        while queue.push(from(1, 1), vec![0; 60_000]) == 0 {}
        for port in 0..200 {
            assert!(queue.push(from(2, port), vec![0; 400]) <= 1);
        }
        let small = queue
            .take(1_000)
            .iter()
            .filter(|(_, datagram)| datagram.len() == 400)
            .count();
        assert_eq!(small, 200);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_uncounted_and_the_bounds_hold(
            steps in proptest::collection::vec((0_u8..5, 0_usize..300, any::<bool>()), 0..400)
        ) {
            let mut queue = Queue::new(20, 2_000);
            let (mut given, mut dropped, mut taken) = (0, 0, 0);
            for (last, size, takes) in steps {
                given += 1;
                dropped += queue.push(from(last, 1), vec![0; size]);
                prop_assert!(queue.count <= 20 && queue.octets <= 2_000);
                if takes {
                    taken += queue.take(3).len() as u64;
                }
            }
            taken += queue.take(usize::MAX).len() as u64;
            prop_assert_eq!(given, dropped + taken);
            prop_assert!(queue.is_empty() && queue.octets == 0 && queue.lines.is_empty());
            prop_assert!(queue.turns.is_empty() && queue.by_cost.is_empty());
        }
    }
}
