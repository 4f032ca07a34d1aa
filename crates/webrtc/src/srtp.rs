//! SRTP and SRTCP with keys from DTLS. Sources: RFC 3711 §3, §4; RFC 7714 (AES-GCM); RFC 5764 §4.2.
use aes::cipher::{BlockEncrypt, KeyInit, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes256};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use dimpl::SrtpProfile as Negotiated;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::ops::Range;

const TAG_CM: usize = 10;
const TAG_GCM: usize = 16;

/// Which protection both sides agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrtpProfile {
    Aes128CmSha1,
    Aes128Gcm,
    Aes256Gcm,
}

/// Why a packet is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SrtpError {
    #[error("the packet is too short to be protected")]
    TooShort,
    #[error("the packet is not by the other side of this session")]
    Forged,
    #[error("the packet was seen before")]
    Replayed,
    #[error("the handshake gave keys of an unexpected length")]
    Keys,
}

impl SrtpProfile {
    pub(crate) fn of(negotiated: Negotiated) -> Option<Self> {
        match negotiated {
            Negotiated::AES128_CM_SHA1_80 => Some(Self::Aes128CmSha1),
            Negotiated::AEAD_AES_128_GCM => Some(Self::Aes128Gcm),
            Negotiated::AEAD_AES_256_GCM => Some(Self::Aes256Gcm),
            _ => None,
        }
    }

    pub(crate) fn key_len(self) -> usize {
        if self == Self::Aes256Gcm { 32 } else { 16 }
    }

    pub(crate) fn salt_len(self) -> usize {
        if self == Self::Aes128CmSha1 { 14 } else { 12 }
    }

    /// Bytes that protection adds to an RTP packet.
    pub fn tag_len(self) -> usize {
        if self == Self::Aes128CmSha1 {
            TAG_CM
        } else {
            TAG_GCM
        }
    }
}

enum Cipher {
    Cm { key: [u8; 16], auth: Hmac<Sha1> },
    Gcm(LessSafeKey),
}

/// One direction's keys for RTP or RTCP.
struct Protection {
    cipher: Cipher,
    salt: [u8; 14],
}

/// Master keys of the two directions.
pub(crate) struct MasterKeys {
    pub client: (Vec<u8>, Vec<u8>),
    pub server: (Vec<u8>, Vec<u8>),
}

impl MasterKeys {
    /// RFC 5764 §4.2: client key, server key, client salt, server salt.
    pub fn split(profile: SrtpProfile, material: &[u8]) -> Result<Self, SrtpError> {
        let (key, salt) = (profile.key_len(), profile.salt_len());
        let part = |range: Range<usize>| {
            material
                .get(range)
                .map(<[u8]>::to_vec)
                .ok_or(SrtpError::Keys)
        };
        Ok(Self {
            client: (part(0..key)?, part(2 * key..2 * key + salt)?),
            server: (part(key..2 * key)?, part(2 * key + salt..2 * (key + salt))?),
        })
    }
}

/// Protects what we send.
pub(crate) struct Sender {
    rtp: Protection,
    rtcp: Protection,
    profile: SrtpProfile,
    rtcp_index: u32,
}

/// Opens what the viewer reports.
pub(crate) struct Receiver {
    rtcp: Protection,
    newest: u32,
    /// Bit n: index `newest - n` was seen.
    seen: u64,
}

impl Sender {
    pub fn new(profile: SrtpProfile, (key, salt): &(Vec<u8>, Vec<u8>)) -> Result<Self, SrtpError> {
        Ok(Self {
            rtp: Protection::derive(profile, key, salt, 0)?,
            rtcp: Protection::derive(profile, key, salt, 3)?,
            profile,
            rtcp_index: 0,
        })
    }

    pub fn tag_len(&self) -> usize {
        self.profile.tag_len()
    }

    /// Protects `out[packet..]`, an RTP packet with a header of so many bytes, in place and appends the tag. `index`: the
    /// 48-bit packet index, whose low 16 bits are the sequence number.
    pub fn protect(
        &self,
        out: &mut Vec<u8>,
        packet: usize,
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) {
        match &self.rtp.cipher {
            Cipher::Gcm(key) => {
                let nonce = self.rtp.gcm_nonce(ssrc, index);
                let (header, payload) = out[packet..].split_at_mut(header_len);
                let sealed = key.seal_in_place_separate_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(&*header),
                    payload,
                );
                match sealed {
                    Ok(tag) => out.extend_from_slice(tag.as_ref()),
                    Err(_) => out.truncate(packet), // never for packets of this size
                }
            }
            Cipher::Cm { key, auth } => {
                self.rtp
                    .counter_mode(key, ssrc, index, &mut out[packet + header_len..]);
                let mut mac = auth.clone();
                mac.update(&out[packet..]);
                mac.update(&((index >> 16) as u32).to_be_bytes());
                out.extend_from_slice(&mac.finalize().into_bytes()[..TAG_CM]);
            }
        }
    }

    /// Protects a compound RTCP packet. RFC 3711 §3.4, RFC 7714 §9.
    pub fn protect_rtcp(&mut self, mut packet: Vec<u8>) -> Vec<u8> {
        let index = self.rtcp_index;
        self.rtcp_index = (self.rtcp_index + 1) & 0x7FFF_FFFF;
        let ssrc = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        let trailer = (index | 0x8000_0000).to_be_bytes();
        match &self.rtcp.cipher {
            Cipher::Gcm(key) => {
                let nonce = self.rtcp.gcm_nonce(ssrc, u64::from(index));
                let mut aad = packet[..8].to_vec();
                aad.extend_from_slice(&trailer);
                let sealed = key.seal_in_place_separate_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(aad),
                    &mut packet[8..],
                );
                if let Ok(tag) = sealed {
                    packet.extend_from_slice(tag.as_ref());
                }
                packet.extend_from_slice(&trailer);
            }
            Cipher::Cm { key, auth } => {
                self.rtcp
                    .counter_mode(key, ssrc, u64::from(index), &mut packet[8..]);
                packet.extend_from_slice(&trailer);
                let mut mac = auth.clone();
                mac.update(&packet);
                packet.extend_from_slice(&mac.finalize().into_bytes()[..TAG_CM]);
            }
        }
        packet
    }
}

