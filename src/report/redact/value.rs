//! Values: which of them cannot be a secret, and which hardly can be anything else.

use super::{base64, key, words};

/// A value without its quotes and the blanks around them.
fn bare(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'', '`'])
}

/// Stands in the place of a secret without being one: a reference, a mask, or what a program prints for its absence.
pub(super) fn is_placeholder(text: &str) -> bool {
    is_stand_in(text) || is_reference(text)
}

/// A placeholder that is no program's text: in an address that is put together `z.Ax7` is a password as good as any.
pub(super) fn is_stand_in(text: &str) -> bool {
    let text = bare(text);
    let framed = |open: char, close: char| text.starts_with(open) && text.ends_with(close);
    let names =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    text.is_empty()
        || text.contains("[redacted:")
        || text.starts_with("${")
        || text.starts_with("$(")
        || text.starts_with("{{")
        || framed('<', '>') && !is_kept(text)
        || framed('[', ']')
        || framed('%', '%')
        || text.starts_with("((") && text.ends_with("))")
        || text.strip_prefix('*').is_some_and(|alias| {
            !alias.is_empty() && alias.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
        })
        || text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).is_some_and(is_plain_name)
        || text.strip_prefix('%').is_some_and(|format| format.len() == 1)
        || matches!(text, "!vault" | "!secret" | "!Ref" | "!Sub" | "!env" | "foobared")
        || text.strip_prefix('$').is_some_and(|name| names(name.trim_start_matches('$')))
        || text.strip_prefix('$').is_some_and(|name| is_plain_name(name) && key::kind(name).is_some())
        || text.ends_with("_NO_LOG_PARAMETER")
        || text.contains("****")
        || STORES.iter().any(|store| text.starts_with(store) && text.contains('/'))
        || text.chars().all(|character| matches!(character, '*' | '•' | '.' | '-' | '_' | '…' | '?' | '#' | '='))
        || text.chars().all(|character| matches!(character, 'x' | 'X'))
        || is_example(text)
        || is_state(text.trim_matches(['*', '>']))
}

/// `<anPw77bb>`: no name in angle brackets has both cases and digits among its letters.
fn is_kept(text: &str) -> bool {
    let inside = text.trim_matches(['<', '>']);
    let has = |test: fn(u8) -> bool| inside.bytes().any(test);
    inside.len() > 6
        && inside.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && has(|byte| byte.is_ascii_lowercase())
        && inside.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
        && inside.bytes().filter(u8::is_ascii_digit).count() > 1
}

/// What a place in a store of secrets begins with.
const STORES: [&str; 7] =
    ["vault:", "op://", "ref+", "arn:aws:secretsmanager:", "arn:aws:ssm:", "awssm://", "azurekeyvault://"];

/// Where a program's text takes the value from: `self.password`, `os.environ['PW']`, `<%= ENV["PW"] %>`.
fn is_reference(text: &str) -> bool {
    let text = bare(text);
    #[rustfmt::skip]
    const OWNERS: &[&str] = &[
        "process.env", "self.", "this.", "os.environ", "os.getenv(", "os.Getenv(", "System.getenv", "import.meta.env", "ENV[", "env(", "env.",
        "env::var(", "getenv(", "settings.", "config.", "secrets.", "var.", "data.", "module.", "local.", "inputs.", "req.", "request.", "res.",
        "props.", "ctx.", "context.", "params.", "opts.", "options.", "args.", "event.", "z.string", "z.coerce", "z.object", "Joi.", "yup.", "PropTypes.", "DataTypes.",
        "Sequelize.", "Schema.", "models.", "fields.", "mongoose.", "<%=",
    ];
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:?!()[]'\"".contains(&byte);
    OWNERS.iter().any(|owner| text.starts_with(owner))
        && text.bytes().all(|byte| name(byte) || b"<%= >,".contains(&byte))
}

/// Letters and underscores, as the placeholder of a template.
fn is_plain_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.'))
}

/// What instructions write where a password belongs: `password`, `NEW_PASSWORD`, `your-password`.
fn is_example(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("your_") || lower.starts_with("your-") {
        return true;
    }
    let mut words = lower.split(['-', '_', ' ']).rev();
    let named = words.next().is_some_and(|word| matches!(word, "password" | "passwd"));
    named
        && words.all(|word| {
            "new old your the my a same real actual db redis postgres user".split(' ').any(|known| known == word)
        })
}

