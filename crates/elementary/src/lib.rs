//! Elementary streams: NAL units of H.264 and H.265 in Annex B form, their parameter sets, and ADTS headers.
//! No I/O, no clock, no Python. Sources: ITU-T H.264 (Annex B, 7.3), ITU-T H.265 (Annex B, 7.3), ISO/IEC 14496-15
//! (avcC, hvcC), RFC 6381 (codec strings), ISO/IEC 13818-7 (ADTS).
//!
//! ```
//! use elementary::{Codec, VideoParameters, is_key};
//! let key_frame = [
//!     0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xF6, 0x80, // SPS
//!     0, 0, 0, 1, 0x68, 0xCE, 0x3C, 0x80, // PPS
//!     0, 0, 0, 1, 0x65, 0x88, 0x84, // IDR slice
//! ];
//! assert!(is_key(Codec::H264, &key_frame));
//! let video = VideoParameters::from_annex_b(Codec::H264, &key_frame).expect("both parameter sets are there");
//! assert_eq!((video.width, video.height), (640, 480));
//! assert_eq!(video.codec_string(), "avc1.42C01E");
//! ```
mod adts;
mod annex_b;
mod bits;
pub mod fuzz_bodies;
mod g711;
mod h264;
mod h265;
mod length_prefixed;
mod nal_kind;
mod sound_parameters;
mod video_parameters;

pub use adts::AdtsHeader;
pub use annex_b::{NalStarts, NalUnits, START_CODE, nal_starts, nal_units};
pub use g711::{expand_a_law, expand_mu_law};
pub use h264::H264Sps;
pub use h265::H265Sps;
pub use length_prefixed::{
    Keep, annex_b_to_length_prefixed, annex_b_to_length_prefixed_keeping, append_length_prefixed,
};
pub use media_types::Codec;
pub use nal_kind::{NalKind, first_picture_offset, has_picture, is_key, nal_kind, sniff_codec};
pub use sound_parameters::SoundParameters;
pub use video_parameters::{ParameterSets, VideoParameters};
