//! One footage file that is being read.
use crate::facts::Located;
use crate::fragments::Fragments;
use crate::heads::{described, read_body, sound_body};
use crate::hollow::note_of;
use crate::passing::{Free, Passing, TOGETHER};
use crate::scan::{Found, Scan, Verify, contents};
use bytes::Bytes;
use fragmented_mp4::Description;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) struct Opened {
    pub path: PathBuf,
    file: File,
    pub init: Bytes,
    pub description: Arc<Description>,
    pub fragments: Fragments,
    /// So far it was looked through; a file that is written grows.
    seen: u64,
    pub closed: bool,
    passing: Option<Passing>,
    /// Up to here the disk did not give what was asked for in one piece: its fragments are read one by one.
    hurt_until: u64,
}

impl Opened {
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let found = contents(&file, Verify::Heads)?;
        let described = described(path, &file, &found)?
            .ok_or_else(|| io::Error::other("its head is damaged"))?;
        let length = described.init.len() as u64;
        let seen = found.fragments.last().map_or(length, Located::end);
        Ok(Self {
            path: path.to_owned(),
            file,
            init: described.init,
            description: Arc::new(described.description),
            fragments: Fragments::of(found.fragments),
            seen,
            closed: found.closed,
            passing: None,
            hurt_until: 0,
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
        let together = ahead(self.fragments.all(), located.offset, bytes);
        together.unwrap_or(located.offset..located.end())
    }

    /// What stands behind a fragment's head; None: it does not agree with its checksum.
    pub fn body(&mut self, located: &Located) -> io::Result<Option<Bytes>> {
        let is_hurt = located.offset < self.hurt_until;
        if let Some(passing) = self.passing.as_mut().filter(|_| !is_hurt) {
            let fragments = self.fragments.all();
            let together = |from| ahead(fragments, from, TOGETHER);
            // Whatever is wrong is told by a second look: what the disk has may have changed since it was read ahead.
            match passing.read(located.offset..located.end(), together) {
                Ok(whole) => {
                    if let Some(body) = sound_body(located, &whole) {
                        let last = self.fragments.last();
                        if self.closed && last.is_some_and(|last| last.offset == located.offset) {
                            self.passing = None; // whoever goes on reads another file: the pieces of one are enough
                        }
                        return Ok(Some(body));
                    }
                }
                Err(_) => self.hurt_until = together(located.offset).map_or(0, |piece| piece.end),
            }
        }
        read_body(&self.file, located)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{FACTS_BYTES, Facts, Head, StreamName};
    use bytes::{BufMut, BytesMut};
    use std::os::unix::fs::FileExt;

    const BODY: usize = 100_000;

    /// A file of so many fragments that is read in passing; without a head of its own.
    fn passing(path: &Path, fragments: u32) -> Opened {
        let mut bytes = BytesMut::from(&b"\0\0\0\x08ftyp"[..]);
        for number in 0..fragments {
            let mut facts = Facts::get(&[0; FACTS_BYTES]);
            facts.sequence = number;
            let body = vec![number as u8; BODY];
            let head = Head {
                stream: StreamName::new("34020000001320000001/main").expect("a name"),
                facts,
                body_bytes: BODY as u32,
                body_crc: crc32fast::hash(&body),
                body_digest: None,
                synced: 0,
            };
            head.put(&mut bytes);
            bytes.put_slice(&body);
        }
        std::fs::write(path, &bytes).expect("room");
        let file = File::options().read(true).write(true).open(path);
        let file = file.expect("it is there");
        let description = Description {
            codec_string: String::new(),
            width: 0,
            height: 0,
            sound: false,
            pictures_only: Bytes::new(),
        };
        let mut opened = Opened {
            path: path.to_owned(),
            fragments: Fragments::of(contents(&file, Verify::Heads).expect("readable").fragments),
            file,
            init: Bytes::new(),
            description: Arc::new(description),
            seen: bytes.len() as u64,
            closed: true,
            passing: None,
            hurt_until: 0,
        };
        opened.read_in_passing(&Free::default());
        opened
    }

    /// Every fragment that agrees with its checksum, and of how many it is known from the piece that was read in passing.
    fn read(opened: &mut Opened) -> (Vec<u32>, usize) {
        let (mut sound, mut in_passing) = (Vec::new(), 0);
        for located in opened.fragments.all().to_vec() {
            let found = opened.body(&located).expect("readable");
            sound.extend(found.map(|_| located.facts.sequence));
            let whole = located.offset..located.end();
            let passing = opened.passing.as_ref(); // none once all is read
            in_passing += usize::from(passing.is_none_or(|passing| passing.has(&whole)));
        }
        (sound, in_passing)
    }

    #[test]
    fn damage_ends_no_reading_in_passing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut opened = passing(&folder.path().join("file"), 100);
        let hit = opened.fragments.all()[3];
        opened
            .file
            .write_all_at(b"lightning", hit.offset + 5_000)
            .expect("ours");
        let (sound, in_passing) = read(&mut opened);
        let others: Vec<u32> = (0..100).filter(|&one| one != 3).collect();
        assert_eq!((sound, in_passing), (others, 100));
        assert!(opened.passing.is_none(), "nothing of it is held any more");
    }

    #[test]
    fn what_the_disk_does_not_give_in_one_piece_is_read_one_by_one_and_what_follows_in_passing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut opened = passing(&folder.path().join("file"), 100);
        let piece = ahead(
            opened.fragments.all(),
            opened.fragments.all()[0].offset,
            TOGETHER,
        )
        .expect("some");
        let within = opened
            .fragments
            .all()
            .partition_point(|one| one.offset < piece.end);
        opened.hurt_until = piece.end; // as after an error of the disk
        let (sound, in_passing) = read(&mut opened);
        assert_eq!((sound.len(), in_passing), (100, 100 - within));
    }
}