/// A word for how a setting is, not for what it holds.
fn is_state(text: &str) -> bool {
    let text = text.trim_matches([',', '.', ';', ':', '!', ')', '(']);
    words::STATES.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// A word that must never be masked where it stands bare, though somebody may use it as a password.
pub(super) fn is_common(text: &str) -> bool {
    words::COMMON.iter().any(|word| word.eq_ignore_ascii_case(text))
        || text.chars().all(|character| character.is_ascii_digit()) && text.len() < 8
}

/// Hardly a word, a number, a path or a name: letters with digits or signs in them.
pub(super) fn is_strong(text: &str) -> bool {
    let has = |test: fn(u8) -> bool| text.bytes().any(test);
    let letters = has(|byte| byte.is_ascii_alphabetic());
    let digits = has(|byte| byte.is_ascii_digit());
    let signs = has(|byte| b"!@#$%^&*+=~?".contains(&byte));
    let mixed = has(|byte| byte.is_ascii_uppercase()) && has(|byte| byte.is_ascii_lowercase());
    if !(letters && ((text.len() >= 7 && digits) || (text.len() >= 6 && signs) || (text.len() >= 20 && mixed))) {
        return false;
    }
    let path = text.starts_with(['/', '.']) || text.contains("://") || text.contains('(') || text.contains("node:");
    !path && !is_placeholder(text) && !is_identifier(text)
}

/// More than a word or a number: letters, with digits or signs that are no punctuation of a sentence.
pub(super) fn is_typed(text: &str) -> bool {
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let others = text.bytes().any(|byte| byte.is_ascii_digit() || b"!@#$%^&*+=?~".contains(&byte));
    letters
        && others
        && text.len() >= 6
        && !text.starts_with(['/', '.'])
        && !text.contains("://")
        && !text.contains(['<', '>'])
        && !text.contains("()")
        && !text.ends_with(')')
        && !is_placeholder(text)
        && !is_identifier(text)
}

/// A name in a program: `CACHE_MANAGER`, `AuthModule1`, `jwt.strategy.ts:12`.
fn is_identifier(text: &str) -> bool {
    let place =
        text.rsplit_once(':').is_some_and(|(_, line)| line.chars().all(|c| c.is_ascii_digit()) && text.contains('.'));
    let constant = text.contains('_') && text.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
    place || constant && text.len() < 24
}

/// A count, a position or a duration, which settings that end in `token` may hold.
pub(super) fn is_measure(text: &str) -> bool {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_lowercase());
    !digits.is_empty()
        && digits.len() < 6
        && text.len() < digits.len() + 5
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
}

/// `12/12`, `141`, `98%`: how many tests passed.
pub(super) fn is_count(text: &str) -> bool {
    is_measure(text) || text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'%' | b'.' | b','))
}

/// `ABCD-1234-EFGH`: groups of the same length in capitals and digits, as licences are written.
pub(super) fn is_grouped(text: &str) -> bool {
    let length = text.find('-').unwrap_or_default();
    let group = |part: &str| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    (4..=8).contains(&length)
        && text.split('-').count() >= 3
        && text.split('-').all(group)
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// `smtp_pass_v2`: small letters, digits and underscores, as names of a program.
pub(super) fn is_snake(text: &str) -> bool {
    text.contains('_') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Somebody chose it: not only small letters, as words and names of types have them, and no name of a program.
pub(super) fn is_chosen(text: &str) -> bool {
    let all = |test: fn(u8) -> bool| text.bytes().all(test);
    let words = all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b'.' | b' ')) && text.len() < 12;
    let capital = text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
    let constant = all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let name = words || capital || constant || all(|byte| byte.is_ascii_digit());
    text.len() >= 4 && !name && !is_placeholder(text) && !is_sentence(text)
}

/// A sentence about a setting where its value could stand.
pub(super) fn is_sentence(text: &str) -> bool {
    let says = |word: &str| {
        let word = word.trim_matches([',', '.', ':', ';']).to_ascii_lowercase();
        matches!(
            word.as_str(),
            "must"
                | "should"
                | "is"
                | "not"
                | "required"
                | "missing"
                | "invalid"
                | "expected"
                | "cannot"
                | "failed"
                | "too"
                | "be"
                | "contains"
                | "does"
                | "doesn't"
        )
    };
    text.split_whitespace().nth(1).is_some() && text.split_whitespace().any(says)
}

/// `'\''`
const SHELL_QUOTE: &str = "'\\''";

