//! One viewer's session: ICE checks answered, DTLS taken through, pictures protected, losses sent again.
use crate::outgoing::{Header, SoundStream};
use crate::packetise::Packets;
use crate::rtcp::{Feedback, feedback, sender_report};
use crate::sdp::{Offer, OfferError, Ours};
use crate::srtp::{MasterKeys, Receiver, Sender, SrtpProfile};
use crate::stun::{Binding, is_stun};
use aws_lc_rs::digest::{SHA256, digest};
use dimpl::{Config, Dtls, DtlsCertificate, Output};
use media_types::Codec;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// RFC 7675: a viewer that no longer consents is not sent to.
const CONSENT: Duration = Duration::from_secs(30);
const REPORT_EVERY: Duration = Duration::from_secs(2);
/// Packets that can be sent again: a second and more of a busy stream.
const KEPT_PACKETS: usize = 768;
/// Packets sent again for one report.
const MAX_RESENT: usize = 128;
/// A packet sent again costs as much credit as this many sent for the first time earn: who says that all is lost is sent a
/// quarter more at most.
const RESENDING_COSTS: u32 = 4;
const MOST_CREDIT: u32 = 512;
const MAX_DATAGRAM: usize = 2_048;
/// Segments of one system call. Linux: UDP_MAX_SEGMENTS is 64, and 64 KiB in all.
const MAX_SEGMENTS: usize = 48;

/// Our certificate, one for all viewers of an engine.
pub struct Identity {
    certificate: DtlsCertificate,
    fingerprint: String,
    config: Arc<Config>,
}

impl Identity {
    /// A new self-signed certificate, as WebRTC has them: the SDP vouches for it. Errors: [`OfferError::Crypto`].
    pub fn new() -> Result<Self, OfferError> {
        let certificate = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|_| OfferError::Crypto)?;
        let config = Config::builder().build().map_err(|_| OfferError::Crypto)?;
        Ok(Self {
            fingerprint: certificate.fingerprint_str(),
            certificate,
            config: Arc::new(config),
        })
    }
}

/// What the session wants done after an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Send(SocketAddr, Vec<u8>),
    /// The player asks for a key frame.
    KeyFrame,
}

/// One run of packets of equal length, the last of which may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Payloads taken.
    pub count: usize,
    /// Bytes of each packet but the last.
    pub segment: usize,
}

/// What became of the packets that viewers asked for again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resending {
    pub sent: u64,
    /// Above what the viewer had earned.
    pub refused: u64,
}

struct Sent {
    index: u64,
    packets: Arc<Packets>,
    number: usize,
    timestamp: u32,
    payload_type: u8,
}

/// A viewer from the offer on.
pub struct Session {
    dtls: Dtls,
    dtls_due: Option<Instant>,
    offer: Offer,
    user_fragment: String,
    password: String,
    remote: Option<SocketAddr>,
    keys: Option<(Sender, Receiver)>,
    ssrc: u32,
    index: u64,
    /// RFC 4588: what is sent again has a stream of its own where the viewer knows that.
    resend_ssrc: u32,
    resent: u64,
    credit: u32,
    resending: Resending,
    sent: VecDeque<Sent>,
    /// Where the viewer takes G.711 and the source's sound may be heard.
    sound: Option<SoundStream>,
    packets: u32,
    bytes: u32,
    timestamp: u32,
    heard: Instant,
    report_due: Instant,
    closed: bool,
}

impl Session {
    /// Answers an offer. `candidates`: where our UDP port is reached; `with_sound`: the source's may be heard.
    /// Errors: [`OfferError`].
    pub fn answer(
        offer: Offer,
        identity: &Identity,
        candidates: &[SocketAddr],
        with_sound: bool,
        now: Instant,
    ) -> Result<(Self, String), OfferError> {
        let random: [u8; 28] = random()?;
        let user_fragment = hex(&random[..6]);
        let password = hex(&random[6..22]);
        let ssrc = u32::from_be_bytes([random[22], random[23], random[24], random[25]]);
        let resend_ssrc = ssrc ^ 0x5A5A_5A5A;
        let first = u64::from(u16::from_be_bytes([random[26], random[27]]) & 0x7FFF);
        let sound_ssrc = (with_sound && offer.takes_sound()).then_some(ssrc ^ 0x3C3C_3C3C);
        let answer = offer.answer(&Ours {
            sound_ssrc,
            user_fragment: &user_fragment,
            password: &password,
            fingerprint: &identity.fingerprint,
            candidates,
            ssrc,
            resend_ssrc,
        });
        let mut dtls = Dtls::new_12(
            Arc::clone(&identity.config),
            identity.certificate.clone(),
            now,
        );
        dtls.set_active(false);
        let session = Self {
            dtls,
            dtls_due: None,
            offer,
            user_fragment,
            password,
            remote: None,
            keys: None,
            ssrc,
            index: first,
            resend_ssrc,
            resent: first,
            credit: MOST_CREDIT,
            resending: Resending::default(),
            sent: VecDeque::new(),
            sound: sound_ssrc.map(|ssrc| SoundStream::new(ssrc, first)),
            packets: 0,
            bytes: 0,
            timestamp: 0,
            heard: now,
            report_due: now,
            closed: false,
        };
        Ok((session, answer))
    }

