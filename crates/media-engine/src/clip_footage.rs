//! What is told of the footage that a clip was made of besides its pictures: where some lacks, how far the clock may have been off,
//! whether it was set meanwhile. Rules A34, A47.
use recording::{Facts, FragmentFlags};

/// Spans that are named; more are counted alone.
const MOST_NAMED: usize = 100;
/// Fetched pieces nearer to each other are told as one.
const JOINED_US: i64 = 500_000;
/// Whoever asks from the moment when recording began has all of it: the first picture comes a moment later.
const FIRST_PICTURE_US: i64 = 500_000;

/// Of the part of a clip that was handed over. Wall clock: µs since 1970, UTC, of the node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClipFootage {
    /// The worst bound of its fragments; None: of one of them it is not known.
    pub clock_error_us: Option<u32>,
    /// How far the camera's own clock was ahead of the node's, the least and the most; None: it told none.
    pub camera_ahead_us: Option<(i64, i64)>,
    /// The node's clock was set within.
    pub clock_set: bool,
    /// The clock was set back within, and footage whose time had been already is not in the file.
    pub overlaps: bool,
    /// What its device recorded and the node did not, by the device's clock; ascending.
    pub fetched: Vec<(i64, i64)>,
    /// Asked for and not in the file, the earliest first: the first hundred.
    pub missing: Vec<(i64, i64)>,
    pub missing_us: i64,
}

/// Follows fragment by fragment.
#[derive(Clone, Debug)]
pub(crate) struct Following {
    told: ClipFootage,
    /// What was found last, also when it could not be shown.
    before: Option<Facts>,
    /// So far the file goes without a hole that was not told.
    until_us: i64,
    /// Of the node's own.
    shown: u64,
}

impl Following {
    pub fn new(from_us: i64) -> Self {
        Self {
            told: ClipFootage::default(),
            before: None,
            until_us: from_us,
            shown: 0,
        }
    }

    /// A fragment that was found; nothing is known yet of whether it can be shown.
    pub fn found(&mut self, facts: &Facts) {
        match self.before {
            // It begins with a key frame: what came before that was there, and is not missing.
            None => {
                let is_near = facts.start_us - self.until_us < FIRST_PICTURE_US;
                if is_near || facts.flags.has(FragmentFlags::FOLLOWS) {
                    self.until_us = facts.start_us;
                }
            }
            Some(before) => {
                let next = if before.run_us == facts.run_us {
                    before.sequence.wrapping_add(1)
                } else {
                    0
                };
                self.told.clock_set |= facts.flags.has(FragmentFlags::CLOCK_SET);
                let is_fetched = |one: &Facts| one.flags.has(FragmentFlags::FROM_DEVICE);
                let beside_fetched = is_fetched(facts) || is_fetched(&before); // it goes to where the node's begins
                self.told.overlaps |= !beside_fetched
                    && (facts.start_us < before.end_us
                        || facts.start_us == before.end_us && facts.sequence != next);
            }
        }
        self.before = Some(*facts);
    }

    /// There is other footage of the same time, and it is left out: the clock was set back.
    pub fn passes_over(&mut self) {
        (self.told.clock_set, self.told.overlaps) = (true, true);
    }

    /// Nothing was in the file so far that it could go on with.
    pub fn waits_for_key(&mut self, facts: &Facts) {
        if self.shown == 0 && self.until_us == facts.start_us {
            self.until_us = facts.end_us;
        }
    }

    /// The fragment found last is in the file, to `end_us`.
    pub fn shown(&mut self, facts: &Facts, end_us: i64) {
        self.miss(facts.start_us);
        self.until_us = self.until_us.max(end_us);
        if facts.flags.has(FragmentFlags::FROM_DEVICE) {
            match self.told.fetched.last_mut() {
                Some(last) if facts.start_us - last.1 <= JOINED_US => last.1 = end_us,
                _ => self.told.fetched.push((facts.start_us, end_us)),
            }
            return;
        }
        let worst = self.told.clock_error_us.zip(facts.clock_error_us);
        self.told.clock_error_us = match worst {
            Some((one, other)) => Some(one.max(other)),
            None if self.shown == 0 => facts.clock_error_us,
            None => None,
        };
        self.shown += 1;
        if let Some(ahead_us) = facts.camera_us.map(|told| told - facts.start_us) {
            let (least, most) = self.told.camera_ahead_us.unwrap_or((ahead_us, ahead_us));
            self.told.camera_ahead_us = Some((least.min(ahead_us), most.max(ahead_us)));
        }
    }

    fn miss(&mut self, until_us: i64) {
        if until_us > self.until_us {
            if self.told.missing.len() < MOST_NAMED {
                self.told.missing.push((self.until_us, until_us));
            }
            self.told.missing_us += until_us - self.until_us;
        }
    }

