//! The signed right of minutes to read one source. The node issues it, the engine verifies it (docs/design/seams.md).
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What a valid ticket says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub source: String,
    pub session: String,
    pub expires_unix: u64,
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
}

/// Reads `text` as issued with `key`, valid for `source` at `now_unix` (seconds).
pub fn verify(key: &[u8], text: &str, source: &str, now_unix: u64) -> Result<Ticket, TicketError> {
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
    let mut parts = plain.rsplitn(3, '|');
    let expires = parts
        .next()
        .and_then(|part| part.parse().ok())
        .ok_or(TicketError::Forged)?;
    let session = parts.next().ok_or(TicketError::Forged)?;
    let named = parts.next().ok_or(TicketError::Forged)?;
    if named != source {
        return Err(TicketError::OtherSource);
    }
    if expires <= now_unix {
        return Err(TicketError::Expired);
    }
    Ok(Ticket {
        source: named.to_owned(),
        session: session.to_owned(),
        expires_unix: expires,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(source: &str, session: &str, expires: u64, key: &[u8]) -> String {
        let payload = URL_SAFE_NO_PAD.encode(format!("{source}|{session}|{expires}"));
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
        mac.update(payload.as_bytes());
        format!(
            "{payload}.{}",
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        )
    }

    #[test]
    fn a_ticket_opens_its_own_source_until_it_expires() {
        let key = [7_u8; 32];
        let text = issue("5201/main", "s1", 1000, &key);
        assert_eq!(
            verify(&key, &text, "5201/main", 999)
                .expect("valid")
                .session,
            "s1"
        );
        assert_eq!(
            verify(&key, &text, "5201/main", 1000),
            Err(TicketError::Expired)
        );
        assert_eq!(
            verify(&key, &text, "5202/main", 999),
            Err(TicketError::OtherSource)
        );
        assert_eq!(
            verify(&[8; 32], &text, "5201/main", 999),
            Err(TicketError::Forged)
        );
    }

    #[test]
    fn a_foreign_text_is_no_ticket() {
        for text in ["", ".", "a.b", "🙂.🙂"] {
            assert_eq!(
                verify(&[1; 32], text, "5201/main", 0),
                Err(TicketError::Forged)
            );
        }
    }
}
