//! Judges candidates: reads the record around a hit, tries the clauses whose literals it holds, and tallies what matched.

use std::sync::Arc;

use crate::num::{narrow, wide};
use crate::record::{self, Form, Layers, Reader, Record, Stamp};
use crate::rule::{self, Found, Literals, Needle, NeedleId, Owner, Part, Role, RuleSet, STEP, Severity};
use crate::scan::{Prefilter, Sink, Window, Words};

use super::allowance::Allowance;
use super::answers::Answers;
use super::boot::{Fault, KEPT, Splitter, forget, open_next};
use super::echo::{Echo, Echoes};
use super::ending::Ending;
use super::explained::Explained;
use super::judge::{Judge, Verdicts};
use super::lent::{Lent, SOON, Times};
use super::refrain::Refrains;
use super::sighting::{Common, Glimpse, Place, Sighting, from_match};
use super::starts::Starts;
use super::stray;
use super::tally::{BootLog, Tally, Unit};

/// Most units told apart in one input; a hostile one may name a million. Lines of all further ones count as lines of none.
const UNITS: usize = 256;
/// What a unit takes besides its boots, in bytes.
const UNIT: usize = size_of::<(Unit, Splitter)>();
/// Behind so many records that were judged it is worth while to look which numbers of a record matter.
const FLOOD: u64 = 16;
/// Lines of context around evidence.
const CONTEXT: usize = 5;
/// How much of an input's end `tail` clauses and strays are looked for in.
pub(super) const TAIL: usize = 256 * 1024;

/// What is known of one input besides its matches.
#[derive(Debug, Clone, Default)]
pub struct SourceFacts {
    /// Envelopes seen.
    pub layers: Layers,
    /// Time of the first line that has one.
    pub first_time: Option<Stamp>,
    /// Time of the last line that has one.
    pub last_time: Option<Stamp>,
    /// Records that were judged.
    pub records: u64,
    /// About how many bytes are kept of this input and those before it.
    pub kept: Allowance,
    /// Sightings of further kinds of findings, for which there was no room.
    pub refused: u64,
}

/// Collects the matches of one input.
pub struct Collector<'r> {
    rules: &'r RuleSet,
    words: &'r Words,
    source: usize,
    units: Vec<(Unit, Splitter)>,
    /// Lines of judged records from the current one on, so that a second hit in one is not judged again.
    judged: Vec<u64>,
    judge: Judge<'r>,
    reader: Reader,
    /// Reads echoes, which it sees without what stands before them.
    teller: Reader,
    explained: Explained,
    echoes: Echoes,
    refrains: Refrains,
    times: Times,
    starts: Starts,
    allowance: Allowance,
    /// Boots of a loop that are kept at either end.
    boots: usize,
    /// What is known of the input itself.
    pub facts: SourceFacts,
}

impl<'r> Collector<'r> {
    /// A collector for input number `source`; `words` is built from the rule set's literals.
    #[must_use]
    pub fn new(rules: &'r RuleSet, words: &'r Words, source: usize) -> Self {
        Self {
            rules,
            words,
            source,
            units: Vec::new(),
            judged: Vec::new(),
            judge: Judge::new(rules),
            reader: Reader::default(),
            teller: Reader::default(),
            explained: Explained::default(),
            echoes: Echoes::default(),
            refrains: Refrains::default(),
            times: Times::default(),
            starts: Starts::default(),
            allowance: Allowance::default(),
            boots: KEPT,
            facts: SourceFacts::default(),
        }
    }

    /// The same, knowing when the process was started (microseconds since 1970, UTC): a boot begins there, whatever the lines say.
    #[must_use]
    pub fn with_starts(self, starts: Vec<i64>) -> Self {
        Self { starts: Starts::new(starts), ..self }
    }

    /// The same after inputs of which about so many bytes are kept.
    #[must_use]
    pub const fn with_kept(mut self, bytes: usize) -> Self {
        self.allowance = Allowance::behind(bytes);
        self
    }

