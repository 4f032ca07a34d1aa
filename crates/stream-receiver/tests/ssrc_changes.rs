//! A camera that changes its SSRC while the stream runs, and one that shares its port with another.
use media_types::{AccessUnit, Codec};
use rtp::RtpHeader;
use stream_receiver::{ReceiverPolicy, ReorderPolicy, SsrcChangePolicy, StreamReceiver};

const SETS: &[u8] = &[
    0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xF6, 0x80, 0, 0, 0, 1, 0x68, 0xCE, 0x3C,
    0x80,
];

fn picture(number: u32) -> Vec<u8> {
    let key = number.is_multiple_of(10);
    let mut unit = if key { SETS.to_vec() } else { Vec::new() };
    unit.extend([0, 0, 0, 1, if key { 0x65 } else { 0x41 }]);
    unit.extend((0..300).map(|at| ((at + number) % 199 + 4) as u8));
    unit
}

struct Camera {
    receiver: StreamReceiver,
    units: Vec<AccessUnit>,
}

impl Camera {
    fn new(ssrc: SsrcChangePolicy) -> Self {
        let policy = ReceiverPolicy {
            ssrc,
            reorder: ReorderPolicy::TCP,
            ..ReceiverPolicy::default()
        };
        Self {
            receiver: StreamReceiver::new(policy),
            units: Vec::new(),
        }
    }

    /// Pictures of these numbers, each in a packet of its own, 40 ms apart from `now_ms` on; when the last was sent.
    fn send(&mut self, ssrc: u32, numbers: std::ops::Range<u32>, mut now_ms: u64) -> u64 {
        for number in numbers {
            let mut stream = Vec::new();
            let unit = picture(number);
            let key = number.is_multiple_of(10);
            program_stream::mux_picture(
                Codec::H264,
                &unit,
                i64::from(number) * 3_600,
                key,
                &mut stream,
            );
            let header = RtpHeader {
                marker: true,
                payload_type: 96,
                sequence: (ssrc * 1_000 + number) as u16,
                timestamp: number * 3_600,
                ssrc,
            };
            now_ms += 40;
            self.receiver
                .push_packet(&[&header.to_bytes()[..], &stream].concat(), now_ms);
            self.units
                .extend(std::iter::from_fn(|| self.receiver.pull()));
        }
        now_ms
    }

    fn numbers(&self) -> Vec<u32> {
        let number_of = |unit: &AccessUnit| (0..100).find(|&number| unit.bytes == picture(number));
        self.units.iter().filter_map(number_of).collect()
    }
}

#[test]
fn a_change_is_followed_at_once_where_the_policy_says_so() {
    let mut camera = Camera::new(SsrcChangePolicy::Follow);
    let now_ms = camera.send(1, 0..15, 0);
    camera.send(2, 20..35, now_ms);
    let numbers = camera.numbers();
    assert!(
        numbers.starts_with(&(0..14).collect::<Vec<_>>()),
        "{numbers:?}"
    );
    assert!(
        numbers.ends_with(&(20..34).collect::<Vec<_>>()),
        "{numbers:?}"
    );
    let stats = camera.receiver.stats();
    assert_eq!((stats.foreign_ssrc, stats.restarts), (0, 1));
}

#[test]
fn another_is_dropped_and_counted_while_the_first_goes_on_and_followed_when_it_is_silent() {
    let mut camera = Camera::new(SsrcChangePolicy::FollowWhenSilent { silent_ms: 3_000 });
    let mut now_ms = 0;
    for number in 0..15 {
        now_ms = camera.send(1, number..number + 1, now_ms);
        camera.send(2, number + 50..number + 51, now_ms);
    }
    assert!(camera.numbers().iter().all(|&number| number < 15));
    assert_eq!(camera.receiver.stats().foreign_ssrc, 15);
    let before = camera.units.len();
    camera.send(2, 50..60, now_ms);
    assert_eq!(camera.units.len(), before, "not silent for long enough");
    camera.send(2, 60..75, now_ms + 3_000);
    let numbers = camera.numbers();
    assert!(
        numbers.ends_with(&(60..74).collect::<Vec<_>>()),
        "{numbers:?}"
    );
}

#[test]
fn another_is_never_followed_where_the_policy_refuses_it_and_is_no_sign_of_life() {
    let mut camera = Camera::new(SsrcChangePolicy::Refuse);
    let now_ms = camera.send(1, 0..15, 0);
    camera.send(2, 20..35, now_ms + 60_000);
    let numbers = camera.numbers(); // the last one may still be open
    assert!(
        numbers.starts_with(&(0..14).collect::<Vec<_>>()) && numbers.len() <= 15,
        "{numbers:?}"
    );
    let stats = camera.receiver.stats();
    assert_eq!((stats.foreign_ssrc, stats.restarts), (15, 0));
    let header = |ssrc| RtpHeader {
        marker: true,
        payload_type: 96,
        sequence: 1_036,
        timestamp: 36 * 3_600,
        ssrc,
    };
    let alive = [2, 1].map(|ssrc| {
        camera
            .receiver
            .push_packet(&header(ssrc).to_bytes(), now_ms)
    });
    assert_eq!(alive, [false, true]);
}

#[test]
fn what_was_another_streams_is_left_at_once_whatever_the_policy_and_shown_from_a_key_frame_on() {
    let mut camera = Camera::new(SsrcChangePolicy::Refuse);
    let now_ms = camera.send(1, 0..15, 0);
    camera.receiver.restart();
    camera.send(2, 25..45, now_ms);
    let numbers = camera.numbers();
    let later: Vec<_> = numbers.iter().filter(|&&number| number >= 20).collect();
    assert_eq!(
        later.first(),
        Some(&&30),
        "from the next key frame on: {numbers:?}"
    );
    assert_eq!(camera.receiver.stats().foreign_ssrc, 0);
}

#[test]
fn the_usual_policy_is_the_one_that_the_engine_and_its_document_name() {
    assert_eq!(
        ReceiverPolicy::default().ssrc,
        SsrcChangePolicy::FollowWhenSilent { silent_ms: 3_000 }
    );
}
