//! G.711 as FLAC frames without loss: the way of cameras' sound into browsers' MP4. One channel, 8 000 Hz, 16 bits.
//! Fixed predictors, one Rice partition. No I/O. Source: RFC 9639; the MP4 box after "FLAC in ISOBMFF" 3.3.2.
mod bits;
mod frame;

pub use frame::frame_of_g711;

pub const SAMPLE_RATE_HZ: u32 = 8_000;

/// The body of the `dfLa` box: version and flags, then STREAMINFO as the last metadata block. RFC 9639 §8.2.
pub fn decoder_configuration() -> [u8; 42] {
    let mut body = [0; 42];
    body[4] = 0x80; // the last block, of type STREAMINFO
    body[7] = 34;
    body[8..10].copy_from_slice(&16_u16.to_be_bytes()); // block sizes from 16 …
    body[10..12].copy_from_slice(&u16::MAX.to_be_bytes()); // … to 65 535, frame sizes unknown
    let rate_channels_bits = u64::from(SAMPLE_RATE_HZ) << 44 | (16 - 1) << 36; // one channel, length unknown
    body[18..26].copy_from_slice(&rate_channels_bits.to_be_bytes());
    body
}
