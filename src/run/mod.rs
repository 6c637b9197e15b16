//! The only room that knows all others: opens sources, runs the diagnosis, writes reports, gives the exit status.

mod beside;
mod bundle;
mod docker;
mod follow;
mod manual;
mod message;
mod output;
mod place;
mod preflight;
mod read;
mod repeat;
mod rules;
mod verify;

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{CommandFactory as _, Parser};

use crate::cli::{Cli, Color, Command, DiagnoseArgs, DockerArgs, FailOn};
use crate::container::ContainerState;
use crate::deploy::nearest;
use crate::diagnosis::{Verdict, diagnose};
use crate::report::{self, Facts, InputFacts};
use crate::rule::{self, RuleSet};
use crate::timeline;

use docker::Gathered;
use follow::Ended;
use message::Message;
use read::Reading;

/// `diagnose` could not do its job.
const TROUBLE: u8 = 2;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = typed().and_then(|cli| match &cli.command {
        Some(Command::Rules { action }) => rules::run(action),
        Some(Command::Preflight(args)) => preflight::run(args),
        Some(Command::Completions { shell }) => manual::completions(*shell),
        Some(Command::Man { all }) => manual::pages(all.as_deref()),
        Some(Command::Bundle(args)) => bundle::run(args, now()),
        Some(Command::Verify(args)) => load(&[]).and_then(|rules| verify::run(args, rules, now())),
        None => run(&cli.diagnose),
    });
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            message.print();
            ExitCode::from(TROUBLE)
        }
    }
}

/// What was typed. A message about it repeats words of it, so it is about a clean copy; help and version are the same for both.
///
/// # Errors
/// When only what cannot be seen made it wrong.
fn typed() -> Result<Cli, Message> {
    Cli::try_parse().or_else(|_| {
        let clean = |word: OsString| report::sanitize::clean(&word.to_string_lossy());
        match Cli::try_parse_from(std::env::args_os().map(clean)) {
            Err(error) => error.exit(),
            Ok(_) => {
                let what = "the command line holds characters that cannot be seen, and is wrong because of them";
                Err(Message::new(what).help("type it anew instead of copying it"))
            }
        }
    })
}

fn run(args: &DiagnoseArgs) -> Result<u8, Message> {
    output::outputs(args).check()?;
    refuse(args)?;
    let now = now();
    if !args.docker.container.is_empty() || args.docker.project.is_some() {
        return containers(args, now);
    }
    let files = inputs(&args.files)?;
    spare(&args.output, &files, &args.judge.patterns)?;
    let rules = load(&args.judge.patterns)?;
    let forced = profile(args.judge.profile.as_deref(), rules)?;
    let gathered = read::all(&files, Reading::new(rules).with_threads(args.threads))?;
    judge(args, now, rules, forced, gathered, None)
}

/// Diagnoses containers: once, or as soon as their start is over.
fn containers(args: &DiagnoseArgs, now: DateTime<Utc>) -> Result<u8, Message> {
    spare(&args.output, &[], &args.judge.patterns)?;
    let name = args.docker.container.first().map_or("NAME", String::as_str);
    let engine = docker::connect(name)?;
    let rules = load(&args.judge.patterns)?;
    let forced = profile(args.judge.profile.as_deref(), rules)?;
    let watched = args.docker.follow.then(|| follow::watch(&engine, name, args.docker.timeout, rules, forced));
    let (ended, last) = watched.transpose()?.unzip();
    let last = last.unwrap_or_default();
    if let Some(Ended::Lost(error)) = &ended {
        let notes = vec![format!("The watching ended early: {error}. What was read before is judged")];
        let gathered = Gathered { read: last.read, scene: last.scene, notes, ..Gathered::default() };
        judge(args, now, rules, forced, gathered, ended.as_ref())?;
        docker::explain(error, name).print();
        return Ok(TROUBLE);
    }
    let seen = last.seen;
    let gathered = docker::gather(&engine, &args.docker, Reading::new(rules), forced, &seen)?;
    judge(args, now, rules, forced, gathered, ended.as_ref())
}

