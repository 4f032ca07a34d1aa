//! What of the index is asked by whoever looks after what is kept: which files are old, how much there is, and that some are gone.
use crate::facts::StreamName;
use crate::hollow::note_of;
use crate::index::{Index, bytes_of, path_of};
use crate::spans::Span;
use rusqlite::{OptionalExtension, params};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// A file that was closed, as it is chosen to be removed. Times: µs since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldFile {
    pub stream: String,
    pub folder: PathBuf,
    /// Below the folder.
    pub path: PathBuf,
    pub start_us: i64,
    pub end_us: i64,
    pub bytes: u64,
}

/// Which files of a stream may go: those that begin before the one time and end by the other, and touch nothing that is held.
#[derive(Clone, Debug)]
pub struct Cut {
    pub stream: StreamName,
    pub begins_before_us: i64,
    pub ends_by_us: i64,
    pub held: Vec<Span>,
}

/// What there is of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub stream: String,
    pub oldest_us: i64,
    pub bytes: u64,
    /// Of files that begin between the two times that were asked for.
    pub bytes_between: u64,
    /// Of files whose pictures are in a second tier, where that was asked for.
    pub bytes_away: u64,
}

impl Index {
    /// Closed files that may go, the oldest of all streams first; in one folder, or all. `here`: none whose pictures are away.
    pub(crate) fn old_files(
        &self,
        cuts: &[Cut],
        folder: Option<&Path>,
        limit: usize,
        here: bool,
    ) -> rusqlite::Result<Vec<OldFile>> {
        let mut query = self.database.prepare_cached(
            "SELECT start_us, end_us, folder.path, file.path, bytes FROM file JOIN folder ON folder.id = file.folder \
             WHERE stream = (SELECT id FROM stream WHERE name = ?1) AND start_us < ?2 AND end_us <= ?3 AND closed \
             AND (?4 IS NULL OR folder.path = ?4) ORDER BY start_us",
        )?;
        let mut found: BTreeMap<(i64, usize), OldFile> = BTreeMap::new();
        let mut number = 0;
        for cut in cuts {
            // Once there are enough, only what is older than the youngest of them matters.
            let full = found.len() >= limit;
            let youngest = found.last_key_value().filter(|_| full);
            let before_us = youngest.map_or(cut.begins_before_us, |(key, _)| {
                key.0.min(cut.begins_before_us)
            });
            let name = cut.stream.as_str();
            let mut rows = query.query(params![
                name,
                before_us,
                cut.ends_by_us,
                folder.map(bytes_of)
            ])?;
            let mut taken = 0;
            while taken < limit
                && let Some(row) = rows.next()?
            {
                let (start_us, end_us) = (row.get(0)?, row.get(1)?);
                let touches = |held: &Span| held.start_us < end_us && start_us < held.end_us;
                if cut.held.iter().any(touches) {
                    continue;
                }
                let file = OldFile {
                    stream: name.to_owned(),
                    folder: path_of(row.get_ref(2)?.as_blob()?),
                    path: path_of(row.get_ref(3)?.as_blob()?),
                    start_us,
                    end_us,
                    bytes: row.get::<_, i64>(4)? as u64,
                };
                if here && note_of(&file.folder.join(&file.path)).exists() {
                    continue;
                }
                found.insert((start_us, number), file);
                (number, taken) = (number + 1, taken + 1);
                if found.len() > limit {
                    found.pop_last();
                }
            }
        }
        Ok(found.into_values().collect())
    }

    /// Each stream with footage, and when its oldest file begins.
    pub(crate) fn oldest(&self) -> rusqlite::Result<Vec<(String, i64)>> {
        let mut query = self.database.prepare_cached(
            "SELECT name, (SELECT min(start_us) FROM file WHERE stream = stream.id) FROM stream",
        )?;
        let all = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?)))?;
        all.filter_map(|one| one.map(|(name, at)| Some((name, at?))).transpose())
            .collect()
    }

    /// What there is of each stream, or of one. `tiers`: also what of it is in a second tier, which looks beside each file.
    pub(crate) fn stored(
        &self,
        stream: Option<&StreamName>,
        from_us: i64,
        to_us: i64,
        tiers: bool,
    ) -> rusqlite::Result<Vec<Stored>> {
        let mut query = self.database.prepare_cached(
            "SELECT name, min(start_us), sum(bytes), sum(bytes * (start_us >= ?1 AND start_us < ?2)) \
             FROM stream JOIN file ON file.stream = stream.id WHERE ?3 IS NULL OR name = ?3 GROUP BY stream.id",
        )?;
        let name = stream.map(StreamName::as_str);
        let all = query.query_map(params![from_us, to_us, name], |row| {
            Ok(Stored {
                stream: row.get(0)?,
                oldest_us: row.get(1)?,
                bytes: row.get::<_, i64>(2)? as u64,
                bytes_between: row.get::<_, i64>(3)? as u64,
                bytes_away: 0,
            })
        })?;
        let mut all: Vec<Stored> = all.collect::<rusqlite::Result<_>>()?;
        if tiers {
            for one in &mut all {
                one.bytes_away = self.away(&one.stream)?;
            }
        }
        Ok(all)
    }

    fn away(&self, stream: &str) -> rusqlite::Result<u64> {
        let mut query = self.database.prepare_cached(
            "SELECT folder.path, file.path, bytes FROM file JOIN folder ON folder.id = file.folder \
             WHERE stream = (SELECT id FROM stream WHERE name = ?1) AND closed",
        )?;
        let mut rows = query.query([stream])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            let folder = path_of(row.get_ref(0)?.as_blob()?);
            if note_of(&folder.join(path_of(row.get_ref(1)?.as_blob()?))).exists() {
                found += row.get::<_, i64>(2)? as u64;
            }
        }
        Ok(found)
    }

    /// These files of a folder are no longer in it, and do not come back by a power cut.
    pub(crate) fn forget(&mut self, folder: &Path, paths: &[PathBuf]) -> rusqlite::Result<()> {
        self.database.pragma_update(None, "synchronous", "FULL")?;
        let transaction = self.database.transaction()?;
        {
            let mut streams = HashMap::new();
            let mut id = transaction.prepare_cached("SELECT id FROM stream WHERE name = ?1")?;
            let mut gone = transaction.prepare_cached(
                "DELETE FROM file WHERE stream = ?1 AND path = ?2 \
                 AND folder = (SELECT id FROM folder WHERE path = ?3)",
            )?;
            for path in paths {
                let name = path.ancestors().nth(2).unwrap_or(path).to_string_lossy();
                let stream = match streams.get(name.as_ref()) {
                    Some(&known) => known,
                    None => {
                        let found: Option<i64> =
                            id.query_row([&name], |row| row.get(0)).optional()?;
                        streams.insert(name.into_owned(), found);
                        found
                    }
                };
                gone.execute(params![stream, bytes_of(path), bytes_of(folder)])?;
            }
        }
        transaction.commit()
    }
}
