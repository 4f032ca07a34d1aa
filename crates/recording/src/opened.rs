//! One footage file that is being read.
use crate::facts::{Head, Located, MAX_HEAD};
use crate::hollow::note_of;
use crate::passing::{Free, Passing, TOGETHER};
use crate::scan::{Found, ReadAt, Scan, Verify, contents};
use bytes::Bytes;
use fragmented_mp4::{Description, read_description};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `ftyp` and `moov` are a kilobyte.
const MAX_INIT: usize = 64 * 1024;

pub(crate) struct Opened {
    pub path: PathBuf,
    file: File,
    pub init: Bytes,
    pub description: Arc<Description>,
    pub fragments: Vec<Located>,
    /// So far it was looked through; a file that is written grows.
    seen: u64,
    pub closed: bool,
    passing: Option<Passing>,
}

impl Opened {
    pub fn open(path: &Path) -> io::Result<Self> {
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
            passing: None,
        })
    }

    /// What was appended since.
    pub fn look_on(&mut self) -> io::Result<()> {
        for one in Scan::new(&self.file, Verify::Heads)?.behind(self.seen) {
            if let Found::Fragment(_, located) = one? {
                self.seen = located.end();
                self.fragments.push(located);
            }
        }
        Ok(())
    }

    /// From here on it is read from first to last. One whose pictures may lie elsewhere is read as any other.
    pub fn read_in_passing(&mut self, free: &Free) {
        if !note_of(&self.path).exists() {
            self.passing = Passing::open(&self.path, self.closed, free);
        }
    }

    /// A fragment's bytes, and what whoever reads it will want next: a second tier answers few large asks sooner than many.
    pub fn ahead_of(&self, located: &Located, bytes: u64) -> Range<u64> {
        let together = ahead(&self.fragments, located.offset, bytes);
        together.unwrap_or(located.offset..located.end())
    }

    /// What stands behind a fragment's head; None: it does not agree with its checksum.
    pub fn body(&mut self, located: &Located) -> io::Result<Option<Bytes>> {
        if let Some(mut passing) = self.passing.take() {
            let fragments = &self.fragments;
            let together = |from| ahead(fragments, from, TOGETHER);
            let whole = passing.read(located.offset..located.end(), together);
            // Whatever is wrong is told by a second look: what the disk has may have changed since it was read ahead.
            if let Some(body) = whole.ok().and_then(|whole| sound_body(located, &whole)) {
                self.passing = Some(passing);
                return Ok(Some(body));
            }
        }
        let mut whole = vec![0; located.head_bytes as usize + located.body_bytes as usize];
        let count = self.file.read_into(&mut whole, located.offset)?;
        let whole = (count == whole.len()).then(|| Bytes::from(whole));
        Ok(whole.and_then(|whole| sound_body(located, &whole)))
    }
}

/// As many whole fragments as so many bytes hold, at least the first, from where one begins; None: there begins none.
fn ahead(fragments: &[Located], from: u64, bytes: u64) -> Option<Range<u64>> {
    let at = fragments.partition_point(|one| one.offset < from);
    let first = fragments.get(at)?;
    let ends = fragments[at..].iter().map(Located::end);
    let end = ends.take_while(|end| end - first.offset <= bytes).last();
    Some(first.offset..end.unwrap_or(first.offset).max(first.end()))
}

/// None: it does not agree with its checksum.
fn sound_body(located: &Located, whole: &Bytes) -> Option<Bytes> {
    if located.head_bytes as usize > MAX_HEAD {
        return None;
    }
    let (head, _) = Head::read(whole)?;
    let body = whole.slice(located.head_bytes as usize..);
    let sound = head.facts == located.facts && crc32fast::hash(&body) == head.body_crc;
    sound.then_some(body)
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
