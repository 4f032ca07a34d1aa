//! What a payload is, by its bytes; the payload type is no witness (PS comes with 96, 98, 99, 100 and 40).
use crate::policy::PayloadPolicy;
use elementary::{START_CODE, sniff_codec};
use media_types::Codec;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ProgramStream,
    Elementary(Codec),
    AnnexB,
    TransportStream,
}

/// `None`: this payload does not decide; the next may.
pub(crate) fn classify(payload: &[u8], promised: PayloadPolicy) -> Option<Kind> {
    if payload.windows(4).any(|four| four == [0, 0, 1, 0xBA]) {
        return Some(Kind::ProgramStream);
    }
    if payload.len() >= 188
        && payload.len().is_multiple_of(188)
        && payload.chunks(188).all(|packet| packet[0] == 0x47)
    {
        return Some(Kind::TransportStream);
    }
    if sniff_codec(payload).is_some() {
        return Some(Kind::AnnexB);
    }
    let by_unit = sniff_codec(&[&START_CODE, payload].concat());
    let codec = by_unit.or(match payload {
        // STAP-A: an H.264 parameter set first. AP and the first fragment of an IRAP: H.265.
        [0x18 | 0x38 | 0x58 | 0x78, _, _, set, ..] if set & 0x1F == 7 => Some(Codec::H264),
        [0x60, 0x01, _, _, 0x40 | 0x42, 0x01, ..] => Some(Codec::H265),
        _ => None,
    });
    codec.map(Kind::Elementary).or(match promised {
        PayloadPolicy::H264 => Some(Kind::Elementary(Codec::H264)),
        PayloadPolicy::H265 => Some(Kind::Elementary(Codec::H265)),
        PayloadPolicy::Detect | PayloadPolicy::ProgramStream => None,
    })
}
