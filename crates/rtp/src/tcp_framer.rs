//! RTP over TCP: a length of two bytes before each packet. Source: RFC 4571; GB/T 28181-2022 annex D; robustness by the field.

/// No sender makes RTP packets above this; a larger length means that we have lost the frame borders.
const PLAUSIBLE_PACKET: usize = 16 * 1024;
/// Bytes searched for the borders before the stream is given up for the part searched.
const MAX_WAITING: usize = 256 * 1024;

/// Cuts a connection's bytes into packets. RTCP and empty frames are left out.
#[derive(Debug, Default)]
pub struct TcpFramer {
    waiting: Vec<u8>,
    ssrc: Option<[u8; 4]>,
    resyncs: u64,
}

impl TcpFramer {
    pub fn new() -> Self {
        Self::default()
    }

    /// Times the frame borders were lost and found again.
    pub fn resyncs(&self) -> u64 {
        self.resyncs
    }

    /// Takes the next bytes and hands on each whole RTP packet.
    pub fn push(&mut self, bytes: &[u8], mut packet: impl FnMut(&[u8])) {
        self.waiting.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(head) = self.waiting.get(at..at + 2) {
            let length = usize::from(u16::from_be_bytes([head[0], head[1]]));
            if length == 0 {
                at += 2;
                continue;
            }
            if !self.plausible(at, length) {
                match self.find_border(at + 1) {
                    Some(border) => {
                        self.resyncs += 1;
                        at = border;
                        continue;
                    }
                    None => {
                        if self.waiting.len() - at > MAX_WAITING {
                            at = self.waiting.len();
                        }
                        break;
                    }
                }
            }
            let Some(frame) = self.waiting.get(at + 2..at + 2 + length) else {
                break;
            };
            if frame.len() >= 12 && frame[0] >> 6 == 2 && !(200..=204).contains(&frame[1]) {
                if self.ssrc.is_none() {
                    self.ssrc = frame[8..12].try_into().ok();
                }
                packet(frame);
            }
            at += 2 + length;
        }
        self.waiting.drain(..at);
    }

    /// Whether a frame may begin at `at`; what has not arrived yet gets the benefit of the doubt.
    fn plausible(&self, at: usize, length: usize) -> bool {
        if length > PLAUSIBLE_PACKET {
            return false;
        }
        match self.waiting.get(at + 2) {
            Some(first) => first >> 6 == 2,
            None => true,
        }
    }

    /// Two places with the known SSRC whose distance is what the length between them says.
    fn find_border(&self, from: usize) -> Option<usize> {
        let ssrc = self.ssrc?;
        let mut at = from;
        while at + 14 <= self.waiting.len() {
            if self.waiting[at + 10..at + 14] == ssrc && self.waiting[at + 2] >> 6 == 2 {
                let length =
                    usize::from(u16::from_be_bytes([self.waiting[at], self.waiting[at + 1]]));
                let next = at + 2 + length;
                if length <= PLAUSIBLE_PACKET
                    && self.waiting.get(next + 10..next + 14) == Some(&ssrc)
                {
                    return Some(at);
                }
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(sequence: u8, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x80, 96, 0, sequence, 0, 0, 0, 1, 0x0B, 0xEB, 0xC2, 0x01];
        packet.extend_from_slice(payload);
        let mut framed = (packet.len() as u16).to_be_bytes().to_vec();
        framed.extend_from_slice(&packet);
        framed
    }

    #[test]
    fn packets_come_out_whole_however_the_bytes_are_cut() {
        let stream = [frame(1, &[7; 40]), frame(2, &[8; 900])].concat();
        for cut in 0..stream.len() {
            let (mut framer, mut sequences) = (TcpFramer::new(), Vec::new());
            framer.push(&stream[..cut], |packet| sequences.push(packet[3]));
            framer.push(&stream[cut..], |packet| sequences.push(packet[3]));
            assert_eq!(sequences, [1, 2], "cut at {cut}");
        }
    }

    #[test]
    fn lost_borders_are_found_again_by_the_ssrc() {
        let broken = [
            frame(1, &[7; 40]),
            vec![0xFF; 33],
            frame(2, &[8; 30]),
            frame(3, &[9; 30]),
        ]
        .concat();
        let (mut framer, mut sequences) = (TcpFramer::new(), Vec::new());
        framer.push(&broken, |packet| sequences.push(packet[3]));
        assert_eq!(sequences, [1, 2, 3]);
        assert_eq!(framer.resyncs(), 1);
    }
}
