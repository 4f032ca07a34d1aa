//! The SIP port's UDP door. It knows the table that the node gave it and does for it what must be done 30,000 times a
//! second: heartbeats of bound devices are answered and noted, registrations are challenged and their digest is checked.
//! Whom to admit, bind or refuse is the node's to decide; whatever is not plain goes to the node as it came.
//! Sources: RFC 3261 §8.2, §10, RFC 3581, RFC 2617, RFC 8760; GB/T 28181-2022 §9.1, §9.6.
mod answer;
mod digest;
mod front;
pub mod fuzz_bodies;
mod head;
mod queue;
mod rules;
mod shapes;
mod strangers;

pub use front::{Front, Taken, Word};
pub use head::Head;
pub use shapes::{FrontConfig, FrontCounters, Observed, Registration};
