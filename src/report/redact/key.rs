//! Names of settings: which of them hold a secret.

/// What kind of secret a setting of this name holds, if it holds one. The last word decides: `PASSWORD_FILE` holds a path.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    if !may_end(name.as_bytes()) {
        return None;
    }
    let mut rest = Words { name }.map(bare).filter(|word| !word.is_empty()).map(|word| word.to_ascii_lowercase());
    let last = rest.by_ref().find(|word| !is_form(word))?;
    let before = rest.next().unwrap_or_default();
    match (last.as_str(), before.as_str()) {
        ("secret", "existing" | "pull" | "tls")
        | ("token", "injection" | "unexpected" | "invalid" | "cancellation") => None,
        // The name of an assembly ends so; a proxy passes requests on.
        ("token", "key") | ("pass", "proxy" | "fastcgi" | "scgi" | "uwsgi" | "grpc" | "memcached") => None,
        (
            "password" | "passwd" | "passphrase" | "passcode" | "pwd" | "pass" | "psw" | "pw" | "requirepass"
            | "masterauth" | "psk",
            _,
        ) => Some("password"),
        ("phrase", "pass") => Some("password"),
        ("passe", "de") | ("passe", "palavra") | ("segreta", "parola") => Some("password"),
        ("secreta", "clave" | "llave" | "chave" | "chiave") => Some("api-key"),
        ("key", _) if ends(name.as_bytes(), b"key_base") => Some("api-key"),
        ("sha" | "bcrypt" | "scrypt", "password" | "passwd") => Some("credential"),
        ("info", "user") if name.contains("auth") => Some("credential"),
        ("auth", "sst") => Some("credential"),
        ("csrf" | "xsrf", _) | ("verifier", "code") => Some("token"),
        ("secret" | "salt" | "pepper" | "mnemonic", _) | ("phrase", "seed" | "recovery" | "backup" | "secret") => {
            Some("secret")
        }
        ("seed", "wallet" | "master" | "secret") => Some("secret"),
        ("token" | "jwt" | "bearer", _) => Some("token"),
        ("pat", _) => name.strip_suffix("_PAT").map(|_| "token"),
        ("credentials", "allow" | "with" | "missing" | "bad") => None,
        ("key", before) if KEYS.contains(&before) => Some("api-key"),
        ("data", "key") => Some("api-key"),
        ("credential" | "credentials" | "creds" | "cred" | "community", _) | ("ident", "auth") => Some("credential"),
        ("id", "key") if ends(name.as_bytes(), b"private_key_id") => Some("credential"),
        ("hash", "password" | "passwd" | "secret" | "pwd" | "pass" | "token") | ("id", "secret") => Some("credential"),
        ("sessionid" | "phpsessid" | "jsessionid" | "sessid" | "sess", _)
        | ("id", "session" | "sess")
        | ("sid", "connect")
        | ("session", _) => Some("session"),
        ("cookie", "erlang" | "magic" | "release") | ("string", "secret") => Some("secret"),
        ("clave", _) | ("answer", "secret" | "security") => Some("password"),
        ("cvv" | "cvc" | "cvv2", _) => Some("code"),
        ("response" | "assertion", "saml") => Some("token"),
        ("pin", "" | "user" | "card" | "sim" | "door" | "login") => Some("code"),
        ("otp" | "totp" | "passcodes", _) => Some("code"),
        ("code" | "codes", before) if CODES.contains(&before) => Some("code"),
        ("auth", "basic" | "http" | "j" | "registry") => Some("credential"),
        ("auth", "" | "rediscli" | "redis") if name.starts_with(['_', 'R']) => Some("password"),
        _ => joined(&last),
    }
}

