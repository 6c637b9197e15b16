//! What can be typed. Takes the command line, gives typed arguments; opens nothing.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, NaiveTime};
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// What `--version` says: the release, the commit it was built from, how many rules it knows.
const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (commit ", env!("DIAGNOSE_COMMIT"), ", ", env!("DIAGNOSE_RULES"), " rules)");

/// Names the root cause of a failed container start.
///
/// Asks the Docker engine about a container, or reads log files (plain, gzip, zstd, Docker json-file) or a pipe, and says what broke, which
/// line proves it, what followed from it, what to do, how to check that it worked, and how to go back. Nothing is ever changed.
#[derive(Debug, Parser)]
#[command(name = "diagnose", version = VERSION, about, max_term_width = 100, args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  diagnose --container ent-twenty-crm            state, log, files inside and neighbours
  diagnose --project ent                         all containers of a compose project
  docker compose up -d && diagnose --container ent-twenty-crm --follow --timeout 120s
  docker logs ent-twenty-crm 2>&1 | diagnose
  diagnose /tmp/twenty.log
  diagnose container.log twenty.log nginx.log.gz several logs of one incident, judged together
  diagnose app.log -o incident.md                a ticket's attachment
  diagnose app.log -o incident.html              one page, chain and timeline drawn
  diagnose bundle --container ent-twenty-crm     all of it in one archive, to hand over; diagnose reads it again

Exit status:
  0  healthy   1  a failure was found   2  diagnose could not do its job   3  inconclusive")]
pub struct Cli {
    /// `preflight`, `bundle`, `verify`, `rules`, `completions`, `man`; none means: diagnose.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to diagnose.
    #[command(flatten)]
    pub diagnose: DiagnoseArgs,
}

