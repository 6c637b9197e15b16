//! Prose with `` `code` `` in it, as rules and diagnoses write it.

/// A stretch of prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// Words.
    Plain(&'t str),
    /// What stood between two backticks.
    Code(&'t str),
}

/// Parts between single backticks; a lone backtick is plain text.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, beyond)) = after.split_once('`').filter(|(code, _)| !code.trim().is_empty()) else {
            break;
        };
        parts.push(Part::Plain(before));
        parts.push(Part::Code(code));
        rest = beyond;
    }
    parts.push(Part::Plain(rest));
    parts
}
