//! Whether the engine and the shell can run a script at all.

use crate::deploy::dockerfile::{Command, InstructionKind};
use crate::deploy::shell::{self, ExtensionKind, State};
use crate::deploy::{ScriptFile, ScriptRole, Service, Spot, given, is_shell};

use super::super::super::image::lacks;
use super::super::super::scripts::{Shell, shell_of};
use super::{Context, Hit, Hits, Level};

fn each<'c>(context: &Context<'c>) -> impl Iterator<Item = (&'c Service, &'c ScriptFile)> {
    context.deployment.services.iter().flat_map(|service| service.scripts.iter().map(move |script| (service, script)))
}

/// Line ends of DOS.
pub(super) fn carriage_returns(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, script) in each(context) {
        let Some(range) = script.model.carriage_return.clone().filter(|_| script.whole) else { continue };
        if removes_carriage_returns(service) {
            continue;
        }
        let first = script.model.shebang.as_ref().is_some_and(|shebang| range.start <= shebang.span.end);
        let start = script.model.shebang.as_ref().map_or(range.start..range.start, |shebang| shebang.span.clone());
        let hit = Hit::at(Spot::new(script.file, if first { start } else { range }));
        let run = script.role != ScriptRole::Mounted;
        hits.push(if run { hit } else { hit.only(Level::Warning) });
    }
    hits
}

/// Whether the build changes line ends.
fn removes_carriage_returns(service: &Service) -> bool {
    any_run(service, &|words| {
        words.iter().any(|word| word.contains("\\r") || word.contains("dos2unix") || word == "fromdos")
    })
}

/// Whether any command of a `RUN` has words like this.
fn any_run(service: &Service, fits: &dyn Fn(&[String]) -> bool) -> bool {
    let Some(dockerfile) = &service.dockerfile else { return false };
    let Some(target) = dockerfile.model.target(dockerfile.target.as_deref()) else { return false };
    let image = dockerfile.model.build(target, &given(service), &mut |_, _, _| {});
    let mut found = false;
    for (instruction, _) in &image.history {
        match &instruction.kind {
            InstructionKind::Run(Command::Shell { script, .. }) => {
                shell::walk(script, State::default(), &mut |step| {
                    let words = step.simple.words.iter();
                    let words: Vec<String> = words.map(|word| step.state.expand(word).unwrap_or_default()).collect();
                    found |= fits(&words);
                });
            }
            InstructionKind::Run(Command::Exec { words, .. }) => {
                found |= fits(&words.iter().map(|word| word.text.clone()).collect::<Vec<_>>());
            }
            _ => {}
        }
    }
    found
}

/// A script without first line that the engine executes itself.
pub(super) fn shebang_missing(context: &Context<'_>) -> Hits {
    let scripts = each(context).filter(|(_, script)| script.direct && script.whole && script.model.shebang.is_none());
    scripts.map(|(_, script)| Hit::at(Spot::new(script.file, 0..0)).with("path", &script.path)).collect()
}

/// A script that may not be executed, and that the engine executes itself.
pub(super) fn not_executable(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, script) in each(context) {
        let file = context.deployment.file(script.file);
        let closed = file.is_some_and(|file| file.executable == Some(false));
        if !script.direct || !script.whole || !closed || made_executable(service, &script.path) {
            continue;
        }
        let spot = script.named.clone().unwrap_or_else(|| Spot::new(script.file, 0..0));
        let source = file.map(|file| file.path.clone()).unwrap_or_default();
        hits.push(Hit::at(spot).with("path", &script.path).with("source", source));
    }
    hits
}

fn made_executable(service: &Service, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let folder = path.strip_suffix(name).unwrap_or_default().trim_end_matches('/');
    let by_run = any_run(service, &|words| {
        let changes = words.first().is_some_and(|word| word.ends_with("chmod") || word == "install");
        changes
            && words.iter().skip(1).any(|word| {
                word.ends_with(name) || word.contains('*') || word.trim_end_matches('/') == folder || word == "."
            })
            || words.iter().any(|word| word == "chmod") && words.first().is_some_and(|word| word != "chmod")
    });
    by_run || copied_executable(service, name)
}

