//! What is in force at a place of a script: options, directory, variables, where the output goes.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::model::{Part, Shebang, Word};
use crate::deploy::text::{PATH, WORD};

/// What a shell has been told up to a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// `set -e`
    pub errexit: bool,
    /// `set -u`
    pub nounset: bool,
    /// `set -o pipefail`
    pub pipefail: bool,
    /// The working directory.
    pub directory: Directory,
    /// Variables whose value the text tells; shared, for most commands change none.
    pub variables: Rc<BTreeMap<String, String>>,
    /// `exec > file`: where everything after it writes to.
    pub output: Option<Word>,
    /// Signals that a `trap` handles.
    pub traps: Vec<String>,
}

/// A working directory, as far as the text tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Directory {
    /// Where the shell was started.
    #[default]
    Start,
    /// `cd` led to this path; a relative one starts where the shell did.
    Moved(String),
    /// It depends on what happens at run time.
    Unknown,
}

impl State {
    /// What the first line asks for: `#!/bin/sh -e`.
    pub(super) fn follow_shebang(&mut self, shebang: Option<&Shebang>) {
        let Some(shebang) = shebang else { return };
        let words: Vec<&str> = shebang.argument.split_whitespace().filter(|word| *word != "-S").collect();
        let from = words.iter().position(|word| word.starts_with('-')).unwrap_or(words.len());
        let options: Vec<Option<String>> = words.iter().skip(from).map(|word| Some((*word).to_owned())).collect();
        self.follow_set(&options);
    }

    /// Options that the shell itself was started with: `bash -euo pipefail -c`.
    pub fn follow_options(&mut self, options: &[String]) {
        let from = options.iter().position(|word| word.starts_with('-')).unwrap_or(options.len());
        let options: Vec<Option<String>> = options.iter().skip(from).cloned().map(Some).collect();
        self.follow_set(&options);
    }

    /// The arguments of `set`.
    pub(super) fn follow_set(&mut self, arguments: &[Option<String>]) {
        let mut arguments = arguments.iter().flatten();
        while let Some(argument) = arguments.next() {
            let on = argument.starts_with('-');
            if argument == "--" || !on && !argument.starts_with('+') {
                return;
            }
            for letter in argument.chars().skip(1) {
                match letter {
                    'e' => self.errexit = on,
                    'u' => self.nounset = on,
                    'o' => self.follow_named(arguments.next().map(String::as_str), on),
                    _ => {}
                }
            }
        }
    }

    fn follow_named(&mut self, name: Option<&str>, on: bool) {
        match name {
            Some("errexit") => self.errexit = on,
            Some("nounset") => self.nounset = on,
            Some("pipefail") => self.pipefail = on,
            _ => {}
        }
    }

    /// `cd` with its argument; nothing known of it makes the directory unknown.
    pub(super) fn change_directory(&mut self, target: Option<&str>) {
        let Some(target) = target.filter(|target| *target != "-" && !target.starts_with('~')) else {
            self.directory = Directory::Unknown;
            return;
        };
        let base = match (&self.directory, target.starts_with('/')) {
            (_, true) | (Directory::Start, _) => "",
            (Directory::Moved(base), _) => base,
            (Directory::Unknown, _) => return,
        };
        self.directory =
            if base.len() + target.len() < PATH { Directory::Moved(join(base, target)) } else { Directory::Unknown };
    }

    /// The text of a word, with the variables whose value is known, and defaults where it is not.
    #[must_use]
    pub fn expand(&self, word: &Word) -> Option<String> {
        let mut text = String::new();
        for part in &word.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Parameter(parameter) => {
                    let known = self.variables.get(&parameter.name);
                    let default = parameter.argument.as_ref();
                    match (parameter.operator.as_str(), known, default) {
                        ("" | ":-" | "-" | ":=" | "=" | ":?" | "?", Some(value), _)
                            if text.len() + value.len() <= WORD =>
                        {
                            text.push_str(value);
                        }
                        (":-" | "-" | ":=" | "=", None, Some(default)) if text.len() <= WORD => {
                            text.push_str(&self.expand(default)?);
                        }
                        (":-" | "-", None, None) => {}
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
        Some(text)
    }

    /// What holds after either of two ways through the script.
    pub(super) fn meet(&mut self, other: &Self) {
        self.errexit |= other.errexit;
        self.nounset |= other.nounset;
        self.pipefail |= other.pipefail;
        if self.directory != other.directory {
            self.directory = Directory::Unknown;
        }
        if !Rc::ptr_eq(&self.variables, &other.variables) {
            Rc::make_mut(&mut self.variables).retain(|name, value| other.variables.get(name) == Some(value));
        }
        self.output = self.output.take().filter(|_| other.output.is_some());
        self.traps
            .extend(other.traps.iter().filter(|signal| !self.traps.contains(signal)).cloned().collect::<Vec<_>>());
    }
}

/// A path from a directory, with `.` and `..` resolved.
#[must_use]
pub fn join(directory: &str, path: &str) -> String {
    let absolute = path.starts_with('/') || directory.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    let from = if path.starts_with('/') { "" } else { directory };
    for part in from.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}