    /// Goes on as if begun [`with_kept`](Self::with_kept) these bytes. False where then something else would have been kept so far.
    #[must_use]
    pub fn go_on_with_kept(&mut self, bytes: usize) -> bool {
        let allowance = self.allowance.behind_others(bytes);
        self.allowance = allowance.unwrap_or(self.allowance);
        allowance.is_some()
    }

    /// About how many bytes are kept of this input by now.
    #[must_use]
    pub const fn kept(&self) -> usize {
        self.allowance.own()
    }

    /// The units seen; at least one.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Unit>, SourceFacts) {
        if self.units.is_empty() {
            self.unit(None);
        }
        self.facts.kept = self.allowance;
        (self.units.into_iter().map(|(unit, _)| unit).collect(), self.facts)
    }

    fn unit(&mut self, name: Option<&str>) -> usize {
        if let Some(index) = self.units.iter().position(|(unit, _)| unit.name.as_deref() == name) {
            return index;
        }
        if name.is_some() && self.units.len() >= UNITS {
            return self.unit(None);
        }
        let (source, name, boot) = (self.source, name.map(str::to_owned), BootLog::new(1));
        self.allowance.take(UNIT + boot.bytes);
        let unit = Unit {
            source,
            name,
            boots: vec![boot],
            dropped: 0,
            strays: Vec::new(),
            end: None,
            calm: Vec::new(),
            answers: Answers::default(),
            ending: Ending::default(),
            state: false,
        };
        self.units.push((unit, Splitter::default()));
        self.units.len() - 1
    }

    /// Remembers the last line of the input for every unit.
    fn note_end(&mut self, window: &Window<'_>) {
        let last = window.bytes.trim_ascii_end().len();
        if last > 0 {
            let record = record::record_at(window.bytes, last - 1);
            let at = record.body.trim_end().rfind('\n').map_or(0, |newline| newline + 1);
            let end =
                glimpse(Place::new(self.source, window, &record, last - 1), &Found { at, captures: Arc::default() })
                    .keep();
            for (unit, _) in &mut self.units {
                unit.end = Some(end.clone());
            }
        }
    }

    fn judge(&mut self, window: &Window<'_>, at: usize, literals: &Literals, words: &Words) {
        let start = line_start(window.bytes, at);
        let tells = |bytes: &[u8]| words.any(bytes);
        if let Some(refrain) = self.refrains.take(window, start, at, &mut self.reader, &tells) {
            self.count(window, at, &refrain.record, &refrain.found);
            self.refrains.keep(refrain);
            return;
        }
        let record = self.reader.record_at(window.bytes, window.base, at);
        let found = self.judge.find(&record, literals, words);
        let settled = self.count(window, at, &record, &found);
        let Some(form) = self.reader.form(window.bytes, &tells) else { return };
        if settled {
            self.listen(window, form, at - start, &record, found);
        } else if record.lines.len() == 1 {
            self.refrains.learn(form, at - start, record, found);
        }
    }

    /// Counts a record. Gives whether it does the same wherever it comes again.
    fn count(&mut self, window: &Window<'_>, at: usize, record: &Record, found: &Verdicts) -> bool {
        self.facts.records += 1;
        self.facts.layers = self.facts.layers.with(record.layers);
        self.judged.extend(record.lines.iter().map(|line| window.base + wide(line.offset)));
        let settled = self.is_settled(record, found);
        if !settled {
            self.tell(window);
            self.echoes.forget();
        }
        self.tally(window, at, record, found, 1);
        settled
    }

    /// Whether a record does the same wherever it comes again, and in whatever order: no boot may begin or be forgotten.
    fn is_settled(&self, record: &Record, found: &Verdicts) -> bool {
        let begins = |part| matches!(part, Part::Boot | Part::BootAgain | Part::Ready | Part::Enter(_));
        let marks = found.iter().any(|(id, _)| self.rules.needles.get(*id).is_some_and(|needle| begins(needle.part)));
        !marks && !record.is_last_word() && self.starts.is_empty() && !self.allowance.is_full()
    }

    /// Tallies the echoes that were heard, each by the last of its lines.
    fn tell(&mut self, window: &Window<'_>) {
        self.echoes.settle(window);
        for echo in self.echoes.take_heard() {
            self.tell_of(&echo);
            self.echoes.put_back(echo);
        }
    }

    fn tell_of(&mut self, echo: &Echo) {
        let (window, at) = echo.window();
        let record = self.teller.record_at(window.bytes, window.base, at);
        self.tally(&window, at, &record, &echo.found, echo.times);
    }

    /// Goes through the record at `start` and those of its form that follow it before `limit`, if it only says again what was judged before;
    /// gives where the next line begins.
    fn pass_echoes(&mut self, window: &Window<'_>, start: usize, at: usize, limit: usize) -> Option<usize> {
        let tells = |bytes: &[u8]| self.words.any(bytes);
        let heard = self.echoes.hear(window, (start, at), limit, &mut self.reader, &tells)?;
        self.facts.records += wide(heard.row.records);
        if heard.explained {
            self.explained.add(window.base + wide(start), window.base + wide(heard.row.end));
        }
        Some(heard.row.end)
    }

    /// Listens for the record that was just judged to come again; `at` is where in its first line its first literal begins.
    fn listen(&mut self, window: &Window<'_>, mut form: Form, at: usize, record: &Record, found: Verdicts) {
        if self.echoes.knows(&form, at) {
            return;
        }
        if self.facts.records >= FLOOD {
            self.judge.let_differ(&mut form, at, record, &found, self.words);
        }
        let explained = found.iter().any(|(id, _)| explains(self.rules, *id));
        let of_profile =
            |id: &NeedleId| self.rules.needles.get(*id).is_some_and(|needle| matches!(needle.owner, Owner::Profile(_)));
        let lent = record.time.is_none() && found.iter().any(|(id, _)| of_profile(id));
        let lines = if lent { SOON } else { 0 };
        if let Some(displaced) = self.echoes.learn(window, form, at, lines, found, explained) {
            self.tell_of(&displaced);
        }
    }

    /// Adds `times` records of which this, with a literal at `at`, is the last.
    fn tally(&mut self, window: &Window<'_>, at: usize, record: &Record, found: &Verdicts, times: u64) {
        // The tail holds lines of earlier boots, too.
        if found.is_empty() || (self.starts.is_last() && self.starts.is_earlier(record.time)) {
            return;
        }
        let place = Place::new(self.source, window, record, at);
        let (mut lent, mut common) = (Lent::default(), Common::default());
        let index = self.unit(record.unit.as_deref());
        self.split(index, place, found, &mut common);
        if self.allowance.is_full() && self.boots > 1 {
            self.boots = 1;
            let free: usize = self.units.iter_mut().map(|(unit, _)| forget(unit, 1)).sum();
            self.allowance.give_back(free);
        }
        for (id, found) in found.iter() {
            let Some(needle) = self.rules.needles.get(*id) else { continue };
            let Some(boot) = self.units.get_mut(index).and_then(|(unit, _)| unit.boots.last_mut()) else { continue };
            let mut glimpse = glimpse(place, found);
            if glimpse.time.is_none() && matches!(needle.owner, Owner::Profile(_)) {
                glimpse.time = lent.time(window, glimpse.offset, &mut self.times);
            }
            boot.reach(glimpse.hit, glimpse.time);
            let bytes = match boot.tallies.get_mut(id) {
                Some(tally) => tally.add(&glimpse, times, &self.rules.compared),
                None if self.allowance.is_full() => {
                    self.facts.refused += times;
                    0
                }
                None => {
                    let ample = self.allowance.is_ample();
                    let kept = if ample { with_context(window, &glimpse, &mut common) } else { common.keep(&glimpse) };
                    let tally = Tally::new(kept.0, &self.rules.compared);
                    let bytes = tally.size() + kept.1;
                    boot.tallies.insert(*id, Box::new(tally));
                    bytes
                }
            };
            boot.bytes += bytes;
            self.allowance.take(bytes);
        }
        if let Some(head) = record.lines.first().filter(|_| found.iter().any(|(id, _)| explains(self.rules, *id))) {
            let offset = window.base + wide(head.offset);
            self.explained.add(offset, offset + 1);
        }
    }

    /// A start that no line passed which says anything began a boot too: its process runs, and what was before it is over.
    fn pass_starts(&mut self) {
        if !self.starts.pass_rest(self.facts.first_time) {
            return;
        }
        for (unit, _) in self.units.iter_mut().filter(|(unit, _)| unit.boots.last().is_some_and(|boot| boot.matched)) {
            let (taken, free) = open_next(unit, self.boots);
            self.allowance.take(taken);
            self.allowance.give_back(free);
        }
    }

    /// Opens a new boot when one of the marks of this record begins one.
    fn split(&mut self, index: usize, place: Place<'_>, found: &[(NeedleId, Found)], common: &mut Common) {
        let Place { window, record, .. } = place;
        let restarted = self.starts.passes(record.time);
        let units = self.units.len();
        let Some((unit, splitter)) = self.units.get_mut(index) else { return };
        let mut open = |unit: &mut Unit| {
            let (taken, free) = open_next(unit, self.boots);
            self.allowance.take(taken);
            self.allowance.give_back(free);
        };
        if restarted && unit.boots.last().is_some_and(|boot| !boot.tallies.is_empty()) {
            *splitter = Splitter::default();
            open(unit);
        }
        let lines_split = !self.starts.is_last();
        let printer = (record.pid, record.lane.clone());
        let needles: Vec<(NeedleId, &Needle)> =
            found.iter().filter_map(|(id, _)| Some((*id, self.rules.needles.get(*id)?))).collect();
        let at = |part: Part| needles.iter().find(|(_, needle)| needle.part == part).map(|(id, _)| *id);
        if let Some(id) = at(Part::Boot) {
            if splitter.banner() && lines_split {
                open(unit);
            }
            needles.iter().for_each(|(_, needle)| splitter.enters(needle.part, &printer));
            let found = found.iter().find(|(other, _)| *other == id).map(|(_, found)| found);
            if let Some((boot, found)) = unit.boots.last_mut().zip(found)
                && boot.began.is_none()
            {
                let (began, bytes) = with_context(window, &glimpse(place, found), common);
                boot.began = Some(began);
                boot.bytes += bytes;
                self.allowance.take(bytes);
            }
        } else if let Some(id) = at(Part::BootAgain) {
            let step = found.iter().find(|(other, _)| *other == id).and_then(|(_, found)| found.captures.get(STEP));
            if splitter.again(id, step, &printer, units) && lines_split {
                open(unit);
            }
            needles.iter().filter(|_| step.is_some()).for_each(|(_, needle)| splitter.enters(needle.part, &printer));
        } else {
            if at(Part::Ready).is_some() && splitter.ready(&printer) && lines_split {
                open(unit);
            }
            for (_, needle) in &needles {
                splitter.event(needle.part, &printer);
            }
            if fault(self.rules, place, &needles).is_some_and(|fault| splitter.fault(&printer, fault)) && lines_split {
                open(unit);
            }
        }
    }
}

