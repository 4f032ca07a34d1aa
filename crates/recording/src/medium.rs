//! Where footage files are made: the system's disks, or ones that a test lets fail.
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A file that is being written, by one thread; another one may bring it to disk meanwhile.
pub trait Written: Send + Sync {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// What was written before this was called is on disk, with its length, when it returns.
    fn sync(&self) -> io::Result<()>;
    /// These bytes are on disk, and need not stay in memory: nobody reads most footage, and what is read comes from the disk.
    fn let_go(&self, _from: u64, _bytes: u64) {}
}

/// What a folder stands on. Every call may block for as long as the disk does.
pub trait Medium: Send + Sync {
    /// A new file, with the folders above it.
    fn create(&self, path: &Path) -> io::Result<Created>;
    /// The names in this folder are on disk when this returns.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Everything of the file system that holds `folder` is on disk when this returns.
    fn sync_all(&self, folder: &Path) -> io::Result<()>;
    /// Bytes that may still be written below `folder`.
    fn free_bytes(&self, folder: &Path) -> io::Result<u64>;
    /// Files that may still be made there; None where the file system has no bound of its own.
    fn free_files(&self, folder: &Path) -> io::Result<Option<u64>>;
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Writes a small file anew and sees it on disk.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Gives a file another name in its folder, never one that another file has.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Of a folder that is empty.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
}

/// A file that was just made.
pub struct Created {
    pub file: Box<dyn Written>,
    /// Folders in which there are new names: until they are synced a power cut may take the file.
    pub folders: Vec<PathBuf>,
}

/// The system's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Written for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn let_go(&self, from: u64, bytes: u64) {
        let_go(self, from, bytes);
    }
}

/// These bytes of a file need not stay in memory.
pub(crate) fn let_go(file: &File, from: u64, bytes: u64) {
    let (Ok(from), Ok(bytes)) = (from.try_into(), bytes.try_into()) else {
        return; // a file is bounded far below
    };
    // SAFETY: a descriptor that is open for the whole call. It is advice: what it answers changes nothing.
    unsafe { libc::posix_fadvise(file.as_raw_fd(), from, bytes, libc::POSIX_FADV_DONTNEED) };
}

/// Who writes a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// We alone may, until the descriptor is closed.
    Ours,
    Others,
    /// The file system knows no locks.
    Unknown,
}

/// Takes a file for its writer until the descriptor is closed.
pub(crate) fn claim(file: &File) -> Claim {
    // SAFETY: a descriptor that is open for the whole call.
    let taken = unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) == 0 };
    match io::Error::last_os_error().kind() {
        _ if taken => Claim::Ours,
        io::ErrorKind::WouldBlock => Claim::Others,
        _ => Claim::Unknown,
    }
}

impl Medium for SystemDisk {
    fn create(&self, path: &Path) -> io::Result<Created> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let missing: Vec<&Path> = folder.ancestors().take_while(|one| !one.exists()).collect();
        fs::create_dir_all(folder)?;
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        claim(&file);
        let above = missing.iter().map(|one| one.parent().unwrap_or(one));
        Ok(Created {
            file: Box::new(file),
            folders: above.chain([folder]).map(Path::to_owned).collect(),
        })
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
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
        let found = room_of(folder)?;
        Ok(found.f_bavail * found.f_frsize)
    }

    fn free_files(&self, folder: &Path) -> io::Result<Option<u64>> {
        let found = room_of(folder)?;
        Ok((found.f_files > 0).then_some(found.f_favail))
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

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if to.exists() {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        fs::rename(from, to)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
}

fn room_of(folder: &Path) -> io::Result<libc::statvfs> {
    let folder = File::open(folder)?;
    // SAFETY: plain numbers, all of them valid as zero.
    let mut found: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: an open descriptor and a live structure of our own.
    if unsafe { libc::fstatvfs(folder.as_raw_fd(), &raw mut found) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(found)
}
