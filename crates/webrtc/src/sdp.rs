//! What we need of a viewer's offer, and our answer. Sources: RFC 8829 (JSEP), RFC 8866, RFC 8839 (ICE), RFC 8842 (DTLS).
use media_types::Codec;
use std::fmt::Write as _;
use std::net::SocketAddr;

const MAX_OFFER: usize = 64 * 1024;
const MAX_MEDIA: usize = 32;
/// By which a sender says how long pictures may wait to be shown (a header extension that browsers have; the name is theirs).
const PLAYOUT_DELAY: &str = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
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
    /// The video that carries the pictures.
    chosen: bool,
    /// The audio that may carry their sound: static payload types it takes. RFC 3551 §6.
    sound: Vec<(Codec, u8)>,
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
    /// The number of the header extension [`PLAYOUT_DELAY`], where the viewer knows it. RFC 8285 §4.2: 1 to 14.
    pub(crate) playout_delay: Option<u8>,
}

/// Our side of the answer.
pub(crate) struct Ours<'a> {
    pub user_fragment: &'a str,
    pub password: &'a str,
    pub fingerprint: &'a str,
    pub candidates: &'a [SocketAddr],
    pub ssrc: u32,
    pub resend_ssrc: u32,
    /// None: the offered audio is declined.
    pub sound_ssrc: Option<u32>,
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
        let mut playout_delay = None;
        for line in text.lines().map(str::trim_end) {
            if let Some(rest) = line.strip_prefix("m=") {
                let mut fields = rest.split_ascii_whitespace().map(str::to_owned);
                let kind = fields.next().unwrap_or_default();
                let port = fields.next().unwrap_or_default();
                let protocol = fields.next().unwrap_or_default();
                let usable = kind == "video" && port != "0" && protocol.ends_with("TLS/RTP/SAVPF");
                let chosen = usable && !media.iter().any(|other| other.chosen);
                let formats: Vec<String> = fields.collect();
                let hears = kind == "audio" && port != "0" && protocol.ends_with("TLS/RTP/SAVPF");
                let first = hears && media.iter().all(|other| other.sound.is_empty());
                let sound = [(Codec::G711A, 8), (Codec::G711U, 0)].into_iter();
                let sound =
                    sound.filter(|(_, payload)| first && formats.contains(&payload.to_string()));
                media.push(Media {
                    sound: sound.collect(),
                    kind,
                    protocol,
                    formats,
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
                "extmap" => playout_delay = playout_delay_of(value).or(playout_delay),
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
            playout_delay,
        })
    }

    /// The payload type for a codec, if the viewer takes it.
    pub fn payload(&self, codec: Codec) -> Option<u8> {
        self.payloads
            .iter()
            .find(|(found, ..)| *found == codec)
            .map(|(_, payload, _)| *payload)
    }

    /// The payload type for sound of a codec, if the viewer takes it.
    pub fn sound_payload(&self, codec: Codec) -> Option<u8> {
        let mut sounds = self.media.iter().flat_map(|media| &media.sound);
        sounds
            .find(|(found, _)| *found == codec)
            .map(|(_, payload)| *payload)
    }

    pub(crate) fn takes_sound(&self) -> bool {
        self.media.iter().any(|media| !media.sound.is_empty())
    }

    pub(crate) fn retransmission(&self, payload: u8) -> Option<u8> {
        self.retransmissions
            .iter()
            .find(|(original, _)| *original == payload)
            .map(|(_, again)| *again)
    }

    pub(crate) fn answer(&self, ours: &Ours<'_>) -> String {
        let mut text = String::with_capacity(2_048);
        let sounds = |media: &Media| ours.sound_ssrc.filter(|_| !media.sound.is_empty());
        let bundle: Vec<&str> = self
            .media
            .iter()
            .filter(|media| media.chosen || sounds(media).is_some())
            .map(|media| media.mid.as_deref().unwrap_or_default())
            .collect();
        let bundle = bundle.join(" ");
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
            if let Some(ssrc) = sounds(media) {
                write_sound(&mut text, media, ours, ssrc);
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
        let ssrc = ours.ssrc;
        let _ = write!(
            text,
            "m=video 9 {} {}\r\n",
            media.protocol,
            numbers.join(" ")
        );
        write_transport(text, media, ours);
        let _ = write!(
            text,
            "a=msid:live live\r\na=ssrc:{ssrc} cname:live\r\na=ssrc:{ssrc} msid:live live\r\n"
        );
        if let Some(number) = self.playout_delay {
            let _ = write!(text, "a=extmap:{number} {PLAYOUT_DELAY}\r\n");
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
    }
}

fn write_sound(text: &mut String, media: &Media, ours: &Ours<'_>, ssrc: u32) {
    let numbers: Vec<String> = media
        .sound
        .iter()
        .map(|(_, payload)| payload.to_string())
        .collect();
    // Writing into a String cannot fail.
    let _ = write!(
        text,
        "m=audio 9 {} {}\r\n",
        media.protocol,
        numbers.join(" ")
    );
    write_transport(text, media, ours);
    let _ = write!(
        text,
        "a=msid:live sound\r\na=ssrc:{ssrc} cname:live\r\na=ssrc:{ssrc} msid:live sound\r\n"
    );
    for (codec, payload) in &media.sound {
        let name = if *codec == Codec::G711U {
            "PCMU"
        } else {
            "PCMA"
        };
        let _ = write!(text, "a=rtpmap:{payload} {name}/8000\r\n");
    }
}

/// One transport carries all (BUNDLE), and each section that uses it describes it.
fn write_transport(text: &mut String, media: &Media, ours: &Ours<'_>) {
    let Ours {
        user_fragment,
        password,
        fingerprint,
        ..
    } = ours;
    let _ = write!(
        text,
        "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:{user_fragment}\r\na=ice-pwd:{password}\r\n\
         a=fingerprint:sha-256 {fingerprint}\r\na=setup:passive\r\na=sendonly\r\na=rtcp-mux\r\n"
    );
    if let Some(mid) = &media.mid {
        let _ = write!(text, "a=mid:{mid}\r\n");
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

fn format_line(value: &str) -> Option<(u8, String)> {
    let (payload, rest) = value.split_once(' ')?;
    Some((
        payload.parse().ok().filter(|payload| *payload < 128)?,
        rest.trim().to_owned(),
    ))
}

fn playout_delay_of(value: &str) -> Option<u8> {
    let mut fields = value.split_ascii_whitespace();
    let number = fields.next()?.split('/').next()?.parse().ok()?;
    (fields.next() == Some(PLAYOUT_DELAY) && (1..=14).contains(&number)).then_some(number)
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
#[path = "sdp_tests.rs"]
mod tests;
