//! What is over: a later line proves that the fault was healed. A script's claim is no proof.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::detect::{BootLog, Order, Sighting, Tally, is_answer, order};
use crate::record::{Layers, Level};
use crate::rule::{Needle, NeedleId, Owner, Part, Role, RuleFile, RuleSet};

use super::UnitView;
use super::end::{CALM, ENDS, tells_of, went_on};
use super::finding::Finding;
use super::lanes::{Lanes, is_server};
use super::recover;
use super::scene::Scene;
use super::step;

/// A fault met no more often than this by a process that is up needs only one line behind it.
const RARE: u64 = 2;
/// Behind so many times the pause between two refusals without a further one they are over.
const PAUSES: i64 = 4;

/// Parts the findings into those that stand and those that are over.
pub(super) fn split(
    rules: &RuleSet,
    scene: &Scene,
    findings: Vec<Finding>,
    views: &[UnitView<'_>],
) -> (Vec<Finding>, Vec<(Finding, Sighting)>) {
    let mut active = Vec::new();
    let mut cleared: Vec<(Finding, Sighting)> = Vec::new();
    for finding in findings {
        match proof(rules, scene, &finding, views) {
            Some(line) => cleared.push((finding, line)),
            None => active.push(finding),
        }
    }
    let lanes = Lanes { rules, scene, views };
    let (relieved, active) =
        active.into_iter().partition::<Vec<_>, _>(|finding| sibling(lanes, finding, &cleared).is_some());
    for finding in relieved {
        if let Some(line) = sibling(lanes, &finding, &cleared) {
            cleared.push((finding, line));
        }
    }
    unheard(lanes, active, cleared)
}

/// Takes back what others are said to have healed in a program that was never up and says nothing since, while those who ask it still get no
/// answer and nothing else tells why: it had given up before they were there.
fn unheard(
    lanes: Lanes<'_>,
    mut active: Vec<Finding>,
    cleared: Vec<(Finding, Sighting)>,
) -> (Vec<Finding>, Vec<(Finding, Sighting)>) {
    let told = |asking: &Finding| active.iter().any(|one| !lanes.is_from_outside(one) && lanes.linked(one, asking));
    let asking: Vec<&Finding> = active.iter().filter(|one| lanes.is_from_outside(one) && !told(one)).collect();
    let stands = |(finding, proof): &(Finding, Sighting)| {
        let vain = |asking: &&Finding| {
            order(proof, &asking.matched.last) == Order::Before
                && lanes.linked(finding, asking)
                && finding.unit != asking.unit
        };
        lanes.is_mute_since(finding, proof) && asking.iter().any(vain)
    };
    let (back, over): (Vec<_>, Vec<_>) = cleared.into_iter().partition(stands);
    active.extend(back.into_iter().map(|(finding, _)| finding));
    (active, over)
}

/// A symptom is over when what healed its cause, or another symptom of its area, is later than it: what was out of reach answers. But what
/// ended does not run again for it, and what heals another service does not heal this one.
fn sibling(lanes: Lanes<'_>, finding: &Finding, cleared: &[(Finding, Sighting)]) -> Option<Sighting> {
    let Lanes { rules, views, .. } = lanes;
    let rule = rules.rules.get(finding.rule)?;
    let near = |other: &Finding| {
        let view = views.get(other.unit);
        other.unit == finding.unit || view.is_none_or(|view| !lanes.is_foreign(finding, rule, view))
    };
    let symptom = |index: usize| rules.rules.get(index).filter(|rule| rule.role == Role::Symptom);
    let area = symptom(finding.rule).map(RuleFile::area).filter(|area| !ENDS.contains(area))?;
    let related = cleared.iter().filter(|(other, _)| near(other)).filter(|(other, _)| {
        symptom(other.rule).is_some_and(|other| other.area() == area)
            || rules.explains.get(other.rule).is_some_and(|effects| effects.contains(&finding.rule))
    });
    let proof = related.map(|(_, line)| line).find(|line| order(&finding.matched.last, line) == Order::Before);
    proof.cloned()
}

fn proof(rules: &RuleSet, scene: &Scene, finding: &Finding, views: &[UnitView<'_>]) -> Option<Sighting> {
    let rule = rules.rules.get(finding.rule)?;
    let after = |line: &Sighting| order(&finding.matched.last, line) == Order::Before;
    let gone = gone(rules, scene, finding, views);
    let undone = step::is_undone(rules, rule, finding, views);
    let lanes = Lanes { rules, scene, views };
    // What a server fails at for want of another is not healed by its answer to something else.
    let fails = || recover::still_fails(rules, scene, finding, views);
    for (index, view) in views.iter().enumerate() {
        if index != finding.unit && gone {
            continue;
        }
        let foreign = index != finding.unit && lanes.is_foreign(finding, rule, view);
        let boot = if index == finding.unit {
            view.unit.boots.iter().position(|boot| boot.number == finding.boot)
        } else {
            Some(view.judged)
        };
        let Some((log, course)) = boot.and_then(|boot| view.unit.boots.get(boot).zip(view.courses.get(boot))) else {
            continue;
        };
        let lines = log.tallies.iter().filter_map(|(id, tally)| {
            let needle = rules.needles.get(*id)?;
            let near = index == finding.unit || !(needle.spec.own || (foreign && needle.spec.same.is_empty()));
            let own = near && needle.owner == Owner::Rule(finding.rule) && needle.part == Part::Clear;
            (own && agrees(rules, needle, tally, finding, view)).then_some(&*tally.last)
        });
        // Readiness proves something about its own process; a symptom seen from outside is healed by anybody's.
        let hears = || rule.role == Role::Symptom && !foreign && heard(rules, scene, finding, view);
        let near = index == finding.unit || hears();
        let answers = healable(rule) || (served(rules, rule, view) && finding.matched.count <= RARE);
        let lasts = undone || (rule.lasting && is_up(finding, view));
        let heals = (answers && near && !lasts) || restarted(rule, finding, view);
        let ready = course.readies.iter().copied().filter(|ready| heals && same_process(&finding.matched.last, ready));
        let ready = ready.filter(|ready| rests(rules, rule, finding, view, ready));
        let ready = ready.filter(|ready| rule.role == Role::Symptom || !is_answer(&ready.text) || !fails());
        let done = step::done_again(rules, rule, finding, views).filter(|_| index == finding.unit);
        let proofs = lines.chain(ready).chain(done);
        if let Some(line) = proofs.filter(|line| !stops(rules, log, line)).find(|line| after(line)) {
            return Some(line.clone());
        }
    }
    if gone {
        return None;
    }
    let survived = survived(rules, rule, finding, views).filter(|_| !fails());
    survived.or_else(|| recovered(rules, scene, finding, views))
}

/// Whether a line says that its program ends: `Redis is now ready to exit` is no report that it is up.
fn stops(rules: &RuleSet, boot: &BootLog, line: &Sighting) -> bool {
    let mark = |id: &NeedleId| rules.needles.get(*id).is_some_and(|needle| needle.part == Part::Stopped);
    boot.tallies.iter().any(|(id, tally)| mark(id) && tally.last.offset == line.offset)
}

/// What tells that a fault is over although its process says nothing of it: the process is the last one, and did not die of it.
fn recovered(rules: &RuleSet, scene: &Scene, finding: &Finding, views: &[UnitView<'_>]) -> Option<Sighting> {
    let view = views.get(finding.unit)?;
    let index = view.unit.boots.iter().position(|boot| boot.number == finding.boot)?;
    let boot = view.unit.boots.get(index).filter(|_| index + 1 == view.unit.boots.len())?;
    if deadly(rules, finding, boot, view) { None } else { recover::proof(rules, scene, finding, views) }
}

/// Whether the process that met a fault ended of it, as its last words or somebody else tell, and said nothing since: what others say later heals
/// nothing there.
fn gone<'v>(rules: &RuleSet, scene: &Scene, finding: &Finding, views: &'v [UnitView<'_>]) -> bool {
    let named = |view: &&UnitView<'_>| view.unit.name.is_some() || scene.called(view.unit.source).is_some();
    let Some(view) = views.get(finding.unit).filter(named) else { return false };
    let ends = |id: &NeedleId| {
        let owner = rules.needles.get(*id).filter(|needle| needle.part == Part::Match).map(|needle| needle.owner);
        let Some(Owner::Rule(owner)) = owner else { return false };
        rules.rules.get(owner).is_some_and(tells_of)
    };
    let tallies = |view: &'v UnitView<'_>| view.unit.boots.iter().flat_map(|boot| &boot.tallies);
    let of_it = |tally: &Tally| view.unit.name.is_some() && tally.last.captures.get("name") == view.unit.name.as_ref();
    let others = views.iter().filter(|other| other.unit.source == view.unit.source).flat_map(tallies);
    let told = others.filter(|(id, tally)| ends(id) && of_it(tally));
    let last = tallies(view).filter(|(id, tally)| ends(id) || tally.last.last_word || refuses(&tally.last));
    let end = told.chain(last).map(|(_, tally)| &tally.last).max_by_key(|line| line.offset);
    let of_fault = |end: &&Arc<Sighting>| end.offset >= finding.matched.last.offset;
    let Some(end) = end.filter(of_fault).filter(|end| !went_on(view, &finding.matched.last, end)) else { return false };
    let said =
        view.unit.boots.iter().flat_map(|boot| boot.tallies.values()).any(|tally| tally.last.offset > end.offset);
    !said && view.unit.calm.iter().all(|line| *line < end.line)
}

/// Whether nginx says that it cannot go on: it ends with such a line unless it was up before, and then it says more.
fn refuses(line: &Sighting) -> bool {
    line.layers.contains(Layers::NGINX) && line.level == Some(Level::Fatal)
}

/// Whether what a view tells of can heal a symptom: it is of the same container, or of the one that did not answer.
fn heard(rules: &RuleSet, scene: &Scene, finding: &Finding, view: &UnitView<'_>) -> bool {
    let place = scene.of_source(view.unit.source);
    let asked = scene.target(rules, finding);
    place == scene.of_finding(finding) || (asked.is_some() && place == asked)
}

/// Whether a symptom names what the view is of: what ended is up again.
fn restarted(rule: &RuleFile, finding: &Finding, view: &UnitView<'_>) -> bool {
    let name = finding.matched.captures.get("name");
    rule.role == Role::Symptom && name.is_some() && name == view.unit.name.as_ref()
}

/// Whether a view is of the server that a symptom was seen by: what it answers well later outweighs a rare slip.
fn served(rules: &RuleSet, rule: &RuleFile, view: &UnitView<'_>) -> bool {
    rule.role == Role::Symptom && is_server(rules, rule, view)
}

/// Whether the application's report that it is up proves that a rule's fault is over.
pub(super) fn healable(rule: &RuleFile) -> bool {
    rule.cleared_by.as_ref().is_some_and(|spec| spec.ready)
}

/// Whether two lines can be of one process: lanes, where both have one, agree.
fn same_process(a: &Sighting, b: &Sighting) -> bool {
    a.lane.is_none() || b.lane.is_none() || a.lane == b.lane
}

/// Whether the process that met a fault was up before it.
pub(super) fn is_up(finding: &Finding, view: &UnitView<'_>) -> bool {
    let boot = view.unit.boots.iter().position(|boot| boot.number == finding.boot);
    let first = &finding.matched.first;
    let before =
        |ready: &&Sighting| ready.source == first.source && ready.offset < first.offset && same_process(first, ready);
    boot.and_then(|boot| view.courses.get(boot)).is_some_and(|course| course.readies.iter().any(before))
}

/// A fault that a running process got over: it was up before, nothing died of it, and the log goes on with nothing of the kind.
fn survived(rules: &RuleSet, rule: &RuleFile, finding: &Finding, views: &[UnitView<'_>]) -> Option<Sighting> {
    let view = views.get(finding.unit)?;
    let index = view.unit.boots.iter().position(|boot| boot.number == finding.boot)?;
    let (boot, course) = view.unit.boots.get(index).zip(view.courses.get(index))?;
    let last = &finding.matched.last;
    let up = is_up(finding, view);
    let profile = view.program(rules);
    let clients = is_server(rules, rule, view);
    // A log that begins in the middle shows no start; then only what a logger reported, and survived, is a handled fault.
    let midway = course.reached().is_none() && course.ready.is_none() && last.level.is_some();
    // What a script went over and called done was not done again.
    let running = (up || midway) && finding.masked.is_none();
    if !running || index + 1 < view.unit.boots.len() || deadly(rules, finding, boot, view) {
        return None;
    }
    let dependency = profile.is_some_and(|profile| profile.area.is_none());
    if clients
        && dependency
        && healable(rule)
        && let Some(line) = application_up(rules, views, last)
    {
        // What a database says of its clients is not about an application that came up; a proxy does speak of it.
        return Some(line.clone());
    }
    let calm = view.unit.calm.iter().filter(|line| **line > last.line).count();
    // What a server tells of is its clients' affair, whoever they are.
    let lasts = rule.lasting && profile.is_some_and(|profile| !profile.service);
    // But a proxy goes on talking of others while its visitors get nothing: only an answer to one of them tells that it serves.
    let served = !rule.remote || view.unit.answers.alive > last.offset;
    let passing = (clients && !dependency && served) || (!lasts && (healable(rule) || (rule.start_only && up)));
    let needed = if up && finding.matched.count <= RARE { 1 } else { CALM };
    let rests = |end: &&Sighting| rests(rules, rule, finding, view, end);
    if passing && calm >= needed { view.unit.end.as_ref().filter(rests).cloned() } else { None }
}

/// Whether what a server that was up refuses its clients, more often than by chance, has not come for a while at this line: for several times
/// as long as from one time to the next, for that it lives is no proof that it is over. Without times nobody knows; anything else may rest at
/// once.
fn rests(rules: &RuleSet, rule: &RuleFile, finding: &Finding, view: &UnitView<'_>, line: &Sighting) -> bool {
    let again = !rule.remote && finding.matched.count > RARE;
    if !again || !is_server(rules, rule, view) || !is_up(finding, view) {
        return true;
    }
    let (first, last, times) = (&finding.matched.first, &finding.matched.last, finding.matched.count);
    let between = |from: &Sighting, to: &Sighting| {
        let (from, to) = (from.time?, to.time?);
        (from.clock == to.clock).then(|| to.micros - from.micros)
    };
    let pauses = i64::try_from(times.saturating_sub(1)).unwrap_or(i64::MAX);
    let pause = between(first, last).and_then(|lasted| lasted.checked_div(pauses));
    pause.zip(between(last, line)).is_none_or(|(pause, since)| since >= PAUSES * pause)
}

/// An application's report behind a line that it is up.
fn application_up<'v>(rules: &RuleSet, views: &'v [UnitView<'_>], last: &Sighting) -> Option<&'v Sighting> {
    let applications = views.iter().filter(|view| view.program(rules).is_some_and(|profile| !profile.service));
    let mut ready = applications.filter_map(UnitView::course).filter_map(|course| course.ready);
    ready.find(|ready| !matches!(order(last, ready), Order::After | Order::Same))
}

/// Whether a process died of a finding: with its very record, or with a symptom that tells of an end behind it.
pub(super) fn deadly(rules: &RuleSet, finding: &Finding, boot: &BootLog, view: &UnitView<'_>) -> bool {
    boot.tallies.iter().any(|(id, tally)| {
        let Some(needle) = rules.needles.get(*id).filter(|needle| needle.part == Part::Match) else { return false };
        let Owner::Rule(owner) = needle.owner else { return false };
        let ends = |rule: &RuleFile| ENDS.contains(&rule.area()) || !healable(rule);
        let symptom = rules.rules.get(owner).is_some_and(|rule| rule.role == Role::Symptom && ends(rule));
        let after = tally.last.offset > finding.matched.first.offset;
        let behind = after && !went_on(view, &finding.matched.last, &tally.last);
        (owner == finding.rule && tally.deadly)
            || (behind && (tally.last.last_word || symptom) && same_process(&finding.matched.first, &tally.last))
    })
}

/// The captures that a clearing clause must share with the finding.
fn agrees(rules: &RuleSet, needle: &Needle, tally: &Tally, finding: &Finding, view: &UnitView<'_>) -> bool {
    needle.spec.same.iter().all(|name| {
        let Some(proven) = tally.values(name) else { return false };
        let mut blamed: BTreeSet<&String> = finding.matched.captures.get(name).into_iter().collect();
        let logs = view.unit.boots.iter().flat_map(|boot| &boot.tallies);
        let own = logs.filter(|(id, _)| finding.matched.clauses.contains(id) && rules.needles.get(**id).is_some());
        for (_, tally) in own {
            blamed.extend(tally.values(name).into_iter().flatten());
        }
        blamed.iter().any(|value| proven.contains(*value))
    })
}
