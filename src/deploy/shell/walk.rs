//! Goes through a script in the order in which a shell would, and shows each simple command with what is in force there.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::model::{Command, CommandKind, Item, Join, Link, List, Part, Pipeline, Redirect, Script, Simple, Word};
use super::state::{Directory, State};
use crate::deploy::text::HELD;

/// A simple command at its place.
#[derive(Debug)]
pub struct Step<'s, 'w> {
    /// The command with its redirections.
    pub command: &'s Command,
    /// Its words.
    pub simple: &'s Simple,
    /// The pipeline it is part of.
    pub pipeline: &'s Pipeline,
    /// Its place in the pipeline.
    pub index: usize,
    /// What joins the pipeline to the one after it: `&&`, `||`, or nothing.
    pub next: Option<&'s Link>,
    /// Where it stands.
    pub place: &'w Place<'s>,
    /// What is in force before it.
    pub state: &'w State,
}

/// Where a command stands.
#[derive(Debug, Clone, Default)]
pub struct Place<'s> {
    /// The list entry whose `&` sends it to the background.
    pub background: Option<&'s Item>,
    /// Whether its status is asked by `if`, `while`, `until`, `!`, or by an `&&` or `||` behind it.
    pub condition: bool,
    /// The function it is in.
    pub function: Option<&'s str>,
    /// The loops around it, from outside.
    pub loops: Vec<&'s Command>,
    /// Whether it is in `$(…)`, backquotes or `<(…)`.
    pub substituted: bool,
    /// Whether it is so in a word of another command, which takes its text and not its status.
    pub lost: bool,
    /// Redirections of the constructs around it, from outside.
    pub redirects: Vec<&'s Redirect>,
    /// Whether nothing follows it in the script.
    pub last: bool,
    /// Whether it stands in a branch of `if` or `case`, a loop, or behind `&&` and `||`: it may not be run.
    pub conditional: bool,
}

/// Shows every simple command. A function's commands are shown where it is called first, or at the end if it is not called.
pub fn walk<'s>(script: &'s Script, mut state: State, visit: &mut dyn FnMut(&Step<'s, '_>)) {
    state.follow_shebang(script.shebang.as_ref());
    let mut walker = Walker { state: Rc::new(state), held: 0, copied: 0, functions: BTreeMap::new(), visit };
    walker.list(&script.body, &Place { last: true, ..Place::default() });
    let start = State { errexit: walker.state.errexit, pipefail: walker.state.pipefail, ..State::default() };
    while let Some((name, body)) = walker.functions.pop_first() {
        walker.state = Rc::new(State { directory: Directory::Unknown, ..start.clone() });
        walker.command(body, None, &Place { function: Some(name), conditional: true, ..Place::default() });
    }
}

/// Signals that are handled; there are as many, counted with their numbers.
const SIGNALS: usize = 128;
/// Variables that are copied in one walk; beyond them, assignments make them unknown.
const COPIED: usize = 200_000;

struct Walker<'s, 'v> {
    /// What is in force; shared with what is kept of it, for most commands change nothing.
    state: Rc<State>,
    /// Bytes of the values that were assigned.
    held: usize,
    /// Variables that were copied because a part of the script has a state of its own.
    copied: usize,
    /// Those not shown yet.
    functions: BTreeMap<&'s str, &'s Command>,
    visit: &'v mut dyn FnMut(&Step<'s, '_>),
}

/// A command's place in its pipeline.
type Spot<'s> = Option<(&'s Pipeline, usize, Option<&'s Link>)>;

