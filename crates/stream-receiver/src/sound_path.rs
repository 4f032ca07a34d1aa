//! The sound of a program stream, cut into units: G.711 as it comes, AAC frame by frame.
use crate::policy::UnmappedSoundPolicy;
use bytes::Bytes;
use elementary::AdtsHeader;
use media_types::Codec;
use program_stream::PsUnit;

/// An ADTS frame is 8 191 bytes at most.
const MAX_CARRIED: usize = 8_191;
/// So many steps of the time stamps that equal the samples between show a clock of 8 000 Hz instead of 90 000.
const SAMPLE_CLOCK_SHOWN: u32 = 3;

/// One unit and its time; None where the stream's own is no use.
pub(crate) type TimedUnit = (Codec, Option<i64>, Bytes);

#[derive(Debug, Default)]
pub(crate) struct SoundPath {
    is_aac: bool,
    /// The begin of an ADTS frame whose end comes with the next packet.
    carried: Vec<u8>,
    last: Option<(i64, usize)>,
    sample_clock: u32,
}

impl SoundPath {
    /// Bytes are missing: half a frame is dropped.
    pub fn lose(&mut self) {
        self.carried.clear();
        self.last = None;
    }

    /// The map's 0x90 is G.711 for most makers and AAC for some: ADTS headers decide.
    pub fn cut(&mut self, unit: PsUnit, unmapped: UnmappedSoundPolicy) -> Vec<TimedUnit> {
        if self.is_aac || is_aac(&unit.bytes, unit.stream_type) {
            self.is_aac = true;
            return self.cut_aac(unit);
        }
        let codec = match (unit.stream_type, unmapped) {
            (Some(0x90), _) | (None, UnmappedSoundPolicy::G711A) => Codec::G711A,
            (Some(0x91), _) | (None, UnmappedSoundPolicy::G711U) => Codec::G711U,
            _ => return Vec::new(),
        };
        let pts = unit.pts.0;
        self.note_clock(pts, unit.bytes.len());
        let usable = self.sample_clock < SAMPLE_CLOCK_SHOWN;
        vec![(codec, usable.then_some(pts), unit.bytes)]
    }

    fn note_clock(&mut self, pts: i64, len: usize) {
        if let Some((before, samples)) = self.last.replace((pts, len)) {
            let step = usize::try_from(pts.wrapping_sub(before)).unwrap_or(0);
            if step == samples {
                self.sample_clock = self.sample_clock.saturating_add(1);
            } else if step != 0 && self.sample_clock < SAMPLE_CLOCK_SHOWN {
                self.sample_clock = 0;
            }
        }
    }

    fn cut_aac(&mut self, unit: PsUnit) -> Vec<TimedUnit> {
        let mut units = Vec::new();
        let mut rest = if self.carried.is_empty() {
            unit.bytes
        } else {
            self.carried.extend_from_slice(&unit.bytes);
            Bytes::from(std::mem::take(&mut self.carried))
        };
        let mut pts = unit.pts.0;
        while let Some(at) = next_sync(&rest) {
            rest = rest.slice(at..);
            match AdtsHeader::parse(&rest) {
                Some(header) if header.frame_len <= rest.len() => {
                    units.push((Codec::Aac, Some(pts), rest.split_to(header.frame_len)));
                    pts += i64::from(header.samples) * 90_000 / i64::from(header.sample_rate_hz);
                }
                None if rest.len() >= 7 => rest = rest.slice(1..), // a sync word by chance
                _ => {
                    if rest.len() <= MAX_CARRIED {
                        self.carried = rest.to_vec();
                    }
                    break;
                }
            }
        }
        units
    }
}

/// A single G.711 unit may begin like a header by chance: its length must fit, too.
fn is_aac(bytes: &[u8], stream_type: Option<u8>) -> bool {
    let Some(header) = AdtsHeader::parse(bytes) else {
        return false;
    };
    stream_type == Some(0x0F)
        || bytes.len() == header.frame_len
        || bytes
            .get(header.frame_len..)
            .is_some_and(|next| AdtsHeader::parse(next).is_some())
}

