//! A stream whose reader must take what it is sent within a time: whoever takes a few octets at a time would hold it for hours.
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::{Sleep, sleep};
use tokio_stream::Stream;
use tokio_stream::wrappers::WatchStream;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Within(Duration),
    Cut,
}

/// What answers ask of the connection that carries them.
pub(crate) struct Carrier(watch::Sender<Option<Asked>>);

impl Default for Carrier {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Carrier {
    /// Its reader may take what it is sent within this time.
    pub fn may_take(&self, limit: Duration) {
        self.0.send_replace(Some(Asked::Within(limit)));
    }

    /// Nothing more is written, also of what waits for a reader who takes nothing.
    pub fn cut(&self) {
        self.0.send_replace(Some(Asked::Cut));
    }
}

pub(crate) struct Patient<S> {
    stream: S,
    limit: Duration,
    is_cut: bool,
    asked: WatchStream<Option<Asked>>,
    /// While something that was begun is not yet taken.
    until: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub fn new(stream: S, limit: Duration, carrier: &Carrier) -> Self {
        Self {
            stream,
            limit,
            is_cut: false,
            asked: WatchStream::from_changes(carrier.0.subscribe()),
            until: None,
        }
    }
}

impl<S: AsyncWrite + Unpin> Patient<S> {
    /// Errors: TimedOut when the time is over, however much was taken meanwhile; ConnectionAborted when it was cut.
    fn attempt(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        while let Poll::Ready(Some(asked)) = Pin::new(&mut self.asked).poll_next(context) {
            match asked {
                Some(Asked::Within(limit)) => self.limit = limit,
                Some(Asked::Cut) => self.is_cut = true,
                None => {}
            }
        }
        if self.is_cut {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let limit = self.limit;
        let until = self.until.get_or_insert_with(|| Box::pin(sleep(limit)));
        if until.as_mut().poll(context).is_ready() {
            tracing::info!(
                ?limit,
                "a viewer is let go: it did not take what it was sent in time"
            );
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        write(Pin::new(&mut self.stream), context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.attempt(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.attempt(context, |stream, context| {
            stream.poll_write_vectored(context, pieces)
        })
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if flushed.is_ready() {
            self.until = None;
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn whoever_takes_a_little_now_and_then_is_not_written_to_for_ever() {
        let (ours, mut theirs) = duplex(16);
        let slow = tokio::spawn(async move {
            while theirs.read_u8().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        let mut patient = Patient::new(ours, Duration::from_millis(50), &Carrier::default());
        let error = patient.write_all(&vec![0; 1 << 20]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(patient);
        slow.await.unwrap();
    }

    #[tokio::test]
    async fn whoever_takes_nothing_is_not_waited_for() {
        let (ours, _theirs) = duplex(16);
        let mut patient = Patient::new(ours, Duration::from_millis(50), &Carrier::default());
        let error = patient.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_answer_may_ask_for_more_patience_or_for_none() {
        let (ours, _theirs) = duplex(16);
        let carrier = Carrier::default();
        let mut patient = Patient::new(ours, Duration::from_millis(1), &carrier);
        carrier.may_take(Duration::from_secs(3_600));
        let written = patient.write_all(&[0; 64]);
        let cutting = async {
            tokio::time::sleep(Duration::from_millis(20)).await; // the first limit is long over
            carrier.cut();
        };
        let (error, ()) = tokio::join!(written, cutting);
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
    }

    #[tokio::test]
    async fn each_answer_has_its_own_time() {
        let (ours, mut theirs) = duplex(16);
        let mut patient = Patient::new(ours, Duration::from_millis(200), &Carrier::default());
        for _ in 0..4 {
            patient.write_all(&[7; 8]).await.unwrap();
            patient.flush().await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await; // together longer than one has
            theirs.read_exact(&mut [0; 8]).await.unwrap();
        }
    }
}
