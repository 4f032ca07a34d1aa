//! Which footage there is: a row for each file, found by stream and time. Built from the files alone, so that it may be lost.
use crate::event::RecordingError;
use crate::facts::StreamName;
use crate::spans::{Span, Spans, Twice, twice};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::cell::Cell;
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// Grows with each change of the tables; an index of another number is built anew.
const FORM: i64 = 2;
/// The form before: it held nothing that was fetched, and needs a column more.
const FORM_WITHOUT_FETCHED: i64 = 1;
/// No file lasts longer: it ends with its hour.
const MAX_FILE_US: i64 = 2 * 3_600_000_000;
/// That are looked through for one fragment: more than lie over each other.
const FILES_AT_ONCE: u32 = 8;
/// Of the database, between two questions whether to go on: about a millisecond.
const STEPS: i32 = 10_000;
const BUSY: Duration = Duration::from_secs(5);
/// Held while one is opened and its log with it, and by whoever puts one aside: SQLite finds the log by its name at the first question,
/// and the log of the next one has the same.
static OPENING: RwLock<()> = RwLock::new(());
const TABLES: &str = "
    CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE folder (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
    CREATE TABLE file (
        stream INTEGER NOT NULL REFERENCES stream,
        start_us INTEGER NOT NULL,
        folder INTEGER NOT NULL REFERENCES folder,
        path BLOB NOT NULL,
        end_us INTEGER NOT NULL,
        recorded_us INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        fragments INTEGER NOT NULL,
        damaged_bytes INTEGER NOT NULL,
        closed INTEGER NOT NULL,
        spans BLOB NOT NULL,
        fetched INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (stream, start_us, folder, path)
    ) WITHOUT ROWID;
";

/// One footage file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileRow {
    pub stream: StreamName,
    pub folder: PathBuf,
    /// Below the folder.
    pub path: PathBuf,
    pub start_us: i64,
    pub spans: Spans,
    pub bytes: u64,
    pub fragments: u64,
    /// Bytes that are no whole fragment.
    pub damaged_bytes: u64,
    pub closed: bool,
    /// From the device's own recording.
    pub fetched: bool,
    /// Somebody writes the file: what its writer tells of it counts, before or after this.
    pub tentative: bool,
}

/// A footage file as it is found for reading. Times: µs since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FootageFile {
    pub path: PathBuf,
    pub start_us: i64,
    pub end_us: i64,
}

/// The index of one recording node, a SQLite file.
pub struct Index {
    pub(crate) database: Connection,
    path: PathBuf,
    /// Of the file that is open.
    inode: Option<u64>,
    /// As it was when it was looked at last.
    length: Cell<u64>,
}

impl Index {
    /// Opens or makes it, at once: the whole of it is looked at by [`Self::is_sound`]. One that is seen to be damaged, or of another
    /// form, is put aside as `<name>.damaged`; the second value then says so: it is to be filled from the footage.
    pub fn open(path: &Path) -> Result<(Self, bool), RecordingError> {
        match Self::open_whole(path) {
            Ok(Some(index)) => Ok((index, false)),
            Ok(None) => Ok((Self::anew(path)?, true)),
            Err(error) if is_damage(&error) => Ok((Self::anew(path)?, true)),
            Err(error) => Err(error.into()),
        }
    }

