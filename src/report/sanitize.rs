//! Foreign text made safe to show: no control sequence, no invisible or reordering character, no endless line.

/// Bytes of one text that are kept.
const LIMIT: usize = 4096;
/// Stands where something was taken out whose absence would change what is read.
const MARK: char = '\u{fffd}';

/// Removes escape sequences, control characters other than tab and newline, and zero-width characters; replaces what reorders
/// or hides text by `�`; caps the length and says how much is missing.
#[must_use]
pub fn clean(text: &str) -> String {
    capped(&visible(text))
}

/// At most 4 KiB of the text, and how much is missing. Secrets are masked before, or half of one could be left at the cut.
pub(crate) fn capped(text: &str) -> String {
    let (kept, cut) = split(text, LIMIT);
    if cut.is_empty() { text.to_owned() } else { format!("{kept} … ({} more bytes)", cut.len()) }
}

/// At most `limit` bytes, never a part of a character, and the rest.
fn split(text: &str, limit: usize) -> (&str, &str) {
    let at = (0..=limit.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// The text without what a terminal would obey.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    // Whether a control string of this line had no end: no other one has, and none looks for it again.
    let mut endless = false;
    while let Some(character) = rest.next() {
        match character {
            '\x1b' => escape(&mut rest, &mut endless),
            '\u{9b}' => control_sequence(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => control_string(&mut rest, &mut endless),
            '\n' => {
                endless = false;
                out.push(character);
            }
            '\t' => out.push(character),
            // A carriage return before a newline is a line end of Windows; alone it is a line drawn over another.
            '\r' => {
                if !rest.as_str().is_empty() && !rest.as_str().starts_with('\n') {
                    out.push('\n');
                }
            }
            '\u{8}' => out.push(MARK),
            _ if character.is_control() => {}
            _ if hides(character) => {}
            _ if reorders(character) => out.push(MARK),
            _ => out.push(character),
        }
    }
    out
}

/// After `ESC`: a control sequence, a control string, or a short escape.
fn escape(rest: &mut std::str::Chars<'_>, endless: &mut bool) {
    let mut ahead = rest.clone();
    match ahead.next() {
        Some('[') => {
            *rest = ahead;
            control_sequence(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            *rest = ahead;
            control_string(rest, endless);
        }
        Some(' '..='/') => {
            *rest = ahead;
            skip_while(rest, |character| matches!(character, ' '..='/'));
            skip_one(rest, |character| matches!(character, '0'..='~'));
        }
        Some('0'..='~') => *rest = ahead,
        _ => {}
    }
}

/// Parameters, intermediates, and one final character; a broken sequence ends where it breaks.
fn control_sequence(rest: &mut std::str::Chars<'_>) {
    skip_while(rest, |character| matches!(character, '0'..='?'));
    skip_while(rest, |character| matches!(character, ' '..='/'));
    skip_one(rest, |character| matches!(character, '@'..='~'));
}

/// Up to `BEL` or the string terminator; one that never ends on its line is no control string, and its text is kept.
fn control_string(rest: &mut std::str::Chars<'_>, endless: &mut bool) {
    if *endless {
        return;
    }
    let mut ahead = rest.clone();
    while let Some(character) = ahead.next() {
        match character {
            '\x07' | '\u{9c}' => {
                *rest = ahead;
                return;
            }
            '\x1b' => {
                skip_one(&mut ahead, |next| next == '\\');
                *rest = ahead;
                return;
            }
            '\n' => break,
            _ => {}
        }
    }
    *endless = true;
}

fn skip_while(rest: &mut std::str::Chars<'_>, skip: impl Fn(char) -> bool) {
    while rest.as_str().starts_with(&skip) {
        rest.next();
    }
}

fn skip_one(rest: &mut std::str::Chars<'_>, skip: impl Fn(char) -> bool) {
    if rest.as_str().starts_with(skip) {
        rest.next();
    }
}

/// Nothing is seen of it: zero-width spaces and marks, soft hyphens, fillers, variation and tag characters.
fn hides(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Overrides, isolates and marks of direction, and the line ends that only some programs honour.
pub(crate) fn reorders(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_titles_and_links_of_a_terminal_vanish() {
        assert_eq!(clean("\x1b[31mred\x1b[0m \x1b[38;5;3mx\x1b[m"), "red x");
        assert_eq!(clean("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "alink");
        assert_eq!(clean("\u{9b}31mred\x1b(B\x1b=\x1bc"), "red");
        assert_eq!(clean("\x1bPq#0;2\x1b\\after \x1b[2J\x1b[H\x1b[?25l."), "after .");
        assert_eq!(clean("cut \x1b["), "cut ");
        assert_eq!(clean("kept \x1b]0;no end"), "kept 0;no end");
    }

    #[test]
    fn control_strings_without_end_are_looked_for_once() {
        assert_eq!(visible(&"\u{90}a".repeat(200_000)).len(), 200_000);
        assert_eq!(clean("\u{90}a\u{90}b\n\u{90}c\u{9c}d"), "ab\nd");
    }

    #[test]
    fn controls_vanish_and_tabs_and_newlines_stay() {
        assert_eq!(clean("a\tb\nc\r\nd\0e\x7ff\u{85}"), "a\tb\nc\ndef");
        assert_eq!(clean("10%\r20%\r"), "10%\n20%");
        assert_eq!(clean("pass\x08\x08ed"), "pass\u{fffd}\u{fffd}ed");
    }

    #[test]
    fn what_reorders_is_marked_and_what_hides_is_gone() {
        assert_eq!(clean("exe\u{202e}txt.\u{2066}a\u{2069}"), "exe\u{fffd}txt.\u{fffd}a\u{fffd}");
        assert_eq!(clean("pass\u{200b}word\u{feff}\u{e0041}"), "password");
    }

    #[test]
    fn long_texts_are_cut_with_a_count() {
        let cut = clean(&"é".repeat(5000));
        assert!(cut.starts_with(&"é".repeat(2048)) && cut.ends_with(" … (5904 more bytes)"), "{cut}");
        assert_eq!(clean(&"x".repeat(4096)).len(), 4096);
        assert!(clean(&"x".repeat(1_000_000)).ends_with("x … (995904 more bytes)"));
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "✗ Überraschung – 日本語 🎉 ❯ nx run twenty-server:start";
        assert_eq!(clean(text), text);
    }
}
