//! A text as it was printed: without colours, and without what a log driver or a tool writes before and around each line. What
//! stands over several lines is only seen so.

use super::Span;
use super::cursor::first;

/// How an escape sequence begins, as itself or as it is escaped in a string.
const ESCAPES: [&str; 5] = ["\u{1b}[", "\\u001b[", "\\x1b[", "\\033[", "\\e["];

/// Signs as a page writes them.
const ENTITIES: [(&str, &str); 6] =
    [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">")];

/// The kept parts of a text, and where each of them stands in it.
pub(super) struct View {
    pub(super) text: String,
    /// Where a part begins here, and where in the text.
    parts: Vec<(usize, usize)>,
    /// Whether elements are escaped too, told by the end of one; without it a sign may be a part of a value.
    tags: bool,
}

impl View {
    /// `None` if a text is as it was printed.
    pub(super) fn of(text: &str) -> Option<Self> {
        let lines: Vec<(&str, Carrier<'_>)> = text.split_inclusive('\n').map(|line| (line, carrier(line))).collect();
        let carried = lines.iter().any(|(_, carrier)| *carrier != Carrier::None);
        let coloured = memchr::memchr(0x1b, text.as_bytes()).is_some()
            || memchr::memmem::find_iter(text.as_bytes(), "[")
                .filter_map(|at| text.get(..at))
                .any(|before| before.ends_with('b') && ESCAPES.iter().any(|escape| ends_escape(before, escape)))
            || text.contains("\\033[")
            || text.contains("\\e[")
            || ENTITIES.iter().any(|(entity, _)| memchr::memmem::find(text.as_bytes(), entity.as_bytes()).is_some());
        if !carried && !coloured {
            return None;
        }
        let mut view =
            Self { text: String::with_capacity(text.len()), parts: Vec::new(), tags: text.contains("&lt;/") };
        let (mut at, none) = (0, Carrier::None);
        for (number, (line, carrier)) in lines.iter().enumerate() {
            let before =
                number.checked_sub(1).and_then(|number| lines.get(number)).map_or(&none, |(_, carrier)| carrier);
            let next = lines.get(number + 1).map_or(&none, |(_, carrier)| carrier);
            // A single line that begins so may be a row or a sentence.
            let (from, to) = match carrier {
                Carrier::None => (0, line.len()),
                Carrier::Record(from, to) => (*from, *to),
                Carrier::Lead(..) if !carrier.like(before) && !carrier.like(next) => (0, line.len()),
                Carrier::Lead(lead, _) => (lead.len(), line.len()),
            };
            view.plain(line, at, (from, to));
            if to < line.len() {
                view.part("\n", at + line.len() - usize::from(line.ends_with('\n')));
            }
            at += line.len();
        }
        Some(view)
    }

    /// A piece of a line without its colours.
    fn plain(&mut self, line: &str, at: usize, (from, to): (usize, usize)) {
        let (mut start, mut look) = (from, from);
        while let Some(sign) = line.get(look..to).and_then(|rest| memchr::memchr2(b'[', b'&', rest.as_bytes())) {
            let behind = look + sign + 1;
            let rest = line.get(behind - 1..to).unwrap_or_default();
            let known = |(entity, plain): &&(&str, &str)| rest.starts_with(entity) && (self.tags || is_quote(plain));
            if let Some((entity, plain)) = ENTITIES.iter().find(known) {
                self.part(line.get(start..behind - 1).unwrap_or_default(), at + start);
                self.part(plain, at + behind - 1);
                start = behind - 1 + entity.len();
                look = start;
                continue;
            }
            let head = line.get(start..behind).unwrap_or_default();
            let escape = ESCAPES.iter().find(|escape| head.ends_with(*escape));
            let length = escape.and_then(|escape| Some((escape, colour(line.get(behind..to)?)?)));
            look = behind;
            if let Some((escape, length)) = length {
                self.part(line.get(start..behind - escape.len()).unwrap_or_default(), at + start);
                start = behind + length;
                look = start;
            }
        }
        self.part(line.get(start..to).unwrap_or_default(), at + start);
    }

    fn part(&mut self, text: &str, at: usize) {
        if !text.is_empty() {
            self.parts.push((self.text.len(), at));
            self.text.push_str(text);
        }
    }

    /// The same spans in the text itself; one that goes on behind what is left out is another one of the same secret.
    pub(super) fn spans(&self, spans: &[Span]) -> Vec<Span> {
        let mut all = Vec::with_capacity(spans.len());
        for span in spans {
            let (mut start, mut same) = (span.start, span.same);
            let first = self.parts.partition_point(|(begin, _)| *begin <= start).saturating_sub(1);
            for (number, (begin, at)) in self.parts.iter().enumerate().skip(first) {
                let next = self.parts.get(number + 1).map_or(self.text.len(), |(next, _)| *next);
                let end = span.end.min(next);
                if start < end && self.text.get(start..end).is_some_and(|text| !text.trim().is_empty()) {
                    all.push(Span { start: at + start - begin, end: at + end - begin, kind: span.kind, same });
                    same = true;
                }
                start = end;
                if end == span.end {
                    break;
                }
            }
        }
        all
    }
}

fn is_quote(sign: &str) -> bool {
    matches!(sign, "\"" | "'")
}

/// Whether a text that ends before a bracket ends in this escape.
fn ends_escape(before: &str, escape: &str) -> bool {
    escape.strip_suffix('[').is_some_and(|head| before.ends_with(head))
}

/// Bytes of a sequence behind its bracket.
fn colour(rest: &str) -> Option<usize> {
    let length = rest.bytes().position(|byte| !byte.is_ascii_digit() && byte != b';' && byte != b'?')?;
    let last = rest.as_bytes().get(length)?;
    (length <= 20 && last.is_ascii_alphabetic()).then_some(length + 1)
}

/// What stands around the text of a line.
#[derive(PartialEq)]
enum Carrier<'t> {
    None,
    /// `{"log":"…\n","stream":"stdout","time":"…"}`: the text is between these places.
    Record(usize, usize),
    /// What is written before the text, and whether it is a time.
    Lead(&'t str, bool),
}

impl Carrier<'_> {
    fn like(&self, other: &Self) -> bool {
        match (self, other) {
            (Carrier::Lead(_, true), Carrier::Lead(_, true)) => true,
            (Carrier::Lead(lead, false), Carrier::Lead(other, false)) => lead == other,
            _ => false,
        }
    }
}

