//! The parameter sets of a video stream and what MP4 and browsers want to know of them.
use crate::annex_b::{START_CODE, nal_starts, nal_units};
use crate::h264::{H264Sps, has_chroma_fields};
use crate::h265::H265Sps;
use crate::nal_kind::{NalKind, nal_kind};
use bytes::{BufMut, Bytes, BytesMut};
use media_types::Codec;

/// Sets of one kind kept at most: real streams have one to three.
const MAX_SETS: usize = 16;

/// Parameter sets as last seen; each is a NAL unit with its header and without start code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterSets {
    /// Empty for H.264.
    pub vps: Vec<Bytes>,
    pub sps: Vec<Bytes>,
    pub pps: Vec<Bytes>,
}

impl ParameterSets {
    /// The sets that stand in `annex_b` before the first slice, in order, without duplicates.
    pub fn from_annex_b(codec: Codec, annex_b: &[u8]) -> Self {
        let mut sets = Self::default();
        if !codec.is_video() {
            return sets;
        }
        let end = nal_starts(annex_b)
            .find(|&start| nal_kind(codec, annex_b[start]).is_picture())
            .map_or(annex_b.len(), |start| start - 3);
        for unit in nal_units(&annex_b[..end]) {
            let of_kind = match nal_kind(codec, unit[0]) {
                NalKind::VideoParameterSet => &mut sets.vps,
                NalKind::SequenceParameterSet => &mut sets.sps,
                NalKind::PictureParameterSet => &mut sets.pps,
                _ => continue,
            };
            if of_kind.len() < MAX_SETS && !of_kind.iter().any(|known| known == unit) {
                of_kind.push(Bytes::copy_from_slice(unit));
            }
        }
        sets
    }

    /// True if a decoder of `codec` can start with these sets.
    pub fn is_complete(&self, codec: Codec) -> bool {
        !self.sps.is_empty()
            && !self.pps.is_empty()
            && (codec != Codec::H265 || !self.vps.is_empty())
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.vps.is_empty() && self.sps.is_empty() && self.pps.is_empty()
    }

    /// Takes over every kind that `newer` has; keeps the others. True if anything changed.
    pub fn take_over(&mut self, newer: Self) -> bool {
        let mut changed = false;
        for (old, new) in [
            (&mut self.vps, newer.vps),
            (&mut self.sps, newer.sps),
            (&mut self.pps, newer.pps),
        ] {
            if !new.is_empty() && *old != new {
                *old = new;
                changed = true;
            }
        }
        changed
    }

    /// All sets in Annex B form, in decoding order.
    pub fn to_annex_b(&self) -> Vec<u8> {
        let mut annex_b = Vec::new();
        for unit in self.vps.iter().chain(&self.sps).chain(&self.pps) {
            annex_b.extend_from_slice(&START_CODE);
            annex_b.extend_from_slice(unit);
        }
        annex_b
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Sps {
    H264(H264Sps),
    H265(H265Sps),
}

/// A video stream as a player needs it described before its first picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoParameters {
    pub codec: Codec,
    pub sets: ParameterSets,
    /// Pixels, after cropping.
    pub width: u32,
    /// Pixels, after cropping.
    pub height: u32,
    sps: Sps,
}

impl VideoParameters {
    /// From an access unit that carries its parameter sets; `None` if one is missing or the SPS is damaged.
    pub fn from_annex_b(codec: Codec, annex_b: &[u8]) -> Option<Self> {
        Self::from_sets(codec, ParameterSets::from_annex_b(codec, annex_b))
    }

    /// As [`Self::from_annex_b`], from sets gathered elsewhere (SDP, several access units).
    pub fn from_sets(codec: Codec, sets: ParameterSets) -> Option<Self> {
        if !sets.is_complete(codec) {
            return None;
        }
        let first = sets.sps.first()?;
        let (sps, width, height) = match codec {
            Codec::H264 => {
                let sps = H264Sps::parse(first)?;
                let (width, height) = (sps.width, sps.height);
                (Sps::H264(sps), width, height)
            }
            Codec::H265 => {
                let sps = H265Sps::parse(first)?;
                let (width, height) = (sps.width, sps.height);
                (Sps::H265(sps), width, height)
            }
            Codec::G711A | Codec::G711U | Codec::Aac => return None,
        };
        Some(Self {
            codec,
            sets,
            width,
            height,
            sps,
        })
    }

