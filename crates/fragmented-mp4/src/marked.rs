//! Words in the head of a file, where players and `ffprobe` show them; not a byte of the pictures is touched.
use crate::boxes::{Boxes, boxed, full_box};
use bytes::{BufMut, Bytes, BytesMut};

/// UTF-8, of the well-known types of a `data` box (QuickTime File Format, "Well-known types").
const UTF8: u32 = 1;
/// Of `ilst`.
pub const TITLE: [u8; 4] = *b"\xA9nam";
pub const COMMENT: [u8; 4] = *b"\xA9cmt";

/// `ftyp` and `moov` with these words in `moov/udta/meta/ilst`. None for anything that does not begin with the two boxes.
pub fn marked(init: &[u8], words: &[([u8; 4], &str)]) -> Option<Bytes> {
    let mut boxes = Boxes(init);
    let (_, kind) = boxes.next().filter(|(kind, _)| kind == b"ftyp")?;
    let (_, movie) = boxes.next().filter(|(kind, _)| kind == b"moov")?;
    let length: usize = words.iter().map(|(_, text)| text.len() + 32).sum();
    let mut out = BytesMut::with_capacity(init.len() + length + 128);
    boxed(&mut out, b"ftyp", |out| out.put_slice(kind));
    boxed(&mut out, b"moov", |out| {
        out.put_slice(movie);
        boxed(out, b"udta", |out| {
            full_box(out, b"meta", 0, 0, |out| {
                full_box(out, b"hdlr", 0, 0, |out| {
                    out.put_u32(0);
                    out.put_slice(b"mdirappl");
                    out.put_bytes(0, 9); // reserved, and an empty name
                });
                boxed(out, b"ilst", |out| {
                    words.iter().for_each(|(kind, text)| word(out, kind, text));
                });
            });
        });
    });
    Some(out.freeze())
}

fn word(out: &mut BytesMut, kind: &[u8; 4], text: &str) {
    boxed(out, kind, |out| {
        boxed(out, b"data", |out| {
            out.put_u32(UTF8);
            out.put_u32(0); // any language
            out.put_slice(text.as_bytes());
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{footage_init_segment, read_description};
    use elementary::VideoParameters;
    use media_types::Codec;

    const PICTURE: [u8; 31] = [
        0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8, 0, 0, 0, 1, 0x68,
        0xCB, 0x83, 0xCB, 0x20, 0, 0, 0, 1, 0x65, 0x88, 0x84, 0x00,
    ];

    #[test]
    fn a_marked_head_describes_the_same_pictures_and_holds_the_words() {
        let video = VideoParameters::from_annex_b(Codec::H264, &PICTURE).expect("parameter sets");
        let plain = footage_init_segment(&video, None);
        let made = marked(&plain, &[(TITLE, "东门"), (COMMENT, "U2026-7")]).expect("our own");
        let (before, after) = (read_description(&plain), read_description(&made));
        let told = |one: Option<crate::Description>| one.map(|one| (one.codec_string, one.width));
        assert_eq!(told(before), told(after));
        let has = |text: &str| made.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(has("东门") && has("U2026-7"));
        let length = u32::from_be_bytes(made[..4].try_into().expect("four")) as usize;
        let movie = u32::from_be_bytes(made[length..length + 4].try_into().expect("four"));
        assert_eq!(length + movie as usize, made.len(), "the boxes are whole");
        assert_eq!(marked(b"no boxes", &[]), None);
    }
}
