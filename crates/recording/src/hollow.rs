//! Files whose pictures lie in a second tier: head and table stay on the disk, what is between is let go of, and fetched again where
//! somebody reads it. The index, a rebuild, completeness and what stands for a file in the record of its removal need only what stays.
//!
//! A file beside such a one says so, [`note_of`]. What was fetched stays until it is let go of again; that it is whole is told by
//! the fragments' checksums. docs/decisions/0049-second-tier.md.
use crate::facts::Located;
use crate::scan::{Verify, contents};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SUFFIX: &str = ".away";
/// Holes begin and end with blocks.
const BLOCK: u64 = 4_096;

/// Brings the bytes of a file back to where they were. Errors: the second tier does not answer, or does not have it.
pub type BringBack = Arc<dyn Fn(&Path, Range<u64>) -> io::Result<()> + Send + Sync>;

/// The file that lies beside a footage file whose pictures were moved.
pub fn note_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(SUFFIX);
    name.into()
}

/// Lets go of the pictures of a closed file, which must be in the second tier. Bytes that the disk has back. Errors: it was not
/// closed, nothing beside it says where its pictures are, or the file system keeps no holes.
pub fn hollow(path: &Path) -> io::Result<u64> {
    if !note_of(path).try_exists()? {
        return Err(io::Error::other("nothing says where its pictures are"));
    }
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let found = contents(&file, Verify::Heads)?;
    let (Some(first), true) = (found.fragments.first(), found.closed) else {
        return Err(io::Error::other("it was not closed"));
    };
    let end = found.fragments.iter().map(Located::end).max().unwrap_or(0);
    let (from, to) = (first.offset.next_multiple_of(BLOCK), end / BLOCK * BLOCK);
    let before = file.metadata()?.blocks();
    if from < to {
        punch(&file, from, to - from)?;
        file.sync_all()?;
    }
    Ok(before.saturating_sub(file.metadata()?.blocks()) * 512)
}

fn punch(file: &File, from: u64, length: u64) -> io::Result<()> {
    let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    let place = |at: u64| libc::off_t::try_from(at).map_err(io::Error::other);
    let (from, length) = (place(from)?, place(length)?);
    // SAFETY: the descriptor is open; no memory is handed over.
    if unsafe { libc::fallocate(file.as_raw_fd(), mode, from, length) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
