use super::*;

const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 104\r\na=mid:0\r\n\
    a=ice-ufrag:abcd\r\na=ice-pwd:secret\r\na=fingerprint:sha-256 AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:\
    AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB\r\na=setup:actpass\r\na=recvonly\r\n\
    a=rtpmap:104 H264/90000\r\na=fmtp:104 packetization-mode=1;profile-level-id=42e01f\r\n";
const A_PICTURE: usize = 10;

/// A session whose handshake is over.
fn connected() -> Session {
    let offer = Offer::parse(OFFER).expect("an offer");
    let identity = Identity::new().expect("a certificate");
    let (mut session, _) =
        Session::answer(offer, &identity, &[], false, Instant::now()).expect("an answer");
    let profile = SrtpProfile::Aes128Gcm;
    let keys = (vec![7; profile.key_len()], vec![9; profile.salt_len()]);
    let sender = Sender::new(profile, &keys).expect("keys of the profile's lengths");
    let receiver = Receiver::new(profile, &keys).expect("keys of the profile's lengths");
    session.keys = Some((sender, receiver));
    session.remote = Some(SocketAddr::from(([192, 0, 2, 2], 50_000)));
    session
}

/// The sequence numbers of a picture that was sent.
fn send_a_picture(session: &mut Session) -> Vec<u16> {
    let bytes = [&[0, 0, 0, 1, 0x65][..], &vec![5; 11_000]].concat();
    let packets = Arc::new(Packets::of(Codec::H264, &bytes));
    assert_eq!(packets.len(), A_PICTURE);
    let first = session.index;
    let mut from = 0;
    while from < packets.len() {
        let step = session.write_run(Codec::H264, &packets, from, 0, &mut Vec::new());
        from += step.expect("connected").count;
    }
    (first..session.index).map(|index| index as u16).collect()
}

#[test]
fn who_says_that_all_is_lost_is_sent_a_quarter_more_at_most_and_the_rest_is_counted() {
    let mut session = connected();
    let mut wanted = Vec::new();
    let pictures = 400;
    for _ in 0..pictures {
        let lost = send_a_picture(&mut session);
        for _ in 0..5 {
            session.send_again(&lost, &mut wanted);
        }
    }
    let (asked, sent) = (5 * pictures * A_PICTURE, pictures * A_PICTURE);
    let told = session.take_resending();
    assert_eq!(told.sent as usize, wanted.len());
    assert!(wanted.len() <= (sent + MOST_CREDIT as usize) / RESENDING_COSTS as usize);
    assert!(wanted.len() >= sent / 5, "it is still sent its share");
    assert_eq!((told.sent + told.refused) as usize, asked);
    assert_eq!(session.take_resending(), Resending::default(), "told once");
}

#[test]
fn on_a_network_that_loses_every_fifth_packet_all_of_them_are_sent_again() {
    let mut session = connected();
    let mut wanted = Vec::new();
    for _ in 0..400 {
        let sent = send_a_picture(&mut session);
        let lost: Vec<u16> = sent.into_iter().step_by(5).collect();
        session.send_again(&lost, &mut wanted);
    }
    let told = session.take_resending();
    assert_eq!((told.sent, told.refused), (800, 0));
    assert_eq!(wanted.len(), 800);
}
