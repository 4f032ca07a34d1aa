//! Stretches of footage, and how they are packed into a row of the index. Pure.

/// Times nearer to each other are one span: stamps tremble with the network.
const JOIN_US: i64 = 500_000;

/// Footage without a gap, µs since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start_us: i64,
    pub end_us: i64,
}

/// Footage of a moment that was recorded more than once. `times`: at most so often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twice {
    pub span: Span,
    pub times: u8,
}

/// For less a moment was not recorded twice: stamps tremble, and a stream moves to another disk.
const TWICE_US: i64 = 1_000_000;

/// Where spans lie over each other, ascending.
pub(crate) fn twice(all: &[Span]) -> Vec<Twice> {
    let ends = |span: &Span| [(span.start_us, 1_i32), (span.end_us, -1)];
    let mut edges: Vec<(i64, i32)> = all.iter().flat_map(ends).collect();
    edges.sort_unstable();
    let (mut depth, mut found) = (0, Vec::<Twice>::new());
    for pair in edges.windows(2) {
        let ((at, change), (end_us, _)) = (pair[0], pair[1]);
        depth += change;
        if depth < 2 || end_us <= at {
            continue;
        }
        let times = u8::try_from(depth).unwrap_or(u8::MAX);
        match found.last_mut() {
            Some(last) if last.span.end_us.saturating_add(JOIN_US) >= at => {
                last.span.end_us = end_us;
                last.times = last.times.max(times);
            }
            _ => found.push(Twice {
                span: Span {
                    start_us: at,
                    end_us,
                },
                times,
            }),
        }
    }
    found.retain(|one| one.span.end_us.saturating_sub(one.span.start_us) >= TWICE_US);
    found
}

/// Spans that do not touch, ascending unless the clock was set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spans(pub Vec<Span>);

impl Spans {
    /// Fragments come in the order in which they were recorded: one that begins before the last one ended is of another time.
    pub fn add(&mut self, start_us: i64, end_us: i64) {
        match self.0.last_mut() {
            Some(last)
                if start_us >= last.start_us
                    && start_us >= last.end_us.saturating_sub(JOIN_US)
                    && start_us <= last.end_us.saturating_add(JOIN_US) =>
            {
                last.end_us = last.end_us.max(end_us);
            }
            _ => self.0.push(Span {
                start_us,
                end_us: end_us.max(start_us),
            }),
        }
    }

    /// Of any order, each moment once: ascending.
    pub fn of(mut all: Vec<Span>) -> Self {
        all.sort_unstable_by_key(|span| (span.start_us, span.end_us));
        let mut spans = Vec::<Span>::new();
        for span in all {
            match spans.last_mut() {
                Some(last) if span.start_us <= last.end_us.saturating_add(JOIN_US) => {
                    last.end_us = last.end_us.max(span.end_us);
                }
                _ => spans.push(Span {
                    start_us: span.start_us,
                    end_us: span.end_us.max(span.start_us),
                }),
            }
        }
        Self(spans)
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

    #[test]
    fn where_spans_lie_over_each_other_it_was_recorded_so_often() {
        let span = |from: i64, to: i64| Span {
            start_us: from * 1_000_000,
            end_us: to * 1_000_000,
        };
        let all = [
            span(0, 100),
            span(40, 60),
            span(50, 70),
            span(100, 120),
            span(90, 91),
        ];
        let told = |from, to, times| Twice {
            span: span(from, to),
            times,
        };
        assert_eq!(twice(&all), [told(40, 70, 3), told(90, 91, 2)]);
        let trembling = Span {
            start_us: 99_700_000,
            end_us: 130_000_000,
        };
        assert_eq!(twice(&[span(0, 100), trembling]), []);
    }

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
