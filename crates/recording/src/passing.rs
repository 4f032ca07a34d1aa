//! A footage file that is read from first to last: in large pieces past the system's page cache, the next one while somebody works
//! on this one. Pages that are made for bytes which are read once cost as much as everything else that is done to them.
use crate::medium::let_go;
use crate::scan::ReadAt;
use bytes::Bytes;
use memmap2::{Advice, MmapMut};
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Disks are asked for whole blocks, into memory that begins at one.
const BLOCK: u64 = 4096;
/// Memory that lies in one piece is read into in one go.
const HUGE_PAGE: u64 = 2 * 1024 * 1024;
/// Read at once.
pub(crate) const TOGETHER: u64 = 2 * HUGE_PAGE - 2 * BLOCK;
/// Kept to be read into again: one is read, one is worked on, and parts of two are on their way.
const MOST_KEPT: usize = 4;

/// Memory that nobody uses at the moment.
pub(crate) type Free = Arc<Mutex<Vec<MmapMut>>>;

pub(crate) struct Passing {
    here: Option<Piece>,
    coming: Option<Range<u64>>,
    asks: Sender<Range<u64>>,
    pieces: Receiver<io::Result<Piece>>,
}

struct Piece {
    from: u64,
    bytes: Bytes,
}

/// Goes back when the last part of what was read into it is let go of.
struct Lent {
    memory: Option<MmapMut>,
    free: Free,
}

impl Passing {
    /// `is_closed`: nobody writes it. None: it cannot be read so.
    pub fn open(path: &Path, is_closed: bool, free: &Free) -> Option<Self> {
        let direct = is_closed.then(|| direct(path)).flatten();
        let is_cached = direct.is_none();
        let file = direct.or_else(|| File::open(path).ok())?;
        let (asks, asked) = channel::<Range<u64>>();
        let (found, pieces) = channel();
        let free = Arc::clone(free);
        let reading = thread::Builder::new().name("footage-read".to_owned());
        let spawned = reading.spawn(move || {
            for range in asked {
                let piece = piece(&file, &range, &free);
                if is_cached {
                    let_go(&file, range.start, range.end - range.start);
                }
                if found.send(piece).is_err() {
                    return;
                }
            }
        });
        spawned.ok()?;
        Some(Self {
            here: None,
            coming: None,
            asks,
            pieces,
        })
    }

    /// The bytes of a fragment. `together`: how far is read at once from where a fragment begins; None behind the last one.
    /// Errors: the disk, or that it ended before.
    pub fn read(
        &mut self,
        wanted: Range<u64>,
        together: impl Fn(u64) -> Option<Range<u64>>,
    ) -> io::Result<Bytes> {
        if let Some(found) = self.here.as_ref().and_then(|here| here.part(&wanted)) {
            return Ok(found);
        }
        let is_coming = |coming: &Range<u64>| coming.contains(&wanted.start);
        if !self.coming.as_ref().is_some_and(is_coming) {
            if self.coming.take().is_some() {
                let _ = self.pieces.recv(); // it was read for nothing: somebody went elsewhere
            }
            self.ask(together(wanted.start).ok_or(io::ErrorKind::UnexpectedEof)?)?;
        }
        self.coming = None;
        let piece = self.pieces.recv().map_err(io::Error::other)??;
        let found = piece.part(&wanted).ok_or(io::ErrorKind::UnexpectedEof)?;
        if let Some(next) = together(piece.from + piece.bytes.len() as u64) {
            self.ask(next)?;
        }
        self.here = Some(piece);
        Ok(found)
    }

    #[cfg(test)]
    pub fn has(&self, wanted: &Range<u64>) -> bool {
        let here = self.here.as_ref();
        here.is_some_and(|here| here.part(wanted).is_some())
    }

    fn ask(&mut self, range: Range<u64>) -> io::Result<()> {
        self.coming = Some(range.clone());
        self.asks.send(range).map_err(io::Error::other)
    }
}

/// Past the page cache. None: its file system does not read so.
fn direct(path: &Path) -> Option<File> {
    let mut direct = OpenOptions::new();
    direct.read(true).custom_flags(libc::O_DIRECT);
    direct.open(path).ok()
}

impl Piece {
    fn part(&self, wanted: &Range<u64>) -> Option<Bytes> {
        let from = usize::try_from(wanted.start.checked_sub(self.from)?).ok()?;
        let to = usize::try_from(wanted.end.checked_sub(self.from)?).ok()?;
        (from <= to && to <= self.bytes.len()).then(|| self.bytes.slice(from..to))
    }
}

