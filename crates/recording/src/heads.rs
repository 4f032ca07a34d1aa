//! The head of a footage file; and for one that lost its own, what its pictures say of themselves, or what the files beside it say.
//!
//! Cameras send their parameter sets with each key frame, and what is kept has them still. Where they do not, the files before and
//! behind it of the same stream are believed if they agree; one alone only where the same run goes on over the end of an hour, for a file
//! that ends elsewhere ends because its description changes, or the camera was called anew. Either way it describes the pictures alone: players and clips have no sound.
use crate::facts::{FragmentFlags, Head, Located, MAX_HEAD};
use crate::scan::{Contents, ReadAt, Verify, contents};
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
pub(crate) fn described<Source: ReadAt + ?Sized>(
    path: &Path,
    file: &Source,
    found: &Contents,
) -> io::Result<Option<Described>> {
    let fragments = &found.fragments;
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
    let made = said_beside(path, found)?.and_then(Described::alone);
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
pub(crate) fn read_body<Source: ReadAt + ?Sized>(
    file: &Source,
    located: &Located,
) -> io::Result<Option<Bytes>> {
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
/// is only one, and no second witness that the description is its own. Errors: the disk's, for then it is not known who would witness.
fn said_beside(path: &Path, found: &Contents) -> io::Result<Option<Description>> {
    let Some(day) = path.parent() else {
        return Ok(None);
    };
    let days = listed(day.parent().unwrap_or(day), |one| one.is_dir())?;
    let Some(at) = days.iter().position(|one| one == day) else {
        return Ok(None);
    };
    let is_footage = |one: &Path| one.extension().is_some_and(|kind| kind == "mp4");
    let mut files = Vec::new();
    for day in &days[at.saturating_sub(1)..days.len().min(at + 2)] {
        files.extend(listed(day, is_footage)?);
    }
    let Some(at) = files.iter().position(|one| one == path) else {
        return Ok(None);
    };
    let before = nearest(files[..at].iter().rev())?;
    let behind = nearest(files[at + 1..].iter())?;
    Ok(match (before, behind) {
        (Some(one), Some(other)) => {
            (one.said.pictures_only == other.said.pictures_only).then_some(one.said)
        }
        (Some(one), None) => {
            hour_parts(&contents(&one.file, Verify::Heads)?, found).then_some(one.said)
        }
        (None, Some(one)) => {
            hour_parts(found, &contents(&one.file, Verify::Heads)?).then_some(one.said)
        }
        (None, None) => None,
    })
}

/// The end of an hour is why one file ended and the next one began, in the midst of a run.
fn hour_parts(ended: &Contents, next: &Contents) -> bool {
    let (Some(last), Some(first)) = (ended.fragments.last(), next.fragments.first()) else {
        return false;
    };
    let (last, first) = (&last.facts, &first.facts);
    let hour = |time_us| next.stream.as_ref().map(|stream| stream.hour_of(time_us));
    ended.stream == next.stream
        && last.is_followed_by(first)
        && !first.flags.has(FragmentFlags::CLOCK_SET)
        && hour(last.start_us) != hour(first.start_us)
}

fn listed(folder: &Path, wanted: impl Fn(&Path) -> bool) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut found = paths.collect::<io::Result<Vec<PathBuf>>>()?;
    found.retain(|one| wanted(one));
    found.sort_unstable();
    Ok(found)
}

/// A file whose head can be read, and what that says.
struct Beside {
    file: File,
    said: Description,
}

fn nearest<'a>(files: impl Iterator<Item = &'a PathBuf>) -> io::Result<Option<Beside>> {
    for path in files.take(MOST_BESIDE) {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue, // it was removed meanwhile
            Err(error) => return Err(error),
        };
        let mut begins = vec![0; MAX_INIT];
        let count = file.read_into(&mut begins, 0)?;
        if let Some(own) = own_head(&begins[..count]) {
            let said = own.description;
            return Ok(Some(Beside { file, said }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{FACTS_BYTES, Facts, StreamName};
    use bytes::{BufMut, BytesMut};
    use fragmented_mp4::{Run, Sample, movie_fragment};
    use media_types::Codec;

    const SPS: &[u8] = &[0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8];
    const PPS: &[u8] = &[0x68, 0xCB, 0x83, 0xCB, 0x20];
    const KEY: &[u8] = &[0x65, 0x88, 0x84, 0x00, 0x33];

    /// A disk that does not give these bytes.
    struct Hurt {
        bytes: Vec<u8>,
        unreadable: Vec<(u64, u64)>,
    }

    impl ReadAt for Hurt {
        fn bytes(&self) -> io::Result<u64> {
            Ok(self.bytes.len() as u64)
        }

        fn read_into(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let asked = offset..offset + buffer.len() as u64;
            let meets = |&(from, to): &(u64, u64)| from < asked.end && asked.start < to;
            if self.unreadable.iter().any(meets) {
                return Err(io::Error::from_raw_os_error(libc::EIO));
            }
            self.bytes[..].read_into(buffer, offset)
        }
    }

    fn video() -> VideoParameters {
        let units = [SPS, PPS].map(|set| [&START_CODE[..], set].concat());
        VideoParameters::from_annex_b(Codec::H264, &units.concat()).expect("its sets")
    }

    /// A file of key frames, each of these units; behind `head`, which may be damaged, or long.
    fn file(head: &[u8], frames: &[Vec<&[u8]>]) -> (Hurt, Contents) {
        let mut out = BytesMut::from(head);
        let stream = StreamName::new("34020000001320000001/main").expect("a name");
        for (number, units) in frames.iter().enumerate() {
            let mut facts = Facts::get(&[0; FACTS_BYTES]);
            facts.sequence = number as u32;
            facts.flags = FragmentFlags::KEY;
            let mut payload = BytesMut::new();
            for unit in units {
                payload.put_u32(unit.len() as u32);
                payload.put_slice(unit);
            }
            let sample = Sample {
                size: payload.len() as u32,
                duration: 3_600,
                composition_offset: 0,
                key: true,
            };
            let run = Run {
                track: Track::Video,
                decode_time: 0,
                samples: &[sample],
            };
            let mut body = BytesMut::new();
            assert!(movie_fragment(&mut body, 1, &[run]));
            body.put_slice(&payload);
            let head = Head {
                stream: stream.clone(),
                facts,
                body_bytes: body.len() as u32,
                body_crc: crc32fast::hash(&body),
                body_digest: None,
                synced: 0,
            };
            head.put(&mut out);
            out.put_slice(&body);
        }
        let found = contents(&out[..], Verify::Everything).expect("memory");
        assert_eq!(found.fragments.len(), frames.len());
        let bytes = out.to_vec();
        let unreadable = Vec::new();
        (Hurt { bytes, unreadable }, found)
    }

    fn said(file: &Hurt, found: &Contents) -> io::Result<Option<Bytes>> {
        let nowhere = Path::new("/nowhere/34020000001320000001/main/20261129/120000.mp4");
        Ok(described(nowhere, file, found)?.map(|one| one.description.pictures_only))
    }

    fn whole() -> Bytes {
        let made = Described::of(&video()).expect("described");
        made.description.pictures_only
    }

    #[test]
    fn long_messages_before_and_between_the_sets_of_a_key_frame_are_passed_over() {
        for length in [10, MAX_SET, MAX_SET + 1, 100_000] {
            // Bytes of sets and pictures among them, as no camera sends them.
            let message: Vec<u8> = [&[0x06, 0x05][..], SPS, KEY, PPS].concat();
            let message: Vec<u8> = message.into_iter().cycle().take(length).collect();
            for units in [
                vec![&message[..], SPS, PPS, KEY],
                vec![SPS, &message[..], PPS, KEY],
                vec![SPS, PPS, &message[..], KEY],
                vec![&message[..], SPS, &message[..], PPS, &message[..], KEY],
            ] {
                let (file, found) = file(&[0; 500], &[units]);
                assert_eq!(said(&file, &found).expect("readable"), Some(whole()));
            }
        }
    }

    #[test]
    fn a_head_is_believed_though_the_sets_behind_it_are_further_than_one_looks() {
        let message = vec![0x06; 2 * MAX_INIT];
        let own = footage_init_segment(&video(), None);
        let (file, found) = file(&own, &[vec![SPS, &message[..], PPS, KEY]]);
        assert_eq!(said(&file, &found).expect("readable"), Some(whole()));
    }

    #[test]
    fn what_the_disk_does_not_give_is_asked_of_another_key_frame_and_else_told_as_the_disks() {
        let frames = [vec![SPS, PPS, KEY], vec![SPS, PPS, KEY], vec![KEY]];
        let large = vec![0; MAX_INIT]; // what is looked at first has nothing of the fragments
        let (mut file, found) = file(&large, &frames);
        let place = |number: usize| {
            let one: &Located = &found.fragments[number];
            (one.offset, one.end())
        };
        file.unreadable = vec![(0, 100)];
        assert_eq!(said(&file, &found).expect("by its pictures"), Some(whole()));
        file.unreadable = vec![(0, 100), place(0)];
        assert_eq!(said(&file, &found).expect("by the second"), Some(whole()));
        file.unreadable = vec![place(0), place(1)];
        let error = said(&file, &found).map(|_| ()).expect_err("the disk's");
        assert_eq!(error.raw_os_error(), Some(libc::EIO));
    }

    #[test]
    fn a_head_that_can_be_read_needs_nothing_behind_it() {
        let own = footage_init_segment(&video(), None);
        let mut begins = own.to_vec();
        begins.resize(MAX_INIT, 0);
        let (mut file, found) = file(&begins, &[vec![KEY]]);
        file.unreadable = vec![(found.fragments[0].offset, found.fragments[0].end())];
        assert_eq!(said(&file, &found).expect("its own"), Some(whole()));
    }
}
