//! `footage`: what cameras recorded in days gone by, kept by the recorder itself while its clock is led. `folder`, `index`, `cameras`
//! (`code/main`, by commas), `film` (Annex B, each picture behind its access unit delimiter, a key picture first), which is repeated;
//! `rate` (pictures a second, below one too), `from` (µs since 1970), `seconds` of each camera. As fast as the disk takes it.
use crate::arguments::Arguments;
use bytes::Bytes;
use elementary::{VideoParameters, nal_starts};
use media_types::{AccessUnit, Codec, Pts90k};
use recording::{FolderSpec, Now, Recorder, RecorderConfig, StreamName, SystemDisk};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stream_hub::Hub;

const WRITE_BEHIND_BYTES: usize = 512 * 1024 * 1024;
/// More waits for no disk: it is to take everything.
const WAITING_BYTES: u64 = 64 * 1024 * 1024;
/// Of the recorder's rows; above it new ones wait for the index, and pictures are not to be lost meanwhile.
const LOOK_EVERY: u64 = 200;
const MOST_SECONDS: u64 = 400 * 86_400;
const DELIMITER: u8 = 9;
const KEY: u8 = 5;

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let film = pictures(arguments.text("film"))?;
    let rate: f64 = arguments.get("rate", 25.0)?;
    let (from_us, seconds) = (
        arguments.get("from", 0_i64)?,
        arguments.get("seconds", 0_u64)?,
    );
    if !(0.01..=100.0).contains(&rate) || seconds == 0 || seconds > MOST_SECONDS {
        return Err("rate=0.01 to 100 and seconds=1 to 400 days are needed".to_owned());
    }
    let config = RecorderConfig {
        folders: vec![FolderSpec {
            path: PathBuf::from(arguments.text("folder")),
            weight: 1,
            reserve_bytes: 0,
        }],
        index: PathBuf::from(arguments.text("index")),
        write_behind_bytes: WRITE_BEHIND_BYTES,
        held_stream_bytes: 0,
        held_bytes: 0,
        sync_within: Duration::from_secs(1),
        clock_error: || Some(1_000),
    };
    let tell = |event| eprintln!("bench-load footage: {event:?}");
    let recorder =
        Recorder::open(config, Arc::new(SystemDisk), tell).map_err(|error| error.to_string())?;
    let picture_us = (1e6 / rate) as i64;
    for camera in arguments.text("cameras").split(',') {
        let name = StreamName::new(camera).ok_or_else(|| format!("{camera}: no stream"))?;
        record(&recorder, &name, &film, (from_us, picture_us), seconds);
    }
    settle(&recorder, 0);
    recorder.stop(Duration::from_secs(60));
    let told = recorder.counters();
    if told.lost_fragments > 0 || told.fragments == 0 {
        return Err(format!("the recorder did not take it all: {told:?}"));
    }
    Ok(format!(
        r#"{{"fragments":{},"bytes":{}}}"#,
        told.fragments, told.bytes
    ))
}

fn record(
    recorder: &Recorder,
    name: &StreamName,
    film: &[(Bytes, bool)],
    (from_us, picture_us): (i64, i64),
    seconds: u64,
) {
    let parameters = VideoParameters::from_annex_b(Codec::H264, &film[0].0);
    let hub = Arc::new(Hub::new());
    let at = |number: i64| Now {
        wall_us: from_us + number * picture_us,
        steady_us: number * picture_us,
    };
    let mut tap = recorder.tap(name, &hub, at(0));
    let count = seconds as i64 * 1_000_000 / picture_us;
    for number in 0..count {
        let (bytes, key) = film[number as usize % film.len()].clone();
        let unit = AccessUnit {
            codec: Codec::H264,
            pts: Pts90k(number * picture_us * 9 / 100),
            key,
            camera_us: None,
            bytes,
        };
        hub.push(unit, parameters.as_ref());
        tap.pull(at(number));
        if (number as u64).is_multiple_of(LOOK_EVERY) {
            settle(recorder, WAITING_BYTES);
        }
    }
    tap.finish(at(count));
}

fn settle(recorder: &Recorder, waiting_bytes: u64) {
    while recorder.counters().waiting_bytes > waiting_bytes {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Each picture with what stands before it, and whether it is a key picture.
fn pictures(path: &str) -> Result<Vec<(Bytes, bool)>, String> {
    let whole: Bytes = std::fs::read(path)
        .map_err(|error| format!("{path}: {error}"))?
        .into();
    let kind = |at: usize| whole[at] & 0x1F;
    let mut found: Vec<(usize, bool)> = Vec::new();
    for at in nal_starts(&whole) {
        match kind(at) {
            DELIMITER => found.push((at - 3, false)),
            KEY => found.last_mut().into_iter().for_each(|last| last.1 = true),
            _ => {}
        }
    }
    if !found.first().is_some_and(|first| first.1) {
        return Err(format!("{path}: no key picture behind a delimiter first"));
    }
    let ends = found.iter().skip(1).map(|one| one.0).chain([whole.len()]);
    Ok(found
        .iter()
        .zip(ends)
        .map(|(&(from, key), to)| (whole.slice(from..to), key))
        .collect())
}
