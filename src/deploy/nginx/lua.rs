//! Lua, as far as it takes to find the end of a block of it inside nginx's configuration.

/// Bytes up to and with the brace that closes the block; all of them when none does.
pub(super) fn block_length(text: &str) -> usize {
    let mut depth = 1_usize;
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find(['{', '}', '"', '\'', '[', '-'])) {
        at += next;
        let rest = text.get(at..).unwrap_or_default();
        at += match rest.chars().next() {
            Some('{') => {
                depth += 1;
                1
            }
            Some('}') => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
                1
            }
            Some(quote @ ('"' | '\'')) => string(rest, quote),
            Some('[') => long(rest).unwrap_or(1),
            _ if rest.starts_with("--") => comment(rest),
            _ => 1,
        };
    }
    text.len()
}

/// The length of a quoted string, which ends at its line at the latest.
fn string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if (character == quote && !escaped) || character == '\n' {
            return at + 1;
        }
        escaped = character == '\\' && !escaped;
    }
    text.len()
}

/// The length of `[[ … ]]` or `[==[ … ]==]`, if one begins here.
fn long(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[')?;
    let level = inside.len() - inside.trim_start_matches('=').len();
    inside.get(level..)?.strip_prefix('[')?;
    let closing = format!("]{}]", "=".repeat(level));
    Some(text.find(&closing).map_or(text.len(), |at| at + closing.len()))
}

fn comment(text: &str) -> usize {
    let behind = text.get(2..).unwrap_or_default();
    match long(behind) {
        Some(length) => 2 + length,
        None => text.find('\n').unwrap_or(text.len()),
    }
}
