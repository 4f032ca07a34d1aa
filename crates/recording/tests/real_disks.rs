//! Real file systems, small ones in memory: one that is read-only, and ones that have no room or no names left in the midst of
//! recording.
mod support;

use recording::{RecordingEvent, StreamName};
use std::ffi::CString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::{Bench, Camera, name, names_within_an_hour, until};

/// A file system of our own, until it is dropped.
struct Mounted(PathBuf);

fn mount(folder: &Path, options: &str, flags: libc::c_ulong) -> io::Result<()> {
    let path = CString::new(folder.as_os_str().as_encoded_bytes()).expect("no zeros");
    let options = CString::new(options).expect("no zeros");
    // SAFETY: strings that live for the whole call.
    let done = unsafe {
        libc::mount(
            c"tmpfs".as_ptr(),
            path.as_ptr(),
            c"tmpfs".as_ptr(),
            flags,
            options.as_ptr().cast(),
        )
    };
    if done < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

impl Mounted {
    /// None: whoever runs the tests may not mount.
    fn at(folder: PathBuf, options: &str) -> Option<Self> {
        fs::create_dir_all(&folder).expect("room");
        match mount(&folder, options, 0) {
            Ok(()) => Some(Self(folder)),
            Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
                eprintln!("not looked at: only root may mount");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let path = CString::new(self.0.as_os_str().as_encoded_bytes()).expect("no zeros");
        // SAFETY: a string that lives for the whole call.
        unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) };
    }
}

/// Records on a disk of its own with these bounds, `ail`s it, and sees that nothing is missing.
fn nothing_is_missing(options: &str, ail: impl FnOnce(&Path)) {
    let root = tempfile::tempdir().expect("a folder");
    let Some(disk) = Mounted::at(root.path().join("disk0"), options) else {
        return;
    };
    let bench = Bench::on_system_disk(root.path(), 2);
    let at_home = |stream: &StreamName| {
        let mut camera = Camera::new(2, 200);
        let mut tap = bench.recorder.tap(stream, &camera.hub, camera.now);
        camera.send_all(&mut tap, 3);
        tap.finish(camera.now);
        let status = bench.recorder.status(stream);
        status.and_then(|status| status.folder) == Some(disk.0.clone())
    };
    let stream = names_within_an_hour().find(at_home).expect("one of many");
    bench.settle();
    let mut camera = Camera::new(25, 4_000);
    camera.now.wall_us += 10_000_000; // behind what made it at home there
    let from = camera.now.wall_us;
    let mut tap = bench.recorder.tap(&stream, &camera.hub, camera.now);
    camera.send_all(&mut tap, 60);
    bench.settle();
    ail(&disk.0);
    let ailed = Instant::now();
    let moved = |event: &RecordingEvent| matches!(event, RecordingEvent::StreamMoved { stream: one, .. } if *one == stream);
    until("the stream moves", || {
        camera.send(&mut tap);
        bench.told().iter().any(moved)
    });
    assert!(
        ailed.elapsed() < Duration::from_secs(5),
        "{:?}",
        ailed.elapsed()
    );
    camera.send_all(&mut tap, 60);
    tap.finish(camera.now);
    bench.settle();
    until("all of it is found", || {
        let spans = bench.spans(&stream);
        let recorded = spans
            .iter()
            .map(|span| (span.end_us - span.start_us.max(from)).max(0));
        recorded.sum::<i64>() == camera.now.wall_us - from
    });
    let status = bench.recorder.status(&stream).expect("known");
    assert_eq!(status.lost_fragments, 0);
}

#[test]
fn a_file_system_that_is_read_only_is_left_out_until_it_can_be_written_to() {
    let root = tempfile::tempdir().expect("a folder");
    let Some(disk) = Mounted::at(root.path().join("disk0"), "size=16m") else {
        return;
    };
    let remount = |flags| mount(&disk.0, "size=16m", libc::MS_REMOUNT | flags).expect("ours");
    remount(libc::MS_RDONLY);
    let bench = Bench::on_system_disk(root.path(), 2);
    let mut cameras: Vec<_> = (0..8)
        .map(|number| {
            let camera = Camera::new(25, 1_000);
            let tap = bench.recorder.tap(&name(number), &camera.hub, camera.now);
            (name(number), camera, tap)
        })
        .collect();
    until("the folder is told to be out of use", || {
        bench.recorder.troubles().len() == 1
    });
    for (stream, camera, tap) in &mut cameras {
        camera.send_all(tap, 60);
        tap.finish(camera.now);
        bench.found_until(stream, camera.now.wall_us);
        let spans = bench.spans(stream);
        assert_eq!(
            (spans.len(), spans[0].start_us, spans[0].end_us),
            (1, camera.began_us, camera.now.wall_us)
        );
    }
    remount(0);
    until("it is taken again", || bench.recorder.troubles().is_empty());
}

#[test]
fn a_file_system_without_room_loses_nothing() {
    nothing_is_missing("size=16m", |folder| {
        let full = fs::write(folder.join("other"), vec![1; 32 << 20]);
        assert_eq!(
            full.expect_err("no room").kind(),
            io::ErrorKind::StorageFull
        );
    });
}

#[test]
fn a_file_system_without_names_loses_nothing() {
    nothing_is_missing("size=64m,nr_inodes=400", |folder| {
        let mut number = 0;
        while fs::write(folder.join(format!("other{number}")), b"").is_ok() {
            number += 1;
        }
        assert!(number > 0);
    });
}
