//! What the drawings share: how wide a text is about, and texts that fit.

use unicode_width::UnicodeWidthChar as _;

use super::markup::Markup;

/// Thousandths of the font's size that a character takes; no font is known here, so rather too much than too little.
fn advance(character: char) -> usize {
    match character {
        'i' | 'j' | 'l' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 340,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '-' | '"' | '`' => 440,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 980,
        '_' | 'a'..='z' | '0'..='9' => 620,
        'A'..='Z' => 760,
        _ if character.width() == Some(2) => 1100,
        _ if character.is_alphabetic() => 760,
        _ => 1000,
    }
}

/// Tenths of a pixel that a text takes in a font of `size` pixels.
fn measure(text: &str, size: usize) -> usize {
    text.chars().map(advance).sum::<usize>() * size / 100
}

/// Pixels that a text takes in a font of `size` pixels.
pub(super) fn pixels(text: &str, size: usize) -> usize {
    measure(text, size).div_ceil(10)
}

/// The text, or as much of its beginning as fits, with an ellipsis.
pub(super) fn cut(text: &str, size: usize, pixels: usize) -> String {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if measure(&text, size) <= pixels * 10 {
        return text;
    }
    let room = (pixels * 10).saturating_sub(measure("…", size));
    let mut kept = String::new();
    let mut taken = 0;
    for character in text.chars() {
        taken += advance(character) * size;
        if taken / 100 > room {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// The text, or as much of its end as fits: of a path the end tells more.
pub(super) fn tail(text: &str, size: usize, pixels: usize) -> String {
    let turned = |text: &str| text.chars().rev().collect::<String>();
    turned(&cut(&turned(text), size, pixels))
}

/// The text in lines that fit, at most so many; what is too long ends in an ellipsis. Words longer than a line are broken.
pub(super) fn wrap(text: &str, size: usize, pixels: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if measure(&longer, size) <= pixels * 10 {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            if !line.is_empty() && measure(&line, size) + advance(character) * size / 100 > pixels * 10 {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
        if lines.len() > most {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last}…"), size, pixels);
        }
    }
    lines
}

/// Ten thousandths as a percentage: places that stretch with the page, while letters keep their size.
pub(super) fn percent(parts: u64) -> String {
    format!("{}.{:02}%", parts / 100, parts % 100)
}

/// A line of text in a drawing.
pub(super) fn text(class: &'static str, x: &str, y: usize, words: &str, svg: &mut Markup) {
    svg.element("text", &[("class", class), ("x", x), ("y", &y.to_string())], words);
    svg.fixed("\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_say_when_something_is_missing() {
        assert_eq!(wrap("one two three", 10, 50, 3), ["one two", "three"]);
        assert_eq!(wrap("one two three", 10, 55, 1), ["one two…"]);
        assert_eq!(wrap("", 10, 50, 3), Vec::<String>::new());
        let broken = wrap(&"x".repeat(40), 10, 100, 2);
        assert_eq!(broken.len(), 2);
        assert!(broken[1].ends_with('…'), "{broken:?}");
        for line in &broken {
            assert!(measure(line, 10) <= 1000 + 100, "{line}");
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(cut("short", 10, 100), "short");
        assert_eq!(cut("a much longer text", 10, 50), "a much…");
        assert_eq!(tail("logs/of/nginx.log:12", 10, 75), "…nginx.log:12");
        assert_eq!(cut(&"日本".repeat(10), 10, 50), "日本日…");
    }

    #[test]
    fn percentages() {
        assert_eq!([0, 5, 1250, 10_000].map(percent), ["0.00%", "0.05%", "12.50%", "100.00%"]);
    }
}