    /// One that lies there, beside whoever keeps it; it is neither made nor put aside.
    pub(crate) fn attach(path: &Path) -> Result<Self, RecordingError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let _alone = OPENING.read().unwrap_or_else(PoisonError::into_inner);
        let database = Connection::open_with_flags(path, flags)?;
        database.busy_timeout(BUSY)?;
        let _: rusqlite::Result<i64> = // opens its log; what is wrong with it is told to whoever asks next
            database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
        Ok(Self::of(database, path))
    }

    fn open_whole(path: &Path) -> rusqlite::Result<Option<Self>> {
        let database = Connection::open(path)?;
        database.busy_timeout(BUSY)?;
        database.pragma_update(None, "journal_mode", "WAL")?;
        database.pragma_update(None, "synchronous", "NORMAL")?; // what a power cut takes is read from the files again
        let form: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let empty = database
            .query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()))
            .optional()?
            .is_none();
        match form {
            0 if empty => {
                database.execute_batch(&format!(
                    "BEGIN; {TABLES} PRAGMA user_version = {FORM}; COMMIT"
                ))?;
                Ok(Some(Self::of(database, path)))
            }
            FORM_WITHOUT_FETCHED => {
                database.execute_batch(&format!(
                    "BEGIN; ALTER TABLE file ADD COLUMN fetched INTEGER NOT NULL DEFAULT 0; \
                     PRAGMA user_version = {FORM}; COMMIT"
                ))?;
                Ok(Some(Self::of(database, path)))
            }
            FORM => {
                database.query_row("SELECT count(*) FROM folder", [], |_| Ok(()))?;
                Ok(Some(Self::of(database, path)))
            }
            _ => Ok(None),
        }
    }

    fn of(database: Connection, path: &Path) -> Self {
        let (inode, length) = inode_and_length(path).unzip();
        Self {
            database,
            path: path.to_owned(),
            inode,
            length: Cell::new(length.unwrap_or(0)),
        }
    }

    /// Whether what is open still lies where it was opened, and nothing was cut off: somebody may have removed it, and then nobody
    /// finds what is written. (The file never shrinks by itself; what its log still holds hides a cut for a while.)
    pub fn is_in_place(&self) -> bool {
        let found = inode_and_length(&self.path);
        found.is_some_and(|(inode, length)| {
            self.inode == Some(inode) && length >= self.length.replace(length)
        })
    }

    /// Looks at all of it, which takes long; `stop` is asked meanwhile, and then the answer is yes.
    pub fn is_sound(&self, stop: impl Fn() -> bool + Send + 'static) -> rusqlite::Result<bool> {
        self.database.progress_handler(STEPS, Some(stop));
        let check = self
            .database
            .pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0));
        self.database.progress_handler(0, None::<fn() -> bool>);
        match check {
            Ok(told) => Ok(told == "ok"),
            Err(error) if is_damage(&error) => Ok(false),
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) =>
            {
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Puts what lies there aside and makes an empty one. What is open of the old one may be closed before or after.
    pub(crate) fn anew(path: &Path) -> Result<Self, RecordingError> {
        let _alone = OPENING.write().unwrap_or_else(PoisonError::into_inner);
        for suffix in ["", "-wal", "-shm"] {
            let mut name = OsString::from(path);
            name.push(suffix);
            let mut aside = OsString::from(path);
            aside.push(".damaged");
            aside.push(suffix);
            match fs::rename(&name, &aside) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        Self::open_whole(path)?.ok_or_else(|| RecordingError::Index(rusqlite::Error::InvalidQuery))
    }

    /// All of it into the file itself, as far as nobody reads: whoever closes it last does that too, but not where two close at once.
    pub(crate) fn settle(&self) {
        let settled = self
            .database
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = settled {
            tracing::warn!(%error, "the log of the index stays beside it until the next start");
        }
    }

    /// Adds or replaces rows, all or none.
    pub(crate) fn put<'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a FileRow>,
    ) -> rusqlite::Result<()> {
        let transaction = self.database.transaction()?;
        {
            let mut stream =
                transaction.prepare_cached("INSERT OR IGNORE INTO stream (name) VALUES (?1)")?;
            let mut folder =
                transaction.prepare_cached("INSERT OR IGNORE INTO folder (path) VALUES (?1)")?;
            let values = "INTO file VALUES ((SELECT id FROM stream WHERE name = ?1), ?2, \
                 (SELECT id FROM folder WHERE path = ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
            // Of a file whose first fragment was torn since, or is read otherwise than before.
            let mut before = transaction.prepare_cached(
                "DELETE FROM file WHERE stream = (SELECT id FROM stream WHERE name = ?1) \
                 AND start_us BETWEEN ?2 AND ?3 AND start_us <> ?4 \
                 AND folder = (SELECT id FROM folder WHERE path = ?5) AND path = ?6",
            )?;
            let mut known = transaction.prepare_cached(&format!("INSERT OR REPLACE {values}"))?;
            let mut found = transaction.prepare_cached(&format!("INSERT OR IGNORE {values}"))?;
            for row in rows {
                let name = row.stream.as_str();
                let path = bytes_of(&row.folder);
                stream.execute([name])?;
                folder.execute([path])?;
                let file = if row.tentative {
                    &mut found
                } else {
                    let start_us = row.start_us;
                    before.execute(params![
                        name,
                        start_us.saturating_sub(MAX_FILE_US),
                        start_us.saturating_add(MAX_FILE_US),
                        start_us,
                        path,
                        bytes_of(&row.path),
                    ])?;
                    &mut known
                };
                file.execute(params![
                    name,
                    row.start_us,
                    path,
                    bytes_of(&row.path),
                    row.spans.end_us().unwrap_or(row.start_us),
                    row.spans.recorded_us(),
                    row.bytes as i64,
                    row.fragments as i64,
                    row.damaged_bytes as i64,
                    row.closed,
                    row.spans.packed(row.start_us),
                    row.fetched,
                ])?;
            }
        }
        transaction.commit()
    }

    /// Footage of a stream between two times, ascending, cut at both; `fetched`: of what its device recorded alone.
    pub fn spans(
        &self,
        stream: &StreamName,
        from_us: i64,
        to_us: i64,
        fetched: bool,
    ) -> Result<Vec<Span>, RecordingError> {
        let found = self.spans_of_files(stream, (from_us, to_us), (fetched, true))?;
        Ok(Spans::of(found).0)
    }

    /// Where the node itself recorded a stream more than once, ascending, cut at both times: its clock was set back.
    pub fn twice(
        &self,
        stream: &StreamName,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Twice>, RecordingError> {
        let found = self.spans_of_files(stream, (from_us, to_us), (false, false))?;
        Ok(twice(&found))
    }

    /// As they stand in the rows. `fetched`: from the node's own files to the fetched ones.
    fn spans_of_files(
        &self,
        stream: &StreamName,
        (from_us, to_us): (i64, i64),
        fetched: (bool, bool),
    ) -> Result<Vec<Span>, RecordingError> {
        let mut query = self.database.prepare_cached(
            "SELECT start_us, spans FROM file WHERE stream = (SELECT id FROM stream WHERE name = ?1) \
             AND start_us > ?2 AND start_us < ?3 AND end_us > ?4 AND fetched BETWEEN ?5 AND ?6",
        )?;
        let earliest = from_us.saturating_sub(MAX_FILE_US);
        let (least, most) = fetched;
        let with = params![stream.as_str(), earliest, to_us, from_us, least, most];
        let mut rows = query.query(with)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let packed = row.get_ref(1)?.as_blob().unwrap_or_default();
            Spans::unpack(row.get(0)?, packed, |span| {
                let (start_us, end_us) = (span.start_us.max(from_us), span.end_us.min(to_us));
                if start_us < end_us {
                    found.push(Span { start_us, end_us });
                }
            });
        }
        Ok(found)
    }

    /// Files of a stream with footage after `at_us` that begin before `to_us`, the earliest first; a few.
    pub(crate) fn files_after(
        &self,
        stream: &StreamName,
        at_us: i64,
        to_us: i64,
    ) -> rusqlite::Result<Vec<FootageFile>> {
        let earliest = at_us.saturating_sub(MAX_FILE_US);
        let with = (stream, earliest, to_us, at_us);
        self.files("start_us > ?2 AND start_us < ?3 AND end_us > ?4", "", with)
    }

    /// Files of a stream that begin before `at_us` with footage after `from_us`, the latest first; a few.
    pub(crate) fn files_before(
        &self,
        stream: &StreamName,
        at_us: i64,
        from_us: i64,
    ) -> rusqlite::Result<Vec<FootageFile>> {
        let earliest = from_us.saturating_sub(MAX_FILE_US);
        let with = (stream, earliest, at_us, from_us);
        self.files(
            "start_us > ?2 AND start_us < ?3 AND end_us > ?4",
            "DESC",
            with,
        )
    }

    /// A few of the stream's own and a few of the fetched: many of these may lie within one of those.
    fn files(
        &self,
        which: &str,
        order: &str,
        (stream, earliest_us, to_us, from_us): (&StreamName, i64, i64, i64),
    ) -> rusqlite::Result<Vec<FootageFile>> {
        let few = |fetched: bool| {
            format!(
                "SELECT * FROM (SELECT folder.path, file.path, start_us, end_us FROM file JOIN folder ON folder.id = file.folder \
                 WHERE stream = (SELECT id FROM stream WHERE name = ?1) AND {which} AND fetched = {} \
                 ORDER BY start_us {order} LIMIT {FILES_AT_ONCE})",
                u8::from(fetched)
            )
        };
        let (own, fetched) = (few(false), few(true));
        let mut query = self
            .database
            .prepare_cached(&format!("{own} UNION ALL {fetched} ORDER BY 3 {order}"))?;
        let with = params![stream.as_str(), earliest_us, to_us, from_us];
        let found = query.query_map(with, |row| {
            Ok(FootageFile {
                path: path_of(row.get_ref(0)?.as_blob()?).join(path_of(row.get_ref(1)?.as_blob()?)),
                start_us: row.get(2)?,
                end_us: row.get(3)?,
            })
        })?;
        found.collect()
    }

    /// A stream's files in a folder that were closed, by their paths below it.
    pub(crate) fn closed_files(
        &self,
        stream: &str,
        folder: &Path,
    ) -> rusqlite::Result<HashSet<PathBuf>> {
        let mut query = self.database.prepare_cached(
            "SELECT path FROM file WHERE stream = (SELECT id FROM stream WHERE name = ?1) \
             AND folder = (SELECT id FROM folder WHERE path = ?2) AND closed",
        )?;
        let paths = query.query_map(params![stream, bytes_of(folder)], |row| {
            Ok(path_of(row.get_ref(0)?.as_blob()?))
        })?;
        paths.collect()
    }

    /// Whether there was footage in the folder.
    pub(crate) fn knows_folder(&self, folder: &Path) -> rusqlite::Result<bool> {
        let mut query = self
            .database
            .prepare_cached("SELECT 1 FROM folder WHERE path = ?1")?;
        query.exists([bytes_of(folder)])
    }

    /// Files and fragments.
    pub fn counts(&self) -> Result<(u64, u64), RecordingError> {
        let found = self.database.query_row(
            "SELECT count(*), coalesce(sum(fragments), 0) FROM file",
            [],
            |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)),
        )?;
        Ok(found)
    }
}

