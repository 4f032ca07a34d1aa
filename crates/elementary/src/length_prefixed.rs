//! Annex B to the form that MP4 samples have. Source: ISO/IEC 14496-15 4.3.
use crate::annex_b::nal_units;
use crate::nal_kind::{NalKind, nal_kind};
use bytes::{BufMut, Bytes, BytesMut};
use media_types::Codec;

/// Which NAL units stay in the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Every unit.
    All,
    /// All but delimiters and filler, which carry nothing.
    WithoutPadding,
    /// Also without parameter sets: for samples whose `avcC`/`hvcC` holds them.
    WithoutParameterSets,
}

/// Each NAL unit behind its four-byte big-endian length. Delimiters and filler are left out; parameter sets stay (the
/// sample then plays even if the set changed inside the segment).
pub fn annex_b_to_length_prefixed(codec: Codec, annex_b: &Bytes) -> Bytes {
    annex_b_to_length_prefixed_keeping(codec, annex_b, Keep::WithoutPadding)
}

/// As [`annex_b_to_length_prefixed`], with the choice of units. One copy, one scan.
pub fn annex_b_to_length_prefixed_keeping(codec: Codec, annex_b: &Bytes, keep: Keep) -> Bytes {
    // A three-byte start code grows by one byte; a dozen of them is usual.
    let mut prefixed = BytesMut::with_capacity(annex_b.len() + 16);
    append_length_prefixed(&mut prefixed, codec, annex_b, keep);
    prefixed.freeze()
}

/// As [`annex_b_to_length_prefixed_keeping`], at the end of `out`.
pub fn append_length_prefixed(out: &mut BytesMut, codec: Codec, annex_b: &[u8], keep: Keep) {
    for unit in nal_units(annex_b) {
        let kind = nal_kind(codec, unit[0]);
        let padding = matches!(kind, NalKind::Delimiter | NalKind::Filler);
        if keep != Keep::All && padding
            || keep == Keep::WithoutParameterSets && kind.is_parameter_set()
        {
            continue;
        }
        let Ok(len) = u32::try_from(unit.len()) else {
            continue;
        };
        out.put_u32(len);
        out.put_slice(unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: &[u8] = &[
        0, 0, 0, 1, 0x09, 0xF0, 0, 0, 0, 1, 0x67, 0x42, 0, 0, 1, 0x65, 0x88, 0x84, 0, 0, 0, 1,
        0x0C, 0xFF, 0x80,
    ];

    #[test]
    fn padding_is_left_out_and_parameter_sets_stay() {
        let prefixed = annex_b_to_length_prefixed(Codec::H264, &Bytes::from_static(FRAME));
        assert_eq!(
            &prefixed[..],
            [0, 0, 0, 2, 0x67, 0x42, 0, 0, 0, 3, 0x65, 0x88, 0x84]
        );
    }

    #[test]
    fn the_caller_chooses_what_stays() {
        let frame = Bytes::from_static(FRAME);
        let slices =
            annex_b_to_length_prefixed_keeping(Codec::H264, &frame, Keep::WithoutParameterSets);
        assert_eq!(&slices[..], [0, 0, 0, 3, 0x65, 0x88, 0x84]);
        assert_eq!(
            annex_b_to_length_prefixed_keeping(Codec::H264, &frame, Keep::All).len(),
            4 * 4 + 2 + 2 + 3 + 3
        );
    }
}
