//! Footage read back: the fragment at an instant, and the ones after and before it, over the borders of files and folders.
//!
//! What is held is the tables of two files and one fragment, however long the footage is. Each fragment is compared with its
//! checksum; one that does not agree is told as damage, and the next one is found all the same.
use crate::event::RecordingError;
use crate::facts::{Facts, FragmentFlags, Located, StreamName};
use crate::hollow::{BringBack, note_of};
use crate::index::FootageFile;
use crate::opened::Opened;
use crate::passing::Free;
use crate::two_times::{NEAR_US, TREMBLE_US, Table, Turn, first, is_twice, last};
use bytes::Bytes;
use fragmented_mp4::Description;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files lie over each other only where a stream moved or a clock was set: there those of one moment are held.
const FILES_HELD: usize = 2;
/// Fetched from a second tier at once.
const AHEAD_BYTES: u64 = 4 * 1024 * 1024;
/// Of a group of pictures, looked at for its end: some minutes without a key frame.
const MOST_PARTS: usize = 64;

/// Knows which files there are.
pub trait FindFiles {
    /// Those with footage after `at_us` that begin before `to_us`, the earliest first; at least the first few.
    fn after(
        &self,
        stream: &StreamName,
        at_us: i64,
        to_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError>;
    /// Those that begin before `at_us` with footage after `from_us`, the latest first; at least the first few.
    fn before(
        &self,
        stream: &StreamName,
        at_us: i64,
        from_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError>;
}

/// Where a fragment stands, or a file or a part of one that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    file: PathBuf,
    located: Option<Located>,
    pub start_us: i64,
    pub end_us: i64,
}

impl Spot {
    /// None of what cannot be read.
    pub fn facts(&self) -> Option<&Facts> {
        self.located.as_ref().map(|one| &one.facts)
    }

    /// Begins with a key frame. A file that cannot be read is none.
    pub fn is_key(&self) -> bool {
        self.facts()
            .is_some_and(|facts| facts.flags.has(FragmentFlags::KEY))
    }
}

/// A whole fragment.
#[derive(Clone, Debug)]
pub struct Fragment {
    pub facts: Facts,
    /// `ftyp` and `moov` of its file.
    pub init: Bytes,
    pub description: Arc<Description>,
    /// `moof` and `mdat`, as they are kept.
    pub body: Bytes,
}

/// What is found at a spot.
#[derive(Clone, Debug)]
pub enum Footage {
    Fragment(Box<Fragment>),
    /// What was there cannot be read; the reason in English.
    Damaged(String),
    /// It lies in the second tier, which does not give it now; the reason in English.
    Away(String),
    /// It was there, and its file was removed meanwhile.
    Removed,
}

/// Reads one stream.
pub struct FootageReader {
    stream: StreamName,
    held: Vec<Opened>,
    fetch: Option<BringBack>,
    ahead_bytes: u64,
    passed_over: bool,
    turn: Turn,
    in_passing: Option<Free>,
}

impl FootageReader {
    /// Opens nothing yet. `fetch`: where there is a second tier.
    pub fn new(stream: StreamName, fetch: Option<BringBack>) -> Self {
        Self {
            stream,
            held: Vec::new(),
            fetch,
            ahead_bytes: AHEAD_BYTES,
            passed_over: false,
            turn: 0,
            in_passing: None,
        }
    }

    /// For whoever reads much of it once, from first to last: what is read stays in memory only while somebody has it.
    pub fn in_passing(mut self) -> Self {
        self.in_passing = Some(Free::default());
        self
    }

    /// Of moments that were recorded more than once it finds this recording.
    pub fn in_turn(mut self, turn: Turn) -> Self {
        self.turn = turn;
        self
    }

    /// Fetches no more than what is asked for: what comes next is not read.
    pub fn here_and_there(mut self) -> Self {
        self.ahead_bytes = 0;
        self
    }

