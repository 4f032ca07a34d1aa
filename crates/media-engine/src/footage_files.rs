//! Which files there are, for whoever goes through a long time at once: what the index told holds for the fragments of a file.
use recording::{FindFiles, FootageFile, RecordingError, StreamName};
use std::cell::{Cell, RefCell};

/// So many of a kind or more were told: there may be others.
const MAY_BE_MORE: usize = 8;

/// What was told of a time.
struct Told {
    at_us: i64,
    /// The latest that was answered by it.
    last_us: Cell<i64>,
    /// Of `after` where the time ends, of `before` where it begins.
    border_us: i64,
    files: Vec<FootageFile>,
}

impl Told {
    fn new(at_us: i64, border_us: i64, files: &[FootageFile]) -> Self {
        Self {
            at_us,
            last_us: Cell::new(at_us),
            border_us,
            files: files.to_vec(),
        }
    }

    fn is_before(&self, at_us: i64) -> bool {
        self.last_us.replace(at_us) < at_us
    }
}

/// For one stream, asked for later and later times. The same time twice is asked anew: a file that was told is not there any more.
pub(crate) struct FilesInTurn<'a> {
    find: &'a dyn FindFiles,
    after: RefCell<Option<Told>>,
    before: RefCell<Option<Told>>,
}

impl<'a> FilesInTurn<'a> {
    pub fn new(find: &'a dyn FindFiles) -> Self {
        Self {
            find,
            after: RefCell::default(),
            before: RefCell::default(),
        }
    }

    /// Whether none begins between two times, as far as is known.
    fn none_begins(&self, from_us: i64, to_us: i64) -> bool {
        self.after.borrow().as_ref().is_some_and(|told| {
            let begins = |file: &FootageFile| (from_us..to_us).contains(&file.start_us);
            let known_to_us = match told.files.last() {
                Some(last) if told.files.len() >= MAY_BE_MORE => last.start_us,
                _ => told.border_us,
            };
            told.at_us <= from_us && to_us <= known_to_us && !told.files.iter().any(begins)
        })
    }
}

