//! RTP packets out of a TCP connection. Source: RFC 4571 §2; RTSP interleaving and a 256-byte preamble at the start of
//! the connection are recognised, and order is found again after a sender lost part of a frame.
use crate::packet::{is_rtcp, peek_ssrc};

/// Bytes that may be skipped without a packet between before the connection is given up.
pub const MAX_SKIPPED_BYTES: usize = 1 << 20;
const PREAMBLE: usize = 256;
const MIN_PACKET: usize = 12;

/// Counters of one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FramerStats {
    pub resyncs: u64,
    pub skipped_bytes: u64,
    /// RTCP packets that shared the connection (GB/T 28181-2022 C.2).
    pub rtcp: u64,
}

/// Cuts one connection's bytes, in any chunking, into packets. Holds at most one frame and a little.
#[derive(Debug, Default)]
pub struct TcpFramer {
    pending: Vec<u8>,
    /// Bytes before the packet: 2, or 4 when interleaved; 0 until the first packet shows it.
    prefix: usize,
    ssrc: Option<u32>,
    lost_order: bool,
    skipped_in_a_row: usize,
    stats: FramerStats,
}

enum Found {
    Packet { at: usize, end: usize },
    Skip(usize),
    NeedMore,
}

impl TcpFramer {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn stats(&self) -> FramerStats {
        self.stats
    }

    /// True when no RTP came in [`MAX_SKIPPED_BYTES`]: the connection carries something else and should be closed.
    pub fn is_hopeless(&self) -> bool {
        self.skipped_in_a_row > MAX_SKIPPED_BYTES
    }

