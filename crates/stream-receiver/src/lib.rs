//! One camera's stream: RTP packets in, whole access units out. No sockets, no clock, no Python; time is handed in.
//!
//! ```ignore
//! let mut receiver = StreamReceiver::new(ReceiverPolicy::default());
//! receiver.push_packet(&datagram, now_ms);          // for each datagram or RFC 4571 frame, any order
//! while let Some(unit) = receiver.pull() { /* AccessUnit */ }
//! if receiver.due_at_ms().is_some_and(|due| due <= now_ms) { receiver.handle_timeout(now_ms); /* pull again */ }
//! receiver.video();                                  // Option<&VideoParameters>, set before the first unit is pulled
//! receiver.stats(); receiver.unplayable(); receiver.take_discontinuity();
//! ```
//! For TCP, `rtp::TcpFramer` cuts the connection's bytes into packets.
mod classify;
mod elementary_payload;
mod marker;
mod policy;
mod receiver;
mod stats;
mod timeline;

pub use policy::{
    AfterLossPolicy, AudioPolicy, MarkerPolicy, ParameterSetPolicy, PayloadPolicy, ReceiverPolicy,
    ReorderPolicy, SsrcChangePolicy,
};
pub use receiver::StreamReceiver;
pub use stats::{ReceiverStats, Unplayable};
