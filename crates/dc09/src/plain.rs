//! One frame: who says what, the key by which it is known when it comes again, and its acknowledgement.
use crate::checksum::crc16;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Longer ones are none.
const MAX_BYTES: usize = 4_096;
const HEAD: usize = 8;
const TOKENS: [&str; 3] = ["SIA-DCS", "ADM-CID", "NULL"];

/// A whole frame with a right checksum.
#[derive(Debug, PartialEq, Eq)]
pub struct Plain<'a> {
    /// `SIA-DCS`, `ADM-CID` or `NULL`.
    pub token: &'a str,
    /// Four digits.
    pub sequence: &'a str,
    /// Its digits in upper case.
    pub account: String,
    /// Between the brackets.
    pub data: &'a str,
    /// Seconds since 1970 by the host's clock; None: it tells no time.
    pub sent_s: Option<i64>,
    /// 64 hexadecimal digits, as `features.alarms` has it: the same when the frame is sent again.
    pub key: String,
    /// The whole frame that takes it over, in clear.
    pub ack: Vec<u8>,
}

/// What stands between LF and CR of a datagram that is one frame and nothing else.
#[must_use]
pub fn frame_of(datagram: &[u8]) -> Option<&[u8]> {
    let (&b'\n', rest) = datagram.split_first()? else {
        return None;
    };
    let (&b'\r', frame) = rest.split_last()? else {
        return None;
    };
    let is_whole = frame.len() >= HEAD && !frame.iter().any(|octet| matches!(octet, b'\n' | b'\r'));
    is_whole.then_some(frame)
}

/// Of what stands between LF and CR. None: something about it is not as usual, or not right.
#[must_use]
pub fn read(frame: &[u8]) -> Option<Plain<'_>> {
    if frame.len() > MAX_BYTES || frame.get(6) == Some(&b'"') || frame.get(HEAD) != Some(&b'"') {
        return None; // a quotation mark so early: its checksum is of two octets
    }
    let (checksum, _length) = (hexadecimal(&frame[..4])?, hexadecimal(&frame[4..HEAD])?);
    let body = &frame[HEAD..];
    if checksum != crc16(body) || !body.iter().all(|octet| matches!(octet, b' '..=b'~')) {
        return None;
    }
    let body = std::str::from_utf8(body).ok()?;
    let (token, rest) = body[1..].split_once('"')?;
    if !TOKENS.contains(&token) {
        return None;
    }
    let (head, content) = rest.split_once('[')?;
    let (sequence, path) = head.split_at_checked(4)?;
    let (line, account) = path.split_once('#')?;
    let usual = sequence.bytes().all(|octet| octet.is_ascii_digit()) && is_path(line);
    if !usual || !is_digits(account, 3, 16) {
        return None;
    }
    let (data, behind) = content.split_once(']')?;
    if data.contains(['"', '\\']) {
        return None; // the key would write them otherwise
    }
    let sent_s = if behind.is_empty() {
        None
    } else {
        Some(time_of(behind.strip_prefix('_')?)?)
    };
    let answer = format!("\"ACK\"{sequence}{line}#{account}[]");
    let account = account.to_ascii_uppercase();
    Some(Plain {
        token,
        sequence,
        key: key_of(&account, token, sequence, data),
        account,
        data,
        sent_s,
        ack: framed(&answer),
    })
}

/// Receiver and line: `R1L0`, `L`.
fn is_path(text: &str) -> bool {
    let Some((receiver, line)) = text.split_once('L') else {
        return false;
    };
    let told = receiver.strip_prefix('R');
    (receiver.is_empty() || told.is_some_and(|digits| is_digits(digits, 1, 6)))
        && is_digits(line, 0, 6)
}

fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_hexdigit())
}

fn hexadecimal(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |value, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some((value << 4) | digit as u16)
    })
}

fn key_of(account: &str, token: &str, sequence: &str, data: &str) -> String {
    let whole = format!("[\"{account}\", \"{token}\", \"{sequence}\", \"{data}\", []]");
    let mut key = String::with_capacity(64);
    for octet in Sha256::digest(whole.as_bytes()) {
        let _ = write!(key, "{octet:02x}"); // a String takes all
    }
    key
}

fn framed(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("\n{:04X}{length:04X}{body}\r", crc16(body.as_bytes())).into_bytes()
}

