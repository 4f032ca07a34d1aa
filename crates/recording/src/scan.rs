//! Every whole fragment of a file, whatever happened to it: truncated, overwritten, full of holes.
use crate::facts::{Digest, Head, Located, MAX_HEAD, StreamName, UUID_STEM};
use crate::table::{MAX_TABLE, TAIL, Told, read_table, table_bytes};
use memchr::memmem;
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

const SEARCH_BYTES: usize = 256 * 1024;
const CHECK_BYTES: usize = 256 * 1024;

/// What footage is read from.
pub trait ReadAt {
    /// Bytes there are.
    fn bytes(&self) -> io::Result<u64>;
    /// Fills as much of `buffer` as there is.
    fn read_into(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl ReadAt for File {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_into(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_at(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl ReadAt for [u8] {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_into(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let from = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.len());
        let count = buffer.len().min(self.len() - from);
        buffer[..count].copy_from_slice(&self[from..from + count]);
        Ok(count)
    }
}

/// How much of a file is compared with its checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Heads only.
    Heads,
    /// Also the bodies of what may not have reached the disk when the machine stopped.
    Unsynced,
    Everything,
}

/// What stands next in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Fragment(StreamName, Located),
    /// Bytes that are no whole fragment. Before the first fragment these are the file's own head.
    Other(Range<u64>),
}

/// Goes through a file from its start. Ends with it; errors of reading end it too.
pub struct Scan<'a, Source: ReadAt + ?Sized> {
    source: &'a Source,
    at: u64,
    end: u64,
    verify: Verify,
    waiting: Option<(StreamName, Located)>,
    failed: bool,
    /// What the heads seen so far say was on disk when they were written.
    synced: Cell<u64>,
}

impl<'a, Source: ReadAt + ?Sized> Scan<'a, Source> {
    pub fn new(source: &'a Source, verify: Verify) -> io::Result<Self> {
        Ok(Self {
            source,
            at: 0,
            end: source.bytes()?,
            verify,
            waiting: None,
            failed: false,
            synced: Cell::new(0),
        })
    }

    /// From `offset` on, where a fragment ended.
    pub(crate) fn behind(self, offset: u64) -> Self {
        Self { at: offset, ..self }
    }

    fn step(&mut self) -> io::Result<Option<Found>> {
        if let Some((stream, located)) = self.waiting.take() {
            return Ok(Some(Found::Fragment(stream, located)));
        }
        if self.at >= self.end {
            return Ok(None);
        }
        if let Some(fragment) = self.fragment_at(self.at)? {
            self.at = fragment.1.end();
            return Ok(Some(Found::Fragment(fragment.0, fragment.1)));
        }
        let from = self.at;
        let to = match self.search(from + 1)? {
            Some(fragment) => {
                let start = fragment.1.offset;
                self.at = fragment.1.end();
                self.waiting = Some(fragment);
                start
            }
            None => {
                self.at = self.end;
                self.end
            }
        };
        Ok(Some(Found::Other(from..to)))
    }

    /// The whole fragment whose facts begin there.
    fn fragment_at(&self, offset: u64) -> io::Result<Option<(StreamName, Located)>> {
        let mut bytes = [0; MAX_HEAD];
        let count = self.source.read_into(&mut bytes, offset)?;
        let Some((head, head_bytes)) = Head::read(&bytes[..count]) else {
            return Ok(None);
        };
        let located = Located {
            facts: head.facts,
            offset,
            head_bytes,
            body_bytes: head.body_bytes,
        };
        let checked = match self.verify {
            Verify::Heads => true,
            Verify::Everything | Verify::Unsynced => self.body_is(&located, head.body_crc)?,
        };
        let whole = located.end() <= self.end && checked;
        if whole {
            self.synced.set(self.synced.get().max(head.synced));
        }
        Ok(whole.then_some((head.stream, located)))
    }

    fn body_is(&self, located: &Located, crc: u32) -> io::Result<bool> {
        let mut left = u64::from(located.body_bytes);
        let mut at = located.offset + u64::from(located.head_bytes);
        let mut buffer = vec![0; CHECK_BYTES.min(left as usize)];
        let mut found = crc32fast::Hasher::new();
        while left > 0 {
            let wanted = buffer.len().min(left as usize);
            let count = self.source.read_into(&mut buffer[..wanted], at)?;
            if count == 0 {
                return Ok(false);
            }
            found.update(&buffer[..count]);
            left -= count as u64;
            at += count as u64;
        }
        Ok(found.finalize() == crc)
    }