    /// The fragment that `at_us` lies in, else the first one after it; it begins between `from_us` and `to_us`. Of a moment that was
    /// recorded twice, what [`Self::before`] finds as well.
    /// Errors: the index does not answer.
    pub fn at_or_after(
        &mut self,
        find: &dyn FindFiles,
        at_us: i64,
        from_us: i64,
        to_us: i64,
    ) -> Result<Option<Spot>, RecordingError> {
        let files = |stream: &StreamName| {
            let beside = find.before(stream, at_us, at_us.saturating_sub(NEAR_US))?;
            let mut files = together(find.after(stream, at_us, to_us)?, beside);
            files.sort_by_key(|file| file.start_us);
            Ok::<_, RecordingError>(files)
        };
        let (mut found, gone) = self.first_of(files(&self.stream)?, at_us, from_us, to_us);
        if gone {
            // A file was removed since the index named it. One that it still names is damage.
            found = self.first_of(files(&self.stream)?, at_us, from_us, to_us).0;
        }
        Ok(found)
    }

    /// Whether there was other footage of the times that were gone through since this was asked last.
    pub fn passed_over(&mut self) -> bool {
        std::mem::take(&mut self.passed_over)
    }

    /// Where the group of pictures ends that a key frame begins: one that lasts is kept in parts.
    /// Errors: the index does not answer.
    pub fn group_end(
        &mut self,
        find: &dyn FindFiles,
        key: &Spot,
        to_us: i64,
    ) -> Result<i64, RecordingError> {
        let Some(mut last) = key.facts().copied() else {
            return Ok(key.end_us);
        };
        for _ in 0..MOST_PARTS {
            let next = self.at_or_after(find, last.end_us, i64::MIN, to_us)?;
            match next.as_ref().and_then(Spot::facts) {
                Some(next) if !next.flags.has(FragmentFlags::KEY) && last.is_followed_by(next) => {
                    last = *next;
                }
                _ => break,
            }
        }
        Ok(last.end_us)
    }

    /// The second value: a file was not there.
    fn first_of(
        &mut self,
        files: Vec<FootageFile>,
        at_us: i64,
        from_us: i64,
        to_us: i64,
    ) -> (Option<Spot>, bool) {
        let mut looked = Looked::default();
        let mut best: Option<(usize, Located)> = None;
        for file in files {
            if best.is_some_and(|best| file.start_us.saturating_sub(NEAR_US) >= best.1.facts.end_us)
            {
                break;
            }
            let is_beside = file.end_us <= at_us;
            if self.look_at(file, at_us, is_beside, &mut looked) {
                best = self.first_in(&looked, at_us, from_us, to_us);
            }
        }
        let best = best.map(|(table, located)| {
            let facts = &located.facts;
            let beside = self.tables_near(&looked, facts.start_us, facts.end_us);
            self.passed_over |= is_twice(&beside, facts);
            Spot::of(&looked.read[table], located)
        });
        self.find_torn(&mut looked, |torn| torn.end_us > at_us);
        self.keep_tables(&looked);
        // What can be read of a moment goes before what cannot.
        let until_us = best.as_ref().map_or(to_us, |best| best.start_us);
        let unread = looked.unread.into_iter().min_by_key(|file| file.start_us);
        let unread = unread.map(|file| Spot::unreadable(file, at_us.max(from_us), until_us));
        let unread = unread.filter(Spot::is_worth_a_word);
        (unread.or(best), looked.gone)
    }

    /// By what is near, if that has a say in all of it; else by whole files.
    fn first_in(
        &self,
        looked: &Looked,
        at_us: i64,
        from_us: i64,
        to_us: i64,
    ) -> Option<(usize, Located)> {
        let (least_us, most_us) = (
            at_us.saturating_sub(2 * NEAR_US),
            at_us.saturating_add(3 * NEAR_US),
        );
        let near = self.tables_near(looked, least_us, most_us);
        let found = first(&near, at_us, from_us, to_us, self.turn);
        let is_decided = |(_, found): &(usize, Located)| {
            let mut passed = near.iter().flat_map(|table| table.iter());
            passed.all(|one| {
                let (start_us, end_us) = (one.facts.start_us, one.facts.end_us);
                end_us <= at_us
                    || start_us > found.facts.start_us
                    || (least_us.saturating_add(NEAR_US) <= start_us
                        && end_us <= most_us.saturating_sub(NEAR_US))
            })
        };
        found
            .filter(is_decided)
            .or_else(|| first(&self.tables(looked), at_us, from_us, to_us, self.turn))
    }

