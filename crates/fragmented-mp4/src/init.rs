//! `ftyp` and `moov`: what a player must know before the first fragment.
use crate::boxes::{boxed, full_box};
use crate::{TIMESCALE, TRACK_ID};
use bytes::{BufMut, Bytes, BytesMut};
use elementary::VideoParameters;
use media_types::Codec;

const UNITY_MATRIX: [u32; 9] = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];

/// The init segment of a stream. Sample entry `avc1` or `hvc1`, as the codec string says.
pub fn init_segment(video: &VideoParameters) -> Bytes {
    let mut out = BytesMut::with_capacity(1024);
    boxed(&mut out, b"ftyp", |out| {
        out.put_slice(b"iso6\0\0\0\x01iso6iso5mp41");
    });
    boxed(&mut out, b"moov", |out| {
        movie_header(out);
        track(out, video);
        boxed(out, b"mvex", |out| {
            full_box(out, b"trex", 0, 0, |out| {
                for value in [TRACK_ID, 1, 0, 0, 0] {
                    out.put_u32(value);
                }
            });
        });
    });
    out.freeze()
}

fn movie_header(out: &mut BytesMut) {
    full_box(out, b"mvhd", 0, 0, |out| {
        for value in [0, 0, TIMESCALE, 0, 0x0001_0000] {
            out.put_u32(value); // times unknown, rate 1.0
        }
        out.put_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // volume 1.0, reserved
        UNITY_MATRIX.iter().for_each(|&value| out.put_u32(value));
        out.put_bytes(0, 24);
        out.put_u32(TRACK_ID + 1);
    });
}

fn track(out: &mut BytesMut, video: &VideoParameters) {
    boxed(out, b"trak", |out| {
        full_box(out, b"tkhd", 0, 0b111, |out| {
            for value in [0, 0, TRACK_ID, 0, 0, 0, 0, 0, 0] {
                out.put_u32(value);
            }
            UNITY_MATRIX.iter().for_each(|&value| out.put_u32(value));
            out.put_u32(video.width << 16);
            out.put_u32(video.height << 16);
        });
        boxed(out, b"mdia", |out| {
            full_box(out, b"mdhd", 0, 0, |out| {
                for value in [0, 0, TIMESCALE, 0, 0x55C4_0000] {
                    out.put_u32(value); // language: undetermined
                }
            });
            full_box(out, b"hdlr", 0, 0, |out| {
                out.put_slice(b"\0\0\0\0vide\0\0\0\0\0\0\0\0\0\0\0\0video\0");
            });
            boxed(out, b"minf", |out| {
                full_box(out, b"vmhd", 0, 1, |out| out.put_u64(0));
                boxed(out, b"dinf", |out| {
                    full_box(out, b"dref", 0, 0, |out| {
                        out.put_u32(1);
                        full_box(out, b"url ", 0, 1, |_| {});
                    });
                });
                sample_table(out, video);
            });
        });
    });
}

fn sample_table(out: &mut BytesMut, video: &VideoParameters) {
    let (entry, record): (&[u8; 4], &[u8; 4]) = match video.codec {
        Codec::H265 => (b"hvc1", b"hvcC"),
        _ => (b"avc1", b"avcC"),
    };
    boxed(out, b"stbl", |out| {
        full_box(out, b"stsd", 0, 0, |out| {
            out.put_u32(1);
            boxed(out, entry, |out| {
                out.put_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
                out.put_bytes(0, 16);
                out.put_u16(video.width as u16); // both fit: SPS parsing bounds them
                out.put_u16(video.height as u16);
                out.put_u32(0x0048_0000); // 72 dpi
                out.put_u32(0x0048_0000);
                out.put_u32(0);
                out.put_u16(1);
                out.put_bytes(0, 32);
                out.put_u16(24);
                out.put_u16(0xFFFF);
                boxed(out, record, |out| {
                    out.put_slice(&video.decoder_configuration())
                });
            });
        });
        full_box(out, b"stts", 0, 0, |out| out.put_u32(0));
        full_box(out, b"stsc", 0, 0, |out| out.put_u32(0));
        full_box(out, b"stsz", 0, 0, |out| out.put_u64(0));
        full_box(out, b"stco", 0, 0, |out| out.put_u32(0));
    });
}