    /// The first whole fragment that begins at `from` or later.
    fn search(&self, from: u64) -> io::Result<Option<(StreamName, Located)>> {
        let finder = memmem::Finder::new(&UUID_STEM);
        let mut buffer = vec![0; SEARCH_BYTES.min((self.end - from.min(self.end)) as usize)];
        let mut at = from + 8; // where a mark may stand at the earliest: behind size and type
        while at < self.end {
            let count = self.source.read_into(&mut buffer, at)?;
            for found in finder.find_iter(&buffer[..count]) {
                if let Some(fragment) = self.fragment_at(at + found as u64 - 8)? {
                    return Ok(Some(fragment));
                }
            }
            if count < buffer.len() {
                break;
            }
            at += (count - (UUID_STEM.len() - 1).min(count - 1)) as u64;
        }
        Ok(None)
    }
}

impl<Source: ReadAt + ?Sized> Iterator for Scan<'_, Source> {
    type Item = io::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let found = self.step();
        self.failed = found.is_err();
        found.transpose()
    }
}

/// A whole file: its fragments, and how many bytes between and behind them are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    pub stream: Option<StreamName>,
    pub fragments: Vec<Located>,
    pub damaged: Vec<Range<u64>>,
    /// It ends with its table: it was closed.
    pub closed: bool,
    /// Of all its pictures, as its table says it.
    pub digest: Option<Digest>,
}

/// By its table if there is one, else by a scan. Of a file that was not closed, whatever was not known to be on disk is compared
/// with its checksum: after a power cut pages may be missing before others that are there.
pub(crate) fn contents<Source: ReadAt + ?Sized>(
    source: &Source,
    verify: Verify,
) -> io::Result<Contents> {
    let end = source.bytes()?;
    if verify != Verify::Everything
        && let Some(told) = read_closed(source, end)?
    {
        return Ok(Contents {
            stream: Some(told.stream),
            fragments: told.fragments,
            damaged: Vec::new(),
            closed: true,
            digest: told.digest,
        });
    }
    let told = read_closed(source, end)?;
    let closed = told.is_some();
    let mut found = Contents {
        closed,
        digest: told.and_then(|told| told.digest),
        ..Contents::default()
    };
    let mut behind = None;
    let every = if verify == Verify::Everything {
        verify
    } else {
        Verify::Heads
    };
    let mut scan = Scan::new(source, every)?;
    for one in &mut scan {
        match one? {
            Found::Fragment(stream, located) => {
                found.stream.get_or_insert(stream);
                found.fragments.push(located);
                behind = None;
            }
            Found::Other(range) => {
                if !found.fragments.is_empty() {
                    found.damaged.push(range.clone());
                }
                behind = Some(range);
            }
        }
    }
    if closed && behind.is_some() {
        found.damaged.pop(); // the table
    }
    if verify == Verify::Unsynced && !closed {
        let synced = scan.synced.get();
        let whole = Scan::new(source, Verify::Everything)?;
        let (damaged, fragments) = (&mut found.damaged, &mut found.fragments);
        let mut failed = None;
        fragments.retain(|one| {
            let is_whole = one.end() <= synced
                || whole
                    .fragment_at(one.offset)
                    .unwrap_or_else(|error| {
                        failed = Some(error);
                        None
                    })
                    .is_some();
            if !is_whole {
                damaged.push(one.offset..one.end());
            }
            is_whole
        });
        if let Some(error) = failed {
            return Err(error);
        }
    }
    Ok(found)
}

/// Of all pictures of these fragments, as a table has it, by their heads; None: a head of before, or none, says nothing of its body.
pub(crate) fn digest_by_heads<Source: ReadAt + ?Sized>(
    source: &Source,
    fragments: &[Located],
) -> io::Result<Option<Digest>> {
    let mut digests = Sha256::new();
    let mut bytes = [0; MAX_HEAD];
    for one in fragments {
        let count = source.read_into(&mut bytes, one.offset)?;
        let head = Head::read(&bytes[..count]);
        let Some(digest) = head.and_then(|(head, _)| head.body_digest) else {
            return Ok(None);
        };
        digests.update(digest);
    }
    Ok(Some(digests.finalize().into()))
}

