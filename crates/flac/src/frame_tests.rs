use super::*;
use proptest::prelude::*;

/// A reader of its own, written from RFC 9639 and not from the writer.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> u32 {
        (0..count).fold(0, |value, _| {
            let bit = self.bytes[self.at / 8] >> (7 - self.at % 8) & 1;
            self.at += 1;
            value << 1 | u32::from(bit)
        })
    }

    fn signed(&mut self, count: u32) -> i32 {
        (self.take(count) << (32 - count)) as i32 >> (32 - count)
    }

    fn unary(&mut self) -> u32 {
        let mut zeros = 0;
        while self.take(1) == 0 {
            zeros += 1;
        }
        zeros
    }
}

/// (number of the first sample, samples)
fn decode(frame: &[u8]) -> (u64, Vec<i16>) {
    let mut bits = Bits {
        bytes: frame,
        at: 0,
    };
    assert_eq!(bits.take(16), 0xFFF9);
    assert_eq!(bits.take(16), 0b0111_0100_0000_1000);
    let lead = bits.take(8) as u8;
    let following = lead.leading_ones().saturating_sub(1);
    let mut number = u64::from(lead & (0x7F_u8.checked_shr(lead.leading_ones()).unwrap_or(0)));
    for _ in 0..following {
        number = number << 6 | u64::from(bits.take(8) & 0x3F);
    }
    let length = bits.take(16) as usize + 1;
    assert_eq!(u32::from(crc8(&frame[..bits.at / 8])), bits.take(8));
    let kind = bits.take(8);
    let wasted = bits.unary() + 1;
    let width = 16 - wasted;
    let mut samples: Vec<i32> = Vec::new();
    match kind >> 1 {
        0 => samples = vec![bits.signed(width); length],
        1 => samples.extend((0..length).map(|_| bits.signed(width))),
        fixed => {
            let order = (fixed & 7) as usize;
            samples.extend((0..order).map(|_| bits.signed(width)));
            assert_eq!(bits.take(6), 0);
            let rice = bits.take(4);
            while samples.len() < length {
                let folded = bits.unary() << rice | bits.take(rice);
                let residual = (folded >> 1) as i32 ^ -((folded & 1) as i32);
                let last = |back: usize| samples[samples.len() - back];
                let predicted = match order {
                    0 => 0,
                    1 => last(1),
                    2 => 2 * last(1) - last(2),
                    3 => 3 * last(1) - 3 * last(2) + last(3),
                    _ => 4 * last(1) - 6 * last(2) + 4 * last(3) - last(4),
                };
                samples.push(predicted + residual);
            }
        }
    }
    let end = bits.at.div_ceil(8);
    assert_eq!(frame.len(), end + 2);
    assert_eq!(frame[end..], crc16(&frame[..end]).to_be_bytes());
    (
        number,
        samples
            .iter()
            .map(|sample| (sample << wasted) as i16)
            .collect(),
    )
}

proptest! {
    #[test]
    fn no_sample_is_lost(octets in prop::collection::vec(any::<u8>(), 1..700), first in 0..1_u64 << 36, mu: bool) {
        let (codec, expand): (_, fn(u8) -> i16) =
            if mu { (Codec::G711U, expand_mu_law) } else { (Codec::G711A, expand_a_law) };
        let (number, samples) = decode(&frame_of_g711(codec, &octets, first));
        prop_assert_eq!(number, first);
        prop_assert_eq!(samples, octets.iter().map(|&octet| expand(octet)).collect::<Vec<_>>());
    }
}

#[test]
fn silence_costs_a_few_bytes_and_a_tone_less_than_linear_samples() {
    assert!(frame_of_g711(Codec::G711A, &[0xD5; 320], 0).len() < 16);
    // A-law of a low tone: the code goes up and down step by step.
    let tone: Vec<u8> = (0..320)
        .map(|at: u32| (0x80 | (at % 40)) as u8 ^ 0x55)
        .collect();
    let frame = frame_of_g711(Codec::G711A, &tone, 0);
    assert!(frame.len() < 2 * tone.len(), "{} bytes", frame.len());
    assert_eq!(decode(&frame).1.len(), 320);
}

#[test]
fn nothing_gives_nothing() {
    assert!(frame_of_g711(Codec::G711A, &[], 0).is_empty());
}
