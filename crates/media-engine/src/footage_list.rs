//! Recorded footage as a playlist of a known end: which fragments make a segment, and the text. Pure. Source: RFC 8216.
use crate::footage_asks::GAP_US;
use std::fmt::Write as _;

/// A segment is ended by the first key frame after so long; of a long time there are no more than [`MOST`].
const SEGMENT_US: i64 = 6_000_000;
const MOST: i64 = 3_600;
/// Without a key frame for so many times its length a segment is cut all the same.
const LONGEST: i64 = 4;

/// Fragments that are asked for at once. Times: µs since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    from_us: i64,
    to_us: i64,
    /// It does not go on from the one before: something lacks between, or it has another head.
    leaps: bool,
    /// It has another head than the one before.
    described: bool,
}

/// Gathers fragments, the earliest first.
pub(crate) struct Listing<Head> {
    to_us: i64,
    segment_us: i64,
    segments: Vec<Segment>,
    head: Option<Head>,
    /// What lies there cannot be shown: the next segment begins with a key frame.
    broken: bool,
}

impl<Head: PartialEq> Listing<Head> {
    /// Of footage between two times.
    pub fn new(from_us: i64, to_us: i64) -> Self {
        Self {
            to_us,
            segment_us: SEGMENT_US.max(to_us.saturating_sub(from_us) / MOST),
            segments: Vec::new(),
            head: None,
            broken: true,
        }
    }

    /// A fragment, and the head that describes it.
    pub fn take(&mut self, start_us: i64, end_us: i64, is_key: bool, head: Head) {
        let last = self.segments.last().copied();
        let described = self.head.as_ref() != Some(&head);
        let lacks = last.is_none_or(|last| start_us.saturating_sub(last.to_us) > GAP_US);
        let leaps = self.broken || lacks || described;
        if leaps && !is_key {
            self.broken = true; // nothing that was shown leads to it
            return;
        }
        let end_us = end_us.min(self.to_us).max(start_us + 1);
        let length_us = last.map_or(0, |last| start_us - last.from_us);
        let is_full = length_us >= self.segment_us
            && (is_key || length_us >= self.segment_us.saturating_mul(LONGEST));
        match self.segments.last_mut() {
            Some(last) if !leaps && !is_full => last.to_us = end_us.max(last.to_us),
            _ => self.segments.push(Segment {
                from_us: start_us,
                to_us: end_us,
                leaps,
                described,
            }),
        }
        self.head = Some(head);
        self.broken = false;
    }

    /// What lies there cannot be read.
    pub fn damage(&mut self) {
        self.broken = true;
    }

    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// `ticket`: each address carries it.
    pub fn text(&self, ticket: &str) -> String {
        let length_us = |one: &Segment| one.to_us - one.from_us;
        let longest_us = self.segments.iter().map(length_us).max().unwrap_or(0);
        let target_s = longest_us.div_euclid(1_000_000) + 1;
        let mut out = String::with_capacity(256 + self.segments.len() * (120 + ticket.len()));
        // A String takes everything, here and below. Version 6: EXT-X-MAP.
        let _ = write!(
            out,
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{target_s}\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MEDIA-SEQUENCE:0\n"
        );
        for (at, one) in self.segments.iter().enumerate() {
            let (from, to) = (one.from_us, one.to_us);
            if one.leaps && at > 0 {
                out.push_str("#EXT-X-DISCONTINUITY\n");
            }
            if one.described {
                let _ = writeln!(out, "#EXT-X-MAP:URI=\"init.mp4?at={from}&ticket={ticket}\"");
            }
            if one.leaps {
                let _ = writeln!(out, "#EXT-X-PROGRAM-DATE-TIME:{}", date(from));
            }
            let (whole, rest) = (length_us(one) / 1_000_000, length_us(one) % 1_000_000);
            let _ = write!(
                out,
                "#EXTINF:{whole}.{rest:06},\nseg/{from}-{to}.m4s?ticket={ticket}\n"
            );
        }
        out.push_str("#EXT-X-ENDLIST\n");
        out
    }
}

