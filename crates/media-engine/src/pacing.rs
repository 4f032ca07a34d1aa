//! When which picture of recorded footage is sent that passes at the node's pace, and how it is framed: in media time that runs as
//! the clock does, whatever the speed and over gaps. Pure.
use crate::steering::Wish;
use crate::viewer::message;
use bytes::{Bytes, BytesMut};
use fragmented_mp4::{Description, Run, Sample, Track, movie_fragment};
use recording::{Picture, Way};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stream_hub::websocket_header;

/// Above it key frames alone pass.
const EVERY_PICTURE_TO: f64 = 4.0;
/// Who is so much later than the pace goes on from there: what was missed is not sent faster.
const LATE: Duration = Duration::from_secs(1);
const TEXT: u8 = 1;
const BINARY: u8 = 2;

/// Pictures that pass one after the other.
pub(crate) struct Stretch {
    pub pictures: VecDeque<Picture>,
    pub description: Arc<Description>,
    /// It does not go on from what came before, or has another head.
    pub anew: bool,
}

/// What another wish changes for whoever reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    pub leap_us: Option<i64>,
    /// Every picture, where key frames alone passed, or the other way round.
    pub other_way: bool,
    /// What comes is to be described anew.
    pub anew: bool,
}

/// What is sent when. Pure.
pub(crate) struct Sending {
    pub wish: Wish,
    pictures: VecDeque<Picture>,
    description: Option<Arc<Description>>,
    /// Of the picture that comes next.
    anew: bool,
    /// There is no more footage.
    pub over: bool,
    /// A leap while it is paused shows where it went to.
    pub owed: bool,
    /// Media time of the picture that comes next, ticks; and at which moment which media time passed.
    decode_90k: f64,
    anchor: (Instant, f64),
    sequence: u32,
}

impl Sending {
    pub fn new(wish: Wish) -> Self {
        Self {
            wish,
            pictures: VecDeque::new(),
            description: None,
            anew: false,
            over: false,
            owed: false,
            decode_90k: 0.0,
            anchor: (Instant::now(), 0.0),
            sequence: 0,
        }
    }

    pub fn way(&self) -> Way {
        if self.wish.speed > EVERY_PICTURE_TO {
            Way::Keys
        } else {
            Way::All
        }
    }

    pub fn wants_more(&self) -> bool {
        self.pictures.is_empty() && !self.over && (!self.wish.paused || self.owed)
    }

    pub fn take(&mut self, stretch: Stretch) {
        self.pictures = stretch.pictures;
        self.description = Some(stretch.description);
        self.anew = stretch.anew;
    }

    /// When the next picture passes, or the end.
    pub fn due(&self) -> Option<Instant> {
        if self.wish.paused {
            return (self.owed && !self.pictures.is_empty()).then(Instant::now);
        }
        let after = (self.decode_90k - self.anchor.1) / 90_000.0;
        Some(self.anchor.0 + Duration::from_secs_f64(after.max(0.0)))
    }

    /// The picture that is due; None: all has passed.
    pub fn next(&mut self) -> Option<Picture> {
        let now = Instant::now();
        if self.owed || self.due().is_some_and(|due| now > due + LATE) {
            self.anchor = (now, self.decode_90k);
        }
        self.owed = false;
        self.pictures.pop_front()
    }

    /// Takes another wish, and tells what it changes for whoever reads.
    pub fn steer(&mut self, wish: Wish) -> Change {
        let before = std::mem::replace(&mut self.wish, wish);
        let leap_us = (before.leap.0 != wish.leap.0).then_some(wish.leap.1);
        let other_way = (before.speed > EVERY_PICTURE_TO) != (wish.speed > EVERY_PICTURE_TO);
        let other_speed = before.speed.to_bits() != wish.speed.to_bits();
        if leap_us.is_some() {
            self.owed = wish.paused;
        }
        if leap_us.is_some() || other_way {
            self.pictures.clear();
            self.over = false;
        }
        self.anew |= other_speed && !self.pictures.is_empty();
        self.anchor = (Instant::now(), self.decode_90k);
        Change {
            leap_us,
            other_way,
            anew: other_speed && self.pictures.is_empty(),
        }
    }

