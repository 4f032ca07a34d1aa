//! The sound of a source beside its pictures: whether there is some, and where each unit stands in time.
use crate::frame::SoundTime;
use elementary::SoundParameters;

/// Where sound may come, pictures are described without it after this time: a map may announce sound that is off.
const AWAITED_90K: i64 = 27_000;
/// Sound that is missing for so long is taken out of the description: players wait for a track that stands still.
const SILENT_90K: i64 = 180_000;
/// Sound that went away so often is not taken up again: each time readers must begin anew.
const MAX_LOST: u32 = 3;
/// Time stamps this far (ms) from the count of samples are jitter.
const MAX_DRIFT_MS: u64 = 80;

#[derive(Debug, Default)]
pub(crate) struct SoundTrack {
    expected: bool,
    parameters: Option<SoundParameters>,
    lost: u32,
    last_90k: i64,
    next_sample: u64,
}

impl SoundTrack {
    pub fn expected() -> Self {
        Self {
            expected: true,
            ..Self::default()
        }
    }

    pub fn parameters(&self) -> Option<&SoundParameters> {
        self.parameters.as_ref()
    }

    /// Whether a description of the pictures at `video_90k` should wait for sound.
    pub fn is_awaited(&self, video_90k: i64) -> bool {
        self.expected && self.parameters.is_none() && self.lost == 0 && video_90k < AWAITED_90K
    }

    /// True when the sound has just been given up: the pictures went on without it.
    pub fn fell_silent(&mut self, video_90k: i64) -> bool {
        let silent = self.parameters.is_some() && video_90k - self.last_90k > SILENT_90K;
        if silent {
            self.parameters = None;
            self.lost += 1;
        }
        silent
    }

    /// Where a unit at `pts_90k` (since the first picture) stands; None if it is to be dropped. The second: whether the
    /// sound is to be described anew.
    pub fn place(
        &mut self,
        parameters: SoundParameters,
        samples: u32,
        pts_90k: i64,
    ) -> Option<(SoundTime, bool)> {
        if self.lost >= MAX_LOST || samples == 0 {
            return None;
        }
        let rate = u64::from(parameters.sample_rate_hz);
        let expected = u64::try_from(pts_90k).ok()? * rate / 90_000;
        let changed = self.parameters != Some(parameters);
        let limit = rate * MAX_DRIFT_MS / 1_000;
        let first_sample = match self.next_sample {
            next if !changed && next.abs_diff(expected) <= limit => next,
            next if !changed && expected < next => return None, // ahead of the pictures: one unit less
            _ => expected,
        };
        self.parameters = Some(parameters);
        self.last_90k = pts_90k;
        self.next_sample = first_sample + u64::from(samples);
        Some((
            SoundTime {
                first_sample,
                samples,
            },
            changed,
        ))
    }
}
