//! What we need of a viewer's offer, and our answer. Sources: RFC 8829 (JSEP), RFC 8866, RFC 8839 (ICE), RFC 8842 (DTLS).
use media_types::Codec;
use std::fmt::Write as _;
use std::net::SocketAddr;

const MAX_OFFER: usize = 64 * 1024;
const MAX_MEDIA: usize = 32;
/// RFC 8445 §5.1.2.1: a host candidate of the only component.
const CANDIDATE_PRIORITY: u32 = 2_130_706_431;

/// Why an offer cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    #[error("the offer is longer than {MAX_OFFER} bytes or has more than {MAX_MEDIA} media")]
    TooLong,
    #[error("the offer has no video over UDP/TLS/RTP/SAVPF")]
    NoVideo,
    #[error("the offer has neither H.264 (packetization-mode=1) nor H.265")]
    NoCodec,
    #[error("the offer lacks {0}")]
    Lacks(&'static str),
    #[error("the offer asks us to begin the DTLS handshake (a=setup:passive); offer actpass")]
    Setup,
    #[error("the secure session could not be prepared")]
    Crypto,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Media {
    kind: String,
    protocol: String,
    formats: Vec<String>,
    mid: Option<String>,
    chosen: bool,
}

/// A viewer's offer to receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    media: Vec<Media>,
    pub(crate) user_fragment: String,
    /// SHA-256 of the viewer's certificate.
    pub(crate) fingerprint: Vec<u8>,
    payloads: Vec<(Codec, u8, Option<String>)>,
    /// (payload type, the one that carries it when sent again); RFC 4588.
    retransmissions: Vec<(u8, u8)>,
}

/// Our side of the answer.
pub(crate) struct Ours<'a> {
    pub user_fragment: &'a str,
    pub password: &'a str,
    pub fingerprint: &'a str,
    pub candidates: &'a [SocketAddr],
    pub ssrc: u32,
    pub resend_ssrc: u32,
}