    /// The last fragment that begins before `at_us`, and not before `from_us`. Errors: the index does not answer.
    pub fn before(
        &mut self,
        find: &dyn FindFiles,
        at_us: i64,
        from_us: i64,
    ) -> Result<Option<Spot>, RecordingError> {
        let files = |stream: &StreamName| {
            let beside = find.after(stream, at_us, at_us.saturating_add(NEAR_US))?;
            let mut files = together(find.before(stream, at_us, from_us)?, beside);
            files.sort_by_key(|file| std::cmp::Reverse(file.start_us));
            Ok::<_, RecordingError>(files)
        };
        let (mut found, gone) = self.last_of(files(&self.stream)?, at_us, from_us);
        if gone {
            found = self.last_of(files(&self.stream)?, at_us, from_us).0;
        }
        Ok(found)
    }

    fn last_of(
        &mut self,
        files: Vec<FootageFile>,
        at_us: i64,
        from_us: i64,
    ) -> (Option<Spot>, bool) {
        let mut looked = Looked::default();
        let mut best: Option<(usize, Located)> = None;
        for file in files {
            if best.is_some_and(|best| file.end_us.saturating_add(NEAR_US) <= best.1.facts.start_us)
            {
                continue; // one that began earlier may last longer: what was fetched lies within it
            }
            let is_beside = file.start_us >= at_us;
            if self.look_at(file, at_us, is_beside, &mut looked) {
                best = last(&self.tables(&looked), at_us, from_us, self.turn);
            }
        }
        let best = best.map(|(table, located)| Spot::of(&looked.read[table], located));
        self.find_torn(&mut looked, |torn| torn.start_us < at_us);
        self.keep_tables(&looked);
        let since_us = best.as_ref().map_or(from_us, |best| best.end_us);
        let unread = looked.unread.into_iter().max_by_key(|file| file.end_us);
        let unread = unread.map(|file| Spot::unreadable(file, since_us.max(from_us), at_us));
        let unread = unread.filter(Spot::is_worth_a_word);
        (unread.or(best), looked.gone)
    }

    /// False: it cannot be read. One that lies beside what is looked for has a say in what is shown, and is not missed.
    fn look_at(
        &mut self,
        file: FootageFile,
        at_us: i64,
        is_beside: bool,
        looked: &mut Looked,
    ) -> bool {
        match self.opened(&file.path, at_us) {
            Ok(_) => {
                looked.read.push(file);
                return true;
            }
            Err(_) if is_beside => {}
            Err(error) => {
                looked.gone |= error.kind() == io::ErrorKind::NotFound;
                looked.unread.push(file);
            }
        }
        false
    }

    /// Parts of files that were read otherwise: where bytes are no fragment any more, and no table knows them.
    fn find_torn(&self, looked: &mut Looked, is_ahead: impl Fn(&FootageFile) -> bool) {
        for file in &looked.read {
            let Some(opened) = self.held.iter().find(|one| one.path == file.path) else {
                continue;
            };
            let torn = opened
                .fragments
                .torn(file.start_us)
                .map(|(start_us, end_us)| FootageFile {
                    path: file.path.clone(),
                    start_us,
                    end_us,
                });
            let lasts = |one: &FootageFile| one.end_us.saturating_sub(one.start_us) > TREMBLE_US;
            let ahead = torn.filter(|one| lasts(one) && is_ahead(one));
            looked.unread.extend(ahead);
        }
    }

    /// In the order in which they were looked at.
    fn tables(&self, looked: &Looked) -> Vec<Table<'_>> {
        self.tables_near(looked, i64::MIN, i64::MAX)
    }

