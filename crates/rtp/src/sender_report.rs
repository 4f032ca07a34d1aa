//! The sender report of RTCP: which of a stream's time stamps belongs to which time of the sender's clock. Source: RFC 3550 §6.4.1.
use crate::packet::is_rtcp;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
/// Header, SSRC and sender's information, bytes.
const FIXED_BYTES: usize = 28;
const BLOCK_BYTES: usize = 24;
/// From 1900, where NTP counts from, to 1970, seconds.
const NTP_TO_UNIX_S: i64 = 2_208_988_800;
const ERA_S: i64 = 1 << 32;

/// What a sender says of its clock.
/// ```text
/// |V=2|P|   RC    |   PT = 200    |   length in words, less one   |
/// |                        SSRC of sender                         |
/// |       NTP: seconds since 1900, then their fraction            |
/// |                 the same instant as RTP time                  |
/// |          packets, octets, then RC blocks of six words         |
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderReport {
    pub ssrc: u32,
    /// Seconds since 1900 in the upper half, their fraction in the lower; 0: the sender has no clock.
    pub ntp: u64,
    pub rtp_timestamp: u32,
}

impl SenderReport {
    /// The sender report at the head of a compound packet. None for all that is not valid to its last byte (RFC 3550 A.2), and
    /// for one that begins with another report.
    pub fn parse(compound: &[u8]) -> Option<Self> {
        let mut rest = compound;
        while !rest.is_empty() {
            let length = packet_length(rest)?;
            let is_first = rest.len() == compound.len();
            let is_padded = rest[0] & 0x20 != 0;
            let padding = usize::from(rest[length - 1]);
            let fits = padding != 0 && padding.is_multiple_of(4) && padding <= length - 4;
            let may_be_padded = !is_first && length == rest.len();
            let is_report = matches!(rest[1], SENDER_REPORT | RECEIVER_REPORT);
            if is_first && !is_report || is_padded && !(may_be_padded && fits) {
                return None;
            }
            rest = &rest[length..];
        }
        let blocks = usize::from(*compound.first()? & 0x1F);
        let length = packet_length(compound)?;
        let whole = compound.get(..length)?;
        if whole[1] != SENDER_REPORT || length < FIXED_BYTES + blocks * BLOCK_BYTES {
            return None;
        }
        let (ssrc, rest) = whole[4..].split_first_chunk()?;
        let (ntp, rest) = rest.split_first_chunk()?;
        Some(Self {
            ssrc: u32::from_be_bytes(*ssrc),
            ntp: u64::from_be_bytes(*ntp),
            rtp_timestamp: u32::from_be_bytes(*rest.first_chunk()?),
        })
    }

    /// Alone, without blocks.
    pub fn to_bytes(&self) -> [u8; FIXED_BYTES] {
        let mut bytes = [0; FIXED_BYTES];
        bytes[..4].copy_from_slice(&[0x80, SENDER_REPORT, 0, FIXED_BYTES as u8 / 4 - 1]);
        bytes[4..8].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.ntp.to_be_bytes());
        bytes[16..20].copy_from_slice(&self.rtp_timestamp.to_be_bytes());
        bytes
    }

    /// The sender's time, µs since 1970; None where it has no clock. NTP begins anew in 2036: of the two times that are meant by
    /// one number, it is the one between 1968 and 2104 (RFC 4330 §3).
    pub fn wall_us(&self) -> Option<i64> {
        if self.ntp == 0 {
            return None;
        }
        let seconds = i64::from((self.ntp >> 32) as u32);
        let era = if seconds < ERA_S / 2 { ERA_S } else { 0 };
        let fraction_us = (((self.ntp & 0xFFFF_FFFF) * 1_000_000) >> 32) as i64;
        Some((seconds + era - NTP_TO_UNIX_S) * 1_000_000 + fraction_us)
    }
}

/// Bytes of the RTCP packet at the beginning, within what is there.
fn packet_length(bytes: &[u8]) -> Option<usize> {
    let &[_, _, high, low] = bytes.first_chunk().filter(|_| is_rtcp(bytes))?;
    let length = 4 * (usize::from(u16::from_be_bytes([high, low])) + 1);
    (length <= bytes.len()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REPORT: SenderReport = SenderReport {
        ssrc: 200_000_001,
        ntp: (1_764_000_000 + NTP_TO_UNIX_S as u64) << 32 | 1 << 31,
        rtp_timestamp: 0xFFFF_FFF0,
    };

    /// One source description of eight bytes.
    const DESCRIPTION: [u8; 12] = [0x81, 202, 0, 2, 0x0B, 0xEB, 0xC2, 1, 1, 0, 0, 0];

    #[test]
    fn a_report_says_when_a_time_stamp_was() {
        assert_eq!(SenderReport::parse(&REPORT.to_bytes()), Some(REPORT));
        assert_eq!(REPORT.wall_us(), Some(1_764_000_000_500_000));
        let compound = [&REPORT.to_bytes()[..], &DESCRIPTION].concat();
        assert_eq!(SenderReport::parse(&compound), Some(REPORT));
    }

    #[test]
    fn blocks_of_other_streams_are_passed_over_and_must_be_there() {
        let mut bytes = [&REPORT.to_bytes()[..], &[7; BLOCK_BYTES]].concat();
        (bytes[0], bytes[3]) = (0x81, 12);
        assert_eq!(SenderReport::parse(&bytes), Some(REPORT));
        bytes[0] = 0x82;
        assert_eq!(SenderReport::parse(&bytes), None);
    }

    #[test]
    fn no_clock_is_no_time_and_the_second_era_follows_the_first() {
        let at = |ntp| SenderReport { ntp, ..REPORT }.wall_us();
        assert_eq!(at(0), None);
        assert_eq!(at(u64::MAX), Some(2_085_978_495_999_999)); // 2036-02-07T06:28:15Z
        assert_eq!(at(1 << 32), Some(2_085_978_497_000_000));
    }

    #[test]
    fn what_is_not_valid_to_its_last_byte_says_nothing() {
        let whole = [&REPORT.to_bytes()[..], &DESCRIPTION].concat();
        for cut in (0..whole.len()).filter(|&cut| cut != FIXED_BYTES) {
            assert_eq!(SenderReport::parse(&whole[..cut]), None, "cut at {cut}");
        }
        for (at, byte) in [
            (0, 0x40),
            (0, 0xA0),
            (1, 199),
            (1, 201),
            (1, 202),
            (3, 5),
            (3, 7),
            (28, 0),
            (29, 96),
            (31, 3),
        ] {
            let mut changed = whole.clone();
            changed[at] = byte;
            assert_eq!(SenderReport::parse(&changed), None, "{byte} at {at}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_report_or_none(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = SenderReport::parse(&bytes).and_then(|report| report.wall_us());
        }

        #[test]
        fn any_bytes_behind_a_head_are_a_report_or_none(count in 0u8..32, kind in 199u8..=205, length: u8, rest in prop::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [&[0x80 | count, kind, 0, length % 52][..], &rest].concat();
            let _ = SenderReport::parse(&bytes).and_then(|report| report.wall_us());
        }

        #[test]
        fn what_is_written_is_read(ssrc: u32, ntp: u64, rtp_timestamp: u32) {
            let report = SenderReport { ssrc, ntp, rtp_timestamp };
            prop_assert_eq!(SenderReport::parse(&report.to_bytes()), Some(report));
            let lies = |us: i64| (-62_000_000_000_000..4_240_000_000_000_000).contains(&us);
            prop_assert!(report.wall_us().is_none_or(lies));
        }
    }
}
