//! Assignments: environment variables, JSON, YAML, INI, connection strings, and objects as a program prints them.

use super::accept::{self, Place};
use super::cursor::{Cursor, is_blank, is_quote, is_word};
use super::{Span, field, foreign, key, protocol, spoken, value};

/// Bytes of a name at most.
const NAME: usize = 100;
/// Bytes at the end of a name that are looked at first.
const LAST: usize = 8;
/// Bytes before the user of a module in which it is named.
const MODULE: usize = 400;
/// Blanks between a name and its sign at most.
const BLANKS: usize = 40;

/// The name before a sign.
#[derive(Clone, Copy)]
pub(super) struct Name<'t> {
    pub(super) start: Cursor<'t>,
    pub(super) end: Cursor<'t>,
    pub(super) quoted: bool,
    pub(super) kind: &'static str,
}

impl<'t> Name<'t> {
    /// The name of a secret that ends before this place; in brackets, quotes or a cast it is the same name.
    pub(super) fn before(sign: Cursor<'t>) -> Option<Self> {
        let blanks = sign.back(is_blank);
        let bracket = if blanks.before() == b']' { Cursor::new(sign.text, blanks.at - 1) } else { cast(blanks) };
        let bracket = if bracket.at < blanks.at && bracket.before() == b')' { symbol(bracket) } else { bracket };
        let quoted = is_quote(bracket.before());
        let quote = if quoted { Cursor::new(sign.text, bracket.at - 1) } else { bracket };
        let end = quote.back(|byte| byte == b'\\');
        if !may_be_name(end) {
            return None;
        }
        let part = |byte: u8| is_word(byte) || matches!(byte, b'.' | b'-');
        let start = end.back(part).skip(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        // The letter of an escaped end of a line is no part of it.
        let escaped = start.before() == b'\\'
            && matches!(start.byte(), b'n' | b'r' | b't')
            && key::kind(start.until(end)).is_none();
        let start = if escaped { start.plus(1) } else { start };
        let fits = start.at < end.at && end.at - start.at <= NAME && sign.at - blanks.at <= BLANKS;
        if !fits {
            return None;
        }
        let kind = key::kind(start.until(end));
        let kind = kind.or_else(|| in_section(start, end)).or_else(|| below_parent(start, end))?;
        Some(Self { start, end, quoted, kind })
    }

    /// A name before a sign that holds a secret only if the value says so.
    pub(super) fn weak(sign: Cursor<'t>) -> Option<Self> {
        let quote = sign.back(is_blank);
        let quoted = is_quote(quote.before());
        let end = if quoted { Cursor::new(sign.text, quote.at - 1).back(|byte| byte == b'\\') } else { quote };
        let start = end.back(|byte| is_word(byte) || matches!(byte, b'.' | b'-'));
        if end.at - start.at > NAME || sign.at - quote.at > BLANKS {
            return None;
        }
        let name = start.until(end);
        // A broker lists the passwords of its users so.
        let module = || start.text.get(start.text.floor_char_boundary(start.at.saturating_sub(MODULE))..start.at);
        let listed = name.starts_with("user_") && module().is_some_and(|before| before.contains("LoginModule"));
        let kind = if listed { Some("password") } else { key::weak(name) };
        let generated = name == "result" && {
            let from = start.text.floor_char_boundary(start.at.saturating_sub(MODULE / 2));
            start.text.get(from..start.at).is_some_and(|before| before.contains("random_password"))
        };
        let kind = kind.or(generated.then_some("password"));
        let kind = kind.or_else(|| two_words(start).filter(|_| name.eq_ignore_ascii_case("id")));
        let below = || (name == "primary_key" && parent(start)?.contains("encrypt")).then_some("api-key");
        Some(Self { start, end, quoted, kind: kind.or_else(below)? })
    }

    pub(super) fn text(self) -> &'t str {
        self.start.until(self.end)
    }
}

