//! Variables of a Dockerfile: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}`.

use crate::deploy::text::WORD;

/// The text with its variables replaced; nothing when one is not known.
pub(super) fn expand(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        if result.len() > WORD {
            return None;
        }
        let before = rest.get(..at)?;
        let after = rest.get(at + 1..)?;
        if let Some(escaped) = before.strip_suffix('\\') {
            result.push_str(escaped);
            result.push('$');
            rest = after;
            continue;
        }
        result.push_str(before);
        rest = variable(after, value, &mut result)?;
    }
    result.push_str(rest);
    Some(result)
}

/// Replaces the variable behind a `$`; gives what stands behind it.
fn variable<'t>(text: &'t str, value: &dyn Fn(&str) -> Option<String>, result: &mut String) -> Option<&'t str> {
    let braced = text.strip_prefix('{');
    let name_in = braced.unwrap_or(text);
    let length = name_in.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let (name, behind) = name_in.split_at_checked(length)?;
    if name.is_empty() {
        result.push('$');
        return Some(text);
    }
    if braced.is_none() {
        result.push_str(&value(name).filter(|value| value.len() <= WORD)?);
        return Some(behind);
    }
    let (operation, rest) = behind.split_once('}')?;
    let known = value(name);
    let text = match operation.strip_prefix(':').unwrap_or(operation).split_at_checked(1) {
        Some(("-", default)) => known.filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned()),
        Some(("+", other)) => known.filter(|value| !value.is_empty()).map_or_else(String::new, |_| other.to_owned()),
        _ => known?,
    };
    result.push_str(&text);
    (result.len() <= 2 * WORD).then_some(rest)
}
