//! Values of several words that take the rest of their line.

use super::accept::{self, Place};
use super::{program, value};

/// Words behind the first one that a password has fewer of.
const WORDS: usize = 5;

/// Words of sentences about a password.
#[rustfmt::skip]
const SPOKEN: &[&str] = &[
    "for", "from", "user", "of", "at", "line", "after", "before", "attempt", "attempts", "retry", "retries", "prompt", "length", "minimum", "min",
    "max", "maximum", "characters", "chars", "days", "hours", "minutes", "seconds", "times", "try", "expires", "expired", "changed", "reset",
    "updated", "hash", "policy", "strength", "score", "age", "history", "with", "using", "and", "or", "to", "in", "on", "than", "least",
    "most", "more", "by", "authentication", "code", "error", "entry", "hashing", "rounds", "cost", "step", "status", "tests", "checks", "passed",
];

/// Programs that a shell runs with the setting before them.
#[rustfmt::skip]
const COMMANDS: &[&str] = &[
    "psql", "docker", "npm", "node", "python", "python3", "bash", "sh", "exec", "pnpm", "yarn", "npx", "java", "go", "make", "env",
    "php", "ruby", "bundle", "rake", "rails", "createdb", "borg", "restic", "mix", "cargo", "kubectl", "ansible", "terraform", "sudo", "su", "nohup", "time",
];

/// Bytes of the words of a recovery phrase: many, and nothing but words.
pub(super) fn phrase(place: &Place<'_>) -> Option<usize> {
    let text = place.after.trim_end();
    let words = || text.split(' ').all(|word| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase()));
    (place.kind == "secret" && words() && text.split(' ').count() >= 6).then_some(text.len())
}

/// Bytes of a password of several words that takes the rest of its line: `DB_PASSWORD: two words`, as YAML and a list of an
/// environment have it. What follows `NAME=x` in small letters is a command.
pub(super) fn password(place: &Place<'_>) -> Option<usize> {
    let lead = place.before.trim();
    // `rd_kafka_conf: sasl.password = two words`: whose setting it is stands before.
    let logged = place.equals && !place.tight && lead.ends_with(':');
    if place.kind != "password" || !logged && !matches!(lead, "" | "-" | "environment:") {
        return None;
    }
    let text = place.after.trim_end();
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let count = words.clone().take(WORDS).count();
    let named = place.name.contains('_') || place.name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let typed = |word: &str| value::is_strong(word) || named && word.bytes().any(|byte| byte.is_ascii_digit());
    let begun = first.ends_with(':') && first.len() > 1 && words.clone().next().is_some_and(typed);
    if count == 1 && begun && lead.is_empty() && !value::is_placeholder(first) {
        return Some(text.len());
    }
    let spoken =
        text.split(' ').any(value::is_placeholder) || value::is_sentence(text) || text.contains(['(', '"', ',']);
    if place.name.to_ascii_lowercase().ends_with("phrase") && (2..=8).contains(&words.clone().count()) && !spoken {
        return Some(text.len());
    }
    if !(1..WORDS).contains(&count) {
        return None;
    }
    if is_spelled_out(place, text) {
        return Some(text.len());
    }
    let titled = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
    let plain = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let phrase = place.name.to_ascii_lowercase().ends_with("phrase") && count > 2;
    let other = if place.tight {
        words.clone().next().is_some_and(titled) && words.clone().all(|word| titled(word) || word.len() < 4)
    } else if !named {
        titled(first) && words.clone().all(titled)
    } else {
        phrase || !plain(first) && words.clone().all(|word| !plain(word) || word.len() < 4)
    };
    let speaks = value::is_sentence(text)
        || value::is_placeholder(first)
        || accept::is_code(text)
        || text.contains(['=', '#', '"', ',', '(', '|'])
        || text.contains(": ");
    (other && !speaks && words.all(|word| !value::is_placeholder(word))).then_some(text.len())
}

/// Small words with a number among them, where nothing shows a sentence or a command: `DB_PASSWORD=correct horse battery 55`.
fn is_spelled_out(place: &Place<'_>, text: &str) -> bool {
    let words = || text.split_whitespace();
    let digits = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
    let small = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let written = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!?+*@%^~".contains(&byte));
    let speaks = |word: &str| {
        let lower = word.to_ascii_lowercase();
        SPOKEN.contains(&lower.as_str()) || value::is_placeholder(word)
    };
    let command = || {
        let called = |word: &str| COMMANDS.contains(&word) || program::called(word).next().is_some();
        place.tight && (words().count() < 3 || !words().next().is_some_and(small) || words().skip(1).any(called))
    };
    words().all(written)
        && !words().any(speaks)
        && words().any(digits)
        // `3 of them` counts.
        && !words().next().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
        && words().next_back().is_some_and(|word| word.bytes().filter(u8::is_ascii_digit).count() > 1 || place.equals)
        && !command()
        && !accept::is_code(text)
}

#[cfg(test)]
mod tests {
    use super::super::Redactor;

    #[test]
    fn a_password_of_small_words_takes_its_line_and_a_command_stays() {
        let mask = |text: &str| Redactor::new().mask(text);
        assert_eq!(mask("DB_PASSWORD=copper lantern meadow 55"), "DB_PASSWORD=[redacted:password:1]");
        assert_eq!(mask("Password: copper lantern 66"), "Password: [redacted:password:1]");
        assert_eq!(mask("PGPASSWORD=zephyr1 psql app2 backup3"), "PGPASSWORD=[redacted:password:1] psql app2 backup3");
        assert_eq!(mask("PGPASSWORD=zephyr psql app2 backup3"), "PGPASSWORD=[redacted:password:1] psql app2 backup3");
        assert_eq!(mask("Password: attempt 12"), "Password: attempt 12");
    }
}
