//! One WebRTC viewer in a worker: pictures packetised once for all, sent in runs of segments, key frames paced.
use crate::admission::Admission;
use crate::event::{Event, EventKind};
use crate::shared::Shared;
use crate::viewer::Progress;
use crate::whep::Sessions;
use media_types::Codec;
use std::collections::{HashMap, VecDeque};
use std::net::{SocketAddr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use stream_hub::{Cursor, Frame, Next, SoundTime};
use udp_batch::send_segments;
use webrtc::{Packets, Resending, Session, Wanted};

/// Ticks between pictures that are sent in one go at the start, so that the player shows the newest at once.
const BURST_STEP_90K: i64 = 90;
/// Packets to one viewer in one turn: a key frame goes out over a few milliseconds instead of flooding the way.
const PACKETS_A_TURN: usize = 96;
/// Pictures that may wait for their turn; beyond, the viewer begins anew at a key frame.
const MAX_QUEUED: usize = 400;
/// Seconds from 1900 to 1970.
const NTP_OFFSET: u64 = 2_208_988_800;

/// Pictures of this worker's sources as packets, and room to write them.
#[derive(Default)]
pub(crate) struct Cutter {
    newest: HashMap<u64, (u64, Arc<Packets>)>,
    out: Vec<u8>,
}

impl Cutter {
    fn packets(&mut self, source: u64, frame: &Frame) -> Arc<Packets> {
        if let Some((sequence, packets)) = self.newest.get(&source)
            && *sequence == frame.sequence
        {
            return Arc::clone(packets);
        }
        let packets = Arc::new(Packets::of(frame.codec, &frame.bytes));
        let newer = self
            .newest
            .get(&source)
            .is_none_or(|(sequence, _)| frame.sequence > *sequence);
        if newer {
            self.newest
                .insert(source, (frame.sequence, Arc::clone(&packets)));
        }
        packets
    }

    pub fn forget(&mut self, source: u64) {
        self.newest.remove(&source);
    }
}

enum Queued {
    Picture {
        codec: Codec,
        packets: Arc<Packets>,
        sent: usize,
        timestamp: u32,
    },
    Sound(Arc<Frame>, SoundTime),
}

pub(crate) struct RtcViewer {
    pub id: u64,
    session: Session,
    socket: Arc<UdpSocket>,
    sessions: Arc<Sessions>,
    admission: Admission,
    cursor: Cursor,
    queue: VecDeque<Queued>,
    /// Whether the first burst was sent.
    started: bool,
    wanted: Vec<Wanted>,
    broken: bool,
}

impl RtcViewer {
    pub fn new(
        id: u64,
        session: Session,
        socket: Arc<UdpSocket>,
        sessions: Arc<Sessions>,
        admission: Admission,
    ) -> Self {
        admission.cell.viewers.fetch_add(1, Ordering::Relaxed);
        Self {
            id,
            session,
            socket,
            sessions,
            cursor: admission.cell.hub.cursor(),
            admission,
            queue: VecDeque::new(),
            started: false,
            wanted: Vec::new(),
            broken: false,
        }
    }

    pub fn source(&self) -> u64 {
        self.admission.cell.id
    }

    pub fn end_if_revoked(&mut self) -> bool {
        let revoked = self.admission.is_revoked();
        if revoked {
            self.admission.reason = "session ended";
        }
        revoked
    }

    pub fn datagram(&mut self, from: SocketAddr, bytes: &[u8], shared: &Shared) {
        let mut wanted = std::mem::take(&mut self.wanted);
        let session = &mut self.session;
        // The handshake is young foreign code: should it panic, one viewer ends and the worker goes on.
        let input = || session.handle(from, bytes, Instant::now(), &mut wanted);
        if catch_unwind(AssertUnwindSafe(input)).is_err() {
            self.broken = true;
            return;
        }
        self.fulfil(&mut wanted, shared);
        self.wanted = wanted;
        let Resending { sent, refused } = self.session.take_resending();
        if sent + refused > 0 {
            shared.resent_packets.fetch_add(sent, Ordering::Relaxed);
            shared.refused_resends.fetch_add(refused, Ordering::Relaxed);
        }
    }

    /// False when the viewer is gone.
    pub fn tick(&mut self, now: Instant, shared: &Shared) -> bool {
        let mut wanted = std::mem::take(&mut self.wanted);
        self.session.handle_timeout(now, ntp_now(), &mut wanted);
        self.fulfil(&mut wanted, shared);
        self.wanted = wanted;
        !self.broken && self.session.is_alive(now)
    }

    fn fulfil(&self, wanted: &mut Vec<Wanted>, shared: &Shared) {
        for step in wanted.drain(..) {
            match step {
                Wanted::Send(to, bytes) => {
                    self.admission.sent(bytes.len());
                    // What the socket does not take is lost, as the network might lose it.
                    let _ = self.socket.send_to(&bytes, to);
                }
                Wanted::KeyFrame => {
                    let cell = &self.admission.cell;
                    shared
                        .events
                        .push(Event::new(EventKind::KeyFrameWanted, cell.id, &cell.name));
                }
            }
        }
    }

    /// Sends one turn's worth of what there is.
    pub fn send(&mut self, cutter: &mut Cutter) -> Progress {
        let ready = self.session.is_connected() && !self.broken;
        let (true, Some(to)) = (ready, self.session.remote()) else {
            return Progress::Alive;
        };
        let mut left = PACKETS_A_TURN;
        loop {
            let Some(front) = self.queue.front_mut() else {
                match self.fill(cutter) {
                    Progress::More => continue,
                    other => return other,
                }
            };
            if left == 0 {
                return Progress::More;
            }
            match front {
                Queued::Sound(frame, time) => {
                    let (socket, admission) = (&self.socket, &self.admission);
                    let timestamp = time.first_sample as u32; // RTP time wraps
                    self.session
                        .write_sound(frame.codec, &frame.bytes, timestamp, |packet| {
                            admission.sent(packet.len());
                            let _ = socket.send_to(packet, to);
                        });
                    left -= 1;
                    self.queue.pop_front();
                }
                Queued::Picture {
                    codec,
                    packets,
                    sent,
                    timestamp,
                } => {
                    cutter.out.clear();
                    let run =
                        self.session
                            .write_run(*codec, packets, *sent, *timestamp, &mut cutter.out);
                    let Some(run) = run else {
                        self.queue.pop_front();
                        continue;
                    };
                    self.admission.sent(cutter.out.len());
                    // A full socket loses the run, as the network might; the player asks for it again (NACK).
                    let _ = send_segments(&self.socket, to, &cutter.out, run.segment);
                    left = left.saturating_sub(run.count);
                    *sent += run.count;
                    if *sent >= packets.len() {
                        self.queue.pop_front();
                    }
                }
            }
        }
    }

    /// Queues what is new. `More`: something was queued.
    fn fill(&mut self, cutter: &mut Cutter) -> Progress {
        let (mut frames, mut sounds) = (Vec::new(), Vec::new());
        loop {
            let next = self.cursor.try_next();
            self.admission.count_skipped(self.cursor.skipped());
            match next {
                Some(Next::Frame(frame)) if frame.sound.is_some() => sounds.push(frame),
                Some(Next::Frame(frame)) if self.session.takes(frame.codec) => frames.push(frame),
                Some(Next::Frame(_)) => {
                    self.admission.reason = "codec not taken";
                    return Progress::Gone;
                }
                Some(Next::Closed) => {
                    self.admission.reason = "source closed";
                    return Progress::Gone;
                }
                None => break,
            }
        }
        if self.cursor.hub().is_reordered() {
            self.admission.reason = "pictures out of order";
            return Progress::Gone; // the player is told so when it asks anew
        }
        if self.started {
            // Beside the first burst of pictures sound would be long past.
            let sounds = sounds.into_iter().take(MAX_QUEUED);
            self.queue.extend(
                sounds.filter_map(|frame| frame.sound.map(|time| Queued::Sound(frame, time))),
            );
        }
        let Some(newest) = frames.last().map(|frame| frame.pts_90k) else {
            return if self.queue.is_empty() {
                Progress::Alive
            } else {
                Progress::More
            };
        };
        let count = frames.len() as i64; // a ring's length at most
        for (index, frame) in frames.iter().enumerate().take(MAX_QUEUED) {
            let pts = if self.started {
                frame.pts_90k
            } else {
                newest - (count - 1 - index as i64) * BURST_STEP_90K
            };
            self.queue.push_back(Queued::Picture {
                codec: frame.codec,
                packets: cutter.packets(self.admission.cell.id, frame),
                sent: 0,
                timestamp: pts as u32, // RTP time wraps
            });
        }
        self.started = true;
        Progress::More
    }
}

impl Drop for RtcViewer {
    fn drop(&mut self) {
        self.admission.cell.viewers.fetch_sub(1, Ordering::Relaxed);
        self.sessions.remove(self.id);
        let (session, socket) = (&mut self.session, &self.socket);
        let goodbye = || {
            let mut wanted = Vec::new();
            session.end(&mut wanted);
            for step in wanted {
                if let Wanted::Send(to, bytes) = step {
                    let _ = socket.send_to(&bytes, to); // lost: the player finds out by itself, later
                }
            }
        };
        if !self.broken {
            let _ = catch_unwind(AssertUnwindSafe(goodbye)); // young foreign code, as in `datagram`
        }
    }
}

fn ntp_now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = (since.as_secs() + NTP_OFFSET) << 32;
    let fraction = u64::from(since.subsec_nanos()) * (1 << 32) / 1_000_000_000;
    seconds | fraction
}
