//! RTP packets, their order and their framing on TCP. No I/O.
mod packet;
mod reorder;
mod tcp_framer;

pub use packet::RtpPacket;
pub use reorder::{Arrival, Reorder};
pub use tcp_framer::TcpFramer;
