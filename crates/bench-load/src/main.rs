//! Loads for the benches: cameras, viewers. Loopback only, each run ends by itself. Prints one JSON object.
//!
//! `bench-load <send|rtsp|footage|read|first|hls|whep|bare-receive|bare-fan-out|bare-srtp> key=value …`; see each module for its keys. `core=N` pins the program.
mod arguments;
mod bare;
mod film;
mod footage;
mod hls;
mod read;
mod rtsp;
mod send;
mod sound;
mod tls;
mod whep;

use arguments::Arguments;

fn main() {
    let mut words = std::env::args().skip(1);
    let mode = words.next().unwrap_or_default();
    let arguments = Arguments::parse(words);
    arguments.pin_and_raise_limits();
    let report = match mode.as_str() {
        "send" => send::run(&arguments),
        "read" => read::run(&arguments),
        "first" => read::first(&arguments),
        "hls" => hls::run(&arguments),
        "whep" => whep::run(&arguments),
        "rtsp" => rtsp::run(&arguments),
        "footage" => footage::run(&arguments),
        "bare-receive" => bare::receive(&arguments),
        "bare-fan-out" => bare::fan_out(&arguments),
        "bare-srtp" => bare::srtp(&arguments),
        other => Err(format!(
            "no load {other:?}; loads are send, rtsp, footage, read, first, hls, whep, bare-receive, bare-fan-out, bare-srtp"
        )),
    };
    match report {
        Ok(report) => println!("{report}"),
        Err(error) => {
            eprintln!("bench-load {mode}: {error}");
            std::process::exit(1);
        }
    }
}
