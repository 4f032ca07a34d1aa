//! Pictures to H.264 by OpenH264 (BSD-2-Clause): for viewers whose browser cannot decode H.265, and for simulators.
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, IntraFramePeriod, RateControlMode,
    UsageType,
};
use openh264::formats::YUVSlices;
use openh264::{OpenH264API, Timestamp};

#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("planes of {found} bytes are not a {width}x{height} picture in YUV 4:2:0")]
    WrongSize {
        found: usize,
        width: usize,
        height: usize,
    },
    #[error("OpenH264: {0}")]
    Encoder(#[from] openh264::Error),
}

/// One stream's encoder. Planes are tight: `width` bytes a luma row, half of it a chroma row.
pub struct H264Encoder {
    encoder: Encoder,
    width: usize,
    height: usize,
    frame_ms: f64,
    frames: u64,
}

impl H264Encoder {
    /// `width` and `height` even, in pixels; `kbit_s`: target rate.
    pub fn new(
        width: usize,
        height: usize,
        frames_a_second: f64,
        kbit_s: u32,
    ) -> Result<Self, EncodeError> {
        let config = EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            .rate_control_mode(RateControlMode::Bitrate)
            .complexity(Complexity::Low)
            .bitrate(BitRate::from_bps(kbit_s * 1000))
            .max_frame_rate(FrameRate::from_hz(frames_a_second as f32))
            .skip_frames(false)
            .intra_frame_period(IntraFramePeriod::from_num_frames(
                (frames_a_second * 2.0).ceil() as u32,
            ));
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config)?;
        Ok(Self {
            encoder,
            width,
            height,
            frame_ms: 1000.0 / frames_a_second,
            frames: 0,
        })
    }

    /// The picture in Annex B, with parameter sets before each key frame.
    pub fn encode(
        &mut self,
        y: &[u8],
        u: &[u8],
        v: &[u8],
        force_key: bool,
    ) -> Result<Vec<u8>, EncodeError> {
        let (width, height) = (self.width, self.height);
        let chroma = (width / 2) * (height / 2);
        if y.len() != width * height || u.len() != chroma || v.len() != chroma {
            return Err(EncodeError::WrongSize {
                found: y.len() + u.len() + v.len(),
                width,
                height,
            });
        }
        if force_key {
            self.encoder.force_intra_frame();
        }
        let planes = YUVSlices::new((y, u, v), (width, height), (width, width / 2, width / 2));
        let at = Timestamp::from_millis((self.frames as f64 * self.frame_ms) as u64);
        self.frames += 1;
        Ok(self.encoder.encode_at(&planes, at)?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forced_key_frame_carries_its_parameter_sets() {
        let mut encoder = H264Encoder::new(64, 48, 10.0, 200).expect("an encoder");
        let (y, chroma) = (vec![90; 64 * 48], vec![128; 32 * 24]);
        for index in 0..5 {
            let annex_b = encoder
                .encode(&y, &chroma, &chroma, index == 3)
                .expect("a picture");
            let key = index == 0 || index == 3;
            assert_eq!(annex_b[4] & 0x1F == 7, key, "picture {index}");
        }
        assert!(encoder.encode(&y[1..], &chroma, &chroma, false).is_err());
    }
}
