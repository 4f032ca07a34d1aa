//! H.264 or H.265 straight in RTP: payloads of one time stamp make a frame.
use bytes::Bytes;
use media_types::Codec;
use rtp::{H264Depacketizer, H265Depacketizer};

#[derive(Debug)]
enum Format {
    H264(H264Depacketizer),
    H265(H265Depacketizer),
    /// Cameras that put Annex B into RTP without a payload format.
    AnnexB,
}

/// Gathers one frame at a time.
#[derive(Debug)]
pub(crate) struct ElementaryPath {
    format: Format,
    frame: Vec<u8>,
    usual_len: usize,
    rtp_time: i64,
    damaged: bool,
    max_frame_bytes: usize,
    pub damaged_frames: u64,
    pub oversized_frames: u64,
}

impl ElementaryPath {
    pub(crate) fn new(codec: Option<Codec>, max_frame_bytes: usize) -> Self {
        let format = match codec {
            Some(Codec::H265) => Format::H265(H265Depacketizer::default()),
            Some(_) => Format::H264(H264Depacketizer::default()),
            None => Format::AnnexB,
        };
        Self {
            format,
            frame: Vec::new(),
            usual_len: 0,
            rtp_time: 0,
            damaged: false,
            max_frame_bytes,
            damaged_frames: 0,
            oversized_frames: 0,
        }
    }

    /// A packet with another time stamp ends the frame, unless a fragment of it is still due.
    pub(crate) fn push(&mut self, payload: &[u8], rtp_time: i64) -> Option<(i64, Bytes)> {
        let ended = if rtp_time != self.rtp_time && self.at_border() {
            self.end_frame()
        } else {
            None
        };
        if self.frame.is_empty() {
            self.frame.reserve(self.usual_len);
            self.rtp_time = rtp_time;
        }
        let pushed = match &mut self.format {
            Format::H264(format) => format.push(payload, &mut self.frame),
            Format::H265(format) => format.push(payload, &mut self.frame),
            Format::AnnexB => {
                self.frame.extend_from_slice(payload);
                Ok(())
            }
        };
        if pushed.is_err() {
            self.damaged = true;
        }
        if self.frame.len() > self.max_frame_bytes {
            self.oversized_frames += u64::from(!self.damaged);
            self.damaged = true;
            self.frame = Vec::new();
        }
        ended
    }

    pub(crate) fn at_border(&self) -> bool {
        match &self.format {
            Format::H264(format) => !format.in_fragment(),
            Format::H265(format) => !format.in_fragment(),
            Format::AnnexB => true,
        }
    }

    pub(crate) fn has_open_frame(&self) -> bool {
        !self.frame.is_empty()
    }

    pub(crate) fn end_frame(&mut self) -> Option<(i64, Bytes)> {
        let frame = std::mem::take(&mut self.frame);
        if std::mem::take(&mut self.damaged) {
            self.damaged_frames += 1;
            return None;
        }
        if frame.is_empty() {
            return None;
        }
        self.usual_len = frame.len();
        let bytes = if frame.capacity() > frame.len() * 5 / 4 {
            Bytes::copy_from_slice(&frame)
        } else {
            Bytes::from(frame)
        };
        Some((self.rtp_time, bytes))
    }

    /// Packets are missing: the open frame is dropped when it ends.
    pub(crate) fn lose(&mut self) {
        self.damaged = true;
        match &mut self.format {
            Format::H264(format) => format.lose(),
            Format::H265(format) => format.lose(),
            Format::AnnexB => {}
        }
    }
}
