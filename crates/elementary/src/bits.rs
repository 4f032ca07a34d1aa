//! Bits of a NAL unit's payload, with emulation prevention bytes left out. Source: ITU-T H.264 7.3.1, 9.1.

/// Reads most significant bit first; `None` when the payload is too short or a value has no legal form.
pub(crate) struct Bits {
    payload: Vec<u8>,
    at_bit: usize,
}

impl Bits {
    /// `unit` is a NAL unit; `header_len` bytes of it are its header.
    pub(crate) fn of_nal_unit(unit: &[u8], header_len: usize) -> Option<Self> {
        let escaped = unit.get(header_len..)?;
        let mut payload = Vec::with_capacity(escaped.len());
        let mut zeros = 0;
        for &byte in escaped {
            if zeros >= 2 && byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            payload.push(byte);
        }
        Some(Self { payload, at_bit: 0 })
    }

    pub(crate) fn bit(&mut self) -> Option<u32> {
        let byte = self.payload.get(self.at_bit / 8)?;
        let bit = byte >> (7 - self.at_bit % 8) & 1;
        self.at_bit += 1;
        Some(u32::from(bit))
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        self.bit().map(|bit| bit == 1)
    }

    /// At most 32 bits.
    pub(crate) fn unsigned(&mut self, count: u32) -> Option<u32> {
        debug_assert!(count <= 32);
        (0..count).try_fold(0u32, |value, _| Some(value << 1 | self.bit()?))
    }

    pub(crate) fn skip(&mut self, count: usize) -> Option<()> {
        self.at_bit += count;
        (self.at_bit <= self.payload.len() * 8).then_some(())
    }

    /// `ue(v)`
    pub(crate) fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1u32 << zeros) - 1 + self.unsigned(zeros)?)
    }

    /// `se(v)`
    pub(crate) fn signed_exp_golomb(&mut self) -> Option<i32> {
        let code = self.exp_golomb()?;
        let magnitude = i32::try_from(code / 2 + code % 2).ok()?;
        Some(if code % 2 == 1 { magnitude } else { -magnitude })
    }
}
