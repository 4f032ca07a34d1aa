//! The head of a footage file; and for one that lost its own, what its pictures say of themselves, or what the files beside it say.
//!
//! Cameras send their parameter sets with each key frame, and what is kept has them still. Where they do not, the files before and
//! behind it of the same stream are believed if they agree. Either way it describes the pictures alone: players and clips have no sound.
use crate::facts::{FragmentFlags, Head, Located, MAX_HEAD};
use crate::scan::ReadAt;
use bytes::Bytes;
use elementary::{START_CODE, VideoParameters, nal_kind, sniff_codec};
use fragmented_mp4::{
    Description, Track, footage_init_segment, read_description, read_movie_fragment,
};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// `ftyp` and `moov` are a kilobyte. What stands behind them is looked at too.
const MAX_INIT: usize = 64 * 1024;
/// Key frames that are asked for their parameter sets: one may be damaged as the head is.
const MOST_ASKED: usize = 8;
/// Files on each side whose heads are looked at.
const MOST_BESIDE: usize = 4;
/// A longer unit is no parameter set, and these stand among the first.
const MAX_SET: usize = 4_096;
const MOST_UNITS: usize = 16;

/// How the pictures of a file are described.
pub(crate) struct Described {
    /// `ftyp` and `moov`: the file's own, or made for it.
    pub init: Bytes,
    pub description: Description,
}

impl Described {
    fn of(video: &VideoParameters) -> Option<Self> {
        Self::alone(read_description(&footage_init_segment(video, None))?)
    }

    fn alone(description: Description) -> Option<Self> {
        Some(Self {
            init: description.pictures_only.clone(),
            description,
        })
    }
}

/// By its own head, if that agrees with the pictures behind it; else by what is left. None: nothing describes them.
/// Errors: the disk's.
pub(crate) fn described(
    path: &Path,
    file: &File,
    fragments: &[Located],
) -> io::Result<Option<Described>> {
    let mut trouble = None;
    let mut begins = vec![0; MAX_INIT];
    let count = file.read_into(&mut begins, 0).unwrap_or_else(|error| {
        trouble = Some(error);
        0
    });
    begins.truncate(count);
    let own = own_head(&begins);
    let is_sound = |own: &Described| {
        let first = begins.get(own.init.len()..).and_then(said_by_first);
        let said = first.and_then(|video| Described::of(&video));
        said.is_none_or(|said| said.description == pictures_alone(&own.description))
    };
    if own.as_ref().is_some_and(is_sound) {
        return Ok(own);
    }
    let keys = fragments
        .iter()
        .filter(|one| one.facts.flags.has(FragmentFlags::KEY));
    for key in keys.take(MOST_ASKED) {
        let body = match read_body(file, key) {
            Ok(body) => body,
            Err(error) => {
                trouble.get_or_insert(error); // another one may be read
                continue;
            }
        };
        let video = body.and_then(|body| said_by_pictures(&body));
        if let Some(made) = video.and_then(|video| Described::of(&video)) {
            let is_own = |own: &Described| pictures_alone(&own.description) == made.description;
            if own.as_ref().is_some_and(is_own) {
                return Ok(own); // what disagreed was damaged itself
            }
            tracing::warn!(path = %path.display(), "the head of a footage file is damaged: its pictures describe themselves");
            return Ok(Some(made));
        }
    }
    if let Some(error) = trouble.filter(|_| own.is_none()) {
        return Err(error);
    }
    if own.is_some() || fragments.is_empty() {
        return Ok(own); // nothing speaks against it that is whole
    }
    let made = said_beside(path).and_then(Described::alone);
    if made.is_some() {
        tracing::warn!(path = %path.display(), "the head of a footage file is damaged: its pictures are described by the files beside it");
    }
    Ok(made)
}

fn pictures_alone(description: &Description) -> Description {
    Description {
        sound: false,
        ..description.clone()
    }
}

fn own_head(begins: &[u8]) -> Option<Described> {
    let init = begins.get(..init_length(begins)?)?;
    let description = read_description(init)?;
    Some(Described {
        init: Bytes::copy_from_slice(init),
        description,
    })
}

