//! G.711 to linear samples. Source: ITU-T G.711; 13 (A-law) and 14 (µ-law) bits at the top of 16.

/// One A-law octet. The lowest three bits of the sample are always 0.
pub fn expand_a_law(octet: u8) -> i16 {
    let code = octet ^ 0x55;
    let exponent = code >> 4 & 7;
    let mantissa = i16::from(code & 0xF) << 4;
    let magnitude = match exponent {
        0 => mantissa + 8,
        _ => (mantissa + 0x108) << (exponent - 1),
    };
    if code & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// One µ-law octet. The lowest two bits of the sample are always 0.
pub fn expand_mu_law(octet: u8) -> i16 {
    let code = !octet;
    let magnitude = ((i16::from(code & 0xF) << 3) + 0x84) << (code >> 4 & 7);
    if code & 0x80 == 0 {
        magnitude - 0x84
    } else {
        0x84 - magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_middle_of_both_laws_are_those_of_the_recommendation() {
        assert_eq!(
            [0xD5, 0x55, 0xAA, 0x2A].map(expand_a_law),
            [8, -8, 32_256, -32_256]
        );
        assert_eq!(
            [0xFF, 0x7F, 0x80, 0x00].map(expand_mu_law),
            [0, 0, 32_124, -32_124]
        );
        for octet in 0..=255 {
            assert_eq!((expand_a_law(octet) & 7, expand_mu_law(octet) & 3), (0, 0));
        }
    }
}
