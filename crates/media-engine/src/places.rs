//! Places for what is not finished or not yet seated, bounded in all and for one address: a swarm that never ends anything
//! takes no more than its share.
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) struct Places {
    total: usize,
    per_address: usize,
    open: Mutex<(usize, HashMap<IpAddr, usize>)>,
}

/// One that is taken; dropping it makes room.
pub(crate) struct Place {
    all: Arc<Places>,
    address: IpAddr,
}

impl Places {
    pub fn new(total: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            total,
            per_address,
            open: Mutex::default(),
        })
    }

    /// None above the limits.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (total, by_address) = &mut *open;
        let own = by_address.get(&address).copied().unwrap_or(0);
        if *total >= self.total || own >= self.per_address {
            return None;
        }
        *total += 1;
        by_address.insert(address, own + 1);
        Some(Place {
            all: Arc::clone(self),
            address,
        })
    }

    pub fn taken(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.all.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (total, by_address) = &mut *open;
        *total -= 1;
        if let Some(own) = by_address.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                by_address.remove(&self.address);
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