/// What cannot be asked for together, which the command line's own rules let through.
fn refuse(args: &DiagnoseArgs) -> Result<(), Message> {
    let docker = &args.docker;
    for_containers(docker, "diagnose")?;
    if docker.timeout.is_some() && !docker.follow {
        let help = "add --follow: diagnose --container NAME --follow --timeout 120s";
        return Err(Message::new("--timeout is how long --follow waits").help(help));
    }
    window(docker)?;
    if docker.follow && (docker.project.is_some() || docker.container.len() > 1) {
        let help = "name one: diagnose --container NAME --follow, one diagnose for each";
        return Err(Message::new("--follow watches one container at a time").help(help));
    }
    Ok(())
}

/// What is asked of containers is nothing for files.
fn for_containers(docker: &DockerArgs, command: &str) -> Result<(), Message> {
    let names = [
        ("--follow", docker.follow),
        ("--timeout", docker.timeout.is_some()),
        ("--since", docker.since.is_some()),
        ("--until", docker.until.is_some()),
        ("--tail", docker.tail.is_some()),
        ("--all-boots", docker.all_boots),
        ("--no-neighbours", docker.no_neighbours),
    ];
    let container = !docker.container.is_empty() || docker.project.is_some();
    match names.iter().find(|(_, given)| *given && !container) {
        Some((name, _)) => {
            let help = format!("name a container: {command} --container NAME {name} …");
            Err(Message::new(format!("{name} is for containers; files are read as they are")).help(help))
        }
        None => Ok(()),
    }
}

/// Judges what was gathered and writes the report. When the time was over before the start was decided, it is not decided: what retries
/// may still heal makes no failure.
fn judge(
    args: &DiagnoseArgs,
    now: DateTime<Utc>,
    rules: &RuleSet,
    forced: Option<usize>,
    gathered: Gathered,
    ended: Option<&Ended>,
) -> Result<u8, Message> {
    let read = gathered.read;
    rule::rest();
    let mut diagnosis = diagnose(rules, &read.units, forced.or(gathered.profile), &gathered.scene);
    let failed = read.failed.iter().map(|message| message.what.clone()).collect();
    let mut facts = facts(args, now, read.inputs, read.records).unreadable(failed);
    (facts.notes, facts.secrets) = (gathered.notes, gathered.secrets);
    if matches!(ended, Some(Ended::TimedOut | Ended::Interrupted)) {
        // What was never started, or does not run any more, has not just begun.
        let begun = |state: &ContainerState| matches!(state.status.as_str(), "running" | "restarting");
        if diagnosis.verdict != Verdict::Unknown && gathered.scene.containers().first().is_none_or(begun) {
            diagnosis.verdict = Verdict::Starting;
        }
        facts.notes.push(undecided(ended, args.docker.timeout));
    }
    output::write(args, &report::build(rules, &diagnosis, &gathered.scene, facts))?;
    read.failed.iter().for_each(Message::print);
    Ok(if read.failed.is_empty() { exit_code(diagnosis.verdict, args.judge.fail_on) } else { TROUBLE })
}

/// A stretch of time that ends before it begins holds nothing.
fn window(docker: &DockerArgs) -> Result<(), Message> {
    if docker.since.zip(docker.until).is_some_and(|(since, until)| since > until) {
        let help = "--since is the earlier one: --since 2h --until 5m is from two hours to five minutes ago";
        return Err(Message::new("--until lies before --since").help(help));
    }
    Ok(())
}

/// That the watching ended before the start was decided.
fn undecided(ended: Option<&Ended>, timeout: Option<Duration>) -> String {
    if ended == Some(&Ended::Interrupted) {
        return "The watching was interrupted before the start was decided".to_owned();
    }
    let timeout = timeout.map(|timeout| timeout.as_micros()).and_then(|micros| i64::try_from(micros).ok());
    let waited = timeout.map(crate::container::duration).unwrap_or_default();
    format!("The start was not decided within {waited}")
}

fn facts(args: &DiagnoseArgs, now: DateTime<Utc>, inputs: Vec<InputFacts>, records: u64) -> Facts {
    let generated_at = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    Facts { inputs, records, generated_at, redact: !args.no_redact, ..Facts::default() }
}

/// The time of the report: now, or what SOURCE_DATE_EPOCH says, so that a report can be made again byte by byte.
fn now() -> DateTime<Utc> {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let fixed = fixed.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    fixed.unwrap_or_else(Utc::now)
}