    /// The same, of a time.
    fn tables_near(&self, looked: &Looked, from_us: i64, to_us: i64) -> Vec<Table<'_>> {
        let held = |file: &FootageFile| self.held.iter().find(|one| one.path == file.path);
        let tables = looked.read.iter().filter_map(held);
        tables
            .map(|one| one.fragments.near(from_us, to_us))
            .collect()
    }

    /// Those of one moment, however many; the others are let go of.
    fn keep_tables(&mut self, looked: &Looked) {
        let most = FILES_HELD.max(looked.read.len());
        let over = self.held.len().saturating_sub(most);
        self.held.drain(..over);
    }

    /// The head that describes what stands at a spot. None: its file cannot be read, or is not there any more.
    pub fn description(&mut self, spot: &Spot) -> Option<Arc<Description>> {
        spot.facts()?;
        let opened = self.opened(&spot.file, i64::MIN).ok()?;
        Some(Arc::clone(&opened.description))
    }

    /// What stands at a spot, compared with its checksum.
    pub fn read(&mut self, spot: &Spot) -> Footage {
        let fetch = self.fetch.clone();
        let none: BringBack =
            Arc::new(|_, _| Err(io::Error::other("this node has no second tier")));
        self.read_by(spot, &fetch.unwrap_or(none))
    }

    /// The same, as long as nobody need be asked for it; None: it is to be fetched from a second tier, which may take a while.
    pub fn read_here(&mut self, spot: &Spot) -> Option<Footage> {
        let none: BringBack = Arc::new(|_, _| Err(io::Error::other("it is not here")));
        match self.read_by(spot, &none) {
            Footage::Away(_) => None,
            found => Some(found),
        }
    }

    fn read_by(&mut self, spot: &Spot, fetch: &BringBack) -> Footage {
        let Some(located) = spot.located else {
            return Footage::Damaged("the file, or this part of it, cannot be read".to_owned());
        };
        let ahead_bytes = self.ahead_bytes;
        let opened = match self.opened(&spot.file, i64::MIN) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Footage::Removed,
            Err(error) => return Footage::Damaged(error.to_string()),
        };
        let mut body = opened.body(&located);
        if matches!(body, Ok(None)) && note_of(&spot.file).exists() {
            if let Err(error) = fetch(&spot.file, opened.ahead_of(&located, ahead_bytes)) {
                return Footage::Away(error.to_string());
            }
            body = opened.body(&located);
        }
        match body {
            Ok(Some(body)) => Footage::Fragment(Box::new(Fragment {
                facts: located.facts,
                init: opened.init.clone(),
                description: Arc::clone(&opened.description),
                body,
            })),
            Ok(None) => Footage::Damaged("its bytes do not agree with their checksum".to_owned()),
            Err(error) => Footage::Damaged(error.to_string()),
        }
    }

    /// The file, looked through at least as far as a fragment that ends after `at_us`, if it has one by now.
    fn opened(&mut self, path: &Path, at_us: i64) -> io::Result<&mut Opened> {
        match self.held.iter().position(|one| one.path == path) {
            Some(at) => {
                let known = self.held.remove(at);
                self.held.push(known);
            }
            None => {
                let mut opened = Opened::open(path)?;
                if let Some(free) = &self.in_passing {
                    opened.read_in_passing(free);
                }
                self.held.push(opened);
            }
        }
        let opened = self.held.last_mut().ok_or(io::ErrorKind::NotFound)?;
        let known = opened.fragments.last();
        if !opened.closed && known.is_none_or(|last| last.facts.end_us <= at_us) {
            opened.look_on()?;
        }
        Ok(opened)
    }
}

/// Files that were looked at for one fragment.
#[derive(Default)]
struct Looked {
    read: Vec<FootageFile>,
    /// Also parts of those that were read.
    unread: Vec<FootageFile>,
    /// One was not there.
    gone: bool,
}

/// Each once.
fn together(mut files: Vec<FootageFile>, others: Vec<FootageFile>) -> Vec<FootageFile> {
    for file in others {
        if files.iter().all(|one| one.path != file.path) {
            files.push(file);
        }
    }
    files
}

impl Spot {
    fn of(file: &FootageFile, located: Located) -> Self {
        Self {
            file: file.path.clone(),
            located: Some(located),
            start_us: located.facts.start_us,
            end_us: located.facts.end_us,
        }
    }

    /// Between two fragments that tremble apart nothing is missing.
    fn is_worth_a_word(&self) -> bool {
        self.end_us.saturating_sub(self.start_us) > TREMBLE_US
    }

    fn unreadable(file: FootageFile, from_us: i64, to_us: i64) -> Self {
        let start_us = file.start_us.max(from_us);
        Self {
            file: file.path,
            located: None,
            start_us,
            end_us: file.end_us.min(to_us).max(start_us + 1),
        }
    }
}