/// `Session ID`, `Secret ID`: the word before.
fn two_words(id: Cursor<'_>) -> Option<&'static str> {
    let before = id.back(is_blank);
    let word = before.back(is_word).until(before);
    let kind =
        [("session", "token"), ("secret", "password")].iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
    kind.filter(|_| before.at < id.at).map(|(_, kind)| *kind)
}

/// `Jwt:Key`: a section of a configuration stands before.
fn in_section(start: Cursor<'_>, end: Cursor<'_>) -> Option<&'static str> {
    let told = start.before() == b':' && start.until(end) == "Key";
    told.then(|| key::kind(start.back(|byte| is_word(byte) || byte == b':').until(end))).flatten()
}

/// `key:` below a line of `api:`, less indented.
fn below_parent(start: Cursor<'_>, end: Cursor<'_>) -> Option<&'static str> {
    if start.until(end) != "key" {
        return None;
    }
    let parent = parent(start).or_else(|| inline_parent(start))?;
    ["api", "secret", "jwt", "encryption", "signing", "hmac", "license", "openai", "stripe", "crypt", "crypto"]
        .contains(&parent)
        .then_some("api-key")
}

/// `'crypt' => [ 'key' => …`, `crypt: { key: …`: the name before the bracket.
fn inline_parent(start: Cursor<'_>) -> Option<&str> {
    let open = start.quote_before().back(is_blank);
    let bracket = matches!(open.before(), b'[' | b'{' | b'(').then(|| Cursor::new(start.text, open.at - 1))?;
    let sign = bracket.back(is_blank);
    let end = sign.back(|byte| matches!(byte, b'=' | b'>' | b':')).quote_before();
    (end.at < sign.at).then(|| end.back(is_word).until(end))
}

/// The name alone on the line above, less indented.
fn parent(start: Cursor<'_>) -> Option<&str> {
    let lead = start.line_before();
    let indent = lead.trim_end_matches(['"', '\'']);
    if indent.is_empty() || !indent.trim().is_empty() {
        return None;
    }
    let above = Cursor::new(start.text, (start.at - lead.len()).checked_sub(1)?).line_before();
    let open = above.trim_end();
    let parent = open.trim_end_matches(['[', '{', ' ', '>', '=']).trim_end_matches(':').trim_end_matches(['"', '\'']);
    let depth = parent.len() - parent.trim_start().len();
    (parent.len() < open.len() && depth < indent.len()).then_some(parent.trim().trim_start_matches(['"', '\'']))
}

