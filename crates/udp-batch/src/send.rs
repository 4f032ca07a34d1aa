//! A run of datagrams of equal length by one system call (UDP_SEGMENT), one by one where the kernel or card cannot.
use socket2::SockAddr;
use std::io;
use std::mem::{size_of, zeroed};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

const UDP_SEGMENT: libc::c_int = 103;

static SEGMENTS_REFUSED: AtomicBool = AtomicBool::new(false);

/// Sends `bytes` as datagrams of `segment` bytes; the last may be shorter.
pub fn send_segments(
    socket: &UdpSocket,
    to: SocketAddr,
    bytes: &[u8],
    segment: usize,
) -> io::Result<()> {
    if bytes.len() <= segment || SEGMENTS_REFUSED.load(Ordering::Relaxed) {
        return one_by_one(socket, to, bytes, segment);
    }
    match all_at_once(socket, to, bytes, segment) {
        Err(error)
            if matches!(
                error.raw_os_error(),
                Some(libc::EIO | libc::EINVAL | libc::ENOPROTOOPT)
            ) =>
        {
            SEGMENTS_REFUSED.store(true, Ordering::Relaxed);
            one_by_one(socket, to, bytes, segment)
        }
        result => result,
    }
}

fn one_by_one(socket: &UdpSocket, to: SocketAddr, bytes: &[u8], segment: usize) -> io::Result<()> {
    bytes
        .chunks(segment.max(1))
        .try_for_each(|datagram| socket.send_to(datagram, to).map(|_| ()))
}

fn all_at_once(socket: &UdpSocket, to: SocketAddr, bytes: &[u8], segment: usize) -> io::Result<()> {
    let name = SockAddr::from(to);
    let segment = u16::try_from(segment).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
    let mut vector = libc::iovec {
        iov_base: bytes.as_ptr().cast_mut().cast(),
        iov_len: bytes.len(),
    };
    let mut control = [0_u64; 4];
    // SAFETY: `message` points to buffers that live through the call and are of the stated sizes; the control buffer has
    // room for one u16 by CMSG_SPACE (24 bytes) and is aligned for cmsghdr.
    let sent = unsafe {
        let mut message: libc::msghdr = zeroed();
        message.msg_name = name.as_ptr().cast_mut().cast();
        message.msg_namelen = name.len();
        message.msg_iov = &mut vector;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(size_of::<u16>() as u32) as _;
        let head = libc::CMSG_FIRSTHDR(&message);
        (*head).cmsg_level = libc::SOL_UDP;
        (*head).cmsg_type = UDP_SEGMENT;
        (*head).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as u32) as _;
        libc::CMSG_DATA(head).cast::<u16>().write_unaligned(segment);
        libc::sendmsg(socket.as_raw_fd(), &message, libc::MSG_DONTWAIT)
    };
    if sent < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Datagrams to many, as few calls as the kernel allows. What its buffer does not take is lost, as the network might.
/// Returns how many were sent.
pub fn send_many(socket: &UdpSocket, datagrams: &[(SocketAddr, Vec<u8>)]) -> usize {
    batch(socket.as_raw_fd(), datagrams, false).0
}

/// The same, which ends where the kernel's buffer is full. Returns how many were dealt with; those behind them are to be sent again.
pub fn send_until_full(fd: RawFd, datagrams: &[(SocketAddr, &[u8])]) -> usize {
    batch(fd, datagrams, true).1
}

/// How many were sent, and how many dealt with.
fn batch<T: AsRef<[u8]>>(
    fd: RawFd,
    datagrams: &[(SocketAddr, T)],
    ends_when_full: bool,
) -> (usize, usize) {
    let names: Vec<SockAddr> = datagrams
        .iter()
        .map(|(to, _)| SockAddr::from(*to))
        .collect();
    let mut vectors: Vec<libc::iovec> = datagrams
        .iter()
        .map(|(_, bytes)| libc::iovec {
            iov_base: bytes.as_ref().as_ptr().cast_mut().cast(),
            iov_len: bytes.as_ref().len(),
        })
        .collect();
    let mut messages: Vec<libc::mmsghdr> = names
        .iter()
        .zip(&mut vectors)
        .map(|(name, vector)| {
            // SAFETY: plain data for which zero is valid.
            let mut message: libc::mmsghdr = unsafe { zeroed() };
            message.msg_hdr.msg_name = name.as_ptr().cast_mut().cast();
            message.msg_hdr.msg_namelen = name.len();
            message.msg_hdr.msg_iov = vector;
            message.msg_hdr.msg_iovlen = 1;
            message
        })
        .collect();
    let mut sent = 0;
    let mut at = 0;
    while at < messages.len() {
        // SAFETY: every header points into `names`, `vectors` and `datagrams`, which live through the call.
        let count = unsafe {
            libc::sendmmsg(
                fd,
                messages[at..].as_mut_ptr(),
                (messages.len() - at).min(1_024) as _,
                libc::MSG_DONTWAIT as _,
            )
        };
        let full = || io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock;
        if count < 0 && ends_when_full && full() {
            break;
        }
        let count = usize::try_from(count).unwrap_or(0);
        sent += count;
        at += count.max(1); // one that cannot be sent (no route, full buffer) does not hold up the others
    }
    (sent, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_arrives_as_single_datagrams() {
        let receiver = UdpSocket::bind("127.0.0.1:0").expect("a loopback port");
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a loopback port");
        let to = receiver.local_addr().expect("bound");
        let bytes: Vec<u8> = (0..2_500_u32).map(|number| number as u8).collect();
        send_segments(&sender, to, &bytes, 1_000).expect("loopback takes it");
        let mut buffer = [0; 2_000];
        let lengths = [0; 3].map(|_| receiver.recv(&mut buffer).expect("a datagram"));
        assert_eq!(lengths, [1_000, 1_000, 500]);
    }

    #[test]
    fn an_address_that_takes_nothing_does_not_end_a_batch() {
        let receiver = UdpSocket::bind("127.0.0.1:0").expect("a loopback port");
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a loopback port");
        let nowhere: SocketAddr = "[::1]:9".parse().expect("an address of the other family");
        let to = receiver.local_addr().expect("bound");
        let batch = [(nowhere, &b"lost"[..]), (to, b"there")];
        assert_eq!(send_until_full(sender.as_raw_fd(), &batch), 2);
        let mut buffer = [0; 16];
        assert_eq!(receiver.recv(&mut buffer).expect("a datagram"), 5);
    }

    #[test]
    fn a_batch_reaches_each_of_its_receivers() {
        let receivers = [0; 3].map(|_| UdpSocket::bind("127.0.0.1:0").expect("a loopback port"));
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a loopback port");
        let batch: Vec<_> = receivers
            .iter()
            .enumerate()
            .map(|(number, receiver)| {
                (
                    receiver.local_addr().expect("bound"),
                    vec![number as u8; number + 1],
                )
            })
            .collect();
        assert_eq!(send_many(&sender, &batch), 3);
        let mut buffer = [0; 16];
        for (number, receiver) in receivers.iter().enumerate() {
            assert_eq!(receiver.recv(&mut buffer).expect("a datagram"), number + 1);
        }
    }
}
