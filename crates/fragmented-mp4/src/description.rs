//! What the head of a file says of its pictures, and the same head for them alone.
use crate::Track;
use crate::boxes::{Boxes, Fields, boxed};
use bytes::{BufMut, Bytes, BytesMut};
use std::fmt::Write as _;

/// Of the fields of a visual sample entry, before its boxes. ISO/IEC 14496-12 12.1.3.
const VISUAL_ENTRY: usize = 78;

/// A file's pictures, as a player needs them described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// RFC 6381.
    pub codec_string: String,
    pub width: u16,
    pub height: u16,
    /// There is a sound track beside them.
    pub sound: bool,
    /// `ftyp` and `moov` with the video track alone.
    pub pictures_only: Bytes,
}

/// Reads `ftyp` and `moov` as [`crate::footage_init_segment`] makes them; what follows is left alone. None for anything else.
pub fn read_description(bytes: &[u8]) -> Option<Description> {
    let mut boxes = Boxes(bytes);
    let (_, kind) = boxes.next().filter(|(kind, _)| kind == b"ftyp")?;
    let (_, moov) = boxes.next().filter(|(kind, _)| kind == b"moov")?;
    let mut pictures_only = BytesMut::with_capacity(bytes.len().min(4_096));
    let mut found = None;
    let mut sound = false;
    boxed(&mut pictures_only, b"ftyp", |out| out.put_slice(kind));
    boxed(&mut pictures_only, b"moov", |out| {
        for (kind, body) in Boxes(moov) {
            match &kind {
                b"trak" if track_of(body, b"tkhd", 12) != Some(Track::Video) => sound = true,
                b"trak" => {
                    found = found.take().or_else(|| entry_of(body));
                    boxed(out, &kind, |out| out.put_slice(body));
                }
                b"mvex" => boxed(out, &kind, |out| {
                    for (kind, body) in Boxes(body) {
                        if kind != *b"trex" || id_at(body, 4) == Some(Track::Video) {
                            boxed(out, &kind, |out| out.put_slice(body));
                        }
                    }
                }),
                _ => boxed(out, &kind, |out| out.put_slice(body)),
            }
        }
    });
    let (codec_string, width, height) = found?;
    Some(Description {
        codec_string,
        width,
        height,
        sound,
        pictures_only: pictures_only.freeze(),
    })
}

fn id_at(body: &[u8], at: usize) -> Option<Track> {
    Track::of_id(Fields(body.get(at..)?).u32()?)
}

fn track_of(body: &[u8], kind: &[u8; 4], at: usize) -> Option<Track> {
    id_at(inside(body, kind)?, at)
}

fn inside<'a>(body: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    Boxes(body)
        .find(|(kind, _)| kind == wanted)
        .map(|(_, body)| body)
}

/// Codec, width and height of a video track's sample entry.
fn entry_of(track: &[u8]) -> Option<(String, u16, u16)> {
    let path: [&[u8; 4]; 4] = [b"mdia", b"minf", b"stbl", b"stsd"];
    let table = path
        .iter()
        .try_fold(track, |body, kind| inside(body, kind))?;
    let (kind, entry) = Boxes(table.get(8..)?).next()?;
    let size = |at: usize| Some(u16::from_be_bytes(*entry.get(at..)?.first_chunk()?));
    let boxes = entry.get(VISUAL_ENTRY..)?;
    let codec = match &kind {
        b"avc1" => {
            let record = inside(boxes, b"avcC")?.get(1..4)?;
            format!("avc1.{:02X}{:02X}{:02X}", record[0], record[1], record[2])
        }
        b"hvc1" => hevc_string(inside(boxes, b"hvcC")?.first_chunk()?),
        _ => return None,
    };
    Some((codec, size(24)?, size(26)?))
}

/// ISO/IEC 14496-15 E.3, of the first bytes of `hvcC`.
fn hevc_string(record: &[u8; 13]) -> String {
    let (profile, level) = (record[1], record[12]);
    let space = ["", "A", "B", "C"][usize::from(profile >> 6)];
    let flags = u32::from_be_bytes([record[2], record[3], record[4], record[5]]).reverse_bits();
    let tier = if profile & 0x20 == 0 { 'L' } else { 'H' };
    let mut out = format!("hvc1.{space}{}.{flags:X}.{tier}{level}", profile & 0x1F);
    let constraints = &record[6..12];
    let told = constraints
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    for byte in &constraints[..told] {
        let _ = write!(out, ".{byte:X}"); // a String takes everything
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::footage_init_segment;
    use elementary::{SoundParameters, VideoParameters};
    use media_types::Codec;
    use proptest::prelude::*;

    const PICTURE: [u8; 31] = [
        0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8, 0, 0, 0, 1, 0x68,
        0xCB, 0x83, 0xCB, 0x20, 0, 0, 0, 1, 0x65, 0x88, 0x84, 0x00,
    ];

    #[test]
    fn a_head_tells_its_pictures_and_is_made_for_them_alone() {
        let video = VideoParameters::from_annex_b(Codec::H264, &PICTURE).expect("parameter sets");
        let sound = SoundParameters::from_unit(Codec::G711A, &[0xD5; 320]).expect("G.711");
        let alone = footage_init_segment(&video, None);
        let with_sound = footage_init_segment(&video, Some(&sound));
        let read = read_description(&with_sound).expect("our own");
        assert_eq!(read.codec_string, video.codec_string());
        assert_eq!(
            (u32::from(read.width), u32::from(read.height)),
            (video.width, video.height)
        );
        assert!(read.sound);
        assert_eq!(read.pictures_only, alone);
        let read = read_description(&alone).expect("our own");
        assert!(!read.sound);
        assert_eq!(read.pictures_only, alone);
    }

    #[test]
    fn h265_is_named_as_by_its_parameter_sets() {
        // Main 10, level 5.1, high tier off, constraint byte B0.
        let mut record = [0; 13];
        record[1] = 2;
        record[2..6].copy_from_slice(&0x2000_0000_u32.to_be_bytes());
        record[6] = 0xB0;
        record[12] = 153;
        assert_eq!(hevc_string(&record), "hvc1.2.4.L153.B0");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
            let video = VideoParameters::from_annex_b(Codec::H264, &PICTURE).expect("parameter sets");
            let mut whole = footage_init_segment(&video, None).to_vec();
            let at = at.index(whole.len());
            whole.splice(at..at, bytes.iter().copied());
            let _ = read_description(&whole);
            let _ = read_description(&bytes);
        }
    }
}