    /// All of it, where the file should have gone on to `to_us`; None: it ended where it ended.
    pub fn told(mut self, to_us: Option<i64>) -> ClipFootage {
        if let Some(to_us) = to_us {
            self.miss(to_us);
        }
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(sequence: u32, start_s: i64, end_s: i64, flags: FragmentFlags) -> Facts {
        let (start_us, end_us) = (start_s * 1_000_000, end_s * 1_000_000);
        Facts {
            flags,
            sequence,
            run_us: 0,
            start_us,
            end_us,
            clock_error_us: Some(sequence * 10),
            camera_us: None,
            decode_90k: 0,
            duration_90k: 0,
            pictures: 1,
            sounds: 0,
            key_bytes: 0,
            other_bytes: 0,
        }
    }

    /// Times in seconds.
    fn clip(from_s: i64, to_s: i64, fragments: &[Facts]) -> ClipFootage {
        let (from_us, to_us) = (from_s * 1_000_000, to_s * 1_000_000);
        let mut following = Following::new(from_us);
        for facts in fragments {
            following.found(facts);
            following.shown(facts, facts.end_us.min(to_us));
        }
        following.told(Some(to_us))
    }

    const FIRST: FragmentFlags = FragmentFlags::KEY;

    fn next() -> FragmentFlags {
        FIRST.with(FragmentFlags::FOLLOWS, true)
    }

    #[test]
    fn nothing_is_missing_of_footage_that_goes_on() {
        let told = clip(
            100,
            350,
            &[fragment(1, 150, 250, next()), fragment(2, 250, 400, next())],
        );
        let wanted = ClipFootage {
            clock_error_us: Some(20),
            ..ClipFootage::default()
        };
        assert_eq!(
            told, wanted,
            "the group that began before is not missing, it is cut"
        );
    }

    #[test]
    fn holes_are_named_before_within_and_behind() {
        let told = clip(
            100,
            500,
            &[fragment(0, 150, 250, FIRST), fragment(3, 300, 400, FIRST)],
        );
        let seconds = told
            .missing
            .iter()
            .map(|one| (one.0 / 1_000_000, one.1 / 1_000_000));
        assert_eq!(
            seconds.collect::<Vec<_>>(),
            [(100, 150), (250, 300), (400, 500)]
        );
        assert_eq!(told.missing_us, 200_000_000);
        assert!(!told.overlaps && !told.clock_set);
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_with_what_is_left_out() {
        let set = next().with(FragmentFlags::CLOCK_SET, true);
        let told = clip(
            100,
            300,
            &[fragment(0, 100, 200, FIRST), fragment(1, 150, 300, set)],
        );
        assert!(told.overlaps && told.clock_set);
        // One that lies in time that has been was not even found.
        let told = clip(
            100,
            300,
            &[fragment(0, 100, 200, FIRST), fragment(2, 200, 300, next())],
        );
        assert!(told.overlaps && told.missing.is_empty());
    }

    #[test]
    fn what_the_device_recorded_is_named_and_has_its_own_clock() {
        let mut fetched = fragment(0, 200, 250, FIRST.with(FragmentFlags::FROM_DEVICE, true));
        (fetched.run_us, fetched.clock_error_us) = (7, None);
        let on = fragment(9, 250, 300, FIRST);
        let told = clip(100, 300, &[fragment(7, 100, 200, FIRST), fetched, on]);
        assert_eq!(told.fetched, [(200_000_000, 250_000_000)]);
        assert_eq!((told.clock_error_us, told.overlaps), (Some(90), false));
    }

    #[test]
    fn an_unknown_clock_error_is_the_worst() {
        for unknown in 0..3 {
            let mut fragments: Vec<_> = (0..3u32)
                .map(|at| {
                    fragment(
                        at,
                        i64::from(at) * 100,
                        i64::from(at) * 100 + 100,
                        if at == 0 { FIRST } else { next() },
                    )
                })
                .collect();
            fragments[unknown].clock_error_us = None;
            assert_eq!(clip(0, 300, &fragments).clock_error_us, None);
        }
    }

    #[test]
    fn how_far_the_cameras_clock_is_off_is_told_of_its_own_footage() {
        let at = |sequence: u32, camera_s: Option<i64>, flags: FragmentFlags| {
            let start_s = i64::from(sequence) * 100;
            Facts {
                camera_us: camera_s.map(|ahead_s| (start_s + ahead_s) * 1_000_000),
                ..fragment(sequence, start_s, start_s + 100, flags)
            }
        };
        let fetched = next().with(FragmentFlags::FROM_DEVICE, true);
        let told = clip(
            0,
            500,
            &[
                at(0, None, FIRST),
                at(1, Some(20), next()),
                at(2, Some(-3), next()),
                at(3, None, next()),
                at(4, Some(0), fetched),
            ],
        );
        assert_eq!(told.camera_ahead_us, Some((-3_000_000, 20_000_000)));
        assert_eq!(clip(0, 100, &[at(0, None, FIRST)]).camera_ahead_us, None);
    }

    #[test]
    fn spans_are_bounded_and_their_time_is_not() {
        let many: Vec<_> = (0..1_000)
            .map(|at| fragment(at, i64::from(at) * 10 + 5, i64::from(at) * 10 + 10, FIRST))
            .collect();
        let told = clip(0, 10_000, &many);
        assert_eq!((told.missing.len(), told.missing_us), (100, 5_000_000_000));
    }
}
