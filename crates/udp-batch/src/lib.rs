//! Many datagrams by one system call, both ways: `recvmmsg` with UDP_GRO, runs by UDP_SEGMENT, batches by `sendmmsg`.
//! The only home of these calls' unsafe code.
mod receive;
mod send;

pub use receive::{Datagrams, coalesce};
pub use send::{send_many, send_segments, send_until_full};
