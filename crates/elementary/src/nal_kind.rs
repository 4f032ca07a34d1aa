//! What a NAL unit is, and what that says of the access unit and of the codec.
use crate::annex_b::{nal_starts, nal_units};
use media_types::Codec;

/// The kinds of NAL unit that make a difference to this project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NalKind {
    VideoParameterSet,
    SequenceParameterSet,
    PictureParameterSet,
    /// A slice of a picture with which decoding can start: IDR (H.264), IRAP (H.265).
    KeySlice,
    Slice,
    SupplementalInformation,
    Delimiter,
    Filler,
    Other,
}

impl NalKind {
    /// True for VPS, SPS and PPS.
    pub fn is_parameter_set(self) -> bool {
        matches!(
            self,
            Self::VideoParameterSet | Self::SequenceParameterSet | Self::PictureParameterSet
        )
    }

    /// True if the unit carries part of a picture.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::KeySlice | Self::Slice)
    }
}

/// The kind named by the unit's first header byte. Sources: H.264 Table 7-1, H.265 Table 7-1.
pub fn nal_kind(codec: Codec, first_byte: u8) -> NalKind {
    match codec {
        Codec::H265 => match first_byte >> 1 & 0x3F {
            0..=9 => NalKind::Slice,
            16..=21 => NalKind::KeySlice,
            32 => NalKind::VideoParameterSet,
            33 => NalKind::SequenceParameterSet,
            34 => NalKind::PictureParameterSet,
            35 => NalKind::Delimiter,
            38 => NalKind::Filler,
            39 | 40 => NalKind::SupplementalInformation,
            _ => NalKind::Other,
        },
        _ => match first_byte & 0x1F {
            1..=4 => NalKind::Slice,
            5 => NalKind::KeySlice,
            6 => NalKind::SupplementalInformation,
            7 => NalKind::SequenceParameterSet,
            8 => NalKind::PictureParameterSet,
            9 => NalKind::Delimiter,
            12 => NalKind::Filler,
            _ => NalKind::Other,
        },
    }
}

/// True if decoding can start with this access unit. Looks only as far as the first slice.
pub fn is_key(codec: Codec, annex_b: &[u8]) -> bool {
    codec.is_video()
        && nal_starts(annex_b)
            .map(|start| nal_kind(codec, annex_b[start]))
            .find(|kind| kind.is_picture())
            == Some(NalKind::KeySlice)
}

/// True if the bytes hold at least the begin of a slice: parameter sets alone are no picture.
pub fn has_picture(codec: Codec, annex_b: &[u8]) -> bool {
    first_picture_offset(codec, annex_b).is_some()
}

/// Offset of the first slice's NAL header; what stands before it are parameter sets, SEI and delimiters.
pub fn first_picture_offset(codec: Codec, annex_b: &[u8]) -> Option<usize> {
    nal_starts(annex_b).find(|&start| nal_kind(codec, annex_b[start]).is_picture())
}

/// Units looked at by [`sniff_codec`]: parameter sets stand at the front.
const SNIFFED_UNITS: usize = 12;

/// H.264 or H.265 by content, or `None` where the bytes do not decide: only parameter sets (and for H.265 the exact
/// two-byte header that goes with them) are believed, since a slice of one can look like a slice of the other.
/// Why: streams whose map names the wrong codec are in the field; content wins.
pub fn sniff_codec(annex_b: &[u8]) -> Option<Codec> {
    nal_units(annex_b).take(SNIFFED_UNITS).find_map(sniff_unit)
}

/// The codec of which `unit` (header first) is surely a parameter set.
fn sniff_unit(unit: &[u8]) -> Option<Codec> {
    match unit {
        // nuh_layer_id 0 and temporal id 0 are required of VPS and SPS, and the sets are longer than this.
        [0x40 | 0x42, 0x01, _, _, _, ..] => Some(Codec::H265),
        [0x44, 0x01, _, ..] => Some(Codec::H265),
        [header, profile, _, level, ..]
            if header & 0x9F == 7
                && header & 0x60 != 0
                && is_h264_profile(*profile)
                && *level <= 62 =>
        {
            Some(Codec::H264)
        }
        _ => None,
    }
}

fn is_h264_profile(profile_idc: u8) -> bool {
    matches!(profile_idc, 66 | 77 | 88) || crate::h264::has_chroma_fields(profile_idc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_frames_are_told_by_the_first_slice() {
        assert!(is_key(
            Codec::H264,
            &[0, 0, 1, 0x09, 0xF0, 0, 0, 1, 0x65, 0x88]
        ));
        assert!(!is_key(
            Codec::H264,
            &[0, 0, 1, 0x67, 0x42, 0, 0, 1, 0x41, 0x88]
        ));
        assert!(is_key(Codec::H265, &[0, 0, 1, 0x26, 0x01, 0xAF]));
        assert!(!is_key(Codec::H265, &[0, 0, 1, 0x02, 0x01, 0xAF]));
        assert!(!is_key(Codec::G711A, &[0, 0, 1, 0x65]));
    }

    #[test]
    fn parameter_sets_alone_are_no_picture() {
        assert!(!has_picture(
            Codec::H264,
            &[0, 0, 1, 0x67, 0x42, 0, 0, 1, 0x68, 0xCE]
        ));
        assert!(has_picture(
            Codec::H264,
            &[0, 0, 1, 0x68, 0xCE, 0, 0, 1, 0x41, 0x9A]
        ));
    }

    #[test]
    fn a_slice_alone_does_not_decide_the_codec() {
        assert_eq!(sniff_codec(&[0, 0, 0, 1, 0x41, 0x9A, 1, 2, 3]), None);
        assert_eq!(sniff_codec(&[0, 0, 0, 1, 0x02, 0x01, 1, 2, 3]), None);
        assert_eq!(
            sniff_codec(&[0, 0, 0, 1, 0x67, 0x64, 0, 0x1F, 1]),
            Some(Codec::H264)
        );
        assert_eq!(
            sniff_codec(&[
                0, 0, 0, 1, 0x46, 0x01, 0x50, 0, 0, 1, 0x40, 0x01, 0x0C, 1, 1
            ]),
            Some(Codec::H265)
        );
    }
}
