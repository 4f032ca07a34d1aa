//! A foreign WebRTC program (str0m) takes our pictures over a network made of queues.
use media_types::Codec;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::rtp::Extension;
use str0m::{Candidate, Event, Input, Output, Rtc};
use webrtc::{Identity, Offer, Packets, Session, Wanted, user_fragment_of};

const OURS: &str = "192.0.2.1:8082";
const THEIRS: &str = "192.0.2.2:50000";

struct Player {
    rtc: Rtc,
    pictures: Vec<Vec<u8>>,
    /// How long each may wait to be shown, at least and at most.
    delays: Vec<Option<(f64, f64)>>,
    due: Instant,
}

impl Player {
    /// Takes a datagram; gives what it sends.
    fn step(&mut self, now: Instant, datagram: Option<&[u8]>) -> Vec<Vec<u8>> {
        let input = match datagram {
            Some(bytes) => Input::Receive(
                now,
                Receive {
                    proto: Protocol::Udp,
                    source: OURS.parse().expect("an address"),
                    destination: THEIRS.parse().expect("an address"),
                    contents: bytes.try_into().expect("a datagram of a known kind"),
                },
            ),
            None => Input::Timeout(now),
        };
        self.rtc.handle_input(input).expect("the player is well");
        let mut sent = Vec::new();
        loop {
            match self.rtc.poll_output().expect("the player is well") {
                Output::Timeout(due) => {
                    self.due = due;
                    return sent;
                }
                Output::Transmit(transmit) => sent.push(transmit.contents.to_vec()),
                Output::Event(Event::MediaData(data)) => {
                    let said = &data.ext_vals;
                    let delay = said.play_delay_min.zip(said.play_delay_max);
                    self.delays
                        .push(delay.map(|(min, max)| (min.as_seconds(), max.as_seconds())));
                    self.pictures.push(data.data.to_vec());
                }
                Output::Event(_) => {}
            }
        }
    }
}

fn picture(number: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1, 0x65, number];
    bytes.extend((0..length).map(|at| (at % 200 + 5) as u8));
    bytes
}

#[test]
fn a_foreign_player_connects_and_gets_whole_pictures_even_when_packets_are_lost() {
    let mut now = Instant::now();
    let ours: SocketAddr = OURS.parse().expect("an address");
    let theirs: SocketAddr = THEIRS.parse().expect("an address");
    let mut player = Player {
        rtc: Rtc::builder()
            .set_extension(9, Extension::PlayoutDelay)
            .build(now),
        pictures: Vec::new(),
        delays: Vec::new(),
        due: now,
    };
    player
        .rtc
        .add_local_candidate(Candidate::host(theirs, "udp").expect("a candidate"));
    let mut changes = player.rtc.sdp_api();
    changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
    let (offer, pending) = changes.apply().expect("something was added");
    let identity = Identity::new().expect("a certificate");
    let offer = Offer::parse(&offer.to_sdp_string()).expect("a player's offer");
    let (mut session, answer) =
        Session::answer(offer, &identity, &[ours], false, now).expect("an answer");
    let answer =
        str0m::change::SdpAnswer::from_sdp_string(&answer).expect("an answer that others read");
    player
        .rtc
        .sdp_api()
        .accept_answer(pending, answer)
        .expect("an answer that fits");

    let mut to_player: Vec<Vec<u8>> = Vec::new();
    let mut wanted = Vec::new();
    let mut sent = 0;
    let mut run = Vec::new();
    for tick in 0..3_000 {
        now += Duration::from_millis(5);
        let mut to_us = player.step(now, None);
        for datagram in std::mem::take(&mut to_player) {
            to_us.extend(player.step(now, Some(&datagram)));
        }
        for datagram in to_us {
            if let Some(fragment) = user_fragment_of(&datagram) {
                assert_eq!(fragment, session.user_fragment());
            }
            session.handle(theirs, &datagram, now, &mut wanted);
        }
        session.handle_timeout(now, 0, &mut wanted);
        for step in wanted.drain(..) {
            if let Wanted::Send(_, datagram) = step {
                to_player.push(datagram);
            }
        }
        if session.is_connected() && tick % 8 == 0 && sent < 40 {
            let packets = Arc::new(Packets::of(Codec::H264, &picture(sent, 5_000)));
            let mut from = 0;
            while from < packets.len() {
                run.clear();
                let step = session
                    .write_run(
                        Codec::H264,
                        &packets,
                        from,
                        u32::from(sent) * 3_600,
                        &mut run,
                    )
                    .expect("connected, and H.264 was agreed");
                from += step.count;
                // Every eleventh packet is lost on the way; the player asks for it.
                let whole = run.chunks(step.segment).map(<[u8]>::to_vec);
                to_player.extend(
                    whole
                        .enumerate()
                        .filter(|(at, _)| (at + tick) % 11 != 0)
                        .map(|(_, bytes)| bytes),
                );
            }
            sent += 1;
        }
        if player.pictures.len() >= 38 {
            break;
        }
    }
    assert!(session.is_connected(), "the handshake ends");
    assert!(
        player.pictures.len() >= 38,
        "{} of {sent} pictures came",
        player.pictures.len()
    );
    for (number, bytes) in player.pictures.iter().enumerate() {
        assert_eq!(*bytes, picture(number as u8, 5_000), "picture {number}");
    }
    assert_eq!(
        player.delays,
        vec![Some((0.0, 0.0)); player.pictures.len()],
        "each is to be shown as it comes"
    );
    assert!(session.is_alive(now));
    assert!(
        !session.is_alive(now + Duration::from_secs(40)),
        "silence ends the consent"
    );
}
