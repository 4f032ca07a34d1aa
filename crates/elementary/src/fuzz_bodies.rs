//! What the fuzz targets run, compiled with the crate so that it cannot rot. Each must return for any bytes.
use crate::{
    AdtsHeader, Codec, Keep, VideoParameters, annex_b_to_length_prefixed_keeping, is_key,
    nal_units, sniff_codec,
};
use bytes::Bytes;

/// Everything that reads Annex B.
pub fn annex_b(bytes: &[u8]) {
    let _ = sniff_codec(bytes);
    let shared = Bytes::copy_from_slice(bytes);
    for codec in [Codec::H264, Codec::H265, Codec::Aac] {
        let _ = is_key(codec, bytes);
        let prefixed = annex_b_to_length_prefixed_keeping(codec, &shared, Keep::All);
        let units: usize = nal_units(bytes).map(|unit| unit.len() + 4).sum();
        assert_eq!(prefixed.len(), units, "every unit is written once");
        if let Some(video) = VideoParameters::from_annex_b(codec, bytes) {
            assert!(video.width > 0 && video.height > 0);
            let _ = (video.codec_string(), video.decoder_configuration());
        }
    }
    let _ = AdtsHeader::parse(bytes);
}
