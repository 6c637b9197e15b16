//! A text in pieces, so that a line of a megabyte of signs costs no more than as many lines: finders may read on to the end of what they
//! are given.

use std::ops::Range;

use super::Span;
use super::cursor::is_quote;

/// A longer line is looked at in pieces, in bytes.
const LONG: usize = 4096;
/// Bytes of a piece; the next one begins in its middle, so that everything has half a piece behind it.
const PIECE: usize = 1024;

/// Whole lines together, and of each long line its pieces, in order.
pub(super) fn pieces(text: &str) -> Vec<Range<usize>> {
    let (mut pieces, mut whole, mut at) = (Vec::new(), 0, 0);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if line.len() > LONG {
            if whole < at {
                pieces.push(whole..at);
            }
            let middles = (at..end).step_by(PIECE / 2).map(|start| text.floor_char_boundary(start));
            pieces.extend(middles.map(|start| start..text.floor_char_boundary(end.min(start + PIECE))));
            whole = end;
        }
        at = end;
    }
    if whole < at || pieces.is_empty() {
        pieces.push(whole..at);
    }
    pieces
}

/// The secrets of every piece by their places in the text. One that a piece's end cuts goes on to where its value ends.
pub(super) fn found(text: &str, pieces: &[Range<usize>], find: impl Fn(&str) -> Vec<Span>) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut behind = 0;
    for piece in pieces {
        if piece.end <= behind {
            continue;
        }
        for mut span in find(text.get(piece.clone()).unwrap_or_default()) {
            (span.start, span.end) = (span.start + piece.start, span.end + piece.start);
            let cut = span.end == piece.end && !text.get(..piece.end).is_some_and(|before| before.ends_with('\n'));
            if cut {
                span.end = value_end(text, span);
                behind = span.end;
            }
            spans.push(span);
        }
    }
    spans
}

/// Behind a quote up to the same quote, else up to white space or a quote.
fn value_end(text: &str, span: Span) -> usize {
    let bytes = text.as_bytes();
    let quote = span.start.checked_sub(1).and_then(|at| bytes.get(at)).copied().filter(|byte| is_quote(*byte));
    let ends = |byte: u8| match quote {
        Some(quote) => byte == quote || byte == b'\n',
        None => byte.is_ascii_whitespace() || is_quote(byte),
    };
    let rest = bytes.get(span.end..).unwrap_or_default();
    // A key goes on behind blanks, to its label.
    if matches!(span.kind, "private-key" | "pem") {
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let label = rest.get(..line).and_then(|line| memchr::memmem::find(line, b"-----END"));
        if let Some(end) = label {
            return span.end + end;
        }
    }
    span.end + rest.iter().position(|byte| ends(*byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::super::Redactor;
    use super::*;

    #[test]
    fn every_byte_is_in_a_piece() {
        let text = format!("short\n{}\nshort\nshort\n{}é", "é".repeat(3000), "x".repeat(5000));
        let all = pieces(&text);
        assert_eq!(all.first().cloned(), Some(0..6));
        assert!(all.windows(2).all(|pair| pair[1].start <= pair[0].end) && all.last().unwrap().end == text.len());
        assert_eq!((pieces("a\nb").first(), pieces("").first()), (Some(&(0..3)), Some(&(0..0))));
    }

    #[test]
    fn secrets_of_long_lines_are_found_wherever_they_stand() {
        for before in 4000..4600 {
            let filler = "word ".repeat(before / 5) + &"w".repeat(before % 5);
            let long = "Zq7".repeat(900);
            let text = format!("{filler} DB_PASSWORD=Kestrel77x PASSWORD=\"{long}\" {}", "word ".repeat(300));
            let masked = Redactor::new().mask(&text);
            assert!(!masked.contains("Kestrel") && !masked.contains("Zq7Zq7"), "{before}");
            assert!(masked.ends_with(&"word ".repeat(300)), "{before}");
        }
    }
}
