//! Messages to the user: what happened, where, the facts, and the one thing to do next; on standard error.

use std::io::{self, Write};

/// Something that kept the program from doing its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// What happened.
    pub(super) what: String,
    notes: Vec<String>,
    help: Option<String>,
}

impl Message {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), notes: Vec::new(), help: None }
    }

    pub(super) fn note(mut self, fact: impl Into<String>) -> Self {
        self.notes.push(fact.into());
        self
    }

    pub(super) fn help(mut self, action: impl Into<String>) -> Self {
        self.help = Some(action.into());
        self
    }

    /// Writes it to standard error; when even that is closed there is nobody to tell.
    pub(super) fn print(&self) {
        let clean = crate::report::sanitize::clean;
        let mut out = io::stderr().lock();
        let _ = writeln!(out, "error: {}", clean(&self.what));
        for note in &self.notes {
            let _ = writeln!(out, " note: {}", clean(note));
        }
        if let Some(help) = &self.help {
            let _ = writeln!(out, " help: {}", clean(help));
        }
    }
}
