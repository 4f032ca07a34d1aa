//! Footage read back: the fragment at an instant, and the ones after and before it, over the borders of files and folders.
//!
//! What is held is the tables of two files and one fragment, however long the footage is. Each fragment is compared with its
//! checksum; one that does not agree is told as damage, and the next one is found all the same.
use crate::event::RecordingError;
use crate::facts::{Facts, FragmentFlags, Head, Located, MAX_HEAD, StreamName};
use crate::hollow::{BringBack, note_of};
use crate::index::FootageFile;
use crate::scan::{Found, ReadAt, Scan, Verify, contents};
use bytes::{Bytes, BytesMut};
use fragmented_mp4::{Description, read_description};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files lie over each other only where a stream moved or a clock was set.
const FILES_HELD: usize = 2;
/// Fetched from a second tier at once.
const AHEAD_BYTES: u64 = 4 * 1024 * 1024;
/// Of a group of pictures, looked at for its end: some minutes without a key frame.
const MOST_PARTS: usize = 64;
/// A new run may begin so much before the old one ended, by the clock.
const TREMBLE_US: i64 = 100_000;
/// `ftyp` and `moov` are a kilobyte.
const MAX_INIT: usize = 64 * 1024;

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

/// Where a fragment stands, or a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    file: PathBuf,
    located: Option<Located>,
    pub start_us: i64,
    pub end_us: i64,
}

impl Spot {
    /// None of a file that cannot be read.
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

struct Opened {
    path: PathBuf,
    file: File,
    init: Bytes,
    description: Arc<Description>,
    fragments: Vec<Located>,
    /// So far it was looked through; a file that is written grows.
    seen: u64,
    closed: bool,
}

/// Reads one stream.
pub struct FootageReader {
    stream: StreamName,
    held: Vec<Opened>,
    fetch: Option<BringBack>,
    ahead_bytes: u64,
    /// What was found last, from its first part to its last. Who goes on from there, this way or that, stays in its run: where the
    /// clock was set back, two lie over each other.
    found: Option<(Facts, Facts)>,
    passed_over: bool,
}

impl FootageReader {
    /// Opens nothing yet. `fetch`: where there is a second tier.
    pub fn new(stream: StreamName, fetch: Option<BringBack>) -> Self {
        Self {
            stream,
            held: Vec::new(),
            fetch,
            ahead_bytes: AHEAD_BYTES,
            found: None,
            passed_over: false,
        }
    }

    /// Fetches no more than what is asked for: what comes next is not read.
    pub(crate) fn here_and_there(mut self) -> Self {
        self.ahead_bytes = 0;
        self
    }

    /// The fragment that `at_us` lies in, else the first one after it; it begins between `from_us` and `to_us`.
    /// Errors: the index does not answer.
    pub fn at_or_after(
        &mut self,
        find: &dyn FindFiles,
        at_us: i64,
        from_us: i64,
        to_us: i64,
    ) -> Result<Option<Spot>, RecordingError> {
        let (found, gone) = self.first_of(
            find.after(&self.stream, at_us, to_us)?,
            at_us,
            from_us,
            to_us,
        );
        if !gone {
            return Ok(self.noted(found));
        }
        // A file was removed since the index named it. One that it still names is damage.
        let files = find.after(&self.stream, at_us, to_us)?;
        let (found, _) = self.first_of(files, at_us, from_us, to_us);
        Ok(self.noted(found))
    }

    fn noted(&mut self, found: Option<Spot>) -> Option<Spot> {
        let facts = found.as_ref().and_then(|spot| spot.facts().copied());
        self.found = facts.map(|facts| (facts, facts));
        found
    }

    /// Whether there was other footage of the times that were gone through since this was asked last.
    pub fn passed_over(&mut self) -> bool {
        std::mem::take(&mut self.passed_over)
    }

