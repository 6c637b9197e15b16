//! The head of a report: the verdict's cause first, then what it means for the application, in one sentence.

use crate::detect::{Order, Sighting, order};
use crate::diagnosis::{Blamed, Finding, UnitView, Verdict};
use crate::record::Layers;

use super::build::Builder;
use super::sentence::{done, hidden, reached};

/// Starts that failed alike before they are called a loop.
const LOOP: usize = 3;

/// The answer in one sentence.
pub(super) fn summary(builder: &Builder<'_, '_>, lines: u64) -> String {
    let name = builder.application().map_or("The application", |profile| profile.name.as_str());
    let root = builder.diagnosis.causes.first();
    let first = root.and_then(|cause| cause.members.first());
    match builder.diagnosis.verdict {
        Verdict::Healthy => match stopped(builder) {
            Some(line) => format!("{name} came up, and was stopped in order{}", moment(builder, line)),
            None => format!("{name} is up"),
        },
        Verdict::Degraded => format!("{name} serves, but: {}", cause(builder, first)),
        Verdict::Failed => root.zip(first).map(|(root, first)| failed(builder, name, root, first)).unwrap_or_default(),
        Verdict::Starting if first.is_some() => {
            format!("{name} is still starting, and so far: {}", cause(builder, first))
        }
        Verdict::Starting => {
            let phase = reached(builder).map(|phase| format!(" in phase {phase}")).unwrap_or_default();
            format!("{name} is still starting{phase}; nothing has failed so far")
        }
        Verdict::Unknown if done(builder).is_some() => {
            let container = done(builder).unwrap_or_default();
            format!("{container} ended with status 0, and nothing shows that it failed")
        }
        Verdict::Unknown if lines == 0 => "The input is empty".to_owned(),
        Verdict::Unknown if hidden(builder) => {
            "This log shows only waiting: the application's own output is somewhere else".to_owned()
        }
        Verdict::Unknown if spoilt(builder) => {
            format!(
                "{name} came up, and then printed an error that no rule explains; whether it still serves is not shown"
            )
        }
        Verdict::Unknown => "The input does not show whether or why the start failed".to_owned(),
    }
}

/// Whether nothing speaks against the application but how its log ends.
fn spoilt(builder: &Builder<'_, '_>) -> bool {
    let up = builder.main().and_then(UnitView::course).is_some_and(|course| course.ready.is_some());
    let ends_badly = || builder.diagnosis.units.iter().any(|view| view.ends_badly(builder.rules));
    up && builder.diagnosis.causes.is_empty() && ends_badly()
}

/// A failure: the cause, and behind it what became of the application.
fn failed(builder: &Builder<'_, '_>, name: &str, root: &Blamed, first: &Finding) -> String {
    let title = cause(builder, Some(first));
    let course = builder.main().and_then(UnitView::course);
    let application = builder.application().filter(|profile| !profile.service);
    let again = starts(builder, root, first).filter(|_| !title.contains("again and again"));
    if let Some(starts) = again {
        return format!("{title} (a crash loop: {starts} starts)");
    }
    if course.is_some_and(|course| course.ready.is_some()) {
        if elsewhere(builder, first) {
            // Of a server beside it nobody asks.
            return if application.is_some() { format!("{title}; {name} itself is up") } else { title };
        }
        // A service that is named is another than the log's.
        let named = title != builder.title(first);
        return if ended(builder, root) && !named { format!("{name} came up and then failed: {title}") } else { title };
    }
    let began =
        builder.main().and_then(|view| view.unit.boots.get(view.judged)).is_some_and(|boot| boot.began.is_some());
    // A part of a log proves nothing of the port, nor does that of a worker.
    match application.filter(|_| began && !title.contains("never opened")).and_then(|profile| profile.port) {
        Some(port) => format!("{title}; {name} never opened port {port}"),
        None => title,
    }
}

/// The title of a finding, behind the name of the service that shows it where several share the log.
fn cause(builder: &Builder<'_, '_>, finding: Option<&Finding>) -> String {
    let Some(finding) = finding else { return String::new() };
    let title = builder.title(finding);
    let prefixed = [Layers::COMPOSE, Layers::KUBERNETES];
    let view = builder.diagnosis.units.get(finding.unit);
    let own = view.filter(|_| prefixed.iter().any(|layer| finding.matched.first.layers.contains(*layer)));
    let Some((source, who)) = own.and_then(|view| Some((view.unit.source, view.unit.name.as_deref()?))) else {
        return title;
    };
    let beside = |other: &UnitView<'_>| {
        other.unit.source == source && other.unit.name.as_deref().is_some_and(|name| name != who)
    };
    if builder.diagnosis.units.iter().any(beside) && !title.contains(who) { format!("{who}: {title}") } else { title }
}

/// Whether a fault was seen in something else than what tells the story, or in what that says when it is up.
fn elsewhere(builder: &Builder<'_, '_>, finding: &Finding) -> bool {
    let up = builder.main().and_then(UnitView::course).and_then(|course| course.ready).map(|line| line.offset);
    if finding.of_state {
        let main = builder.main().map(|view| builder.scene.of_source(view.unit.source));
        let same = main == Some(builder.scene.of_source(finding.matched.first.source));
        // Where it listens is no end of it.
        return !same || builder.rule(finding.rule).is_some_and(|rule| rule.area() == "listen");
    }
    finding.unit != builder.diagnosis.main || Some(finding.matched.first.offset) == up
}

/// Whether what failed serves no longer, as its last words or somebody else tells.
fn ended(builder: &Builder<'_, '_>, root: &Blamed) -> bool {
    let tells = |rule: usize| builder.rule(rule).is_some_and(|rule| ["container", "process"].contains(&rule.area()));
    let effects = root.consequences.iter().map(|(rule, _)| *rule);
    root.members.iter().any(|member| member.of_state || member.matched.last.last_word)
        || effects.chain([root.rule]).any(tells)
}

/// How many starts there were, where they failed alike again and again.
fn starts(builder: &Builder<'_, '_>, root: &Blamed, first: &Finding) -> Option<usize> {
    let view = builder.diagnosis.units.get(first.unit)?;
    let alike = view.boot_causes.iter().filter(|cause| **cause == Some(root.rule)).count();
    let dropped = usize::try_from(view.unit.dropped).unwrap_or(usize::MAX);
    (alike >= LOOP).then(|| view.unit.boots.len().saturating_add(dropped))
}

/// The line with which the application ended in order, behind all that says that it is up.
fn stopped<'b>(builder: &Builder<'b, '_>) -> Option<&'b Sighting> {
    let course = builder.main()?.course()?;
    let (ready, stopped) = course.ready.zip(course.stopped)?;
    let mut readies = course.readies.iter().copied().chain([ready]);
    readies.all(|line| order(line, stopped) == Order::Before).then_some(stopped)
}

fn moment(builder: &Builder<'_, '_>, line: &Sighting) -> String {
    line.time.map_or_else(
        || format!(" (line {} of {})", line.line, builder.source(line)),
        |time| format!(" at {}", time.rfc3339()),
    )
}