/// Whether what a clause matches is explained by its rule.
fn explains(rules: &RuleSet, id: NeedleId) -> bool {
    rules.needles.get(id).is_some_and(|needle| matches!((needle.owner, needle.part), (Owner::Rule(_), Part::Match)))
}

/// What a record with such clauses tells of a fault that ends a process.
fn fault(rules: &RuleSet, place: Place<'_>, needles: &[(NeedleId, &Needle)]) -> Option<Fault> {
    let ending = |(_, needle): &(NeedleId, &Needle)| {
        let Owner::Rule(index) = needle.owner else { return None };
        let rule = rules.rules.get(index).filter(|_| needle.part == Part::Match)?;
        (rule.role == Role::Cause && rule.severity == Severity::Critical).then_some(rule.start_only)
    };
    let step = needles.iter().filter_map(ending).max()?;
    Some(Fault { dying: place.last_word, step, at: place.hit })
}

impl Sink for Collector<'_> {
    fn begin(&mut self, window: &Window<'_>) {
        self.facts.first_time = record::first_time(window.bytes);
        let first = window.bytes.get(..window.next_line(0)).unwrap_or_default();
        self.facts.layers = record::peel(first.trim_ascii_end()).layers;
    }

    fn hit(&mut self, window: &Window<'_>, at: usize, limit: usize) -> usize {
        let start = line_start(window.bytes, at);
        let offset = window.base + wide(start);
        // Hits come in the order of their lines.
        self.judged.retain(|line| *line >= offset);
        if !self.judged.contains(&offset) {
            if let Some(behind) = self.pass_echoes(window, start, at, limit) {
                return behind;
            }
            self.judge(window, at, &self.rules.literals, self.words);
        }
        window.next_line(at)
    }

    fn pass(&mut self, window: &Window<'_>) {
        self.echoes.settle(window);
    }

    fn end(&mut self, window: &Window<'_>) {
        self.tell(window);
        // The tail is gone through once more, from a line before the last that was judged.
        self.units.iter_mut().filter_map(|(unit, _)| unit.boots.last_mut()).for_each(|boot| boot.until = 0);
        self.facts.last_time = record::last_time(window.bytes);
        let start = window.tail_start(TAIL);
        self.judged.clear();
        self.judge.forget();
        self.refrains.forget();
        rule::rest();
        if !self.rules.tail_literals.texts.is_empty() {
            let literals = &self.rules.tail_literals;
            let words = Words::with_windows(Arc::clone(&literals.texts), Arc::clone(&literals.windows));
            Prefilter::each(&words, window.bytes, start, window.bytes.len(), &mut |hit, _| {
                self.judge(window, hit.start, literals, &words);
                window.next_line(hit.start)
            });
        }
        self.pass_starts();
        self.note_end(window);
        self.explained.settle();
        let survey = stray::survey(window, start, self.source, &self.explained);
        for (unit, _) in &mut self.units {
            unit.calm = survey.calm.get(&unit.name).cloned().unwrap_or_default().into();
            unit.answers = survey.answers.get(&unit.name).cloned().unwrap_or_default();
            unit.ending = survey.endings.get(&unit.name).cloned().unwrap_or_default();
        }
        for (name, stray) in survey.strays {
            let index = self.unit(name.as_deref());
            let Some((unit, _)) = self.units.get_mut(index) else { continue };
            let began = unit.boots.last().and_then(|boot| boot.began.as_ref()).map_or(0, |began| began.offset);
            if stray.place.offset >= began && !self.starts.is_earlier(stray.place.time) {
                unit.strays.push(stray);
            }
        }
    }
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes.get(..at).and_then(|before| memchr::memrchr(b'\n', before)).map_or(0, |newline| newline + 1)
}

/// What a clause found in a record.
fn glimpse<'a>(place: Place<'a>, found: &'a Found) -> Glimpse<'a> {
    let record = place.record;
    let offset = record.line_at(found.at).map_or(0, |line| line.offset);
    let start = record.body.get(..found.at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let text = record.body.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let (text, unshown) = from_match(text, found.at.saturating_sub(start));
    Glimpse::of(place, offset, (text.into(), unshown), &found.captures)
}

/// A sighting with the lines around it, and how many bytes it takes besides itself.
fn with_context(window: &Window<'_>, glimpse: &Glimpse<'_>, common: &mut Common) -> (Sighting, usize) {
    let offset = narrow(glimpse.offset.saturating_sub(window.base));
    let around = || (record::before(window.bytes, offset, CONTEXT), record::after(window.bytes, offset, CONTEXT));
    common.keep_with(glimpse, around)
}

#[cfg(test)]
#[path = "echo_tests.rs"]
mod echo_tests;