fn read_closed<Source: ReadAt + ?Sized>(source: &Source, end: u64) -> io::Result<Option<Told>> {
    let mut tail = [0; TAIL];
    let Some(tail_at) = end.checked_sub(TAIL as u64) else {
        return Ok(None);
    };
    if source.read_into(&mut tail, tail_at)? < TAIL {
        return Ok(None);
    }
    let Some(size) = table_bytes(&tail).filter(|&size| u64::from(size) <= end && size <= MAX_TABLE)
    else {
        return Ok(None);
    };
    let mut whole = vec![0; size as usize];
    let start = end - u64::from(size);
    if source.read_into(&mut whole, start)? < whole.len() {
        return Ok(None);
    }
    let fits = |told: &Told| {
        let mut fragments = told.fragments.iter();
        fragments.all(|one| one.offset < start && one.end() <= start)
    };
    Ok(read_table(&whole).filter(fits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{FACTS_BYTES, Facts};
    use crate::table::put_table;
    use bytes::{BufMut, BytesMut};
    use proptest::prelude::*;

    fn name() -> StreamName {
        StreamName::new("34020000001320000001/main").expect("a name")
    }

    /// A file of fragments with bodies of these lengths, and where each stands.
    fn file(bodies: &[usize]) -> (BytesMut, Vec<Located>) {
        let mut out = BytesMut::from(&b"\0\0\0\x10ftypiso6\0\0\0\x01"[..]);
        let mut located = Vec::new();
        for (number, &length) in bodies.iter().enumerate() {
            let body: Vec<u8> = (0..length).map(|at| (at * 7 + number) as u8).collect();
            let mut facts = Facts::get(&[0; FACTS_BYTES]);
            facts.sequence = number as u32;
            let offset = out.len() as u64;
            let body_bytes = length as u32;
            let head = Head {
                stream: name(),
                facts,
                body_bytes,
                body_crc: crc32fast::hash(&body),
                body_digest: (number % 2 == 0).then(|| Sha256::digest(&body).into()),
                synced: 0,
            };
            head.put(&mut out);
            let head_bytes = (out.len() as u64 - offset) as u32;
            out.put_slice(&body);
            located.push(Located {
                facts,
                offset,
                head_bytes,
                body_bytes,
            });
        }
        (out, located)
    }

    fn found(bytes: &[u8], verify: Verify) -> Vec<Located> {
        contents(bytes, verify).expect("memory").fragments
    }

    #[test]
    fn a_file_cut_at_any_byte_keeps_every_fragment_that_is_whole() {
        let (bytes, all) = file(&[300, 0, 40, 1_000]);
        for cut in 0..=bytes.len() {
            let whole: Vec<Located> = all
                .iter()
                .copied()
                .filter(|one| one.end() <= cut as u64)
                .collect();
            for verify in [Verify::Heads, Verify::Unsynced, Verify::Everything] {
                assert_eq!(
                    found(&bytes[..cut], verify),
                    whole,
                    "cut at {cut}, {verify:?}"
                );
            }
        }
    }

    #[test]
    fn a_byte_changed_anywhere_costs_the_one_fragment_it_stands_in() {
        let (bytes, all) = file(&[300, 0, 40, 600]);
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x5A;
            let hit = |one: &&Located| one.offset <= at as u64 && (at as u64) < one.end();
            let others: Vec<Located> = all.iter().filter(|one| !hit(one)).copied().collect();
            assert_eq!(found(&bytes, Verify::Everything), others, "changed at {at}");
        }
    }

    #[test]
    fn bytes_that_came_between_are_told_and_cost_nothing() {
        let (bytes, all) = file(&[100, 100]);
        let at = all[1].offset as usize;
        let mut torn = BytesMut::from(&bytes[..at]);
        torn.put_bytes(0, 70_000);
        torn.put_slice(&bytes[at..]);
        let found = contents(&torn[..], Verify::Heads).expect("memory");
        let between = at as u64..at as u64 + 70_000;
        assert_eq!(found.damaged, vec![between]);
        assert_eq!(found.fragments.len(), 2);
    }

    #[test]
    fn heads_tell_of_all_pictures_or_of_none() {
        let (bytes, all) = file(&[300, 40, 600]);
        let told = |some: &[Located]| digest_by_heads(&bytes[..], some).expect("memory");
        let first: Digest = Sha256::digest(&bytes[all[0].end() as usize - 300..][..300]).into();
        assert_eq!(told(&all[..1]), Some(Sha256::digest(first).into()));
        assert_eq!(told(&all), None, "one is of before");
    }

    #[test]
    fn a_closed_file_is_read_by_its_table_and_by_a_scan_alike() {
        let (mut bytes, all) = file(&[100, 2_000, 5]);
        put_table(&mut bytes, &name(), &all, Some(&[7; 32]));
        for verify in [Verify::Heads, Verify::Everything] {
            let found = contents(&bytes[..], verify).expect("memory");
            assert_eq!(
                (found.fragments, found.closed, found.damaged.len()),
                (all.clone(), true, 0)
            );
        }
        let last = bytes.len() - 20;
        bytes[last] ^= 1;
        let found = contents(&bytes[..], Verify::Heads).expect("memory");
        assert_eq!(
            (found.fragments, found.closed, found.damaged.len()),
            (all, false, 1)
        );
    }

    proptest! {
        #[test]
        fn nothing_stops_a_scan_and_it_goes_forward(
            mut bytes in prop::collection::vec(any::<u8>(), 0..400), at in any::<prop::sample::Index>(),
            bodies in prop::collection::vec(0usize..200, 0..3)
        ) {
            let (whole, _) = file(&bodies);
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, whole.iter().copied());
            crate::fuzz_bodies::footage(&bytes);
            prop_assert_eq!(found(&bytes, Verify::Everything).len(), bodies.len());
        }
    }
}
