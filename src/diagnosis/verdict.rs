//! The answer in one word.

use crate::container::{ContainerState, Probe};
use crate::detect::{Order, Sighting, order};
use crate::rule::{RuleFile, RuleSet, Severity};

use super::UnitView;
use super::blame::Blamed;
use super::clear::{deadly, healable, is_up};
use super::end::{is_over, speaks};
use super::finding::Finding;
use super::lanes::is_server;
use super::reach;
use super::recover;
use super::scene::Scene;

/// So many requests in a row that end with an error are more than a slip.
const REFUSALS: u64 = 3;

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The application came up and nothing stands against it.
    Healthy,
    /// Nothing failed so far and the start is not over.
    Starting,
    /// The application serves, but something is broken.
    Degraded,
    /// The start failed.
    Failed,
    /// The input proves nothing.
    Unknown,
}

/// Judges the whole. A finding that proves nothing alone leaves the verdict open; one of a neighbour that explains nothing of what was
/// asked for does not count.
pub(super) fn verdict(
    rules: &RuleSet,
    scene: &Scene,
    views: &[UnitView<'_>],
    main: usize,
    causes: &[Blamed],
    cleared: bool,
) -> Verdict {
    let seen = |cause: &&Blamed| cause.members.iter().any(|member| member.of_state);
    let conclusive =
        |cause: &&Blamed| seen(cause) || rules.rules.get(cause.rule).is_some_and(|rule| !rule.inconclusive);
    let relevant: Vec<&Blamed> = causes.iter().filter(|cause| concerns(scene, cause)).collect();
    let telling: Vec<&Blamed> = relevant.iter().copied().filter(conclusive).collect();
    if !telling.is_empty() {
        let serves = telling.iter().all(|cause| serves_in_spite(rules, scene, views, cause));
        return if serves { Verdict::Degraded } else { Verdict::Failed };
    }
    if !relevant.is_empty() {
        return Verdict::Unknown;
    }
    if reach::is_settling(rules, scene, views) {
        return Verdict::Starting;
    }
    // Who asks gets errors, and nothing tells why.
    if views.iter().filter(|view| scene.is_asked(scene.of_source(view.unit.source))).any(|view| fails_all(scene, view))
    {
        return Verdict::Unknown;
    }
    match of_state(scene) {
        Some(verdict) => return verdict,
        None if ended(scene) => return Verdict::Unknown,
        None => {}
    }
    let asked = |view: &&UnitView<'_>| scene.is_asked(scene.of_source(view.unit.source));
    let applications = || views.iter().filter(asked).filter(|view| is_application(rules, view));
    let up = |view: &UnitView<'_>| view.course().is_some_and(|course| course.ready.is_some());
    let services = || views.iter().filter(asked).all(|view| view.profile.is_some() || view.unit.name.is_none());
    let relevant = match applications().next() {
        Some(_) => applications().any(up),
        // A server that is up says nothing of a program beside it that is not known.
        None => views.iter().any(up) && services(),
    };
    if relevant {
        let spoilt = views.iter().filter(asked).any(|view| view.ends_badly(rules));
        return if spoilt { Verdict::Unknown } else { Verdict::Healthy };
    }
    let strays = views.iter().any(|view| !view.unit.strays.is_empty());
    let progress = views.get(main).and_then(UnitView::course).is_some_and(|course| course.reached().is_some());
    if progress && !strays && !cleared { Verdict::Starting } else { Verdict::Unknown }
}

/// Whether a cause was seen in what was asked for, or explains something there.
fn concerns(scene: &Scene, cause: &Blamed) -> bool {
    let effects = cause.consequences.iter().flat_map(|(_, members)| members);
    let mut all = cause.members.iter().chain(effects);
    all.any(|member| scene.is_asked(scene.of_finding(member)))
}

/// What the engine's own health check says, when it says the same of all that were asked for.
fn of_state(scene: &Scene) -> Option<Verdict> {
    let asked = scene.containers().iter().enumerate().filter(|(index, _)| scene.is_asked(Some(*index)));
    let words: Vec<&str> = asked
        .map(|(_, state)| match &state.health {
            Some(health) if state.status == "running" => health.status.as_str(),
            _ => "",
        })
        .collect();
    let all = |word: &str| !words.is_empty() && words.iter().all(|known| *known == word);
    if all("healthy") {
        Some(Verdict::Healthy)
    } else if words.contains(&"starting") {
        Some(Verdict::Starting)
    } else {
        None
    }
}

/// Whether something that was asked for does not run: then no log proves that it is up. Among several, a job that is done is no such thing.
fn ended(scene: &Scene) -> bool {
    let all = scene.containers().iter().enumerate().filter(|(index, _)| scene.is_asked(Some(*index)));
    let all: Vec<_> = all.map(|(_, state)| state).collect();
    let done = |state: &ContainerState| all.len() > 1 && state.status == "exited" && state.exit_code == 0;
    all.iter().any(|state| !state.is_running() && !done(state))
}

/// Whether the last requests that a server tells of were all answered with errors, and nothing was started anew since.
fn fails_all(scene: &Scene, view: &UnitView<'_>) -> bool {
    let answers = &view.unit.answers;
    let since = answers.since.as_ref().and_then(|line| line.time).map(|time| time.micros);
    let anew = scene.containers().iter().any(|state| since.is_some() && state.started > since);
    answers.failing >= REFUSALS && !anew
}

fn is_application(rules: &RuleSet, view: &UnitView<'_>) -> bool {
    view.program(rules).is_some_and(|profile| !profile.service)
}

pub(super) fn is_proxy(rules: &RuleSet, view: &UnitView<'_>) -> bool {
    view.program(rules).is_some_and(|profile| profile.service && profile.area() == "proxy")
}

/// Whether the process that shows the fault reported to be up after it; or before it, and the fault is none that ends a start and nobody tells
/// that the process ended or refused anything, or a proxy passes on good answers. One failed job is not the whole. What the state of a
/// container shows is not the end of an application in it that is up, as long as the container runs.
fn serves_in_spite(rules: &RuleSet, scene: &Scene, views: &[UnitView<'_>], cause: &Blamed) -> bool {
    let telling = |rule: &RuleFile| ["container", "listen", "process", "proxy"].contains(&rule.area());
    let effects = || cause.consequences.iter().filter_map(|(rule, _)| rules.rules.get(*rule));
    let followed = effects().any(telling);
    // A job that failed leaves its worker alive, unless somebody tells that the whole ended or is not reached.
    let job = |rule: &RuleFile| rule.area() == "worker" && rule.severity < Severity::Critical;
    let whole = |rule: &RuleFile| ["container", "listen", "proxy"].contains(&rule.area());
    if rules.rules.get(cause.rule).is_some_and(job) && !effects().any(whole) {
        return true;
    }
    cause.members.iter().all(|member| {
        let container = scene.of_finding(member);
        let runs = scene.state_of(member.matched.first.source).is_none_or(|state| state.status == "running");
        if member.of_state && (is_closed(rules, member) || is_mute(scene, member)) {
            return false;
        }
        if member.of_state {
            let mut own = views.iter().filter(|view| scene.of_source(view.unit.source) == container);
            return runs && own.any(|view| view.course().is_some_and(|course| course.ready.is_some()));
        }
        let view = views.get(member.unit);
        if view.is_some_and(|view| is_over(view, &member.matched.last)) {
            return false;
        }
        let serves = view.is_some_and(|view| is_proxy(rules, view) && recover::serves(view, member));
        if serves || is_slip(rules, views, member) {
            return runs;
        }
        if !followed && view.is_some_and(|view| outlived(rules, view, member) || lives_on(rules, view, member)) {
            return runs;
        }
        let refuses = || !followed && clients_are_up(rules, views);
        let alive = |view| is_slow(rules, view, member) || (refuses_clients(rules, view, member) && refuses());
        if view.is_some_and(alive) {
            return runs;
        }
        let ready = view.and_then(UnitView::course).and_then(|course| course.ready);
        let behind = |line: &Sighting| order(&member.matched.last, line) == Order::Before;
        let proxies = || views.iter().filter(|view| is_proxy(rules, view)).filter_map(UnitView::course);
        let answered = || proxies().any(|course| course.readies.iter().any(|line| behind(line)));
        let rule = rules.rules.get(member.rule);
        let minor = rule.is_some_and(|rule| rule.severity < Severity::Critical);
        let lives = (minor && !followed) || (rule.is_some_and(healable) && answered());
        let before = |ready: &Sighting| order(ready, &member.matched.first) == Order::Before;
        runs && ready.is_some_and(|ready| behind(ready) || (lives && before(ready) && !member.matched.last.last_word))
    })
}

/// Whether a proxy tells of single answers that it could not hand on, of an application that is up.
fn is_slip(rules: &RuleSet, views: &[UnitView<'_>], member: &Finding) -> bool {
    let rule = rules.rules.get(member.rule);
    let up = |view: &UnitView<'_>| view.course().is_some_and(|course| course.ready.is_some());
    rule.is_some_and(|rule| rule.area() == "proxy" && rule.lasting)
        && views.iter().any(|view| is_application(rules, view) && up(view))
}

/// Whether a process that was up met a fault which ends no running process, and goes on: it answers, or says more that is well, or a logger
/// reported what a request met. Otherwise a program that says no more may have ended of it.
fn outlived(rules: &RuleSet, view: &UnitView<'_>, member: &Finding) -> bool {
    let last = &member.matched.last;
    let passing = rules.rules.get(member.rule).is_some_and(|rule| rule.lasting || rule.start_only);
    let goes_on = || last.level.is_some() || speaks(view, last);
    passing && is_application(rules, view) && is_up(member, view) && !has_ended(rules, view, member) && goes_on()
}

/// Whether an application that was up met a fault, whatever it is, and shows that it lives behind it: one request or task that failed is not the
/// whole.
fn lives_on(rules: &RuleSet, view: &UnitView<'_>, member: &Finding) -> bool {
    let ended = || has_ended(rules, view, member);
    is_application(rules, view) && is_up(member, view) && speaks(view, &member.matched.last) && !ended()
}

/// Whether a server that was up tells of clients which it does not admit, and of no end of its own: it serves others.
fn refuses_clients(rules: &RuleSet, view: &UnitView<'_>, member: &Finding) -> bool {
    let own = |rule: &RuleFile| !rule.remote && healable(rule) && is_server(rules, rule, view);
    let behind = |line: &Sighting| line.offset > member.matched.first.offset;
    let stopped = || view.course().and_then(|course| course.stopped).is_some_and(behind);
    let own = rules.rules.get(member.rule).is_some_and(own);
    own && is_up(member, view) && !stopped() && !has_ended(rules, view, member)
}

/// Whether no program is here that may be the client which a server refuses and is not known to be up.
fn clients_are_up(rules: &RuleSet, views: &[UnitView<'_>]) -> bool {
    let up = |view: &UnitView<'_>| view.course().is_some_and(|course| course.ready.is_some());
    views.iter().filter(|view| !view.unit.state && !view.is_service(rules)).all(up)
}

/// Whether a proxy waits in vain for some answers of an application, and gets those to other requests meanwhile.
fn is_slow(rules: &RuleSet, view: &UnitView<'_>, member: &Finding) -> bool {
    let late = rules.rules.get(member.rule).is_some_and(|rule| rule.area() == "proxy" && rule.id.ends_with("-timeout"));
    late && is_proxy(rules, view) && recover::serves_others(view, member)
}

/// Whether a process died of a fault.
fn has_ended(rules: &RuleSet, view: &UnitView<'_>, member: &Finding) -> bool {
    let boot = view.unit.boots.get(view.judged);
    member.matched.last.last_word || boot.is_some_and(|boot| deadly(rules, member, boot, view))
}

/// Whether a state shows that nobody else can connect to the application.
fn is_closed(rules: &RuleSet, finding: &Finding) -> bool {
    rules.rules.get(finding.rule).is_some_and(|rule| rule.area() == "listen")
}

/// Whether none of the last probes of an unhealthy container got an answer in time.
fn is_mute(scene: &Scene, finding: &Finding) -> bool {
    let health = scene.state_of(finding.matched.first.source).and_then(|state| state.health.as_ref());
    health.is_some_and(|health| {
        let late = |probe: &Probe| probe.exit_code == -1 && probe.output.contains("exceeded timeout");
        health.status == "unhealthy" && !health.log.is_empty() && health.log.iter().all(late)
    })
}
