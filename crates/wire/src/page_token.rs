//! Page tokens: the parts that the next page begins after, as hexadecimal digits of their bytes with dots between.
//!
//! Promises: parts have one token, and only that one is read; whatever else a client sends is none.

use std::fmt::Write as _;

/// The token of these parts.
pub fn write(parts: &[&str]) -> String {
    let mut token = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            token.push('.');
        }
        for byte in part.bytes() {
            let _ = write!(token, "{byte:02x}");
        }
    }
    token
}

/// The parts of a token; none where it is not one of so many parts.
pub fn read<const N: usize>(token: &str) -> Option<[String; N]> {
    token.split('.').map(part).collect::<Option<Vec<_>>>()?.try_into().ok()
}

fn part(hex: &str) -> Option<String> {
    let digit = |digit: &u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect::<Option<_>>()?;
    rest.is_empty().then(|| String::from_utf8(bytes).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_whole() {
        for parts in [["12", "hall", "A.1"], ["1", "", "号"], ["0", "a", "b"]] {
            assert_eq!(read(&write(&parts)), Some(parts.map(str::to_owned)));
        }
        assert_eq!(read(""), Some([String::new()]));
    }

    #[test]
    fn nothing_else_is_read() {
        // The last three say the same as `61.62.63`, were they read as lenient readers of numbers do.
        for wrong in ["", "x", "zz.00.00", "61.62", "6", "61.62.63.64", "61.62.ff", "61.62.6", "+6.+6.+6", "61.62.4B", "61.62. 3"] {
            assert_eq!(read::<3>(wrong), None, "{wrong}");
        }
    }
}