/// Arguments of a diagnosis.
#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// Logs of one incident, judged together; `-` or a pipe is standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<OsString>,
    /// Write the report in this format
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write the report to this file, in the format of its extension (.txt, .json, .md, .html); repeatable, `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// How to judge.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// Show secrets as they stand in the log
    #[arg(long)]
    pub no_redact: bool,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Read with so many threads at most; without it, as many as the machine has processors
    #[arg(long, value_name = "N", hide = true)]
    pub threads: Option<usize>,
    /// Where to look, instead of files.
    #[command(flatten)]
    pub docker: DockerArgs,
}

/// By what to judge, and what follows of it.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// Read the start as that of this application instead of recognising it (see `diagnose rules profiles`)
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Add the rules and profiles of this folder; repeatable
    #[arg(long, value_name = "DIR")]
    pub patterns: Vec<PathBuf>,
    /// Which verdicts exit with 1
    #[arg(long, value_enum, value_name = "VERDICT", default_value = "degraded")]
    pub fail_on: FailOn,
}

/// What to ask the Docker engine for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Docker")]
pub struct DockerArgs {
    /// Diagnose this container, by name or id; repeatable
    #[arg(short, long, value_name = "NAME", conflicts_with_all = ["files", "project"], value_parser = NonEmptyStringValueParser::new())]
    pub container: Vec<String>,
    /// Diagnose all containers of this compose project
    #[arg(long, value_name = "NAME", conflicts_with = "files", value_parser = NonEmptyStringValueParser::new())]
    pub project: Option<String>,
    /// Read the log from this time on: 10m, 2h, 2026-11-26T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    pub since: Option<i64>,
    /// Read the log up to this time
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    pub until: Option<i64>,
    /// Read only the last lines of the log
    #[arg(long, value_name = "LINES", value_parser = parse_tail)]
    pub tail: Option<u64>,
    /// Read all lives of the container, however long its log is
    #[arg(long)]
    pub all_boots: bool,
    /// Do not look at the containers that the evidence points to
    #[arg(long)]
    pub no_neighbours: bool,
    /// Wait until the start has succeeded or has failed for certain
    #[arg(long)]
    pub follow: bool,
    /// With --follow: how long to wait (120s, 5m); then say what is known
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}

/// A duration: `120s`, `5m`, `1h30m`, or bare seconds.
///
/// # Errors
/// A sentence for the user, when it is none.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("\"{text}\" is no duration: write 90s, 5m, 1h30m");
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let (mut total, mut rest) = (Duration::ZERO, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let seconds = match unit {
            "ms" => 0,
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(wrong()),
        };
        let part = if seconds == 0 {
            Some(Duration::from_millis(number))
        } else {
            number.checked_mul(seconds).map(Duration::from_secs)
        };
        total = part.and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
        rest = tail;
    }
    if text.is_empty() { Err(wrong()) } else { Ok(total) }
}

/// A moment as seconds since 1970: a duration before now, an RFC 3339 time, or a time or day of this machine's zone without one.
///
/// # Errors
/// A sentence for the user, when it is none.
pub fn parse_since(text: &str) -> Result<i64, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.timestamp());
    }
    let local = |time: NaiveDateTime| {
        let local = time.and_local_timezone(Local).earliest();
        local.map(|time| time.timestamp()).ok_or_else(|| format!("the time {text} does not exist here"))
    };
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return local(day.and_time(NaiveTime::MIN));
    }
    for form in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, form) {
            return local(time);
        }
    }
    if text.len() >= 10
        && let Ok(seconds) = text.parse::<i64>()
    {
        return Ok(seconds);
    }
    let before =
        parse_duration(text).map_err(|_| format!("\"{text}\" is no time: write 10m, 2h or 2026-11-26T12:00:00Z"))?;
    Ok(Local::now().timestamp() - i64::try_from(before.as_secs()).unwrap_or(i64::MAX))
}

/// A number of lines.
///
/// # Errors
/// A sentence for the user, when it is none.
pub fn parse_tail(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("\"{text}\" is no number of lines: write 200; all of them are read without --tail"))
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The container, by name or id
    #[arg(short, long, value_name = "NAME")]
    pub container: String,
    /// Also ask this URL, through the proxy
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The port the application should open, instead of the one its profile or image names
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// The path of its health endpoint, instead of the one its profile names
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// As a table, or as JSON for programs
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: ListFormat,
    /// Show secrets as they stand
    #[arg(long)]
    pub no_redact: bool,
}

/// Arguments of `bundle`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  diagnose bundle --container ent-twenty-crm -o incident.tar.zst
  diagnose bundle container.log nginx-error.log -o incident.tar.zst
  diagnose incident.tar.zst                      repeats the diagnosis, anywhere

The bundle holds the report as text, JSON, Markdown and HTML, the logs that were read (of a long one its beginning
and its end), and the state of the containers. Secrets are masked in all of it; look through it before you send it.

Exit status: that of the diagnosis (see diagnose --help); 2 when no bundle was made, or an input could not be read")]
pub struct BundleArgs {
    /// Logs of one incident; `-` or a pipe is standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<OsString>,
    /// The archive; `-` is standard output, without it incident-NAME-DATE-TIME.tar.zst in this folder
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How to judge.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// Where to look, instead of files.
    #[command(flatten)]
    pub docker: DockerArgs,
}

/// Arguments of `preflight`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit status:
  0  clean, or warnings and notes only   1  errors were found   2  the deployment could not be read")]
pub struct PreflightArgs {
    /// The folder of the deployment; without it that of --compose, else this one
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Read this compose file instead of looking for one; repeatable, later ones override earlier ones
    #[arg(long, value_name = "FILE")]
    pub compose: Vec<PathBuf>,
    /// Show only what concerns this service
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// Write the report in this format
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<PreflightFormat>,
    /// Write the report to this file, in the format of its extension (.txt, .json, .md, .sarif); repeatable, `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Show secrets as they stand in the files
    #[arg(long)]
    pub no_redact: bool,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find in a deployment's files what will fail at start: compose file, Dockerfiles, scripts, .env, nginx
    Preflight(PreflightArgs),
    /// Pack report, masked logs and states into one archive, from which `diagnose` repeats the diagnosis
    Bundle(BundleArgs),
    /// Probe the documented success criteria of a running container; exit status 0 when all hold, else 1
    Verify(VerifyArgs),
    /// The knowledge: list, show, check and test rules
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        action: RulesAction,
    },
    /// Write the completions of a shell to standard output
    Completions {
        /// The shell
        #[arg(value_enum, value_name = "SHELL")]
        shell: Shell,
    },
    /// Write the manual page to standard output
    Man {
        /// Write the pages of all commands into this folder instead
        #[arg(long, value_name = "DIR")]
        all: Option<PathBuf>,
    },
}