/// Whole blocks from the disk, of which the piece is a part.
fn piece(file: &File, range: &Range<u64>, free: &Free) -> io::Result<Piece> {
    let from = range.start / BLOCK * BLOCK;
    let blocks = usize::try_from(range.end.next_multiple_of(BLOCK) - from);
    let blocks = blocks.map_err(io::Error::other)?;
    let mut memory = taken(blocks, free)?;
    let count = file.read_into(&mut memory[..blocks], from)?;
    let part = (range.start - from) as usize..(range.end - from) as usize; // within the blocks
    if count < part.end {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let lent = Lent {
        memory: Some(memory),
        free: Arc::clone(free),
    };
    Ok(Piece {
        from: range.start,
        bytes: Bytes::from_owner(lent).slice(part),
    })
}

/// At least so many bytes; what stands in them means nothing.
fn taken(bytes: usize, free: &Free) -> io::Result<MmapMut> {
    let kept = free.lock().unwrap_or_else(PoisonError::into_inner).pop();
    if let Some(memory) = kept.filter(|memory| memory.len() >= bytes) {
        return Ok(memory);
    }
    let memory = MmapMut::map_anon(bytes.next_multiple_of(HUGE_PAGE as usize))?;
    let _ = memory.advise(Advice::HugePage); // small pages do as well, at less speed
    Ok(memory)
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.memory.as_deref().unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < MOST_KEPT {
            free.extend(self.memory.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Bytes that tell where they stand, in parts of 1,000.
    fn file(bytes: usize) -> (tempfile::TempDir, std::path::PathBuf, Vec<u8>) {
        let folder = tempfile::tempdir_in(".").unwrap_or_else(|_| tempfile::tempdir().unwrap());
        let path = folder.path().join("file");
        let content: Vec<u8> = (0..bytes).map(|at| (at / 7 % 251) as u8).collect();
        std::fs::write(&path, &content).unwrap();
        (folder, path, content)
    }

    #[test]
    fn each_part_is_what_stands_there_and_pieces_are_read_before_they_are_asked_for() {
        let (_folder, path, content) = file(1_000_000);
        for is_closed in [true, false] {
            let free = Free::default();
            let mut passing = Passing::open(&path, is_closed, &free).unwrap();
            let asked = Cell::new(0);
            let together = |from: u64| {
                asked.set(asked.get() + 1);
                (from < 1_000_000).then(|| from..(from + 64_000).min(1_000_000))
            };
            for part in 0..1_000_u64 {
                let wanted = part * 1_000..(part + 1) * 1_000;
                let found = passing.read(wanted.clone(), together).unwrap();
                assert_eq!(found, content[wanted.start as usize..wanted.end as usize]);
            }
            assert_eq!(asked.get(), 1 + 16, "the first, and one behind each piece");
            drop(passing);
            let kept = free.lock().unwrap().len();
            assert!((1..=3).contains(&kept), "{kept} pieces of memory");
        }
    }

    #[test]
    fn memory_is_read_into_again_when_nobody_holds_any_of_it() {
        let (_folder, path, content) = file(100_000);
        let free = Free::default();
        let mut passing = Passing::open(&path, true, &free).unwrap();
        let together = |from: u64| (from < 20_000).then(|| from..from + 10_000);
        let first = passing.read(0..1_000, together).unwrap();
        passing.read(10_000..11_000, together).unwrap();
        drop(passing);
        assert_eq!(free.lock().unwrap().len(), 1, "a part of the other is held");
        assert_eq!(first, content[..1_000]);
        drop(first);
        assert_eq!(free.lock().unwrap().len(), 2);
        let memory = taken(5_000, &free).unwrap();
        assert_eq!(
            (memory.len() as u64, free.lock().unwrap().len()),
            (HUGE_PAGE, 1)
        );
        let larger = taken(3_000_000, &free).unwrap();
        assert_eq!(
            larger.len() as u64,
            2 * HUGE_PAGE,
            "what is too small is made anew"
        );
    }

    #[test]
    fn whoever_goes_elsewhere_is_followed() {
        let (_folder, path, content) = file(500_000);
        let mut passing = Passing::open(&path, true, &Free::default()).unwrap();
        let together = |from: u64| (from < 500_000).then(|| from..(from + 50_000).min(500_000));
        for from in [400_000, 0, 1_000, 300_000, 60_000, 499_000] {
            let found = passing.read(from..from + 1_000, together).unwrap();
            assert_eq!(found, content[from as usize..from as usize + 1_000]);
        }
    }

    #[test]
    fn what_the_file_does_not_have_is_an_error_and_no_end_of_it() {
        let (_folder, path, content) = file(10_000);
        let mut passing = Passing::open(&path, true, &Free::default()).unwrap();
        let beyond = |from: u64| (from < 20_000).then_some(from..20_000);
        assert!(passing.read(8_000..12_000, beyond).is_err());
        let within = |from: u64| (from < 10_000).then_some(from..10_000);
        let found = passing.read(8_000..9_000, within).unwrap();
        assert_eq!(found, content[8_000..9_000]);
    }
}
