//! The only room that knows all others: opens sources, runs the diagnosis, writes reports, gives the exit status.

mod message;
mod output;
mod read;
mod rules;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Color, Command, DiagnoseArgs, FailOn};
use crate::diagnosis::{Verdict, diagnose};
use crate::report::{self, Facts};
use crate::rule::{self, RuleSet};
use crate::timeline;

use message::Message;

/// `diagnose` could not do its job.
const TROUBLE: u8 = 2;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Some(Command::Rules { action }) => rules::run(action),
        None => run(&cli.diagnose),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            message.print();
            ExitCode::from(TROUBLE)
        }
    }
}

fn run(args: &DiagnoseArgs) -> Result<u8, Message> {
    if let Some(name) = args.container.first() {
        let help = format!("docker logs {name} 2>&1 | diagnose");
        return Err(Message::new("--container is not available in this version: it reads logs only").help(help));
    }
    output::check(args)?;
    let files = inputs(args)?;
    let rules = load(args)?;
    let forced = profile(args, &rules)?;
    let read = read::all(&files, &rules, args.threads)?;
    let diagnosis = diagnose(&rules, &read.units, forced);
    let facts = Facts {
        inputs: read.inputs,
        records: read.records,
        generated_at: now(),
        redact: !args.no_redact,
        unreadable: read.failed.iter().map(|message| message.what.clone()).collect(),
    };
    let report = report::build(&rules, &diagnosis, facts);
    output::write(args, &report)?;
    for message in &read.failed {
        message.print();
    }
    Ok(if read.failed.is_empty() { exit_code(diagnosis.verdict, args.fail_on) } else { TROUBLE })
}

/// The time of the report: now, or what SOURCE_DATE_EPOCH says, so that a report can be made again byte by byte.
fn now() -> String {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let fixed = fixed.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
    fixed.unwrap_or_else(chrono::Utc::now).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

const fn exit_code(verdict: Verdict, fail_on: FailOn) -> u8 {
    match (verdict, fail_on) {
        (Verdict::Healthy, _) | (Verdict::Degraded, FailOn::Failed) => 0,
        (Verdict::Failed, _) | (Verdict::Degraded, FailOn::Degraded) => 1,
        (Verdict::Starting | Verdict::Unknown, _) => 3,
    }
}

/// The named files; without any, standard input if something is piped into it.
fn inputs(args: &DiagnoseArgs) -> Result<Vec<String>, Message> {
    if !args.files.is_empty() {
        return Ok(args.files.clone());
    }
    if io::stdin().is_terminal() {
        let help = "name a log file, or pipe one in: docker logs NAME 2>&1 | diagnose   (see diagnose --help)";
        return Err(Message::new("there is nothing to read").help(help));
    }
    Ok(vec!["-".to_owned()])
}

fn load(args: &DiagnoseArgs) -> Result<RuleSet, Message> {
    rule::embedded(&args.patterns).map_err(|error| {
        Message::new(error.to_string()).help("diagnose rules check DIR shows every problem with its place")
    })
}

fn profile(args: &DiagnoseArgs, rules: &RuleSet) -> Result<Option<usize>, Message> {
    let Some(name) = &args.profile else { return Ok(None) };
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
