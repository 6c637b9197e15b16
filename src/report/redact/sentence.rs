//! Sentences that hand out a secret: `the new password is …`, `Using password '…'`, `invalid API key provided: …`.

use super::cursor::{Cursor, is_blank, is_quote, is_word, last};
use super::{Span, key, value};

/// Bytes before a key in which it is looked for what it is for.
const BEFORE: usize = 120;
/// Words between the noun and the secret at most.
const WORDS: usize = 7;

/// Behind `password`, `passphrase`, `secret`, `token` or `key`.
pub(super) fn at(end: Cursor<'_>, noun: &str, spans: &mut Vec<Span>) {
    let password = noun.starts_with("pass");
    if noun == "key" && !is_named_key(end) {
        return unnamed_key(end, spans);
    }
    // `${secret`, and `arn:…:secret:x` of a cloud.
    if end
        .text
        .get(..end.at - noun.len())
        .is_some_and(|before| before.ends_with("${") || noun == "secret" && before.ends_with(':'))
    {
        return;
    }
    if password && let Some(start) = named(end) {
        return strong(start, spans);
    }
    let (mut here, mut said, mut given) = (end, false, false);
    for _ in 0..WORDS {
        here = if here.blanks().byte() == b':' { here.blanks() } else { here };
        let colon = here.byte() == b':';
        let next = if colon { here.plus(1).blanks() } else { here.blanks() };
        said = said || colon;
        if next.byte() == b'\n' && here.at == end.at {
            break;
        }
        if next.at == here.at || colon && next.byte() == b':' {
            return;
        }
        let word = Word::at(next);
        if word.is_secret(noun, said, given) {
            let kind = if password { "password" } else { "token" };
            return spans.push(Span::new(word.start.at, word.start.at + word.text.len(), kind));
        }
        let lower = word.text.trim_matches(['(', ')']).to_ascii_lowercase();
        said = said || matches!(lower.as_str(), "is" | "was" | "to" | "are" | "lautet" | "ist" | "est");
        given = given || matches!(lower.as_str(), "provided" | "supplied");
        here = match word.behind(&lower) {
            Behind::More(next) => next,
            Behind::Nothing => return,
            Behind::Other => break,
        };
    }
    below(end, password, spans);
}

/// A word of a sentence.
struct Word<'t> {
    start: Cursor<'t>,
    /// Behind all up to a blank or a quote.
    end: Cursor<'t>,
    /// Without the punctuation at its end.
    text: &'t str,
    quoted: bool,
    closed: bool,
}

/// What follows a word.
enum Behind<'t> {
    /// The secret may stand here.
    More(Cursor<'t>),
    Other,
    Nothing,
}

impl<'t> Word<'t> {
    fn at(next: Cursor<'t>) -> Self {
        let quoted = is_quote(next.byte());
        let start = if quoted { next.plus(1) } else { next };
        let end = start.skip(|byte| byte > b' ' && !is_quote(byte));
        let closed = quoted && is_quote(end.byte());
        let text = start.until(end);
        let text = if closed { text } else { text.trim_end_matches(['.', ',', ';', ')', ':']) };
        Self { start, end, text, quoted, closed }
    }

