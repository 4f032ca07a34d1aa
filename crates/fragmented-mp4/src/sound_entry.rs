//! The sample entry of sound: `mp4a` with `esds` (ISO/IEC 14496-14 5.6, 14496-1 7.2.6), `fLaC` with `dfLa`, or bare G.711.
use crate::boxes::{boxed, full_box};
use bytes::{BufMut, BytesMut};
use elementary::SoundParameters;
use media_types::Codec;

const ES_DESCRIPTOR: u8 = 3;
const DECODER_CONFIG: u8 = 4;
const DECODER_SPECIFIC: u8 = 5;
const SYNC_LAYER: u8 = 6;
const MPEG4_AUDIO: u8 = 0x40;
const AUDIO_STREAM: u8 = 0x15;

/// How the track carries G.711.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum G711 {
    /// Browsers play it.
    AsFlac,
    /// The octets as they came (`alaw`, `ulaw`; QuickTime File Format, sound sample descriptions).
    AsItIs,
}

pub(crate) fn sound_entry(out: &mut BytesMut, sound: &SoundParameters, g711: G711) {
    let aac = sound.codec == Codec::Aac;
    let kind = match (sound.codec, g711) {
        (Codec::Aac, _) => b"mp4a",
        (Codec::G711A, G711::AsItIs) => b"alaw",
        (_, G711::AsItIs) => b"ulaw",
        _ => b"fLaC",
    };
    boxed(out, kind, |out| {
        out.put_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
        out.put_u64(0);
        out.put_u16(u16::from(sound.channels));
        out.put_u16(16);
        out.put_u32(0);
        // 16.16 fixed point; rates of AAC above 65 535 Hz do not fit and stand in the decoder's own description.
        out.put_u32(u32::from(u16::try_from(sound.sample_rate_hz).unwrap_or(0)) << 16);
        if aac {
            full_box(out, b"esds", 0, 0, |out| {
                es_descriptor(out, sound.audio_specific_config)
            });
        } else if g711 == G711::AsFlac {
            boxed(out, b"dfLa", |out| {
                out.put_slice(&flac::decoder_configuration())
            });
        }
    });
}

fn es_descriptor(out: &mut BytesMut, config: [u8; 2]) {
    let specific = [DECODER_SPECIFIC, 2, config[0], config[1]];
    let config_len = 13 + specific.len() as u8;
    out.put_slice(&[ES_DESCRIPTOR, 3 + 2 + config_len + 3, 0, 0, 0]);
    out.put_slice(&[DECODER_CONFIG, config_len, MPEG4_AUDIO, AUDIO_STREAM]);
    out.put_bytes(0, 11); // buffer size and bit rates unknown
    out.put_slice(&specific);
    out.put_slice(&[SYNC_LAYER, 1, 2]);
}
