//! What is written into the head of each clip that was promised: who takes it, and by which right.
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Promised and not taken; each ends with its session.
const MOST: usize = 1_000;

/// The words of one file, which is called `file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClipMark {
    pub file: String,
    pub title: String,
    pub comment: String,
}

/// By session.
#[derive(Default)]
pub(crate) struct ClipMarks(Mutex<HashMap<String, ClipMark>>);

impl ClipMarks {
    fn all(&self) -> MutexGuard<'_, HashMap<String, ClipMark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False when too many wait.
    pub fn promise(&self, session: &str, mark: ClipMark) -> bool {
        let mut all = self.all();
        let room = all.len() < MOST || all.contains_key(session);
        if room {
            all.insert(session.to_owned(), mark);
        }
        room
    }

    /// What it is called, while it waits.
    pub fn file(&self, session: &str) -> Option<String> {
        self.all().get(session).map(|mark| mark.file.clone())
    }

    /// A clip is handed over once: whoever asks again for the same one gets nothing.
    pub fn take(&self, session: &str) -> Option<ClipMark> {
        self.all().remove(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> ClipMark {
        ClipMark {
            file: "a.mp4".to_owned(),
            title: "东门".to_owned(),
            comment: "U2026-7".to_owned(),
        }
    }

    #[test]
    fn a_mark_is_taken_once_and_they_are_bounded() {
        let marks = ClipMarks::default();
        assert!((0..MOST).all(|number| marks.promise(&number.to_string(), mark())));
        assert!(!marks.promise("one more", mark()));
        assert!(marks.promise("7", mark()), "its own again");
        assert_eq!(marks.file("7").as_deref(), Some("a.mp4"));
        assert_eq!(marks.take("7"), Some(mark()), "whoever looked took nothing");
        assert_eq!(marks.take("7"), None);
        assert!(marks.promise("one more", mark()));
    }
}
