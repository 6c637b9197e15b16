//! Classes of letters and digits as logs use them: ASCII. Unicode's `\w` and `\d` are tables of hundreds of ranges, which cost most of a
//! start when regexes are compiled, and a log's words, numbers and blanks are ASCII.

/// The pattern with `\d`, `\w`, `\s` and `\b` meaning ASCII. Their negations stay as they are.
pub(crate) fn ascii(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 64);
    let mut letters = pattern.chars();
    let mut class = 0_usize;
    let mut first = false;
    while let Some(letter) = letters.next() {
        // A bracket that comes first in a class is a letter of it.
        let opens_late = std::mem::take(&mut first) && letter != '^';
        first |= letter == '^' && class > 0 && out.ends_with('[');
        match letter {
            '\\' => match letters.next() {
                Some('d') => out.push_str(if class > 0 { "0-9" } else { "[0-9]" }),
                Some('w') => out.push_str(if class > 0 { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('s') => out.push_str(if class > 0 { r"\t-\r " } else { r"[\t-\r ]" }),
                Some('b') if class == 0 => out.push_str(r"(?-u:\b)"),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' => {
                first = class == 0;
                class += 1;
                out.push('[');
            }
            ']' if class > 0 && !opens_late => {
                class -= 1;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::ascii;
    use regex::Regex;

    #[test]
    fn classes_become_ascii_inside_and_outside_of_brackets() {
        assert_eq!(ascii(r"\bport (\d+)[\w.-]*\s"), r"(?-u:\b)port ([0-9]+)[0-9A-Za-z_.-]*[\t-\r ]");
        assert_eq!(ascii(r"[^\s\]]\D\W\S\B\\d"), r"[^\t-\r \]]\D\W\S\B\\d");
        assert_eq!(ascii(r"[]\d][^]\w]\d"), r"[]0-9][^]0-9A-Za-z_][0-9]");
        assert_eq!(ascii(r"\[\d\] [[:alpha:]\d]\d"), r"\[[0-9]\] [[:alpha:]0-9][0-9]");
    }

    #[test]
    fn what_is_made_of_a_pattern_matches_the_same_in_ascii() {
        let text = "listen EADDRINUSE: address already in use 0.0.0.0:3000\ttook 12 ms [Nest] 25 - x_y.z]";
        for pattern in
            [r"\b(\w+): ", r"(\d+) ms\b", r":(\d{2,5})\s", r"[^\s:]+$", r"\[(\w+)\] \d+", r"[\w.]+\]", r"\S+:\d+"]
        {
            let find = |pattern: &str| Regex::new(pattern).unwrap().find(text).map(|found| found.range());
            assert_eq!(find(&ascii(pattern)), find(pattern), "{pattern}");
        }
    }
}
