//! Whether an RTP marker ends a frame. Cameras set it on every packet, on none, or where their frames end.
use crate::policy::MarkerPolicy;

/// Packets for which a marker in the middle of a frame makes markers unbelievable.
const DISTRUST_PACKETS: u32 = 500;
/// Frames ended by a marker after which a single packet with a marker is believed to be a frame.
const CONFIRMED: u32 = 4;

#[derive(Debug, Default)]
pub(crate) struct Markers {
    at_time: Option<i64>,
    packets_at_time: u32,
    marked_at_time: bool,
    distrust: u32,
    confirmed: u32,
}

impl Markers {
    /// True if this packet's marker is believed to end a frame. A frame of one packet proves nothing until markers
    /// were confirmed: cameras that mark every packet look the same.
    #[inline]
    pub(crate) fn ends_frame(&mut self, time: i64, marker: bool, policy: MarkerPolicy) -> bool {
        if self.at_time == Some(time) {
            if self.marked_at_time {
                self.distrust = DISTRUST_PACKETS;
                self.confirmed = 0;
            }
            self.packets_at_time = self.packets_at_time.saturating_add(1);
        } else {
            if self.marked_at_time && self.packets_at_time > 1 {
                self.confirmed = self.confirmed.saturating_add(1);
            }
            self.at_time = Some(time);
            self.packets_at_time = 1;
            self.marked_at_time = false;
        }
        self.distrust = self.distrust.saturating_sub(1);
        self.marked_at_time |= marker;
        marker
            && match policy {
                MarkerPolicy::Trust => true,
                MarkerPolicy::Ignore => false,
                MarkerPolicy::Learn => {
                    self.distrust == 0 && (self.packets_at_time > 1 || self.confirmed >= CONFIRMED)
                }
            }
    }
}
