//! Where NAL units begin and end in an Annex B byte stream. Source: ITU-T H.264 B.1.1.
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// The four-byte start code that this project writes.
pub const START_CODE: [u8; 4] = [0, 0, 0, 1];

static SHORT_START_CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(&[0, 0, 1]));

/// Offsets of NAL unit headers (the byte after `00 00 01`). Lazy: looks no further than asked, so that the first
/// units of a large picture cost nothing for the rest of it.
pub fn nal_starts(bytes: &[u8]) -> NalStarts<'_> {
    NalStarts { bytes, from: 0 }
}

/// Whole NAL units, header byte first, without start codes and without the zero bytes that may trail them.
/// Bytes before the first start code are left out; so are empty units.
pub fn nal_units(bytes: &[u8]) -> NalUnits<'_> {
    let mut starts = nal_starts(bytes);
    let next = starts.next_code_end();
    NalUnits {
        bytes,
        starts,
        next,
    }
}

/// See [`nal_starts`].
#[derive(Clone, Debug)]
pub struct NalStarts<'a> {
    bytes: &'a [u8],
    from: usize,
}

impl NalStarts<'_> {
    /// As `next`, but also tells of a start code that ends the bytes, with nothing behind it.
    fn next_code_end(&mut self) -> Option<usize> {
        let rest = self.bytes.get(self.from..)?;
        self.from += SHORT_START_CODE.find(rest)? + 3;
        Some(self.from)
    }
}

impl Iterator for NalStarts<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.next_code_end()
            .filter(|&start| start < self.bytes.len())
    }
}

/// See [`nal_units`].
#[derive(Clone, Debug)]
pub struct NalUnits<'a> {
    bytes: &'a [u8],
    starts: NalStarts<'a>,
    next: Option<usize>,
}

impl<'a> Iterator for NalUnits<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let start = self.next?;
            self.next = self.starts.next_code_end();
            let end = self.next.map_or(self.bytes.len(), |next| next - 3);
            let unit = without_trailing_zeros(&self.bytes[start..end]);
            if !unit.is_empty() {
                return Some(unit);
            }
        }
    }
}

/// A NAL unit never ends with 00 (its last byte holds the stop bit or 03), so zeros there are padding.
fn without_trailing_zeros(unit: &[u8]) -> &[u8] {
    let end = unit
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    &unit[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_are_found_behind_short_and_long_start_codes_without_trailing_zeros() {
        let stream = [
            9, 9, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 0, 1, 0x68, 3, 0, 0, 1, 0x65, 4, 0, 0,
        ];
        let found: Vec<&[u8]> = nal_units(&stream).collect();
        assert_eq!(found, [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 4]]);
    }

    #[test]
    fn empty_units_are_left_out() {
        assert_eq!(nal_units(&[0, 0, 1, 0, 0, 1, 0, 0, 0, 1]).count(), 0);
        assert_eq!(nal_units(&[]).count(), 0);
    }

    proptest! {
        #[test]
        fn units_written_with_start_codes_are_read_back(
            units in prop::collection::vec(prop::collection::vec(1u8.., 1..40), 0..8), long in any::<bool>()
        ) {
            let mut stream = Vec::new();
            for unit in &units {
                stream.extend_from_slice(if long { &START_CODE } else { &START_CODE[1..] });
                stream.extend_from_slice(unit);
            }
            let found: Vec<Vec<u8>> = nal_units(&stream).map(<[u8]>::to_vec).collect();
            prop_assert_eq!(found, units);
        }
    }
}
