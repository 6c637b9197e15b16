//! Judges candidates: reads the record around a hit, tries the clauses whose literals it holds, and tallies what matched.

mod lives;

use std::sync::Arc;

use crate::num::{narrow, wide};
use crate::record::{self, Form, Layers, Reader, Record, Stamp};
use crate::rule::{self, Found, Literals, Needle, NeedleId, Owner, Part, RuleSet, Severity};
use crate::scan::{Prefilter, Sink, Window, Words};

use super::allowance::Allowance;
use super::answers::Answers;
use super::boot::{KEPT, Splitter, forget};
use super::echo::{Echo, Echoes};
use super::ending::Ending;
use super::explained::Explained;
use super::herald::Heralds;
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
    heralds: Heralds,
    /// The input is over, and its tail is gone through once more.
    over: bool,
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
            heralds: Heralds::default(),
            over: false,
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
        let mark = |needle: &Needle| begins(needle.part) || needle.spec.ends;
        let marks = found.iter().any(|(id, _)| self.rules.needles.get(*id).is_some_and(mark));
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
        // Of what was before the last life nothing is told once more.
        let began = self.units.get(index).and_then(|(unit, _)| unit.boots.last()).map_or(0, |boot| boot.since);
        if self.over && place.hit < began {
            return;
        }
        self.heralds.known(record.unit.as_deref(), place.hit);
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
            if found.iter().any(|(id, _)| fails(self.rules, *id)) {
                self.heralds.fault(window, record.unit.as_deref(), at);
            }
        }
    }
}

/// Whether what a clause matches is explained by its rule.
fn explains(rules: &RuleSet, id: NeedleId) -> bool {
    rules.needles.get(id).is_some_and(|needle| matches!((needle.owner, needle.part), (Owner::Rule(_), Part::Match)))
}

/// Whether what a clause matches is a fault.
fn fails(rules: &RuleSet, id: NeedleId) -> bool {
    let Some(Owner::Rule(rule)) = rules.needles.get(id).map(|needle| needle.owner) else { return false };
    explains(rules, id) && rules.rules.get(rule).is_some_and(|rule| rule.severity >= Severity::Error)
}

impl Sink for Collector<'_> {
    fn begin(&mut self, window: &Window<'_>) {
        self.heralds.learn(window);
        self.facts.first_time = record::first_time(window.bytes);
        let first = window.bytes.get(..window.next_line(0)).unwrap_or_default();
        self.facts.layers = record::peel(first.trim_ascii_end()).layers;
    }

    fn hit(&mut self, window: &Window<'_>, at: usize, limit: usize) -> usize {
        let start = line_start(window.bytes, at);
        let offset = window.base + wide(start);
        if self.heralds.is_armed() {
            self.pass_heralds(window, window.next_line(at), false);
        }
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
        if self.heralds.is_armed() {
            self.pass_heralds(window, window.bytes.len(), true);
        }
        self.over = true;
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
            let began = unit.boots.last().map_or(0, |boot| boot.since);
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
