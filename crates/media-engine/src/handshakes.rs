//! TLS handshakes that are not finished: bounded in all and for one address, so that a swarm that never ends one takes no places.
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

const MAX_OPEN: usize = 2_048;
/// A wall of pictures shakes hands for each at once.
const MAX_OPEN_PER_ADDRESS: usize = 256;

#[derive(Default)]
pub(crate) struct Handshakes {
    open: Mutex<(usize, HashMap<IpAddr, usize>)>,
}

/// One that is being made; dropping it makes room.
pub(crate) struct Handshake<'a> {
    all: &'a Handshakes,
    address: IpAddr,
}

impl Handshakes {
    /// None above the limits.
    pub fn enter(&self, address: IpAddr) -> Option<Handshake<'_>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (total, by_address) = &mut *open;
        let own = by_address.get(&address).copied().unwrap_or(0);
        if *total >= MAX_OPEN || own >= MAX_OPEN_PER_ADDRESS {
            return None;
        }
        *total += 1;
        by_address.insert(address, own + 1);
        Some(Handshake { all: self, address })
    }
}

impl Drop for Handshake<'_> {
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
        let all = Handshakes::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let open: Vec<_> = (0..MAX_OPEN_PER_ADDRESS)
            .map(|_| all.enter(one).expect("room"))
            .collect();
        assert!(all.enter(one).is_none());
        assert!(all.enter(other).is_some());
        drop(open);
        assert!(all.enter(one).is_some());
    }
}
