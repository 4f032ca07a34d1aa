//! CRC-16/ARC, over the octets of a frame's body.

/// 0x8005 reflected.
const POLYNOMIAL: u16 = 0xA001;

const TABLE: [u16; 256] = table();

const fn table() -> [u16; 256] {
    let mut found = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut register = octet as u16;
        let mut bit = 0;
        while bit < 8 {
            register = (register >> 1) ^ (POLYNOMIAL * (register & 1));
            bit += 1;
        }
        found[octet] = register;
        octet += 1;
    }
    found
}

pub(crate) fn crc16(octets: &[u8]) -> u16 {
    octets.iter().fold(0, |register, octet| {
        (register >> 8) ^ TABLE[usize::from((register as u8) ^ octet)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_algorithm() {
        assert_eq!(crc16(b"123456789"), 0xBB3D);
    }
}
