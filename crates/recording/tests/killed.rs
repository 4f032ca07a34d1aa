//! The process is killed again and again in the midst of recording: whatever was told to be on disk is there afterwards.
mod support;

use recording::{Recorder, SystemDisk};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use support::{Bench, Camera, config, name};

const FOLDER: &str = "FENGSUI_TEST_KILLED_FOLDER";
/// With it the child records on event: it holds so many pictures first.
const HELD: &str = "FENGSUI_TEST_KILLED_HELD";
const ROUNDS: usize = 100;

/// The process that is killed: records without end and says up to when everything is on disk.
#[test]
fn recording_child() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return; // run as a test of its own it has nothing to do
    };
    let recorder = Recorder::open(config(Path::new(&folder), 2), Arc::new(SystemDisk), |_| {})
        .expect("a recorder");
    let mut camera = Camera::new(10, 3_000);
    let mut tap = recorder.tap(&name(1), &camera.hub, camera.now);
    let mut told = None;
    let held: u64 = std::env::var(HELD).map_or(0, |text| text.parse().expect("a number"));
    if held > 0 {
        tap.hold(Duration::from_secs(60));
    }
    for number in 0.. {
        camera.now = recording::now();
        camera.send(&mut tap);
        tap.tick(camera.now);
        if number == held {
            tap.happened(Duration::from_secs(60), camera.now); // without effect where all is kept
        }
        camera.sent.clear();
        let safe = recorder
            .status(&name(1))
            .and_then(|status| status.safe_until_us);
        if safe != told {
            told = safe;
            writeln!(
                std::io::stdout(),
                "safe {} {}",
                camera.began_us,
                safe.unwrap_or(0)
            )
            .expect("a reader");
        }
        std::thread::sleep(Duration::from_millis(4));
    }
}

#[test]
fn nothing_that_was_told_to_be_on_disk_is_lost_by_kills() {
    let root = tempfile::tempdir().expect("a folder");
    let mut safe = Vec::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args([
                "--exact",
                "recording_child",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(FOLDER, root.path())
            .env(HELD, (round % 2 * 45).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut last = None;
        for _ in 0..1 + round % 3 {
            let line = lines
                .by_ref()
                .map_while(Result::ok)
                .find(|line| line.contains("safe "));
            let line = line.expect("the child records");
            let mut numbers = line
                .split("safe ")
                .nth(1)
                .expect("numbers")
                .split(' ')
                .map(|text| text.parse::<i64>().expect("a number"));
            last = Some((
                numbers.next().expect("begun"),
                numbers.next().expect("safe"),
            ));
        }
        child.kill().expect("it runs");
        child.wait().expect("it ended");
        safe.extend(last);
    }
    let bench = Bench::on_system_disk(root.path(), 2);
    for &(began, safe_until) in &safe {
        let holds = || {
            bench
                .spans(&name(1))
                .iter()
                .any(|span| span.start_us <= began + 20_000 && span.end_us >= safe_until)
        };
        support::until("a run's footage is found", holds);
    }
    drop(bench);
    let index = root.path().join("footage.db");
    let before = support::indexed(&index, &name(1));
    let folders = [root.path().join("disk0"), root.path().join("disk1")];
    let found = recording::rebuild(&index, &folders).expect("readable");
    assert_eq!(
        found.damaged_bytes, 0,
        "what a kill tore off was cut when the file was closed"
    );
    // What was written behind what was told as safe is looked for as long as the recorder runs: the files may say more.
    let after = support::indexed(&index, &name(1));
    for span in before {
        assert!(
            after
                .iter()
                .any(|one| one.start_us <= span.start_us && span.end_us <= one.end_us),
            "the files alone say no less: {span:?} of {after:?}"
        );
    }
}
