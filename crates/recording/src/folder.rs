//! A footage folder: whose it is, and which stream it gets.
use crate::facts::StreamName;
use crate::medium::Medium;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// Tells a footage folder from an empty mount point: whoever removes it says that the folder is gone.
const MARK: &str = "fengsui-footage";
const PROBE: &str = "fengsui-probe";
/// With fewer inodes the folder is full: a file and the folders above it take three.
const FREE_FILES: u64 = 16;

/// A folder as the settings say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderSpec {
    pub path: PathBuf,
    /// Its share of the streams against the other folders; 0: none but what no other takes.
    pub weight: u32,
    /// Left free for others.
    pub reserve_bytes: u64,
}

/// Sees that the folder is ours and takes a file. Errors say what is wrong with it.
pub(crate) fn probe(medium: &dyn Medium, spec: &FolderSpec, known: bool) -> io::Result<()> {
    let mark = spec.path.join(MARK);
    if !known {
        medium.create_folder(&spec.path)?;
    }
    match medium.read(&mark) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound && !known => {
            medium.write(&mark, b"1\n")?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(io::Error::other(format!(
                "{MARK} is not in it: it is not mounted, or was emptied"
            )));
        }
        Err(error) => return Err(error),
    }
    let probe = spec.path.join(PROBE);
    medium.write(&probe, b"1\n")?;
    medium.remove(&probe)?; // made anew each time: a disk without inodes still lets a file be overwritten
    has_room(medium, spec)
}

/// Sees that the folder is still there: files that are open take bytes also when their names are gone.
pub(crate) fn is_there(medium: &dyn Medium, spec: &FolderSpec) -> io::Result<()> {
    medium.read(&spec.path.join(MARK)).map(drop)
}

/// Sees that the folder takes more.
pub(crate) fn has_room(medium: &dyn Medium, spec: &FolderSpec) -> io::Result<()> {
    let files = medium.free_files(&spec.path)?;
    if medium.free_bytes(&spec.path)? < spec.reserve_bytes
        || files.is_some_and(|files| files < FREE_FILES)
    {
        return Err(io::Error::from(io::ErrorKind::StorageFull));
    }
    Ok(())
}

/// Why one stream's file could not be made in a folder that works. Errors: the folder does not.
pub(crate) fn refusal(
    medium: &dyn Medium,
    spec: &FolderSpec,
    error: io::Error,
) -> io::Result<String> {
    if matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    ) {
        return Err(error);
    }
    let of_the_process = matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE));
    if !of_the_process {
        probe(medium, spec, true)?;
    }
    Ok(error.to_string())
}

/// Which of the folders that take footage gets the stream: in proportion to the weights, and the same as long as it is among them.
/// (Highest random weight: a folder that comes or goes moves only its own streams.)
pub(crate) fn choose<'a>(
    stream: &StreamName,
    folders: impl Iterator<Item = (usize, &'a Path, u32)>,
) -> Option<usize> {
    let score = |path: &Path, weight: u32| {
        let mut hash = DefaultHasher::new();
        (stream.as_str(), path).hash(&mut hash);
        let unit = (hash.finish() >> 11) as f64 / (1_u64 << 53) as f64; // [0, 1)
        f64::from(weight) / -(unit + f64::EPSILON).ln().min(-f64::EPSILON)
    };
    folders
        .map(|(number, path, weight)| (number, score(path, weight)))
        .max_by(|one, other| one.1.total_cmp(&other.1))
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_shared_by_weight_and_only_those_of_a_lost_folder_move() {
        let paths = [Path::new("/a"), Path::new("/b"), Path::new("/c")];
        let weights = [1, 3, 4];
        let chosen = |stream: &StreamName, without: Option<usize>| {
            let all = paths
                .iter()
                .zip(weights)
                .enumerate()
                .map(|(at, (path, weight))| (at, *path, weight));
            choose(stream, all.filter(|one| Some(one.0) != without)).expect("some")
        };
        let mut counts = [0; 3];
        for number in 0..8_000 {
            let stream = StreamName::new(&format!("cam{number}/main")).expect("a name");
            let folder = chosen(&stream, None);
            counts[folder] += 1;
            if folder != 1 {
                assert_eq!(chosen(&stream, Some(1)), folder);
            }
        }
        for (count, weight) in counts.iter().zip(weights) {
            assert!((count - 1_000 * weight as i32).abs() < 200, "{counts:?}");
        }
    }
}
