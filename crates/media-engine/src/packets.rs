//! From a worker's sockets to the sources: whose packet it is, and what a packet of nobody's means. RFC 3550.
use crate::keeper::guarded;
use crate::shared::Shared;
use crate::table::Cell;
use rtp::{SenderReport, is_rtcp, peek_ssrc};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Packets of one sender, in order: whether any were taken. Each source is locked once for a run of its packets.
pub(crate) fn take_packets<'a>(
    shared: &Shared,
    packets: impl Iterator<Item = &'a [u8]>,
    from: SocketAddr,
    own: Option<&Arc<Cell>>,
    now_ms: u64,
    finished: &mut Vec<Arc<Cell>>,
) -> bool {
    let mut any = false;
    let mut packets = packets.peekable();
    while let Some(packet) = packets.next() {
        let Some(ssrc) = peek_ssrc(packet) else {
            if is_rtcp(packet) {
                take_report(shared, packet, from, own);
            } else {
                shared.table.count_malformed();
            }
            continue;
        };
        let Some(cell) = own
            .cloned()
            .or_else(|| shared.table.find(ssrc, from, false))
        else {
            shared
                .table
                .unclaimed(ssrc, from.ip(), now_ms, &shared.events);
            continue;
        };
        if cell.failed.load(Ordering::Relaxed) {
            while packets
                .next_if(|next| peek_ssrc(next) == Some(ssrc))
                .is_some()
            {}
            continue;
        }
        let done = guarded(shared, &cell, || {
            let mut source = cell.source();
            let mut taken = source.packet(packet, from, now_ms, &shared.events);
            while let Some(next) = packets.next_if(|next| peek_ssrc(next) == Some(ssrc)) {
                taken &= source.packet(next, from, now_ms, &shared.events);
            }
            (taken, source.drain(&shared.events))
        });
        let Some((taken, pictures)) = done else {
            continue;
        };
        any |= taken;
        if !taken {
            shared
                .table
                .unclaimed(ssrc, from.ip(), now_ms, &shared.events);
        }
        if pictures
            && cell.viewers.load(Ordering::Relaxed) > 0
            && !cell.dirty.swap(true, Ordering::AcqRel)
        {
            finished.push(cell);
        }
    }
    any
}

/// What a sender says of its clock. All else in reports is passed over: nobody asks for it.
pub(crate) fn take_report(
    shared: &Shared,
    compound: &[u8],
    from: SocketAddr,
    own: Option<&Arc<Cell>>,
) {
    let Some(report) = SenderReport::parse(compound) else {
        return;
    };
    let cell = own
        .cloned()
        .or_else(|| shared.table.heard(report.ssrc, from.ip()));
    if let Some(cell) = cell.filter(|cell| !cell.failed.load(Ordering::Relaxed)) {
        guarded(shared, &cell, || cell.source().report(&report, from.ip()));
    }
}
