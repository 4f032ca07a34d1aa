//! The reports we send and the feedback we heed. Sources: RFC 3550 §6.4, RFC 4585 §6, RFC 5104 §4.3.1.

/// What a viewer's player asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Feedback {
    /// Sequence numbers that did not arrive.
    Nack(Vec<u16>),
    KeyFrame,
    Bye,
}

/// What is said in a compound packet about `ssrc`; other parts are passed over.
pub(crate) fn feedback(compound: &[u8], ssrc: u32) -> Vec<Feedback> {
    let mut found = Vec::new();
    let mut rest = compound;
    while let [first, kind, high, low, ..] = *rest {
        let length = 4 * (usize::from(u16::from_be_bytes([high, low])) + 1);
        let Some(packet) = rest.get(..length).filter(|_| first >> 6 == 2) else {
            break;
        };
        let about = |at: usize| packet.get(at..at + 4) == Some(&ssrc.to_be_bytes()[..]);
        match (kind, first & 0x1F) {
            (205, 1) if about(8) => found.push(Feedback::Nack(nacked(&packet[12..]))),
            (206, 1) if about(8) => found.push(Feedback::KeyFrame),
            (206, 4)
                if packet.get(12..).is_some_and(|items| {
                    items
                        .chunks(8)
                        .any(|item| item.starts_with(&ssrc.to_be_bytes()))
                }) =>
            {
                found.push(Feedback::KeyFrame);
            }
            (203, _) => found.push(Feedback::Bye),
            _ => {}
        }
        rest = &rest[length..];
    }
    found
}

fn nacked(items: &[u8]) -> Vec<u16> {
    let mut lost = Vec::new();
    for item in items.chunks_exact(4) {
        let first = u16::from_be_bytes([item[0], item[1]]);
        let following = u16::from_be_bytes([item[2], item[3]]);
        lost.push(first);
        lost.extend(
            (0..16)
                .filter(|bit| following >> bit & 1 == 1)
                .map(|bit| first.wrapping_add(bit + 1)),
        );
    }
    lost
}

/// Sender report and canonical name. `ntp`: 32.32 fixed point since 1900.
pub(crate) fn sender_report(
    ssrc: u32,
    ntp: u64,
    timestamp: u32,
    packets: u32,
    bytes: u32,
) -> Vec<u8> {
    let mut out = vec![0x80, 200, 0, 6];
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&ntp.to_be_bytes());
    for field in [timestamp, packets, bytes] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    out.extend_from_slice(&[0x81, 202, 0, 3]);
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&[1, 4, b'l', b'i', b'v', b'e', 0, 0]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_packets_and_key_frame_requests_are_heard_among_other_reports() {
        let mut compound = vec![0x80, 201, 0, 1, 0, 0, 0, 9];
        compound.extend_from_slice(&[
            0x81,
            205,
            0,
            3,
            0,
            0,
            0,
            9,
            0,
            0,
            0,
            5,
            0,
            10,
            0b1000_0000,
            1,
        ]);
        compound.extend_from_slice(&[0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 5]);
        assert_eq!(
            feedback(&compound, 5),
            [Feedback::Nack(vec![10, 11, 26]), Feedback::KeyFrame]
        );
        assert_eq!(feedback(&compound, 6), []);
        for end in 0..compound.len() {
            let _ = feedback(&compound[..end], 5);
        }
    }
}
