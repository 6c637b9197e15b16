//! Takes `patterns/**.toml`, gives a [`RuleSet`]: clauses with their required literals, ready to be looked for.
//!
//! Knows nothing of sources, records or reports.

mod check;
mod digits;
mod fact;
mod file;
mod held;
mod literal;
mod load;
mod pattern;
mod profile;
mod shelf;
mod table;
mod template;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::num::Quick;

pub use check::{Problem, check_text, check_together};
pub use digits::{ANY, Digits};
pub use fact::{FACTS, fact, is_fact};
pub use file::{
    ClauseSpec, Derived, ExampleSpec, Expected, LevelSpec, MatchForm, MatchSpec, ReferenceSpec, RemedySpec, Risk, Role,
    RuleFile, Severity, Strength, VerifySpec,
};
pub use held::Held;
pub use load::{
    LoadError, PatternFile, embedded, embedded_profiles, embedded_texts, files_below, from_texts, in_full, read_folder,
    weigh,
};
pub(crate) use pattern::{Pattern, compile, whole};
pub use pattern::{TooLarge, matches_whole};
pub use profile::{
    DocumentationSpec, EscalationSpec, LoginSpec, PhaseSpec, ProfileFile, RequiresSpec, SilentSpec, VariableSpec,
};
pub(crate) use shelf::rest;
pub use table::{Literals, NeedleId, Part, Table};
pub(crate) use table::{edges, names, required};
pub use template::{fill, fill_command};

/// The capture of a profile's mark that names the step of a start script which begins there.
pub const STEP: &str = "step";

/// Captures in which a line without a name of its own says whose end it tells.
pub(crate) const ENDED: [&str; 2] = ["name", "command"];

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
    pub spec: Arc<ClauseSpec>,
    /// What it names of numbers.
    pub digits: Digits,
    regex: Option<Arc<Pattern>>,
    not: Option<Arc<Pattern>>,
    state: Vec<(String, Pattern)>,
}

/// Every pattern once: several rules are cleared by the same line.
#[derive(Debug)]
struct Patterns<'t>(HashMap<(&'t str, bool), Arc<Pattern>, Quick>);

impl<'t> Patterns<'t> {
    fn of(&mut self, text: &'t Arc<str>, added: bool) -> Arc<Pattern> {
        Arc::clone(self.0.entry((text, added)).or_insert_with(|| Arc::new(Pattern::new(Arc::clone(text), added))))
    }
}

/// What was found in one record's body, so that no pattern is looked for twice.
#[derive(Debug, Default)]
pub struct Seen(Vec<(Arc<Pattern>, Match)>);

/// Where a pattern matched, and its named groups.
type Match = Option<(usize, Arc<pattern::Captures>)>;

impl Seen {
    fn find(&mut self, pattern: &Arc<Pattern>, body: &str) -> Match {
        if let Some((_, found)) = self.0.iter().find(|(known, _)| Arc::ptr_eq(known, pattern)) {
            return found.clone();
        }
        let found = pattern.find(body.as_bytes()).map(|(at, captures)| (at, Arc::new(captures)));
        self.0.push((Arc::clone(pattern), found.clone()));
        found
    }
}

/// A clause's match inside a record's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Byte offset of the match in the body.
    pub at: usize,
    /// Named groups that took part, without empty ones; clauses of one regex share them.
    pub captures: Arc<BTreeMap<String, String>>,
}

impl Needle {
    fn new<'t>(owner: Owner, part: Part, spec: &'t Arc<ClauseSpec>, patterns: &mut Patterns<'t>, added: bool) -> Self {
        let [regex, not] = [&spec.regex, &spec.not].map(|text| text.as_ref().map(|text| patterns.of(text, added)));
        let state =
            spec.state.iter().map(|(key, value)| (key.clone(), Pattern::new(whole(value).into(), added))).collect();
        Self { owner, part, spec: Arc::clone(spec), digits: Digits::default(), regex, not, state }
    }

    /// Whether the clause matches a record's body, of which the first `said` bytes are more than the program's own frames: what these are named
    /// denies nothing. `seen` is what other clauses have found in the same body.
    #[must_use]
    pub fn find(&self, body: &str, said: usize, seen: &mut Seen) -> Option<Found> {
        let found = match (&self.spec.contains, &self.regex) {
            (Some(text), _) => Found { at: body.find(text.as_str())?, captures: Arc::default() },
            (None, Some(regex)) => {
                let (at, captures) = seen.find(regex, body)?;
                Found { at: body.floor_char_boundary(at), captures }
            }
            (None, None) => return None,
        };
        let denied = self.not.as_ref().and_then(|regex| seen.find(regex, body)).is_some_and(|(at, _)| at < said);
        (!denied).then_some(found)
    }

    /// Whether the clause is about the state of a container, not about a log.
    #[must_use]
    pub fn of_state(&self) -> bool {
        !self.spec.state.is_empty()
    }

    /// Whether a state holds every fact of the clause. Gives the index of a proving fact for each, and the named groups.
    #[must_use]
    pub fn find_facts(&self, facts: &[(&str, &str)]) -> Option<(Vec<usize>, BTreeMap<String, String>)> {
        let (mut proofs, mut captures) = (Vec::new(), BTreeMap::new());
        for (key, regex) in &self.state {
            let of_key = facts.iter().enumerate().filter(|(_, (known, _))| known == key);
            let found = of_key.filter_map(|(index, (_, value))| Some((index, regex.find(value.as_bytes())?.1))).next();
            let (index, groups) = found?;
            proofs.push(index);
            captures.extend(groups);
        }
        (!self.state.is_empty()).then_some((proofs, captures))
    }
}

/// All knowledge, ready to be looked for.
#[derive(Debug)]
pub struct RuleSet {
    /// In order of their ids; those inside the binary [in brief](RuleFile::brief), see [`in_full`].
    pub rules: Vec<RuleFile>,
    /// In order of their ids.
    pub profiles: Vec<ProfileFile>,
    /// Every clause of every rule, then of every profile.
    pub needles: Vec<Needle>,
    /// What the scan looks for, each once.
    pub literals: Literals,
    /// Literals of the clauses that are looked for in the tail only.
    pub tail_literals: Literals,
    /// What a text must hold that a clause matches.
    pub held: Held,
    /// For each rule, the rules it explains.
    pub explains: Vec<Vec<usize>>,
    /// Names of the captures that a clearing clause compares.
    pub compared: BTreeSet<String>,
}

impl RuleSet {
    /// Makes a table ready.
    #[must_use]
    pub fn new(table: Table) -> Self {
        let Table { rules, profiles, literals, tail_literals, explains, digits, held } = table;
        let mut needles = Vec::with_capacity(literals.texts.len());
        let mut patterns = Patterns(HashMap::with_capacity_and_hasher(literals.texts.len(), Quick::default()));
        for (index, rule) in rules.iter().enumerate() {
            let needle = |(part, spec)| Needle::new(Owner::Rule(index), part, spec, &mut patterns, rule.added);
            needles.extend(rule.clauses().map(needle));
        }
        for (index, profile) in profiles.iter().enumerate() {
            let needle = |(part, spec)| Needle::new(Owner::Profile(index), part, spec, &mut patterns, profile.added);
            needles.extend(profile.clauses().map(needle));
        }
        for (needle, digits) in needles.iter_mut().zip(digits) {
            needle.digits = digits;
        }
        let compared = needles.iter().flat_map(|needle| &needle.spec.same).cloned().collect();
        Self { rules, profiles, needles, literals, tail_literals, held, explains, compared }
    }

    /// The index of a rule.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<usize> {
        self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok()
    }
}
