//! Fields of the program stream's headers. Source: ISO/IEC 13818-1 2.4.3.7, 2.5.4.

/// PTS of a PES header (at least 9 bytes from its start code on, optional fields included), 33 bits.
pub(crate) fn pes_pts(header: &[u8]) -> Option<u64> {
    if header.get(7)? & 0x80 == 0 {
        return None;
    }
    let p: &[u8; 5] = header.get(9..14)?.try_into().ok()?;
    let part = |high: u8, low: u8| u64::from(high) << 7 | u64::from(low >> 1);
    Some(u64::from(p[0] >> 1 & 7) << 30 | part(p[1], p[2]) << 15 | part(p[3], p[4]))
}

/// `(stream id, stream type)` of a map; what a wrong length hides is left out, what was read before stays.
pub(crate) fn map_entries(map: &[u8]) -> Vec<(u8, u8)> {
    let length_at = |at: usize| {
        Some(usize::from(u16::from_be_bytes(
            map.get(at..at + 2)?.try_into().ok()?,
        )))
    };
    let mut entries = Vec::new();
    let Some(descriptors) = length_at(8) else {
        return entries;
    };
    let mut at = 12 + descriptors;
    let Some(entries_len) = length_at(10 + descriptors) else {
        return entries;
    };
    let end = (at + entries_len).min(map.len());
    while at + 4 <= end {
        entries.push((map[at + 1], map[at]));
        at += 4 + length_at(at + 2).unwrap_or(0);
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_of_the_sheet_is_read_and_a_wrong_descriptor_length_keeps_what_was_read() {
        let mut map = [
            0, 0, 1, 0xBC, 0, 0x12, 0xE0, 0xFF, 0, 0, 0, 8, 0x1B, 0xE0, 0, 0, 0x90, 0xC0, 0, 0,
            0xFE, 0xDF, 0xB1, 0xD7,
        ];
        assert_eq!(map_entries(&map), [(0xE0, 0x1B), (0xC0, 0x90)]);
        map[15] = 200;
        assert_eq!(map_entries(&map), [(0xE0, 0x1B)]);
    }

    #[test]
    fn the_pts_of_the_sheet_is_read() {
        assert_eq!(
            pes_pts(&[
                0, 0, 1, 0xE0, 4, 0xDA, 0x80, 0x80, 5, 0x21, 0x4D, 0x3F, 0xB2, 1
            ]),
            Some(324_000_000)
        );
    }
}
