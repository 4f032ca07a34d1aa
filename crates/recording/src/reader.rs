//! Footage read back: the fragment at an instant, and the ones after and before it, over the borders of files and folders.
//!
//! What is held is the tables of two files and one fragment, however long the footage is. Each fragment is compared with its
//! checksum; one that does not agree is told as damage, and the next one is found all the same.
use crate::event::RecordingError;
use crate::facts::{Facts, Head, Located, MAX_HEAD, StreamName};
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
            .is_some_and(|facts| facts.flags.has(crate::facts::FragmentFlags::KEY))
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
}

impl FootageReader {
    /// Opens nothing yet. `fetch`: where there is a second tier.
    pub fn new(stream: StreamName, fetch: Option<BringBack>) -> Self {
        Self {
            stream,
            held: Vec::new(),
            fetch,
            ahead_bytes: AHEAD_BYTES,
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
            return Ok(found);
        }
        // A file was removed since the index named it. One that it still names is damage.
        Ok(self
            .first_of(
                find.after(&self.stream, at_us, to_us)?,
                at_us,
                from_us,
                to_us,
            )
            .0)
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
        for file in files {
            if best
                .as_ref()
                .is_some_and(|best| best.start_us <= file.start_us)
            {
                break;
            }
            let fits = |one: &&Located| one.facts.end_us > at_us && one.facts.start_us >= from_us;
            let found = match self.opened(&file.path, at_us) {
                Ok(opened) => opened.fragments.iter().find(fits).copied().map(Ok),
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
                    .is_none_or(|best| spot.start_us < best.start_us)
            {
                best = Some(spot);
            }
        }
        (best, gone)
    }

    /// The last fragment that begins before `at_us`, and not before `from_us`. Errors: the index does not answer.
    pub fn before(
        &mut self,
        find: &dyn FindFiles,
        at_us: i64,
        from_us: i64,
    ) -> Result<Option<Spot>, RecordingError> {
        let (found, gone) =
            self.last_of(find.before(&self.stream, at_us, from_us)?, at_us, from_us);
        if !gone {
            return Ok(found);
        }
        Ok(self
            .last_of(find.before(&self.stream, at_us, from_us)?, at_us, from_us)
            .0)
    }

    fn last_of(
        &mut self,
        files: Vec<FootageFile>,
        at_us: i64,
        from_us: i64,
    ) -> (Option<Spot>, bool) {
        let (mut best, mut gone): (Option<Spot>, bool) = (None, false);
        for file in files {
            if best
                .as_ref()
                .is_some_and(|best| best.start_us >= file.end_us)
            {
                continue; // one that began earlier may last longer: what was fetched lies within it
            }
            let fits = |one: &&Located| one.facts.start_us < at_us && one.facts.start_us >= from_us;
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
            if best
                .as_ref()
                .is_none_or(|best| spot.start_us > best.start_us)
            {
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
