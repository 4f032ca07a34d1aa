//! RTP: packets, framing over TCP, order, sender reports, and the payload formats of H.264 and H.265. No I/O, no clock, no Python.
//! Sources: RFC 3550, RFC 4571, RFC 6184, RFC 7798; what real devices do besides: GB/T 28181-2022 C.1 and the field.
//!
//! ```
//! use rtp::{RtpHeader, RtpPacket};
//! let header = RtpHeader { marker: true, payload_type: 96, sequence: 7, timestamp: 90_000, ssrc: 200_000_001 };
//! let datagram = [&header.to_bytes()[..], b"payload"].concat();
//! let packet = RtpPacket::parse(&datagram).expect("a packet");
//! assert_eq!((packet.header, packet.payload), (header, &b"payload"[..]));
//! ```
pub mod fuzz_bodies;
mod h264;
mod h265;
mod packet;
mod payload_format;
mod reorder;
mod sender_report;
mod tcp_framer;

pub use h264::{H264Depacketizer, H264Packetizer};
pub use h265::{H265Depacketizer, H265Packetizer};
pub use packet::{RtpError, RtpHeader, RtpPacket, is_rtcp, peek_ssrc};
pub use payload_format::{Fragment, PayloadError};
pub use reorder::{Arrival, ReorderBuffer, Step};
pub use sender_report::SenderReport;
pub use tcp_framer::{FramerStats, MAX_SKIPPED_BYTES, TcpFramer, frame_prefix};
