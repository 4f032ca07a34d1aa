//! Keeps the engine's threads and tasks at work: what panics is told, ends the streams it had, and begins anew.
use crate::event::{Event, EventKind};
use crate::shared::Shared;
use crate::sockets::SharedSockets;
use crate::table::Cell;
use crate::worker::Worker;
use std::any::Any;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const LOOK_AT_END_EVERY: Duration = Duration::from_millis(50);

/// Growing pauses between failures that follow each other.
struct Pauses(Duration);

impl Pauses {
    fn next(&mut self, begun: Instant) -> Duration {
        if begun.elapsed() > LONGEST_PAUSE {
            self.0 = FIRST_PAUSE;
        }
        let pause = self.0;
        self.0 = LONGEST_PAUSE.min(2 * pause);
        pause
    }
}

/// Runs a worker until the engine stops. After a failure its sources are told as failed, its sockets are closed, so that the
/// other workers get what comes meanwhile, and after a pause it begins anew with fresh ones of `open`.
pub(crate) fn keep(
    mut worker: Worker,
    shared: &Arc<Shared>,
    open: impl Fn() -> io::Result<SharedSockets>,
) {
    let mut pauses = Pauses(FIRST_PAUSE);
    loop {
        let begun = Instant::now();
        let why = match catch_unwind(AssertUnwindSafe(|| worker.run())) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(panic) => text_of(panic.as_ref()),
        };
        shared.failures.fetch_add(1, Ordering::Relaxed);
        shared.pausing.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            worker = worker.number(),
            why,
            "a media worker failed; it begins anew"
        );
        if catch_unwind(AssertUnwindSafe(|| worker.lose_all())).is_err() {
            tracing::error!("a media worker could not be tidied");
        }
        loop {
            if !wait(shared, pauses.next(begun)) {
                return;
            }
            match open().and_then(|sockets| worker.begin_anew(sockets)) {
                Ok(()) => break,
                Err(error) => tracing::error!(%error, "a media worker cannot begin anew yet"),
            }
        }
        shared.pausing.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs what `work` makes until it is over or the engine stops; after a panic or an error anew, with a pause.
pub(crate) async fn keep_task<Work>(
    name: &'static str,
    shared: Arc<Shared>,
    work: impl Fn() -> io::Result<Work>,
) where
    Work: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut pauses = Pauses(FIRST_PAUSE);
    loop {
        let begun = Instant::now();
        let why = match work() {
            Ok(work) => match tokio::spawn(work).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(ended) if ended.is_panic() => text_of(ended.into_panic().as_ref()),
                Err(_) => return,
            },
            Err(error) => error.to_string(),
        };
        if shared.stopping.load(Ordering::Relaxed) {
            return;
        }
        shared.failures.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            name,
            why,
            "a task of the media engine failed; it begins anew"
        );
        shared.pausing.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(pauses.next(begun)).await;
        shared.pausing.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Does something with one source: a panic in it ends that source alone. None then.
pub(crate) fn guarded<Out>(
    shared: &Shared,
    cell: &Arc<Cell>,
    act: impl FnOnce() -> Out,
) -> Option<Out> {
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(out) => Some(out),
        Err(panic) => {
            shared.failures.fetch_add(1, Ordering::Relaxed);
            let why = text_of(panic.as_ref());
            tracing::error!(
                source = cell.name,
                why,
                "a stream could not be taken; it ends"
            );
            tell_failed(shared, cell);
            None
        }
    }
}

/// The source takes no more packets; the node closes it.
pub(crate) fn tell_failed(shared: &Shared, cell: &Arc<Cell>) {
    cell.failed.store(true, Ordering::Relaxed);
    cell.dirty.store(false, Ordering::Release);
    shared
        .events
        .push(Event::new(EventKind::EngineFailed, cell.id, &cell.name));
}

/// False when the engine stops meanwhile.
fn wait(shared: &Shared, pause: Duration) -> bool {
    let end = Instant::now() + pause;
    while Instant::now() < end {
        if shared.stopping.load(Ordering::Relaxed) {
            return false;
        }
        std::thread::sleep(LOOK_AT_END_EVERY.min(pause));
    }
    !shared.stopping.load(Ordering::Relaxed)
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic")
        .to_owned()
}