    /// By which a viewer's first datagrams are told apart ([`crate::user_fragment_of`]).
    pub fn user_fragment(&self) -> &str {
        &self.user_fragment
    }

    /// Pictures can be sent.
    pub fn is_connected(&self) -> bool {
        self.keys.is_some() && self.remote.is_some()
    }

    pub fn is_alive(&self, now: Instant) -> bool {
        !self.closed && now.saturating_duration_since(self.heard) < CONSENT
    }

    /// Where the viewer is.
    pub fn remote(&self) -> Option<SocketAddr> {
        self.remote
    }

    /// Whether the viewer takes pictures of this codec.
    pub fn takes(&self, codec: Codec) -> bool {
        self.offer.payload(codec).is_some()
    }

    /// A unit of G.711 as protected packets, each given to `send`; nothing where the viewer takes none. `timestamp`:
    /// ticks of 1/8 000 s.
    pub fn write_sound(
        &mut self,
        codec: Codec,
        octets: &[u8],
        timestamp: u32,
        send: impl FnMut(&[u8]),
    ) {
        if let (Some((sender, _)), Some(sound)) = (&self.keys, &mut self.sound)
            && let Some(payload_type) = self.offer.sound_payload(codec)
        {
            sound.write(sender, payload_type, octets, timestamp, send);
        }
    }

    /// One datagram of the viewer. What is not of this session changes nothing.
    pub fn handle(
        &mut self,
        from: SocketAddr,
        datagram: &[u8],
        now: Instant,
        wanted: &mut Vec<Wanted>,
    ) {
        if is_stun(datagram) {
            return self.handle_check(from, datagram, now, wanted);
        }
        if self.remote != Some(from) {
            return;
        }
        match datagram.first() {
            Some(20..=63) => {
                // dimpl wants to know the time before each packet.
                let fine = self
                    .dtls
                    .handle_timeout(now)
                    .and_then(|()| self.dtls.handle_packet(datagram));
                self.closed |= fine.is_err();
                self.poll_dtls(wanted);
            }
            Some(128..=191) => self.handle_report(datagram, wanted),
            _ => {}
        }
    }

    fn handle_check(
        &mut self,
        from: SocketAddr,
        datagram: &[u8],
        now: Instant,
        wanted: &mut Vec<Wanted>,
    ) {
        let Some(binding) = Binding::parse(datagram) else {
            return;
        };
        let username = format!("{}:{}", self.user_fragment, self.offer.user_fragment);
        if !binding.is_by(&username, &self.password) {
            return;
        }
        self.heard = now;
        if self.remote.is_none() || binding.nominated {
            self.remote = Some(from);
        }
        wanted.push(Wanted::Send(from, binding.answer(from, &self.password)));
    }

    fn handle_report(&mut self, datagram: &[u8], wanted: &mut Vec<Wanted>) {
        let Some((_, receiver)) = &mut self.keys else {
            return;
        };
        let Ok(plain) = receiver.open_rtcp(datagram) else {
            return;
        };
        for said in feedback(&plain, self.ssrc) {
            match said {
                Feedback::KeyFrame => wanted.push(Wanted::KeyFrame),
                Feedback::Bye => self.closed = true,
                Feedback::Nack(lost) => self.send_again(&lost, wanted),
            }
        }
    }

    fn send_again(&mut self, lost: &[u16], wanted: &mut Vec<Wanted>) {
        let (Some((sender, _)), Some(remote)) = (&self.keys, self.remote) else {
            return;
        };
        let Some(oldest) = self.sent.front().map(|sent| sent.index) else {
            return;
        };
        for &sequence in lost.iter().take(MAX_RESENT) {
            let behind = (self.index as u16).wrapping_sub(sequence);
            let index = self.index.saturating_sub(u64::from(behind));
            let Some(sent) = index
                .checked_sub(oldest)
                .and_then(|at| self.sent.get(at as usize))
            else {
                continue;
            };
            let Some(left) = self.credit.checked_sub(RESENDING_COSTS) else {
                self.resending.refused += 1;
                continue;
            };
            self.credit = left;
            self.resending.sent += 1;
            let mut packet = Vec::with_capacity(MAX_DATAGRAM);
            match self.offer.retransmission(sent.payload_type) {
                Some(payload_type) => {
                    let original = (sent.index as u16).to_be_bytes();
                    let payload = [&original, sent.packets.payload(sent.number)].concat();
                    let header = Header {
                        index: self.resent,
                        timestamp: sent.timestamp,
                        payload_type,
                        marker: sent.number + 1 == sent.packets.len(),
                        ssrc: self.resend_ssrc,
                        at_once: self.offer.playout_delay,
                    };
                    header.write(sender, &payload, &mut packet);
                    self.resent += 1;
                }
                None => self.write_packet(sender, sent, &mut packet),
            }
            wanted.push(Wanted::Send(remote, packet));
        }
    }

