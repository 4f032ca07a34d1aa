//! Where footage files are made: the system's disks, or ones that a test lets fail.
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A file that is being written.
pub trait Written: Send {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// On disk, with its length, when this returns.
    fn sync(&mut self) -> io::Result<()>;
}

/// What a folder stands on. Every call may block for as long as the disk does.
pub trait Medium: Send + Sync {
    /// A new file, with the folders above it; they are on disk when this returns.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Written>>;
    /// Everything of the file system that holds `folder` is on disk when this returns.
    fn sync_all(&self, folder: &Path) -> io::Result<()>;
    /// Bytes that may still be written below `folder`.
    fn free_bytes(&self, folder: &Path) -> io::Result<u64>;
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Writes a small file anew and sees it on disk.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
}

/// The system's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Written for File {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Takes a file for its writer until the descriptor is closed; false: somebody else has it, or the file system knows no locks.
pub(crate) fn claim(file: &File) -> bool {
    // SAFETY: a descriptor that is open for the whole call.
    unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) == 0 }
}

impl Medium for SystemDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Written>> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let missing: Vec<&Path> = folder.ancestors().take_while(|one| !one.exists()).collect();
        fs::create_dir_all(folder)?;
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        claim(&file);
        for one in missing
            .iter()
            .map(|one| one.parent().unwrap_or(one))
            .chain([folder])
        {
            File::open(one)?.sync_all()?;
        }
        Ok(Box::new(file))
    }

    fn sync_all(&self, folder: &Path) -> io::Result<()> {
        let folder = File::open(folder)?;
        // SAFETY: a descriptor that is open for the whole call.
        if unsafe { libc::syncfs(folder.as_raw_fd()) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        let folder = File::open(folder)?;
        // SAFETY: plain numbers, all of them valid as zero.
        let mut found: libc::statvfs = unsafe { std::mem::zeroed() };
        // SAFETY: an open descriptor and a live structure of our own.
        if unsafe { libc::fstatvfs(folder.as_raw_fd(), &raw mut found) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(found.f_bavail * found.f_frsize)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::write(path, bytes)?;
        File::open(path)?.sync_all()
    }
}
