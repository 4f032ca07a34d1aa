//! What a player asks of recorded footage, and what it is told: pure texts. docs/decisions/0042-playback.md.
use recording::{Facts, FragmentFlags, Turn, Way};
use std::fmt::Write as _;

/// Fragments of one answer at most.
const MOST: u32 = 64;
/// Between two fragments: below this it is the trembling of the network.
pub(crate) const GAP_US: i64 = 500_000;

/// `<number> <all|keys|back|peek> <µs since 1970> <seek|on> <fragments>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    /// The player's own, told again in the answer.
    pub number: u32,
    pub way: Way,
    pub at_us: i64,
    /// Goes on where the answer before ended: no key frame is looked for.
    pub on: bool,
    pub count: u32,
    /// The one key frame that an instant hangs on, beside what is played, which goes on where it is.
    pub peek: bool,
}

impl Ask {
    /// None for anything else.
    pub fn read(text: &[u8]) -> Option<Self> {
        let mut words = std::str::from_utf8(text).ok()?.split(' ');
        let mut word = || words.next();
        let number = word()?.parse().ok()?;
        let (way, peek) = match word()? {
            "all" => (Way::All, false),
            "keys" => (Way::Keys, false),
            "back" => (Way::Back, false),
            PEEK => (Way::Keys, true),
            _ => return None,
        };
        let ask = Self {
            number,
            way,
            peek,
            at_us: word()?.parse().ok()?,
            on: match word()? {
                "seek" => false,
                "on" => true,
                _ => return None,
            },
            count: word()?.parse::<u32>().ok()?.clamp(1, MOST),
        };
        word().is_none().then_some(ask)
    }
}

/// How a key frame is asked for and told that is looked at beside what is played.
pub(crate) const PEEK: &str = "peek";

pub(crate) fn way_name(way: Way) -> &'static str {
    match way {
        Way::All => "all",
        Way::Keys => "keys",
        Way::Back => "back",
    }
}

/// The answer's text: pieces in the order in which they pass; their bytes follow in one message, in the same order.
pub(crate) struct Answer {
    pieces: String,
    /// Where what was told so far ends, in the way's own direction.
    reached_us: i64,
}

impl Answer {
    pub fn beginning(at_us: i64) -> Self {
        Self {
            pieces: String::new(),
            reached_us: at_us,
        }
    }

    fn piece(&mut self) -> &mut String {
        if !self.pieces.is_empty() {
            self.pieces.push(',');
        }
        &mut self.pieces
    }

    pub fn init(&mut self, codec: &str, (width, height): (u16, u16), bytes: &[u8]) {
        let id = crc(bytes);
        let length = bytes.len();
        // A String takes everything, here and below.
        let _ = write!(
            self.piece(),
            r#"{{"kind":"init","id":"{id:08x}","mime":"video/mp4; codecs=\"{codec}\"","width":{width},"height":{height},"bytes":{length}}}"#
        );
    }

    /// Tells what is missing before a piece from `from_us` to `to_us`, and goes on behind it.
    pub fn reach(&mut self, way: Way, from_us: i64, to_us: i64) {
        let (missing, reached) = match way {
            Way::All | Way::Keys => ((self.reached_us, from_us), to_us),
            Way::Back => ((to_us, self.reached_us), from_us),
        };
        if missing.1.saturating_sub(missing.0) > GAP_US {
            let (from, to) = missing;
            let _ = write!(
                self.piece(),
                r#"{{"kind":"gap","from_us":{from},"to_us":{to}}}"#
            );
        }
        self.reached_us = reached;
    }

    pub fn fragment(&mut self, facts: &Facts, times_us: &[i64], bytes: usize) {
        let or_null =
            |value: Option<i64>| value.map_or_else(|| "null".to_owned(), |value| value.to_string());
        let (camera, error) = (
            or_null(facts.camera_us),
            or_null(facts.clock_error_us.map(i64::from)),
        );
        let (from, to) = (facts.start_us, facts.end_us);
        let times: Vec<String> = times_us.iter().map(i64::to_string).collect();
        let times = times.join(",");
        let fetched = facts.flags.has(FragmentFlags::FROM_DEVICE);
        let _ = write!(
            self.piece(),
            r#"{{"kind":"fragment","from_us":{from},"to_us":{to},"camera_us":{camera},"clock_error_us":{error},"from_device":{fetched},"times_us":[{times}],"bytes":{bytes}}}"#
        );
    }

