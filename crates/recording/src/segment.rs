//! One footage file while it is written: an hour of one stream with one description.
use crate::facts::{Digest, FragmentFlags, Located, StreamName};
use crate::gathering::Closed;
use crate::index::FileRow;
use crate::medium::{Created, Medium, Written};
use crate::spans::Spans;
use crate::table::put_table;
use crate::writing::{Form, Place};
use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A longer file is ended before the hour is over.
const MAX_BYTES: u64 = 8 * 1024 * 1024 * 1024;
const MAX_FRAGMENTS: usize = 100_000;
/// Files of one stream that began in the same second: after restarts and changes of description.
const MAX_SAME_NAME: u32 = 1_000;
/// The kind of a file that is not shown yet.
pub(crate) const HIDDEN: &str = "part";

/// A file that one thread writes, and another one brings to disk meanwhile.
pub(crate) struct Backing {
    file: Box<dyn Written>,
    /// Everything before this is on disk.
    synced: AtomicU64,
}

impl Backing {
    /// So much of it, which is written already, is on disk when this returns.
    pub fn sync(&self, length: u64) -> io::Result<()> {
        self.file.sync()?;
        self.note_synced(length);
        Ok(())
    }

    /// Somebody synced the whole file system after so much was written.
    pub fn note_synced(&self, length: u64) {
        let from = self.synced.fetch_max(length, Ordering::AcqRel);
        if from < length {
            self.file.let_go(from, length - from);
        }
    }

    fn synced(&self) -> u64 {
        self.synced.load(Ordering::Acquire)
    }
}

pub(crate) struct Segment {
    backing: Arc<Backing>,
    stream: StreamName,
    folder: PathBuf,
    path: PathBuf,
    /// Under which name it is written, while that is another: what a device recorded is shown when it is whole.
    hidden: Option<PathBuf>,
    /// It was fetched from the device.
    fetched: bool,
    init: Bytes,
    begun_us: i64,
    length: u64,
    fragments: Vec<Located>,
    /// Of the digests of all fragments so far, in order.
    digests: Sha256,
    spans: Spans,
    run_us: i64,
    shift_90k: i64,
    next_90k: u64,
    appended: Instant,
}

impl Segment {
    /// A new file below `folder` for what begins with `closed`, and the folders that have new names by it.
    pub fn create(
        medium: &dyn Medium,
        folder: &Path,
        closed: &Closed,
    ) -> io::Result<(Self, Vec<PathBuf>)> {
        let begun_us = closed.facts.start_us;
        let (made, path) = create_file(medium, folder, &closed.stream, begun_us)?;
        Self::begin(made, folder, path, None, closed)
    }

    /// As [`Self::create`], for what a device recorded: nobody finds it until it is [shown](Self::show).
    pub fn fetched(
        medium: &dyn Medium,
        folder: &Path,
        closed: &Closed,
    ) -> io::Result<(Self, Vec<PathBuf>)> {
        let begun_us = closed.facts.start_us;
        let (made, hidden, path) = create_hidden(medium, folder, &closed.stream, begun_us)?;
        Self::begin(made, folder, path, Some(hidden), closed)
    }

    fn begin(
        made: Created,
        folder: &Path,
        path: PathBuf,
        hidden: Option<PathBuf>,
        closed: &Closed,
    ) -> io::Result<(Self, Vec<PathBuf>)> {
        let init = closed.description.init.clone();
        let backing = Backing {
            file: made.file,
            synced: AtomicU64::new(0),
        };
        let segment = Self {
            backing: Arc::new(backing),
            stream: closed.stream.clone(),
            folder: folder.to_owned(),
            path,
            fetched: hidden.is_some(),
            hidden,
            length: init.len() as u64,
            init,
            begun_us: closed.facts.start_us,
            fragments: Vec::new(),
            digests: Sha256::new(),
            spans: Spans::default(),
            run_us: i64::MIN,
            shift_90k: 0,
            next_90k: 0,
            appended: Instant::now(),
        };
        segment.backing.file.write_at(&segment.init, 0)?;
        Ok((segment, made.folders))
    }

    /// Whether `closed` belongs into this file.
    pub fn takes(&self, closed: &Closed) -> bool {
        let facts = &closed.facts;
        self.stream.hour_of(facts.start_us) == self.stream.hour_of(self.begun_us)
            && facts.start_us >= self.begun_us
            && !facts.flags.has(FragmentFlags::CLOCK_SET)
            && self.init == closed.description.init
            && self.length < MAX_BYTES
            && self.fragments.len() < MAX_FRAGMENTS
    }

    /// How long nothing has come.
    pub fn idle(&self) -> Duration {
        self.appended.elapsed()
    }

    pub fn is_synced(&self) -> bool {
        self.backing.synced() == self.length
    }

