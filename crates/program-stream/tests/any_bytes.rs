//! The fuzz target's body on bytes that look like a program stream, bounded.
use media_types::Codec;
use program_stream::{PsDemuxer, Track, mux_picture};
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_bytes_are_survived(
        first: u8,
        parts in prop::collection::vec(prop_oneof![
            prop::sample::select(vec![0xB9u8, 0xBA, 0xBB, 0xBC, 0xBD, 0xBF, 0xC0, 0xE0]).prop_map(|id| vec![0, 0, 1, id]),
            prop::collection::vec(any::<u8>(), 0..24),
            Just(vec![0x44; 10]),
        ], 0..60)
    ) {
        program_stream::fuzz_bodies::program_stream(&[vec![first], parts.concat()].concat());
    }
}

/// NAL units of this codec, none of whose bytes look like a start code.
fn picture(codec: Codec) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::collection::vec(4u8..=255, 1..200), 1..4).prop_map(move |units| {
        let head: &[u8] = if codec == Codec::H264 {
            &[0, 0, 0, 1, 0x65]
        } else {
            &[0, 0, 0, 1, 0x26, 1]
        };
        units
            .iter()
            .flat_map(|unit| [head, unit].concat())
            .collect()
    })
}

fn pictures() -> impl Strategy<Value = (Codec, Vec<Vec<u8>>)> {
    prop::sample::select(vec![Codec::H264, Codec::H265])
        .prop_flat_map(|codec| (Just(codec), prop::collection::vec(picture(codec), 1..4)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pictures_come_out_as_they_went_in_wherever_the_stream_is_cut((codec, sent) in pictures(), start in 0i64..1 << 33) {
        let times: Vec<i64> = (0..sent.len()).map(|number| start + number as i64 * 3_600).collect();
        let mut stream = Vec::new();
        for (number, picture) in sent.iter().enumerate() {
            mux_picture(codec, picture, times[number], number == 0, &mut stream);
        }
        for at in 0..=stream.len() {
            let mut demuxer = PsDemuxer::new(false, 1 << 20);
            demuxer.push(&stream[..at], 0);
            demuxer.push(&stream[at..], 0);
            demuxer.end_frame();
            let got: Vec<_> = std::iter::from_fn(|| demuxer.pull()).collect();
            prop_assert_eq!(got.iter().map(|unit| &unit.bytes[..]).collect::<Vec<_>>(), sent.iter().map(|one| &one[..]).collect::<Vec<_>>());
            let stream_type = if codec == Codec::H264 { 0x1B } else { 0x24 };
            prop_assert!(got.iter().all(|unit| unit.track == Track::Video && unit.stream_type == Some(stream_type)));
            prop_assert_eq!(got.iter().map(|unit| unit.pts.0 & 0x1_FFFF_FFFF).collect::<Vec<_>>(), times.iter().map(|time| time & 0x1_FFFF_FFFF).collect::<Vec<_>>());
        }
    }
}
