//! Stretches of footage, and how they are packed into a row of the index. Pure.

/// Times nearer to each other are one span: stamps tremble with the network.
const JOIN_US: i64 = 500_000;

/// Footage without a gap, µs since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start_us: i64,
    pub end_us: i64,
}

/// Ascending spans that do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spans(pub Vec<Span>);

impl Spans {
    /// Fragments come in the order of their starts.
    pub fn add(&mut self, start_us: i64, end_us: i64) {
        match self.0.last_mut() {
            Some(last)
                if start_us >= last.start_us && start_us <= last.end_us.saturating_add(JOIN_US) =>
            {
                last.end_us = last.end_us.max(end_us);
            }
            _ => self.0.push(Span {
                start_us,
                end_us: end_us.max(start_us),
            }),
        }
    }

    /// Also of other orders: the clock was set.
    pub fn of(mut all: Vec<Span>) -> Self {
        all.sort_unstable_by_key(|span| (span.start_us, span.end_us));
        let mut spans = Self::default();
        all.iter()
            .for_each(|span| spans.add(span.start_us, span.end_us));
        spans
    }

    pub fn end_us(&self) -> Option<i64> {
        self.0.iter().map(|span| span.end_us).max()
    }

    pub fn recorded_us(&self) -> i64 {
        self.0
            .iter()
            .map(|span| span.end_us.saturating_sub(span.start_us))
            .fold(0, i64::saturating_add)
    }

    /// Distances, each in seven bits a byte, the last byte without the high bit.
    pub fn packed(&self, from_us: i64) -> Vec<u8> {
        let mut out = Vec::with_capacity(8 * self.0.len());
        let mut before = from_us;
        for time in self.0.iter().flat_map(|span| [span.start_us, span.end_us]) {
            let mut left = time.wrapping_sub(before) as u64;
            before = time;
            while left >= 0x80 {
                out.push(left as u8 | 0x80);
                left >>= 7;
            }
            out.push(left as u8);
        }
        out
    }

    pub fn unpack(from_us: i64, packed: &[u8], mut each: impl FnMut(Span)) {
        let (mut before, mut value, mut shift) = (from_us, 0_u64, 0);
        let mut start = None;
        for &byte in packed {
            value |= u64::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte & 0x80 == 0 {
                before = before.wrapping_add(value as i64);
                (value, shift) = (0, 0);
                match start.take() {
                    None => start = Some(before),
                    Some(start_us) => each(Span {
                        start_us,
                        end_us: before,
                    }),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn spans_are_unpacked_as_they_were_packed(times in prop::collection::vec((any::<i64>(), any::<i64>()), 0..20), from in any::<i64>()) {
            let spans = Spans(times.into_iter().map(|(start_us, end_us)| Span { start_us, end_us }).collect());
            let mut found = Vec::new();
            Spans::unpack(from, &spans.packed(from), |span| found.push(span));
            prop_assert_eq!(Spans(found), spans);
        }

        #[test]
        fn any_bytes_are_unpacked(packed in prop::collection::vec(any::<u8>(), 0..200)) {
            Spans::unpack(0, &packed, |_| {});
        }
    }
}