/// ISO 8601 of µs since 1970, UTC. Source of the calendar: the days of four hundred years repeat.
fn date(us: i64) -> String {
    let (days, rest) = (us.div_euclid(86_400_000_000), us.rem_euclid(86_400_000_000));
    // Years begin in March: the odd day is the last one.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (milliseconds, seconds) = (rest / 1_000 % 1_000, rest / 1_000_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// `<from>-<to>.m4s`, within the period; None for anything else.
pub(crate) fn segment_of(file: &str, (from_us, to_us): (i64, i64)) -> Option<(i64, i64)> {
    let (from, to) = file.strip_suffix(".m4s")?.split_once('-')?;
    let (from, to) = (from.parse::<i64>().ok()?, to.parse::<i64>().ok()?);
    (from_us <= from && from < to && to <= to_us).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000;

    /// Groups of pictures of two seconds, with one head.
    fn listed(starts_s: &[i64]) -> Listing<&'static str> {
        let mut listing = Listing::new(0, 100 * S);
        for start_s in starts_s {
            listing.take(start_s * S, (start_s + 2) * S, true, "head");
        }
        listing
    }

    fn spans(listing: &Listing<&str>) -> Vec<(i64, i64, bool)> {
        let of = |one: &Segment| (one.from_us / S, one.to_us / S, one.leaps);
        listing.segments.iter().map(of).collect()
    }

    #[test]
    fn a_segment_is_some_groups_of_pictures_and_none_goes_over_a_gap() {
        let listing = listed(&[0, 2, 4, 6, 8, 20, 22]);
        assert_eq!(
            spans(&listing),
            [(0, 6, true), (6, 10, false), (20, 24, true)]
        );
        let text = listing.text("T.m");
        assert_eq!(text.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{text}");
        assert_eq!(text.matches("#EXT-X-MAP").count(), 1);
        assert!(text.contains("#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:20.000Z\n#EXTINF:4.000000,\nseg/20000000-24000000.m4s?ticket=T.m\n"), "{text}");
        assert!(text.contains("#EXT-X-TARGETDURATION:7\n") && text.ends_with("#EXT-X-ENDLIST\n"));
    }

    #[test]
    fn another_head_is_another_map_and_what_hangs_on_nothing_is_left_out() {
        let mut listing = Listing::new(0, 100 * S);
        listing.take(0, S, false, "one"); // its key frame may not be seen
        listing.take(S, 2 * S, true, "one");
        listing.take(2 * S, 3 * S, true, "other");
        listing.damage();
        listing.take(4 * S, 5 * S, false, "other");
        listing.take(5 * S, 6 * S, true, "other");
        assert_eq!(spans(&listing), [(1, 2, true), (2, 3, true), (5, 6, true)]);
        let text = listing.text("");
        assert_eq!(text.matches("#EXT-X-MAP").count(), 2, "{text}");
    }

    #[test]
    fn two_days_are_no_more_segments_than_a_player_can_take() {
        let day = 86_400 * S;
        let mut listing = Listing::new(0, 2 * day);
        for at in 0..86_400 {
            listing.take(at * 2 * S, (at + 1) * 2 * S, true, ());
        }
        assert_eq!(listing.segments.len(), 3_600);
        let mut long = Listing::new(0, 100 * S);
        for at in 0..100 {
            long.take(at * S, (at + 1) * S, at == 0, ());
        }
        assert!(long.segments.len() > 1, "a group that does not end is cut");
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (us, told) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_827_696_123_456, "2000-02-29T12:34:56.123Z"),
            (4_102_444_799_999_999, "2099-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(date(us), told);
        }
    }

    #[test]
    fn a_segment_lies_within_what_the_ticket_is_for() {
        assert_eq!(segment_of("10-20.m4s", (10, 20)), Some((10, 20)));
        for other in [
            "9-20.m4s",
            "10-21.m4s",
            "20-10.m4s",
            "10-20.mp4",
            "x-20.m4s",
            "",
        ] {
            assert_eq!(segment_of(other, (10, 20)), None, "{other}");
        }
    }
}