impl FindFiles for FilesInTurn<'_> {
    /// None of those that were told has ended: they are still the first.
    fn after(
        &self,
        stream: &StreamName,
        at_us: i64,
        to_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError> {
        if let Some(told) = &*self.after.borrow() {
            let ends_us = told.files.iter().map(|file| file.end_us).min();
            let holds = told.is_before(at_us) && ends_us.is_some_and(|ends_us| at_us < ends_us);
            if holds && told.border_us == to_us {
                return Ok(told.files.clone());
            }
        }
        let files = self.find.after(stream, at_us, to_us)?;
        *self.after.borrow_mut() = Some(Told::new(at_us, to_us, &files));
        Ok(files)
    }

    /// None has begun since.
    fn before(
        &self,
        stream: &StreamName,
        at_us: i64,
        from_us: i64,
    ) -> Result<Vec<FootageFile>, RecordingError> {
        if let Some(told) = &*self.before.borrow() {
            let is_later = told.is_before(at_us) && told.border_us <= from_us;
            let is_whole = told.files.len() < MAY_BE_MORE;
            if is_later && is_whole && self.none_begins(told.at_us, at_us) {
                let lasts = |file: &&FootageFile| file.end_us > from_us;
                return Ok(told.files.iter().filter(lasts).cloned().collect());
            }
        }
        let files = self.find.before(stream, at_us, from_us)?;
        *self.before.borrow_mut() = Some(Told::new(at_us, from_us, &files));
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// As the index tells them: a few of each kind, `fetched` the even ones.
    struct Files {
        all: Vec<FootageFile>,
        asked: Cell<usize>,
    }

    impl Files {
        fn told(&self, mut found: Vec<FootageFile>) -> Vec<FootageFile> {
            self.asked.set(self.asked.get() + 1);
            let is_fetched = |file: &FootageFile| file.path.to_string_lossy().starts_with('f');
            let mut few = (0, 0);
            found.retain(|file| {
                let count = if is_fetched(file) {
                    &mut few.0
                } else {
                    &mut few.1
                };
                *count += 1;
                *count <= MAY_BE_MORE
            });
            found
        }
    }

    impl FindFiles for Files {
        fn after(
            &self,
            _: &StreamName,
            at_us: i64,
            to_us: i64,
        ) -> Result<Vec<FootageFile>, RecordingError> {
            let is_wanted = |one: &&FootageFile| one.start_us < to_us && one.end_us > at_us;
            let mut found: Vec<_> = self.all.iter().filter(is_wanted).cloned().collect();
            found.sort_by_key(|one| one.start_us);
            Ok(self.told(found))
        }

        fn before(
            &self,
            _: &StreamName,
            at_us: i64,
            from_us: i64,
        ) -> Result<Vec<FootageFile>, RecordingError> {
            let is_wanted = |one: &&FootageFile| one.start_us < at_us && one.end_us > from_us;
            let mut found: Vec<_> = self.all.iter().filter(is_wanted).cloned().collect();
            found.sort_by_key(|one| std::cmp::Reverse(one.start_us));
            Ok(self.told(found))
        }
    }

    fn file(name: String, start_us: i64, end_us: i64) -> FootageFile {
        FootageFile {
            path: PathBuf::from(name),
            start_us,
            end_us,
        }
    }

    /// The numbers of a small generator: the same each time.
    fn numbers(mut seed: u64) -> impl FnMut(i64) -> i64 {
        move |below| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(seed >> 33).unwrap_or(0) % below
        }
    }

    #[test]
    fn what_it_tells_of_later_and_later_times_holds_what_the_index_would_tell() {
        let stream = StreamName::new("52010200001320000001/main").unwrap();
        for seed in 0..400 {
            let mut next = numbers(seed);
            let mut all = Vec::new();
            for number in 0..next(30) {
                let start_us = next(400);
                let kind = if next(2) == 0 { 'f' } else { 'o' };
                all.push(file(
                    format!("{kind}{number}"),
                    start_us,
                    start_us + 1 + next(60),
                ));
            }
            let files = Files {
                all,
                asked: Cell::new(0),
            };
            let turn = FilesInTurn::new(&files);
            let mut at_us = 0;
            while at_us < 420 {
                for (told, known) in [
                    (
                        turn.before(&stream, at_us, at_us - 20),
                        files.before(&stream, at_us, at_us - 20),
                    ),
                    (
                        turn.after(&stream, at_us, 450),
                        files.after(&stream, at_us, 450),
                    ),
                ] {
                    let (mut told, mut known) = (told.unwrap(), known.unwrap());
                    told.sort_by_key(|one| one.path.clone());
                    known.sort_by_key(|one| one.path.clone());
                    assert_eq!(told, known, "seed {seed} at {at_us}");
                }
                at_us += 1 + next(4);
            }
        }
    }

    /// How often the index is asked for a list of so many hours, in groups of two seconds.
    fn asked(hours: i64) -> usize {
        let stream = StreamName::new("52010200001320000001/main").unwrap();
        let files = Files {
            all: (0..hours)
                .map(|hour| file(format!("o{hour}"), hour * 3_600, (hour + 1) * 3_600))
                .collect(),
            asked: Cell::new(0),
        };
        let turn = FilesInTurn::new(&files);
        for at_us in (0..hours * 3_600).step_by(2) {
            turn.before(&stream, at_us, at_us - 40).unwrap();
            turn.after(&stream, at_us, hours * 3_600).unwrap();
        }
        files.asked.get()
    }

    #[test]
    fn twice_the_time_is_asked_for_twice_as_often() {
        let (day, two_days) = (asked(24), asked(48));
        assert!(two_days <= 2 * day + 2 && day < 24 * 5, "{day} {two_days}");
    }

    #[test]
    fn a_file_is_asked_for_once_and_what_is_gone_anew() {
        let stream = StreamName::new("52010200001320000001/main").unwrap();
        let files = Files {
            all: (0..5)
                .map(|hour| file(format!("o{hour}"), hour * 3_600, (hour + 1) * 3_600))
                .collect(),
            asked: Cell::new(0),
        };
        let turn = FilesInTurn::new(&files);
        for at_us in (0..18_000).step_by(2) {
            turn.before(&stream, at_us, at_us - 40).unwrap();
            turn.after(&stream, at_us, 18_000).unwrap();
        }
        assert!(files.asked.get() < 30, "{}", files.asked.get());
        let asked = files.asked.get();
        turn.after(&stream, 17_998, 18_000).unwrap();
        assert_eq!(files.asked.get(), asked + 1);
    }
}
