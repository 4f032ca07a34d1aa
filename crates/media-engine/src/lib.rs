//! Sockets and threads of the media core: RTP in, browser formats out. The only media crate with I/O.
//!
//! One thread owns the RTP sockets (`ingest`), a small tokio runtime serves HTTP and WebRTC. The node hears by events.
mod admission;
mod config;
mod engine;
mod error;
mod event;
mod hls;
mod http;
mod ingest;
mod shared;
mod table;
mod ticket;
mod whep;

pub use config::{EngineConfig, Payload, SourceSpec, SsrcPolicy, Transport};
pub use engine::{Engine, EngineCounters, KeyFrame, OpenedSource, SourceCounters};
pub use error::EngineError;
pub use event::{Event, EventKind};