/// What can be done with rules.
#[derive(Debug, Subcommand)]
pub enum RulesAction {
    /// One line for every rule
    List {
        /// As a table, or as JSON for programs
        #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Add the rules of this folder; repeatable
        #[arg(long, value_name = "DIR")]
        patterns: Vec<PathBuf>,
    },
    /// Everything about one rule
    Show {
        /// Its id, such as nx/modules-missing
        id: String,
        /// Add the rules of this folder; repeatable
        #[arg(long, value_name = "DIR")]
        patterns: Vec<PathBuf>,
    },
    /// Judge rule files: form, literals, captures, edges and examples
    Check {
        /// A file or folder; without it the rules inside the program
        path: Option<PathBuf>,
    },
    /// Run the examples of rule files against all rules
    Test {
        /// A file or folder; without it the rules inside the program
        path: Option<PathBuf>,
    },
    /// The applications whose start is known
    Profiles,
    /// The texts the scan looks for, one per line
    Literals,
}

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, one screen.
    Text,
    /// Report v1 for programs.
    Json,
    /// For tickets.
    Markdown,
    /// One page for a browser, to hand over or to print.
    Html,
}

/// Output formats of `preflight`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PreflightFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For tickets.
    Markdown,
    /// For code scanning.
    Sarif,
}

/// Formats of `rules list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table.
    Text,
    /// For programs.
    Json,
}

/// Which verdicts exit with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Only a failed start.
    Failed,
    /// A failed start, and a running application with something broken.
    Degraded,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_nonsense_is_refused() {
        let seconds = |text: &str| parse_duration(text).map(|time| time.as_secs_f64());
        for (text, expected) in [("120s", 120.0), ("5m", 300.0), ("1h30m", 5400.0), ("90", 90.0), ("250ms", 0.25)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "soon", "-3s", "3x", "99999999999999999999h"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moments_are_read_in_three_forms() {
        assert_eq!(parse_since("2026-11-26T12:00:00Z"), Ok(1_795_694_400));
        assert_eq!(parse_since("1795694400"), Ok(1_795_694_400));
        let now = Local::now().timestamp();
        let before = parse_since("10m").unwrap();
        assert!((now - before - 600).abs() <= 2, "{before}");
        let midnight = parse_since("2026-11-26T00:00").unwrap();
        assert_eq!(parse_since("2026-11-26"), Ok(midnight));
        assert!(parse_since("2026-11-31").is_err());
        assert!(parse_since("yesterday").unwrap_err().contains("10m"));
    }

    #[test]
    fn containers_are_asked_for_by_name_or_by_project() {
        let parse = |args: &[&str]| Cli::try_parse_from(std::iter::once("diagnose").chain(args.iter().copied()));
        for good in [
            &["--container", "a", "--container", "b", "--since", "10m"][..],
            &["--project", "ent", "--no-neighbours"],
            &["-c", "a", "--follow", "--timeout", "120s"],
            &["verify", "--container", "a", "--url", "http://localhost/welcome"],
        ] {
            assert!(parse(good).is_ok(), "{good:?}: {}", parse(good).unwrap_err());
        }
        for bad in [
            &["a.log", "--container", "a"][..],
            &["--container", "a", "--project", "b"],
            &["--container", ""],
            &["--container", "a", "--tail", "all"],
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
