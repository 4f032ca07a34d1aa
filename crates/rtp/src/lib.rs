//! RTP: packets, framing over TCP, order, and the payload formats of H.264 and H.265. No I/O, no clock.
