//! Base64, as far as secrets are met in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The bytes of a text in either alphabet, with or without padding; `None` if it is none.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let plain = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    STANDARD_NO_PAD.decode(plain).ok()
}

/// The same as a text that could have been typed.
pub(super) fn decode_text(text: &str) -> Option<String> {
    let decoded = String::from_utf8(decode(text)?).ok()?;
    decoded.chars().all(|character| !character.is_control()).then_some(decoded)
}

/// A text in base64, without padding.
pub(super) fn encode(text: &str) -> String {
    STANDARD_NO_PAD.encode(text)
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
        assert_eq!((decode("abcde"), decode("YR")), (None, None));
        assert_eq!((decode("_-8"), decode("/+8=")), (Some(vec![255, 239]), Some(vec![255, 239])));
    }
}
