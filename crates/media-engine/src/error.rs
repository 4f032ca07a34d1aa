//! What can be refused, each with the remedy in its text.
use std::io;

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("{kind} port {port} is in use by another program; stop it or set another port")]
    PortInUse { kind: &'static str, port: u16 },
    #[error("cannot listen for {kind} on port {port}: {source}")]
    CannotListen {
        kind: &'static str,
        port: u16,
        source: io::Error,
    },
    #[error("a source named {0} is open already")]
    NameInUse(String),
    #[error("SSRC {0} is in use by another source")]
    SsrcInUse(u32),
    #[error("no port is left in the range {0}-{1}; widen it or let streams share the one port")]
    NoPortLeft(u16, u16),
    #[error("{0} sources are open, which is the limit max_sources")]
    TooManySources(usize),
    #[error("source {0} is not open")]
    NoSuchSource(u64),
    #[error("the certificate or its key cannot be used: {0}")]
    Certificate(String),
    #[error("the engine is not running")]
    NotRunning,
    #[error("no footage folder was given: nothing is recorded")]
    NoFootage,
    #[error("footage folders were given before")]
    FootageTwice,
    #[error("too many clips wait to be taken")]
    TooManyClips,
    #[error("{0:?} is no stream's name")]
    StreamName(String),
    #[error(transparent)]
    Footage(#[from] recording::RecordingError),
    #[error("{0}")]
    Io(#[from] io::Error),
}

pub(crate) fn listen_error(kind: &'static str, port: u16, source: io::Error) -> EngineError {
    if source.kind() == io::ErrorKind::AddrInUse {
        EngineError::PortInUse { kind, port }
    } else {
        EngineError::CannotListen { kind, port, source }
    }
}
