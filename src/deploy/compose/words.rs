//! A command written as one text, split into words as compose does: quotes and backslashes, no variables, no shell.

/// The words of a text; `None` when a quote is not closed.
pub(super) fn split(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().extend(rest.next()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '\'' => break,
                        inner => word.push(inner),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '"' => break,
                        '\\' => word.push(rest.next()?),
                        inner => word.push(inner),
                    }
                }
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_would() {
        let words = split("sh -c 'a  b' \"c \\\" d\" e\\ f ''\n").unwrap();
        assert_eq!(words, ["sh", "-c", "a  b", "c \" d", "e f", ""]);
        assert_eq!(split("sh -c 'a"), None);
        assert_eq!(split("  "), Some(Vec::new()));
    }
}
