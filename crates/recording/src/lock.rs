//! Who works on an index.
use crate::event::RecordingError;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// Only one recorder, or rebuilding, works on an index.
pub(crate) fn lock_of(index: &Path) -> Result<File, RecordingError> {
    let mut path = index.as_os_str().to_owned();
    path.push(".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(path))?;
    // SAFETY: a descriptor of our own; the lock goes with it.
    if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } < 0 {
        return Err(RecordingError::InUse(index.to_owned()));
    }
    Ok(file)
}
