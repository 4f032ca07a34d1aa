//! Figures, not part of the tests: `cargo test --release -p recording --test speed -- --ignored --nocapture`.
mod support;

use recording::{Index, rebuild};
use std::fs;
use std::time::Instant;
use support::{Bench, Camera, name};

const FRAGMENT_US: i64 = 10_000_000;
const A_DAY: i64 = 86_400_000_000 / FRAGMENT_US;
const CAMERAS: usize = 16;

/// One camera for 30 days and 15 others for one day, in fragments of one small picture each.
#[test]
#[ignore = "measures"]
fn questions_to_the_index_and_its_rebuilding() {
    let root = tempfile::tempdir().expect("a folder");
    let bench = Bench::on_system_disk(root.path(), 1);
    let end = recording::now().wall_us;
    for number in 0..CAMERAS {
        let fragments = if number == 0 { 30 * A_DAY } else { A_DAY };
        let mut camera = Camera::new(1, 100);
        camera.now.wall_us = end - fragments * FRAGMENT_US;
        let mut tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
        for sent in 0..fragments {
            camera.now.wall_us += FRAGMENT_US - support::PICTURE_US;
            camera.now.steady_us += FRAGMENT_US - support::PICTURE_US;
            camera.send(&mut tap);
            camera.sent.clear();
            if sent % 500 == 0 {
                bench.settle();
            }
        }
        tap.finish(camera.now);
    }
    bench.settle();
    drop(bench);
    let (path, folders) = (root.path().join("footage.db"), [root.path().join("disk0")]);
    let closed = timed(&path, &folders);
    println!("rebuilt by the files' tables: {closed:.0} fragments/s");
    for file in support::files(&folders[0]) {
        let length = fs::metadata(&file).expect("a file").len();
        let opened = fs::File::options().write(true).open(&file).expect("a file");
        opened.set_len(length - 1).expect("shorter");
    }
    println!(
        "rebuilt fragment by fragment: {:.0} fragments/s",
        timed(&path, &folders)
    );
    let (index, _) = Index::open(&path).expect("an index");
    let (files, fragments) = index.counts().expect("counts");
    let began = Instant::now();
    let month = index
        .spans(&name(0), end - 30 * 86_400_000_000, end, false)
        .expect("rows");
    println!(
        "one camera, 30 days: {:.2} ms, {} spans, of {files} files and {fragments} fragments",
        ms(began),
        month.len()
    );
    let began = Instant::now();
    for number in 0..CAMERAS {
        index
            .spans(&name(number), end - 86_400_000_000, end, false)
            .expect("rows");
    }
    println!("{CAMERAS} cameras, 24 hours: {:.2} ms", ms(began));
}

fn timed(index: &std::path::Path, folders: &[std::path::PathBuf]) -> f64 {
    let began = Instant::now();
    let found = rebuild(index, folders).expect("readable");
    found.fragments as f64 / began.elapsed().as_secs_f64()
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1_000.0
}