    /// RFC 6381: `avc1.PPCCLL`, or `hvc1.` with profile, compatibility, tier and level, constraints
    /// (ISO/IEC 14496-15 E.3).
    pub fn codec_string(&self) -> String {
        match &self.sps {
            Sps::H264(sps) => format!(
                "avc1.{:02X}{:02X}{:02X}",
                sps.profile_idc, sps.compatibility, sps.level_idc
            ),
            Sps::H265(sps) => {
                let space = ["", "A", "B", "C"][usize::from(sps.profile_space & 3)];
                let tier = if sps.high_tier { 'H' } else { 'L' };
                let mut text = format!(
                    "hvc1.{space}{}.{:X}.{tier}{}",
                    sps.profile_idc,
                    sps.compatibility.reverse_bits(),
                    sps.level_idc
                );
                let constraints = sps
                    .constraints
                    .iter()
                    .rposition(|&byte| byte != 0)
                    .map_or(0, |last| last + 1);
                for byte in &sps.constraints[..constraints] {
                    text.push_str(&format!(".{byte:X}"));
                }
                text
            }
        }
    }

    /// The body of an `avcC` or `hvcC` box: AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1) or
    /// HEVCDecoderConfigurationRecord (8.3.3.1), lengths of four bytes.
    pub fn decoder_configuration(&self) -> Bytes {
        match &self.sps {
            Sps::H264(sps) => self.avc_configuration(sps),
            Sps::H265(sps) => self.hevc_configuration(sps),
        }
    }

    fn avc_configuration(&self, sps: &H264Sps) -> Bytes {
        let mut record = BytesMut::with_capacity(64);
        record.put_slice(&[
            1,
            sps.profile_idc,
            sps.compatibility,
            sps.level_idc,
            0xFC | 3,
        ]);
        record.put_u8(0xE0 | self.sets.sps.len() as u8);
        put_units(&mut record, &self.sets.sps);
        record.put_u8(self.sets.pps.len() as u8);
        put_units(&mut record, &self.sets.pps);
        if has_chroma_fields(sps.profile_idc) {
            record.put_slice(&[
                0xFC | sps.chroma_format_idc,
                0xF8 | (sps.bit_depth_luma - 8),
                0xF8 | (sps.bit_depth_chroma - 8),
                0, // no SPS extension
            ]);
        }
        record.freeze()
    }

    fn hevc_configuration(&self, sps: &H265Sps) -> Bytes {
        let mut record = BytesMut::with_capacity(128);
        record.put_u8(1);
        record.put_u8(sps.profile_space << 6 | u8::from(sps.high_tier) << 5 | sps.profile_idc);
        record.put_u32(sps.compatibility);
        record.put_slice(&sps.constraints);
        record.put_u8(sps.level_idc);
        record.put_u16(0xF000); // min_spatial_segmentation_idc 0
        record.put_u8(0xFC); // parallelismType unknown
        record.put_u8(0xFC | sps.chroma_format_idc);
        record.put_u8(0xF8 | (sps.bit_depth_luma - 8));
        record.put_u8(0xF8 | (sps.bit_depth_chroma - 8));
        record.put_u16(0); // avgFrameRate unknown
        record.put_u8(sps.temporal_layers << 3 | u8::from(sps.temporal_nesting) << 2 | 3);
        record.put_u8(3);
        for (nal_type, units) in [
            (32, &self.sets.vps),
            (33, &self.sets.sps),
            (34, &self.sets.pps),
        ] {
            record.put_u8(0x80 | nal_type); // array_completeness: hvc1 keeps no sets in samples
            record.put_u16(units.len() as u16);
            put_units(&mut record, units);
        }
        record.freeze()
    }
}

fn put_units(record: &mut BytesMut, units: &[Bytes]) {
    for unit in units {
        // A set longer than 64 KiB cannot be written; none that parses is.
        record.put_u16(u16::try_from(unit.len()).unwrap_or(u16::MAX));
        record.put_slice(&unit[..unit.len().min(usize::from(u16::MAX))]);
    }
}
