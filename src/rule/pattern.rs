//! A regex that costs little until it is used much.
//!
//! A start needs dozens of regexes once or twice, and compiling one for speed (literals, a forward and a reverse automaton, caches) takes
//! longer than all searches of a short log. So a pattern is first run by the bounded backtracker of `regex-automata`, which needs the plain
//! automaton only; for one that is used often, or meets a long text, the same automaton is determined while it runs, which tells whether and
//! how far it matches: most do not, and what does is left to the backtracker. Only where a match is too far inside for that, one is compiled
//! that does all by itself. All give the same matches, and what they take together has a bound ([`super::shelf`]).
//!
//! The program's own patterns are known to be few and small. Those that a user adds may be neither: their automata have a size ([`size`]), and
//! only as many as fit into a budget are compiled for speed; the others stay with the light engine, and where that cannot, with the PikeVM of
//! `regex-automata`, which is slow and takes any text. Both run the automaton that is there anyway.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use regex_automata::meta::{self, Regex};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures, backtrack::BoundedBacktracker, pikevm::PikeVM};
use regex_automata::util::{captures, captures::GroupInfo, primitives::PatternID, syntax};
use regex_automata::{Anchored, Input};

use super::shelf::{self, Fast, Slot, Swift, names_groups};

/// Searches after which an engine that is made for speed pays: a log of 200 lines took 0.7 times the instructions it took with 24, a small one no more.
const OFTEN: u32 = 4;
/// A longer text is searched with such an engine, in bytes.
const LONG: usize = 2048;
/// The largest automaton of either engine, in bytes: the default of `regex`.
const LARGEST: usize = 10 << 20;
/// The same of a pattern that was added.
const LARGEST_ADDED: usize = 256 << 10;
/// What a pattern that is compiled for speed may remember of its states, in bytes, in each direction: an added one, and an own.
const REMEMBERED: usize = 128 << 10;
const REMEMBERED_OWN: usize = 512 << 10;
/// How much larger than its automaton the rest of what is compiled for speed can be.
const GROWTH: usize = 20;
/// What all added patterns that are compiled for speed may still take, in bytes.
static FAST_ADDED: AtomicUsize = AtomicUsize::new(24 << 20);

/// A pattern over bytes: multi-line, its classes ASCII (see [`compile`]).
#[derive(Debug)]
pub(crate) struct Pattern {
    text: Text,
    /// Whether a user added it.
    added: bool,
    light: Mutex<Slot<BoundedBacktracker>>,
    swift: Mutex<Slot<Swift>>,
    fast: Mutex<Slot<Fast>>,
    uses: AtomicU32,
}

/// What a pattern says: the program's own words, or those of a rule, which it shares.
#[derive(Debug)]
enum Text {
    Own(&'static str),
    Shared(Arc<str>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::Shared(text) => text,
        }
    }
}

/// Named groups that took part in a match, without empty ones.
pub(crate) type Captures = BTreeMap<String, String>;

impl Pattern {
    /// Nothing is compiled yet; a text that is no regex matches nothing.
    pub(crate) const fn new(text: Arc<str>, added: bool) -> Self {
        Self::of(Text::Shared(text), added)
    }

    /// The same for a text of the program itself.
    pub(crate) const fn constant(text: &'static str) -> Self {
        Self::of(Text::Own(text), false)
    }

    const fn of(text: Text, added: bool) -> Self {
        Self {
            text,
            added,
            light: Mutex::new(Slot::Empty),
            swift: Mutex::new(Slot::Empty),
            fast: Mutex::new(Slot::Empty),
            uses: AtomicU32::new(0),
        }
    }

