//! Settings that hold no secret, told by the shape of their name and of their value: of a line that no parser understood, where a value may be the
//! rest of another one.

use super::{key, value};

/// Bytes of a name and of a value at most.
const NAME: usize = 60;
const VALUE: usize = 60;
/// Letters of a folder in a URL at most: an address that lets somebody in ends in a longer one, or in one with digits.
const FOLDER: usize = 12;

/// What a value of words is called.
const WORDS: [&str; 16] = [
    "NAME",
    "HOST",
    "HOSTNAME",
    "ENV",
    "ENVIRONMENT",
    "TITLE",
    "TIMEZONE",
    "TZ",
    "LANG",
    "LOCALE",
    "MODE",
    "LEVEL",
    "DRIVER",
    "REGION",
    "CONNECTION",
    "ENGINE",
];
/// What a switch or a number is called, whatever it is of: `PASSWORD_MIN_LENGTH`.
const MEASURES: [&str; 18] = [
    "ENABLED", "DISABLED", "ENABLE", "DISABLE", "LENGTH", "EXPIRY", "EXPIRES", "TTL", "TIMEOUT", "ROUNDS", "MIN",
    "MAX", "WORKERS", "COUNT", "SIZE", "LIMIT", "PORT", "DEBUG",
];
const ADDRESSES: [&str; 4] = ["URL", "URI", "ORIGIN", "ENDPOINT"];
/// Words of names whose values may be secrets although no finder says so.
const CLOSE: [&str; 10] = ["KEY", "KEYS", "AUTH", "LOGIN", "PRIVATE", "CERT", "HASH", "CRYPT", "DSN", "HOOK"];

/// Whether a setting of this name and value can hold no secret.
pub(crate) fn is_plain(name: &str, value: &str) -> bool {
    let name = name.trim().trim_start_matches("export ").to_ascii_uppercase();
    let named = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let words = || name.split('_');
    let last = words().next_back().unwrap_or_default();
    if !named || name.len() > NAME || value.len() > VALUE || key::kind(&name).is_some() || key::weak(&name).is_some() {
        return false;
    }
    let switch = matches!(value.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off");
    let number = value.len() < 6 && !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if (switch || number) && MEASURES.contains(&last) {
        return true;
    }
    if words().any(|word| key::kind(word).is_some() || CLOSE.iter().any(|close| word.contains(close))) {
        return false;
    }
    switch || WORDS.contains(&last) && is_words(value) || ADDRESSES.contains(&last) && is_address(value)
}

/// Words of letters, as names of programs, hosts and places are.
fn is_words(text: &str) -> bool {
    let letters = |word: &str| word.len() <= FOLDER && word.chars().all(char::is_alphabetic);
    !text.is_empty() && text.split([' ', '-', '_', '.', '/']).all(letters) && !value::is_strong(text)
}

/// `https://shop.example.com:8443/api`: nothing of a login, no question, and folders that are words.
fn is_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let mut parts = rest.split('/');
    let host = parts.next().unwrap_or_default();
    let of_host = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':');
    let folder =
        |part: &str| part.len() <= FOLDER && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    matches!(scheme, "http" | "https")
        && !host.is_empty()
        && host.bytes().all(of_host)
        && host.matches(':').count() <= 1
        && host.split_once(':').is_none_or(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        && parts.all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_that_can_be_no_secret() {
        for (name, value) in [
            ("APP_NAME", "Acme shop"),
            ("export APP_ENV", "production"),
            ("DB_HOST", "shop-db.internal"),
            ("APP_URL", "https://shop.example.com:8443/admin/"),
            ("APP_DEBUG", "true"),
            ("WORKERS", "12"),
            ("SMTP_AUTH_ENABLED", "false"),
            ("PASSWORD_MIN_LENGTH", "12"),
        ] {
            assert!(is_plain(name, value), "{name}={value}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_none_of_them() {
        for (name, value) in [
            ("DB_PASSWORD", "shop"),
            ("DB_PASSWORD", "12345"),
            ("PASSWORD_PROD", "12345"),
            ("LOGIN_PIN", "1234"),
            ("GATE_CODE", "1234"),
            ("SECRET_NAME", "shop"),
            ("APP_NAME", "Kx93fQ2sLm"),
            ("APP_NAME", "shop\" # the password is fish"),
            ("APP_NAME", ""),
            ("DB_URL", "postgres://shop:fish@db/shop"),
            ("APP_URL", "https://shop:fish@example.com"),
            ("APP_URL", "https://example.com/?token=fish"),
            ("HOOK_URL", "https://hooks.example.com/services"),
            ("CHAT_URL", "https://chat.example.com/services/T02ABCDEF"),
            ("CHAT_URL", "https://chat.example.com/abcdefghijklmnopq"),
            ("SHOP_DATA", "fish"),
            ("fish and chips", "true"),
        ] {
            assert!(!is_plain(name, value), "{name}={value}");
        }
    }
}
