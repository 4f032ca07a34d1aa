//! The threads behind the index: one fills it with what is written, one finds what lies in the folders and is not in it.
use crate::disk::{Disk, UNANSWERED};
use crate::event::{RecordingError, RecordingEvent};
use crate::house::{House, LOOK_EVERY, Whose};
use crate::index::{Index, is_damage};
use crate::rebuild::{Rebuilt, look_through};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

const INDEX_TURN: Duration = Duration::from_millis(20);
const INDEX_PAUSE: Duration = Duration::from_secs(1);
/// What was found waits above this until the index has taken it.
const MOST_ROWS: usize = 2_000;

impl House {
    /// The thread of the index: what is written, and what was found, goes into it. One that is damaged or was removed while it is in
    /// use is made anew and filled from the footage.
    pub fn keep_index(&self, mut index: Index, path: &Path) {
        loop {
            if (self.index_damaged.load(Ordering::SeqCst) || !index.is_in_place())
                && let Err(error) = self.begin_index_anew(&mut index, path)
            {
                self.index_damaged.store(true, Ordering::SeqCst);
                self.index_fails(Whose::Index, &error);
                if self.is_stopping() {
                    return; // what waits is found in the folders by the next start
                }
                std::thread::sleep(INDEX_PAUSE);
                continue;
            }
            let rows = {
                let mut rows = self.rows();
                if rows.is_empty() && !self.stopping.load(Ordering::Relaxed) {
                    let waited = self.rows_came.wait_timeout(rows, INDEX_PAUSE);
                    rows = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                std::mem::take(&mut *rows)
            };
            self.rows_went.notify_all();
            let stopping = self.stopping.load(Ordering::Relaxed);
            let done = index.put(rows.values());
            let failing = done.is_err();
            if let Err(error) = done {
                self.index_fails(Whose::Index, &error);
                let mut newer = self.rows();
                for (key, row) in rows {
                    newer.entry(key).or_insert(row);
                }
                drop(newer);
                self.note_index(&error);
                if !stopping {
                    std::thread::sleep(INDEX_PAUSE);
                }
            } else {
                self.looking.puts.fetch_add(1, Ordering::SeqCst);
                self.index_is_well(Whose::Index);
            }
            if stopping && (failing || self.rows().is_empty()) {
                index.settle();
                return;
            }
        }
    }

    /// An error of the index, wherever it was met: a damaged one is made anew by its thread.
    pub fn note_index(&self, error: &rusqlite::Error) {
        if is_damage(error) {
            self.index_damaged.store(true, Ordering::SeqCst);
            self.rows_came.notify_all();
        }
    }

    /// Whether footage lies in the folders that work and is not in the index yet, for all that is known. One that has failed, or does
    /// not answer, is waited for only when the index had it and was lost.
    pub fn is_looking(&self) -> bool {
        let (looking, set) = (&self.looking, Ordering::SeqCst);
        // In the order in which one begins before the other ends.
        let anew = looking.anew.load(set);
        let unseen = |(disk, unseen): (&Disk, &AtomicBool)| {
            unseen.load(set) && (anew || disk.is_working() || disk.is_opening())
        };
        let scanning = |disk: &Disk| {
            self.at_work[disk.number].scanning.load(set)
                && (anew || disk.unanswered() <= UNANSWERED)
        };
        !looking.checked.load(set)
            || self.index_damaged.load(set)
            || looking.remaking.load(set)
            || self.disks.iter().zip(&self.unseen).any(unseen)
            || self.disks.iter().any(scanning)
    }

    /// How much of the folders has been looked through for what the index lacks, percent; 100 only when that is over.
    pub fn looked_percent(&self) -> u8 {
        if !self.is_looking() {
            return 100;
        }
        let shares = self
            .looked
            .iter()
            .zip(&self.unseen)
            .map(|(looked, unseen)| {
                let waits = unseen.load(Ordering::SeqCst);
                if waits { 0.0 } else { looked.share() }
            });
        let percent = 100.0 * shares.sum::<f64>() / self.looked.len() as f64;
        (percent as u8).min(99)
    }

    /// Told once, until it is well: also where both the index and the look for footage fail.
    fn index_fails(&self, whose: Whose, error: &dyn std::fmt::Display) {
        let mut troubles = self.troubles();
        let told = !troubles.is_empty();
        troubles.insert(whose);
        if !told {
            (self.tell)(RecordingEvent::IndexFailed {
                reason: error.to_string(),
            });
        }
    }

    fn index_is_well(&self, whose: Whose) {
        let mut troubles = self.troubles();
        if troubles.remove(&whose) && troubles.is_empty() {
            (self.tell)(RecordingEvent::IndexRecovered);
        }
    }

    fn troubles(&self) -> MutexGuard<'_, BTreeSet<Whose>> {
        let found = self.looking.troubles.lock();
        found.unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_index_anew(&self, index: &mut Index, path: &Path) -> Result<(), RecordingError> {
        tracing::error!(path = %path.display(), "the index of footage is damaged or gone: it is made anew from the footage");
        self.looking.remaking.store(true, Ordering::SeqCst);
        self.index_damaged.store(false, Ordering::SeqCst);
        *index = Index::anew(path)?;
        self.index_was_made_anew();
        self.looking.remaking.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// All of what lies in the folders is to be found.
    pub fn index_was_made_anew(&self) {
        self.looking.anew.store(true, Ordering::SeqCst);
        for unseen in &self.unseen {
            unseen.store(true, Ordering::SeqCst);
        }
    }

    /// The thread that looks at the whole index once, and then has one for each folder that finds what lies in it and is not in the
    /// index: at the start, when a folder is back, when the index is new. Neither what is recorded meanwhile waits for it, nor a
    /// folder for another one, whose disk may not answer.
    pub fn look_for_footage(&self, index: &Path) {
        let stopping = Arc::clone(&self.stopping);
        match Index::attach(index)
            .and_then(|index| Ok(index.is_sound(move || stopping.load(Ordering::Relaxed))?))
        {
            Ok(true) => {}
            Ok(false) => {
                self.index_damaged.store(true, Ordering::SeqCst);
                self.rows_came.notify_all();
            }
            Err(error) => tracing::error!(%error, "the index of footage cannot be looked at"),
        }
        self.looking.checked.store(true, Ordering::SeqCst);
        std::thread::scope(|scope| {
            for disk in &self.disks {
                let looks =
                    std::thread::Builder::new().name(format!("footage-look-{}", disk.number));
                let spawned = looks.spawn_scoped(scope, || self.look_for_footage_on(disk, index));
                if let Err(error) = spawned {
                    tracing::error!(folder = %disk.spec.path.display(), %error, "nobody looks for footage in it");
                    self.index_fails(Whose::Look(disk.number), &error);
                }
            }
        });
    }

    fn look_for_footage_on(&self, disk: &Disk, index: &Path) {
        let (set, whose) = (Ordering::SeqCst, Whose::Look(disk.number));
        let (at_work, unseen) = (&self.at_work[disk.number], &self.unseen[disk.number]);
        while !self.is_stopping() {
            if disk.is_working() && unseen.load(set) {
                let _turn = at_work.turn.lock();
                at_work.scanning.store(true, set);
                self.looked[disk.number].begin();
                unseen.store(false, set);
                let finished = self.finish_removal(disk, index);
                match finished.and_then(|()| self.add_missing(index, disk)) {
                    Ok(found) => {
                        self.index_is_well(whose);
                        if found.files > 0 {
                            tracing::info!(
                                folder = %disk.spec.path.display(), files = found.files, fragments = found.fragments,
                                damaged_bytes = found.damaged_bytes, "footage that was not in the index was added"
                            );
                        }
                    }
                    Err(error) => {
                        tracing::error!(folder = %disk.spec.path.display(), %error, "footage could not be added to the index");
                        self.index_fails(whose, &error);
                        if let RecordingError::Index(error) = &error {
                            self.note_index(error);
                        }
                        unseen.store(true, set);
                        std::thread::sleep(INDEX_PAUSE);
                    }
                }
                self.wait_for_index();
                at_work.scanning.store(false, set);
            }
            let all = || self.unseen.iter().zip(&self.at_work);
            if !all().any(|(unseen, at_work)| unseen.load(set) || at_work.scanning.load(set)) {
                self.looking.anew.store(false, set);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Until the index has taken all that waits now: once what it is taking, and once more.
    fn wait_for_index(&self) {
        let puts = &self.looking.puts;
        let last = puts.load(Ordering::SeqCst) + 2;
        while puts.load(Ordering::SeqCst) < last && !self.is_stopping() {
            self.rows_came.notify_all();
            std::thread::sleep(INDEX_TURN);
        }
    }

    /// In memory are one stream's names at a time.
    fn add_missing(&self, index: &Path, disk: &Disk) -> Result<Rebuilt, RecordingError> {
        let index = Index::attach(index)?;
        let folder = &disk.spec.path;
        let (mut stream, mut closed) = (PathBuf::new(), HashSet::new());
        let known = |file: &Path| {
            if self.is_stopping() {
                return Ok(true);
            }
            let above = file.ancestors().nth(2).unwrap_or(file);
            if above != stream {
                above.clone_into(&mut stream);
                closed = index.closed_files(&above.to_string_lossy(), folder)?;
            }
            Ok(closed.contains(file))
        };
        let mut found = Rebuilt::default();
        let began = Some(SystemTime::now());
        let looked = &self.looked[disk.number];
        look_through(folder, began, looked, &mut found, known, |row| {
            let mut rows = self.rows();
            while rows.len() >= MOST_ROWS && !self.is_stopping() {
                let waited = self.rows_went.wait_timeout(rows, INDEX_PAUSE);
                rows = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            let key = (row.folder.clone(), row.path.clone());
            rows.entry(key).or_insert(row);
            drop(rows);
            self.rows_came.notify_all();
            Ok(!self.is_stopping())
        })?;
        for (path, what) in &found.unreadable {
            tracing::warn!(path = %path.display(), what, "a file in a footage folder is not counted");
        }
        Ok(found)
    }
}