    /// Whether it matches somewhere.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        let often = self.is_often(text);
        if let Some(Ok(found)) = self.swift(often).map(|swift| swift.is_match(text)) {
            return found;
        }
        match self.engine(text, often) {
            Some(Engine::Light(light)) => light.try_is_match(&mut light.create_cache(), text).unwrap_or(false),
            Some(Engine::Fast(fast)) => fast.is_match(text),
            Some(Engine::Any(any)) => any.is_match(&mut any.create_cache(), text),
            None => false,
        }
    }

    /// Where the first match begins, and its named groups.
    pub(crate) fn find(&self, text: &[u8]) -> Option<(usize, Captures)> {
        let often = self.is_often(text);
        if let Some(swift) = self.swift(often)
            && let Ok(end) = swift.end(text)
        {
            let end = end?;
            let begin = swift.start(text, end, || automaton(&self.text, LARGEST, true).ok());
            let light = self.light().filter(|light| light.max_haystack_len() >= end);
            if let Some(light) = light {
                let found = match begin {
                    Some(begin) if !names_groups(light.get_nfa().group_info()) => {
                        return Some((begin, Captures::new()));
                    }
                    Some(begin) => Input::new(text).range(begin..end).anchored(Anchored::Yes),
                    None => Input::new(text).range(..end),
                };
                return backtrack(&light, found, text);
            }
        }
        match self.engine(text, often)? {
            Engine::Light(light) => backtrack(&light, Input::new(text), text),
            Engine::Any(any) => {
                let mut found = any.create_captures();
                any.captures(&mut any.create_cache(), text, &mut found);
                groups(&found, any.get_nfa().group_info(), text)
            }
            Engine::Fast(fast) => {
                let (start, found) = fast.find(text, |found, info| groups(found, info, text))?;
                Some((start, found.map(|(_, captures)| captures).unwrap_or_default()))
            }
        }
    }

    /// Whether it was used so often that an engine made for speed pays, or will on this text.
    fn is_often(&self, text: &[u8]) -> bool {
        text.len() > LONG || self.uses.fetch_add(1, Ordering::Relaxed) >= OFTEN
    }

    /// What tells soon that a text does not match; for the program's own patterns, if asked for `often`.
    fn swift(&self, often: bool) -> Option<Arc<Swift>> {
        let make = || Swift::new(self.light()?.get_nfa());
        if often && !self.added { Slot::get(&self.swift, make, Some(shelf::put_swift)) } else { None }
    }

    /// The engine that is the right one now; none for what is no regex.
    fn engine(&self, text: &[u8], often: bool) -> Option<Engine> {
        let light = || self.light().filter(|light| light.max_haystack_len() >= text.len()).map(Engine::Light);
        let first = if often { None } else { light() };
        let fast = first.or_else(|| self.fast().map(Engine::Fast));
        if fast.is_some() || !self.added {
            return fast;
        }
        light().or_else(|| Some(Engine::Any(Box::new(PikeVM::new_from_nfa(self.light()?.get_nfa().clone()).ok()?))))
    }

    fn light(&self) -> Option<Arc<BoundedBacktracker>> {
        let largest = if self.added { LARGEST_ADDED } else { LARGEST };
        let make = || BoundedBacktracker::builder().build_from_nfa(automaton(&self.text, largest, false).ok()?).ok();
        Slot::get(&self.light, make, Some(shelf::put_light))
    }

    fn fast(&self) -> Option<Arc<Fast>> {
        if self.added {
            return Slot::get(&self.fast, || self.within_budget().map(Fast::new), None);
        }
        Slot::get(&self.fast, || built(&self.text, REMEMBERED_OWN).map(Fast::new), Some(shelf::put))
    }

    /// Compiles for speed what still fits beside the other patterns that were added.
    fn within_budget(&self) -> Option<Regex> {
        let needed = self.light()?.get_nfa().memory_usage() * GROWTH + 2 * REMEMBERED;
        let rest = |left: usize| left.checked_sub(needed);
        FAST_ADDED.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest).ok()?;
        built(&self.text, REMEMBERED)
    }
}

/// What runs a pattern.
enum Engine {
    /// Ready soon, for short texts.
    Light(Arc<BoundedBacktracker>),
    /// Compiled for speed.
    Fast(Arc<Fast>),
    /// Slow, and for any text.
    Any(Box<PikeVM>),
}

