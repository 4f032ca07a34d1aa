//! H.264 encoding for worker processes and simulators.
use crate::EngineError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::{Mutex, PoisonError};

#[pyclass(frozen, module = "fengsui._engine")]
pub struct H264Encoder(Mutex<h264_encoder::H264Encoder>);

#[pymethods]
impl H264Encoder {
    #[new]
    fn new(width: usize, height: usize, fps: f64, kbit_s: u32) -> PyResult<Self> {
        let encoder = h264_encoder::H264Encoder::new(width, height, fps, kbit_s);
        encoder
            .map(|encoder| Self(Mutex::new(encoder)))
            .map_err(|error| EngineError::new_err(error.to_string()))
    }

    fn encode<'py>(
        &self,
        py: Python<'py>,
        y: &[u8],
        u: &[u8],
        v: &[u8],
        force_key: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let encoded = py.detach(|| {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .encode(y, u, v, force_key)
        });
        encoded
            .map(|bytes| PyBytes::new(py, &bytes))
            .map_err(|error| EngineError::new_err(error.to_string()))
    }
}