    /// Appends a fragment that [`Self::takes`] allows. False: it is larger than a file takes. After an error the file is not
    /// written to again.
    pub fn append(&mut self, form: &mut Form, closed: &Closed) -> io::Result<bool> {
        let facts = closed.facts;
        if self.run_us != facts.run_us {
            self.run_us = facts.run_us;
            let by_clock = (facts.start_us - self.begun_us) * 9 / 100; // at most an hour: fits, and is not negative
            self.shift_90k = (by_clock as u64).max(self.next_90k) as i64 - facts.decode_90k as i64;
        }
        let place = Place {
            offset: self.length,
            synced: self.backing.synced(),
            number: self.fragments.len() as u32 + 1, // at most MAX_FRAGMENTS
            shift_90k: self.shift_90k,
        };
        let Some((head, payload, located, digest)) = form.of(closed, facts, place) else {
            return Ok(false); // gathering has bounds below
        };
        let file = &self.backing.file;
        file.write_at(head, self.length)?;
        file.write_at(payload, self.length + head.len() as u64)?;
        self.length = located.end();
        self.next_90k =
            facts.decode_90k.saturating_add_signed(self.shift_90k) + u64::from(facts.duration_90k);
        self.spans.add(facts.start_us, facts.end_us);
        self.fragments.push(located);
        self.digests.update(digest);
        self.appended = Instant::now();
        Ok(true)
    }

    pub fn sync(&self) -> io::Result<()> {
        self.backing.sync(self.length)
    }

    /// For whoever brings it to disk, with how much of it there is now.
    pub fn backing(&self) -> (Arc<Backing>, u64) {
        (Arc::clone(&self.backing), self.length)
    }

    /// Ends the file with the table of its fragments. They are on disk already: whoever finds a table believes it, also after a
    /// power cut.
    pub fn write_table(&mut self) -> io::Result<()> {
        debug_assert!(self.is_synced());
        let mut table = BytesMut::new();
        let digest: Digest = self.digests.clone().finalize().into();
        put_table(&mut table, &self.stream, &self.fragments, Some(&digest));
        self.backing.file.write_at(&table, self.length)?;
        self.length += table.len() as u64;
        Ok(())
    }

    pub fn row(&self, closed: bool) -> FileRow {
        FileRow {
            stream: self.stream.clone(),
            folder: self.folder.clone(),
            path: self.path.clone(),
            start_us: self.begun_us,
            spans: self.spans.clone(),
            bytes: self.length,
            fragments: self.fragments.len() as u64,
            damaged_bytes: 0,
            closed,
            fetched: self.fetched,
            tentative: false,
        }
    }

    /// Bytes of it so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Gives it the name by which footage is found.
    pub fn show(&mut self, medium: &dyn Medium) -> io::Result<()> {
        if let Some(hidden) = self.hidden.take() {
            medium.rename(&self.folder.join(hidden), &self.folder.join(&self.path))?;
        }
        Ok(())
    }

    /// Removes what was not shown.
    pub fn remove(self, medium: &dyn Medium) -> io::Result<()> {
        match self.hidden {
            Some(hidden) => medium.remove(&self.folder.join(hidden)),
            None => Ok(()),
        }
    }
}

/// `<stream>/<year month day>/<hour minute second>[-n].mp4`, UTC; the path below the folder.
fn create_file(
    medium: &dyn Medium,
    folder: &Path,
    stream: &StreamName,
    begun_us: i64,
) -> io::Result<(Created, PathBuf)> {
    let (day, time) = date_and_time(begun_us);
    for number in 0..MAX_SAME_NAME {
        let suffix = if number == 0 {
            String::new()
        } else {
            format!("-{number}")
        };
        let path = PathBuf::from(format!("{}/{day}/{time}{suffix}.mp4", stream.as_str()));
        match medium.create(&folder.join(&path)) {
            Ok(made) => return Ok((made, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

/// `<stream>/<day>/<time>-device[-n].part`, and the `.mp4` that it will be called. The names are no live stream's.
fn create_hidden(
    medium: &dyn Medium,
    folder: &Path,
    stream: &StreamName,
    begun_us: i64,
) -> io::Result<(Created, PathBuf, PathBuf)> {
    let (day, time) = date_and_time(begun_us);
    for number in 0..MAX_SAME_NAME {
        let suffix = if number == 0 {
            String::new()
        } else {
            format!("-{number}")
        };
        let name = format!("{}/{day}/{time}-device{suffix}", stream.as_str());
        let shown = PathBuf::from(format!("{name}.mp4"));
        if folder.join(&shown).exists() {
            continue;
        }
        let hidden = PathBuf::from(format!("{name}.{HIDDEN}"));
        match medium.create(&folder.join(&hidden)) {
            Ok(made) => return Ok((made, hidden, shown)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

/// `20261127` and `235959` of a time in µs since 1970, UTC.
pub(crate) fn date_and_time(time_us: i64) -> (String, String) {
    let seconds = time_us.div_euclid(1_000_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Counted from 1 March of the year 0, so that the leap day ends a year; 146 097 days are 400 years.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + carry;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    (
        format!("{year:04}{month:02}{day:02}"),
        format!("{hour:02}{minute:02}{second:02}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let at = |seconds: i64| {
            let (day, time) = date_and_time(seconds * 1_000_000);
            format!("{day} {time}")
        };
        assert_eq!(at(0), "19700101 000000");
        assert_eq!(at(951_782_399), "20000228 235959");
        assert_eq!(at(951_868_799), "20000229 235959");
        assert_eq!(at(951_868_800), "20000301 000000");
        assert_eq!(at(1_798_761_599), "20261231 235959");
        assert_eq!(at(-1), "19691231 235959");
    }
}
