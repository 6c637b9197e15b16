//! `trap`: signals that are ignored, handlers that are never run.

use std::ops::Range;

use crate::deploy::shell::{self, Step};
use crate::deploy::{ScriptFile, ScriptRole, Service, Spot};

use super::super::super::scripts::{is_application, runs_its_arguments, state_of};
use super::{Context, Hit, Hits};

/// A `trap` with what it does and for which signals.
struct Trap {
    /// Nothing is done: the signals are ignored.
    ignores: bool,
    /// The signals are given back.
    resets: bool,
    signals: Vec<String>,
    span: Range<usize>,
}

fn trap(step: &Step<'_, '_>) -> Option<Trap> {
    let mut words = step.simple.words.iter().filter(|word| !word.is("--"));
    words.next().filter(|word| word.is("trap"))?;
    let action = words.next()?;
    let signals: Vec<String> = words.filter_map(shell::Word::literal).map(|name| plain(&name)).collect();
    if signals.is_empty() {
        return None;
    }
    let resets = action.is("-");
    let ignores = action.literal().is_some_and(|text| text.trim().is_empty());
    Some(Trap { ignores, resets, signals, span: step.command.span.clone() })
}

/// A signal's name without `SIG`, from its name or number.
fn plain(signal: &str) -> String {
    let name = signal.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let name = match name {
        "0" => "EXIT",
        "2" => "INT",
        "3" => "QUIT",
        "9" => "KILL",
        "15" => "TERM",
        "19" => "STOP",
        other => other,
    };
    name.to_owned()
}

/// What a script does about signals, and whether the program of its end takes its place.
struct Signals {
    traps: Vec<Trap>,
    /// The last command is run by `exec`.
    replaced: bool,
    /// An application is started.
    starts: bool,
}

fn signals(service: &Service, script: &ScriptFile) -> Signals {
    let mut found = Signals { traps: Vec::new(), replaced: false, starts: false };
    shell::walk(&script.model, state_of(service, script), &mut |step| {
        if step.place.substituted {
            return;
        }
        found.traps.extend(trap(step));
        let invocation = step.invocation();
        let alone = step.pipeline.commands.len() == 1 && step.place.background.is_none();
        found.replaced |=
            alone && step.place.last && !step.place.conditional && invocation.is_exec() && !invocation.words.is_empty();
        found.starts |= invocation.is_exec() || runs_its_arguments(step, &invocation) || is_application(&invocation);
    });
    found
}

/// Places, each with its signal.
type Places = Vec<(Range<usize>, String)>;

fn each(context: &Context<'_>, look: &dyn Fn(&Signals) -> Places) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        for script in
            service.scripts.iter().filter(|script| matches!(script.role, ScriptRole::Entrypoint | ScriptRole::Command))
        {
            let found = look(&signals(service, script));
            let spot = |range: &Range<usize>| -> Spot { script.spot(context.deployment, range) };
            hits.extend(found.into_iter().map(|(range, signal)| Hit::at(spot(&range)).with("signal", signal)));
        }
    }
    hits
}

/// `trap '' TERM` before the application: it inherits that the signal is ignored.
pub(super) fn ignored(context: &Context<'_>) -> Hits {
    each(context, &|found| {
        let ends = ["TERM", "INT", "QUIT"];
        let ignored = found.traps.iter().enumerate().filter(|(index, trap)| {
            let again = |later: &Trap| later.signals.iter().any(|signal| trap.signals.contains(signal));
            trap.ignores && found.starts && !found.traps.iter().skip(index + 1).any(again)
        });
        let signal = |trap: &Trap| trap.signals.iter().find(|signal| ends.contains(&signal.as_str())).cloned();
        ignored.filter_map(|(_, trap)| Some((trap.span.clone(), signal(trap)?))).collect()
    })
}

/// `trap … EXIT` in a script whose end is `exec`: the shell is gone before it could run the handler.
pub(super) fn unreachable(context: &Context<'_>) -> Hits {
    each(context, &|found| {
        let handlers = found.traps.iter().filter(|trap| found.replaced && !trap.ignores && !trap.resets);
        let exits = handlers.filter(|trap| trap.signals.iter().any(|signal| signal == "EXIT"));
        let back = |trap: &&Trap| {
            !found
                .traps
                .iter()
                .any(|other| other.resets && other.signals.iter().any(|signal| trap.signals.contains(signal)))
        };
        exits.filter(back).map(|trap| (trap.span.clone(), "EXIT".to_owned())).collect()
    })
}

/// `trap … KILL`: nobody can.
pub(super) fn impossible(context: &Context<'_>) -> Hits {
    each(context, &|found| {
        let named =
            |trap: &Trap| trap.signals.iter().find(|signal| matches!(signal.as_str(), "KILL" | "STOP")).cloned();
        found.traps.iter().filter_map(|trap| Some((trap.span.clone(), named(trap)?))).collect()
    })
}
