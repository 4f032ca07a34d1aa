//! H.265 in RTP, both ways, without decoding order numbers. Source: RFC 7798 §4.4.
use crate::payload_format::{Fragment, PayloadError, append_aggregate, append_unit};
use elementary::{START_CODE, nal_units};

const AGGREGATION: u8 = 48;
const FRAGMENTATION: u8 = 49;

/// Payloads to Annex B: single NAL units, aggregation packets, fragmentation units.
#[derive(Clone, Debug, Default)]
pub struct H265Depacketizer {
    in_fragment: bool,
}

impl H265Depacketizer {
    /// Appends what the payload carries. After an error `annex_b` is as before.
    pub fn push(&mut self, payload: &[u8], annex_b: &mut Vec<u8>) -> Result<(), PayloadError> {
        let [first, second, rest @ ..] = payload else {
            return Err(PayloadError::TooShort);
        };
        match first >> 1 & 0x3F {
            0..=47 => {
                self.in_fragment = false;
                append_unit(payload, annex_b);
                Ok(())
            }
            AGGREGATION => {
                self.in_fragment = false;
                append_aggregate(rest, annex_b)
            }
            FRAGMENTATION => {
                let [header, fragment @ ..] = rest else {
                    return Err(PayloadError::TooShort);
                };
                if header & 0x80 != 0 {
                    annex_b.extend_from_slice(&START_CODE);
                    annex_b.extend_from_slice(&[first & 0x81 | (header & 0x3F) << 1, *second]);
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

/// Annex B to payloads: single NAL units and fragmentation units.
#[derive(Clone, Copy, Debug)]
pub struct H265Packetizer {
    max_payload: usize,
}

impl H265Packetizer {
    /// `max_payload`: bytes of RTP payload, at least 16.
    pub fn new(max_payload: usize) -> Self {
        Self {
            max_payload: max_payload.max(16),
        }
    }

    /// Hands over the payloads of one access unit in order. Units shorter than their header are left out.
    pub fn packetize(&self, annex_b: &[u8], mut on_payload: impl FnMut(Fragment<'_>)) {
        let mut units = nal_units(annex_b).filter(|unit| unit.len() > 2).peekable();
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
            let kind = unit[0] >> 1 & 0x3F;
            let mut chunks = unit[2..].chunks(self.max_payload - 3).peekable();
            let mut start = 0x80;
            while let Some(chunk) = chunks.next() {
                let end = chunks.peek().is_none();
                let prefix = [
                    unit[0] & 0x81 | FRAGMENTATION << 1,
                    unit[1],
                    start | u8::from(end) << 6 | kind,
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
    fn aggregated_parameter_sets_get_start_codes() {
        let mut annex_b = Vec::new();
        let payload = [0x60, 1, 0, 3, 0x40, 1, 9, 0, 3, 0x42, 1, 8];
        H265Depacketizer::default()
            .push(&payload, &mut annex_b)
            .expect("both units fit");
        assert_eq!(annex_b, [0, 0, 0, 1, 0x40, 1, 9, 0, 0, 0, 1, 0x42, 1, 8]);
    }

    #[test]
    fn faults_are_named_and_leave_the_frame_alone() {
        let mut annex_b = vec![1];
        for (payload, error) in [
            (&[0x62][..], PayloadError::TooShort),
            (&[0x60, 1, 0, 3, 0x40], PayloadError::AggregateOverrun),
            (&[0x62, 1, 0x13, 1], PayloadError::FragmentWithoutStart),
            (&[0x64, 1, 1], PayloadError::Unsupported(50)),
        ] {
            assert_eq!(
                H265Depacketizer::default().push(payload, &mut annex_b),
                Err(error)
            );
            assert_eq!(annex_b, [1]);
        }
    }

    proptest! {
        #[test]
        fn what_is_packetized_is_put_together_again(
            units in prop::collection::vec((0u8..48, prop::collection::vec(1u8.., 1..200)), 1..6), max in 16usize..80
        ) {
            let mut frame = Vec::new();
            for (kind, body) in &units {
                append_unit(&[&[kind << 1, 1], &body[..]].concat(), &mut frame);
            }
            let (mut depacketizer, mut again) = (H265Depacketizer::default(), Vec::new());
            H265Packetizer::new(max).packetize(&frame, |fragment| {
                let payload = [fragment.prefix, fragment.body].concat();
                assert!(payload.len() <= max);
                depacketizer.push(&payload, &mut again).expect("our own payload");
            });
            prop_assert_eq!(again, frame);
        }
    }
}
