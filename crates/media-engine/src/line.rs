//! What a viewer is written to and heard on: a plain connection, or one under TLS.
use crate::tls::TlsLine;
use mio::net::TcpStream;
use std::io::{self, Read, Write};

pub(crate) enum Line {
    Plain(TcpStream),
    Tls(Box<TlsLine>),
}

impl Line {
    /// The socket to be watched.
    pub fn socket_mut(&mut self) -> &mut TcpStream {
        match self {
            Line::Plain(socket) => socket,
            Line::Tls(line) => &mut line.socket,
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Line::Plain(socket) => socket.write(bytes),
            Line::Tls(line) => line.write(bytes),
        }
    }

    /// Sends what was taken and waits; `WouldBlock` when the socket takes no more now.
    pub fn flush(&mut self) -> io::Result<()> {
        match self {
            Line::Plain(_) => Ok(()),
            Line::Tls(line) => line.flush(),
        }
    }

    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Line::Plain(socket) => socket.read(buffer),
            Line::Tls(line) => line.read(buffer),
        }
    }

    /// Says that nothing more comes: a player can tell the end from a cut.
    pub fn finish(&mut self) {
        if let Line::Tls(line) = self {
            line.finish();
        }
    }
}
