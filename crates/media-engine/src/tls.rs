//! TLS of the media port: the certificate, the handshake, and a connection that a worker goes on with by itself.
//! Source: RFC 8446 (and RFC 5246 for older players). Decision: docs/decisions (TLS in the media workers).
use crate::error::EngineError;
use mio::net::TcpStream;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::io::{self, Error, ErrorKind, Read, Write};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// First byte of a TLS record that carries a handshake. RFC 8446 §5.1.
const HANDSHAKE: u8 = 22;
/// Ciphertext that waits for one viewer's socket at most; a large picture fits in a few writes.
const UNSENT_CIPHERTEXT: usize = 128 * 1024;
const PLAIN_REQUEST: usize = 4 * 1024;
const SPEAKS_HTTPS: &str = "\u{6b64}\u{7aef}\u{53e3}\u{53ea}\u{63a5}\u{53d7} HTTPS / This port speaks HTTPS: use https:// or wss://\n";

/// The settings of new connections. Errors: [`EngineError::Certificate`] when the texts are no certificate with its key.
pub(crate) fn server_config(
    certificate_pem: &[u8],
    key_pem: &[u8],
) -> Result<Arc<ServerConfig>, EngineError> {
    let unusable = |what: &dyn std::fmt::Display| EngineError::Certificate(what.to_string());
    let chain = CertificateDer::pem_slice_iter(certificate_pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unusable(&error))?;
    let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(|error| unusable(&error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| unusable(&error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Shakes hands. None for whoever speaks plain HTTP, who is told so in the clear.
pub(crate) async fn accept(
    mut stream: tokio::net::TcpStream,
    config: Arc<ServerConfig>,
) -> io::Result<Option<TlsStream<tokio::net::TcpStream>>> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Ok(None);
    }
    if first[0] == HANDSHAKE {
        let accepted = TlsAcceptor::from(config).accept(stream).await?;
        return Ok(Some(accepted));
    }
    // Read before it is answered: a close with unread bytes is a reset, which would take the answer away.
    let mut request = vec![0; PLAIN_REQUEST];
    let _ = stream.read(&mut request).await?;
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        SPEAKS_HTTPS.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(SPEAKS_HTTPS.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(None)
}

/// A connection after its handshake, without a runtime: plaintext in, ciphertext to the socket.
pub(crate) struct TlsLine {
    pub socket: TcpStream,
    connection: ServerConnection,
}

impl TlsLine {
    pub fn new(socket: TcpStream, mut connection: ServerConnection) -> Self {
        connection.set_buffer_limit(Some(UNSENT_CIPHERTEXT));
        Self { socket, connection }
    }

    /// As [`Write::write`]; `WouldBlock` while earlier ciphertext waits.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.flush()?;
        let taken = self.connection.writer().write(bytes)?;
        match self.flush() {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(taken),
        }
    }

    /// `WouldBlock` when the socket takes no more now.
    pub fn flush(&mut self) -> io::Result<()> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut self.socket) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// As [`Read::read`]: 0 at the end, `WouldBlock` when nothing is there.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.connection.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                found => return found,
            }
            if self.connection.read_tls(&mut self.socket)? == 0 {
                return Ok(0);
            }
            self.connection
                .process_new_packets()
                .map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
        }
    }

    /// Says that nothing more comes, as far as the socket takes it.
    pub fn finish(&mut self) {
        self.connection.send_close_notify();
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};
    use std::net::{TcpListener, TcpStream as Blocking};
    use std::thread;

    #[test]
    fn what_is_no_certificate_is_refused_with_a_reason() {
        for (certificate, key) in [("", ""), ("-----BEGIN CERTIFICATE-----\n", "x")] {
            let refused = server_config(certificate.as_bytes(), key.as_bytes());
            assert!(matches!(refused, Err(EngineError::Certificate(_))));
        }
    }

    /// A line after its handshake, and the client's side of it.
    fn joined() -> (TlsLine, ClientConnection, Blocking) {
        let made =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let pem = |kind: &str, octets: &[u8]| {
            let text = STANDARD.encode(octets);
            format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
        };
        let chain = pem("CERTIFICATE", made.cert.der());
        let key = pem("PRIVATE KEY", &made.signing_key.serialize_der());
        let config = server_config(chain.as_bytes(), key.as_bytes()).expect("usable");
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("a root");
        let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let mut near = Blocking::connect(listener.local_addr().expect("bound")).expect("connects");
        let (mut far, _) = listener.accept().expect("accepts");
        let server = thread::spawn(move || {
            let mut connection = ServerConnection::new(config).expect("a connection");
            while connection.is_handshaking() || connection.wants_write() {
                connection.complete_io(&mut far).expect("shakes hands");
            }
            far.set_nonblocking(true).expect("a socket");
            TlsLine::new(TcpStream::from_std(far), connection)
        });
        let name = ServerName::try_from("localhost").expect("a name");
        let mut connection = ClientConnection::new(Arc::new(client), name).expect("a connection");
        while connection.is_handshaking() {
            connection.complete_io(&mut near).expect("shakes hands");
        }
        (server.join().expect("no panic"), connection, near)
    }

    #[test]
    fn everything_arrives_in_order_at_whoever_reads_late_and_the_end_is_told() {
        let (mut line, mut connection, mut socket) = joined();
        let sent: Vec<u8> = (0..8_000_000_u32)
            .map(|at| ((at * 31) >> 3) as u8)
            .collect();
        let wanted = sent.clone();
        let mut at = 0;
        // Nobody reads yet: it must stop taking long before the end.
        loop {
            match line.write(&sent[at..]) {
                Ok(count) => at += count,
                Err(error) => break assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
        assert!(at < sent.len() - 1_000_000, "{at} bytes taken unread");
        let reader = thread::spawn(move || {
            let mut heard = Vec::new();
            let ended = Stream::new(&mut connection, &mut socket).read_to_end(&mut heard);
            (heard, ended.is_ok())
        });
        while at < sent.len() {
            match line.write(&sent[at..]) {
                Ok(count) => at += count,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    thread::yield_now();
                }
            }
        }
        while line.flush().is_err() {
            thread::yield_now();
        }
        line.finish();
        drop(line);
        let (heard, ended) = reader.join().expect("no panic");
        assert!(ended, "an end, not a cut");
        assert!(heard == wanted);
    }

    #[test]
    fn what_the_player_says_is_heard_and_a_broken_record_is_an_error() {
        let (mut line, mut connection, mut socket) = joined();
        let mut buffer = [0; 16];
        let nothing = line.read(&mut buffer).expect_err("nothing was said");
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
        Stream::new(&mut connection, &mut socket)
            .write_all(b"ping")
            .expect("sends");
        let mut heard = Vec::new();
        while heard.len() < 4 {
            if let Ok(count) = line.read(&mut buffer) {
                heard.extend_from_slice(&buffer[..count]);
            }
        }
        assert_eq!(heard, b"ping");
        socket
            .write_all(b"\x17\x03\x03\x00\x04nope")
            .expect("sends");
        let broken = loop {
            match line.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::yield_now(),
                other => break other,
            }
        };
        assert_eq!(
            broken.expect_err("no record").kind(),
            ErrorKind::InvalidData
        );
    }
}