    /// Whether it is the secret: said to be one and nothing else, or made by chance.
    fn is_secret(&self, noun: &str, said: bool, given: bool) -> bool {
        let (text, password) = (self.text, noun.starts_with("pass"));
        // `secret created: db-creds-v3` names an object of a cluster.
        let object =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b'.');
        if noun == "secret" && text.bytes().all(object) {
            return value::is_random(text);
        }
        let joined = || password && text.contains('_') && !value::is_snake(text) && value::is_chosen(text);
        // `token created: 2026-01-01T10:00:00Z`
        if text.starts_with("HTTP/")
            || text.get(4..5) == Some("-") && text.bytes().take(4).all(|byte| byte.is_ascii_digit())
        {
            return false;
        }
        let alone = said && self.end.line_after().trim().is_empty() && (value::is_typed(text) || joined());
        let certain = said || given && text.len() >= 20 || password && (self.closed || !self.quoted);
        let named = certain && !is_file(text) && !value::is_path(text);
        alone || noun == "key" && value::is_grouped(text) || value::is_strong(text) && (named || value::is_random(text))
    }

    fn behind(&self, lower: &str) -> Behind<'t> {
        let colon = self.start.plus(self.text.len());
        let colon = Some(colon).filter(|colon| colon.at < self.end.at && colon.byte() == b':');
        match lower {
            "instance" | "host" | "server" | "service" | "cluster" | "tenant" | "project" | "client"
                if colon.is_none() && self.end.blanks().byte() != b':' =>
            {
                let name = self.end.blanks();
                return Behind::More(name.skip(|byte| byte > b' ' && byte != b':'));
            }
            "for" | "für" | "fuer" | "voor" | "user" | "role" | "account" | "database" => {
                if self.quoted {
                    return Behind::Nothing;
                }
                let name = self.end.blanks();
                let name_end = name.skip(|byte| byte > b' ' && byte != b':');
                // `for user app`: the next word is a name unless it is one of these itself.
                let next = if is_noun(name.until(name_end)) { self.end } else { name_end };
                return Behind::More(colon.unwrap_or(next));
            }
            "is" | "was" | "to" | "are" | "lautet" | "ist" | "est" | "provided" | "supplied" | "set" | "now"
            | "created" | "issued" | "rotated" | "changed" | "generated" | "has" | "been" | "reset" | "found"
            | "header" | "value" | "used" | "given" | "this" | "one" | "hex" | "base64" | "configured" => {}
            // `for this session: x`; `for instance db-1` is a name.
            "session" | "instance" | "installation" | "server" | "admin" | "administrator" | "administrateur"
                if colon.is_some() || self.end.blanks().byte() == b':' => {}
            // `using generated one: x`; `using argon2id` says how it is kept.
            "using" if ["generated", "random"].iter().any(|word| self.end.blanks().take(word).is_some()) => {}
            number if (1..3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) => {}
            // `for key '/root/.ssh/id_rsa': x`
            _ if self.closed && self.end.plus(1).byte() == b':' => return Behind::More(self.end.plus(1)),
            _ => return Behind::Other,
        }
        Behind::More(colon.unwrap_or(self.end))
    }
}

/// `secretOrPrivateKey must be asymmetric (key was 'x')`: another word of the line says what the key is for.
fn unnamed_key(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let before = || {
        let line = end.line_before();
        last(line, BEFORE).to_ascii_lowercase()
    };
    let quoted = end.gap().and_then(|next| {
        ["was", "is", "material"].iter().find_map(|verb| next.word(verb)).map_or(Some(next), Cursor::gap)
    });
    let quoted = quoted.map(|start| start.take("b").filter(|string| is_quote(string.byte())).unwrap_or(start));
    let quoted = quoted.and_then(|start| Some((start, value::quoted(start.line_after())?)));
    // `using key x`
    if let Some(start) = end.gap().filter(|start| start.byte().is_ascii_hexdigit()) {
        let stop = start.skip(|byte| byte.is_ascii_hexdigit());
        let verb = before();
        if stop.at - start.at >= 32
            && stop.byte() <= b' '
            && ["crypt", "cipher", "hmac"].iter().any(|word| verb.contains(word))
        {
            spans.push(Span::new(start.at, stop.at, "api-key"));
        }
    }
    if let Some((start, (from, to))) = quoted
        && start.line_after().get(from..to).is_some_and(value::is_random)
        && ["secret", "private", "sign", "crypt", "api"].iter().any(|word| before().contains(word))
    {
        spans.push(Span::new(start.at + from, start.at + to, "api-key"));
    }
}

/// `Backup codes: a, b, c` on one line.
fn listed(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let Some(mut here) = end.blanks().take(":").or_else(|| end.gap().and_then(|next| next.word("are"))) else {
        return;
    };
    while let Some(start) = Some(here.skip(|byte| is_blank(byte) || matches!(byte, b',' | b'[') || is_quote(byte))) {
        let stop = start.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let code = start.until(stop);
        if !(6..=32).contains(&code.len()) || !code.bytes().any(|byte| byte.is_ascii_digit()) {
            return;
        }
        spans.push(Span::new(start.at, stop.at, "code"));
        here = stop.quote();
    }
}

/// `Recovery codes:` and one of them on each line below.
fn codes(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = end.line_after();
    if !line.trim_end().ends_with(':') || line.split_whitespace().nth(WORDS).is_some() {
        return;
    }
    let mut at = end.at + line.len() + 1;
    for line in Cursor::new(end.text, at).rest().split_inclusive('\n').take(20) {
        let code = line.trim().trim_start_matches(['-', '*', '•', ' ']);
        let sign =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        if code.len() < 6
            || code.len() > 32
            || !code.bytes().all(sign)
            || !code.bytes().any(|byte| byte.is_ascii_digit())
        {
            return;
        }
        let from = at + line.trim_end().len() - code.len();
        spans.push(Span::new(from, from + code.len(), "code"));
        at += line.len();
    }
}

