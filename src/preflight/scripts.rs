//! The scripts and commands of a service, as the checks go through them.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::deploy::dockerfile::{Command, Image, Instruction, InstructionKind};
use crate::deploy::shell::{self, Directory, Invocation, Pipeline, State, Step};
use crate::deploy::{Deployment, Line, ScriptFile, ScriptRole, Service, Spot, Variable, given, is_shell};

use super::image::{FACTS, name_and_tag};

/// Which shell reads a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    /// bash
    Bash,
    /// BusyBox's
    Ash,
    /// Debian's and Ubuntu's `/bin/sh`
    Dash,
    /// `/bin/sh` of an image that is not known.
    Unknown,
}

/// The shell that a script asks for, or is given to.
pub(super) fn shell_of(service: &Service, script: &ScriptFile) -> Shell {
    let shebang = script.model.shebang.as_ref();
    let named = shebang.map(|line| format!("{} {}", line.interpreter, line.argument));
    let asked = script.interpreter.clone().or(named).unwrap_or_else(|| default_shell(service));
    let program = asked.split([' ', '/']).find(|word| is_shell(word)).unwrap_or("sh");
    kind_of(service.startup.base.as_deref(), program)
}

/// What reads a text of a Dockerfile: `SHELL`, or `/bin/sh`.
pub(super) fn shell_of_build(image: &Image<'_>) -> Shell {
    let program = image.shell.and_then(|words| words.first()).map_or("sh", |word| word.text.as_str());
    kind_of(image.base.as_deref(), program.rsplit('/').next().unwrap_or(program))
}

fn default_shell(service: &Service) -> String {
    let Some(dockerfile) = &service.dockerfile else { return "sh".to_owned() };
    let Some(target) = dockerfile.model.target(dockerfile.target.as_deref()) else { return "sh".to_owned() };
    let image = dockerfile.model.build(target, &given(service), &mut |_, _, _| {});
    image.shell.and_then(|words| words.first()).map_or_else(|| "sh".to_owned(), |word| word.text.clone())
}

fn kind_of(base: Option<&str>, program: &str) -> Shell {
    match program {
        "bash" => Shell::Bash,
        "dash" => Shell::Dash,
        "ash" => Shell::Ash,
        _ => match base.and_then(|base| FACTS.shell(base)) {
            Some("ash") => Shell::Ash,
            Some("dash") => Shell::Dash,
            Some("bash") => Shell::Bash,
            _ => Shell::Unknown,
        },
    }
}

/// Whether `sh` of an image is a dash that knows no pipefail for certain.
pub(super) fn old_dash(base: Option<&str>) -> bool {
    let Some((name, tag)) = base.map(name_and_tag) else { return false };
    let newer = ["forky", "sid", "testing", "unstable"].iter().any(|word| tag.contains(word));
    !newer && (name != "ubuntu" || super::image::major(tag).is_some_and(|version| version < 26))
}

/// What a script finds when it begins: the environment, and the options its shell was given.
pub(super) fn state_of(service: &Service, script: &ScriptFile) -> State {
    let text = |variable: &Arc<Variable>| Some((variable.name.clone(), variable.value.as_ref()?.text.clone()?));
    let variables = Rc::new(service.environment.iter().filter_map(text).collect());
    let mut state = State { variables, ..State::default() };
    state.follow_options(&script.options);
    state
}

/// The scripts that the container's first process runs, and with which it ends, as far as they can be read: behind an entrypoint of its own,
/// a command's script is not known to be one.
pub(super) fn leading(service: &Service) -> impl Iterator<Item = &ScriptFile> {
    let own = |script: &&ScriptFile| match script.role {
        ScriptRole::Entrypoint => true,
        ScriptRole::Command => service.startup.entrypoint.is_none(),
        ScriptRole::Called | ScriptRole::Mounted => false,
    };
    service.scripts.iter().filter(|script| script.model.error.is_none()).filter(own)
}

/// What is called for each command: its script, and a way from a stretch of it to its place.
pub(super) type Visit<'v> = dyn FnMut(&ScriptFile, &Step<'_, '_>, &dyn Fn(&Range<usize>) -> Spot) + 'v;

/// Shows every command of every script of a service; `spot` tells where a stretch stands.
pub(super) fn each_step(deployment: &Deployment, service: &Service, visit: &mut Visit<'_>) {
    for script in &service.scripts {
        let spot = |range: &Range<usize>| script.spot(deployment, range);
        shell::walk(&script.model, state_of(service, script), &mut |step| visit(script, step, &spot));
    }
}

/// A command of a `RUN`, and the image it is run in.
pub(super) struct RunStep<'r, 's, 'w, 'd> {
    pub(super) step: &'r Step<'s, 'w>,
    pub(super) image: &'r Image<'d>,
    /// Whether the stage itself has it, and not one it begins with.
    pub(super) own: bool,
    /// The bytes of the instruction.
    pub(super) instruction: &'r Instruction,
    /// The number of the stage that is being built.
    pub(super) stage: usize,
}

/// Shows every command of every `RUN` that a shell reads, stage by stage; those of the stages a stage begins with are shown again.
pub(super) fn each_run(service: &Service, visit: &mut dyn FnMut(&RunStep<'_, '_, '_, '_>)) {
    let Some(dockerfile) = &service.dockerfile else { return };
    let given = given(service);
    for stage in 0..dockerfile.model.stages.len() {
        dockerfile.model.build(stage, &given, &mut |index, instruction, image| {
            let InstructionKind::Run(Command::Shell { script, .. }) = &instruction.kind else { return };
            let mut state = State { variables: image.variables.clone(), ..State::default() };
            let options: Vec<String> =
                image.shell.iter().flat_map(|words| words.iter()).map(|word| word.text.clone()).collect();
            state.follow_options(&options);
            shell::walk(script, state, &mut |step| {
                visit(&RunStep { step, image, own: index == stage, instruction, stage });
            });
        });
    }
}