    /// Where the group of pictures ends that a key frame begins: one that lasts is kept in parts. It is what was found last, then.
    /// Errors: the index does not answer.
    pub fn group_end(
        &mut self,
        find: &dyn FindFiles,
        key: &Spot,
        to_us: i64,
    ) -> Result<i64, RecordingError> {
        let Some(first) = key.facts().copied() else {
            return Ok(key.end_us);
        };
        let mut last = first;
        for _ in 0..MOST_PARTS {
            self.found = Some((first, last));
            let next = self.at_or_after(find, last.end_us, i64::MIN, to_us)?;
            match next.as_ref().and_then(Spot::facts) {
                Some(next) if !next.flags.has(FragmentFlags::KEY) && last.is_followed_by(next) => {
                    last = *next;
                }
                _ => break,
            }
        }
        self.found = Some((first, last));
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
        let (mut best, mut gone): (Option<Spot>, bool) = (None, false);
        let last = self.found.map(|found| found.1);
        let last = last.filter(|last| last.end_us == at_us && !last.is_fetched());
        let mut passed_over = false;
        for file in files {
            if best
                .as_ref()
                .is_some_and(|best| best.start_us < file.start_us)
            {
                break;
            }
            let fits = |one: &&Located| {
                one.facts.end_us > at_us
                    && one.facts.start_us >= from_us
                    && last.is_none_or(|last| goes_on(&last, &one.facts))
            };
            let found = match self.opened(&file.path, at_us) {
                Ok(opened) => {
                    let beside = |one: &Located| {
                        let (start_us, end_us) = (one.facts.start_us, one.facts.end_us);
                        let around = start_us < at_us - TREMBLE_US && end_us > at_us + TREMBLE_US;
                        around && !one.facts.is_fetched()
                    };
                    passed_over |= last.is_some() && opened.fragments.iter().any(beside);
                    opened.fragments.iter().find(fits).copied().map(Ok)
                }
                Err(error) => {
                    gone |= error.kind() == io::ErrorKind::NotFound;
                    Some(Err(()))
                }
            };
            let spot = match found {
                Some(Ok(located)) => Spot::of(&file, located),
                Some(Err(())) => Spot::unreadable(file, at_us.max(from_us), to_us),
                None => continue,
            };
            if spot.start_us < to_us
                && best
                    .as_ref()
                    .is_none_or(|best| goes_first(&spot, best, at_us, last.as_ref()))
            {
                best = Some(spot);
            }
        }
        self.passed_over |= passed_over;
        (best, gone)
    }

    /// The last fragment that begins before `at_us`, and not before `from_us`. Errors: the index does not answer.
    pub fn before(
        &mut self,
        find: &dyn FindFiles,
        at_us: i64,
        from_us: i64,
    ) -> Result<Option<Spot>, RecordingError> {
        let files = find.before(&self.stream, at_us, from_us)?;
        let (mut found, gone) = self.last_of(files, at_us, from_us);
        if gone {
            let files = find.before(&self.stream, at_us, from_us)?;
            found = self.last_of(files, at_us, from_us).0;
        }
        Ok(self.noted(found))
    }

    fn last_of(
        &mut self,
        files: Vec<FootageFile>,
        at_us: i64,
        from_us: i64,
    ) -> (Option<Spot>, bool) {
        let (mut best, mut gone): (Option<Spot>, bool) = (None, false);
        let last = self.found.map(|found| found.0);
        let last = last.filter(|last| last.start_us == at_us);
        for file in files {
            if best
                .as_ref()
                .is_some_and(|best| best.start_us >= file.end_us)
            {
                continue; // one that began earlier may last longer: what was fetched lies within it
            }
            let fits = |one: &&Located| {
                one.facts.start_us < at_us
                    && one.facts.start_us >= from_us
                    && last.is_none_or(|last| goes_on(&one.facts, &last))
            };
            let spot = match self.opened(&file.path, at_us) {
                Ok(opened) => match opened.fragments.iter().rev().find(fits) {
                    Some(&located) => Spot::of(&file, located),
                    None => continue,
                },
                Err(error) => {
                    gone |= error.kind() == io::ErrorKind::NotFound;
                    Spot::unreadable(file, from_us, at_us)
                }
            };
            let is_before = |spot: &Spot| {
                last.zip(spot.facts())
                    .is_some_and(|(last, facts)| facts.is_followed_by(&last))
            };
            if best.as_ref().is_none_or(|best| {
                !is_before(best) && (is_before(&spot) || spot.start_us > best.start_us)
            }) {
                best = Some(spot);
            }
        }
        (best, gone)
    }

