//! The process is killed again and again in the midst of recording: whatever was told to be on disk is there afterwards.
mod support;

use recording::{Medium, Recorder, SystemDisk};
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use support::{Bench, Camera, FailingDisk, Fate, config, files, name, until};

const FOLDER: &str = "FENGSUI_TEST_KILLED_FOLDER";
/// With it the child records on event: it holds so many pictures first.
const HELD: &str = "FENGSUI_TEST_KILLED_HELD";
/// With it each write to a disk, and each sync, takes the child so many milliseconds.
const SLOW: &str = "FENGSUI_TEST_KILLED_SLOW";
const ROUNDS: usize = 100;

/// The process that is killed: records without end and says up to when everything is on disk.
#[test]
fn recording_child() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return; // run as a test of its own it has nothing to do
    };
    let slow_ms: u64 = std::env::var(SLOW).map_or(0, |text| text.parse().expect("a number"));
    let medium: Arc<dyn Medium> = if slow_ms > 0 {
        let fate = Fate::healthy();
        fate.pause_ms.store(slow_ms, Ordering::SeqCst);
        let folder = folder.clone().into();
        Arc::new(FailingDisk { folder, fate })
    } else {
        Arc::new(SystemDisk)
    };
    let recorder =
        Recorder::open(config(Path::new(&folder), 2), medium, |_| {}).expect("a recorder");
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

/// The process that is killed while a sync does not end: says up to when groups of pictures that are over stand in its file.
#[test]
fn syncing_child() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let (root, fate) = (Path::new(&folder), Fate::healthy());
    let folder = root.join("disk0");
    let disk = FailingDisk {
        folder: folder.clone(),
        fate: Arc::clone(&fate),
    };
    let recorder = Recorder::open(config(root, 1), Arc::new(disk), |_| {}).expect("a recorder");
    let mut camera = Camera::new(10, 3_000);
    let mut tap = recorder.tap(&name(1), &camera.hub, camera.now);
    let status = || recorder.status(&name(1)).expect("known");
    camera.send_all(&mut tap, 11);
    until("a group is on disk", || status().safe_until_us.is_some());
    fate.sync_hangs.store(true, Ordering::SeqCst);
    let before = fate.syncs_begun.load(Ordering::SeqCst);
    camera.send_all(&mut tap, 10);
    until("a sync begins", || {
        fate.syncs_begun.load(Ordering::SeqCst) > before
    });
    camera.send_all(&mut tap, 50);
    let open = camera.sent.last().expect("a picture").len() as u64 + 320;
    let over = camera.sent_bytes() - open;
    until("all groups that are over are written", || {
        let written = files(&folder);
        let sizes = written
            .iter()
            .map(|one| one.metadata().expect("a file").len());
        sizes.sum::<u64>() >= over
    });
    let over_us = camera.now.wall_us - support::PICTURE_US;
    let safe_us = status().safe_until_us.expect("the first group is");
    let told = format!("over {} {over_us} {safe_us}", camera.began_us);
    writeln!(std::io::stdout(), "{told}").expect("a reader");
    std::thread::park(); // until it is killed
}

/// This program as one of its children, which records below `root`.
fn begin(
    what: &str,
    root: &Path,
    told: &[(&str, String)],
) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", what, "--nocapture", "--test-threads=1"])
        .env(FOLDER, root)
        .envs(told.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    (child, lines)
}

/// What it says next behind that word.
fn numbers(lines: &mut Lines<BufReader<ChildStdout>>, word: &str) -> Vec<i64> {
    let mut said = lines.by_ref().map_while(Result::ok);
    let line = said.find(|line| line.contains(word));
    let line = line.expect("the child records");
    let numbers = line.split(word).nth(1).expect("numbers").split(' ');
    numbers
        .map(|text| text.parse().expect("a number"))
        .collect()
}

fn kill(mut child: Child) {
    child.kill().expect("it runs");
    child.wait().expect("it ended");
}

/// Footage from when a run began to when it was told to be safe is found.
fn is_found(bench: &Bench, began_us: i64, safe_until_us: i64) {
    until("a run's footage is found", || {
        let spans = bench.spans(&name(1));
        let whole = |span: &recording::Span| {
            span.start_us <= began_us + 20_000 && span.end_us >= safe_until_us
        };
        spans.iter().any(whole)
    });
}

#[test]
fn a_kill_while_a_disk_syncs_takes_the_open_group_alone() {
    let root = tempfile::tempdir().expect("a folder");
    let (child, mut lines) = begin("syncing_child", root.path(), &[]);
    let said = numbers(&mut lines, "over ");
    kill(child);
    let [began_us, over_us, safe_us] = said[..] else {
        panic!("{said:?}");
    };
    assert!(safe_us < over_us, "nothing of it was told to be safe");
    let bench = Bench::on_system_disk(root.path(), 1);
    is_found(&bench, began_us, over_us);
}

#[test]
fn nothing_that_was_told_to_be_on_a_slow_disk_is_lost_by_a_kill() {
    const AT_ONCE: usize = 6;
    let slow = [(SLOW, "500".to_owned())];
    let roots: Vec<_> = (0..AT_ONCE)
        .map(|_| tempfile::tempdir().expect("a folder"))
        .collect();
    let children: Vec<_> = roots
        .iter()
        .map(|root| begin("recording_child", root.path(), &slow))
        .collect();
    for (round, ((child, mut lines), root)) in children.into_iter().zip(&roots).enumerate() {
        let said = (0..=round % 3).map(|_| numbers(&mut lines, "safe "));
        let told = said.last().expect("at least one");
        kill(child);
        let bench = Bench::on_system_disk(root.path(), 2);
        is_found(&bench, told[0], told[1]);
    }
}

#[test]
fn nothing_that_was_told_to_be_on_disk_is_lost_by_kills() {
    let root = tempfile::tempdir().expect("a folder");
    let mut safe = Vec::new();
    for round in 0..ROUNDS {
        let held = [(HELD, (round % 2 * 45).to_string())];
        let (child, mut lines) = begin("recording_child", root.path(), &held);
        let said = (0..=round % 3).map(|_| numbers(&mut lines, "safe "));
        let told = said.last().expect("at least one");
        kill(child);
        safe.push((told[0], told[1]));
    }
    let bench = Bench::on_system_disk(root.path(), 2);
    for &(began, safe_until) in &safe {
        is_found(&bench, began, safe_until);
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
