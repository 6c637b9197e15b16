//! Secrets in commands and statements: flags of clients, Redis, SQL, credential files, and sentences that hand out a password.

use super::pattern::Pattern;
use super::{Span, key, value};

/// Patterns whose first group is a secret unless it is plainly a word.
pub(super) static PATTERNS: [Pattern; 16] = [
    Pattern::new(
        "password",
        &["mysql", "mariadb", "mycli"],
        r#"(?-u:\b)(?:mysql|mariadb|mycli)[a-z_-]*(?:\.exe)?[ \t](?:[^\n|;]*?[ \t])?-p["'\\]*([^\s"'\\-][^\s"'\\]*)"#,
    ),
    Pattern::new(
        "password",
        &["sshpass", "docker login", "podman login", "mongo", "redis-cli", "valkey-cli"],
        r#"(?-u:\b)(?:sshpass|(?:docker|podman)[ \t]+login|mongo[a-z]*|redis-cli|valkey-cli)[ \t](?:[^\n|;]*?[ \t])?-[pa][ \t]*["'\\]*([^\s"'\\-][^\s"'\\]*)"#,
    ),
    Pattern::new(
        "password",
        &["curl", "wget", "http"],
        r#"(?-u:\b)curl[ \t][^\n|;]*?(?:-u|--user|--proxy-user)[ \t=]*["']?[^\s"':]+:([^\s"']+)"#,
    ),
    Pattern::new("password", &["-pass"], r#"-pass(?:in|out|word)?[ \t]+(?:pass:)([^\s"']+)"#),
    Pattern::new(
        "password",
        &["requirepass", "masterauth", "primaryauth", "auth-pass"],
        r#"(?i)(?-u:\b)(?:requirepass|masterauth|primaryauth|auth-pass[ \t]+[A-Za-z0-9_.-]+)\\*["']?(?:[ \t]+|[ \t]*[,:=][ \t]*)\\*(?:"([^"\n]+)"|'([^'\n]+)'|["']?([^\s"'\\,]+))"#,
    ),
    Pattern::new(
        "password",
        &["auth"],
        r#"(?m:^|[>\]"'][ \t]*|redis-cli[^\n]*[ \t])(?:AUTH|auth)[ \t]+(?:[A-Za-z0-9_.-]+[ \t]+)?([^\s"'<>]+)[ \t]*(?m:$)"#,
    ),
    Pattern::new("password", &["auth"], r#"(?i)"auth"\\?[ \t,]+(?:"[^"\n]*"[ \t,]+)?"([^"\n]+)""#),
    Pattern::new(
        "password",
        &["hello"],
        r#"(?i)(?-u:\b)hello"?[ \t]+"?[23]"?[ \t]+"?auth"?[ \t]+"?[^\s"]+"?[ \t]+"?([^\s"]+)"#,
    ),
    Pattern::new(
        "password",
        &["args:"],
        r"(?i)(?-u:\b)name:\s*'(?:auth|hello)',\s*args:\s*\[(?:[^\]]*,)?\s*'([^'\n]+)'\s*,?\s*\]",
    ),
    Pattern::new(
        "password",
        &["setuser", "user "],
        r#"(?i)(?-u:\b)(?:setuser|user)[ \t]+\S+[ \t][^\n]*?[ \t]>([^\s"']+)"#,
    ),
    Pattern::new(
        "password",
        &["identified"],
        r#"(?i)(?-u:\b)identified[ \t]+(?:with[ \t]+\S+[ \t]+)?(?:by|as)[ \t]+(?:password[ \t]+)?["']([^"'\n]+)["']"#,
    ),
    Pattern::new("password", &["password"], r"(?i)(?-u:\b)password[ \t]*\(?[ \t]*e?'((?:[^'\n]|'')+)'"),
    Pattern::new("password", &["machine"], r"(?-u:\b)machine[ \t]+\S+\s+login[ \t]+\S+\s+password[ \t]+(\S+)"),
    Pattern::new(
        "password",
        &[":5432:", ":*:"],
        r"(?m)^[A-Za-z0-9_.*-]+:(?:[0-9]{4,5}|\*):[A-Za-z0-9_*-]+:[A-Za-z0-9_*-]+:(\S+)$",
    ),
    Pattern::new(
        "password",
        &["password"],
        r#"(?i)(?-u:\b)password[ \t]+is[ \t]+generated[ \t]+for[ \t]+[^\s:]+:[ \t]*(\S+)"#,
    ),
    Pattern::new(
        "token",
        &["token"],
        r#"(?i)(?:auth|access|api|refresh|secret)[ _-]token[ \t]+["'`]?([A-Za-z0-9_.=+/-]{20,})"#,
    ),
];

pub(super) static SENTENCE: Pattern = Pattern::new(
    "password",
    &["password", "secret", "token", "key"],
    r#"(?i)(?-u:\b)(password|passphrase|secret|token|api[ -]?key)[ \t]+(?:is|was|set[ \t]+to|changed[ \t]+to)[ \t]*:?[ \t]*["'`]?([^\s"'`]+)"#,
);

pub(super) static FLAG: Pattern = Pattern::new(
    "password",
    &["--", " -"],
    r#"(?:^|[\s"'`(\[=])--?([A-Za-z][A-Za-z0-9_-]*)(?:[ \t]+|["'][ \t]*,[ \t\n]*)(?:"([^"\n]+)"|'([^'\n]+)'|["']?([^\s"'\]]+))"#,
);

pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let lower = text.to_ascii_lowercase();
    for pattern in &PATTERNS {
        pattern.find(text, &lower, spans, |secret| !is_word(secret));
    }
    SENTENCE.each(text, &lower, |found| {
        if let Some(secret) =
            found.get(2).filter(|secret| value::is_strong(secret.as_str().trim_end_matches(['.', ','])))
        {
            let end = secret.start() + secret.as_str().trim_end_matches(['.', ',']).len();
            spans.push(Span { start: secret.start(), end, kind: "password" });
        }
    });
    FLAG.each(text, &lower, |found| {
        let Some(kind) = found.get(1).and_then(|name| key::kind(name.as_str())) else {
            return;
        };
        let secret = [2, 3, 4].iter().find_map(|group| found.get(*group));
        if let Some(secret) = secret.filter(|secret| !is_word(secret.as_str()) && !secret.as_str().starts_with("--")) {
            spans.push(Span { start: secret.start(), end: secret.end(), kind });
        }
    });
}

/// A word of a sentence about a flag or a setting, or of a protocol.
fn is_word(text: &str) -> bool {
    const WORDS: &str = "option flag directive argument arguments setting value LOGIN PLAIN CRAM-MD5 XOAUTH2 called without \
         command response request in to from with via stdin file -";
    WORDS.split(' ').any(|word| word == text.trim_end_matches(['.', ',', ':'])) || value::is_placeholder(text)
}