impl Offer {
    /// Reads an SDP offer. Errors: [`OfferError`].
    pub fn parse(text: &str) -> Result<Self, OfferError> {
        if text.len() > MAX_OFFER {
            return Err(OfferError::TooLong);
        }
        let mut media: Vec<Media> = Vec::new();
        // ICE and DTLS attributes of the session, then of the chosen video, which win.
        let (mut fragment, mut fingerprint, mut setup) = (None, None, None);
        let (mut maps, mut parameters) = (Vec::new(), Vec::new());
        for line in text.lines().map(str::trim_end) {
            if let Some(rest) = line.strip_prefix("m=") {
                let mut fields = rest.split_ascii_whitespace().map(str::to_owned);
                let kind = fields.next().unwrap_or_default();
                let port = fields.next().unwrap_or_default();
                let protocol = fields.next().unwrap_or_default();
                let usable = kind == "video" && port != "0" && protocol.ends_with("TLS/RTP/SAVPF");
                let chosen = usable && !media.iter().any(|other| other.chosen);
                media.push(Media {
                    kind,
                    protocol,
                    formats: fields.collect(),
                    mid: None,
                    chosen,
                });
                if media.len() > MAX_MEDIA {
                    return Err(OfferError::TooLong);
                }
                continue;
            }
            let Some((name, value)) = line
                .strip_prefix("a=")
                .map(|line| line.split_once(':').unwrap_or((line, "")))
            else {
                continue;
            };
            if name == "mid"
                && let Some(current) = media.last_mut()
            {
                current.mid = Some(value.to_owned());
            }
            if media.last().is_some_and(|current| !current.chosen) {
                continue;
            }
            match name {
                "ice-ufrag" => fragment = Some(value.to_owned()),
                "fingerprint" => fingerprint = sha_256(value).or(fingerprint),
                "setup" => setup = Some(value.to_owned()),
                "rtpmap" => maps.extend(format_line(value)),
                "fmtp" => parameters.extend(format_line(value)),
                _ => {}
            }
        }
        let chosen = media
            .iter()
            .find(|media| media.chosen)
            .ok_or(OfferError::NoVideo)?;
        let parameters_of = |payload: u8| {
            parameters
                .iter()
                .find(|(found, _)| *found == payload)
                .map(|(_, text)| text.clone())
        };
        let named = |name: &'static str| {
            maps.iter()
                .filter(move |(_, map)| map.to_ascii_uppercase().starts_with(name))
                .map(|(payload, _)| *payload)
                .filter(|payload| chosen.formats.contains(&payload.to_string()))
        };
        let mode_1 = |payload: &u8| {
            parameters_of(*payload).is_some_and(|text| text.contains("packetization-mode=1"))
        };
        let h264 = named("H264/90000")
            .find(mode_1)
            .map(|payload| (Codec::H264, payload));
        let h265 = named("H265/90000")
            .next()
            .map(|payload| (Codec::H265, payload));
        let payloads: Vec<_> = [h264, h265]
            .into_iter()
            .flatten()
            .map(|(codec, payload)| (codec, payload, parameters_of(payload)))
            .collect();
        if payloads.is_empty() {
            return Err(OfferError::NoCodec);
        }
        if setup.as_deref() == Some("passive") {
            return Err(OfferError::Setup);
        }
        let retransmissions = named("RTX/90000")
            .filter_map(|payload| {
                let original = parameters_of(payload)?
                    .strip_prefix("apt=")?
                    .split(';')
                    .next()?
                    .parse()
                    .ok()?;
                payloads
                    .iter()
                    .any(|(_, known, _)| *known == original)
                    .then_some((original, payload))
            })
            .collect();
        Ok(Self {
            retransmissions,
            user_fragment: fragment.ok_or(OfferError::Lacks("a=ice-ufrag"))?,
            fingerprint: fingerprint.ok_or(OfferError::Lacks("a=fingerprint:sha-256"))?,
            payloads,
            media,
        })
    }

    /// The payload type for a codec, if the viewer takes it.
    pub fn payload(&self, codec: Codec) -> Option<u8> {
        self.payloads
            .iter()
            .find(|(found, ..)| *found == codec)
            .map(|(_, payload, _)| *payload)
    }

    pub(crate) fn retransmission(&self, payload: u8) -> Option<u8> {
        self.retransmissions
            .iter()
            .find(|(original, _)| *original == payload)
            .map(|(_, again)| *again)
    }

    pub(crate) fn answer(&self, ours: &Ours<'_>) -> String {
        let mut text = String::with_capacity(2_048);
        let mid_of = |media: &Media| media.mid.clone().unwrap_or_default();
        let bundle = self
            .media
            .iter()
            .find(|media| media.chosen)
            .map(mid_of)
            .unwrap_or_default();
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "v=0\r\no=- {} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {bundle}\r\na=ice-lite\r\na=msid-semantic: WMS *\r\n",
            ours.ssrc
        );
        for media in &self.media {
            if media.chosen {
                self.write_video(&mut text, media, ours);
                continue;
            }
            let formats = media.formats.join(" ");
            let _ = write!(
                text,
                "m={} 0 {} {formats}\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n",
                media.kind, media.protocol
            );
            if let Some(mid) = &media.mid {
                let _ = write!(text, "a=mid:{mid}\r\n");
            }
        }
        text
    }

    fn write_video(&self, text: &mut String, media: &Media, ours: &Ours<'_>) {
        let numbers: Vec<String> = self
            .payloads
            .iter()
            .map(|(_, payload, _)| *payload)
            .chain(self.retransmissions.iter().map(|(_, payload)| *payload))
            .map(|payload| payload.to_string())
            .collect();
        let Ours {
            user_fragment,
            password,
            fingerprint,
            ssrc,
            ..
        } = ours;
        let _ = write!(
            text,
            "m=video 9 {} {}\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:{user_fragment}\r\n\
             a=ice-pwd:{password}\r\na=fingerprint:sha-256 {fingerprint}\r\na=setup:passive\r\na=sendonly\r\na=rtcp-mux\r\n\
             a=msid:live live\r\na=ssrc:{ssrc} cname:live\r\na=ssrc:{ssrc} msid:live live\r\n",
            media.protocol,
            numbers.join(" ")
        );
        if let Some(mid) = &media.mid {
            let _ = write!(text, "a=mid:{mid}\r\n");
        }
        for (codec, payload, parameters) in &self.payloads {
            let name = if *codec == Codec::H265 {
                "H265"
            } else {
                "H264"
            };
            let _ = write!(text, "a=rtpmap:{payload} {name}/90000\r\n");
            if let Some(parameters) = parameters {
                let _ = write!(text, "a=fmtp:{payload} {parameters}\r\n");
            }
            let _ = write!(
                text,
                "a=rtcp-fb:{payload} nack\r\na=rtcp-fb:{payload} nack pli\r\na=rtcp-fb:{payload} ccm fir\r\n"
            );
        }
        for (original, payload) in &self.retransmissions {
            let _ = write!(
                text,
                "a=rtpmap:{payload} rtx/90000\r\na=fmtp:{payload} apt={original}\r\n"
            );
        }
        if !self.retransmissions.is_empty() {
            let again = ours.resend_ssrc;
            let _ = write!(
                text,
                "a=ssrc-group:FID {ssrc} {again}\r\na=ssrc:{again} cname:live\r\na=ssrc:{again} msid:live live\r\n"
            );
        }
        for (number, candidate) in ours.candidates.iter().enumerate() {
            let priority = CANDIDATE_PRIORITY - number as u32; // a handful of addresses
            let _ = write!(
                text,
                "a=candidate:{} 1 udp {priority} {} {} typ host\r\n",
                number + 1,
                candidate.ip(),
                candidate.port()
            );
        }
        text.push_str("a=end-of-candidates\r\n");
    }
}

fn format_line(value: &str) -> Option<(u8, String)> {
    let (payload, rest) = value.split_once(' ')?;
    Some((
        payload.parse().ok().filter(|payload| *payload < 128)?,
        rest.trim().to_owned(),
    ))
}

fn sha_256(value: &str) -> Option<Vec<u8>> {
    let (kind, digits) = value.split_once(' ')?;
    let bytes: Option<Vec<u8>> = digits
        .trim()
        .split(':')
        .map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect();
    bytes.filter(|bytes| kind.eq_ignore_ascii_case("sha-256") && bytes.len() == 32)
}

#[cfg(test)]
mod tests {
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
}
