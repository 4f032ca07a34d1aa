//! What a stream carries, told by its bytes; the signalling's promise only decides where they do not.
use crate::policy::PayloadPolicy;
use memchr::memmem;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ProgramStream,
    H264,
    H265,
    TransportStream,
}

/// `None` while the bytes do not tell. GB/T 28181-2022 C.2: 96 PS, 98 H.264, 100 H.265 (99 in the field): hints only.
pub(crate) fn classify(payload: &[u8], payload_type: u8, promise: PayloadPolicy) -> Option<Kind> {
    if memmem::find(payload, &[0, 0, 1, 0xBA]).is_some() {
        return Some(Kind::ProgramStream);
    }
    if payload.len() >= 188
        && payload.len() % 188 == 0
        && payload.chunks(188).all(|packet| packet[0] == 0x47)
    {
        return Some(Kind::TransportStream);
    }
    let looks_h264 = payload.len() > 1
        && payload[0] & 0x80 == 0
        && matches!(payload[0] & 0x1F, 5 | 7 | 8 | 24 | 28);
    let looks_h265 = payload.len() > 2
        && payload[0] & 0x80 == 0
        && payload[1] & 7 != 0
        && matches!(payload[0] >> 1 & 0x3F, 19..=20 | 32..=34 | 48 | 49);
    match promise {
        PayloadPolicy::H264 if looks_h264 => Some(Kind::H264),
        PayloadPolicy::H265 if looks_h265 => Some(Kind::H265),
        PayloadPolicy::Detect if payload_type == 98 && looks_h264 => Some(Kind::H264),
        PayloadPolicy::Detect if matches!(payload_type, 99 | 100) && looks_h265 => Some(Kind::H265),
        _ => None,
    }
}
