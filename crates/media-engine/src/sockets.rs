//! Sockets for media: shared among workers, with room for bursts.
use mio::net::{TcpListener, UdpSocket};
use socket2::{Domain, Protocol, Socket, Type};
use std::net::SocketAddr;

/// What a worker opens of the ports that all of them share.
pub(crate) struct SharedSockets {
    pub rtp: UdpSocket,
    pub tcp: TcpListener,
    /// For the reports of its senders.
    pub rtcp: Option<UdpSocket>,
}

/// Of a port for reports: a few of them a second.
const REPORTS_BUFFER: usize = 64 * 1024;

/// None: somebody else has the port, and pictures come all the same.
pub(crate) fn reports_socket(address: SocketAddr, shared: bool) -> Option<UdpSocket> {
    udp_socket(address, REPORTS_BUFFER, shared).ok()
}

pub(crate) fn udp_socket(
    address: SocketAddr,
    buffer: usize,
    shared: bool,
) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_port(shared)?;
    // Best effort: above the kernel's limit only root may go, and less still works.
    if socket.set_recv_buffer_size(buffer).is_ok() && socket.recv_buffer_size()? < buffer {
        force_receive_buffer(&socket, buffer);
    }
    socket.bind(&address.into())?;
    Ok(UdpSocket::from_std(socket.into()))
}

fn force_receive_buffer(socket: &Socket, buffer: usize) {
    use std::os::fd::AsRawFd;
    let size = libc::c_int::try_from(buffer).unwrap_or(libc::c_int::MAX);
    // SAFETY: the option takes one int, which lives through the call; refusal (no privilege) is fine.
    unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVBUFFORCE,
            std::ptr::from_ref(&size).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        );
    }
}

pub(crate) fn tcp_listener(address: SocketAddr, shared: bool) -> std::io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    socket.bind(&address.into())?;
    socket.listen(4_096)?;
    Ok(TcpListener::from_std(socket.into()))
}