/// The automaton of a pattern, of at most so many bytes; one that is reversed reads from the end, and knows no groups.
fn automaton(pattern: &str, largest: usize, reversed: bool) -> Result<NFA, Box<thompson::BuildError>> {
    let build = |unicode: bool| {
        let syntax = syntax::Config::new().multi_line(true).unicode(unicode).utf8(false);
        let groups = if reversed { WhichCaptures::None } else { WhichCaptures::All };
        let kind = thompson::Config::new().reverse(reversed).which_captures(groups);
        let size = kind.utf8(false).nfa_size_limit(Some(largest));
        thompson::Compiler::new().syntax(syntax).configure(size).build(pattern).map_err(Box::new)
    };
    build(false).or_else(|_| build(true))
}

/// What the automaton of an added pattern takes, in bytes.
///
/// # Errors
/// When that is more than [`LARGEST_ADDED`]. What is no regex takes nothing.
pub(super) fn size(pattern: &str) -> Result<usize, TooLarge> {
    match automaton(pattern, LARGEST_ADDED, false) {
        Ok(automaton) => Ok(automaton.memory_usage()),
        Err(error) if error.size_limit().is_some() => Err(TooLarge),
        Err(_) => Ok(0),
    }
}

/// An added pattern of which one automaton would take too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the regex takes more than {} KiB once compiled", LARGEST_ADDED >> 10)]
pub struct TooLarge;

/// What the light engine finds in that part of a text.
fn backtrack(light: &BoundedBacktracker, part: Input<'_>, text: &[u8]) -> Option<(usize, Captures)> {
    let mut found = light.create_captures();
    light.try_captures(&mut light.create_cache(), part, &mut found).ok()?;
    groups(&found, light.get_nfa().group_info(), text)
}

