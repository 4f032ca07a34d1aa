//! `ftyp` and `moov`: what a player must know before the first fragment.
use crate::boxes::{boxed, full_box};
use crate::sound_entry::{G711, sound_entry};
use crate::{TIMESCALE, Track};
use bytes::{BufMut, Bytes, BytesMut};
use elementary::{SoundParameters, VideoParameters};
use media_types::Codec;

const UNITY_MATRIX: [u32; 9] = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];

/// The init segment of a stream. Sample entries: `avc1` or `hvc1`; `mp4a` or, for G.711, `fLaC`.
pub fn init_segment(video: &VideoParameters, sound: Option<&SoundParameters>) -> Bytes {
    init_with(video, sound, G711::AsFlac)
}

/// As [`init_segment`], for footage: G.711 stays as it came (`alaw`, `ulaw`).
pub fn footage_init_segment(video: &VideoParameters, sound: Option<&SoundParameters>) -> Bytes {
    init_with(video, sound, G711::AsItIs)
}

fn init_with(video: &VideoParameters, sound: Option<&SoundParameters>, g711: G711) -> Bytes {
    let mut out = BytesMut::with_capacity(1024);
    boxed(&mut out, b"ftyp", |out| {
        out.put_slice(b"iso6\0\0\0\x01iso6iso5mp41");
    });
    let tracks = if sound.is_some() {
        &[Track::Video, Track::Sound][..]
    } else {
        &[Track::Video]
    };
    boxed(&mut out, b"moov", |out| {
        movie_header(out);
        video_track(out, video);
        if let Some(sound) = sound {
            sound_track(out, sound, g711);
        }
        boxed(out, b"mvex", |out| {
            for track in tracks {
                full_box(out, b"trex", 0, 0, |out| {
                    for value in [track.id(), 1, 0, 0, 0] {
                        out.put_u32(value);
                    }
                });
            }
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
        out.put_u32(Track::Sound.id() + 1);
    });
}

/// What both kinds of track have around their sample entry.
struct TrackHead<'a> {
    track: Track,
    timescale: u32,
    width: u32,
    height: u32,
    /// 8.8 fixed point: 1.0 for sound.
    volume: u16,
    handler: &'a [u8; 4],
    name: &'a [u8],
}

fn video_track(out: &mut BytesMut, video: &VideoParameters) {
    let head = TrackHead {
        track: Track::Video,
        timescale: TIMESCALE,
        width: video.width,
        height: video.height,
        volume: 0,
        handler: b"vide",
        name: b"video\0",
    };
    track_box(out, &head, |out| {
        full_box(out, b"vmhd", 0, 1, |out| out.put_u64(0));
        data_information(out);
        sample_table(out, |out| video_entry(out, video));
    });
}

fn sound_track(out: &mut BytesMut, sound: &SoundParameters, g711: G711) {
    let head = TrackHead {
        track: Track::Sound,
        timescale: sound.sample_rate_hz,
        width: 0,
        height: 0,
        volume: 0x0100,
        handler: b"soun",
        name: b"sound\0",
    };
    track_box(out, &head, |out| {
        full_box(out, b"smhd", 0, 0, |out| out.put_u32(0));
        data_information(out);
        sample_table(out, |out| sound_entry(out, sound, g711));
    });
}

fn track_box(out: &mut BytesMut, head: &TrackHead<'_>, information: impl FnOnce(&mut BytesMut)) {
    boxed(out, b"trak", |out| {
        full_box(out, b"tkhd", 0, 0b111, |out| {
            for value in [0, 0, head.track.id(), 0, 0, 0, 0, 0] {
                out.put_u32(value);
            }
            out.put_u16(head.volume);
            out.put_u16(0);
            UNITY_MATRIX.iter().for_each(|&value| out.put_u32(value));
            out.put_u32(head.width << 16);
            out.put_u32(head.height << 16);
        });
        boxed(out, b"mdia", |out| {
            full_box(out, b"mdhd", 0, 0, |out| {
                for value in [0, 0, head.timescale, 0, 0x55C4_0000] {
                    out.put_u32(value); // language: undetermined
                }
            });
            full_box(out, b"hdlr", 0, 0, |out| {
                out.put_u32(0);
                out.put_slice(head.handler);
                out.put_bytes(0, 12);
                out.put_slice(head.name);
            });
            boxed(out, b"minf", information);
        });
    });
}

fn data_information(out: &mut BytesMut) {
    boxed(out, b"dinf", |out| {
        full_box(out, b"dref", 0, 0, |out| {
            out.put_u32(1);
            full_box(out, b"url ", 0, 1, |_| {});
        });
    });
}

fn sample_table(out: &mut BytesMut, entry: impl FnOnce(&mut BytesMut)) {
    boxed(out, b"stbl", |out| {
        full_box(out, b"stsd", 0, 0, |out| {
            out.put_u32(1);
            entry(out);
        });
        full_box(out, b"stts", 0, 0, |out| out.put_u32(0));
        full_box(out, b"stsc", 0, 0, |out| out.put_u32(0));
        full_box(out, b"stsz", 0, 0, |out| out.put_u64(0));
        full_box(out, b"stco", 0, 0, |out| out.put_u32(0));
    });
}

fn video_entry(out: &mut BytesMut, video: &VideoParameters) {
    let (entry, record): (&[u8; 4], &[u8; 4]) = match video.codec {
        Codec::H265 => (b"hvc1", b"hvcC"),
        _ => (b"avc1", b"avcC"),
    };
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
}
