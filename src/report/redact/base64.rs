//! Base64, as far as secrets are met in it.

/// The bytes of a text in either alphabet, with or without padding; `None` if it is none.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let (mut out, mut bits, mut held) = (Vec::with_capacity(text.len()), 0_u32, 0_u32);
    for byte in text.bytes() {
        bits = bits << 6 | u32::from(value(byte)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    (held < 6 && bits == 0).then_some(out)
}

/// The same as a text that could have been typed.
pub(super) fn decode_text(text: &str) -> Option<String> {
    let decoded = String::from_utf8(decode(text)?).ok()?;
    decoded.chars().all(|character| !character.is_control()).then_some(decoded)
}

/// A text in base64, without padding.
pub(super) fn encode(text: &str) -> String {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| usize::try_from(bits & 63).ok().and_then(|at| DIGITS.as_bytes().get(at)).copied();
    let mut out = String::with_capacity(text.len() * 4 / 3 + 3);
    for chunk in text.as_bytes().chunks(3) {
        let at = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        let digits = [bits >> 18, bits >> 12, bits >> 6, bits].into_iter().take(chunk.len() + 1);
        out.extend(digits.filter_map(digit).map(char::from));
    }
    out
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_again() {
        for text in ["", "a", "ab", "abc", "user:pässword", "\u{10ffff}?>"] {
            assert_eq!(decode(&encode(text)).as_deref(), Some(text.as_bytes()), "{text}");
        }
        assert_eq!(decode_text("dXNlcjpwYXNz"), Some("user:pass".to_owned()));
        assert_eq!(decode_text("AHVzZXI="), None);
        assert_eq!(decode("not base64"), None);
        assert_eq!(decode("abcde"), None);
    }
}