    /// What is there cannot be read.
    pub fn damage(&mut self, from_us: i64, to_us: i64, reason: &str) {
        self.lacks("damage", from_us, to_us, reason);
    }

    /// It lies in the second tier, which does not give it now.
    pub fn away(&mut self, from_us: i64, to_us: i64, reason: &str) {
        self.lacks("away", from_us, to_us, reason);
    }

    fn lacks(&mut self, kind: &str, from_us: i64, to_us: i64, reason: &str) {
        let reason: String = reason.chars().filter(|one| !one.is_control()).collect();
        let reason = reason.replace(['"', '\\'], "'");
        let _ = write!(
            self.piece(),
            r#"{{"kind":"{kind}","from_us":{from_us},"to_us":{to_us},"reason":"{reason}"}}"#
        );
    }

    /// `ended`: there is no more footage that way, within what may be seen.
    pub fn text(&self, ask: &Ask, ended: bool, bytes: usize) -> String {
        format!(
            r#"{{"number":{},"way":"{}","next_us":{},"ended":{ended},"bytes":{bytes},"pieces":[{}]}}"#,
            ask.number,
            if ask.peek { PEEK } else { way_name(ask.way) },
            self.reached_us,
            self.pieces
        )
    }

    pub fn reached_us(&self) -> i64 {
        self.reached_us
    }
}

/// FNV-1a: two heads of one camera do not look alike by chance.
fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// `<camera>/<stream>/<from>-<to>`, µs since 1970: what a ticket of playback is for.
pub(crate) fn name_and_period(name: &str) -> Option<(&str, i64, i64)> {
    let (stream, period) = name.rsplit_once('/')?;
    let (from, to) = period.split_once('-')?;
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    (from < to).then_some((stream, from, to))
}

/// `<name>/turn-<n>`: of moments that were recorded more than once that recording is played. Without it the first.
pub(crate) fn name_and_turn(name: &str) -> Option<(&str, Turn)> {
    match name.rsplit_once("/turn-") {
        Some((name, turn)) => Some((name, turn.parse().ok()?)),
        None => Some((name, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_ask_is_five_words_and_nothing_else() {
        let ask = Ask::read(b"7 back 1764000000000000 on 500").expect("an ask");
        assert_eq!(
            ask,
            Ask {
                number: 7,
                way: Way::Back,
                at_us: 1_764_000_000_000_000,
                on: true,
                count: MOST,
                peek: false
            }
        );
        let peek = Ask::read(b"8 peek 5 seek 1").expect("a peek");
        assert_eq!((peek.way, peek.peek), (Way::Keys, true));
        for other in [
            "",
            "7",
            "7 fast 1 on 1",
            "7 all x on 1",
            "7 all 1 off 1",
            "7 all 1 on 1 1",
            "-1 all 1 on 1",
        ] {
            assert_eq!(Ask::read(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn what_is_missing_before_a_piece_is_told_in_either_direction() {
        let mut forward = Answer::beginning(1_000_000);
        forward.reach(Way::All, 1_400_000, 3_400_000);
        forward.reach(Way::All, 9_000_000, 10_000_000);
        let gap = r#"{"kind":"gap","from_us":3400000,"to_us":9000000}"#;
        assert_eq!(forward.pieces, gap);
        let mut back = Answer::beginning(10_000_000);
        back.reach(Way::Back, 8_000_000, 10_000_000);
        back.reach(Way::Back, 1_000_000, 2_000_000);
        let gap = r#"{"kind":"gap","from_us":2000000,"to_us":8000000}"#;
        assert_eq!((back.pieces.as_str(), back.reached_us), (gap, 1_000_000));
    }

    #[test]
    fn a_name_says_stream_and_period() {
        assert_eq!(
            name_and_period("5201/main/10-20"),
            Some(("5201/main", 10, 20))
        );
        for other in ["5201/main", "5201/main/20-10", "5201/main/a-b", "10-20", ""] {
            assert_eq!(name_and_period(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_ask_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = Ask::read(&bytes);
        }
    }
}
