//! What the fuzz targets run, compiled with the crate so that it cannot rot. Each must return for any bytes.
use crate::rtcp::feedback;
use crate::sdp::{Offer, Ours};
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
