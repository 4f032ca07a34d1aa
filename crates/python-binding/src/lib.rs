//! The seam to Python: `fengsui._engine`. The only crate with PyO3. Ids, commands, counters and events cross, frames do not.
mod alarms;
mod encoder;
mod engine;
mod footage;
mod front;
mod lines;
mod shapes;

use pyo3::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pyo3::create_exception!(
    _engine,
    EngineError,
    pyo3::exceptions::PyException,
    "The engine refused; the text says why and what to do."
);
pyo3::create_exception!(
    _engine,
    PortInUse,
    EngineError,
    "Another program has the port. `args`: text, kind, port."
);
pyo3::create_exception!(
    _engine,
    CannotListen,
    EngineError,
    "The port cannot be opened. `args`: text, kind, port, what the system said."
);
pyo3::create_exception!(
    _engine,
    NameInUse,
    EngineError,
    "A source of that name or SSRC is open."
);
pyo3::create_exception!(
    _engine,
    NoPortLeft,
    EngineError,
    "The port range is used up."
);
pyo3::create_exception!(
    _engine,
    TooManySources,
    EngineError,
    "The limit of sources is reached."
);

/// Everything that the media port answers, as `METHOD /path`.
#[pyfunction]
fn media_paths() -> Vec<String> {
    media_engine::media_paths()
}

#[pymodule]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let python = module.py();
    module.add("EngineError", python.get_type::<EngineError>())?;
    module.add("PortInUse", python.get_type::<PortInUse>())?;
    module.add("CannotListen", python.get_type::<CannotListen>())?;
    module.add("NameInUse", python.get_type::<NameInUse>())?;
    module.add("NoPortLeft", python.get_type::<NoPortLeft>())?;
    module.add("TooManySources", python.get_type::<TooManySources>())?;
    lines::begin();
    module.add_function(wrap_pyfunction!(media_paths, module)?)?;
    module.add_function(wrap_pyfunction!(lines::take_log_lines, module)?)?;
    module.add_function(wrap_pyfunction!(lines::dropped_log_lines, module)?)?;
    module.add_function(wrap_pyfunction!(alarms::read_alarm_frame, module)?)?;
    module.add_class::<alarms::AlarmDatagrams>()?;
    module.add_class::<alarms::AlarmPeer>()?;
    module.add_class::<lines::LogLine>()?;
    module.add_class::<shapes::Transport>()?;
    module.add_class::<shapes::Payload>()?;
    module.add_class::<shapes::SsrcPolicy>()?;
    module.add_class::<shapes::Marker>()?;
    module.add_class::<shapes::AfterLoss>()?;
    module.add_class::<shapes::UnmappedSound>()?;
    module.add_class::<shapes::Reorder>()?;
    module.add_class::<shapes::SsrcChange>()?;
    module.add_class::<shapes::ParameterSets>()?;
    module.add_class::<shapes::EventKind>()?;
    module.add_class::<shapes::EngineConfig>()?;
    module.add_class::<shapes::SourceSpec>()?;
    module.add_class::<shapes::OpenedSource>()?;
    module.add_class::<shapes::ClipFootage>()?;
    module.add_class::<shapes::Event>()?;
    module.add_class::<shapes::EngineCounters>()?;
    module.add_class::<shapes::SourceCounters>()?;
    module.add_class::<shapes::KeyFrame>()?;
    module.add_class::<footage::RecordingStatus>()?;
    module.add_class::<footage::FootageCounters>()?;
    module.add_class::<footage::FetchStatus>()?;
    module.add_class::<footage::OldFootage>()?;
    module.add_class::<footage::RebuiltIndex>()?;
    module.add_class::<footage::KeyFrames>()?;
    module.add_function(wrap_pyfunction!(footage::rebuild_footage_index, module)?)?;
    module.add_class::<engine::Engine>()?;
    module.add_class::<front::SipFront>()?;
    module.add_class::<front::SipDatagram>()?;
    module.add_class::<front::SipRegistration>()?;
    module.add_class::<front::SipBatch>()?;
    module.add_class::<front::SipAnswer>()?;
    module.add_class::<front::SipFrontCounters>()?;
    module.add_class::<encoder::H264Encoder>()
}