/// A program that the container runs, and where.
pub(super) struct Running {
    /// The program behind its wrappers.
    pub(super) invocation: Invocation,
    /// Where it is named.
    pub(super) spot: Spot,
    /// The working directory there, when it is known.
    pub(super) directory: Option<String>,
}

/// Bytes of the words of all commands that are held at once; no container runs more.
const HELD: usize = 4 << 20;

/// What the container runs: the words that are executed, and the commands of its scripts.
pub(super) fn running(deployment: &Deployment, service: &Service) -> Vec<Running> {
    let mut found = Vec::new();
    if let (Some(words), Some(invocation)) = (service.startup.words(), service.startup.invocation()) {
        let place = invocation.words.first().and_then(|word| words.get(word.span.start)).map(|word| word.spot.clone());
        if let Some(spot) = place {
            found.push(Running { invocation, spot, directory: service.startup.directory.clone() });
        }
        let entrypoint = service.startup.entrypoint.as_ref();
        let given = service.startup.command.as_ref().filter(|line| entrypoint.is_some() && !line.words.is_empty());
        if let Some(line) = given {
            let directory = service.startup.directory.clone();
            found.push(Running { invocation: given_words(line), spot: line.spot.clone(), directory });
        }
    }
    let command = service.startup.command.as_ref().filter(|line| !line.words.is_empty());
    let (mut moved, mut held) = (None, 0);
    each_step(deployment, service, &mut |script, step, spot| {
        if step.place.substituted || script.role == ScriptRole::Mounted || held > HELD {
            return;
        }
        let invocation = step.invocation();
        held += invocation.words.iter().map(|word| 64 + word.text.as_ref().map_or(0, String::len)).sum::<usize>();
        if invocation.program() == Some("cd") {
            moved = Some(spot(&step.command.span));
        }
        // The command runs where the script has gone to.
        let here = script.role == ScriptRole::Entrypoint && step.state.directory != Directory::Start;
        if let Some(line) = command.filter(|_| here && runs_its_arguments(step, &invocation)) {
            found.retain(|running| running.spot != line.spot);
            found.push(Running {
                invocation: given_words(line),
                spot: moved.clone().unwrap_or_else(|| spot(&step.command.span)),
                directory: directory_of(service.startup.directory.as_deref(), &step.state.directory),
            });
            return;
        }
        found.push(Running {
            invocation,
            spot: spot(&step.command.span),
            directory: directory_of(service.startup.directory.as_deref(), &step.state.directory),
        });
    });
    found
}

/// A command that the entrypoint is given.
fn given_words(line: &Line) -> Invocation {
    let words = line.words.iter().map(|word| shell::Argument { text: word.text.clone(), span: 0..0 });
    Invocation::of(words.collect())
}

/// A directory of a script as an absolute path.
pub(super) fn directory_of(start: Option<&str>, directory: &Directory) -> Option<String> {
    match directory {
        Directory::Start => start.map(str::to_owned),
        Directory::Moved(path) if path.starts_with('/') => Some(path.clone()),
        Directory::Moved(path) => start.map(|start| shell::join(start, path)),
        Directory::Unknown => None,
    }
}

/// Programs that are applications, or run one.
const APPLICATIONS: [&str; 41] = [
    "node",
    "nodejs",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "nx",
    "nest",
    "ts-node",
    "tsx",
    "nodemon",
    "pm2",
    "next",
    "bun",
    "deno",
    "python",
    "python3",
    "gunicorn",
    "uvicorn",
    "celery",
    "flask",
    "daphne",
    "hypercorn",
    "java",
    "ruby",
    "bundle",
    "rails",
    "puma",
    "sidekiq",
    "unicorn",
    "php",
    "php-fpm",
    "apache2-foreground",
    "dotnet",
    "mix",
    "elixir",
    "catalina.sh",
    "streamlit",
    "rackup",
    "waitress-serve",
    "poetry",
];

/// Whether a program is an application or runs one, as far as its name tells.
pub(super) fn is_application(invocation: &Invocation) -> bool {
    let Some(program) = invocation.program() else { return false };
    let path = invocation.words.first().and_then(|word| word.text.as_deref()).unwrap_or_default();
    let own = path.contains('/')
        && !["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"].iter().any(|folder| path.starts_with(folder));
    APPLICATIONS.contains(&program) || own && std::path::Path::new(path).extension().is_none_or(|end| end != "sh")
}

/// Whether a command runs the script's arguments: `"$@"`, also behind wrappers.
pub(super) fn runs_its_arguments(step: &Step<'_, '_>, invocation: &Invocation) -> bool {
    let Some(first) = invocation.words.first() else { return false };
    step.simple.words.iter().any(|word| {
        word.span == first.span
            && matches!(word.parts.as_slice(), [shell::Part::Parameter(parameter)] if matches!(parameter.name.as_str(), "@" | "*"))
    })
}

/// The program of a pipeline's last command.
pub(super) fn last_program(pipeline: &Pipeline) -> Option<String> {
    let command = pipeline.commands.last()?;
    let shell::CommandKind::Simple(simple) = &command.kind else { return None };
    let name = simple.words.first()?.literal()?;
    Some(name.rsplit('/').next().unwrap_or(&name).to_owned())
}
