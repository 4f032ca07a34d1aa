//! H.265 sequence parameter set. Source: ITU-T H.265 7.3.2.2, 7.3.3.
use crate::bits::Bits;

/// What a player must know of an H.265 stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct H265Sps {
    pub profile_space: u8,
    /// True for the high tier.
    pub high_tier: bool,
    pub profile_idc: u8,
    pub compatibility: u32,
    /// The six bytes of progressive, interlaced, non-packed, frame-only and constraint flags.
    pub constraints: [u8; 6],
    pub level_idc: u8,
    pub chroma_format_idc: u8,
    pub bit_depth_luma: u8,
    pub bit_depth_chroma: u8,
    pub temporal_layers: u8,
    pub temporal_nesting: bool,
    /// Pixels, after the conformance window.
    pub width: u32,
    /// Pixels, after the conformance window.
    pub height: u32,
}

/// Larger pictures than this are no camera's: the set is damaged.
const MAX_SIDE: u32 = 32_768;

impl H265Sps {
    /// `unit`: the NAL unit with its two header bytes. `None` if damaged.
    pub fn parse(unit: &[u8]) -> Option<Self> {
        if unit.first()? >> 1 & 0x3F != 33 {
            return None;
        }
        let mut bits = Bits::of_nal_unit(unit, 2)?;
        bits.skip(4)?; // sps_video_parameter_set_id
        let sub_layers = bits.unsigned(3)?;
        let temporal_nesting = bits.flag()?;
        let profile_space = bits.unsigned(2)? as u8;
        let high_tier = bits.flag()?;
        let profile_idc = bits.unsigned(5)? as u8;
        let compatibility = bits.unsigned(32)?;
        let mut constraints = [0; 6];
        for byte in &mut constraints {
            *byte = bits.unsigned(8)? as u8;
        }
        let level_idc = bits.unsigned(8)? as u8;
        skip_sub_layers(&mut bits, sub_layers)?;
        bits.exp_golomb()?; // sps_seq_parameter_set_id
        let chroma_format_idc = bits.exp_golomb().filter(|&idc| idc <= 3)? as u8;
        if chroma_format_idc == 3 {
            bits.bit()?; // separate_colour_plane_flag
        }
        let side = |value: u32| (value > 0 && value <= MAX_SIDE).then_some(value);
        let (mut width, mut height) = (side(bits.exp_golomb()?)?, side(bits.exp_golomb()?)?);
        if bits.flag()? {
            let unit_x = if matches!(chroma_format_idc, 1 | 2) {
                2
            } else {
                1
            };
            let unit_y = if chroma_format_idc == 1 { 2 } else { 1 };
            let [left, right, top, bottom] = [
                bits.exp_golomb()?,
                bits.exp_golomb()?,
                bits.exp_golomb()?,
                bits.exp_golomb()?,
            ];
            width = width.checked_sub(left.checked_add(right)?.checked_mul(unit_x)?)?;
            height = height.checked_sub(top.checked_add(bottom)?.checked_mul(unit_y)?)?;
        }
        let bit_depth_luma = 8 + bits.exp_golomb().filter(|&depth| depth <= 8)? as u8;
        let bit_depth_chroma = 8 + bits.exp_golomb().filter(|&depth| depth <= 8)? as u8;
        (width > 0 && height > 0).then_some(Self {
            profile_space,
            high_tier,
            profile_idc,
            compatibility,
            constraints,
            level_idc,
            chroma_format_idc,
            bit_depth_luma,
            bit_depth_chroma,
            temporal_layers: sub_layers as u8 + 1,
            temporal_nesting,
            width,
            height,
        })
    }
}

/// The per-sub-layer part of profile_tier_level().
fn skip_sub_layers(bits: &mut Bits, sub_layers: u32) -> Option<()> {
    if sub_layers == 0 {
        return Some(());
    }
    let mut present = [(false, false); 8];
    for layer in present.iter_mut().take(sub_layers as usize) {
        *layer = (bits.flag()?, bits.flag()?);
    }
    bits.skip(2 * (8 - sub_layers as usize))?; // reserved_zero_2bits
    for (profile, level) in present {
        if profile {
            bits.skip(88)?;
        }
        if level {
            bits.skip(8)?;
        }
    }
    Some(())
}
