//! One camera's stream: RTP packets in, whole access units out. No sockets, no clock, no Python; time is handed in.
//!
//! ```
//! use stream_receiver::{ReceiverPolicy, StreamReceiver};
//! let mut receiver = StreamReceiver::new(ReceiverPolicy::default());
//! receiver.push_packet(b"no RTP", 0);
//! if receiver.due_at_ms().is_some_and(|due| due <= 5) {
//!     receiver.handle_timeout(5);
//! }
//! while let Some(unit) = receiver.pull() {
//!     println!("{:?} {:?}", unit.pts, receiver.video());
//! }
//! assert_eq!(receiver.stats().malformed, 1);
//! ```
//! For TCP, `rtp::TcpFramer` cuts the connection's bytes into packets.
mod camera_clock;
mod classify;
mod elementary_path;
pub mod fuzz_bodies;
mod markers;
mod policy;
mod receiver;
mod sound_path;
mod stats;
mod timeline;

pub use policy::{
    AfterLossPolicy, AudioPolicy, MarkerPolicy, ParameterSetPolicy, PayloadPolicy, ReceiverPolicy,
    ReorderPolicy, SsrcChangePolicy, UnmappedSoundPolicy,
};
pub use receiver::StreamReceiver;
pub use stats::{ReceiverStats, Unplayable};
