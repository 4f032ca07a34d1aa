//! H.264 and H.265 straight in RTP to Annex B. Sources: RFC 6184 (single, STAP-A, FU-A), RFC 7798 (single, AP, FU).
use crate::classify::Kind;
use bytes::{BufMut, BytesMut};
use elementary::START_CODE;

/// Appends what one packet carries. False when the packet cannot be read.
pub(crate) fn append(kind: Kind, payload: &[u8], frame: &mut BytesMut) -> bool {
    match kind {
        Kind::H265 => append_h265(payload, frame),
        _ => append_h264(payload, frame),
    }
}

fn put_unit(frame: &mut BytesMut, head: &[u8], rest: &[u8]) {
    frame.put_slice(&START_CODE);
    frame.put_slice(head);
    frame.put_slice(rest);
}

fn append_h264(payload: &[u8], frame: &mut BytesMut) -> bool {
    let Some(&first) = payload.first() else {
        return false;
    };
    match first & 0x1F {
        24 => append_aggregated(&payload[1..], frame),
        28 => {
            let Some(&head) = payload.get(1) else {
                return false;
            };
            if head & 0x80 != 0 {
                put_unit(frame, &[first & 0xE0 | head & 0x1F], &payload[2..]);
            } else {
                frame.put_slice(&payload[2..]);
            }
            true
        }
        1..=23 => {
            put_unit(frame, &[], payload);
            true
        }
        _ => false,
    }
}

fn append_h265(payload: &[u8], frame: &mut BytesMut) -> bool {
    let Some(&[first, second]) = payload.first_chunk::<2>() else {
        return false;
    };
    match first >> 1 & 0x3F {
        48 => append_aggregated(&payload[2..], frame),
        49 => {
            let Some(&head) = payload.get(2) else {
                return false;
            };
            if head & 0x80 != 0 {
                put_unit(
                    frame,
                    &[first & 0x81 | (head & 0x3F) << 1, second],
                    &payload[3..],
                );
            } else {
                frame.put_slice(&payload[3..]);
            }
            true
        }
        0..=47 => {
            put_unit(frame, &[], payload);
            true
        }
        _ => false,
    }
}

fn append_aggregated(mut rest: &[u8], frame: &mut BytesMut) -> bool {
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(unit) = after.get(..length) else {
            return false;
        };
        put_unit(frame, &[], unit);
        rest = &after[length..];
    }
    rest.is_empty()
}
