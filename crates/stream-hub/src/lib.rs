//! One source, many readers: a ring from the last key frame on, each reader a cursor in it. Nothing copies a frame per
//! reader; a reader that falls behind skips to the newest key frame and slows nobody, and for a keeper the ring holds
//! what it has not yet had. No I/O, no clock.
mod decode_times;
mod frame;
mod hub;
mod picture_order;
mod sound_track;
mod video_info;

pub use frame::{Frame, SoundTime, websocket_header};
pub use hub::{Cursor, Hub, HubReader, Keeper, Next, Taken};
pub use video_info::VideoInfo;