fn next_sync(bytes: &[u8]) -> Option<usize> {
    let whole = bytes
        .windows(2)
        .position(|pair| pair[0] == 0xFF && pair[1] & 0xF6 == 0xF0);
    whole.or_else(|| (bytes.last() == Some(&0xFF)).then(|| bytes.len() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use media_types::Pts90k;
    use program_stream::Track;

    fn unit(stream_type: u8, pts: i64, bytes: Vec<u8>) -> PsUnit {
        PsUnit {
            track: Track::Audio,
            stream_type: Some(stream_type),
            pts: Pts90k(pts),
            rtp_time: pts,
            bytes: bytes.into(),
        }
    }

    fn adts(payload: usize) -> Vec<u8> {
        let len = 7 + payload;
        let mut frame = vec![
            0xFF,
            0xF1,
            0x6C,
            0x40,
            (len >> 3) as u8,
            (len << 5) as u8 | 0x1F,
            0xFC,
        ];
        frame.resize(len, 0x21);
        frame
    }

    #[test]
    fn aac_is_cut_into_its_frames_wherever_the_packets_end_and_whatever_the_map_says() {
        let stream = [adts(50), adts(90), adts(70)].concat();
        for (cut, stream_type) in (57..stream.len()).flat_map(|cut| [(cut, 0x0F), (cut, 0x90)]) {
            if stream_type == 0x90 && cut < 57 + 7 && cut != 57 {
                continue; // one header alone proves nothing against the map
            }
            let mut path = SoundPath::default();
            let mut frames = Vec::new();
            for part in [&stream[..cut], &stream[cut..]] {
                let cut = path.cut(
                    unit(stream_type, 0, part.to_vec()),
                    UnmappedSoundPolicy::Drop,
                );
                frames.extend(cut.into_iter().map(|(_, _, bytes)| bytes.to_vec()));
            }
            assert_eq!(frames, [adts(50), adts(90), adts(70)], "cut at {cut}");
        }
    }

    #[test]
    fn each_frame_of_a_packet_has_its_own_time() {
        let frames = SoundPath::default().cut(
            unit(0x0F, 900, [adts(9), adts(9)].concat()),
            UnmappedSoundPolicy::Drop,
        );
        let times: Vec<_> = frames.iter().map(|(_, pts, _)| *pts).collect();
        assert_eq!(times, [Some(900), Some(900 + 1_024 * 90_000 / 8_000)]);
    }

    #[test]
    fn time_stamps_that_count_samples_are_no_time() {
        let mut path = SoundPath::default();
        let times: Vec<bool> = (0..6)
            .map(|at| {
                path.cut(
                    unit(0x90, at * 320, vec![0xD5; 320]),
                    UnmappedSoundPolicy::Drop,
                )[0]
                .1
                .is_some()
            })
            .collect();
        assert_eq!(times, [true, true, true, false, false, false]);
        let mut right = SoundPath::default();
        for at in 0..6 {
            assert!(
                right.cut(
                    unit(0x91, at * 3_600, vec![0xFF; 320]),
                    UnmappedSoundPolicy::Drop
                )[0]
                .1
                .is_some()
            );
        }
    }

    #[test]
    fn sound_without_a_map_is_what_the_policy_says() {
        let cut = |policy| {
            let bare = PsUnit {
                stream_type: None,
                ..unit(0, 0, vec![0xD5; 160])
            };
            SoundPath::default()
                .cut(bare, policy)
                .first()
                .map(|unit| unit.0)
        };
        assert_eq!(cut(UnmappedSoundPolicy::Drop), None);
        assert_eq!(cut(UnmappedSoundPolicy::G711A), Some(Codec::G711A));
        assert_eq!(cut(UnmappedSoundPolicy::G711U), Some(Codec::G711U));
        let g722 = SoundPath::default().cut(unit(0x92, 0, vec![1; 80]), UnmappedSoundPolicy::G711A);
        assert!(g722.is_empty());
    }
}