/// `HH:MM:SS,MM-DD-YYYY` of UTC to seconds since 1970. None: no time that there is.
fn time_of(text: &str) -> Option<i64> {
    const FORM: &[u8] = b"00:00:00,00-00-0000";
    let octets = text.as_bytes();
    let as_told = octets.len() == FORM.len()
        && octets.iter().zip(FORM).all(|(octet, form)| match form {
            b'0' => octet.is_ascii_digit(),
            sign => octet == sign,
        });
    if !as_told {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let (hour, minute, second) = (number(0, 2)?, number(3, 5)?, number(6, 8)?);
    let (month, day, year) = (number(9, 11)?, number(12, 14)?, number(15, 19)?);
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(is_leap),
        1..=12 => 31,
        _ => return None,
    };
    if year < 1 || !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Years begin in March here, so that the day of a leap year is the last one.
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(body: &str) -> Vec<u8> {
        let mut frame = framed(body);
        frame.pop();
        frame.remove(0);
        frame
    }

    #[test]
    fn a_usual_frame_is_read_and_taken_over() {
        let frame = sent("\"SIA-DCS\"0012R1Lab#12a4[#12A4|Nri1/BA005]_08:20:00,03-02-2026");
        let read = read(&frame).expect("a usual frame");
        assert_eq!(
            (read.token, read.sequence, read.account.as_str()),
            ("SIA-DCS", "0012", "12A4")
        );
        assert_eq!(
            (read.data, read.sent_s),
            ("#12A4|Nri1/BA005", Some(1_772_439_600))
        );
        assert_eq!(read.ack, framed("\"ACK\"0012R1Lab#12a4[]"));
        assert_eq!(read.key.len(), 64);
    }

    #[test]
    fn what_is_otherwise_is_left_to_the_reference() {
        for body in [
            "\"*SIA-DCS\"0012L0#1234[00112233445566778899AABBCCDDEEFF",
            "\"ACK\"0012L0#1234[]",
            "\"NAK\"0000R0L0A0[]_08:20:00,03-02-2026",
            "\"SIA-DCS\"0012L0[#1234|NBA005]",
            "\"SIA-DCS\"0012L0#1234[#1234|NBA005",
            "\"SIA-DCS\"0012L0#1234[#1234|NBA005][Vhttp://10.0.0.5/1]",
            "\"SIA-DCS\"0012L0#1234[#1234|NBA005]_24:20:00,03-02-2026",
            "\"SIA-DCS\"0012L0#1234[#1234|NBA005]_08:20:00,02-29-2026",
            "\"SIA-DCS\"0012L0#1234[#1234|NBA005/\"]",
            "\"SIA-DCS\"0012L0#1234[#1234|NBA\u{e9}]",
            "\"SIA-DCS\"012L0#1234[#1234|NBA005]",
            "\"SIA-DCS\"0012L1234567#1234[#1234|NBA005]",
            "\"SIA-DCS\"0012L0#12[#12|NBA005]",
        ] {
            assert_eq!(read(&sent(body)), None, "{body}");
        }
        let mut frame = sent("\"NULL\"0000L0#1234[]");
        assert!(read(&frame).is_some());
        frame[0] ^= 1;
        assert_eq!(read(&frame), None, "its checksum is wrong");
    }

    #[test]
    fn days_of_leap_years_and_their_neighbours() {
        for (text, seconds) in [
            ("00:00:00,01-01-1970", 0),
            ("23:59:59,12-31-1969", -1),
            ("00:00:00,02-29-2000", 951_782_400),
            ("00:00:00,03-01-2100", 4_107_542_400),
            ("00:00:00,01-01-0001", -62_135_596_800),
        ] {
            assert_eq!(time_of(text), Some(seconds), "{text}");
        }
        assert_eq!(time_of("00:00:00,02-29-2100"), None);
        assert_eq!(time_of("00:00:00,01-01-0000"), None);
    }

    #[test]
    fn a_datagram_with_anything_beside_its_frame_is_left_to_the_reference() {
        let frame = framed("\"NULL\"0000L0#1234[]");
        assert_eq!(frame_of(&frame), Some(&frame[1..frame.len() - 1]));
        for other in [
            &frame[1..],
            &frame[..frame.len() - 1],
            &[&frame[..], &frame[..]].concat(),
            b"\n\r",
            b"",
        ] {
            assert_eq!(frame_of(other), None);
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_read_or_left(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            crate::fuzz_bodies::plain(&octets);
        }
    }
}
