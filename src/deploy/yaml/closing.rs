//! A closing bracket that stands no further right than the key before it: the standard forbids it, compose's reader takes it, and people write it.

/// The text with such a bracket drawn to the line before it, when the line at `at` begins with one. All bytes keep their places.
pub(super) fn drawn(text: &str, at: usize) -> Option<String> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    if !text.get(start..)?.trim_start_matches([' ', '\t']).starts_with([']', '}']) {
        return None;
    }
    let mut bytes = text.as_bytes().to_vec();
    let mut end = start;
    loop {
        let newline = end.checked_sub(1)?;
        let begin = text.get(..newline)?.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(begin..newline)?;
        let comment = comment(line);
        bytes.get_mut(begin + comment..=newline)?.fill(b' ');
        if !line.get(..comment)?.trim().is_empty() {
            return String::from_utf8(bytes).ok();
        }
        end = begin;
    }
}

/// Where the comment of a line begins, or its end; a hash inside quotes begins none.
fn comment(line: &str) -> usize {
    let mut quote = None;
    let mut before = ' ';
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (None, '#') if before.is_whitespace() => return at,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character && before != '\\' => quote = None,
            _ => {}
        }
        before = character;
    }
    line.trim_end_matches('\r').len()
}

#[cfg(test)]
mod tests {
    use super::drawn;

    #[test]
    fn brackets_are_drawn_to_the_line_before() {
        let text = "a: [\n  \"b # c\", # ü\n# d\n\n]\ne: f\n";
        let at = text.find(']').unwrap();
        let joined = drawn(text, at).unwrap();
        assert_eq!(joined.len(), text.len());
        assert_eq!(joined.find(']'), Some(at));
        assert_eq!(joined.lines().count(), 3);
        assert!(joined.contains("\"b # c\",") && !joined.contains('d'));
        assert_eq!(drawn(text, 0), None);
        assert_eq!(drawn("]", 0), None);
    }
}
