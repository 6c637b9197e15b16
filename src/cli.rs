//! What can be typed. Takes the command line, gives typed arguments; opens nothing.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Names the root cause of a failed container start from its logs.
///
/// Reads log files (plain, gzip, zstd, Docker json-file) or a pipe, and says what broke, which line proves it, what followed from it,
/// what to do, how to check that it worked, and how to go back.
#[derive(Debug, Parser)]
#[command(name = "diagnose", version, about, max_term_width = 100, args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  docker logs ent-twenty-crm 2>&1 | diagnose
  diagnose /tmp/twenty.log
  diagnose container.log twenty.log nginx-error.log.gz     several logs of one incident, judged together
  diagnose app.log -o incident.md -o incident.json         a ticket's attachment, and the same for programs

Exit status:
  0  healthy      1  a failure was found      2  diagnose could not do its job      3  inconclusive (unknown, starting)")]
pub struct Cli {
    /// `rules` and its family; none means: diagnose.
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
    pub files: Vec<String>,
    /// Write the report in this format
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write the report to this file, in the format of its extension (.txt, .json, .md); repeatable
    #[arg(short, long, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Read the start as that of this application instead of recognising it (see `diagnose rules profiles`)
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Add the rules and profiles of this folder; repeatable
    #[arg(long, value_name = "DIR")]
    pub patterns: Vec<PathBuf>,
    /// Which verdicts exit with 1
    #[arg(long, value_enum, value_name = "VERDICT", default_value = "degraded")]
    pub fail_on: FailOn,
    /// Show secrets as they stand in the log
    #[arg(long)]
    pub no_redact: bool,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Scan a large file with so many threads; without it, as many as the machine has processors
    #[arg(long, value_name = "N", hide = true)]
    pub threads: Option<usize>,
    /// Ask the Docker engine for this container
    #[arg(long, value_name = "NAME", hide = true)]
    pub container: Vec<String>,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The knowledge: list, show, check and test rules
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        action: RulesAction,
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
}

/// Formats of `rules list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table.
    Text,
    /// An array.
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