    /// Hands over each whole packet, of RTP and of RTCP.
    pub fn push(&mut self, bytes: &[u8], mut on_packet: impl FnMut(&[u8])) {
        if self.pending.is_empty() {
            let used = self.cut(bytes, &mut on_packet);
            self.pending.extend_from_slice(&bytes[used..]);
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(bytes);
        let used = self.cut(&pending, &mut on_packet);
        pending.drain(..used);
        if pending.capacity() > 16_384 && pending.len() < 4_096 {
            pending.shrink_to(4_096);
        }
        self.pending = pending;
    }

    fn cut(&mut self, bytes: &[u8], on_packet: &mut impl FnMut(&[u8])) -> usize {
        let mut used = 0;
        loop {
            match self.find(&bytes[used..]) {
                Found::NeedMore => return used,
                Found::Skip(count) => {
                    used += count;
                    self.stats.skipped_bytes += count as u64;
                    self.skipped_in_a_row += count;
                }
                Found::Packet { at, end } => {
                    let packet = &bytes[used + at..used + end];
                    used += end;
                    if is_rtcp(packet) {
                        self.stats.rtcp += 1;
                    } else {
                        self.skipped_in_a_row = 0;
                        self.ssrc = peek_ssrc(packet);
                    }
                    on_packet(packet);
                }
            }
        }
    }

    fn find(&mut self, bytes: &[u8]) -> Found {
        if self.lost_order {
            return self.find_again(bytes);
        }
        if self.prefix == 0 {
            return self.find_first(bytes);
        }
        let Some(len) = frame_len(bytes, self.prefix) else {
            return Found::NeedMore;
        };
        if len == 0 {
            return Found::Skip(self.prefix); // an empty frame is legal
        }
        let at = self.prefix;
        let end = at + len;
        let Some(head) = bytes.get(at..at + MIN_PACKET.min(len)) else {
            return Found::NeedMore;
        };
        let known = is_rtcp(head) || (len >= MIN_PACKET && peek_ssrc(head) == self.ssrc);
        let marked = self.prefix == 2 || bytes[0] == b'$';
        if !known && marked && peek_ssrc(head).is_some() {
            // Another SSRC: believed if the frame behind it goes on with it.
            let Some(next) = bytes.get(end..end + at + MIN_PACKET) else {
                return Found::NeedMore;
            };
            if peek_ssrc(&next[at..]) == peek_ssrc(head) {
                return Found::Packet { at, end };
            }
        }
        if !known {
            self.lost_order = true;
            self.stats.resyncs += 1;
            return Found::Skip(1);
        }
        if bytes.len() < end {
            Found::NeedMore
        } else {
            Found::Packet { at, end }
        }
    }

    /// The first frame tells the form.
    fn find_first(&mut self, bytes: &[u8]) -> Found {
        if bytes.len() < 4 + MIN_PACKET {
            return Found::NeedMore;
        }
        for prefix in [2, 4] {
            let plausible = frame_len(bytes, prefix).is_some_and(|len| len >= MIN_PACKET)
                && bytes[prefix] >> 6 == 2
                && (prefix == 2 || bytes[0] == b'$');
            if plausible {
                self.prefix = prefix;
                self.ssrc = peek_ssrc(&bytes[prefix..]);
                return Found::Skip(0);
            }
        }
        if bytes.starts_with(&[1, 0]) {
            if bytes.len() < PREAMBLE + 4 + MIN_PACKET {
                return Found::NeedMore;
            }
            if bytes[PREAMBLE + 2] >> 6 == 2 {
                return Found::Skip(PREAMBLE);
            }
        }
        self.prefix = 2;
        self.lost_order = true;
        self.stats.resyncs += 1;
        Found::Skip(1)
    }

    /// Two frames in a row with one SSRC (the known one, if any) whose distance is the length.
    fn find_again(&mut self, bytes: &[u8]) -> Found {
        let prefix = self.prefix;
        for start in 0..bytes.len().saturating_sub(prefix + MIN_PACKET) {
            let here = &bytes[start..];
            let Some(ssrc) = peek_ssrc(&here[prefix..]) else {
                continue;
            };
            let len = frame_len(here, prefix).unwrap_or(0);
            if len < MIN_PACKET || self.ssrc.is_some_and(|known| known != ssrc) {
                continue;
            }
            match here.get(prefix + len..2 * prefix + len + MIN_PACKET) {
                None => {
                    return if start == 0 {
                        Found::NeedMore
                    } else {
                        Found::Skip(start)
                    };
                }
                Some(next) if peek_ssrc(&next[prefix..]) == Some(ssrc) => {
                    self.lost_order = false;
                    self.ssrc = Some(ssrc);
                    return Found::Skip(start);
                }
                Some(_) => {}
            }
        }
        match bytes.len().saturating_sub(prefix + MIN_PACKET) {
            0 => Found::NeedMore,
            all => Found::Skip(all),
        }
    }
}

fn frame_len(bytes: &[u8], prefix: usize) -> Option<usize> {
    let len: [u8; 2] = bytes.get(prefix - 2..prefix)?.try_into().ok()?;
    Some(usize::from(u16::from_be_bytes(len)))
}

/// The two bytes that stand before a packet on the wire; `None` if it is longer than a frame can be.
pub fn frame_prefix(packet: &[u8]) -> Option<[u8; 2]> {
    u16::try_from(packet.len()).ok().map(u16::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RtpHeader;

    fn packets(count: u16) -> Vec<Vec<u8>> {
        (0..count)
            .map(|sequence| {
                let header = RtpHeader {
                    marker: false,
                    payload_type: 96,
                    sequence,
                    timestamp: 0,
                    ssrc: 0x0BEB_C201,
                };
                [
                    &header.to_bytes()[..],
                    &vec![0x55; 40 + usize::from(sequence)],
                ]
                .concat()
            })
            .collect()
    }

    fn framed(packets: &[Vec<u8>]) -> Vec<u8> {
        packets
            .iter()
            .flat_map(|packet| [&frame_prefix(packet).expect("short")[..], packet].concat())
            .collect()
    }

    fn read(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let (mut framer, mut out) = (TcpFramer::new(), Vec::new());
        for chunk in chunks {
            framer.push(chunk, |packet| out.push(packet.to_vec()));
        }
        out
    }

    #[test]
    fn a_connection_split_at_every_byte_gives_the_same_packets() {
        let sent = packets(5);
        let stream = framed(&sent);
        for at in 0..=stream.len() {
            assert_eq!(read(&[&stream[..at], &stream[at..]]), sent);
        }
    }

    #[test]
    fn interleaved_frames_and_a_preamble_are_recognised() {
        let sent = packets(3);
        let interleaved: Vec<u8> = sent
            .iter()
            .flat_map(|p| [&[b'$', 0, 0, p.len() as u8][..], p].concat())
            .collect();
        let mut preambled = vec![0; PREAMBLE];
        preambled[0] = 1;
        preambled.extend(framed(&sent));
        for stream in [interleaved, preambled] {
            for at in 0..=stream.len() {
                assert_eq!(read(&[&stream[..at], &stream[at..]]), sent, "cut at {at}");
            }
        }
    }

    #[test]
    fn order_is_found_again_after_a_frame_lost_its_middle() {
        let sent = packets(8);
        let mut stream = framed(&sent[..3]);
        stream.truncate(stream.len() - 20);
        stream.extend_from_slice(&framed(&sent[3..]));
        let whole = read(&[&stream]);
        assert!(whole.ends_with(&sent[5..]), "{} packets", whole.len());
        for at in 0..=stream.len() {
            assert_eq!(read(&[&stream[..at], &stream[at..]]), whole, "cut at {at}");
        }
    }

    #[test]
    fn endless_garbage_is_given_up() {
        let mut framer = TcpFramer::new();
        let given_up = (0..600).any(|_| {
            framer.push(&[0x11; 4096], |_| ());
            framer.is_hopeless()
        });
        assert!(given_up);
    }
}