fn groups(found: &captures::Captures, info: &GroupInfo, text: &[u8]) -> Option<(usize, Captures)> {
    let names = info.pattern_names(PatternID::ZERO);
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

/// A pattern compiled for speed, which may remember so many bytes of its states. Without the tables that make some a little faster still:
/// of all patterns together they are most of what a log with every word in it takes.
fn built(pattern: &str, remembered: usize) -> Option<Regex> {
    let build = |unicode: bool| {
        let syntax = syntax::Config::new().multi_line(true).unicode(unicode).utf8(false);
        let limits = meta::Config::new().nfa_size_limit(Some(LARGEST)).hybrid_cache_capacity(remembered);
        let config = limits.utf8_empty(false).onepass(false).dfa(false);
        meta::Builder::new().syntax(syntax).configure(config).build(pattern).ok()
    };
    build(false).or_else(|| build(true))
}

/// What is wrong with a clause's regex, for whoever wrote it. It is multi-line and reads bytes, and its classes of letters and digits are
/// ASCII, as logs use them: Unicode's make automata so large that compiling them was most of a start. A pattern with letters past ASCII in a
/// class is read as Unicode.
///
/// # Errors
/// When the pattern does not parse or is too large.
pub(crate) fn compile(pattern: &str) -> Result<regex::bytes::Regex, regex::Error> {
    let mut builder = regex::bytes::RegexBuilder::new(pattern);
    builder.multi_line(true);
    builder.unicode(false).build().or_else(|_| builder.unicode(true).build())
}

/// The regex of a pattern that must match a fact's whole value.
pub(crate) fn whole(pattern: &str) -> String {
    format!("\\A(?:{pattern})\\z")
}

/// Whether a pattern matches a fact's whole value; one that does not compile matches nothing.
#[must_use]
pub fn matches_whole(pattern: &str, value: &str) -> bool {
    Pattern::new(whole(pattern).into(), false).is_match(value.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::Owner;
    use super::*;

    impl Pattern {
        /// Which engines it had made.
        fn made(&self) -> [bool; 3] {
            let light = matches!(*self.light.lock().unwrap(), Slot::Shelved(_));
            let swift = matches!(*self.swift.lock().unwrap(), Slot::Shelved(_));
            let fast = matches!(*self.fast.lock().unwrap(), Slot::Shelved(_));
            [light, swift, fast]
        }
    }

    #[test]
    fn classes_are_ascii_and_texts_are_not() {
        let matches = |pattern: &str, text: &str| {
            let matched = Pattern::new(pattern.into(), false).is_match(text.as_bytes());
            assert_eq!(matched, compile(pattern).unwrap().is_match(text.as_bytes()), "{pattern} on {text}");
            matched
        };
        assert!(matches(r"^\w+: \d+ ms\b$", "first\nport_2: 12 ms\nlast") && !matches(r"^\d$", "٣"));
        assert!(matches(r"➤ YN0028: .", "➤ YN0028: │ frozen") && matches(r"['‘]\S+['’] is", "‘a’ is"));
        assert!(matches(r"(?i:connection) refused", "Connection refused") && !matches("(?i:k)", "\u{212a}"));
        assert!(compile("(").is_err() && !Pattern::new("(".into(), false).is_match(b"("));
    }

    #[test]
    fn what_is_added_has_a_size_and_a_budget() {
        assert_eq!((size("EADDR(a{1,200}){1,200}N"), size("(")), (Err(TooLarge), Ok(0)));
        let text = [b"x".repeat(100_000).as_slice(), b"EADDRINUSE 300"].concat();
        for number in 0..300 {
            let pattern = Pattern::new(format!("EADDR(a{{1,40}}|INUSE){{1,9}} (?P<port>{number})").into(), true);
            assert!(size(&pattern.text).unwrap() < LARGEST_ADDED);
            for _ in 0..2 * OFTEN {
                assert!(!pattern.is_match(b"EADDRINUSE"));
            }
            let found = pattern.find(&text).map(|(at, captures)| (at, captures["port"].clone()));
            let expected = ["3", "30", "300"].iter().find(|port| **port == number.to_string());
            assert_eq!(found, expected.map(|port| (100_000, (*port).to_owned())), "{number}");
        }
        assert!(FAST_ADDED.load(Ordering::Relaxed) < 2 << 20);
    }

    /// Every regex of every rule says the same of every example, light and fast.
    #[test]
    fn both_engines_find_the_same() {
        let files = crate::rule::embedded_texts();
        let rules = crate::rule::from_texts(&files).unwrap();
        let (mut compared, mut found) = (0, 0);
        for (id, needle) in rules.needles.iter().enumerate() {
            let (Owner::Rule(rule), Some(text)) = (needle.owner, &needle.spec.regex) else { continue };
            let own = rules.rules[rule].example.iter().map(|example| example.log.as_str());
            for body in own.filter(|body| body.len() <= LONG) {
                let (light, fast) = (Pattern::new(text.clone(), false), Pattern::new(text.clone(), false));
                fast.uses.store(OFTEN, Ordering::Relaxed);
                let (first, second) = (light.find(body.as_bytes()), fast.find(body.as_bytes()));
                assert_eq!(first, second, "{text} on {body}");
                assert!(first.is_none() || rules.held.may_match(id, body), "{text} on {body}");
                assert_eq!(light.is_match(body.as_bytes()), fast.is_match(body.as_bytes()));
                assert_eq!(light.made(), [true, false, false], "{text}");
                assert!(matches!(fast.made(), [_, true, false] | [_, false, true]), "{text}");
                // One that has matched some times tells by itself where its matches begin.
                for _ in 0..8 {
                    assert_eq!(fast.find(body.as_bytes()), first, "{text} on {body}");
                }
                let whole =
                    fast.fast().unwrap().find(body.as_bytes(), |found, info| groups(found, info, body.as_bytes()));
                let whole = whole.map(|(at, groups)| groups.unwrap_or((at, Captures::new())));
                assert_eq!(whole, first, "{text} on {body}");
                let any = PikeVM::new_from_nfa(light.light().unwrap().get_nfa().clone()).unwrap();
                let mut captures = any.create_captures();
                any.captures(&mut any.create_cache(), body.as_bytes(), &mut captures);
                assert_eq!(groups(&captures, any.get_nfa().group_info(), body.as_bytes()), first, "{text} on {body}");
                compared += 1;
                found += usize::from(first.is_some());
            }
        }
        assert!(compared > 5000 && found > 1000, "{compared} compared, {found} found");
    }
}
