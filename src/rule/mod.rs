//! Takes `patterns/**.toml`, gives a [`RuleSet`]: clauses with their required literals, ready to be looked for.
//!
//! Knows nothing of sources, records or reports.

mod check;
mod fact;
mod file;
mod literal;
mod load;
mod profile;
mod table;
mod template;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

pub use check::{Problem, check_text, check_together};
pub use fact::{FACTS, fact, is_fact};
pub use file::{
    ClauseSpec, Derived, ExampleSpec, Expected, LevelSpec, MatchForm, ReferenceSpec, RemedySpec, Risk, Role, RuleFile,
    Severity, Strength, VerifySpec,
};
pub use load::{LoadError, PatternFile, embedded, embedded_profiles, embedded_texts, from_texts, read_folder};
pub use profile::{
    DocumentationSpec, EscalationSpec, LoginSpec, PhaseSpec, ProfileFile, RequiresSpec, SilentSpec, VariableSpec,
};
pub use table::{Part, Table};
pub use template::fill;

/// Index of a clause in [`RuleSet::needles`].
pub type NeedleId = usize;

/// Who a clause belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// Index in [`RuleSet::rules`].
    Rule(usize),
    /// Index in [`RuleSet::profiles`].
    Profile(usize),
}

/// A clause ready to be judged.
#[derive(Debug)]
pub struct Needle {
    /// Who it belongs to.
    pub owner: Owner,
    /// Where it stands there.
    pub part: Part,
    /// As it was written.
    pub spec: ClauseSpec,
    regex: OnceLock<Option<Regex>>,
    not: OnceLock<Option<Regex>>,
    state: OnceLock<Vec<(String, Regex)>>,
}

/// A clause's match inside a record's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Byte offset of the match in the body.
    pub at: usize,
    /// Named groups that took part, without empty ones.
    pub captures: BTreeMap<String, String>,
}

impl Needle {
    fn new(owner: Owner, part: Part, spec: ClauseSpec) -> Self {
        Self { owner, part, spec, regex: OnceLock::new(), not: OnceLock::new(), state: OnceLock::new() }
    }

    /// Whether the clause matches a record's body. Regexes are compiled when first needed.
    #[must_use]
    pub fn find(&self, body: &str) -> Option<Found> {
        let found = match (&self.spec.contains, &self.spec.regex) {
            (Some(text), _) => Found { at: body.find(text.as_str())?, captures: BTreeMap::new() },
            (None, Some(pattern)) => {
                let regex = self.regex.get_or_init(|| compile(pattern).ok()).as_ref()?;
                let captures = regex.captures(body.as_bytes())?;
                Found { at: body.floor_char_boundary(captures.get(0)?.start()), captures: named(regex, &captures) }
            }
            (None, None) => return None,
        };
        let not = self.spec.not.as_deref().and_then(|p| self.not.get_or_init(|| compile(p).ok()).as_ref());
        (!not.is_some_and(|regex| regex.is_match(body.as_bytes()))).then_some(found)
    }

    /// Whether the clause is about the state of a container, not about a log.
    #[must_use]
    pub fn of_state(&self) -> bool {
        !self.spec.state.is_empty()
    }

    /// Whether a state holds every fact of the clause. Gives the index of a proving fact for each, and the named groups.
    #[must_use]
    pub fn find_facts(&self, facts: &[(&str, &str)]) -> Option<(Vec<usize>, BTreeMap<String, String>)> {
        let wanted = self.state.get_or_init(|| {
            let compiled = self.spec.state.iter().filter_map(|(key, value)| Some((key.clone(), whole(value).ok()?)));
            compiled.collect()
        });
        let (mut proofs, mut captures) = (Vec::new(), BTreeMap::new());
        for (key, regex) in wanted {
            let (index, (_, value)) = facts
                .iter()
                .enumerate()
                .find(|(_, (known, value))| known == key && regex.is_match(value.as_bytes()))?;
            proofs.push(index);
            captures.extend(regex.captures(value.as_bytes()).map(|groups| named(regex, &groups)).unwrap_or_default());
        }
        (!wanted.is_empty()).then_some((proofs, captures))
    }
}

/// A regex that must match a fact's whole value.
///
/// # Errors
/// When the pattern does not parse or is too large.
pub(crate) fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    compile(&format!("\\A(?:{pattern})\\z"))
}

/// Whether a pattern matches a fact's whole value; one that does not compile matches nothing.
#[must_use]
pub fn matches_whole(pattern: &str, value: &str) -> bool {
    whole(pattern).is_ok_and(|regex| regex.is_match(value.as_bytes()))
}