/// Whether a name can be one of those below, told by its last two letters: most names end here.
pub(super) fn may_end(name: &[u8]) -> bool {
    let (last, before) = match name {
        [.., before, last] if last.is_ascii_alphabetic() && before.is_ascii_alphabetic() => {
            (last | 0x20, before | 0x20)
        }
        _ => {
            let mut letters = name.iter().rev().filter(|byte| byte.is_ascii_alphabetic()).map(|byte| byte | 0x20);
            (letters.next().unwrap_or(0), letters.next().unwrap_or(0))
        }
    };
    match last {
        b'a' => matches!(before, b'n' | b'h' | b'l' | b't' | b'k'),
        b'b' | b'h' | b'l' | b't' | b'w' | b'x' => true,
        b'c' => ends(name, b"onic") || ends(name, b"cvc"),
        b'd' => matches!(before, b'r' | b'w' | b'i' | b'l') || ends(name, b"seed") || ends(name, b"cred"),
        b'e' => matches!(before, b's' | b'd' | b'u' | b'r' | b'i' | b'v'),
        b'f' => before == b'r',
        b'g' => ends(name, b"string"),
        b'v' => ends(name, b"cvv"),
        b'k' | b'r' => matches!(before, b's' | b'e') || ends(name, b"tok"),
        b'm' => before == b'r',
        b'n' => matches!(before, b'e' | b'i') || ends(name, b"ssion") || ends(name, b"ation"),
        b'o' => matches!(before, b'l' | b'z') || ends(name, b"info"),
        b'p' => before == b't',
        b's' => matches!(before, b's' | b'l' | b'd' | b'u') || ends(name, b"codes") || ends(name, b"nis"),
        b'y' => before == b'e' || ends(name, b"nity"),
        _ => false,
    }
}

/// In any case.
fn ends(name: &[u8], end: &[u8]) -> bool {
    name.len() >= end.len() && name.get(name.len() - end.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// What precedes `key` in the name of a secret one; a primary, foreign, sort or public key is none.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "api", "access", "secret", "private", "encryption", "signing", "master", "account", "auth", "jwt", "session", "license", "licence", "app",
    "client", "shared", "storage", "cookie", "hmac", "webhook", "ssh", "service", "deploy", "aes", "crypto", "decryption", "signature",
    "server", "admin", "nonce", "instrumentation", "subscription", "functions", "preshared", "secure", "unseal", "recovery", "sas", "sentry",
    "fernet", "write", "network", "deterministic", "certificate", "openai", "anthropic", "stripe", "product", "activation", "serial", "wallet", "validator", "vapid", "encrypted", "encrypt", "decrypt", "tls", "root", "bot", "rsa",
];

/// What precedes `code` in the name of one that lets somebody in; an exit code or a status code does not.
pub(super) const CODES: [&str; 18] = [
    "verification",
    "recovery",
    "backup",
    "otp",
    "mfa",
    "totp",
    "2fa",
    "auth",
    "security",
    "login",
    "confirmation",
    "access",
    "pairing",
    "device",
    "time",
    "factor",
    "authentication",
    "pass",
];

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
            | "confirmation"
            | "confirm"
    )
}

/// Keys of caches, tables and requests: a value made by chance is none of secrets there.
#[rustfmt::skip]
const OPEN: &[&str] = &[
    "cache", "public", "primary", "foreign", "sort", "partition", "row", "idempotency", "object", "map", "index", "dedup", "lock", "message",
    "routing", "file", "query", "content", "hash", "trace", "group", "s3", "record", "document", "job", "task", "build", "artifact", "release",
    "sql", "unique", "natural", "surrogate", "range", "shard", "request", "item", "storage", "layer", "digest", "commit", "deduplication",
    "hot", "cold", "fingerprint", "checksum", "bucket", "event", "issue", "project", "metric", "series", "host", "known", "gpg", "pgp",
];

/// The same for names that hold a secret only if their value was made by chance: a key of whatever name, several secrets in one setting.
pub(super) fn weak(name: &str) -> Option<&'static str> {
    let last = name.as_bytes().last().map_or(0, |byte| byte | 0x20);
    if last == b's' {
        let single = name.get(..name.len() - 1)?;
        let told = matches!(kind(single), Some("password" | "secret" | "token" | "api-key"));
        return (told && !name.bytes().any(|byte| byte.is_ascii_lowercase())).then(|| kind(single)).flatten();
    }
    if name.starts_with("BUNDLE_") && name.contains("__") {
        return Some("credential");
    }
    if name.eq_ignore_ascii_case("encrypt") {
        return Some("api-key");
    }
    let header = name.len() > 2 && name.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("x-"));
    let signed = ["signature", "signature-256", "signature_256", "hmac", "hmac-sha256"];
    if matches!(name, "v0" | "v1")
        || signed.iter().any(|end| ends(name.as_bytes(), end.as_bytes())) && (header || last != b'c')
    {
        return Some("signature");
    }
    if ends(name.as_bytes(), b"appid") {
        return Some("api-key");
    }
    if name.starts_with("AspNet") && name.contains('.') {
        return Some("session");
    }
    if ["wordpress_logged_in", "wordpress_sec"].iter().any(|cookie| name.starts_with(cookie)) {
        return Some("session");
    }
    if last != b'y' || !ends(name.as_bytes(), b"key") {
        return None;
    }
    let mut words = Words { name };
    let key = words.next()?;
    let before = words.next().map(str::to_ascii_lowercase).unwrap_or_default();
    let constant = !name.bytes().any(|byte| byte.is_ascii_lowercase());
    let header = name.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("x-"));
    let named = key.eq_ignore_ascii_case("key")
        && !before.is_empty()
        && (!OPEN.contains(&before.as_str()) || name.to_ascii_lowercase().contains("encrypt"));
    (named && (constant || header || before.len() > 1)).then_some("api-key")
}

