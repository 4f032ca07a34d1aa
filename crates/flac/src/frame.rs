//! One frame. RFC 9639 §9.
use crate::bits::{BitWriter, crc8, crc16};
use elementary::{expand_a_law, expand_mu_law};
use media_types::Codec;

const MAX_ORDER: usize = 4;
const MAX_RICE: u32 = 14;
const MAX_BLOCK: usize = 65_535;

/// The samples of G.711 octets as one frame; beyond 65 535 of them the rest is left out. `first_sample`: its place in
/// the stream. Other codecs than µ-law are taken for A-law.
pub fn frame_of_g711(codec: Codec, octets: &[u8], first_sample: u64) -> Vec<u8> {
    // What the law leaves at the bottom of each sample as zeros is not coded ("wasted bits").
    let (expand, wasted): (fn(u8) -> i16, u32) = match codec {
        Codec::G711U => (expand_mu_law, 2),
        _ => (expand_a_law, 3),
    };
    let samples: Vec<i32> = octets[..octets.len().min(MAX_BLOCK)]
        .iter()
        .map(|&octet| i32::from(expand(octet)) >> wasted)
        .collect();
    let mut out = BitWriter::default();
    if samples.is_empty() {
        return out.bytes;
    }
    write_header(&mut out, samples.len(), first_sample);
    write_subframe(&mut out, &samples, wasted);
    out.align();
    let check = crc16(&out.bytes);
    out.bytes.extend_from_slice(&check.to_be_bytes());
    out.bytes
}

/// ```text
/// |sync 15|v|size 4|rate 4|channels 4|bits 3|0| coded sample number | size - 1 (16) | CRC-8 |
/// ```
fn write_header(out: &mut BitWriter, length: usize, first_sample: u64) {
    out.put(0xFFF8 | 1, 16); // blocks of any length: frames are numbered by sample
    out.put(0b0111, 4);
    out.put(0b0100, 4); // 8 000 Hz
    out.put(0b0000, 4);
    out.put(0b100, 3); // 16 bits
    out.put(0, 1);
    write_number(out, first_sample & 0xF_FFFF_FFFF);
    out.put(length as u32 - 1, 16); // 1 to 65 535
    let check = crc8(&out.bytes);
    out.put(u32::from(check), 8);
}

/// A number of 36 bits at most in the way of UTF-8. RFC 9639 §9.1.5.
fn write_number(out: &mut BitWriter, number: u64) {
    if number < 0x80 {
        return out.put(number as u32, 8);
    }
    let mut following = 1;
    while following < 6 && number >> (6 * following + 6 - following) != 0 {
        following += 1;
    }
    let lead = !(0xFF_u32 >> (following + 1)) & 0xFF;
    out.put(lead | (number >> (6 * following)) as u32, 8);
    for place in (0..following).rev() {
        out.put(0x80 | (number >> (6 * place)) as u32 & 0x3F, 8);
    }
}

fn write_subframe(out: &mut BitWriter, samples: &[i32], wasted: u32) {
    let bits = 16 - wasted;
    let begin = |out: &mut BitWriter, kind: u32| {
        out.put(kind << 1 | 1, 8);
        out.put_unary(wasted - 1);
    };
    if samples.iter().all(|sample| *sample == samples[0]) {
        begin(out, 0); // silence, mostly
        return out.put(samples[0] as u32, bits);
    }
    let best = (0..=MAX_ORDER.min(samples.len() - 1))
        .map(|order| {
            let residual = residual_of(samples, order);
            let (rice, cost) = rice_of(&residual);
            (cost + order as u64 * u64::from(bits), order, rice, residual)
        })
        .min_by_key(|(cost, order, ..)| (*cost, *order));
    match best {
        Some((cost, order, rice, residual)) if cost < samples.len() as u64 * u64::from(bits) => {
            begin(out, 0b001000 | order as u32); // at most 4
            for sample in &samples[..order] {
                out.put(*sample as u32, bits);
            }
            out.put(0, 6); // Rice parameters of four bits, one partition
            out.put(rice, 4);
            for value in residual {
                let folded = zigzag(value);
                out.put_unary(folded >> rice);
                out.put(folded, rice);
            }
        }
        _ => {
            begin(out, 1); // verbatim
            for sample in samples {
                out.put(*sample as u32, bits);
            }
        }
    }
}

/// The `order`-th difference, which is what a fixed predictor leaves.
fn residual_of(samples: &[i32], order: usize) -> Vec<i32> {
    let mut residual = samples.to_vec();
    for _ in 0..order {
        residual = residual.windows(2).map(|pair| pair[1] - pair[0]).collect();
    }
    residual
}

fn zigzag(value: i32) -> u32 {
    (value << 1 ^ value >> 31) as u32
}

/// The best Rice parameter and the bits it costs.
fn rice_of(residual: &[i32]) -> (u32, u64) {
    let cost = |rice: u32| -> u64 {
        let bits = |value: &i32| u64::from((zigzag(*value) >> rice) + 1 + rice);
        residual.iter().map(bits).sum()
    };
    let sum: u64 = residual.iter().map(|value| u64::from(zigzag(*value))).sum();
    let mean = sum / residual.len().max(1) as u64;
    let near = (u64::BITS - mean.leading_zeros()).min(MAX_RICE);
    (near.saturating_sub(2)..=near)
        .map(|rice| (rice, cost(rice)))
        .min_by_key(|(_, cost)| *cost)
        .unwrap_or((0, u64::MAX))
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
