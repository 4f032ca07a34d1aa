//! The body of a clip on its way out. What is told of it is what the connection was given, not what was read ahead of it.
use crate::clip_footage::Following;
use axum::body::Bytes;
use sha2::{Digest, Sha256};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;
use tokio_stream::Stream;

/// Why a clip ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Whole,
    /// Another codec or size: a file has one. The rest is asked for by itself.
    Changed,
    Revoked,
    /// The browser went away.
    Left,
    /// The index does not answer, or whoever reads failed.
    Unread,
}

impl End {
    pub fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Changed => "changed",
            Self::Revoked => "revoked",
            Self::Left => "left",
            Self::Unread => "unread",
        }
    }

    fn is_file(self) -> bool {
        matches!(self, Self::Whole | Self::Changed)
    }
}

/// What a clip is up to some octet of it.
#[derive(Clone, Default)]
pub(crate) struct Told {
    /// The first picture's time, and where the last fragment ends; None before the first.
    pub span: Option<(i64, i64)>,
    pub hash: Sha256,
    pub bytes: u64,
    pub pictures: u64,
    pub damaged: u64,
    /// None before the first.
    pub footage: Option<Following>,
}

impl Told {
    /// With these octets more.
    pub fn count(&mut self, bytes: &Bytes) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

/// One more step of a clip, and what it is with that.
pub(crate) enum Step {
    Bytes(Bytes, Told),
    Over(End, Told),
}

/// Whose clip it is.
pub(crate) trait Taker {
    fn has_ended(&self) -> bool;
    fn gave(&self, bytes: u64);
    fn tell(&self, end: End, told: Told);
}

/// Dropping it tells what was given.
pub(crate) struct ClipBody<T: Taker> {
    taker: T,
    steps: mpsc::Receiver<Step>,
    told: Told,
    end: Option<End>,
}

impl<T: Taker> ClipBody<T> {
    pub fn new(taker: T, steps: mpsc::Receiver<Step>) -> Self {
        Self {
            taker,
            steps,
            told: Told::default(),
            end: None,
        }
    }

    /// The browser must not take a part for the whole.
    fn ends(&mut self, end: End) -> Option<io::Result<Bytes>> {
        self.end = Some(end);
        (!end.is_file()).then(|| Err(io::ErrorKind::ConnectionAborted.into()))
    }

    fn left(&self) -> End {
        if self.taker.has_ended() {
            End::Revoked
        } else {
            End::Left
        }
    }
}

impl<T: Taker + Unpin> Stream for ClipBody<T> {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.end.is_some() {
            return Poll::Ready(None);
        }
        if this.taker.has_ended() {
            return Poll::Ready(this.ends(End::Revoked)); // also what was read already stays here
        }
        Poll::Ready(match ready!(this.steps.poll_recv(context)) {
            Some(Step::Bytes(bytes, told)) => {
                this.told = told;
                this.taker.gave(bytes.len() as u64);
                Some(Ok(bytes))
            }
            Some(Step::Over(end, told)) => {
                this.told = told;
                this.ends(end)
            }
            None => this.ends(this.left()), // who reads was cut off, or panicked
        })
    }
}

impl<T: Taker> Drop for ClipBody<T> {
    fn drop(&mut self) {
        let end = self.end.unwrap_or_else(|| self.left());
        self.steps.close(); // whoever is told ends the right, and that must not cut off what waits for the socket
        self.taker.tell(end, std::mem::take(&mut self.told));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;
    use tokio_stream::StreamExt;

    /// How it ended, bytes and their hash.
    type Ended = (End, u64, Vec<u8>);

    #[derive(Clone, Default)]
    struct Browser {
        revoked: Rc<Cell<bool>>,
        told: Rc<RefCell<Vec<Ended>>>,
        /// Whether whoever cuts the connection knew of the end when it was told.
        known: Rc<RefCell<Option<mpsc::Sender<Step>>>>,
    }

    impl Taker for Browser {
        fn has_ended(&self) -> bool {
            self.revoked.get()
        }
        fn gave(&self, _bytes: u64) {}
        fn tell(&self, end: End, told: Told) {
            let hash = told.hash.finalize().to_vec();
            let known = self.known.borrow();
            assert!(known.as_ref().is_none_or(mpsc::Sender::is_closed));
            self.told.borrow_mut().push((end, told.bytes, hash));
        }
    }

    /// A clip of two fragments that is read to its end already.
    fn read_ahead(browser: &Browser) -> ClipBody<Browser> {
        let (sender, steps) = mpsc::channel(3);
        let mut told = Told::default();
        for bytes in [Bytes::from_static(b"one"), Bytes::from_static(b"three")] {
            told.count(&bytes);
            let step = Step::Bytes(bytes, told.clone());
            assert!(sender.try_send(step).is_ok());
        }
        assert!(sender.try_send(Step::Over(End::Whole, told)).is_ok());
        browser.known.replace(Some(sender));
        ClipBody::new(browser.clone(), steps)
    }

    fn told(browser: &Browser) -> Ended {
        let told = browser.told.borrow();
        assert_eq!(told.len(), 1);
        told[0].clone()
    }

    fn hash(bytes: &[u8]) -> Vec<u8> {
        Sha256::digest(bytes).to_vec()
    }

    #[tokio::test]
    async fn whoever_leaves_before_the_end_has_what_was_given_and_not_what_was_read() {
        let browser = Browser::default();
        let mut body = read_ahead(&browser);
        assert_eq!(body.next().await.unwrap().unwrap(), "one");
        drop(body);
        assert_eq!(told(&browser), (End::Left, 3, hash(b"one")));
    }

    #[tokio::test]
    async fn what_was_read_is_not_given_once_the_right_has_ended() {
        let browser = Browser::default();
        let mut body = read_ahead(&browser);
        assert_eq!(body.next().await.unwrap().unwrap(), "one");
        browser.revoked.set(true);
        assert!(body.next().await.unwrap().is_err());
        assert!(body.next().await.is_none());
        drop(body);
        assert_eq!(told(&browser), (End::Revoked, 3, hash(b"one")));
    }

    #[tokio::test]
    async fn it_is_whole_when_the_end_was_given() {
        let browser = Browser::default();
        let mut body = read_ahead(&browser);
        while body.next().await.is_some() {}
        browser.revoked.set(true); // as the node does once it is told
        drop(body);
        assert_eq!(told(&browser), (End::Whole, 8, hash(b"onethree")));
    }
}
