//! Which clauses a record matches, and what they found.
//!
//! A flood says the same thing again and again: the verdict on a message is remembered, so that a repetition costs no regex.

use std::collections::HashMap;
use std::sync::Arc;

use crate::record::{Form, Level, Record, Tech, is_own_frame};
use crate::rule::{Found, LevelSpec, Literals, Needle, NeedleId, Owner, Part, RuleSet, Seen};
use crate::scan::Words;

use super::numbers::Numbers;

/// The clauses a record matches, in order, and what they found.
pub(super) type Verdicts = Arc<[(NeedleId, Found)]>;

/// Bytes of messages remembered; then all are forgotten.
const REMEMBERED: usize = 256 * 1024;
/// A longer message is not remembered.
const LONGEST: usize = 8 * 1024;

/// All of a record that clauses look at.
type Key = (Option<Level>, Option<Tech>);

/// Judges records by the clauses of a rule set, without their places.
#[derive(Debug)]
pub(super) struct Judge<'r> {
    rules: &'r RuleSet,
    known: HashMap<Key, HashMap<String, Verdicts>>,
    numbers: Numbers,
    /// Bytes of the messages in `known`.
    size: usize,
}

impl<'r> Judge<'r> {
    pub(super) fn new(rules: &'r RuleSet) -> Self {
        Self { rules, known: HashMap::new(), numbers: Numbers::default(), size: 0 }
    }

    /// Forgets everything: other literals are looked for from now on.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.size = 0;
    }

    /// The clauses that match a record, of those that `literals` may begin. The literals of two calls are the same unless
    /// [`Judge::forget`] came between them.
    pub(super) fn find(&mut self, record: &Record, literals: &Literals, words: &Words) -> Verdicts {
        let key = (record.level, record.tech);
        let (text, said) = told(&record.body, words);
        if let Some(verdicts) = self.known.get(&key).and_then(|known| known.get(text)) {
            return Arc::clone(verdicts);
        }
        let verdicts = self.judge(record, (text, said), literals, words);
        if text.len() <= LONGEST {
            if self.size > REMEMBERED {
                self.forget();
            }
            self.size += text.len() + verdicts.len() * 64;
            self.known.entry(key).or_default().insert(text.to_owned(), Arc::clone(&verdicts));
        }
        verdicts
    }

    /// Lets the numbers of a form be others that are neither looked at nor shown; `record` is of that form, and `at` the place of its first
    /// literal in its first line.
    pub(super) fn let_differ(&mut self, form: &mut Form, at: usize, record: &Record, found: &Verdicts, words: &Words) {
        let literals = &self.rules.literals;
        let concerned = candidates(told(&record.body, words).0, literals, words);
        let digits = concerned.into_iter().filter_map(|id| self.rules.needles.get(id)).map(|needle| &needle.digits);
        if let Some((idle, named)) = self.numbers.idle(form, at, found, &literals.digits, digits) {
            form.let_differ(idle, &named);
        }
    }

    fn judge(&self, record: &Record, (text, said): (&str, usize), literals: &Literals, words: &Words) -> Verdicts {
        let mut seen = Seen::default();
        let found = candidates(text, literals, words).into_iter().filter_map(|id| {
            let needle = self.rules.needles.get(id)?;
            let accepted = accepts(self.rules, needle, record) && self.rules.held.may_match(id, text);
            accepted.then(|| needle.find(text, said, &mut seen))?.map(|found| (id, found))
        });
        found.collect()
    }
}

/// What of a record's text says something: all but the program's own frames at its end, unless one of them holds a literal. An error is the
/// same wherever in the program it was thrown. And where such frames begin.
fn told<'b>(body: &'b str, words: &Words) -> (&'b str, usize) {
    let mut end = body.len();
    while let Some((before, last)) = body.get(..end).and_then(|rest| rest.rsplit_once('\n')) {
        if !is_own_frame(last.as_bytes()) {
            break;
        }
        end = before.len();
    }
    let frames = body.get(end..).unwrap_or_default();
    let told = !frames.is_empty() && words.any(frames.as_bytes());
    (body.get(..end).filter(|_| !told).unwrap_or(body), end)
}

/// The clauses whose literals a text holds, each once and in order.
pub(super) fn candidates(text: &str, literals: &Literals, words: &Words) -> Vec<NeedleId> {
    let mut candidates: Vec<NeedleId> = Vec::new();
    words.each(text, |literal| candidates.extend(literals.owners(literal)));
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}

/// Whether a clause may look at a record: its level and its technology. Marks of profiles look at everything, but nobody reports as
/// a warning or an error that he is up, unless the mark says so: Flask reports it below a warning.
fn accepts(rules: &RuleSet, needle: &Needle, record: &Record) -> bool {
    let Owner::Rule(index) = needle.owner else {
        let most = if needle.spec.level == Some(LevelSpec::Warn) { Level::Warn } else { Level::Info };
        return needle.part != Part::Ready || record.level.is_none_or(|level| level <= most);
    };
    let least = match (needle.spec.level, needle.part) {
        (Some(LevelSpec::Info), _) | (None, Part::Clear | Part::Absent) => Level::Trace,
        (Some(LevelSpec::Warn), _) => Level::Warn,
        (Some(LevelSpec::Error), _) | (None, _) => Level::Error,
    };
    if record.level.is_some_and(|level| level < least) {
        return false;
    }
    let scope = rules.rules.get(index).map_or(&[][..], |rule| rule.scope.as_slice());
    let Some(tech) = record.tech else { return true };
    needle.part != Part::Match || scope.is_empty() || scope.iter().any(|word| belongs(tech, word))
}

fn belongs(tech: Tech, word: &str) -> bool {
    let words: &[&str] = match tech {
        Tech::Nest => &["nest", "node"],
        Tech::Node => &["node"],
        Tech::Nx => &["nx", "node"],
        Tech::Yarn => &["yarn", "node"],
        Tech::Npm => &["npm", "node"],
        Tech::Pnpm => &["pnpm", "node"],
        Tech::Postgres => &["postgres"],
        Tech::Psql => &["psql", "postgres"],
        Tech::Redis => &["redis"],
        Tech::Nginx => &["nginx"],
        Tech::Mysql => &["mysql"],
        Tech::Kernel => &["kernel"],
        Tech::Shell => &["shell"],
        Tech::Docker => &["docker"],
    };
    words.contains(&word)
}
