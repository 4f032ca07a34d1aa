//! The table that a closed file ends with: the facts of all its fragments, read at once instead of one by one.
//!
//! `uuid` box: checksum, stream's name, the digest of all pictures (SHA-256 over the digests of the fragments' bodies, in order; not in
//! files of before, whose mark ends with 1), count, an entry for each fragment; then, outside of the checksum, its own length and a mark
//! as the last eight bytes of the file.
use crate::facts::{BOX_HEAD, Digest, FACTS_BYTES, Facts, Located, StreamName, checksum};
use bytes::{Buf, BufMut, BytesMut};

const TABLE_UUID: [u8; 16] = *b"\xF5\x5A\x1C\x9DFENGSUI\x07\x74\x61\x62\x02";
const TABLE_UUID_1: [u8; 16] = *b"\xF5\x5A\x1C\x9DFENGSUI\x07\x74\x61\x62\x01";
const ENTRY_BYTES: usize = 8 + 4 + 4 + FACTS_BYTES;
/// Length and mark.
pub(crate) const TAIL: usize = 8;
const MARK: [u8; 4] = *b"fsTB";
/// More fragments no file has: one each 40 ms for two hours.
const MAX_ENTRIES: usize = 200_000;
pub(crate) const MAX_TABLE: u32 = (MAX_ENTRIES * ENTRY_BYTES + 1024) as u32;

/// Appends the table. `digest`: of the pictures, where it is known.
pub(crate) fn put_table(
    out: &mut BytesMut,
    stream: &StreamName,
    fragments: &[Located],
    digest: Option<&Digest>,
) {
    let start = out.len();
    let fragments = &fragments[..fragments.len().min(MAX_ENTRIES)];
    let name = stream.as_str().as_bytes();
    let mark = digest.map_or(TABLE_UUID_1, |_| TABLE_UUID);
    let digest = digest.map_or(&[][..], |one| &one[..]);
    let fixed = BOX_HEAD + 4 + 1 + name.len() + digest.len() + 4;
    let size = fixed + fragments.len() * ENTRY_BYTES + TAIL;
    out.reserve(size);
    out.put_u32(size as u32); // at most MAX_TABLE
    out.put_slice(b"uuid");
    out.put_slice(&mark);
    out.put_u32(0);
    out.put_u8(name.len() as u8); // at most 96
    out.put_slice(name);
    out.put_slice(digest);
    out.put_u32(fragments.len() as u32); // at most MAX_ENTRIES
    for one in fragments {
        out.put_u64(one.offset);
        out.put_u32(one.head_bytes);
        out.put_u32(one.body_bytes);
        one.facts.put(out);
    }
    out.put_u32(size as u32);
    out.put_slice(&MARK);
    let crc = checksum(&out[start..]);
    out[start + BOX_HEAD..start + BOX_HEAD + 4].copy_from_slice(&crc.to_be_bytes());
}

/// How long the table is whose file ends with these eight bytes.
pub(crate) fn table_bytes(tail: &[u8; TAIL]) -> Option<u32> {
    let size = u32::from_be_bytes(*tail.first_chunk()?);
    (tail[4..] == MARK && size <= MAX_TABLE && size as usize > BOX_HEAD + TAIL).then_some(size)
}

/// What a file ends with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub stream: StreamName,
    pub fragments: Vec<Located>,
    pub digest: Option<Digest>,
}

/// The table that `whole` is. None for anything else.
pub(crate) fn read_table(whole: &[u8]) -> Option<Told> {
    let size = u32::from_be_bytes(*whole.first_chunk()?) as usize;
    if size != whole.len() || size < BOX_HEAD + 4 + TAIL {
        return None;
    }
    let has_digest = whole[8..BOX_HEAD] == TABLE_UUID;
    if !has_digest && whole[8..BOX_HEAD] != TABLE_UUID_1 {
        return None;
    }
    let mut rest = &whole[BOX_HEAD..size - TAIL];
    if rest.get_u32() != checksum(whole) {
        return None;
    }
    let named = usize::from(rest.try_get_u8().ok()?);
    let name = rest.get(..named)?;
    let stream = StreamName::new(std::str::from_utf8(name).ok()?)?;
    rest.advance(named);
    let mut digest = None;
    if has_digest {
        digest = Some(*rest.first_chunk()?);
        rest.advance(size_of::<Digest>());
    }
    let count = rest.try_get_u32().ok()? as usize;
    if rest.len() != count.checked_mul(ENTRY_BYTES)? {
        return None;
    }
    let entries = rest.chunks_exact(ENTRY_BYTES).map(|mut entry| {
        let (offset, head_bytes, body_bytes) = (entry.get_u64(), entry.get_u32(), entry.get_u32());
        let facts = Facts::get(entry.first_chunk()?);
        Some(Located {
            facts,
            offset,
            head_bytes,
            body_bytes,
        })
    });
    Some(Told {
        stream,
        fragments: entries.collect::<Option<_>>()?,
        digest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_table_is_read_back_and_no_changed_byte_goes_unseen(
            facts in prop::collection::vec(any::<u8>(), 0..6), digest in any::<Option<Digest>>(), at in any::<prop::sample::Index>(), change in 1u8..
        ) {
            let stream = StreamName::new("cam/sub").expect("a name");
            let fragments: Vec<Located> =
                facts.into_iter().map(|byte| Facts::get(&[byte; FACTS_BYTES])).map(|facts| Located { facts, offset: 9, head_bytes: 1, body_bytes: 2 }).collect();
            let mut out = BytesMut::new();
            put_table(&mut out, &stream, &fragments, digest.as_ref());
            let tail = *out.last_chunk().expect("longer");
            prop_assert_eq!(table_bytes(&tail), Some(out.len() as u32));
            prop_assert_eq!(read_table(&out), Some(Told { stream, fragments, digest }));
            let at = at.index(out.len());
            out[at] ^= change;
            prop_assert_eq!(read_table(&out), None);
        }
    }
}
