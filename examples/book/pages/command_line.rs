//! The help of every command.

use std::error::Error;
use std::fmt::Write as _;

use clap::{Command, CommandFactory};

use super::Page;
use super::markdown::{block, head};

/// Columns of the help; that of a terminal would make another page on every machine.
const COLUMNS: usize = 100;

pub(crate) fn page() -> Result<Page, Box<dyn Error>> {
    let mut text = head("Command line");
    writeln!(
        text,
        "What `--help` says, command by command. `-h` is shorter. What the exit statuses mean in full: [exit status](exit-codes.md)."
    )?;
    let mut command = diagnose::cli::Cli::command();
    command.build();
    sections(&command, &mut text)?;
    Ok(Page { path: "command-line.md".to_owned(), text })
}

fn sections(command: &Command, text: &mut String) -> Result<(), Box<dyn Error>> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let help = command.clone().term_width(COLUMNS).render_long_help().to_string();
    write!(text, "\n## {name}\n\n{}", block(&help, ""))?;
    command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help" && !sub.is_hide_set())
        .try_for_each(|sub| sections(sub, text))
}
