//! A source's pictures described.
use bytes::Bytes;
use elementary::{SoundParameters, VideoParameters};
use media_types::Codec;

/// What a player must know before the first picture.
#[derive(Clone, Debug)]
pub struct VideoInfo {
    pub codec: Codec,
    pub codec_string: String,
    pub width: u32,
    pub height: u32,
    /// None: no sound, or none that may be heard.
    pub sound: Option<SoundParameters>,
    pub init_segment: Bytes,
    /// The parameter sets themselves, for who describes the pictures in another form.
    pub parameters: VideoParameters,
    /// Grows with each change of codec, size or sound: a reader that sees another number must begin anew.
    pub generation: u64,
}
