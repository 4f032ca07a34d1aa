//! The SIP door's face in Python: batches in, answers out.
use crate::PortInUse;
use crate::shapes::address;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use sip_front::{Front, FrontConfig};
use std::net::SocketAddr;

/// A datagram as it came, or, when observed, as it was seen: `code` and `out` are for the trace.
#[pyclass(frozen, get_all, module = "fengsui._engine")]
pub struct SipDatagram {
    host: String,
    port: u16,
    octets: Py<PyBytes>,
    code: String,
    out: bool,
}

/// A REGISTER whose sender knows the password.
#[pyclass(frozen, get_all, module = "fengsui._engine")]
pub struct SipRegistration {
    token: u64,
    code: String,
    host: String,
    port: u16,
    call_id: String,
    contact: String,
    expires_s: Option<u32>,
    version: String,
    user_agent: String,
    octets: Py<PyBytes>,
}

/// What was taken in one go.
#[pyclass(frozen, get_all, module = "fengsui._engine")]
pub struct SipBatch {
    datagrams: Vec<Py<SipDatagram>>,
    registrations: Vec<Py<SipRegistration>>,
    observed: Vec<Py<SipDatagram>>,
}

/// The node's word on a registration.
#[pyclass(frozen, get_all, module = "fengsui._engine")]
pub struct SipAnswer {
    token: u64,
    status: u16,
    lines: Vec<(String, String)>,
}

#[pymethods]
impl SipAnswer {
    #[new]
    fn new(token: u64, status: u16, lines: Vec<(String, String)>) -> Self {
        Self {
            token,
            status,
            lines,
        }
    }
}

/// Totals since the start.
#[pyclass(frozen, get_all, eq, module = "fengsui._engine")]
#[derive(PartialEq)]
pub struct SipFrontCounters {
    received: u64,
    sent: u64,
    heartbeats: u64,
    challenged: u64,
    registrations: u64,
    replayed: u64,
    handed_on: u64,
    dropped: u64,
    overflows: u64,
    over_rate: u64,
    over_queue: u64,
    failures: u64,
}

#[pyclass(frozen, module = "fengsui._engine")]
pub struct SipFront(Front);

fn peer(host: &str, port: u16) -> PyResult<SocketAddr> {
    Ok(SocketAddr::new(address(host)?, port))
}

fn datagram(
    py: Python<'_>,
    peer: SocketAddr,
    octets: &[u8],
    code: String,
    out: bool,
) -> PyResult<Py<SipDatagram>> {
    let datagram = SipDatagram {
        host: peer.ip().to_string(),
        port: peer.port(),
        octets: PyBytes::new(py, octets).unbind(),
        code,
        out,
    };
    Py::new(py, datagram)
}

#[pymethods]
impl SipFront {
    #[new]
    #[pyo3(signature = (*, host, port, realm, nonce_key, challenge, default_password, admit_unknown, max_requests_per_address_per_s,
        max_requests_per_device_per_s, max_remembered_addresses, max_pending, max_waiting, max_waiting_octets))]
    #[allow(clippy::too_many_arguments)] // keyword arguments of one constructor
    fn new(
        host: &str,
        port: u16,
        realm: String,
        nonce_key: Vec<u8>,
        challenge: bool,
        default_password: String,
        admit_unknown: bool,
        max_requests_per_address_per_s: u32,
        max_requests_per_device_per_s: u32,
        max_remembered_addresses: usize,
        max_pending: usize,
        max_waiting: usize,
        max_waiting_octets: usize,
    ) -> PyResult<Self> {
        let config = FrontConfig {
            realm,
            nonce_key,
            challenge,
            default_password,
            admit_unknown,
            max_requests_per_address_per_s,
            max_requests_per_device_per_s,
            max_remembered_addresses,
            max_pending,
            max_waiting,
            max_waiting_octets,
        };
        Front::open(peer(host, port)?, config)
            .map(Self)
            .map_err(|error| {
                if error.kind() == std::io::ErrorKind::AddrInUse {
                    let text = format!(
                        "SIP port {port} is in use by another program; stop it or set another port"
                    );
                    PortInUse::new_err((text, "SIP", port))
                } else {
                    PyOSError::new_err(error.to_string())
                }
            })
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    fn event_fd(&self) -> i32 {
        self.0.event_fd()
    }

    fn take(&self, py: Python<'_>, limit: usize) -> PyResult<SipBatch> {
        let taken = py.detach(|| self.0.take(limit));
        let datagrams = taken
            .datagrams
            .iter()
            .map(|(from, octets)| datagram(py, *from, octets, String::new(), false));
        let observed = taken
            .observed
            .into_iter()
            .map(|seen| datagram(py, seen.peer, &seen.octets, seen.code, seen.out));
        let registrations = taken.registrations.into_iter().map(|found| {
            let registration = SipRegistration {
                token: found.token,
                code: found.code,
                host: found.from.ip().to_string(),
                port: found.from.port(),
                call_id: found.call_id,
                contact: found.contact,
                expires_s: found.expires_s,
                version: found.version,
                user_agent: found.user_agent,
                octets: PyBytes::new(py, &found.octets).unbind(),
            };
            Py::new(py, registration)
        });
        Ok(SipBatch {
            datagrams: datagrams.collect::<PyResult<_>>()?,
            observed: observed.collect::<PyResult<_>>()?,
            registrations: registrations.collect::<PyResult<_>>()?,
        })
    }

    fn take_heard(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.0.take_heard())
    }

    fn send(&self, host: &str, port: u16, octets: &[u8]) -> PyResult<()> {
        self.0.send(peer(host, port)?, octets);
        Ok(())
    }

    fn answer(
        &self,
        py: Python<'_>,
        answers: Vec<Py<SipAnswer>>,
    ) -> PyResult<Vec<Py<SipDatagram>>> {
        let plain: Vec<_> = answers
            .iter()
            .map(|answer| {
                let answer = answer.get();
                (answer.token, answer.status, answer.lines.clone())
            })
            .collect();
        let sent = py.detach(|| self.0.answer(&plain));
        sent.iter()
            .take(SHOWN)
            .map(|(to, octets)| datagram(py, *to, octets, String::new(), true))
            .collect()
    }

    fn forget(&self, tokens: Vec<u64>) {
        self.0.forget(&tokens);
    }

    fn know(&self, code: &str, password: &str) {
        self.0.know(code, password);
    }

    fn defer(&self, code: &str, deferred: bool) {
        self.0.defer(code, deferred);
    }

    fn bind(&self, code: &str, host: &str, port: u16, expires_at: f64) -> PyResult<()> {
        self.0
            .bind(code, peer(host, port)?, expires_at.max(0.0) as u64);
        Ok(())
    }

    fn unbind(&self, code: &str) {
        self.0.unbind(code);
    }

    fn remove(&self, code: &str) {
        self.0.remove(code);
    }

    fn counters(&self) -> SipFrontCounters {
        let counters = self.0.counters();
        SipFrontCounters {
            received: counters.received,
            sent: counters.sent,
            heartbeats: counters.heartbeats,
            challenged: counters.challenged,
            registrations: counters.registrations,
            replayed: counters.replayed,
            handed_on: counters.handed_on,
            dropped: counters.dropped,
            overflows: counters.overflows,
            over_rate: counters.over_rate,
            over_queue: counters.over_queue,
            failures: counters.failures,
        }
    }
}

/// Answers of one batch that are given back for the trace.
const SHOWN: usize = 64;
