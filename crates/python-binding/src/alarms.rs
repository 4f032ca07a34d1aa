//! Frames of alarm hosts: read by the engine where they are as usual, and their datagrams many at a time.
use dc09::Plain;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::RawFd;
use std::sync::{Mutex, PoisonError};
use udp_batch::Datagrams;

fn told<'py>(py: Python<'py>, read: &Plain<'_>) -> PyResult<Bound<'py, PyTuple>> {
    #[allow(clippy::cast_precision_loss)] // of years of four digits there is none
    let sent_s = read.sent_s.map(|sent_s| sent_s as f64);
    (
        PyString::intern(py, read.token),
        read.sequence,
        &read.account,
        read.data,
        sent_s,
        &read.key,
        PyBytes::new(py, &read.ack),
    )
        .into_pyobject(py)
}

/// A frame as nearly all are; None: it is for the reader in Python.
#[pyfunction]
pub fn read_alarm_frame<'py>(
    py: Python<'py>,
    frame: &[u8],
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    dc09::read(frame).map(|read| told(py, &read)).transpose()
}

/// Where a datagram came from, and its answer goes.
#[pyclass(frozen, module = "fengsui._engine")]
pub struct AlarmPeer(SocketAddr);

#[pyclass(frozen, module = "fengsui._engine")]
pub struct AlarmDatagrams {
    fd: RawFd,
    room: Mutex<Datagrams>,
}

#[pymethods]
impl AlarmDatagrams {
    #[new]
    fn new(fd: RawFd, at_once: usize) -> Self {
        Self {
            fd,
            room: Mutex::new(Datagrams::new(at_once)),
        }
    }

    fn take<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        let (fd, into) = (self.fd, &mut *room);
        let count = match py.detach(|| into.receive(fd)) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(error) => return Err(PyOSError::new_err(error.to_string())),
        };
        let found = PyList::empty(py);
        let mut last: Option<(SocketAddr, Py<AlarmPeer>)> = None;
        let mut host: Option<(IpAddr, Py<PyString>)> = None;
        for (from, octets, _) in (0..count).filter_map(|index| room.message(index)) {
            let (_, peer) = match last.take() {
                Some(known) if known.0 == from => last.insert(known),
                _ => last.insert((from, Py::new(py, AlarmPeer(from))?)),
            };
            let (_, host) = match host.take() {
                Some(known) if known.0 == from.ip() => host.insert(known),
                _ => host.insert((
                    from.ip(),
                    PyString::new(py, &from.ip().to_string()).unbind(),
                )),
            };
            let read = dc09::frame_of(octets).and_then(dc09::read);
            let read = read.map(|read| told(py, &read)).transpose()?;
            found.append((
                peer.clone_ref(py),
                host.clone_ref(py),
                read,
                PyBytes::new(py, octets),
            ))?;
        }
        Ok(found)
    }

    fn send(&self, py: Python<'_>, answers: Vec<(Bound<'_, AlarmPeer>, PyBackedBytes)>) -> usize {
        let answers: Vec<(SocketAddr, &[u8])> = answers
            .iter()
            .map(|(peer, octets)| (peer.get().0, &octets[..]))
            .collect();
        py.detach(|| udp_batch::send_until_full(self.fd, &answers))
    }
}