    /// What stands at a spot, compared with its checksum.
    pub fn read(&mut self, spot: &Spot) -> Footage {
        let Some(located) = spot.located else {
            return Footage::Damaged("the file cannot be read".to_owned());
        };
        let (fetch, ahead_bytes) = (self.fetch.clone(), self.ahead_bytes);
        let opened = match self.opened(&spot.file, i64::MIN) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Footage::Removed,
            Err(error) => return Footage::Damaged(error.to_string()),
        };
        let mut body = opened.body(&located);
        if matches!(body, Ok(None)) && note_of(&spot.file).exists() {
            let Some(fetch) = &fetch else {
                return Footage::Away("this node has no second tier".to_owned());
            };
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
    fn opened(&mut self, path: &Path, at_us: i64) -> io::Result<&Opened> {
        match self.held.iter().position(|one| one.path == path) {
            Some(at) => {
                let known = self.held.remove(at);
                self.held.push(known);
            }
            None => {
                let opened = Opened::open(path)?;
                if self.held.len() >= FILES_HELD {
                    self.held.remove(0);
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

/// Whether the second may be shown after the first: it does not begin within it. What was fetched goes to where the node's own begins.
fn goes_on(one: &Facts, next: &Facts) -> bool {
    next.start_us >= one.end_us - TREMBLE_US || one.is_fetched() || next.is_fetched()
}

/// Of two that end after an instant. Where both hold it, the one that was recorded first, as far as can be known.
fn goes_first(one: &Spot, other: &Spot, at_us: i64, last: Option<&Facts>) -> bool {
    if let (Some(first), Some(second)) = (one.facts(), other.facts()) {
        if let Some(last) = last
            && last.is_followed_by(first) != last.is_followed_by(second)
        {
            return last.is_followed_by(first);
        }
        let holds = |facts: &Facts| facts.start_us <= at_us && !facts.is_fetched();
        if holds(first) && holds(second) {
            return (first.run_us, first.sequence) < (second.run_us, second.sequence);
        }
    }
    one.start_us < other.start_us
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

impl Opened {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut init = vec![0; MAX_INIT];
        let count = file.read_into(&mut init, 0)?;
        init.truncate(count);
        let no_head = || io::Error::other("its head is damaged");
        let length = init_length(&init).ok_or_else(no_head)?;
        init.truncate(length);
        let description = read_description(&init).ok_or_else(no_head)?;
        let found = contents(&file, Verify::Heads)?;
        let seen = found.fragments.last().map_or(length as u64, Located::end);
        Ok(Self {
            path: path.to_owned(),
            file,
            init: init.into(),
            description: Arc::new(description),
            fragments: found.fragments,
            seen,
            closed: found.closed,
        })
    }

    /// What was appended since.
    fn look_on(&mut self) -> io::Result<()> {
        for one in Scan::new(&self.file, Verify::Heads)?.behind(self.seen) {
            if let Found::Fragment(_, located) = one? {
                self.seen = located.end();
                self.fragments.push(located);
            }
        }
        Ok(())
    }

    /// A fragment's bytes, and what whoever reads it will want next: a second tier answers few large asks sooner than many.
    fn ahead_of(&self, located: &Located, bytes: u64) -> Range<u64> {
        let from = located.offset;
        let at = self.fragments.partition_point(|one| one.offset < from);
        let ends = self.fragments[at..].iter().map(Located::end);
        let end = ends.take_while(|end| end - from <= bytes).last();
        from..end.unwrap_or(from).max(located.end())
    }

    fn body(&self, located: &Located) -> io::Result<Option<Bytes>> {
        let mut whole = BytesMut::zeroed(located.head_bytes as usize + located.body_bytes as usize);
        let count = self.file.read_into(&mut whole, located.offset)?;
        if count < whole.len() || located.head_bytes as usize > MAX_HEAD {
            return Ok(None);
        }
        let Some((head, _)) = Head::read(&whole) else {
            return Ok(None);
        };
        let body = whole.freeze().slice(located.head_bytes as usize..);
        let sound = head.facts == located.facts && crc32fast::hash(&body) == head.body_crc;
        Ok(sound.then_some(body))
    }
}

/// Of the two boxes that a file begins with.
fn init_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for wanted in [b"ftyp", b"moov"] {
        let head = bytes.get(at..at + 8)?;
        if head[4..] != *wanted {
            return None;
        }
        at += u32::from_be_bytes(*head.first_chunk()?) as usize;
    }
    (at <= bytes.len()).then_some(at)
}
