//! What the fuzz targets run, compiled with the crate so that it cannot rot. Each must return for any bytes.
use crate::rtcp::feedback;
use crate::sdp::{Offer, Ours};
use crate::srtp::{Receiver, Sender, SrtpProfile};
use crate::stun::{Binding, is_stun, user_fragment_of};

/// One datagram as a connectivity check.
pub fn connectivity_check(bytes: &[u8]) {
    let _ = user_fragment_of(bytes);
    if is_stun(bytes)
        && let Some(binding) = Binding::parse(bytes)
    {
        let _ = binding.is_by("us:them", "password");
        let from = std::net::SocketAddr::from(([192, 0, 2, 1], 9));
        assert!(is_stun(&binding.answer(from, "password")));
    }
}

/// What a viewer reports, once it is opened.
pub fn reports(bytes: &[u8]) {
    let said = feedback(bytes, 5);
    assert!(said.len() <= bytes.len() / 4);
}

/// An offer, and our answer to it, which must be no longer than what was offered lets it be.
pub fn offer(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(offer) = Offer::parse(text) {
        let answer = offer.answer(&Ours {
            user_fragment: "us",
            password: "password",
            fingerprint: "AA",
            candidates: &[],
            ssrc: 1,
            resend_ssrc: 2,
            sound_ssrc: Some(3),
        });
        assert!(answer.contains("m=video 9 ") && answer.len() < 64 * text.len() + 4_096);
    }
}

/// One datagram as a protected report: not believed as it comes; protected by us it opens once, cut or changed never.
pub fn protected_reports(bytes: &[u8]) {
    for profile in [
        SrtpProfile::Aes128CmSha1,
        SrtpProfile::Aes128Gcm,
        SrtpProfile::Aes256Gcm,
    ] {
        let keys = (vec![7; profile.key_len()], vec![9; profile.salt_len()]);
        let (Ok(mut sender), Ok(mut receiver)) =
            (Sender::new(profile, &keys), Receiver::new(profile, &keys))
        else {
            unreachable!("keys of the profile's own lengths");
        };
        assert!(receiver.open_rtcp(bytes).is_err(), "nobody signed it");
        if bytes.len() < 8 {
            continue; // no RTCP packet is shorter than its header and SSRC
        }
        let sealed = sender.protect_rtcp(bytes.to_vec());
        let at = usize::from(bytes[0]) % sealed.len();
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(receiver.open_rtcp(&changed).is_err());
        assert!(receiver.open_rtcp(&sealed[..at]).is_err());
        assert_eq!(receiver.open_rtcp(&sealed).as_deref(), Ok(bytes));
        assert!(receiver.open_rtcp(&sealed).is_err(), "seen before");
    }
}
