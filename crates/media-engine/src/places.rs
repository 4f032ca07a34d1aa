//! Places for what is not finished or not yet seated, bounded in all and for one address or session: a swarm that never ends
//! anything takes no more than its share.
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// `Key`: whose share it is.
pub(crate) struct Places<Key: Eq + Hash = IpAddr> {
    total: usize,
    share: usize,
    open: Mutex<(usize, HashMap<Key, usize>)>,
}

/// One that is taken; dropping it makes room.
pub(crate) struct Place<Key: Eq + Hash = IpAddr> {
    all: Arc<Places<Key>>,
    key: Key,
}

impl<Key: Eq + Hash + Clone> Places<Key> {
    pub fn new(total: usize, share: usize) -> Arc<Self> {
        Arc::new(Self {
            total,
            share,
            open: Mutex::new((0, HashMap::new())),
        })
    }

    /// None above the limits.
    pub fn enter(self: &Arc<Self>, key: Key) -> Option<Place<Key>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (total, taken) = &mut *open;
        let own = taken.get(&key).copied().unwrap_or(0);
        if *total >= self.total || own >= self.share {
            return None;
        }
        *total += 1;
        taken.insert(key.clone(), own + 1);
        Some(Place {
            all: Arc::clone(self),
            key,
        })
    }

    pub fn taken(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).0
    }
}

impl<Key: Eq + Hash> Drop for Place<Key> {
    fn drop(&mut self) {
        let mut open = self.all.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (total, taken) = &mut *open;
        *total -= 1;
        if let Some(own) = taken.get_mut(&self.key) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_takes_no_more_than_its_share_and_gives_it_back() {
        let all = Places::new(5, 3);
        let [one, other, third] = [1, 2, 3].map(|last| IpAddr::from([10, 0, 0, last]));
        let open: Vec<_> = (0..3).map(|_| all.enter(one).expect("room")).collect();
        assert!(all.enter(one).is_none());
        let held: Vec<_> = (0..2).map(|_| all.enter(other).expect("room")).collect();
        assert!(all.enter(third).is_none(), "no more than so many in all");
        assert_eq!(all.taken(), 5);
        drop(open);
        assert!(all.enter(one).is_some() && all.enter(third).is_some());
        drop(held);
        assert_eq!(all.taken(), 0);
    }
}
