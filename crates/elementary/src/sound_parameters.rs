//! What a player must know of a camera's sound.
use crate::adts::AdtsHeader;
use media_types::Codec;

/// G.711 is always 8 000 Hz, one channel here; AAC says it in each ADTS header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundParameters {
    pub codec: Codec,
    pub sample_rate_hz: u32,
    pub channels: u8,
    /// AudioSpecificConfig of AAC; zeros for G.711.
    pub audio_specific_config: [u8; 2],
    object_type: u8,
}

impl SoundParameters {
    /// From one unit: raw G.711, or one ADTS frame. `None` for pictures, and for AAC whose channels stand in the stream.
    pub fn from_unit(codec: Codec, unit: &[u8]) -> Option<Self> {
        match codec {
            Codec::G711A | Codec::G711U => Some(Self {
                codec,
                sample_rate_hz: 8_000,
                channels: 1,
                audio_specific_config: [0; 2],
                object_type: 0,
            }),
            Codec::Aac => {
                let header = AdtsHeader::parse(unit).filter(|header| header.channels > 0)?;
                Some(Self {
                    codec,
                    sample_rate_hz: header.sample_rate_hz,
                    channels: header.channels,
                    audio_specific_config: header.audio_specific_config(),
                    object_type: header.object_type,
                })
            }
            Codec::H264 | Codec::H265 => None,
        }
    }

    /// Samples a channel in one unit.
    pub fn samples(&self, unit: &[u8]) -> u32 {
        match self.codec {
            Codec::Aac => AdtsHeader::parse(unit).map_or(0, |header| header.samples),
            _ => unit.len() as u32, // a PES packet holds 64 KiB at most
        }
    }

    /// As the MP4 carries it (RFC 6381): AAC as it is, G.711 as FLAC.
    pub fn codec_string(&self) -> String {
        match self.codec {
            Codec::Aac => format!("mp4a.40.{}", self.object_type),
            _ => "flac".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_described_by_its_units() {
        let aac =
            SoundParameters::from_unit(Codec::Aac, &[0xFF, 0xF1, 0x50, 0x80, 0x02, 0x1F, 0xFC]);
        let aac = aac.expect("an ADTS header");
        assert_eq!((aac.sample_rate_hz, aac.channels), (44_100, 2));
        assert_eq!(aac.codec_string(), "mp4a.40.2");
        let g711 =
            SoundParameters::from_unit(Codec::G711A, &[0xD5; 320]).expect("always described");
        assert_eq!(
            (g711.samples(&[0xD5; 320]), g711.codec_string()),
            (320, "flac".to_owned())
        );
        assert_eq!(SoundParameters::from_unit(Codec::Aac, &[0xFF, 0xF1]), None);
        assert_eq!(SoundParameters::from_unit(Codec::H264, &[0; 9]), None);
    }
}