/// Names written without a border between their words.
fn joined(word: &str) -> Option<&'static str> {
    #[rustfmt::skip]
    const ENDINGS: &[(&str, &str)] = &[
        ("password", "password"), ("passwd", "password"), ("passphrase", "password"), ("dbpass", "password"), ("userpass", "password"),
        ("storepass", "password"), ("keypass", "password"), ("authpass", "password"), ("sshpass", "password"), ("rootpass", "password"),
        ("redispass", "password"), ("mysqlpass", "password"), ("mongopass", "password"), ("smtppass", "password"), ("mailpass", "password"),
        ("ldappass", "password"), ("pgpass", "password"), ("adminpass", "password"), ("ftppass", "password"), ("dbroot", "password"),
        ("masterkey", "api-key"), ("saltmain", "secret"), ("rootpw", "password"), ("bindpw", "password"), ("userpw", "password"), ("dbpw", "password"), ("adminpw", "password"), ("dbpwd", "password"),
        ("secret", "secret"), ("passwordsalt", "secret"), ("seedphrase", "secret"), ("sessid", "session"),
        ("apikey", "api-key"), ("secretkey", "api-key"), ("privatekey", "api-key"), ("accesskey", "api-key"), ("accountkey", "api-key"),
        ("authkey", "api-key"), ("authtok", "password"), ("licensekey", "api-key"), ("sharedkey", "api-key"), ("signingkey", "api-key"), ("encryptionkey", "api-key"),
        ("token", "token"),
        // In other languages, as far as their letters go; the others are in `foreign`.
        ("passwort", "password"), ("kennwort", "password"), ("wachtwoord", "password"), ("contrasena", "password"), ("senha", "password"),
        ("haslo", "password"), ("heslo", "password"), ("losenord", "password"), ("passord", "password"), ("salasana", "password"),
        ("jelszo", "password"), ("adgangskode", "password"), ("kodeord", "password"), ("motdepasse", "password"), ("lozinka", "password"),
        ("schluesselwort", "password"), ("parol", "password"), ("sifre", "password"), ("geheimnis", "secret"),
    ];
    ENDINGS.iter().find(|(ending, _)| word.ends_with(ending)).map(|(_, kind)| *kind)
}

/// The words of `DB_PASSWORD`, `dbPassword`, `db-password` or `db.password`, from the last to the first.
struct Words<'t> {
    name: &'t str,
}

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let name = self.name.trim_end_matches(|character: char| !character.is_ascii_alphanumeric());
        if name.is_empty() {
            return None;
        }
        let bytes = name.as_bytes();
        let at = |place: usize| bytes.get(place).copied().unwrap_or(0);
        let begins = |place: &usize| {
            let (before, here, next) = (at(place.saturating_sub(1)), at(*place), at(place + 1));
            let hump = here.is_ascii_uppercase()
                && (before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || before.is_ascii_uppercase() && next.is_ascii_lowercase());
            *place == 0 || hump || !before.is_ascii_alphanumeric()
        };
        let start = (0..name.len()).rev().find(begins)?;
        let (rest, word) = name.split_at_checked(start)?;
        self.name = rest;
        Some(word)
    }
}

/// Digits at the end of a word do not count, unless they are its name: `base64`.
fn bare(word: &str) -> &str {
    if is_form(&word.to_ascii_lowercase()) {
        word
    } else {
        word.trim_end_matches(|character: char| character.is_ascii_digit())
    }
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