/// Before the bracket of `[Symbol(password)]`.
fn symbol(end: Cursor<'_>) -> Cursor<'_> {
    let inside = Cursor::new(end.text, end.at - 1);
    let open = inside.back(|byte| is_word(byte) || byte == b' ');
    if open.line_before().ends_with("Symbol(") { inside } else { end }
}

/// Before `)::text`, as a database prints a comparison.
fn cast(end: Cursor<'_>) -> Cursor<'_> {
    let kind = end.back(is_word);
    let colons = kind.at.checked_sub(2).map(|at| Cursor::new(end.text, at)).filter(|at| at.take("::").is_some());
    colons.filter(|_| kind.at < end.at).map_or(end, |colons| colons.back(|byte| byte == b')'))
}

/// Whether the word that ends here can name a secret; told from its last letters, most end here.
pub(super) fn may_be_name(end: Cursor<'_>) -> bool {
    let before = end.text.as_bytes().get(end.at.saturating_sub(LAST)..end.at).unwrap_or_default();
    matches!(before.last(), Some(byte) if is_word(*byte)) && key::may_end(before)
}

/// The setting whose sign is the `=` or `:` here.
pub(super) fn at(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let (sign, equals) = match (here.before(), here.byte(), here.plus(1).byte()) {
        (b':', b'=', _) => return,
        (_, b'=', b'>') | (_, b':', b'=') => (here.plus(2), true),
        (_, byte, _) => (here.plus(1), byte == b'='),
    };
    // `["password":protected]=>`: who may see it stands between.
    let (sign, equals) = visibility(sign).map_or((sign, equals), |sign| (sign, true));
    let compares =
        here.byte() == b'=' && here.before() != b'=' && (here.before() == b'!' || here.plus(1).byte() == b'=');
    if compares {
        compared(here, spans);
        spoken::compared(here, spans);
    } else if let Some(name) = Name::before(unsigned(here)).or_else(|| foreign::before(here)) {
        value_of(name, here, (sign, equals), spans);
    } else if let Some(name) = Name::weak(here) {
        weak(name, here, sign, spans);
    } else if !protocol::account(here, spans)
        && matches!(sign.blanks().byte(), b'[' | b'\n')
        && matches!(here.quote_before().before(), b's' | b'S' | b'x' | b'4')
    {
        field::plural(here, sign.blanks(), spans);
    }
}

/// Before the signs of `??=` and `||=`.
fn unsigned(here: Cursor<'_>) -> Cursor<'_> {
    if here.byte() == b'=' && matches!(here.before(), b'?' | b'|') {
        here.back(|byte| matches!(byte, b'?' | b'|'))
    } else {
        here
    }
}

/// `$http_x_api_key != "x"`, `token === 'x'`: a string that a secret is compared with.
fn compared(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let sign = here.back(|byte| byte == b'!');
    let value = here.skip(|byte| byte == b'=').blanks();
    if !is_quote(value.byte()) {
        return;
    }
    if let Some(name) = Name::before(sign)
        && let Some((from, to)) = value::quoted(value.line_after())
        && value.line_after().get(from..to).is_some_and(|text| text.len() >= 8 && value::is_strong(text))
    {
        spans.push(Span::new(value.at + from, value.at + to, name.kind));
    }
}

/// The value of a name that may be one of secrets: it must look like one, each of several.
fn weak(name: Name<'_>, here: Cursor<'_>, sign: Cursor<'_>, spans: &mut Vec<Span>) {
    let value = sign.blanks();
    let block = value.line_after().trim_end().starts_with(['>', '|']);
    let place = Place {
        kind: name.kind,
        name: name.text(),
        tight: false,
        quoted_name: name.quoted,
        equals: here.byte() == b'=',
        before: name.start.line_before(),
        after: value.line_after(),
    };
    if block && name.text().ends_with('S') {
        field::block(&place, value, spans);
        return;
    }
    let start = value.quote();
    let query = matches!(name.start.before(), b'?' | b'&');
    let short = matches!(name.text(), "v0" | "v1");
    let end = start.skip(|byte| {
        let sign = matches!(byte, b'\\' | b';' | b'}' | b')') || query && byte == b'&' || short && byte == b',';
        byte > b' ' && !is_quote(byte) && !sign
    });
    let closed = is_quote(start.before()).then(|| value::quoted(value.line_after())).flatten();
    let end = closed.map_or(end, |(_, to)| Cursor::new(value.text, value.at + to));
    let text = start.until(end).trim_end_matches([',', '.']);
    let header = name.text().get(..2).is_some_and(|head| head.eq_ignore_ascii_case("x-"));
    let several = name.text().ends_with('S');
    let login = name.kind == "credential" && text.contains(':');
    let told = header || several || login || name.kind == "password";
    // `sha256=x`: the function stands before.
    let head = ["sha256=", "sha1=", "sha512=", "v0=", "v1="]
        .iter()
        .find(|head| text.starts_with(**head))
        .map_or(0, |head| head.len());
    let (start, text) = (start.plus(head), text.get(head..).unwrap_or_default());
    // The parts of a signature stand behind a time: `t=1,v1=x`.
    if matches!(name.text(), "v0" | "v1") && !name.start.line_before().contains("t=") {
        return;
    }
    let secret = |part: &str| value::is_random(part) || value::is_grouped(part) || told && value::is_strong(part);
    let parts = || text.split(',').all(|part| secret(part) && key::kind(part).is_none());
    let cookie = name.kind == "session" && text.len() >= 20;
    if sign.byte() != b':' && !text.is_empty() && !value::is_path(text) && !text.contains("://") && (cookie || parts())
    {
        spans.push(Span::new(start.at, start.at + text.len(), name.kind));
    }
}

/// Behind the arrow of `["password":protected]=>`.
fn visibility(sign: Cursor<'_>) -> Option<Cursor<'_>> {
    let class = if sign.byte() == b'"' { sign.plus(1).skip(is_word).take("\":")? } else { sign };
    let behind = class.take("protected]").or_else(|| class.take("private]"))?;
    behind.blanks().take("=>")
}

/// The same behind a sign of full width, as Chinese and Japanese texts have it.
pub(super) fn wide(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if spans.last().is_some_and(|span| here.at < span.end) {
        return;
    }
    if let Some(arrow) = ["\u{2192}", "\u{21d2}", "\u{2254}"].iter().find_map(|sign| here.take(sign)) {
        return behind_arrow(here, arrow, spans);
    }
    let sign = ["\u{ff1a}", "\u{ff1d}"].iter().find_map(|sign| here.take(sign));
    if let Some(sign) = sign
        && let Some(name) = Name::before(here).or_else(|| foreign::before(here))
    {
        value_of(name, here, (sign, true), spans);
    }
}

/// The value behind the sign of a name.
fn value_of<'t>(name: Name<'t>, here: Cursor<'t>, (sign, equals): (Cursor<'t>, bool), spans: &mut Vec<Span>) {
    // `Token::new` is a path of a program, `userPassword:: x` an attribute in base64.
    let sign = match (equals, sign.byte(), is_blank(sign.plus(1).byte())) {
        (false, b':', true) => sign.plus(1),
        (false, b':', false) => return,
        _ => sign,
    };
    let value = sign.blanks();
    let place = Place {
        kind: name.kind,
        name: name.text(),
        tight: here.byte() == b'=' && sign.at == here.at + 1 && value.at == sign.at && !is_blank(here.before()),
        quoted_name: name.quoted,
        equals,
        before: name.start.line_before(),
        after: value.line_after(),
    };
    if name.quoted && matches!(value.byte(), b'\n' | b'\r') && field::below(name.kind, value, spans)
        || !name.quoted && !equals && value.byte() == b'\n' && field::word_below(&place, value, spans)
        || field::lines(name.kind, value, spans)
        || matches!(value.byte(), b'|' | b'>') && field::block(&place, value, spans)
        || value.byte() == b'[' && field::list(&place, value, spans)
        || matches!(value.byte(), b'<' | b'{') && field::bytes(&place, value, spans)
        || sign.before() == b'>' && field::printed(&place, value, spans)
    {
        return;
    }
    let (value, place) = match wrapped(value) {
        Some(inner) => (inner, Place { after: inner.line_after(), ..place }),
        None => (value, place),
    };
    if let Some((from, to)) = accept::secret(&place) {
        spans.push(Span::new(value.at + from, value.at + to, place.kind));
        // `"old" -> "new"`, as a plan or a report of changes prints it.
        let old = Cursor::new(here.text, value.at + to).quote().blanks();
        let changed = ["->", "=>", "\u{2192}"].iter().find_map(|arrow| old.take(arrow)).map(Cursor::blanks);
        if let Some((next, (from, to))) = changed.and_then(|next| Some((next, value::quoted(next.line_after())?))) {
            spans.push(Span::new(next.at + from, next.at + to, place.kind));
        } else if let Some(next) = changed {
            let stop = next.skip(|byte| byte > b' ');
            if value::is_typed(next.until(stop)) {
                spans.push(Span::new(next.at, stop.at, place.kind));
            }
        }
    }
}

/// Behind `Some(` and its like, or the type that PHP writes first, if a string stands there.
fn wrapped(value: Cursor<'_>) -> Option<Cursor<'_>> {
    let below = value.skip(|byte| byte.is_ascii_whitespace());
    if let Some(next) = value.take("string").or_else(|| below.take("string(").filter(|_| value.byte() == b'\n')) {
        let next = next.skip(|byte| byte.is_ascii_digit() || matches!(byte, b'(' | b')')).blanks();
        return is_quote(next.byte()).then_some(next);
    }
    // A tag or an anchor of YAML, the letter of Python's strings.
    let anchor =
        || value.take("&").filter(|name| name.word("mut").or_else(|| name.word("dyn")).is_none())?.skip(is_word).gap();
    let tagged = value.take("!!str ").or_else(|| value.take("!!binary ")).or_else(anchor);
    if let Some(inner) = tagged.filter(|inner| inner.byte() > b' ') {
        return Some(inner);
    }
    let inner = ["b", "u", "n", "e"]
        .iter()
        .find_map(|letter| value.take(letter))
        .filter(|inner| matches!(inner.byte(), b'\'' | b'"'));
    if inner.is_some() {
        return inner;
    }
    // `(string) (len=11) "x"`, as Go dumps it.
    let typed = ["(string) ", "(len="].iter().fold(value, |here, part| match here.take(part) {
        Some(next) if *part == "(len=" => next.skip(|byte| byte.is_ascii_digit() || byte == b')').blanks(),
        Some(next) => next,
        None => here,
    });
    if typed.at > value.at {
        return is_quote(typed.byte()).then_some(typed);
    }
    #[rustfmt::skip]
    let inner = [
        "Some(", "Ok(", "Just(", "Optional(", "Optional.of(", "Optional[", "Some[", "Just ", "Right(", "String(", "Hidden(", "Protected(", "Secret(", "SecretString(", "SecretStr(", "SecretValue(", "Value(", "Redacted(", "Sensitive(", "Password(", "<<",
    ];
    let inner = inner.iter().find_map(|name| value.take(name))?;
    // The string may stand on the line below.
    let inner =
        if inner.line_after().trim().is_empty() { inner.skip(|byte| byte.is_ascii_whitespace()) } else { inner };
    is_quote(inner.byte()).then_some(inner)
}

/// `password........x`, as a pool of connections prints its settings.
pub(super) fn dots(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.plus(1).byte() != b'.'
        || here.before() == b'.'
        || spans.last().is_some_and(|span| here.at < span.end)
        || !here.rest().starts_with("....")
    {
        return;
    }
    let value = here.skip(|byte| byte == b'.').blanks();
    let stop = value.skip(|byte| byte > b' ');
    let text = value.until(stop);
    let holds = value.byte() != b':' && !value::is_placeholder(text);
    if let Some(name) = Name::before(here).filter(|_| holds) {
        spans.push(Span::new(value.at, stop.at, name.kind));
    }
}

/// `s:4:"pass";s:1:"x";`, as PHP writes an array.
pub(super) fn serialized(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(length) = here.plus(1).take("s:") else {
        return;
    };
    let value = length.skip(|byte| byte.is_ascii_digit()).take(":");
    if let Some(value) = value
        && let Some((from, to)) = value::quoted(value.line_after())
        && let Some(name) = Name::before(here).filter(|name| name.quoted)
        && value.line_after().get(from..to).is_some_and(|text| !value::is_placeholder(text))
    {
        spans.push(Span::new(value.at + from, value.at + to, name.kind));
    }
}

/// `password -> x`
pub(super) fn arrow(here: Cursor<'_>, spans: &mut Vec<Span>) {
    if here.plus(1).byte() == b'>' && is_blank(here.before()) {
        behind_arrow(here, here.plus(2), spans);
    }
}

fn behind_arrow(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(name) = Name::before(here) else {
        return;
    };
    let value = end.blanks().quote();
    let stop = value.skip(|byte| byte > b' ' && !is_quote(byte));
    if value::is_strong(value.until(stop)) {
        spans.push(Span::new(value.at, stop.at, name.kind));
    }
}
