//! Takes `patterns/**.toml`, gives a [`RuleSet`]: clauses with their required literals, ready to be looked for.
//!
//! Knows nothing of sources, records or reports.

mod ascii;
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

use regex::Regex;

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
                let captures = regex.captures(body)?;
                Found { at: captures.get(0)?.start(), captures: named(regex, &captures) }
            }
            (None, None) => return None,
        };
        let not = self.spec.not.as_deref().and_then(|p| self.not.get_or_init(|| compile(p).ok()).as_ref());
        (!not.is_some_and(|regex| regex.is_match(body))).then_some(found)
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
            let (index, (_, value)) =
                facts.iter().enumerate().find(|(_, (known, value))| known == key && regex.is_match(value))?;
            proofs.push(index);
            captures.extend(regex.captures(value).map(|groups| named(regex, &groups)).unwrap_or_default());
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
    whole(pattern).is_ok_and(|regex| regex.is_match(value))
}

/// The named groups that took part in a match, without empty ones.
fn named(regex: &Regex, captures: &regex::Captures<'_>) -> BTreeMap<String, String> {
    let groups = regex.capture_names().flatten();
    let taken = groups.filter_map(|name| Some((name.to_owned(), captures.name(name)?.as_str().to_owned())));
    taken.filter(|(_, value)| !value.is_empty()).collect()
}

/// A clause's regex: multi-line; its classes of letters and digits are ASCII, everything else is Unicode.
///
/// # Errors
/// When the pattern does not parse or is too large.
pub(crate) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    let build = |pattern: &str| regex::RegexBuilder::new(pattern).multi_line(true).build();
    // An error shows the pattern as it was written.
    build(&ascii::ascii(pattern)).or_else(|_| build(pattern))
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
}

impl Literals {
    fn gather<'a>(pairs: impl Iterator<Item = (NeedleId, &'a [String])>) -> Self {
        let mut by_text: BTreeMap<&str, Vec<NeedleId>> = BTreeMap::new();
        for (needle, texts) in pairs {
            for text in texts {
                by_text.entry(text).or_default().push(needle);
            }
        }
        let (texts, owners) = by_text.into_iter().map(|(text, owners)| (text.to_owned(), owners)).unzip();
        Self { texts, owners }
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

/// Who explains whom: `explains` and `explained_by` of all rules in one graph.
pub(crate) fn edges(rules: &[RuleFile]) -> Vec<Vec<usize>> {
    let mut graph: Vec<Vec<usize>> = Vec::with_capacity(rules.len());
    for (index, rule) in rules.iter().enumerate() {
        let targets = rules.iter().enumerate().filter(|(other, target)| {
            *other != index
                && (rule.explains.iter().any(|pattern| names(pattern, &target.id))
                    || target
                        .explained_by
                        .iter()
                        .any(|pattern| names(pattern, &rule.id) && (pattern != "*" || rule.role == Role::Cause)))
        });
        graph.push(targets.map(|(other, _)| other).collect());
    }
    graph
}

/// Whether `area/fault`, `area/*` or `*` names this id.
pub(crate) fn names(pattern: &str, id: &str) -> bool {
    pattern == "*"
        || pattern == id
        || pattern
            .strip_suffix("/*")
            .is_some_and(|area| id.strip_prefix(area).is_some_and(|rest| rest.starts_with('/')))
}