impl Receiver {
    pub fn new(profile: SrtpProfile, (key, salt): &(Vec<u8>, Vec<u8>)) -> Result<Self, SrtpError> {
        Ok(Self {
            rtcp: Protection::derive(profile, key, salt, 3)?,
            newest: 0,
            seen: 0,
        })
    }

    /// The plain compound packet.
    pub fn open_rtcp(&mut self, packet: &[u8]) -> Result<Vec<u8>, SrtpError> {
        let (plain, index) = match &self.rtcp.cipher {
            Cipher::Gcm(key) => {
                let (body, trailer) = packet.split_last_chunk::<4>().ok_or(SrtpError::TooShort)?;
                let (head, sealed) = body.split_first_chunk::<8>().ok_or(SrtpError::TooShort)?;
                let index = u32::from_be_bytes(*trailer);
                if index & 0x8000_0000 == 0 || sealed.len() < TAG_GCM {
                    return Err(SrtpError::TooShort);
                }
                let index = index & 0x7FFF_FFFF;
                let nonce = self.rtcp.gcm_nonce(ssrc_of(head), u64::from(index));
                let mut aad = head.to_vec();
                aad.extend_from_slice(trailer);
                let mut sealed = sealed.to_vec();
                let opened = key
                    .open_in_place(
                        Nonce::assume_unique_for_key(nonce),
                        Aad::from(aad),
                        &mut sealed,
                    )
                    .map_err(|_| SrtpError::Forged)?;
                ([&head[..], opened].concat(), index)
            }
            Cipher::Cm { key, auth } => {
                let (signed, tag) = packet
                    .split_last_chunk::<TAG_CM>()
                    .ok_or(SrtpError::TooShort)?;
                let mut mac = auth.clone();
                mac.update(signed);
                mac.verify_truncated_left(tag)
                    .map_err(|_| SrtpError::Forged)?;
                let (body, trailer) = signed.split_last_chunk::<4>().ok_or(SrtpError::TooShort)?;
                let head = body.first_chunk::<8>().ok_or(SrtpError::TooShort)?;
                let index = u32::from_be_bytes(*trailer);
                let mut plain = body.to_vec();
                if index & 0x8000_0000 != 0 {
                    let index = u64::from(index & 0x7FFF_FFFF);
                    self.rtcp
                        .counter_mode(key, ssrc_of(head), index, &mut plain[8..]);
                }
                (plain, index & 0x7FFF_FFFF)
            }
        };
        self.note(index)?;
        Ok(plain)
    }

    /// RFC 3711 §3.3.2.
    fn note(&mut self, index: u32) -> Result<(), SrtpError> {
        if self.seen == 0 || index > self.newest {
            let ahead = index.saturating_sub(self.newest);
            self.seen = if ahead < 64 {
                self.seen << ahead | 1
            } else {
                1
            };
            self.newest = index;
            return Ok(());
        }
        let behind = self.newest - index;
        if behind >= 64 || self.seen >> behind & 1 == 1 {
            return Err(SrtpError::Replayed);
        }
        self.seen |= 1 << behind;
        Ok(())
    }
}

fn ssrc_of(head: &[u8; 8]) -> u32 {
    u32::from_be_bytes([head[4], head[5], head[6], head[7]])
}