pub(crate) fn bytes_of(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

fn inode_and_length(path: &Path) -> Option<(u64, u64)> {
    let found = fs::metadata(path).ok()?;
    Some((found.ino(), found.len()))
}

pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(
        error.sqlite_error_code(),
        Some(DatabaseCorrupt | NotADatabase)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(start_us: i64) -> FileRow {
        FileRow {
            stream: StreamName::new("34020000001320000001").expect("a name"),
            folder: PathBuf::from("/footage"),
            path: PathBuf::from(format!("{start_us}.mp4")),
            start_us,
            spans: Spans::of(vec![Span {
                start_us,
                end_us: start_us + 1,
            }]),
            bytes: 1,
            fragments: 1,
            damaged_bytes: 0,
            closed: true,
            fetched: false,
            tentative: false,
        }
    }

    #[test]
    fn who_asks_while_it_is_made_anew_has_nothing_to_do_with_the_new_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("footage.db");
        let (mut old, _) = Index::open(&path).expect("an index");
        old.put([&row(1), &row(2)]).expect("room");
        let reader = Index::attach(&path).expect("it is there");
        let mut anew = Index::anew(&path).expect("room");
        anew.put([&row(3)]).expect("room");
        assert_eq!(reader.counts().expect("the old one"), (2, 2));
        assert!(!reader.is_in_place());
        anew.settle();
        drop((reader, old));
        fs::remove_file(path.with_extension("db-wal")).expect("nothing is left in it");
        let read = Index::attach(&path).expect("it is there");
        assert_eq!(read.counts().expect("the new one"), (1, 1));
    }
}
