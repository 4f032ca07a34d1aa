//! H.264 in RTP, both ways. Source: RFC 6184 §5.
use crate::payload_format::{Fragment, PayloadError, append_aggregate, append_unit};
use elementary::{START_CODE, nal_units};

const STAP_A: u8 = 24;
const STAP_B: u8 = 25;
const FU_A: u8 = 28;
const FU_B: u8 = 29;

/// Payloads to Annex B: single NAL units, STAP-A/B, FU-A/B.
#[derive(Clone, Debug, Default)]
pub struct H264Depacketizer {
    in_fragment: bool,
}

impl H264Depacketizer {
    /// Appends what the payload carries. After an error `annex_b` is as before.
    pub fn push(&mut self, payload: &[u8], annex_b: &mut Vec<u8>) -> Result<(), PayloadError> {
        let [indicator, rest @ ..] = payload else {
            return Err(PayloadError::TooShort);
        };
        match indicator & 0x1F {
            1..=23 => {
                self.in_fragment = false;
                append_unit(payload, annex_b);
                Ok(())
            }
            STAP_A => {
                self.in_fragment = false;
                append_aggregate(rest, annex_b)
            }
            STAP_B => {
                self.in_fragment = false;
                append_aggregate(rest.get(2..).ok_or(PayloadError::TooShort)?, annex_b)
            }
            kind @ (FU_A | FU_B) => {
                let [header, fragment @ ..] = rest else {
                    return Err(PayloadError::TooShort);
                };
                let starts = header & 0x80 != 0;
                let fragment = match kind {
                    FU_B => fragment.get(2..).ok_or(PayloadError::TooShort)?,
                    _ => fragment,
                };
                if starts {
                    annex_b.extend_from_slice(&START_CODE);
                    annex_b.push(indicator & 0xE0 | header & 0x1F);
                } else if !self.in_fragment {
                    return Err(PayloadError::FragmentWithoutStart);
                }
                annex_b.extend_from_slice(fragment);
                self.in_fragment = header & 0x40 == 0;
                Ok(())
            }
            kind => Err(PayloadError::Unsupported(kind)),
        }
    }

    /// True between the first and the last fragment of a NAL unit: the access unit cannot end here.
    pub fn in_fragment(&self) -> bool {
        self.in_fragment
    }

    /// To be called after a loss: later fragments of the unit are refused.
    pub fn lose(&mut self) {
        self.in_fragment = false;
    }
}

/// Annex B to payloads: single NAL units and FU-A (packetization-mode 1).
#[derive(Clone, Copy, Debug)]
pub struct H264Packetizer {
    max_payload: usize,
}

impl H264Packetizer {
    /// `max_payload`: bytes of RTP payload, at least 16.
    pub fn new(max_payload: usize) -> Self {
        Self {
            max_payload: max_payload.max(16),
        }
    }

    /// Hands over the payloads of one access unit in order.
    pub fn packetize(&self, annex_b: &[u8], mut on_payload: impl FnMut(Fragment<'_>)) {
        let mut units = nal_units(annex_b).peekable();
        while let Some(unit) = units.next() {
            let last_unit = units.peek().is_none();
            if unit.len() <= self.max_payload {
                on_payload(Fragment {
                    prefix: &[],
                    body: unit,
                    last: last_unit,
                });
                continue;
            }
            let (header, body) = (unit[0], &unit[1..]);
            let mut chunks = body.chunks(self.max_payload - 2).peekable();
            let mut start = 0x80;
            while let Some(chunk) = chunks.next() {
                let end = chunks.peek().is_none();
                let prefix = [
                    header & 0xE0 | FU_A,
                    start | u8::from(end) << 6 | header & 0x1F,
                ];
                on_payload(Fragment {
                    prefix: &prefix,
                    body: chunk,
                    last: last_unit && end,
                });
                start = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stap_a_gives_each_unit_a_start_code() {
        let mut annex_b = Vec::new();
        let payload = [0x78, 0, 2, 0x67, 0x42, 0, 0, 0, 1, 0x68];
        H264Depacketizer::default()
            .push(&payload, &mut annex_b)
            .expect("both units fit");
        assert_eq!(annex_b, [0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68]);
    }

    #[test]
    fn faults_are_named_and_leave_the_frame_alone() {
        let mut annex_b = vec![1];
        let mut depacketizer = H264Depacketizer::default();
        for (payload, error) in [
            (&[][..], PayloadError::TooShort),
            (&[0x78, 0, 1, 9, 0, 9, 1], PayloadError::AggregateOverrun),
            (&[0x7C, 0x05, 1], PayloadError::FragmentWithoutStart),
            (&[0x7C], PayloadError::TooShort),
            (&[0x1A, 1], PayloadError::Unsupported(26)),
        ] {
            assert_eq!(depacketizer.push(payload, &mut annex_b), Err(error));
            assert_eq!(annex_b, [1]);
        }
        depacketizer
            .push(&[0x7C, 0x85, 1], &mut annex_b)
            .expect("a first fragment");
        depacketizer.lose();
        assert_eq!(
            depacketizer.push(&[0x7C, 0x45, 1], &mut annex_b),
            Err(PayloadError::FragmentWithoutStart)
        );
    }

    proptest! {
        #[test]
        fn what_is_packetized_is_put_together_again(
            units in prop::collection::vec((0u8..4, 1u8..24, prop::collection::vec(1u8.., 1..200)), 1..6), max in 16usize..80
        ) {
            let mut frame = Vec::new();
            for (importance, kind, body) in &units {
                append_unit(&[&[importance << 5 | kind], &body[..]].concat(), &mut frame);
            }
            let (mut depacketizer, mut again, mut lasts) = (H264Depacketizer::default(), Vec::new(), Vec::new());
            H264Packetizer::new(max).packetize(&frame, |fragment| {
                let payload = [fragment.prefix, fragment.body].concat();
                assert!(payload.len() <= max);
                depacketizer.push(&payload, &mut again).expect("our own payload");
                lasts.push(fragment.last);
            });
            prop_assert_eq!(again, frame);
            prop_assert!(lasts.pop() == Some(true) && !lasts.contains(&true));
        }
    }
}
