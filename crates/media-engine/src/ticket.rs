//! The signed right of minutes to read one source. The node issues it, the engine verifies it (docs/design/seams.md).
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::net::IpAddr;

/// What a genuine ticket says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub source: String,
    pub session: String,
    pub expires_unix: u64,
    /// The workstation it was issued to, an IP address; empty: anybody who has it.
    pub address: String,
}

/// Why a ticket is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    #[error("the address carries no media ticket")]
    Missing,
    #[error("the media ticket is not one of this node")]
    Forged,
    #[error("the media ticket has expired; ask for the picture again")]
    Expired,
    #[error("the media ticket is for another source")]
    OtherSource,
    #[error("the session of this media ticket has ended")]
    Revoked,
    #[error("the media ticket was issued to another workstation")]
    OtherWorkstation,
    #[error("a device's own recording is looked at in the console alone")]
    OtherWay,
}

impl TicketError {
    /// A stable word for the node.
    pub fn word(self) -> &'static str {
        match self {
            TicketError::Missing => "missing",
            TicketError::Forged => "forged",
            TicketError::Expired => "expired",
            TicketError::OtherSource => "other_source",
            TicketError::Revoked => "revoked",
            TicketError::OtherWorkstation => "other_workstation",
            TicketError::OtherWay => "other_way",
        }
    }
}

/// Reads `text` as issued with `key`. Errors: [`TicketError::Forged`] for anything else.
pub fn read(key: &[u8], text: &str) -> Result<Ticket, TicketError> {
    let (payload, signature) = text.split_once('.').ok_or(TicketError::Forged)?;
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| TicketError::Forged)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| TicketError::Forged)?;
    mac.update(payload.as_bytes());
    mac.verify_slice(&signature)
        .map_err(|_| TicketError::Forged)?;
    let plain = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| TicketError::Forged)?;
    let plain = String::from_utf8(plain).map_err(|_| TicketError::Forged)?;
    let mut parts = plain.rsplitn(4, '|');
    let mut part = || parts.next().ok_or(TicketError::Forged);
    let (address, expires, session, source) = (part()?, part()?, part()?, part()?);
    Ok(Ticket {
        source: source.to_owned(),
        session: session.to_owned(),
        expires_unix: expires.parse().map_err(|_| TicketError::Forged)?,
        address: address.to_owned(),
    })
}

impl Ticket {
    /// Whether it opens `source` at `now_unix` (seconds) for whoever asks from `peer`.
    pub fn opens(&self, source: &str, now_unix: u64, peer: IpAddr) -> Result<(), TicketError> {
        if self.source != source {
            return Err(TicketError::OtherSource);
        }
        if self.expires_unix <= now_unix {
            return Err(TicketError::Expired);
        }
        let issued_to = self.address.parse::<IpAddr>().ok();
        if !self.address.is_empty() && issued_to != Some(peer.to_canonical()) {
            return Err(TicketError::OtherWorkstation);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn issue(plain: &str) -> String {
        let payload = URL_SAFE_NO_PAD.encode(plain);
        let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).expect("any key length");
        mac.update(payload.as_bytes());
        format!(
            "{payload}.{}",
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        )
    }

    #[test]
    fn a_ticket_opens_its_own_source_until_it_expires() {
        let text = issue("5201/main|s1|1000|");
        let ticket = read(&KEY, &text).expect("genuine");
        assert_eq!(ticket.session, "s1");
        assert_eq!(ticket.opens("5201/main", 999, HERE), Ok(()));
        assert_eq!(
            ticket.opens("5201/main", 1000, HERE),
            Err(TicketError::Expired)
        );
        assert_eq!(
            ticket.opens("5202/main", 999, HERE),
            Err(TicketError::OtherSource)
        );
        assert_eq!(read(&[8; 32], &text), Err(TicketError::Forged));
    }

    #[test]
    fn a_ticket_of_a_workstation_opens_nothing_elsewhere() {
        let ticket = read(&KEY, &issue("5201/main|s1|1000|10.1.0.7")).expect("genuine");
        let asked_from =
            |text: &str| ticket.opens("5201/main", 999, text.parse().expect("an address"));
        assert_eq!(asked_from("10.1.0.7"), Ok(()));
        assert_eq!(asked_from("::ffff:10.1.0.7"), Ok(()));
        for other in ["10.1.0.8", "::1"] {
            assert_eq!(asked_from(other), Err(TicketError::OtherWorkstation));
        }
        let odd = read(&KEY, &issue("5201/main|s1|1000|nowhere")).expect("genuine");
        assert_eq!(
            odd.opens("5201/main", 999, HERE),
            Err(TicketError::OtherWorkstation)
        );
    }

    #[test]
    fn a_foreign_text_is_no_ticket() {
        let unsigned = ["", ".", "a.b", "\u{1f642}.\u{1f642}"].map(str::to_owned);
        let odd = ["", "a|b", "a|b|c|", "a|b|-1|"].map(issue);
        for text in unsigned.iter().chain(&odd) {
            assert_eq!(read(&KEY, text), Err(TicketError::Forged), "{text}");
        }
    }
}
