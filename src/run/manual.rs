//! `diagnose completions` and `diagnose man`: both come from the definition of the command line, so that neither can lag behind it.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;

use super::message::Message;
use super::output::unless_closed;

/// Writes what a shell needs to complete `diagnose`.
///
/// # Errors
/// When standard output cannot be written. A closed pipe is no error.
pub(super) fn completions(shell: Shell) -> Result<u8, Message> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "diagnose", &mut text);
    say(&text)
}

/// Writes the manual page, or those of all commands into a folder.
///
/// # Errors
/// When they cannot be written. A closed pipe is no error.
pub(super) fn pages(folder: Option<&Path>) -> Result<u8, Message> {
    let Some(folder) = folder else {
        let mut text = Vec::new();
        Man::new(Cli::command()).render(&mut text).map_err(|error| unwritten(&error))?;
        return say(&text);
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map(|()| 0).map_err(|error| {
        let what = format!("the manual pages cannot be written to {}: {error}", folder.display());
        Message::new(what).help("choose a folder that can be written and has room")
    })
}

fn say(text: &[u8]) -> Result<u8, Message> {
    unless_closed(io::stdout().lock().write_all(text)).map(|()| 0).map_err(|error| unwritten(&error))
}

fn unwritten(error: &io::Error) -> Message {
    Message::new(format!("standard output cannot be written: {error}"))
}
