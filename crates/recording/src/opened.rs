//! One footage file that is being read.
use crate::buffers::Buffers;
use crate::facts::{Head, Located, MAX_HEAD};
use crate::medium::let_go;
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

    /// A fragment's bytes, and what whoever reads it will want next: a second tier answers few large asks sooner than many.
    pub fn ahead_of(&self, located: &Located, bytes: u64) -> Range<u64> {
        let from = located.offset;
        let at = self.fragments.partition_point(|one| one.offset < from);
        let ends = self.fragments[at..].iter().map(Located::end);
        let end = ends.take_while(|end| end - from <= bytes).last();
        from..end.unwrap_or(from).max(located.end())
    }

    /// What stands behind a fragment's head; None: it does not agree with its checksum.
    pub fn body(&self, located: &Located, buffers: &mut Buffers) -> io::Result<Option<Bytes>> {
        let bytes = located.head_bytes as usize + located.body_bytes as usize;
        let mut whole = buffers.take(bytes);
        let count = self.file.read_into(&mut whole, located.offset)?;
        if buffers.are_reused() {
            let_go(&self.file, located.offset, bytes as u64);
        }
        if count < whole.len() || located.head_bytes as usize > MAX_HEAD {
            return Ok(None);
        }
        let Some((head, _)) = Head::read(&whole) else {
            return Ok(None);
        };
        let whole = whole.freeze();
        buffers.give(&whole);
        let body = whole.slice(located.head_bytes as usize..);
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
