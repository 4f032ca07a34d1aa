//! H.264 sequence parameter set. Source: ITU-T H.264 7.3.2.1.1.
use crate::bits::Bits;

/// What a player must know of an H.264 stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct H264Sps {
    pub profile_idc: u8,
    /// The byte of constraint_set flags.
    pub compatibility: u8,
    pub level_idc: u8,
    pub chroma_format_idc: u8,
    pub bit_depth_luma: u8,
    pub bit_depth_chroma: u8,
    /// Pixels, after cropping.
    pub width: u32,
    /// Pixels, after cropping.
    pub height: u32,
}

/// Larger pictures than these are no camera's: the set is damaged.
const MAX_MACROBLOCKS_A_SIDE: u32 = 2048;

/// Profiles whose set carries chroma format, bit depths and scaling lists.
pub(crate) fn has_chroma_fields(profile_idc: u8) -> bool {
    matches!(
        profile_idc,
        100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135
    )
}

impl H264Sps {
    /// `unit`: the NAL unit with its header byte. `None` if damaged.
    pub fn parse(unit: &[u8]) -> Option<Self> {
        if unit.first()? & 0x1F != 7 {
            return None;
        }
        let mut bits = Bits::of_nal_unit(unit, 1)?;
        let profile_idc = bits.unsigned(8)? as u8;
        let compatibility = bits.unsigned(8)? as u8;
        let level_idc = bits.unsigned(8)? as u8;
        bits.exp_golomb()?; // seq_parameter_set_id
        let (mut chroma_format_idc, mut bit_depth_luma, mut bit_depth_chroma) = (1, 8, 8);
        if has_chroma_fields(profile_idc) {
            chroma_format_idc = bits.exp_golomb().filter(|&idc| idc <= 3)? as u8;
            if chroma_format_idc == 3 {
                bits.bit()?; // separate_colour_plane_flag
            }
            bit_depth_luma = 8 + bits.exp_golomb().filter(|&depth| depth <= 6)? as u8;
            bit_depth_chroma = 8 + bits.exp_golomb().filter(|&depth| depth <= 6)? as u8;
            bits.bit()?; // qpprime_y_zero_transform_bypass_flag
            if bits.flag()? {
                skip_scaling_lists(&mut bits, if chroma_format_idc == 3 { 12 } else { 8 })?;
            }
        }
        bits.exp_golomb()?; // log2_max_frame_num_minus4
        match bits.exp_golomb()? {
            0 => {
                bits.exp_golomb()?; // log2_max_pic_order_cnt_lsb_minus4
            }
            1 => {
                bits.bit()?;
                bits.signed_exp_golomb()?;
                bits.signed_exp_golomb()?;
                let cycle = bits.exp_golomb().filter(|&count| count <= 255)?;
                for _ in 0..cycle {
                    bits.signed_exp_golomb()?;
                }
            }
            _ => {}
        }
        bits.exp_golomb()?; // max_num_ref_frames
        bits.bit()?; // gaps_in_frame_num_value_allowed_flag
        let side = |value: u32| (value < MAX_MACROBLOCKS_A_SIDE).then_some(value + 1);
        let macroblock_columns = side(bits.exp_golomb()?)?;
        let map_unit_rows = side(bits.exp_golomb()?)?;
        let frames_only = bits.flag()?;
        if !frames_only {
            bits.bit()?; // mb_adaptive_frame_field_flag
        }
        bits.bit()?; // direct_8x8_inference_flag
        let rows_a_map_unit = if frames_only { 1 } else { 2 };
        let (mut width, mut height) = (
            macroblock_columns * 16,
            map_unit_rows * 16 * rows_a_map_unit,
        );
        if bits.flag()? {
            let unit_x = if matches!(chroma_format_idc, 1 | 2) {
                2
            } else {
                1
            };
            let unit_y = rows_a_map_unit * if chroma_format_idc == 1 { 2 } else { 1 };
            let [left, right, top, bottom] = [
                bits.exp_golomb()?,
                bits.exp_golomb()?,
                bits.exp_golomb()?,
                bits.exp_golomb()?,
            ];
            width = width.checked_sub(left.checked_add(right)?.checked_mul(unit_x)?)?;
            height = height.checked_sub(top.checked_add(bottom)?.checked_mul(unit_y)?)?;
        }
        (width > 0 && height > 0).then_some(Self {
            profile_idc,
            compatibility,
            level_idc,
            chroma_format_idc,
            bit_depth_luma,
            bit_depth_chroma,
            width,
            height,
        })
    }
}

fn skip_scaling_lists(bits: &mut Bits, lists: usize) -> Option<()> {
    for list in 0..lists {
        if !bits.flag()? {
            continue;
        }
        let size = if list < 6 { 16 } else { 64 };
        let (mut last, mut next) = (8i32, 8i32);
        for _ in 0..size {
            if next != 0 {
                next = (last
                    + bits
                        .signed_exp_golomb()
                        .filter(|delta| (-128..128).contains(delta))?
                    + 256)
                    % 256;
            }
            if next != 0 {
                last = next;
            }
        }
    }
    Some(())
}
