//! Memory that is read into again once nobody holds what was in it: to make it anew costs more than to read.
use bytes::{Bytes, BytesMut};

#[derive(Default)]
pub(crate) struct Buffers {
    given: Vec<Bytes>,
    most: usize,
}

impl Buffers {
    /// At most so many are kept.
    pub fn new(most: usize) -> Self {
        Self {
            given: Vec::new(),
            most,
        }
    }

    /// Whoever reads so reads much, and each piece once.
    pub fn are_reused(&self) -> bool {
        self.most > 0
    }

    /// One of so many bytes; what stands in it means nothing.
    pub fn take(&mut self, bytes: usize) -> BytesMut {
        let free = self.given.iter().position(Bytes::is_unique);
        let free = free.and_then(|at| self.given.swap_remove(at).try_into_mut().ok());
        match free {
            Some(mut free) if free.capacity() >= bytes => {
                free.resize(bytes, 0);
                free
            }
            // Somewhat larger: fragments of a stream are never of one size.
            _ if self.most > 0 => {
                let mut fresh = BytesMut::zeroed(bytes + bytes / 4);
                fresh.truncate(bytes);
                fresh
            }
            _ => BytesMut::zeroed(bytes),
        }
    }

    /// It is taken again when whoever has it, or a part of it, has let go.
    pub fn give(&mut self, filled: &Bytes) {
        if self.given.len() < self.most {
            self.given.push(filled.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_taken_again_when_nobody_holds_any_of_it() {
        let mut buffers = Buffers::new(2);
        let mut first = buffers.take(1_000);
        first.fill(7);
        let first = first.freeze();
        buffers.give(&first);
        let (at, part) = (first.as_ptr(), first.slice(10..20));
        drop(first);
        let second = buffers.take(1_000).freeze();
        buffers.give(&second);
        assert_ne!(second.as_ptr(), at, "a part of it is held");
        assert!(part.iter().all(|byte| *byte == 7));
        drop(part);
        let third = buffers.take(1_200);
        assert_eq!((third.as_ptr(), third.len()), (at, 1_200));
    }

    #[test]
    fn no_more_is_kept_than_was_said_and_what_is_too_small_is_made_anew() {
        let mut buffers = Buffers::new(1);
        for bytes in [100, 50_000, 200, 80_000] {
            let one = buffers.take(bytes).freeze();
            assert_eq!(one.len(), bytes);
            buffers.give(&one);
            assert_eq!(buffers.given.len(), 1);
        }
        let mut none = Buffers::default();
        let one = none.take(10).freeze();
        none.give(&one);
        assert!(none.given.is_empty());
    }
}
