//! Sockets and threads of the media core: RTP in, browser formats out. The only media crate with I/O.
//!
//! One worker a core takes RTP in and sends fMP4 out (`worker`); a small tokio runtime answers HTTP. The node hears by events.
mod admission;
mod allowance;
mod clip_body;
mod clip_footage;
mod clip_marks;
mod config;
mod dialling;
mod engine;
mod error;
mod event;
mod fan_out;
mod footage_asks;
mod footage_clip;
mod footage_files;
mod footage_hls;
mod footage_list;
mod footage_pacing;
mod footage_pieces;
mod footage_right;
mod footage_viewer;
mod front;
pub mod fuzz_bodies;
mod hls;
mod http;
mod intake;
mod keeper;
mod leftovers;
mod line;
mod pacing;
mod packets;
mod patience;
mod places;
mod playlist;
mod prefixed;
mod recordings;
mod refusal;
mod revoked;
mod rtc_viewer;
mod shared;
mod sockets;
mod source;
mod steering;
mod table;
mod ticket;
mod tls;
mod viewer;
mod whep;
mod worker;

pub use clip_footage::ClipFootage;
pub use config::{
    AfterLoss, Deviations, EngineConfig, Marker, ParameterSets, Payload, Reorder, SourceSpec,
    SsrcChange, SsrcPolicy, Transport, UnmappedSound,
};
pub use engine::{AtInstant, Engine, EngineCounters, KeyFrame, OpenedSource, SourceCounters};
pub use error::EngineError;
pub use event::{Event, EventKind};
pub use http::media_paths;
pub use steering::Paced;

#[cfg(test)]
mod keeper_tests;
