//! `key=value` words, the core, and the clock.
use std::collections::HashMap;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

pub struct Arguments(HashMap<String, String>);

impl Arguments {
    pub fn parse(words: impl Iterator<Item = String>) -> Self {
        Self(
            words
                .filter_map(|word| {
                    word.split_once('=')
                        .map(|(key, value)| (key.to_owned(), value.to_owned()))
                })
                .collect(),
        )
    }

    pub fn get<Value: FromStr>(&self, key: &str, default: Value) -> Result<Value, String> {
        match self.0.get(key) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| format!("{key}={text} cannot be read")),
        }
    }

    pub fn text(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }

    pub fn seconds(&self) -> Result<Duration, String> {
        let seconds = self.get("seconds", 8_u64)?;
        (seconds <= 120)
            .then(|| Duration::from_secs(seconds))
            .ok_or_else(|| "at most 120 seconds".to_owned())
    }

    /// The address to load. Loopback only.
    pub fn target(&self) -> Result<SocketAddr, String> {
        let to: SocketAddr = self
            .text("to")
            .parse()
            .map_err(|_| "to=host:port is needed".to_owned())?;
        loopback(to)
    }

    /// Goes before all others on its core, where the system allows it: what it measures is then the server's delay, not the
    /// other loads'. False where it does not.
    pub fn go_first() -> bool {
        // SAFETY: takes a live struct.
        unsafe {
            let mut order: libc::sched_param = std::mem::zeroed();
            order.sched_priority = 1;
            libc::sched_setscheduler(0, libc::SCHED_FIFO, &order) == 0
        }
    }

    pub fn pin_and_raise_limits(&self) {
        if let Ok(core) = self.get("core", usize::MAX)
            && core != usize::MAX
        {
            // SAFETY: a zeroed set is valid; the call reads it only.
            unsafe {
                let mut set: libc::cpu_set_t = std::mem::zeroed();
                libc::CPU_SET(core, &mut set);
                libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
            }
        }
        // SAFETY: both calls take a live struct.
        unsafe {
            let mut limit: libc::rlimit = std::mem::zeroed();
            libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}

pub fn loopback(to: SocketAddr) -> Result<SocketAddr, String> {
    to.ip()
        .is_loopback()
        .then_some(to)
        .ok_or_else(|| format!("{to} is not a loopback address"))
}

/// CLOCK_MONOTONIC in nanoseconds: the same for every program of this machine.
pub fn now_ns() -> u64 {
    // SAFETY: plain data, filled by a call that cannot fail for this clock.
    let time = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
        time
    };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Processor seconds of this thread.
pub fn core_s() -> f64 {
    // SAFETY: plain data, filled by a call that cannot fail for this clock.
    let time = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time);
        time
    };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The value below which `share` of `sorted` lies.
pub fn percentile(sorted: &[u64], share: f64) -> u64 {
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(0)
}
