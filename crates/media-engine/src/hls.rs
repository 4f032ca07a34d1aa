//! HLS in fMP4 with low-latency parts over HTTP: what is asked for, by whom, and which playlists are open for it. Source: RFC 8216.
use crate::admission::{admit, allowed};
use crate::footage_hls::{self, RECORDED};
use crate::http::{Rooms, query_value};
use crate::playlist::{BLOCK_LIMIT, Playlist, Viewer, cut};
use crate::refusal::Refusal;
use crate::ticket::TicketError;
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use stream_hub::Next;

/// What there is below a source's name, and how it is asked for.
const FILES: [&str; 2] = ["index.m3u8", "init.mp4"];
const FOLDERS: [&str; 2] = ["/seg/", "/part/"];
pub(crate) const ASKED: [&str; FILES.len() + FOLDERS.len()] = [
    "GET /hls/{name}/index.m3u8",
    "GET /hls/{name}/init.mp4",
    "GET /hls/{name}/seg/{file}",
    "GET /hls/{name}/part/{file}",
];

#[derive(Default)]
pub(crate) struct Playlists {
    open: Mutex<HashMap<String, Arc<Playlist>>>,
}

pub(crate) async fn serve(
    State(rooms): State<Rooms>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = query.as_deref();
    let ticket = query_value(query, "ticket");
    let (name, file) = split(&path).ok_or(Refusal::NoSuchFile)?;
    if name.starts_with(RECORDED) {
        return footage_hls::serve(&rooms, name, file, query).await;
    }
    let valid = allowed(&rooms, name, ticket, "hls", |_| false)?;
    let playlist = match rooms.hls.get(name) {
        Some(playlist) => playlist,
        None if file == "index.m3u8" => {
            rooms
                .hls
                .begin(
                    Viewer::new(admit(&rooms, name, ticket, "hls")?),
                    name,
                    &valid.session,
                    rooms.shared.now_unix(),
                )
                .await?
        }
        None => return Err(Refusal::NoSource),
    };
    if !playlist.is_asked_by(&valid.session) {
        playlist.join(
            &valid.session,
            Viewer::new(admit(&rooms, name, ticket, "hls")?),
        );
    }
    let body = match file.split('/').collect::<Vec<_>>().as_slice() {
        ["index.m3u8"] => {
            let number =
                |wanted| query_value(query, wanted).and_then(|value| value.parse::<u64>().ok());
            let part = number("_HLS_part").map(|part| part as usize);
            playlist.wait_for(number("_HLS_msn"), part).await;
            still_allowed(&rooms, &valid.session)?;
            let text = playlist.text(ticket.unwrap_or_default());
            playlist.sent_to(&valid.session, text.len());
            return Ok((
                [(header::CONTENT_TYPE, "application/vnd.apple.mpegurl")],
                text,
            )
                .into_response());
        }
        ["init.mp4"] => Some(playlist.init()),
        ["seg", file] => file
            .strip_suffix(".m4s")
            .and_then(|number| playlist.segment(number.parse().ok()?)),
        ["part", file] => {
            let (segment, part) = file
                .strip_suffix(".m4s")
                .and_then(|stem| stem.split_once('.'))
                .unwrap_or_default();
            match (segment.parse(), part.parse()) {
                (Ok(segment), Ok(part)) => {
                    playlist.wait_for(Some(segment), Some(part)).await;
                    still_allowed(&rooms, &valid.session)?;
                    playlist.part(segment, part)
                }
                _ => None,
            }
        }
        _ => None,
    };
    let body = body.ok_or(Refusal::NoSource)?;
    playlist.sent_to(&valid.session, body.len());
    Ok(([(header::CONTENT_TYPE, "video/mp4")], body).into_response())
}

/// A session may end while its request waits.
fn still_allowed(rooms: &Rooms, session: &str) -> Result<(), Refusal> {
    if rooms.shared.is_revoked(session) {
        return Err(TicketError::Revoked.into());
    }
    Ok(())
}

/// The source's name and the file below it.
fn split(path: &str) -> Option<(&str, &str)> {
    let below = FOLDERS.iter().find_map(|folder| path.rfind(folder));
    let at = below.or_else(|| {
        let at = path.rfind('/')?;
        FILES.contains(&&path[at + 1..]).then_some(at)
    })?;
    Some((&path[..at], &path[at + 1..]))
}

impl Playlists {
    fn get(&self, name: &str) -> Option<Arc<Playlist>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, playlist| !playlist.has_ended());
        open.get(name).cloned()
    }

    async fn begin(
        &self,
        viewer: Viewer,
        name: &str,
        session: &str,
        now_unix: u64,
    ) -> Result<Arc<Playlist>, Refusal> {
        let hub = &viewer.admission.cell.hub;
        let mut pictures = hub.watch();
        let first = tokio::time::timeout(BLOCK_LIMIT, pictures.next()).await;
        let Ok(first @ Next::Frame(_)) = first else {
            return Err(Refusal::NoPicture);
        };
        let video = hub.video().ok_or(Refusal::NoPicture)?;
        let playlist = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(made_meanwhile) = open.get(name).filter(|playlist| !playlist.has_ended()) {
                made_meanwhile.join(session, viewer);
                return Ok(Arc::clone(made_meanwhile));
            }
            let playlist = Arc::new(Playlist::new(&video, session, viewer, now_unix));
            open.insert(name.to_owned(), Arc::clone(&playlist));
            playlist
        };
        tokio::spawn(cut(Arc::clone(&playlist), pictures, first));
        // A first answer without a segment would make players give up.
        playlist.wait_for_first().await;
        Ok(playlist)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_that_is_told_is_one_that_is_served() {
        for asked in ASKED {
            let path = asked
                .strip_prefix("GET /hls/")
                .expect("an address of HLS")
                .replace("{name}", "5201/main")
                .replace("{file}", "1.0.m4s");
            assert_eq!(split(&path).expect(asked).0, "5201/main");
        }
        assert_eq!(split("5201/main/other.mp4"), None);
        assert_eq!(split("index.m3u8"), None);
    }
}