/// The inside of a quoted value; one that is not closed ends with the line.
pub(super) fn quoted(after: &str) -> Option<(usize, usize)> {
    // A quote inside of quotes, as a shell traces it.
    if let Some(body) = after.strip_prefix(SHELL_QUOTE) {
        return Some((SHELL_QUOTE.len(), SHELL_QUOTE.len() + body.find(SHELL_QUOTE).unwrap_or(body.len())));
    }
    // A quote that CSV doubled.
    let doubled = after
        .strip_prefix("\"\"")
        .filter(|body| !body.starts_with([',', '}', ' ', ']', ')', ';', '"', '&', '>', '/', '<', '\\']));
    if let Some(end) = doubled.and_then(|body| body.find("\"\"")) {
        return Some((2, 2 + end));
    }
    // A quote that SQL and settings of servers double around a value inside of quotes.
    let inner = after.strip_prefix("''").filter(|body| body.starts_with(|c: char| c.is_alphanumeric()));
    if let Some(end) = inner.and_then(|body| body.find("''")) {
        return Some((2, 2 + end));
    }
    let escapes = after.len() - after.trim_start_matches('\\').len();
    let quote = after.get(escapes..)?.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let start = escapes + 1;
    let closing = format!("{}{quote}", "\\".repeat(escapes));
    let body = after.get(start..)?;
    let mut at = 0;
    loop {
        let Some(next) = body.get(at..).and_then(|rest| rest.find(&closing)).map(|next| next + at) else {
            return Some((start, start + body.len()));
        };
        let slashes = body.get(..next).map_or(0, |before| before.len() - before.trim_end_matches('\\').len());
        // `'it''s'`: a doubled quote is a part of the string, if it is closed behind.
        let rest = body.get(next..).unwrap_or_default();
        let doubled = quote == '\''
            && escapes == 0
            && next > at
            && rest.starts_with("''")
            && rest.get(2..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()) && rest.contains('\''));
        if !doubled && (slashes % 2 == 0 || escapes > 0) {
            return Some((start, start + next));
        }
        at = next + if doubled { 2 } else { 1 };
    }
}

/// A word of a sentence about a flag or a setting, or of a protocol, where a secret could stand.
pub(super) fn is_word(text: &str) -> bool {
    const WORDS: [&str; 25] = [
        "option",
        "flag",
        "directive",
        "argument",
        "arguments",
        "setting",
        "value",
        "LOGIN",
        "PLAIN",
        "CRAM-MD5",
        "XOAUTH2",
        "public",
        "called",
        "without",
        "command",
        "response",
        "request",
        "in",
        "to",
        "from",
        "with",
        "via",
        "stdin",
        "file",
        "-",
    ];
    WORDS.contains(&text.trim_end_matches(['.', ',', ':'])) || is_placeholder(text)
}

/// `user:password` in base64, as registries are logged in to.
pub(super) fn is_login(text: &str) -> bool {
    text.len() >= 8 && base64::decode_text(text).is_some_and(|login| login.contains(':'))
}

/// Made by chance: letters and digits in no order, as no name has them.
pub(super) fn is_random(text: &str) -> bool {
    let all = |test: fn(u8) -> bool| text.bytes().all(test);
    let has = |test: fn(u8) -> bool| text.bytes().any(test);
    let hex =
        text.len() >= 32 && all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) && has(|byte| byte.is_ascii_digit());
    // `CreateApiKeys1695000000000` is a name with a number behind it.
    let inside = text.trim_end_matches(|c: char| c.is_ascii_digit()).bytes().any(|byte| byte.is_ascii_digit());
    let mixed = text.len() >= 16
        && inside
        && has(|byte| byte.is_ascii_lowercase())
        && has(|byte| byte.is_ascii_uppercase())
        && all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_'))
        && !text.starts_with('/');
    hex || mixed
}

/// `app:9000`
pub(super) fn is_address(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A field of something: `input.token`, `token::Group`.
pub(super) fn is_path(token: &str) -> bool {
    let token = token.trim_end_matches([')', ',', ';', '?', '(']);
    (token.contains('.') || token.contains("::"))
        && token.len() < 40
        && token.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_states_are_no_secrets() {
        for text in [
            "",
            "${PW}",
            "$PGPASSWORD",
            "****",
            "<password>",
            "[Function]",
            "undefined",
            "YES)",
            "expired.",
            "{{ .pw }}",
            "[redacted:token:1]",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["hunter2", "$ecret", "changeme", "p<x>y", "***a"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
