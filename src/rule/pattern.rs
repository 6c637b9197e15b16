//! A regex that costs little until it is used much.
//!
//! A start needs dozens of regexes once or twice, and compiling one for speed (literals, a forward and a reverse automaton, caches) takes
//! longer than all searches of a short log. So a pattern is first run by the bounded backtracker of `regex-automata`, which needs the plain
//! automaton only; one that is used often, or meets a long text, is then compiled for speed. Both give the same matches.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use regex::bytes::{Regex, RegexBuilder};
use regex_automata::Input;
use regex_automata::nfa::thompson::{self, backtrack::BoundedBacktracker};
use regex_automata::util::{primitives::PatternID, syntax};

/// Searches after which compiling for speed pays.
const OFTEN: u32 = 24;
/// A longer text is searched with the fast engine, in bytes.
const LONG: usize = 2048;
/// The largest automaton of either engine, in bytes: the default of `regex`.
const LARGEST: usize = 10 << 20;

/// A pattern over bytes: multi-line, its classes ASCII (see [`compile`]).
#[derive(Debug)]
pub(crate) struct Pattern {
    text: Cow<'static, str>,
    light: OnceLock<Option<BoundedBacktracker>>,
    fast: OnceLock<Option<Regex>>,
    uses: AtomicU32,
}

/// Named groups that took part in a match, without empty ones.
pub(crate) type Captures = BTreeMap<String, String>;

impl Pattern {
    /// Nothing is compiled yet; a text that is no regex matches nothing.
    pub(crate) const fn new(text: String) -> Self {
        Self::of(Cow::Owned(text))
    }

    /// The same for a text of the program itself.
    pub(crate) const fn constant(text: &'static str) -> Self {
        Self::of(Cow::Borrowed(text))
    }

    const fn of(text: Cow<'static, str>) -> Self {
        Self { text, light: OnceLock::new(), fast: OnceLock::new(), uses: AtomicU32::new(0) }
    }

    /// Whether it matches somewhere.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        match self.light(text) {
            Some(light) => light.try_is_match(&mut light.create_cache(), text).unwrap_or(false),
            None => self.fast().is_some_and(|regex| regex.is_match(text)),
        }
    }

    /// Where the first match begins, and its named groups.
    pub(crate) fn find(&self, text: &[u8]) -> Option<(usize, Captures)> {
        match self.light(text) {
            Some(light) => find_light(light, text),
            None => {
                let regex = self.fast()?;
                let found = regex.captures(text)?;
                let named = regex.capture_names().flatten();
                let groups = named.filter_map(|name| Some((name, found.name(name)?.as_bytes())));
                Some((found.get(0)?.start(), readable(groups)))
            }
        }
    }

    /// The light engine, while it is the right one.
    fn light(&self, text: &[u8]) -> Option<&BoundedBacktracker> {
        if text.len() > LONG || self.uses.fetch_add(1, Ordering::Relaxed) >= OFTEN {
            return None;
        }
        let light = self.light.get_or_init(|| light(&self.text, false).or_else(|| light(&self.text, true)));
        light.as_ref().filter(|light| light.max_haystack_len() >= text.len())
    }

    fn fast(&self) -> Option<&Regex> {
        self.fast.get_or_init(|| compile(&self.text).ok()).as_ref()
    }
}

fn light(pattern: &str, unicode: bool) -> Option<BoundedBacktracker> {
    let syntax = syntax::Config::new().multi_line(true).unicode(unicode).utf8(false);
    let automaton = thompson::Config::new().utf8(false).nfa_size_limit(Some(LARGEST));
    BoundedBacktracker::builder().syntax(syntax).thompson(automaton).build(pattern).ok()
}

fn find_light(light: &BoundedBacktracker, text: &[u8]) -> Option<(usize, Captures)> {
    let mut found = light.create_captures();
    light.try_captures(&mut light.create_cache(), Input::new(text), &mut found).ok()?;
    let names = light.get_nfa().group_info().pattern_names(PatternID::ZERO);
    let group = |index: usize| text.get(found.get_group(index)?.range());
    let groups = names.enumerate().filter_map(|(index, name)| Some((name?, group(index)?)));
    Some((found.get_match()?.start(), readable(groups)))
}

/// A group may end within a character: bytes that are none are left out at its ends.
fn readable<'a>(groups: impl Iterator<Item = (&'a str, &'a [u8])>) -> Captures {
    let text = |bytes| String::from_utf8_lossy(bytes).trim_matches(char::REPLACEMENT_CHARACTER).to_owned();
    let named = groups.map(|(name, bytes)| (name.to_owned(), text(bytes)));
    named.filter(|(_, value)| !value.is_empty()).collect()
}

/// A clause's regex: multi-line. It reads bytes, and its classes of letters and digits are ASCII, as logs use them: Unicode's make
/// automata so large that compiling them was most of a start. A pattern with letters past ASCII in a class is read as Unicode.
///
/// # Errors
/// When the pattern does not parse or is too large.
pub(crate) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    let build = |unicode: bool| RegexBuilder::new(pattern).multi_line(true).unicode(unicode).build();
    build(false).or_else(|_| build(true))
}

/// The regex of a pattern that must match a fact's whole value.
pub(crate) fn whole(pattern: &str) -> String {
    format!("\\A(?:{pattern})\\z")
}

/// Whether a pattern matches a fact's whole value; one that does not compile matches nothing.
#[must_use]
pub fn matches_whole(pattern: &str, value: &str) -> bool {
    Pattern::new(whole(pattern)).is_match(value.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ascii_and_texts_are_not() {
        let matches = |pattern: &str, text: &str| {
            let matched = Pattern::new(pattern.to_owned()).is_match(text.as_bytes());
            assert_eq!(matched, compile(pattern).unwrap().is_match(text.as_bytes()), "{pattern} on {text}");
            matched
        };
        assert!(matches(r"^\w+: \d+ ms\b$", "first\nport_2: 12 ms\nlast") && !matches(r"^\d$", "٣"));
        assert!(matches(r"➤ YN0028: .", "➤ YN0028: │ frozen") && matches(r"['‘]\S+['’] is", "‘a’ is"));
        assert!(matches(r"(?i:connection) refused", "Connection refused") && !matches("(?i:k)", "\u{212a}"));
        assert!(compile("(").is_err() && !Pattern::new("(".to_owned()).is_match(b"("));
    }

    /// Every regex of every rule says the same of every example, light and fast.
    #[test]
    fn both_engines_find_the_same() {
        let files = crate::rule::embedded_texts();
        let rules = crate::rule::from_texts(&files).unwrap();
        let (mut compared, mut found) = (0, 0);
        for rule in &rules.rules {
            for (_, clause) in rule.clauses() {
                let Some(text) = &clause.regex else { continue };
                let own = rule.example.iter().map(|example| example.log.as_str());
                for body in own.filter(|body| body.len() <= LONG) {
                    let (light, fast) = (Pattern::new(text.clone()), Pattern::new(text.clone()));
                    fast.uses.store(OFTEN, Ordering::Relaxed);
                    let (first, second) = (light.find(body.as_bytes()), fast.find(body.as_bytes()));
                    assert_eq!(first, second, "{text} on {body}");
                    assert_eq!(light.is_match(body.as_bytes()), fast.is_match(body.as_bytes()));
                    assert!(light.fast.get().is_none() && fast.light.get().is_none());
                    compared += 1;
                    found += usize::from(first.is_some());
                }
            }
        }
        assert!(compared > 5000 && found > 1000, "{compared} compared, {found} found");
    }
}