const fn exit_code(verdict: Verdict, fail_on: FailOn) -> u8 {
    match (verdict, fail_on) {
        (Verdict::Healthy, _) | (Verdict::Degraded, FailOn::Failed) => 0,
        (Verdict::Failed, _) | (Verdict::Degraded, FailOn::Degraded) => 1,
        (Verdict::Starting | Verdict::Unknown, _) => 3,
    }
}

/// The named files; without any, standard input if something is piped into it.
fn inputs(files: &[OsString]) -> Result<Vec<OsString>, Message> {
    if let Some(first) = files.first() {
        return mistyped(first).map_or_else(|| Ok(files.to_vec()), Err);
    }
    if io::stdin().is_terminal() {
        let help = "name a log file, or pipe one in: docker logs NAME 2>&1 | diagnose   (see diagnose --help)";
        return Err(Message::new("there is nothing to read").help(help));
    }
    Ok(vec!["-".into()])
}

/// That a name of which there is no file is most like a subcommand's.
fn mistyped(name: &OsStr) -> Option<Message> {
    const LIKE: f64 = 0.85;
    let typed = name.to_str().filter(|typed| !typed.contains(['.', '/']) && !Path::new(typed).exists())?;
    let command = Cli::command();
    let like = nearest(typed, command.get_subcommands().map(clap::Command::get_name), LIKE)?;
    Some(Message::new(format!("there is no file {typed}")).help(format!("did you mean the command: diagnose {like}")))
}

/// Refuses outputs that would destroy what is read: logs, standard input if it is a file, and the files of rules.
fn spare(outputs: &[PathBuf], logs: &[OsString], patterns: &[PathBuf]) -> Result<(), Message> {
    let logs = logs.iter().map(|name| if name == "-" { PathBuf::from("/dev/stdin") } else { PathBuf::from(name) });
    // What cannot be read is told when the rules are loaded.
    let rules = patterns.iter().flat_map(|folder| rule::files_below(folder).unwrap_or_default());
    output::spare(outputs, logs.chain(rules))
}

/// The rules; they live as long as the program, so that its end need not take them apart.
fn load(patterns: &[PathBuf]) -> Result<&'static RuleSet, Message> {
    let rules = rule::embedded(patterns).map_err(|error| Message::new(error.to_string()).help(error.help()))?;
    Ok(Box::leak(Box::new(rules)))
}

fn profile(name: Option<&str>, rules: &RuleSet) -> Result<Option<usize>, Message> {
    let Some(name) = name else { return Ok(None) };
    let found = timeline::named(rules, name);
    found.map(Some).ok_or_else(|| {
        let known: Vec<&str> = rules.profiles.iter().map(|profile| profile.id.as_str()).collect();
        Message::new(format!("there is no profile \"{name}\"")).help(format!("one of: {}", known.join(", ")))
    })
}

/// Whether colours are wanted on standard output.
fn colored(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            io::stdout().is_terminal() && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_of_containers_is_refused_for_files() {
        for (typed, expected) in [
            (&["--since", "10m", "a.log"][..], "--since is for containers"),
            (&["--tail", "5"], "--tail is for containers"),
            (&["--follow"], "--follow is for containers"),
            (&["-c", "a", "--timeout", "1s"], "--timeout is how long --follow waits"),
            (&["-c", "a", "--since", "1m", "--until", "2h"], "--until lies before --since"),
        ] {
            let cli = Cli::try_parse_from([&["diagnose"], typed].concat()).unwrap();
            let message = refuse(&cli.diagnose).unwrap_err();
            assert!(message.what.starts_with(expected), "{typed:?}: {}", message.what);
        }
    }

    #[test]
    fn a_mistyped_command_is_told_from_a_file_that_is_missing() {
        let like = |name: &str| mistyped(OsStr::new(name)).map(|message| message.what);
        assert_eq!(like("preflihgt").as_deref(), Some("there is no file preflihgt"));
        assert_eq!(like("bundel").as_deref(), Some("there is no file bundel"));
        for file in ["bundle.log", "./bundel", "twenty", "src", "app"] {
            assert_eq!(like(file), None, "{file}");
        }
    }
}
