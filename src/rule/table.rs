//! All rules and profiles in one piece, every clause of them in one fixed order, and what can be derived from them before a start.
//!
//! This file is also compiled into the build script.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::digits::{self, Digits};
use super::file::{ClauseSpec, Role, RuleFile};
use super::held::Held;
use super::literal;
use super::profile::ProfileFile;

/// Index of a clause in [`Table::clauses`].
pub type NeedleId = usize;

/// All knowledge in one piece, as the build script writes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// In order of their ids; the embedded ones without their examples, and [in brief](RuleFile::brief).
    pub rules: Vec<RuleFile>,
    /// In order of their ids.
    pub profiles: Vec<ProfileFile>,
    /// What the scan looks for.
    pub literals: Literals,
    /// Literals of the clauses that are looked for in the tail only.
    pub tail_literals: Literals,
    /// For each rule, the rules it explains.
    pub explains: Vec<Vec<usize>>,
    /// For each clause, what it names of numbers.
    pub digits: Vec<Digits>,
    /// For each clause, what a text must hold that it matches.
    pub held: Held,
}

/// Literals and the clauses that need them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Literals {
    /// Each once, in order.
    pub texts: Arc<[String]>,
    /// For each text, where its window for the scan begins and in which bucket, if that was chosen beforehand.
    pub windows: Arc<[Option<[usize; 2]>]>,
    /// The clauses that the texts may begin, those of one text behind those of another.
    owners: Vec<NeedleId>,
    /// For each text, where the clauses end that it may begin.
    ends: Vec<usize>,
    /// What they name of numbers.
    pub digits: Digits,
}

impl Literals {
    fn gather<'a>(pairs: impl Iterator<Item = (NeedleId, &'a [String])>) -> Self {
        let mut by_text: BTreeMap<&str, Vec<NeedleId>> = BTreeMap::new();
        for (needle, texts) in pairs {
            for text in texts {
                by_text.entry(text).or_default().push(needle);
            }
        }
        let windows = by_text.iter().map(|_| None).collect();
        let texts: Arc<[String]> = by_text.keys().map(|text| (*text).to_owned()).collect();
        let (mut all, mut ends) = (Vec::new(), Vec::new());
        for owners in by_text.into_values() {
            all.extend(owners);
            ends.push(all.len());
        }
        Self { digits: digits::of_texts(texts.iter().map(String::as_str)), texts, windows, owners: all, ends }
    }

    /// The clauses that a text may begin.
    #[must_use]
    pub fn owners(&self, text: usize) -> &[NeedleId] {
        let end = |text: usize| self.ends.get(text).copied();
        let range = end(text).map(|until| text.checked_sub(1).and_then(end).unwrap_or(0)..until);
        range.and_then(|range| self.owners.get(range)).unwrap_or_default()
    }
}

/// Where a clause stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// One of `any`, `all` or `sequence`.
    Match,
    /// `absent`.
    Absent,
    /// `cleared_by.any`.
    Clear,
    /// A profile's `recognise`.
    Recognise,
    /// A profile's `boot`.
    Boot,
    /// A profile's `boot_again`.
    BootAgain,
    /// A profile's `ready`.
    Ready,
    /// A profile's `stopped`.
    Stopped,
    /// `enter` of the phase with this index.
    Enter(usize),
    /// `leave` of the phase with this index.
    Leave(usize),
    /// `claim` of the phase with this index.
    Claim(usize),
    /// `in_place` of the documentation entry with this index.
    InPlace(usize),
}

impl RuleFile {
    /// Every clause and where it stands, in a fixed order.
    pub fn clauses(&self) -> impl Iterator<Item = (Part, &Arc<ClauseSpec>)> {
        let matching = self.matching.clauses().iter().map(|c| (Part::Match, c));
        let absent = self.matching.absent.iter().map(|c| (Part::Absent, c));
        let clear = self.cleared_by.iter().flat_map(|c| &c.any).map(|c| (Part::Clear, c));
        matching.chain(absent).chain(clear)
    }
}

fn tagged(part: Part, list: &[Arc<ClauseSpec>]) -> Vec<(Part, &Arc<ClauseSpec>)> {
    list.iter().map(|clause| (part, clause)).collect()
}

impl ProfileFile {
    /// Every clause and where it stands, in a fixed order.
    pub fn clauses(&self) -> impl Iterator<Item = (Part, &Arc<ClauseSpec>)> {
        let mut all = tagged(Part::Recognise, &self.recognise);
        all.extend(tagged(Part::Boot, &self.boot));
        all.extend(tagged(Part::BootAgain, &self.boot_again));
        all.extend(tagged(Part::Ready, &self.ready));
        all.extend(tagged(Part::Stopped, &self.stopped));
        for (index, phase) in self.phase.iter().enumerate() {
            all.extend(tagged(Part::Enter(index), &phase.enter));
            all.extend(tagged(Part::Leave(index), &phase.leave));
            all.extend(tagged(Part::Claim(index), &phase.claim));
        }
        for (index, entry) in self.documentation.iter().enumerate() {
            all.extend(tagged(Part::InPlace(index), &entry.in_place));
        }
        all.into_iter()
    }
}

impl Table {
    /// Derives everything but the scan's windows from rules and profiles.
    #[must_use]
    pub fn derive(mut rules: Vec<RuleFile>, mut profiles: Vec<ProfileFile>) -> Self {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        profiles.sort_by(|a, b| a.id.cmp(&b.id));
        let explains = edges(&rules);
        let mut table = Self { rules, profiles, explains, ..Self::default() };
        let required: Vec<_> = table.clauses().map(|(_, clause)| (clause.tail, required(clause))).collect();
        let chosen = |tail: bool| {
            let of_kind = required.iter().enumerate().filter(|(_, (of_tail, _))| *of_tail == tail);
            Literals::gather(of_kind.map(|(id, (_, texts))| (id, texts.as_slice())))
        };
        (table.literals, table.tail_literals) = (chosen(false), chosen(true));
        table.digits = table.clauses().map(|(_, clause)| digits::of_clause(clause)).collect();
        let regexes = table.clauses().map(|(_, clause)| clause.regex.as_deref());
        table.held = Held::of(regexes.zip(required.iter().map(|(_, texts)| texts.as_slice())));
        table
    }

    /// The same with what is known of the windows, by literal.
    #[must_use]
    pub fn with_windows(mut self, windows: &BTreeMap<String, [usize; 2]>) -> Self {
        for literals in [&mut self.literals, &mut self.tail_literals] {
            literals.windows = literals.texts.iter().map(|text| windows.get(text).copied()).collect();
        }
        self
    }

    /// Every clause of every rule, then of every profile.
    pub fn clauses(&self) -> impl Iterator<Item = (Part, &Arc<ClauseSpec>)> {
        let rules = self.rules.iter().flat_map(RuleFile::clauses);
        rules.chain(self.profiles.iter().flat_map(ProfileFile::clauses))
    }
}

/// A clause's required literals; empty when it has none, which the judge refuses.
pub(crate) fn required(clause: &ClauseSpec) -> Vec<String> {
    literal::of_clause(clause.contains.as_deref(), clause.regex.as_deref())
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
