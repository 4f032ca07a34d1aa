//! WebRTC towards a viewer, sending only: SDP answer, ICE lite, DTLS-SRTP, RTP of pictures that were cut into packets once
//! for all viewers. No sockets, no threads; `now` is handed in. Sources: RFC 8445 (ICE, §2.5 lite), RFC 8489 (STUN),
//! RFC 5764 (DTLS-SRTP), RFC 3711 and 7714 (SRTP), RFC 6184 and 7798 (payloads), RFC 4585 and 5104 (feedback).
//!
//! The DTLS handshake is `dimpl`'s. We do the rest because one picture goes to a thousand viewers: packetised once, then
//! for each viewer only header, encryption and one system call for a run of packets.
pub mod fuzz_bodies;
mod outgoing;
mod packetise;
mod rtcp;
mod sdp;
mod session;
mod srtp;
mod stun;

pub use packetise::{MAX_PAYLOAD, Packets};
pub use sdp::{Offer, OfferError};
pub use session::{Identity, Resending, Session, Step, Wanted};
pub use srtp::{SrtpError, SrtpProfile};
pub use stun::user_fragment_of;