impl Protection {
    /// Session keys; `label`: 0 for RTP, 3 for RTCP (RFC 3711 §4.3.1; its authentication and salt labels follow).
    fn derive(profile: SrtpProfile, key: &[u8], salt: &[u8], label: u8) -> Result<Self, SrtpError> {
        if key.len() != profile.key_len() || salt.len() != profile.salt_len() {
            return Err(SrtpError::Keys);
        }
        let mut session_salt = [0; 14];
        pseudo_random(
            key,
            salt,
            label + 2,
            &mut session_salt[..profile.salt_len()],
        );
        let cipher = match profile {
            SrtpProfile::Aes128CmSha1 => {
                let (mut session_key, mut auth) = ([0; 16], [0; 20]);
                pseudo_random(key, salt, label, &mut session_key);
                pseudo_random(key, salt, label + 1, &mut auth);
                let auth =
                    <Hmac<Sha1> as Mac>::new_from_slice(&auth).map_err(|_| SrtpError::Keys)?;
                Cipher::Cm {
                    key: session_key,
                    auth,
                }
            }
            SrtpProfile::Aes128Gcm | SrtpProfile::Aes256Gcm => {
                let mut session_key = vec![0; profile.key_len()];
                pseudo_random(key, salt, label, &mut session_key);
                let kind = if profile == SrtpProfile::Aes128Gcm {
                    &AES_128_GCM
                } else {
                    &AES_256_GCM
                };
                let key = UnboundKey::new(kind, &session_key).map_err(|_| SrtpError::Keys)?;
                Cipher::Gcm(LessSafeKey::new(key))
            }
        };
        Ok(Self {
            cipher,
            salt: session_salt,
        })
    }

    /// RFC 7714 §8.1 (for RTCP §9.1: the index has 31 bits).
    fn gcm_nonce(&self, ssrc: u32, index: u64) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&self.salt[..12]);
        for (byte, add) in nonce[2..6].iter_mut().zip(ssrc.to_be_bytes()) {
            *byte ^= add;
        }
        for (byte, add) in nonce[6..12].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *byte ^= add;
        }
        nonce
    }

    /// RFC 3711 §4.1.1.
    fn counter_mode(&self, key: &[u8; 16], ssrc: u32, index: u64, bytes: &mut [u8]) {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&self.salt);
        for (byte, add) in iv[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
            *byte ^= add;
        }
        for (byte, add) in iv[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *byte ^= add;
        }
        ctr::Ctr128BE::<Aes128>::new(key.into(), &iv.into()).apply_keystream(bytes);
    }
}

/// AES-CM as a pseudo-random function. RFC 3711 §4.3.3; a 96-bit salt stands at the left (RFC 7714 §11).
fn pseudo_random(key: &[u8], salt: &[u8], label: u8, out: &mut [u8]) {
    let mut input = [0; 16];
    input[..salt.len()].copy_from_slice(salt);
    input[7] ^= label;
    for (counter, chunk) in out.chunks_mut(16).enumerate() {
        let mut block = input;
        block[14..].copy_from_slice(&(counter as u16).to_be_bytes());
        let mut block = block.into();
        if key.len() == 32 {
            Aes256::new(key.into()).encrypt_block(&mut block);
        } else {
            Aes128::new(key.into()).encrypt_block(&mut block);
        }
        chunk.copy_from_slice(&block[..chunk.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3711 B.3.
    #[test]
    fn session_keys_are_those_of_the_standard() {
        let key = [
            0xE1, 0xF9, 0x7A, 0x0D, 0x3E, 0x01, 0x8B, 0xE0, 0xD6, 0x4F, 0xA3, 0x2C, 0x06, 0xDE,
            0x41, 0x39,
        ];
        let salt = [
            0x0E, 0xC6, 0x75, 0xAD, 0x49, 0x8A, 0xFE, 0xEB, 0xB6, 0x96, 0x0B, 0x3A, 0xAB, 0xE6,
        ];
        let mut cipher_key = [0; 16];
        pseudo_random(&key, &salt, 0, &mut cipher_key);
        assert_eq!(
            cipher_key,
            [
                0xC6, 0x1E, 0x7A, 0x93, 0x74, 0x4F, 0x39, 0xEE, 0x10, 0x73, 0x4A, 0xFE, 0x3F, 0xF7,
                0xA0, 0x87
            ]
        );
        let mut session_salt = [0; 14];
        pseudo_random(&key, &salt, 2, &mut session_salt);
        assert_eq!(
            session_salt,
            [
                0x30, 0xCB, 0xBC, 0x08, 0x86, 0x3D, 0x8C, 0x85, 0xD4, 0x9D, 0xB3, 0x4A, 0x9A, 0xE1
            ]
        );
    }

    #[test]
    fn reports_open_once_and_forged_ones_never() {
        for profile in [
            SrtpProfile::Aes128CmSha1,
            SrtpProfile::Aes128Gcm,
            SrtpProfile::Aes256Gcm,
        ] {
            let keys = (vec![7; profile.key_len()], vec![9; profile.salt_len()]);
            let mut sender = Sender::new(profile, &keys).expect("keys of the right length");
            let mut receiver = Receiver::new(profile, &keys).expect("keys of the right length");
            let plain = vec![0x80, 201, 0, 1, 0, 0, 0, 5];
            let sealed = sender.protect_rtcp(plain.clone());
            let mut forged = sealed.clone();
            forged[9] ^= 1;
            assert_eq!(receiver.open_rtcp(&forged), Err(SrtpError::Forged));
            assert_eq!(receiver.open_rtcp(&sealed), Ok(plain));
            assert_eq!(receiver.open_rtcp(&sealed), Err(SrtpError::Replayed));
            for end in 0..sealed.len() {
                assert!(receiver.open_rtcp(&sealed[..end]).is_err());
            }
        }
    }
}
