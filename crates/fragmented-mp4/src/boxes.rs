//! Boxes: four bytes of size, four of type, the body.
use bytes::{BufMut, BytesMut};

/// Writes a box around what `body` writes.
pub(crate) fn boxed(out: &mut BytesMut, kind: &[u8; 4], body: impl FnOnce(&mut BytesMut)) {
    let start = out.len();
    out.put_u32(0);
    out.put_slice(kind);
    body(out);
    let size = (out.len() - start) as u32; // headers only: far below 4 GiB
    out[start..start + 4].copy_from_slice(&size.to_be_bytes());
}

/// As [`boxed`], with version and flags.
pub(crate) fn full_box(
    out: &mut BytesMut,
    kind: &[u8; 4],
    version: u8,
    flags: u32,
    body: impl FnOnce(&mut BytesMut),
) {
    boxed(out, kind, |out| {
        out.put_u32(u32::from(version) << 24 | flags);
        body(out);
    });
}
