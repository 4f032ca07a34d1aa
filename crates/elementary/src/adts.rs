//! The header of an ADTS frame of AAC. Source: ISO/IEC 13818-7 6.2.

/// ```text
///  0               1               2               3               4               5               6
///  |1 1 1 1 1 1 1 1|1 1 1 1 v l l a|p p f f f f r c|c c o h ? ? n n|n n n n n n n n|n n n b b b b b|b b b b b b k k|
/// ```
/// a: no CRC, p: profile, f: frequency index, c: channels, n: frame length, k: raw blocks less one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdtsHeader {
    /// MPEG-4 audio object type: 2 is AAC-LC.
    pub object_type: u8,
    pub sample_rate_hz: u32,
    pub channels: u8,
    /// Bytes of header: 7, or 9 with a CRC.
    pub header_len: usize,
    /// Bytes of header and payload.
    pub frame_len: usize,
    /// Samples a channel in this frame.
    pub samples: u32,
}

const SAMPLE_RATES_HZ: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];

impl AdtsHeader {
    /// `None` if the bytes do not begin with an ADTS header.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let header: &[u8; 7] = bytes.first_chunk()?;
        if header[0] != 0xFF || header[1] & 0xF6 != 0xF0 {
            return None;
        }
        let header_len = if header[1] & 1 == 1 { 7 } else { 9 };
        let frame_len = usize::from(header[3] & 3) << 11
            | usize::from(header[4]) << 3
            | usize::from(header[5] >> 5);
        let sample_rate_hz = *SAMPLE_RATES_HZ.get(usize::from(header[2] >> 2 & 0xF))?;
        (frame_len >= header_len).then_some(Self {
            object_type: (header[2] >> 6) + 1,
            sample_rate_hz,
            channels: (header[2] & 1) << 2 | header[3] >> 6,
            header_len,
            frame_len,
            samples: 1024 * (u32::from(header[6] & 3) + 1),
        })
    }

    /// The two-byte AudioSpecificConfig that an MP4 `esds` carries. Source: ISO/IEC 14496-3 1.6.2.1.
    pub fn audio_specific_config(&self) -> [u8; 2] {
        let index = SAMPLE_RATES_HZ
            .iter()
            .position(|&rate| rate == self.sample_rate_hz)
            .unwrap_or(0xF) as u8;
        [
            self.object_type << 3 | index >> 1,
            index << 7 | self.channels << 3,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aac_lc_header_is_read() {
        let header =
            AdtsHeader::parse(&[0xFF, 0xF1, 0x50, 0x80, 0x02, 0x1F, 0xFC]).expect("a header");
        assert_eq!(
            (header.object_type, header.sample_rate_hz, header.channels),
            (2, 44_100, 2)
        );
        assert_eq!(
            (header.header_len, header.frame_len, header.samples),
            (7, 16, 1024)
        );
        assert_eq!(header.audio_specific_config(), [0x12, 0x10]);
    }

    #[test]
    fn other_sync_words_and_impossible_lengths_are_refused() {
        assert_eq!(
            AdtsHeader::parse(&[0xFF, 0xFB, 0x50, 0x80, 0x02, 0x1F, 0xFC]),
            None
        ); // MPEG layer 3
        assert_eq!(
            AdtsHeader::parse(&[0xFF, 0xF1, 0x50, 0x80, 0x00, 0x1F, 0xFC]),
            None
        ); // no byte long
        assert_eq!(AdtsHeader::parse(&[0xFF, 0xF1, 0x50]), None);
    }
}