/// Of the two boxes that a file begins with.
fn init_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    for wanted in [b"ftyp", b"moov"] {
        let head = bytes.get(at..at.checked_add(8)?)?;
        if head[4..] != *wanted {
            return None;
        }
        at += u32::from_be_bytes(*head.first_chunk()?) as usize;
    }
    (at <= bytes.len()).then_some(at)
}

/// By as much of the first fragment as was read; nothing is compared with its checksum.
fn said_by_first(behind: &[u8]) -> Option<VideoParameters> {
    let (head, head_bytes) = Head::read(behind.get(..MAX_HEAD.min(behind.len()))?)?;
    let is_key = head.facts.flags.has(FragmentFlags::KEY);
    said_by_pictures(behind.get(head_bytes as usize..)?).filter(|_| is_key)
}

/// By the parameter sets before the first picture of `moof` and `mdat`, or of their beginning.
fn said_by_pictures(body: &[u8]) -> Option<VideoParameters> {
    let runs = read_movie_fragment(body)?;
    let run = runs.iter().find(|run| run.track == Track::Video)?;
    let first = run.samples.first()?;
    let from = usize::try_from(first.offset).ok()?;
    let until = from.saturating_add(first.sample.size as usize);
    let mut units = body.get(from..until.min(body.len()))?;
    let mut sets = Vec::new();
    for _ in 0..MOST_UNITS {
        let (size, rest) = units.split_first_chunk::<4>()?;
        let size = u32::from_be_bytes(*size) as usize;
        let codec = sniff_codec(&sets);
        let first = *rest.first()?;
        if let Some(codec) = codec.filter(|codec| nal_kind(*codec, first).is_picture()) {
            return VideoParameters::from_annex_b(codec, &sets);
        }
        let unit = rest.get(..size)?;
        if size <= MAX_SET {
            sets.extend_from_slice(&START_CODE);
            sets.extend_from_slice(unit);
        }
        units = &rest[size..];
    }
    None // where no picture was seen, sets may follow that are not known
}

/// None: it does not agree with its checksum.
pub(crate) fn read_body(file: &File, located: &Located) -> io::Result<Option<Bytes>> {
    let mut whole = vec![0; located.head_bytes as usize + located.body_bytes as usize];
    let count = file.read_into(&mut whole, located.offset)?;
    let whole = (count == whole.len()).then(|| Bytes::from(whole));
    Ok(whole.and_then(|whole| sound_body(located, &whole)))
}

/// None: it does not agree with its checksum.
pub(crate) fn sound_body(located: &Located, whole: &Bytes) -> Option<Bytes> {
    if located.head_bytes as usize > MAX_HEAD {
        return None;
    }
    let (head, _) = Head::read(whole)?;
    let body = whole.slice(located.head_bytes as usize..);
    let sound = head.facts == located.facts && crc32fast::hash(&body) == head.body_crc;
    sound.then_some(body)
}

/// By the heads of the files before and behind it in the stream's folder, `<stream>/<day>/<time>.mp4`. None: they disagree, or there
/// is none that can be read.
fn said_beside(path: &Path) -> Option<Description> {
    let day = path.parent()?;
    let days = listed(day.parent()?, |one| one.is_dir());
    let at = days.iter().position(|one| one == day)?;
    let near = &days[at.saturating_sub(1)..days.len().min(at + 2)];
    let is_footage = |one: &Path| one.extension().is_some_and(|kind| kind == "mp4");
    let files: Vec<PathBuf> = near
        .iter()
        .flat_map(|day| listed(day, is_footage))
        .collect();
    let at = files.iter().position(|one| one == path)?;
    let before = files[..at].iter().rev().take(MOST_BESIDE);
    let behind = files[at + 1..].iter().take(MOST_BESIDE);
    let said = (
        before.into_iter().find_map(head_of),
        behind.into_iter().find_map(head_of),
    );
    match said {
        (Some(one), Some(other)) => (one.pictures_only == other.pictures_only).then_some(one),
        (one, other) => one.or(other),
    }
}

fn listed(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|one| one.path()).collect();
    found.retain(|one| wanted(one));
    found.sort_unstable();
    found
}

fn head_of(path: &PathBuf) -> Option<Description> {
    let file = File::open(path).ok()?;
    let mut begins = vec![0; MAX_INIT];
    let count = file.read_into(&mut begins, 0).ok()?;
    own_head(&begins[..count]).map(|own| own.description)
}