    /// What was sent again and refused since it was asked last.
    pub fn take_resending(&mut self) -> Resending {
        std::mem::take(&mut self.resending)
    }

    /// Timers: the handshake's, and our reports. Call every 20 ms or so. `ntp`: now, 32.32 since 1900.
    pub fn handle_timeout(&mut self, now: Instant, ntp: u64, wanted: &mut Vec<Wanted>) {
        if self.dtls_due.is_some_and(|due| due <= now) {
            self.dtls_due = None;
            let fine = self.dtls.handle_timeout(now).is_ok();
            self.closed |= !fine;
            self.poll_dtls(wanted);
        }
        if let (Some((sender, _)), Some(remote)) = (&mut self.keys, self.remote)
            && self.packets > 0
            && now >= self.report_due
        {
            self.report_due = now + REPORT_EVERY;
            let report = sender_report(self.ssrc, ntp, self.timestamp, self.packets, self.bytes);
            wanted.push(Wanted::Send(remote, sender.protect_rtcp(report)));
            if let Some(report) = self.sound.as_ref().and_then(|sound| sound.report(ntp)) {
                wanted.push(Wanted::Send(remote, sender.protect_rtcp(report)));
            }
        }
    }

    /// The viewer is told that nothing more comes (close_notify, RFC 5246 §7.2.1): it need not wait for its timers.
    pub fn end(&mut self, wanted: &mut Vec<Wanted>) {
        if !self.closed && self.keys.is_some() && self.dtls.close().is_ok() {
            self.poll_dtls(wanted);
        }
        self.closed = true;
    }

    fn poll_dtls(&mut self, wanted: &mut Vec<Wanted>) {
        let mut buffer = vec![0; MAX_DATAGRAM];
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => {
                    if let Some(remote) = self.remote {
                        wanted.push(Wanted::Send(remote, packet.to_vec()));
                    }
                }
                Output::BufferTooSmall { needed } => buffer.resize(needed, 0),
                Output::PeerCert(certificate) => {
                    self.closed |= digest(&SHA256, certificate).as_ref() != self.offer.fingerprint;
                }
                Output::KeyingMaterial(material, profile) => {
                    self.keys = keys_of(&material, profile);
                    self.closed |= self.keys.is_none();
                }
                Output::Timeout(due) => {
                    self.dtls_due = Some(due);
                    return;
                }
                Output::CloseNotify => self.closed = true,
                _ => {}
            }
        }
    }

    /// Appends protected packets from payload `from` on to `out`, as many as one system call can send as segments.
    /// None when nothing can be sent: no keys yet, or a codec that the viewer does not take.
    pub fn write_run(
        &mut self,
        codec: Codec,
        packets: &Arc<Packets>,
        from: usize,
        timestamp: u32,
        out: &mut Vec<u8>,
    ) -> Option<Step> {
        let (sender, _) = self.keys.as_ref()?;
        let payload_type = self.offer.payload(codec)?;
        let first_len = packets.payload(from).len();
        let segment = Header::len(self.offer.playout_delay) + first_len + sender.tag_len();
        let mut count = 0;
        while count < MAX_SEGMENTS && from + count < packets.len() {
            let length = packets.payload(from + count).len();
            if length > first_len || (count + 1) * segment > 64_000 {
                break;
            }
            let sent = Sent {
                index: self.index,
                packets: Arc::clone(packets),
                number: from + count,
                timestamp,
                payload_type,
            };
            self.write_packet(sender, &sent, out);
            self.index += 1;
            self.packets = self.packets.wrapping_add(1);
            self.bytes = self.bytes.wrapping_add(length as u32);
            self.sent.push_back(sent);
            self.credit = (self.credit + 1).min(MOST_CREDIT);
            count += 1;
            if length < first_len {
                break; // only the last segment may be shorter
            }
        }
        while self.sent.len() > KEPT_PACKETS {
            self.sent.pop_front();
        }
        self.timestamp = timestamp;
        (count > 0).then_some(Step { count, segment })
    }

    fn write_packet(&self, sender: &Sender, sent: &Sent, out: &mut Vec<u8>) {
        let header = Header {
            index: sent.index,
            timestamp: sent.timestamp,
            payload_type: sent.payload_type,
            marker: sent.number + 1 == sent.packets.len(),
            ssrc: self.ssrc,
            at_once: self.offer.playout_delay,
        };
        header.write(sender, sent.packets.payload(sent.number), out);
    }
}

/// We are the DTLS server: its keys protect what we send.
fn keys_of(material: &[u8], profile: dimpl::SrtpProfile) -> Option<(Sender, Receiver)> {
    let profile = SrtpProfile::of(profile)?;
    let keys = MasterKeys::split(profile, material).ok()?;
    Some((
        Sender::new(profile, &keys.server).ok()?,
        Receiver::new(profile, &keys.client).ok()?,
    ))
}

fn random<const LEN: usize>() -> Result<[u8; LEN], OfferError> {
    let mut bytes = [0; LEN];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| OfferError::Crypto)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