/// Whether a `COPY --chmod` may have brought the file.
fn copied_executable(service: &Service, name: &str) -> bool {
    let Some(dockerfile) = &service.dockerfile else { return false };
    let instructions = dockerfile.model.stages.iter().flat_map(|stage| &stage.instructions);
    instructions.filter(|instruction| instruction.flag("chmod").is_some()).any(|instruction| match &instruction.kind {
        InstructionKind::Copy(copy) => {
            copy.target.text.ends_with(name)
                || copy.sources.iter().any(|source| match source {
                    crate::deploy::dockerfile::Source::Path(text) => {
                        text.text.ends_with(name) || text.text.contains('*') || !text.text.contains(".sh")
                    }
                    crate::deploy::dockerfile::Source::Inline(_) => false,
                })
        }
        _ => false,
    })
}

/// The program of a script's first line is not in the image.
pub(super) fn interpreter_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, script) in each(context) {
        let Some(shebang) = script.model.shebang.as_ref().filter(|_| script.interpreter.is_none()) else { continue };
        let named = format!("{} {}", shebang.interpreter, shebang.argument);
        let Some(program) = named.split([' ', '/']).rfind(|word| is_shell(word)).map(str::to_owned) else { continue };
        // A script that is read by another shell does not look at its first line; who calls a mounted one is not known.
        if script.role == ScriptRole::Mounted || !lacks(service, &program) {
            continue;
        }
        let image = service.startup.base.clone().unwrap_or_default();
        let hit = Hit::at(Spot::new(script.file, shebang.span.clone())).with("program", program).with("image", image);
        hits.push(if script.direct { hit } else { hit.only(Level::Warning) });
    }
    hits
}

/// Syntax of bash in a script that another shell reads.
pub(super) fn bash_syntax(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (service, script) in each(context) {
        let shell = shell_of(service, script);
        let found =
            script.model.extensions.iter().filter_map(|extension| Some((extension, level(extension.kind, shell)?)));
        let Some((extension, level)) =
            found.max_by_key(|(extension, level)| (*level, std::cmp::Reverse(extension.span.start)))
        else {
            continue;
        };
        let spot = script.spot(context.deployment, &extension.span);
        let hit = Hit::at(spot).with("syntax", word(extension.kind));
        hits.push(if level == Level::Error { hit } else { hit.only(level) });
    }
    hits
}

/// How bad it is: a syntax error ends the script before its first command; `[[` is a command that is not found.
fn level(kind: ExtensionKind, shell: Shell) -> Option<Level> {
    use ExtensionKind as Kind;
    let fatal = matches!(
        kind,
        Kind::Array | Kind::ProcessSubstitution | Kind::HereString | Kind::PipeBoth | Kind::FunctionKeyword
    );
    match shell {
        Shell::Bash => None,
        Shell::Ash => (kind == Kind::Array).then_some(Level::Error),
        Shell::Dash if fatal || kind == Kind::ParameterOperator => Some(Level::Error),
        Shell::Dash => Some(Level::Warning),
        Shell::Unknown => fatal.then_some(Level::Warning),
    }
}

const fn word(kind: ExtensionKind) -> &'static str {
    match kind {
        ExtensionKind::Array => "an array",
        ExtensionKind::ProcessSubstitution => "<(…)",
        ExtensionKind::HereString => "<<<",
        ExtensionKind::DoubleBracket => "[[ … ]]",
        ExtensionKind::ArithmeticCommand => "((…))",
        ExtensionKind::FunctionKeyword => "the word function",
        ExtensionKind::RedirectBoth => "&>",
        ExtensionKind::PipeBoth => "|&",
        ExtensionKind::ParameterOperator => "an operator of bash in ${…}",
    }
}
