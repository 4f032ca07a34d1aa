//! Files whose pictures are let go of: what stays is enough for all but the pictures, and these come back where they are read.
mod support;

use recording::{BringBack, Footage, FootageReader, Recorder, Spot, hollow, note_of, rebuild};
use std::fs;
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use support::{Bench, Camera, files, name};

const GROUPS: u64 = 6;

fn spots(recorder: &Recorder) -> Vec<Spot> {
    let mut reader = FootageReader::new(name(1), None);
    let (mut found, mut at_us) = (Vec::new(), i64::MIN / 2);
    while let Some(spot) = reader
        .at_or_after(recorder, at_us, i64::MIN / 2, i64::MAX / 2)
        .expect("an index")
    {
        at_us = spot.end_us;
        found.push(spot);
    }
    found
}

/// Some seconds in one file, which is closed: two megabytes a group.
fn recorded(root: &Path) -> (Bench, PathBuf) {
    let bench = Bench::on_system_disk(root, 1);
    let mut camera = Camera::new(50, 40_000);
    let mut tap = bench.recorder.tap(&name(1), &camera.hub, camera.now);
    camera.send_all(&mut tap, 50 * GROUPS);
    tap.finish(camera.now);
    bench.found_until(&name(1), camera.now.wall_us);
    drop(bench); // its files are closed
    let bench = Bench::on_system_disk(root, 1);
    bench.found_until(&name(1), camera.now.wall_us);
    let [file] = &files(root)[..] else {
        panic!("one file")
    };
    (bench, file.clone())
}

#[test]
fn what_is_let_go_of_is_found_and_comes_back_where_it_is_read() {
    let root = tempfile::tempdir().expect("a folder");
    let (bench, file) = recorded(root.path());
    let original = fs::read(&file).expect("it is there");
    let before = spots(&bench.recorder);
    assert_eq!(before.len() as u64, GROUPS);
    assert!(
        hollow(&file).is_err(),
        "nothing says where its pictures are"
    );
    fs::write(note_of(&file), b"elsewhere").expect("a note");
    let freed = hollow(&file).expect("holes");
    assert!(
        freed * 10 > original.len() as u64 * 9,
        "{freed} of {}",
        original.len()
    );
    assert!(fs::metadata(&file).expect("it is there").blocks() * 512 < 200_000);
    assert_eq!(hollow(&file).expect("again"), 0);
    assert_eq!(spots(&bench.recorder), before);
    let anew =
        rebuild(&root.path().join("anew.db"), &[root.path().join("disk0")]).expect("an index");
    assert_eq!((anew.fragments, anew.damaged_bytes), (GROUPS, 0));

    let mut without = FootageReader::new(name(1), None);
    assert!(matches!(without.read(&before[0]), Footage::Away(_)));

    let asked: Arc<Mutex<Vec<Range<u64>>>> = Arc::default();
    let (noted, content) = (Arc::clone(&asked), original.clone());
    let fetch: BringBack = Arc::new(move |path, range| {
        noted.lock().expect("no panic").push(range.clone());
        let file = fs::OpenOptions::new().write(true).open(path)?;
        let bytes = &content[range.start as usize..range.end as usize];
        file.write_all_at(bytes, range.start)
    });
    let mut reader = FootageReader::new(name(1), Some(fetch));
    for spot in &before {
        assert!(matches!(reader.read(spot), Footage::Fragment(_)));
    }
    let asked = asked.lock().expect("no panic").clone();
    assert!(
        asked.len() < before.len(),
        "what comes next is fetched with it: {asked:?}"
    );
    assert_eq!(fs::read(&file).expect("it is there"), original);

    // A second tier that gives something else, or nothing, is told apart.
    hollow(&file).expect("holes");
    let other: BringBack = Arc::new(|_: &Path, _: Range<u64>| Ok(()));
    let mut reader = FootageReader::new(name(1), Some(other));
    assert!(matches!(reader.read(&before[1]), Footage::Damaged(_)));
    let gone: BringBack = Arc::new(|_: &Path, _: Range<u64>| Err(io::Error::other("no answer")));
    let mut reader = FootageReader::new(name(1), Some(gone));
    assert!(matches!(reader.read(&before[1]), Footage::Away(why) if why == "no answer"));
}

#[test]
fn a_file_that_is_not_closed_keeps_its_pictures() {
    let root = tempfile::tempdir().expect("a folder");
    let (_bench, file) = recorded(root.path());
    let original = fs::read(&file).expect("it is there");
    let torn = root.path().join("torn.mp4");
    fs::write(&torn, &original[..original.len() - 8]).expect("written");
    fs::write(note_of(&torn), b"elsewhere").expect("a note");
    assert!(hollow(&torn).is_err());
    assert_eq!(
        fs::read(&torn).expect("it is there"),
        original[..original.len() - 8]
    );
}
