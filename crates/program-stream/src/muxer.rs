//! One picture as one pack, as a camera sends it. Source: GB/T 28181-2022 C.1, ISO/IEC 13818-1 2.5.
use media_types::Codec;

const MAX_PES_PAYLOAD: usize = 65_400;
const SYSTEM_HEADER: [u8; 18] = [
    0, 0, 1, 0xBB, 0, 12, 0x81, 0x86, 0xA1, 4, 0xE1, 0x7F, 0xC0, 0xC0, 0x20, 0xE0, 0xE2, 0,
];
const MUX_RATE: u32 = 25_000;

/// Appends the pack of an access unit in Annex B form. A key picture is preceded by system header and map. Video only:
/// other codecs are muxed as nothing.
pub fn mux_picture(codec: Codec, annex_b: &[u8], pts_90k: i64, key: bool, out: &mut Vec<u8>) {
    let stream_type = match codec {
        Codec::H264 => 0x1B,
        Codec::H265 => 0x24,
        _ => return,
    };
    let time = pts_90k as u64 & 0x1_FFFF_FFFF; // 33 bits on the wire
    pack_header(time, out);
    if key {
        out.extend_from_slice(&SYSTEM_HEADER);
        stream_map(stream_type, out);
    }
    for (index, part) in annex_b.chunks(MAX_PES_PAYLOAD).enumerate() {
        let head: &[u8] = if index == 0 {
            &[0x80, 0x80, 5]
        } else {
            &[0x80, 0, 0]
        };
        let stamped = if index == 0 { 5 } else { 0 };
        out.extend_from_slice(&[0, 0, 1, 0xE0]);
        out.extend_from_slice(&((head.len() + stamped + part.len()) as u16).to_be_bytes()); // bounded above
        out.extend_from_slice(head);
        if index == 0 {
            out.extend_from_slice(&[
                0x21 | (time >> 29) as u8 & 0x0E,
                (time >> 22) as u8,
                (time >> 14) as u8 & 0xFE | 1,
                (time >> 7) as u8,
                (time << 1) as u8 & 0xFE | 1,
            ]);
        }
        out.extend_from_slice(part);
    }
}

fn pack_header(scr: u64, out: &mut Vec<u8>) {
    let bits = (1 << 46)
        | ((scr >> 30 & 7) << 43)
        | (1 << 42)
        | ((scr >> 15 & 0x7FFF) << 27)
        | (1 << 26)
        | ((scr & 0x7FFF) << 11)
        | (1 << 10)
        | 1_u64;
    out.extend_from_slice(&[0, 0, 1, 0xBA]);
    out.extend_from_slice(&bits.to_be_bytes()[2..]);
    out.extend_from_slice(&(MUX_RATE << 2 | 3).to_be_bytes()[1..]);
    out.push(0xF8);
}

fn stream_map(stream_type: u8, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[
        0,
        0,
        1,
        0xBC,
        0,
        14,
        0xE0,
        0xFF,
        0,
        0,
        0,
        4,
        stream_type,
        0xE0,
        0,
        0,
    ]);
    let check = crc32_mpeg2(&out[start..]);
    out.extend_from_slice(&check.to_be_bytes());
}

fn crc32_mpeg2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0xFFFF_FFFF, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            if crc & 0x8000_0000 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x04C1_1DB7
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PsDemuxer;

    #[test]
    fn what_was_muxed_comes_out_again_also_above_one_pes_packet() {
        let mut picture = vec![0, 0, 0, 1, 0x65];
        picture.extend((0..150_000_u32).map(|number| (number % 199 + 4) as u8));
        let mut stream = Vec::new();
        for number in 0..3_i64 {
            mux_picture(
                Codec::H264,
                &picture,
                number * 3_600,
                number == 0,
                &mut stream,
            );
        }
        let mut demuxer = PsDemuxer::new(false, 1 << 20);
        demuxer.push(&stream, 0);
        demuxer.end_frame();
        let mut units = Vec::new();
        while let Some(unit) = demuxer.pull() {
            units.push(unit);
        }
        assert_eq!(units.len(), 3);
        for (number, unit) in units.iter().enumerate() {
            assert_eq!(unit.bytes, picture);
            assert_eq!(unit.pts.0, number as i64 * 3_600);
        }
    }
}