fn carrier(line: &str) -> Carrier<'_> {
    match line.as_bytes().first() {
        Some(b'{') => record(line),
        Some(b'1' | b'2') => match time(line) {
            Some(end) => line.get(..end).map_or(Carrier::None, |lead| Carrier::Lead(lead, true)),
            None => name(line),
        },
        Some(b'[') => bracket(line),
        Some(byte) if byte.is_ascii_alphanumeric() => name(line),
        _ => Carrier::None,
    }
}

fn record(line: &str) -> Carrier<'_> {
    const HEAD: &str = "{\"log\":\"";
    let tail = line.strip_prefix(HEAD).and_then(|rest| rest.rfind("\",\"stream\":\"std"));
    let (Some(tail), true) = (tail, line.trim_end().ends_with("\"}")) else {
        return Carrier::None;
    };
    let text = line.get(HEAD.len()..HEAD.len() + tail).unwrap_or_default();
    let text = text.strip_suffix("\\n").unwrap_or(text);
    Carrier::Record(HEAD.len(), HEAD.len() + text.len())
}

/// `2026-11-27T10:00:00.123456789Z `, and what the runtime of a cluster writes behind it: `stdout F `.
fn time(line: &str) -> Option<usize> {
    let head = first(line, 40);
    let end = head.find(' ')?;
    let time = head.get(..end)?;
    let fits = time.len() >= 20
        && time.as_bytes().get(10) == Some(&b'T')
        && time.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'T' | b'Z' | b'+'));
    let rest = line.get(end + 1..)?;
    let stream = ["stdout F ", "stderr F ", "stdout P ", "stderr P "].iter().find(|stream| rest.starts_with(*stream));
    fits.then_some(end + 1 + stream.map_or(0, |stream| stream.len()))
}

/// `api-1  | `, as compose writes it.
fn name(line: &str) -> Carrier<'_> {
    const LONGEST: usize = 64;
    let head = first(line, LONGEST);
    let name = head.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(head.len());
    let Some(rest) = head.get(name..).filter(|rest| rest.starts_with(' ')) else {
        return Carrier::None;
    };
    let bar = rest.len() - rest.trim_start().len();
    if !rest.get(bar..).is_some_and(|rest| rest.starts_with("| ")) {
        return Carrier::None;
    }
    line.get(..name + bar + 2).map_or(Carrier::None, |lead| Carrier::Lead(lead, false))
}

/// `[pod/api-7f/api] `
fn bracket(line: &str) -> Carrier<'_> {
    const LONGEST: usize = 80;
    let head = first(line, LONGEST);
    let end = head.find("] ").filter(|end| !head.get(..*end).is_some_and(|inside| inside.contains(['"', '\'', '='])));
    end.and_then(|end| line.get(..end + 2)).map_or(Carrier::None, |lead| Carrier::Lead(lead, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_in_a_view_is_found_in_the_text() {
        let text = "a-1  | \u{1b}[32mkey\u{1b}[0m=\u{1b}[1;33mvalue\na-1  | more\u{1b}[0m\n";
        let view = View::of(text).unwrap();
        assert_eq!(view.text, "key=value\nmore\n");
        let spans = view.spans(&[Span::new(4, 14, "token")]);
        let parts: Vec<_> = spans.iter().map(|span| (text.get(span.start..span.end).unwrap(), span.same)).collect();
        assert_eq!(parts, [("value\n", false), ("more", true)]);
    }

    #[test]
    fn records_and_times_are_left_out_and_rows_are_not() {
        let record = "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-27T10:00:00Z\"}\n";
        assert_eq!(View::of(record).unwrap().text, "a\n");
        assert_eq!(View::of(&record.repeat(2)).unwrap().text, "a\na\n");
        let time = "2026-11-27T10:00:00.1Z stderr F x\n2026-11-27T10:00:01.1Z stdout F y\n";
        assert_eq!(View::of(time).unwrap().text, "x\ny\n");
        let rows = "id       | 1\npassword | x\n";
        assert_eq!(View::of(rows).unwrap().text, rows);
        assert!(View::of("plain [1] text\n").is_none());
    }
}
