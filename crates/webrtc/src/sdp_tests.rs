use super::*;

fn offer() -> String {
    let fingerprint = ["AB"; 32].join(":");
    format!(
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n\
         m=video 9 UDP/TLS/RTP/SAVPF 96 102 104 49\r\na=mid:1\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\n\
         a=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n\
         a=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=0;profile-level-id=42001f\r\n\
         a=rtpmap:104 H264/90000\r\na=fmtp:104 packetization-mode=1;profile-level-id=42e01f\r\n\
         a=rtpmap:49 H265/90000\r\n"
    )
}

#[test]
fn the_video_and_its_codecs_are_found_and_the_rest_is_declined() {
    let offer = Offer::parse(&offer()).expect("a browser's offer");
    assert_eq!(offer.payload(Codec::H264), Some(104));
    assert_eq!(offer.payload(Codec::H265), Some(49));
    let answer = offer.answer(&Ours {
        user_fragment: "us",
        password: "pw",
        fingerprint: "AA",
        candidates: &["127.0.0.1:8082".parse().expect("an address")],
        ssrc: 7,
        resend_ssrc: 8,
        sound_ssrc: None,
    });
    assert!(answer.contains("m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n"));
    assert!(answer.contains("m=video 9 UDP/TLS/RTP/SAVPF 104 49\r\n"));
    assert!(answer.contains("a=group:BUNDLE 1\r\n"));
    assert!(answer.contains("a=candidate:1 1 udp 2130706431 127.0.0.1 8082 typ host\r\n"));
}

#[test]
fn any_cut_of_an_offer_gives_an_offer_or_a_named_error() {
    let text = offer();
    for end in 0..text.len() {
        if text.is_char_boundary(end) {
            let _ = Offer::parse(&text[..end]);
        }
    }
    assert_eq!(Offer::parse(""), Err(OfferError::NoVideo));
}

#[test]
fn sound_is_answered_only_where_it_may_be_heard_and_the_viewer_takes_g711() {
    let hearing = offer().replace("SAVPF 111", "SAVPF 111 0 8");
    let answer = |text: &str, sound_ssrc| {
        Offer::parse(text)
            .expect("a browser's offer")
            .answer(&Ours {
                user_fragment: "us",
                password: "pw",
                fingerprint: "AA",
                candidates: &[],
                ssrc: 7,
                resend_ssrc: 8,
                sound_ssrc,
            })
    };
    let heard = answer(&hearing, Some(9));
    assert!(heard.contains("m=audio 9 UDP/TLS/RTP/SAVPF 8 0\r\n"));
    assert!(heard.contains("a=group:BUNDLE 0 1\r\n"));
    assert!(heard.contains("a=ssrc:9 msid:live sound\r\n"));
    let silent = answer(&hearing, None);
    assert!(silent.contains("m=audio 0 UDP/TLS/RTP/SAVPF 111 0 8\r\n"));
    assert!(silent.contains("a=group:BUNDLE 1\r\n"));
    assert!(answer(&offer(), Some(9)).contains("m=audio 0 "));
}

#[test]
fn a_viewer_that_knows_of_it_is_told_to_show_pictures_as_they_come() {
    let answered = |attributes: &str| {
        let offer = Offer::parse(&format!("{}{attributes}", offer())).expect("an offer");
        let answer = offer.answer(&Ours {
            user_fragment: "us",
            password: "pw",
            fingerprint: "AA",
            candidates: &[],
            ssrc: 7,
            resend_ssrc: 8,
            sound_ssrc: None,
        });
        (offer.playout_delay, answer.matches("a=extmap:").count())
    };
    let delay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    assert_eq!(
        answered(&format!("a=extmap:9/recvonly {delay}\r\n")),
        (Some(9), 1)
    );
    let others = "a=extmap:3 urn:3gpp:video-orientation\r\n";
    for unfit in [
        others,
        &format!("a=extmap:15 {delay}\r\n"),
        &format!("a=extmap:x {delay}\r\n"),
    ] {
        assert_eq!(answered(unfit), (None, 0), "{unfit}");
    }
}