/// `482913 is your login code`, `Use 482913 as your login code`.
fn before_code(here: Cursor<'_>, spans: &mut Vec<Span>) {
    let line = here.line_before();
    let Some(head) = ["is your", "as your"].iter().find_map(|said| line.rfind(said).and_then(|at| line.get(..at)))
    else {
        return;
    };
    let head = head.trim_end();
    let code = head.rsplit(|c: char| !(c.is_ascii_digit() || c == '-')).next().unwrap_or_default();
    if (4..=9).contains(&code.len()) && code.bytes().any(|byte| byte.is_ascii_digit()) {
        let end = here.at - line.len() + head.len();
        spans.push(Span::new(end - code.len(), end, "code"));
    }
}

/// Behind `is`, `was`, `:` or `=`, a few words further on: `code for user 7 is`.
fn said(end: Cursor<'_>) -> Option<Cursor<'_>> {
    let mut here = end;
    for _ in 0..WORDS {
        let sign = here.blanks();
        if matches!(sign.byte(), b':' | b'=') {
            return Some(sign.plus(1).blanks());
        }
        let next = here.gap()?;
        if let Some(behind) = next.word("is").or_else(|| next.word("was")).filter(|behind| behind.byte() != b':') {
            return behind.gap();
        }
        here = next.skip(|byte| byte > b' ' && byte != b':');
        if here.at == next.at || matches!(here.before(), b'.' | b',' | b';') {
            return None;
        }
    }
    None
}

/// `recovery phrase: …`: words without end, behind the name or on the line below.
pub(super) fn phrase(end: Cursor<'_>, spans: &mut Vec<Span>) {
    const LEAST: usize = 11;
    let behind = end.skip(|byte| byte.is_ascii_whitespace() || matches!(byte, b':' | b'=' | b'"' | b'\''));
    let start = behind
        .word("is")
        .map_or(behind, |is| is.skip(|byte| byte == b':' || byte == b'"' || byte.is_ascii_whitespace()));
    let stop = start.skip(|byte| byte.is_ascii_lowercase() || byte == b' ');
    let words = start.until(stop).trim_end();
    if start.at > end.at && words.split_whitespace().count() > LEAST {
        spans.push(Span::new(start.at, start.at + words.len(), "secret"));
    }
}

/// `verification code is 739204`, `Your code: 739204`: what is said of the code tells that it lets somebody in.
pub(super) fn code(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) {
    let before = here.back(|byte| is_blank(byte) || byte == b'-');
    let word = before.back(is_word).until(before).to_ascii_lowercase();
    if here.until(end).eq_ignore_ascii_case("code") && entered(here, end, spans) {
        return;
    }
    let named = key::CODES.contains(&word.as_str())
        || ["your", "sms", "reset", "invite", "invitation"].contains(&word.as_str());
    if !named && here.until(end).eq_ignore_ascii_case("code") {
        return;
    }
    if here.until(end).eq_ignore_ascii_case("codes") {
        if named {
            listed(end, spans);
        }
        return codes(end, spans);
    }
    let next = end.blanks();
    let digits = next.skip(|byte| byte.is_ascii_digit() || byte == b'-');
    if (6..=10).contains(&next.until(digits).trim_end_matches('-').len()) && named && !is_word(digits.byte()) {
        return spans.push(Span::new(next.at, digits.at, "code"));
    }
    let Some(start) = said(end) else {
        return before_code(here, spans);
    };
    let start = start.quote();
    let stop = start.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let secret = start.until(stop).trim_end_matches('-');
    let digits = secret.bytes().filter(u8::is_ascii_digit).count();
    let mixed = secret.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
    if (4..=24).contains(&secret.len()) && digits >= 2 && (mixed || value::is_strong(secret)) {
        spans.push(Span::new(start.at, start.at + secret.len(), "code"));
    }
}

/// `jwt malformed: a.b.c`, behind the last word: three parts with points between, or what can be nothing else.
pub(super) fn malformed(end: Cursor<'_>, spans: &mut Vec<Span>) {
    let start = end.take(": ").map(Cursor::quote);
    let told = ["jwt malformed", "jwt", "token malformed", "token is malformed"].iter().any(|word| {
        let line = end.line_before();
        line.len() >= word.len()
            && line.get(line.len() - word.len()..).is_some_and(|end| end.eq_ignore_ascii_case(word))
    });
    let Some(start) = start.filter(|_| told) else { return };
    let stop = start.skip(|byte| byte > b' ' && !is_quote(byte));
    let text = start.until(stop);
    let parts = text.split('.').count() == 3 && text.bytes().any(|byte| byte.is_ascii_digit());
    if parts || value::is_strong(text) && !is_file(text) {
        spans.push(Span::new(start.at, stop.at, "token"));
    }
}

/// `enter the code GX7K9PQZL to authenticate`: behind the word.
fn entered(here: Cursor<'_>, end: Cursor<'_>, spans: &mut Vec<Span>) -> bool {
    let line = here.line_before().trim_end();
    let told = ["enter the", "enter", "enter the device", "enter this"].iter().any(|word| line.ends_with(word));
    let Some(start) = end.skip(|byte| byte == b':').gap().map(Cursor::quote).filter(|_| told) else { return false };
    let stop = start.skip(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
    let fits = (6..=12).contains(&(stop.at - start.at)) && !is_word(stop.byte());
    if fits {
        spans.push(Span::new(start.at, stop.at, "code"));
    }
    fits
}

/// The word here, if it can be nothing else.
fn strong(start: Cursor<'_>, spans: &mut Vec<Span>) {
    let stop = start.skip(|byte| byte > b' ');
    if value::is_strong(start.until(stop)) {
        spans.push(Span::new(start.at, stop.at, "password"));
    }
}

/// `PASSWORD elastic = …`: whose it is stands between.
fn named(end: Cursor<'_>) -> Option<Cursor<'_>> {
    let name = end.gap()?;
    let sign = name.skip(|byte| is_word(byte) || byte == b'-').gap()?;
    sign.take("= ").filter(|_| sign.at > name.at + 1).map(Cursor::blanks)
}

fn is_noun(word: &str) -> bool {
    #[rustfmt::skip]
    const NOUNS: &[&str] = &[
        "user", "role", "account", "database", "the", "is", "to", "this", "your", "admin", "instance", "host", "server", "service", "cluster",
        "tenant", "project", "client",
    ];
    NOUNS.contains(&word)
}

/// What comes before `key` in the name of a secret one.
const KEYS: [&str; 16] = [
    "api",
    "access",
    "secret",
    "license",
    "master",
    "encryption",
    "signing",
    "auth",
    "session",
    "aes",
    "private",
    "hmac",
    "shared",
    "unseal",
    "recovery",
    "root",
];

/// `API key`, `access key`, `secret key`: the word before decides.
fn is_named_key(end: Cursor<'_>) -> bool {
    let before = end.back(is_word);
    let gap = before.back(|byte| is_blank(byte) || byte == b'-');
    let word = gap.back(is_word).until(gap);
    gap.at < before.at && KEYS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// `db.service.ts`, `1.2.3`: names and versions that stand behind the word.
pub(super) fn is_file(word: &str) -> bool {
    word.contains("__")
        || word.rsplit_once('.').is_some_and(|(_, end)| {
            end.len() < 5 && end.bytes().all(|byte| byte.is_ascii_lowercase())
                || word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'v'))
        })
}

/// `… the following password to proceed:`, `Private Key:`, and the secret alone on the next line that is not empty, or behind
/// `New value:`.
fn below(end: Cursor<'_>, password: bool, spans: &mut Vec<Span>) {
    let line = end.line_after();
    // `argocd admin initial-password`: what it prints stands below.
    let printed = password && line.trim().is_empty() && end.back(is_word).before() == b'-';
    let told = line.trim_end().ends_with(':') || printed;
    let reset = password && line.contains("reset");
    if !told && !reset {
        return;
    }
    let mut at = end.at + line.len() + 1;
    for line in Cursor::new(end.text, at).rest().split('\n').take(3) {
        let bare = line.trim_end();
        let start = bare.rfind(|character: char| character.is_whitespace()).map_or(0, |at| at + 1);
        let word = bare.get(start..).unwrap_or_default();
        let labelled = bare.get(..start).is_some_and(|label| label.trim_end().to_ascii_lowercase().ends_with("value:"));
        if word.len() > 1 && word.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            let random = value::is_random(word) || !password && value::is_random(&word.replace('-', "_"));
            let strong = password
                && !printed
                && bare.trim() == word
                && value::is_strong(word)
                && !word.contains(['/', ':', '(']);
            if told && (random || strong) || labelled && value::is_typed(word) {
                spans.push(Span::new(at + start, at + bare.len(), if password { "password" } else { "token" }));
            }
            return;
        }
        at += line.len() + 1;
    }
}
