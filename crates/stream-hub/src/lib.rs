//! One source, many readers: a ring from the last key frame on, each reader a cursor in it. Nothing copies a frame per
//! reader; a reader that falls behind skips to the newest key frame and slows nobody. No I/O, no clock.
mod decode_times;
mod frame;
mod hub;
mod picture_order;
mod sound_track;

pub use frame::{Frame, SoundTime, websocket_header};
pub use hub::{Cursor, Hub, HubReader, Next, VideoInfo};
