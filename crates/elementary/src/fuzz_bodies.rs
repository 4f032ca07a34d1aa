//! What the fuzz targets run, compiled with the crate so that it cannot rot. Each must return for any bytes.
use crate::{
    AdtsHeader, Codec, Keep, SoundParameters, VideoParameters, annex_b_to_length_prefixed_keeping,
    is_key, nal_units, sniff_codec,
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
}

/// Sound: any bytes as an ADTS frame.
pub fn adts(bytes: &[u8]) {
    if let Some(header) = AdtsHeader::parse(bytes) {
        assert!(header.frame_len >= header.header_len && header.sample_rate_hz > 0);
    }
    if let Some(sound) = SoundParameters::from_unit(Codec::Aac, bytes) {
        assert!(sound.samples(bytes) > 0 && sound.channels > 0);
    }
}

/// The parameter sets by themselves: any bytes behind the headers that make them sets.
pub fn parameter_sets(bytes: &[u8]) {
    for headers in [
        &[&[0x67_u8][..], &[0x68]][..],
        &[&[0x40, 1], &[0x42, 1], &[0x44, 1]],
    ] {
        let mut stream = Vec::new();
        for header in headers {
            stream.extend_from_slice(&crate::START_CODE);
            stream.extend_from_slice(header);
            stream.extend_from_slice(bytes);
        }
        annex_b(&stream);
    }
}
