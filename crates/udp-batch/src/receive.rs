//! Many datagrams by one system call: `recvmmsg`, each message coalesced by the kernel where it can (UDP_GRO).
use libc::{c_int, c_void, iovec, mmsghdr, sockaddr_storage};
use std::io;
use std::mem::{size_of, zeroed};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::RawFd;

const MESSAGE_BYTES: usize = 65_536;
/// Not a power of two, or the messages would fight for the same cache lines.
const STRIDE: usize = MESSAGE_BYTES + 1_600;
const CONTROL_BYTES: usize = 64;
const UDP_GRO: c_int = 104;

/// Asks the kernel to hand over runs of datagrams of one sender as one message. Old kernels refuse; all works without.
pub fn coalesce(fd: RawFd) {
    let on: c_int = 1;
    // SAFETY: the option takes one int, which lives through the call.
    unsafe {
        libc::setsockopt(
            fd,
            libc::SOL_UDP,
            UDP_GRO,
            std::ptr::from_ref(&on).cast(),
            size_of::<c_int>() as libc::socklen_t,
        );
    }
}

/// Room for one call's messages; one for each worker.
pub struct Datagrams {
    bytes: Vec<u8>,
    names: Vec<sockaddr_storage>,
    controls: Vec<[u64; CONTROL_BYTES / 8]>,
    headers: Vec<mmsghdr>,
    vectors: Vec<iovec>,
}

// SAFETY: the raw pointers in `headers` and `vectors` are set anew before each call and point into this value's own heap.
unsafe impl Send for Datagrams {}

impl Datagrams {
    /// Room for `messages` a call.
    pub fn new(messages: usize) -> Self {
        // SAFETY: all of these C structs are plain data for which zero is valid.
        let (name, header, vector) = unsafe {
            (
                zeroed::<sockaddr_storage>(),
                zeroed::<mmsghdr>(),
                zeroed::<iovec>(),
            )
        };
        Self {
            bytes: vec![0; STRIDE * messages],
            names: vec![name; messages],
            controls: vec![[0; CONTROL_BYTES / 8]; messages],
            headers: vec![header; messages],
            vectors: vec![vector; messages],
        }
    }

    /// Messages that one call can take.
    pub fn room(&self) -> usize {
        self.headers.len()
    }

    /// Takes what waits, up to [`Self::room`]; fewer means that nothing is left.
    pub fn receive(&mut self, fd: RawFd) -> io::Result<usize> {
        for index in 0..self.headers.len() {
            let vector = &mut self.vectors[index];
            vector.iov_base = self.bytes[index * STRIDE..].as_mut_ptr().cast::<c_void>();
            vector.iov_len = MESSAGE_BYTES;
            let header = &mut self.headers[index].msg_hdr;
            header.msg_name = std::ptr::from_mut(&mut self.names[index]).cast();
            header.msg_namelen = size_of::<sockaddr_storage>() as libc::socklen_t;
            header.msg_iov = vector;
            header.msg_iovlen = 1;
            header.msg_control = self.controls[index].as_mut_ptr().cast();
            header.msg_controllen = CONTROL_BYTES as _;
            header.msg_flags = 0;
        }
        // SAFETY: every header points to buffers of the stated sizes that live through the call.
        let got = unsafe {
            libc::recvmmsg(
                fd,
                self.headers.as_mut_ptr(),
                self.headers.len() as _,
                libc::MSG_DONTWAIT as _,
                std::ptr::null_mut(),
            )
        };
        usize::try_from(got).map_err(|_| io::Error::last_os_error())
    }

    /// Message `index` of the last call: who sent it, the bytes, and the length of each datagram in it (the last may
    /// be shorter). None when the sender's address is of no kind we know.
    pub fn message(&self, index: usize) -> Option<(SocketAddr, &[u8], usize)> {
        let header = &self.headers[index];
        let bytes = &self.bytes[index * STRIDE..][..header.msg_len as usize];
        let from = address_of(&self.names[index])?;
        let segment = self.segment_of(index).unwrap_or(bytes.len());
        Some((from, bytes, segment.max(1)))
    }

    fn segment_of(&self, index: usize) -> Option<usize> {
        let header = &self.headers[index].msg_hdr;
        // SAFETY: the kernel filled `msg_control` up to `msg_controllen`; the macros stay within it.
        unsafe {
            let mut control = libc::CMSG_FIRSTHDR(header);
            while !control.is_null() {
                if (*control).cmsg_level == libc::SOL_UDP && (*control).cmsg_type == UDP_GRO {
                    let size = libc::CMSG_DATA(control).cast::<c_int>().read_unaligned();
                    return usize::try_from(size).ok();
                }
                control = libc::CMSG_NXTHDR(header, control);
            }
        }
        None
    }
}

fn address_of(name: &sockaddr_storage) -> Option<SocketAddr> {
    match c_int::from(name.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says which struct the kernel wrote; both are smaller than the storage.
            let name = unsafe { &*std::ptr::from_ref(name).cast::<libc::sockaddr_in>() };
            let host = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
            Some(SocketAddr::new(
                IpAddr::V4(host),
                u16::from_be(name.sin_port),
            ))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let name = unsafe { &*std::ptr::from_ref(name).cast::<libc::sockaddr_in6>() };
            let host = Ipv6Addr::from(name.sin6_addr.s6_addr);
            Some(SocketAddr::new(
                IpAddr::V6(host),
                u16::from_be(name.sin6_port),
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd as _;

    #[test]
    fn datagrams_of_several_senders_come_whole_and_with_their_addresses() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a loopback port");
        coalesce(socket.as_raw_fd());
        let to = socket.local_addr().expect("bound");
        let senders = [0, 1].map(|_| UdpSocket::bind("127.0.0.1:0").expect("a loopback port"));
        for (number, sender) in senders.iter().enumerate() {
            for length in [1_400, 1_400, 300] {
                sender
                    .send_to(&vec![number as u8; length], to)
                    .expect("loopback takes it");
            }
        }
        let mut datagrams = Datagrams::new(16);
        let mut lengths = Vec::new();
        let count = datagrams
            .receive(socket.as_raw_fd())
            .expect("six datagrams wait");
        for index in 0..count {
            let (from, bytes, segment) = datagrams.message(index).expect("an IPv4 sender");
            let number = senders
                .iter()
                .position(|sender| sender.local_addr().is_ok_and(|address| address == from))
                .expect("one of ours");
            for datagram in bytes.chunks(segment) {
                assert!(datagram.iter().all(|&byte| usize::from(byte) == number));
                lengths.push(datagram.len());
            }
        }
        assert_eq!(lengths, [1_400, 1_400, 300, 1_400, 1_400, 300]);
        let nothing = datagrams
            .receive(socket.as_raw_fd())
            .expect_err("nothing is left");
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
    }
}