/// The named groups that took part in a match, without empty ones.
fn named(regex: &Regex, captures: &Captures<'_>) -> BTreeMap<String, String> {
    let groups = regex.capture_names().flatten();
    let text = |bytes| String::from_utf8_lossy(bytes).trim_matches(char::REPLACEMENT_CHARACTER).to_owned();
    let taken = groups.filter_map(|name| Some((name.to_owned(), text(captures.name(name)?.as_bytes()))));
    taken.filter(|(_, value)| !value.is_empty()).collect()
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

/// All knowledge, ready to be looked for.
#[derive(Debug)]
pub struct RuleSet {
    /// In order of their ids.
    pub rules: Vec<RuleFile>,
    /// In order of their ids.
    pub profiles: Vec<ProfileFile>,
    /// Every clause of every rule, then of every profile.
    pub needles: Vec<Needle>,
    /// What the scan looks for, each once.
    pub literals: Literals,
    /// Literals of the clauses that are looked for in the tail only.
    pub tail_literals: Literals,
    /// For each rule, the rules it explains.
    pub explains: Vec<Vec<usize>>,
}

/// Literals and the clauses that need them.
#[derive(Debug, Default)]
pub struct Literals {
    /// Each once.
    pub texts: Vec<String>,
    /// For each text, the clauses it may begin.
    pub owners: Vec<Vec<NeedleId>>,
    /// For each text, where its window for the scan begins and in which bucket, if that was chosen beforehand.
    pub windows: Vec<Option<[usize; 2]>>,
}

impl Literals {
    fn gather<'a>(
        pairs: impl Iterator<Item = (NeedleId, &'a [String])>,
        windows: &BTreeMap<String, [usize; 2]>,
    ) -> Self {
        let mut by_text: BTreeMap<&str, Vec<NeedleId>> = BTreeMap::new();
        for (needle, texts) in pairs {
            for text in texts {
                by_text.entry(text).or_default().push(needle);
            }
        }
        let windows = by_text.keys().map(|text| windows.get(*text).copied()).collect();
        let (texts, owners) = by_text.into_iter().map(|(text, owners)| (text.to_owned(), owners)).unzip();
        Self { texts, owners, windows }
    }
}

impl RuleSet {
    /// Compiles a table.
    #[must_use]
    pub fn new(table: Table) -> Self {
        let mut needles = Vec::new();
        for (index, rule) in table.rules.iter().enumerate() {
            needles.extend(rule.clauses().map(|(part, spec)| Needle::new(Owner::Rule(index), part, spec.clone())));
        }
        for (index, profile) in table.profiles.iter().enumerate() {
            needles
                .extend(profile.clauses().map(|(part, spec)| Needle::new(Owner::Profile(index), part, spec.clone())));
        }
        let chosen = |tail: bool| {
            let pairs = needles.iter().zip(&table.required).enumerate();
            Literals::gather(
                pairs
                    .filter(|(_, (needle, _))| needle.spec.tail == tail)
                    .map(|(id, (_, texts))| (id, texts.as_slice())),
                &table.windows,
            )
        };
        let (literals, tail_literals) = (chosen(false), chosen(true));
        let explains = edges(&table.rules);
        Self { rules: table.rules, profiles: table.profiles, needles, literals, tail_literals, explains }
    }

    /// The index of a rule.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<usize> {
        self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok()
    }
}

/// Who explains whom: `explains` and `explained_by` of all rules in one graph; each list is in order.
pub(crate) fn edges(rules: &[RuleFile]) -> Vec<Vec<usize>> {
    let ids: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(index, rule)| (rule.id.as_str(), index)).collect();
    let mut graph = vec![Vec::new(); rules.len()];
    let mut explains = |cause: usize, effect: usize| {
        if let Some(effects) = graph.get_mut(cause).filter(|_| cause != effect) {
            effects.push(effect);
        }
    };
    for (index, rule) in rules.iter().enumerate() {
        for pattern in &rule.explains {
            named_by(pattern, &ids).for_each(|effect| explains(index, effect));
        }
        for pattern in &rule.explained_by {
            let may = |cause: usize| pattern != "*" || rules.get(cause).is_some_and(|cause| cause.role == Role::Cause);
            named_by(pattern, &ids).filter(|cause| may(*cause)).for_each(|cause| explains(cause, index));
        }
    }
    for effects in &mut graph {
        effects.sort_unstable();
        effects.dedup();
    }
    graph
}

/// The rules that `area/fault`, `area/*` or `*` names.
fn named_by<'a>(pattern: &'a str, ids: &'a BTreeMap<&str, usize>) -> impl Iterator<Item = usize> + 'a {
    let from = pattern.trim_end_matches('*');
    ids.range(from..)
        .take_while(move |(id, _)| id.starts_with(from))
        .filter(|(id, _)| names(pattern, id))
        .map(|(_, index)| *index)
}

/// Whether `area/fault`, `area/*` or `*` names this id.
pub(crate) fn names(pattern: &str, id: &str) -> bool {
    pattern == "*"
        || pattern == id
        || pattern
            .strip_suffix("/*")
            .is_some_and(|area| id.strip_prefix(area).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn classes_are_ascii_and_texts_are_not() {
        let matches = |pattern: &str, text: &str| compile(pattern).unwrap().is_match(text.as_bytes());
        assert!(matches(r"^\w+: \d+ ms\b$", "first\nport_2: 12 ms\nlast") && !matches(r"^\d$", "٣"));
        assert!(matches(r"➤ YN0028: .", "➤ YN0028: │ frozen") && matches(r"['‘]\S+['’] is", "‘a’ is"));
        assert!(matches(r"(?i:connection) refused", "Connection refused") && !matches("(?i:k)", "\u{212a}"));
        assert!(compile("(").is_err());
    }
}