    /// Where what comes does not go on from what was sent: its description and head, as messages.
    pub fn described(&mut self, picture: &Picture) -> Option<Vec<Bytes>> {
        let description = self.description.as_ref().filter(|_| self.anew)?;
        let text = format!(
            r#"{{"codec":"{0}","sound":"","mime":"video/mp4; codecs=\"{0}\"","width":{1},"height":{2},"from_us":{3},"speed":{4}}}"#,
            description.codec_string,
            description.width,
            description.height,
            picture.time_us,
            self.wish.speed
        );
        let head = message(BINARY, &description.pictures_only);
        self.anew = false;
        Some(vec![message(TEXT, text.as_bytes()), head])
    }

    /// A picture as a message: a fragment of its own, in the media time that passes.
    pub fn message(&mut self, picture: &Picture) -> Vec<Bytes> {
        let begun = self.decode_90k.round();
        self.decode_90k += f64::from(picture.duration_90k) / self.wish.speed;
        let sample = Sample {
            size: picture.bytes.len() as u32, // of a fragment's picture, which has a size of 32 bits
            duration: (self.decode_90k.round() - begun) as u32, // of seconds
            composition_offset: (f64::from(picture.composition_90k) / self.wish.speed) as i32, // of seconds
            key: picture.key,
        };
        self.sequence = self.sequence.wrapping_add(1);
        let run = Run {
            track: Track::Video,
            decode_time: begun as u64, // it counts from 0
            samples: &[sample],
        };
        let mut head = BytesMut::with_capacity(160);
        if !movie_fragment(&mut head, self.sequence, &[run]) {
            return Vec::new(); // beyond 4 GiB: no picture
        }
        let mut framed = BytesMut::with_capacity(head.len() + 10);
        websocket_header(&mut framed, BINARY, head.len() + picture.bytes.len());
        framed.extend_from_slice(&head);
        vec![framed.freeze(), picture.bytes.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sending(speed: f64) -> Sending {
        Sending::new(Wish {
            speed,
            paused: false,
            leap: (0, 0),
        })
    }

    fn picture() -> Picture {
        Picture {
            time_us: 0,
            duration_90k: 3_600,
            composition_90k: 7_200,
            key: true,
            bytes: Bytes::from_static(b"picture"),
        }
    }

    #[test]
    fn media_time_runs_as_the_clock_does_and_loses_nothing_by_rounding() {
        for (speed, ticks) in [
            (1.0, 360_000),
            (4.0, 90_000),
            (32.0, 11_250),
            (0.125, 2_880_000),
            (3.0, 120_000),
        ] {
            let mut sending = sending(speed);
            let begun = sending.anchor.0;
            for _ in 0..100 {
                assert_eq!(sending.message(&picture()).len(), 2);
            }
            assert_eq!(sending.decode_90k.round() as u64, ticks, "{speed}");
            let due = sending.due().expect("it runs") - begun;
            assert!((due.as_secs_f64() - ticks as f64 / 90_000.0).abs() < 1e-6);
        }
    }

    #[test]
    fn whoever_is_late_is_not_sent_what_was_missed_at_once() {
        let mut sending = sending(1.0);
        sending.anchor.0 -= Duration::from_secs(60);
        sending.pictures.extend([picture(), picture()]);
        let first = sending.next().expect("a picture");
        sending.message(&first);
        let due = sending.due().expect("it runs");
        assert!(due > Instant::now(), "the next one passes at its own time");
    }

    #[test]
    fn a_pause_holds_and_a_leap_within_it_shows_one_picture() {
        let mut sending = sending(1.0);
        sending.wish.paused = true;
        assert!(!sending.wants_more() && sending.due().is_none());
        sending.owed = true;
        assert!(sending.wants_more());
        sending.pictures.extend([picture(), picture()]);
        assert!(sending.due().is_some() && sending.next().is_some());
        assert!(sending.due().is_none() && !sending.wants_more());
    }
}