impl<'s> Walker<'s, '_> {
    fn list(&mut self, list: &'s List, place: &Place<'s>) {
        for (index, item) in list.items.iter().enumerate() {
            let last = place.last && index + 1 == list.items.len();
            let background = if item.background { Some(item) } else { place.background };
            let inner = Place { last, background, ..place.clone() };
            let before = item.background.then(|| self.state.clone());
            self.chain(item, &inner);
            self.restore(before);
        }
    }

    fn chain(&mut self, item: &'s Item, place: &Place<'s>) {
        for (index, link) in item.chain.iter().enumerate() {
            let next = item.chain.get(index + 1);
            let inner = Place {
                condition: place.condition || next.is_some() || link.pipeline.negated,
                conditional: place.conditional || link.joined != Join::First,
                last: place.last && next.is_none_or(|next| next.joined == Join::Or),
                ..place.clone()
            };
            // What stands behind `||` is the exception: what it does to the state is not what follows.
            let before = (link.joined == Join::Or).then(|| self.state.clone());
            self.pipeline(&link.pipeline, next, &inner);
            self.restore(before);
        }
    }

    fn pipeline(&mut self, pipeline: &'s Pipeline, next: Option<&'s Link>, place: &Place<'s>) {
        let alone = pipeline.commands.len() == 1;
        for (index, command) in pipeline.commands.iter().enumerate() {
            let before = (!alone).then(|| self.state.clone());
            self.command(command, Some((pipeline, index, next)), place);
            self.restore(before);
        }
    }

    fn command(&mut self, command: &'s Command, spot: Spot<'s>, place: &Place<'s>) {
        let mut inner = place.clone();
        if !matches!(command.kind, CommandKind::Simple(_)) {
            inner.redirects.extend(&command.redirects);
            command.redirects.iter().for_each(|redirect| self.word(&redirect.target, place));
        }
        let branch = Place { conditional: true, ..inner.clone() };
        match &command.kind {
            CommandKind::Simple(simple) => self.simple(command, simple, spot, place),
            CommandKind::Group(list) => self.list(list, &inner),
            CommandKind::Subshell(list) => {
                let before = self.state.clone();
                self.list(list, &inner);
                self.state = before;
            }
            CommandKind::If { branches, otherwise } => self.conditional(branches, otherwise.as_ref(), &branch),
            CommandKind::Case { subject, arms } => {
                self.word(subject, &Place { lost: true, ..place.clone() });
                self.ways(&arms.iter().map(|arm| &arm.body).collect::<Vec<_>>(), true, &branch);
            }
            CommandKind::Loop { .. } | CommandKind::For { .. } | CommandKind::ForArithmetic { .. } => {
                self.repeated(command, &Place { last: false, ..inner });
            }
            CommandKind::Function { name, body } => {
                self.functions.insert(name, body);
            }
            CommandKind::Test(words) => {
                let place = Place { lost: true, ..place.clone() };
                words.iter().for_each(|word| self.word(word, &place));
            }
            CommandKind::Arithmetic(_) => {}
        }
    }

    fn conditional(&mut self, branches: &'s [super::Branch], otherwise: Option<&'s List>, place: &Place<'s>) {
        for branch in branches {
            self.list(&branch.condition, &Place { condition: true, last: false, ..place.clone() });
        }
        let mut ways: Vec<&'s List> = branches.iter().map(|branch| &branch.body).collect();
        ways.extend(otherwise);
        self.ways(&ways, otherwise.is_none(), place);
    }

    /// Runs each way from the same state; afterwards holds what holds after all of them.
    fn ways(&mut self, ways: &[&'s List], may_skip: bool, place: &Place<'s>) {
        let before = self.state.clone();
        let mut after: Option<Rc<State>> = may_skip.then(|| before.clone());
        for way in ways {
            self.state = before.clone();
            self.list(way, place);
            if way.items.last().is_some_and(leaves) {
                continue;
            }
            match &mut after {
                Some(after) if Rc::ptr_eq(after, &self.state) => {}
                Some(after) => Rc::make_mut(after).meet(&self.state),
                None => after = Some(self.state.clone()),
            }
        }
        self.state = after.unwrap_or(before);
    }

    fn repeated(&mut self, command: &'s Command, place: &Place<'s>) {
        let mut asked = place.clone();
        asked.loops.push(command);
        let inner = Place { conditional: true, ..asked.clone() };
        let before = self.state.clone();
        match &command.kind {
            CommandKind::Loop { condition, body, .. } => {
                self.list(condition, &Place { condition: true, ..asked });
                self.list(body, &inner);
            }
            CommandKind::For { words, body, variable } => {
                let asked = Place { lost: true, ..place.clone() };
                words.iter().flatten().for_each(|word| self.word(word, &asked));
                self.assign(variable, None);
                self.list(body, &inner);
            }
            CommandKind::ForArithmetic { body, .. } => self.list(body, &inner),
            _ => {}
        }
        let after = std::mem::replace(&mut self.state, before);
        if !Rc::ptr_eq(&after, &self.state) {
            Rc::make_mut(&mut self.state).meet(&after);
        }
    }

    fn simple(&mut self, command: &'s Command, simple: &'s Simple, spot: Spot<'s>, place: &Place<'s>) {
        let inside = Place { lost: place.lost || !simple.words.is_empty(), ..place.clone() };
        let values = simple.assignments.iter().filter_map(|assignment| assignment.value.as_ref());
        for word in values.chain(&simple.words).chain(command.redirects.iter().map(|redirect| &redirect.target)) {
            self.word(word, &inside);
        }
        if let Some((pipeline, index, next)) = spot {
            (self.visit)(&Step { command, simple, pipeline, index, next, place, state: &self.state });
        }
        let name = simple.words.first().and_then(Word::literal);
        if let Some(body) = name.as_deref().and_then(|name| self.functions.remove(name)) {
            let function = simple.words.first().and_then(|word| match word.parts.as_slice() {
                [Part::Literal(name)] => Some(name.as_str()),
                _ => None,
            });
            self.command(body, spot, &Place { function, ..place.clone() });
        }
        self.effect(command, simple, name.as_deref());
    }

    fn effect(&mut self, command: &'s Command, simple: &'s Simple, name: Option<&str>) {
        let mut arguments = simple.words.iter().skip(1);
        match name {
            None if simple.words.is_empty() => {
                for assignment in &simple.assignments {
                    self.assign(&assignment.name, assignment.value.as_ref().and_then(|word| self.state.expand(word)));
                }
            }
            Some("export" | "readonly" | "local" | "declare" | "typeset") => {
                for text in arguments.filter_map(|word| self.state.expand(word)).collect::<Vec<_>>() {
                    if let Some((name, value)) = text.split_once('=') {
                        self.assign(name, Some(value.to_owned()));
                    }
                }
            }
            Some("set") => {
                let options: Vec<_> = arguments.map(|word| self.state.expand(word)).collect();
                Rc::make_mut(&mut self.state).follow_set(&options);
            }
            Some("cd" | "pushd") => {
                let target = arguments.rfind(|word| !word.is("--") && !word.is("-P"));
                let target = target.and_then(|word| self.state.expand(word));
                Rc::make_mut(&mut self.state).change_directory(target.as_deref());
            }
            Some("popd") => Rc::make_mut(&mut self.state).directory = Directory::Unknown,
            Some("trap") => {
                let traps = &mut Rc::make_mut(&mut self.state).traps;
                for signal in arguments.skip(1).filter_map(Word::literal) {
                    if traps.len() < SIGNALS && !traps.contains(&signal) {
                        traps.push(signal);
                    }
                }
            }
            Some("exec") if simple.words.len() == 1 => {
                let output = command.redirects.iter().find(|redirect| redirect.writes_output());
                Rc::make_mut(&mut self.state).output = output.map(|redirect| redirect.target.clone());
            }
            _ => {}
        }
    }

    fn assign(&mut self, name: &str, value: Option<String>) {
        self.held += value.as_ref().map_or(0, String::len);
        let value = value.filter(|_| self.held <= HELD && self.copied <= COPIED);
        match value {
            Some(value) => drop(self.variables().insert(name.to_owned(), value)),
            None if !self.state.variables.contains_key(name) => {}
            // A copy without this one costs more than to know none of them.
            None if self.copied > COPIED => Rc::make_mut(&mut self.state).variables = Rc::default(),
            None => drop(self.variables().remove(name)),
        }
    }

    fn variables(&mut self) -> &mut BTreeMap<String, String> {
        let state = Rc::make_mut(&mut self.state);
        if Rc::strong_count(&state.variables) > 1 {
            self.copied += state.variables.len();
        }
        Rc::make_mut(&mut state.variables)
    }

    /// Takes back what a part of the script did to the state, where that part has one of its own.
    fn restore(&mut self, before: Option<Rc<State>>) {
        if let Some(before) = before {
            self.state = before;
        }
    }

    /// The commands of the substitutions in a word.
    fn word(&mut self, word: &'s Word, place: &Place<'s>) {
        for part in &word.parts {
            match part {
                Part::Substitution(list) | Part::Process(list) => {
                    let before = self.state.clone();
                    self.list(list, &Place { substituted: true, last: false, ..place.clone() });
                    self.state = before;
                }
                Part::Parameter(parameter) => {
                    if let Some(argument) = &parameter.argument {
                        self.word(argument, place);
                    }
                }
                Part::Literal(_) | Part::Arithmetic(_) => {}
            }
        }
    }
}

/// Whether nothing of the script is run after this entry.
fn leaves(item: &Item) -> bool {
    let last = item.chain.last().and_then(|link| link.pipeline.commands.last());
    let Some(CommandKind::Simple(simple)) = last.map(|command| &command.kind) else { return false };
    item.chain.len() == 1
        && simple.words.first().is_some_and(|word| word.is("exit") || word.is("return") || word.is("exec"))
        && (simple.words.len() > 1 || !simple.words.iter().any(|word| word.is("exec")))
}
