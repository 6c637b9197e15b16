//! Names of settings: which of them hold a secret.

/// What kind of secret a setting of this name holds, if it holds one. The last word decides: `PASSWORD_FILE` holds a path.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    let words = words(name);
    let mut rest = words.iter().map(String::as_str).rev().skip_while(|word| is_form(word));
    let last = rest.next()?;
    let before = rest.next().unwrap_or_default();
    match last {
        "password" | "passwd" | "passphrase" | "passcode" | "pwd" | "pass" | "psw" | "requirepass" | "masterauth" => {
            Some("password")
        }
        "secret" => Some("secret"),
        "token" if !matches!(before, "injection" | "unexpected" | "invalid" | "cancellation") => Some("token"),
        "jwt" | "bearer" => Some("token"),
        "key" if holds_key(before) => Some("api-key"),
        "credential" | "credentials" | "creds" => Some("credential"),
        "sessionid" | "phpsessid" | "jsessionid" => Some("session"),
        "id" if before == "session" => Some("session"),
        "auth" if matches!(before, "" | "rediscli" | "redis") && name.starts_with(['_', 'R']) => Some("password"),
        _ => joined(last),
    }
}

/// What precedes `key` in the name of a secret one; a primary, foreign, sort or public key is none.
fn holds_key(before: &str) -> bool {
    matches!(
        before,
        "api"
            | "access"
            | "secret"
            | "private"
            | "encryption"
            | "signing"
            | "master"
            | "account"
            | "auth"
            | "jwt"
            | "session"
            | "license"
            | "app"
            | "client"
            | "shared"
            | "storage"
            | "cookie"
            | "hmac"
            | "webhook"
            | "ssh"
            | "service"
            | "deploy"
            | "aes"
            | "crypto"
            | "decryption"
            | "signature"
            | "server"
            | "admin"
    )
}

/// Words that say how a secret is written, not what it is.
fn is_form(word: &str) -> bool {
    matches!(
        word,
        "base"
            | "base64"
            | "b64"
            | "hex"
            | "raw"
            | "plain"
            | "plaintext"
            | "value"
            | "old"
            | "new"
            | "previous"
            | "current"
    )
}

/// Names written without a border between their words.
fn joined(word: &str) -> Option<&'static str> {
    const ENDINGS: [(&str, &str); 15] = [
        ("password", "password"),
        ("passwd", "password"),
        ("passphrase", "password"),
        ("passwort", "password"),
        ("dbpass", "password"),
        ("userpass", "password"),
        ("storepass", "password"),
        ("authpass", "password"),
        ("secret", "secret"),
        ("apikey", "api-key"),
        ("secretkey", "api-key"),
        ("privatekey", "api-key"),
        ("accesskey", "api-key"),
        ("accountkey", "api-key"),
        ("token", "token"),
    ];
    ENDINGS.iter().find(|(ending, _)| word.ends_with(ending)).map(|(_, kind)| *kind)
}

/// `DB_PASSWORD`, `dbPassword`, `db-password` and `db.password` as lower-case words; digits at the end of a word do not count.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut previous = ' ';
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let next_is_lower = characters.peek().is_some_and(char::is_ascii_lowercase);
        let hump = character.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || previous.is_ascii_digit()
                || (previous.is_ascii_uppercase() && next_is_lower));
        if hump || !character.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_ascii_alphanumeric()) {
            word.push(character.to_ascii_lowercase());
        }
        previous = character;
    }
    let digits = |character: char| character.is_ascii_digit();
    let bare = |word: &String| if is_form(word) { word.clone() } else { word.trim_end_matches(digits).to_owned() };
    words.iter().map(bare).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_decides() {
        for name in
            ["PASSWORD", "PGPASSWORD", "dbPassword", "spring.datasource.password", "DB_PASS", "MYSQL_PWD", "PASSWORD2"]
        {
            assert_eq!(kind(name), Some("password"), "{name}");
        }
        for name in ["APP_SECRET", "clientSecret", "JWT_SECRET_BASE64"] {
            assert_eq!(kind(name), Some("secret"), "{name}");
        }
        for name in ["apiKey", "APIKey", "x-api-key", "AWS_SECRET_ACCESS_KEY", "AccountKey", "apikey"] {
            assert_eq!(kind(name), Some("api-key"), "{name}");
        }
        for name in [
            "PASSWORD_FILE",
            "ACCESS_TOKEN_EXPIRES_IN",
            "tokens",
            "primaryKey",
            "key",
            "tokenType",
            "COMPASS",
            "bypass",
            "password_encryption",
        ] {
            assert_eq!(kind(name), None, "{name}");
        }
    }
}
