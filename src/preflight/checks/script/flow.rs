//! What a script does about failures and signals.

use crate::deploy::shell::{self, CommandKind, Invocation, Join, Link, Step};
use crate::deploy::{ScriptFile, ScriptRole, Service, Spot};

use super::super::super::scripts::{each_step, is_application, state_of};
use super::{Context, Hit, Hits, Level};

/// Scripts that the container's life hangs on.
fn starts(script: &ScriptFile) -> bool {
    script.whole && matches!(script.role, ScriptRole::Entrypoint | ScriptRole::Command)
}

fn each<'c>(context: &Context<'c>) -> impl Iterator<Item = (&'c Service, &'c ScriptFile)> {
    let services = context.deployment.services.iter();
    services
        .flat_map(|service| service.scripts.iter().map(move |script| (service, script)))
        .filter(|(_, script)| starts(script))
}

/// No `set -e`, or no `set -u`.
pub(super) fn strict_mode_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, script) in each(context) {
        let (mut commands, mut errexit, mut nounset, mut set) = (0_usize, false, false, None);
        let mut risky = false;
        shell::walk(&script.model, state_of(service, script), &mut |step| {
            commands += 1;
            errexit |= step.state.errexit;
            nounset |= step.state.nounset;
            if step.simple.words.first().is_some_and(|word| word.is("set")) && set.is_none() {
                set = Some(step.command.span.clone());
            }
            risky |= prepares(&step.invocation()) && !step.place.condition && !step.place.last;
        });
        let missing = match (errexit, nounset) {
            (true, true) => continue,
            (false, false) => "set -eu",
            (false, true) => "set -e",
            (true, false) => "set -u",
        };
        let first = script.model.shebang.as_ref().map(|shebang| shebang.span.clone());
        let place =
            if errexit { set } else { first.or_else(|| script.model.body.items.first().map(|item| item.span.clone())) };
        if let Some(range) = place.filter(|_| commands > 1) {
            let hit = Hit::at(Spot::new(script.file, range)).with("missing", missing);
            hits.push(if !errexit && risky { hit } else { hit.only(Level::Note) });
        }
    }
    hits
}

/// Whether a command prepares what the application needs: a migration, an installation, a build.
pub(super) fn prepares(invocation: &Invocation) -> bool {
    let Some(program) = invocation.program() else { return false };
    let tools = [
        "npm",
        "yarn",
        "pnpm",
        "npx",
        "nx",
        "node",
        "python",
        "python3",
        "php",
        "bundle",
        "rails",
        "rake",
        "flask",
        "alembic",
        "prisma",
        "typeorm",
        "sequelize",
        "knex",
        "mix",
        "dotnet",
        "psql",
        "mysql",
        "flyway",
        "liquibase",
        "migrate",
        "goose",
        "dbmate",
        "pip",
        "composer",
    ];
    let words = invocation.arguments().any(|word| {
        ["migrat", "upgrade", "db:", "database:", "collectstatic", "install", "ci", "build", "seed", "schema:"]
            .iter()
            .any(|part| if *part == "ci" { word == "ci" } else { word.contains(part) })
    });
    tools.contains(&program) && (words || matches!(program, "migrate" | "goose" | "dbmate" | "flyway" | "liquibase"))
}

/// The last command is not executed in the shell's place.
pub(super) fn no_exec(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    let services = context.deployment.services.iter();
    let scripts = services.flat_map(|service| service.scripts.iter().map(move |script| (service, script)));
    // A text in the Dockerfile has a check of its own.
    let in_image = |service: &Service, script: &ScriptFile| {
        service.dockerfile.as_ref().is_some_and(|dockerfile| dockerfile.file == script.file)
            && script.options.is_empty()
    };
    let own = |script: &ScriptFile| matches!(script.role, ScriptRole::Entrypoint | ScriptRole::Command);
    for (service, script) in scripts.filter(|(service, script)| own(script) && !in_image(service, script)) {
        let mut traps = false;
        let mut last = Vec::new();
        let mut commands = 0_usize;
        shell::walk(&script.model, state_of(service, script), &mut |step| {
            commands += 1;
            traps |= step.simple.words.first().is_some_and(|word| word.is("trap"));
            let invocation = step.invocation();
            let alone = step.pipeline.commands.len() == 1 && step.place.background.is_none() && !step.place.substituted;
            let forwards = step.simple.words.first().is_some_and(is_arguments);
            if step.place.last && alone && !invocation.is_exec() && (forwards || is_application(&invocation)) {
                last.push((step.command.span.clone(), invocation.program().unwrap_or("the command").to_owned()));
            }
        });
        // A shell that is given one command with -c gives it its place.
        if !traps && !service.init && (script.whole || commands > 1) {
            let hit = |range: &_, program| {
                let hit = Hit::at(script.spot(context.deployment, range)).with("program", program);
                // A line in place of a script is like `CMD` without brackets: it starts, and stops late.
                if script.whole { hit } else { hit.only(Level::Note) }
            };
            hits.extend(last.into_iter().map(|(range, program)| hit(&range, program)));
        }
    }
    hits
}

/// `"$@"`
fn is_arguments(word: &shell::Word) -> bool {
    matches!(word.parts.as_slice(), [shell::Part::Parameter(parameter)] if matches!(parameter.name.as_str(), "@" | "*"))
}

/// `migrate || echo failed`: the script goes on as if nothing had happened.
pub(super) fn failure_ignored(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        each_step(context.deployment, service, &mut |_, step, spot| {
            let invocation = step.invocation();
            if prepares(&invocation) && step.next.is_some_and(swallows) && !step.place.substituted {
                let range =
                    step.pipeline.span.start..step.next.map_or(step.pipeline.span.end, |next| next.pipeline.span.end);
                hits.push(Hit::at(spot(&range)).with("command", shown(step)));
            }
        });
    }
    hits
}

/// The words of a command, for a message.
pub(in super::super) fn shown(step: &Step<'_, '_>) -> String {
    let words = step.simple.words.iter().map(|word| step.state.expand(word).unwrap_or_else(|| "…".to_owned()));
    words.take(4).collect::<Vec<_>>().join(" ")
}

/// Whether what stands behind `||` ends well: `true`, `:`, `echo …`, `exit 0`.
pub(in super::super) fn swallows(next: &Link) -> bool {
    next.joined == Join::Or && next.pipeline.commands.last().is_some_and(|command| ends_well(&command.kind))
}

fn ends_well(kind: &CommandKind) -> bool {
    match kind {
        CommandKind::Simple(simple) => {
            let name = simple.words.first().and_then(shell::Word::literal).unwrap_or_default();
            match name.as_str() {
                "true" | ":" | "echo" | "printf" => true,
                "exit" | "return" => simple.words.get(1).is_some_and(|word| word.is("0")),
                _ => false,
            }
        }
        CommandKind::Group(list) | CommandKind::Subshell(list) => {
            let link = list.items.last().and_then(|item| item.chain.last());
            link.and_then(|link| link.pipeline.commands.last()).is_some_and(|command| ends_well(&command.kind))
        }
        _ => false,
    }
}
