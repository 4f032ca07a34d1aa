//! What the payload formats of H.264 and H.265 have in common.
use elementary::START_CODE;
use std::fmt;

/// Why a payload gives no NAL unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadError {
    /// No byte, or fewer than the headers need.
    TooShort,
    /// An aggregation packet whose unit is longer than the rest of it.
    AggregateOverrun,
    /// A later fragment without the first: what came before was lost.
    FragmentWithoutStart,
    /// A packet type that no camera is known to send (MTAP, PACI, reserved).
    Unsupported(u8),
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => write!(f, "the payload is shorter than its headers"),
            Self::AggregateOverrun => write!(f, "an aggregated NAL unit is longer than its packet"),
            Self::FragmentWithoutStart => {
                write!(f, "a fragment came without the first of its NAL unit")
            }
            Self::Unsupported(kind) => write!(f, "packet type {kind} is not supported"),
        }
    }
}

impl std::error::Error for PayloadError {}

/// One RTP payload to send: `prefix` then `body`, so that nothing need be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    pub prefix: &'a [u8],
    pub body: &'a [u8],
    /// The last of the access unit: its packet gets the marker.
    pub last: bool,
}

/// Units of an aggregation packet: 16-bit length, then the unit, repeated. Nothing is written unless all fits.
pub(crate) fn append_aggregate(mut rest: &[u8], annex_b: &mut Vec<u8>) -> Result<(), PayloadError> {
    let before = annex_b.len();
    while let Some((len, after)) = rest.split_first_chunk::<2>() {
        let len = usize::from(u16::from_be_bytes(*len));
        let Some(unit) = after.get(..len) else {
            annex_b.truncate(before);
            return Err(PayloadError::AggregateOverrun);
        };
        if !unit.is_empty() {
            append_unit(unit, annex_b);
        }
        rest = &after[len..];
    }
    Ok(())
}

pub(crate) fn append_unit(unit: &[u8], annex_b: &mut Vec<u8>) {
    annex_b.extend_from_slice(&START_CODE);
    annex_b.extend_from_slice(unit);
}
