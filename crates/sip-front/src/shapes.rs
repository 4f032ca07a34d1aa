//! What goes in and out of the door.
use std::net::SocketAddr;

/// How the door behaves.
#[derive(Clone, Debug, Default)]
pub struct FrontConfig {
    pub realm: String,
    pub nonce_key: Vec<u8>,
    pub challenge: bool,
    /// For devices without a password of their own; empty: none.
    pub default_password: String,
    /// Unknown devices may register with the default password (else they go to the node as they came).
    pub admit_unknown: bool,
    pub max_requests_per_address_per_s: u32,
    /// Requests of a device that go to the node, on the average of some seconds; an address has as many for each device there.
    pub max_requests_per_device_per_s: u32,
    /// Addresses of strangers whose requests are counted.
    pub max_remembered_addresses: usize,
    /// Registrations that wait for the node's word.
    pub max_pending: usize,
    /// Datagrams that wait for the node.
    pub max_waiting: usize,
    /// Their octets.
    pub max_waiting_octets: usize,
}

/// A REGISTER whose sender knows the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub token: u64,
    pub code: String,
    pub from: SocketAddr,
    pub call_id: String,
    pub contact: String,
    pub expires_s: Option<u32>,
    pub version: String,
    pub user_agent: String,
    pub octets: Vec<u8>,
}

/// A message for the node's trace. `out`: ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub code: String,
    pub out: bool,
    pub peer: SocketAddr,
    pub octets: Vec<u8>,
}

/// Totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrontCounters {
    pub received: u64,
    pub sent: u64,
    pub heartbeats: u64,
    pub challenged: u64,
    pub registrations: u64,
    pub replayed: u64,
    pub handed_on: u64,
    /// Strangers and devices above their rate, and what the node was too slow for.
    pub dropped: u64,
    /// Times that busy strangers had to be forgotten.
    pub overflows: u64,
    /// Of the dropped: of devices, or of addresses with devices, above their rate.
    pub over_rate: u64,
    /// Of the dropped: what found no room.
    pub over_queue: u64,
    /// Panics of the thread.
    pub failures: u64,
}
