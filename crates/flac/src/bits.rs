//! Bits from the highest on.

#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    pub bytes: Vec<u8>,
    open: u64,
    open_bits: u32,
}

impl BitWriter {
    /// The lowest `count` (≤ 32) bits of `value`.
    pub fn put(&mut self, value: u32, count: u32) {
        self.open = self.open << count | u64::from(value) & ((1 << count) - 1);
        self.open_bits += count;
        while self.open_bits >= 8 {
            self.open_bits -= 8;
            self.bytes.push((self.open >> self.open_bits) as u8);
        }
    }

    /// `count` zeros and a one.
    pub fn put_unary(&mut self, mut count: u32) {
        while count >= 32 {
            self.put(0, 32);
            count -= 32;
        }
        self.put(1, count + 1);
    }

    pub fn align(&mut self) {
        if self.open_bits > 0 {
            self.put(0, 8 - self.open_bits);
        }
    }
}

/// CRC-8, polynomial 0x07. RFC 9639 §9.1.8.
pub(crate) fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc: u8, _| {
            crc << 1 ^ if crc & 0x80 == 0 { 0 } else { 0x07 }
        })
    })
}

/// CRC-16, polynomial 0x8005. RFC 9639 §9.3.
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc: u16, _| {
            crc << 1 ^ if crc & 0x8000 == 0 { 0 } else { 0x8005 }
        })
    })
}
