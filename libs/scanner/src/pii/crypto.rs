//! Addresses of crypto wallets, each by its own check: Base58Check, bech32 and bech32m, EIP-55.

use sha2::{Digest, Sha256};

use super::keccak;
use super::label::CRYPTO_ADDRESS;
use crate::{Finding, chars, score};

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The word in `start..end`, if it is a wallet of Bitcoin, Litecoin, Dogecoin, Tron or Ethereum.
pub(crate) fn wallet(text: &str, start: usize, end: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !chars::starts_word(bytes, start) || !chars::ends_word(bytes, end) {
        return None;
    }
    let word = &bytes[start..end];
    let score = match word {
        [b'0', b'x', address @ ..] if address.len() == 40 => ethereum(address)?,
        [b'b' | b'B', b'c' | b'C', b'1', ..]
        | [b'l' | b'L', b't' | b'T', b'c' | b'C', b'1', ..] => bech32(word)?,
        [b'1' | b'3' | b'L' | b'M' | b'D' | b'T', ..] if (26..=35).contains(&word.len()) => {
            base58(word)?
        }
        _ => return None,
    };
    Some(Finding { label: CRYPTO_ADDRESS, score, start, end })
}

/// One byte of version, twenty of hash, four of checksum.
fn base58(word: &[u8]) -> Option<f32> {
    let mut number = [0_u8; 25];
    for byte in word {
        let mut carry = u32::try_from(BASE58.iter().position(|digit| digit == byte)?).ok()?;
        for place in number.iter_mut().rev() {
            carry += u32::from(*place) * 58;
            *place = u8::try_from(carry % 256).ok()?;
            carry /= 256;
        }
        if carry != 0 {
            return None;
        }
    }
    let (payload, checksum) = number.split_at(21);
    let hash = Sha256::digest(Sha256::digest(payload));
    let known = matches!(payload[0], 0x00 | 0x05 | 0x30 | 0x32 | 0x1E | 0x16 | 0x41);
    (known && hash[..4] == *checksum).then_some(score::CHECKED_IN_CONTEXT)
}

/// BIP 173 and BIP 350.
fn bech32(word: &[u8]) -> Option<f32> {
    let mixed = word.iter().any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase);
    let separator = word.iter().rposition(|&byte| byte == b'1')?;
    let (prefix, data) = (word[..separator].to_ascii_lowercase(), &word[separator + 1..]);
    if mixed || !(14..=90).contains(&word.len()) || data.len() < 6 {
        return None;
    }
    let mut checksum = 1;
    let mut feed = |value: u32| {
        const GENERATOR: [u32; 5] =
            [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];
        let top = checksum >> 25;
        checksum = ((checksum & 0x01FF_FFFF) << 5) ^ value;
        for (bit, generator) in GENERATOR.iter().enumerate() {
            checksum ^= if top >> bit & 1 == 1 { *generator } else { 0 };
        }
    };
    prefix.iter().for_each(|&byte| feed(u32::from(byte) >> 5));
    feed(0);
    prefix.iter().for_each(|&byte| feed(u32::from(byte) & 31));
    for byte in data {
        let value = BECH32.iter().position(|digit| *digit == byte.to_ascii_lowercase())?;
        feed(u32::try_from(value).ok()?);
    }
    matches!(checksum, 1 | 0x2BC8_30A3).then_some(score::CHECKED_IN_CONTEXT)
}

/// Forty hexadecimal digits; in mixed case the case itself is the checksum (EIP-55).
fn ethereum(address: &[u8]) -> Option<f32> {
    if !address.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mixed =
        address.iter().any(u8::is_ascii_uppercase) && address.iter().any(u8::is_ascii_lowercase);
    if !mixed {
        return Some(score::SHAPE_IN_CONTEXT);
    }
    let hash = keccak::keccak256(&address.to_ascii_lowercase());
    let holds = address.iter().enumerate().all(|(index, byte)| {
        let nibble = if index % 2 == 0 { hash[index / 2] >> 4 } else { hash[index / 2] & 15 };
        !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == (8 <= nibble)
    });
    holds.then_some(score::CHECKED_IN_CONTEXT)
}
