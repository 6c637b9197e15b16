//! The program that a command really runs, behind `exec`, `env`, `gosu`, `tini` and their like.

use std::ops::Range;

use super::model::{Redirect, RedirectOperator};
use super::walk::Step;

/// An argument with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its text; nothing when only the run time knows it.
    pub text: Option<String>,
    /// Where it stands.
    pub span: Range<usize>,
}

/// A program and what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Programs and words of the shell before it, outermost first.
    pub through: Vec<String>,
    /// The program and its arguments; empty when the run time alone knows it.
    pub words: Vec<Argument>,
}

/// Programs that run the one named behind their options: the name, the options that take a value, and how many words stand before
/// the program besides options.
const WRAPPERS: [(&str, &[&str], usize); 25] = [
    ("exec", &["-a"], 0),
    ("command", &[], 0),
    ("builtin", &[], 0),
    ("env", &["-u", "--unset", "-C", "--chdir"], 0),
    ("nohup", &[], 0),
    ("setsid", &[], 0),
    ("time", &[], 0),
    ("nice", &["-n"], 0),
    ("ionice", &["-c", "-n"], 0),
    ("stdbuf", &["-o", "-e", "-i"], 0),
    ("unbuffer", &[], 0),
    ("sudo", &["-u", "-g"], 0),
    ("gosu", &[], 1),
    ("su-exec", &[], 1),
    ("setpriv", &[], 0),
    ("chroot", &[], 1),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"], 1),
    ("tini", &["-e", "-p"], 0),
    ("/sbin/tini", &["-e", "-p"], 0),
    ("/usr/bin/tini", &["-e", "-p"], 0),
    ("/tini", &["-e", "-p"], 0),
    ("dumb-init", &["-r"], 0),
    ("/usr/bin/dumb-init", &["-r"], 0),
    ("/usr/local/bin/dumb-init", &["-r"], 0),
    ("catatonit", &[], 0),
];

impl Invocation {
    /// Looks behind the wrappers.
    #[must_use]
    pub fn of(words: Vec<Argument>) -> Self {
        let mut through = Vec::new();
        let mut words = words;
        while let Some((name, rest)) = unwrapped(&words) {
            through.push(name);
            words = rest;
        }
        Self { through, words }
    }

    /// The program's name without its folder.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        let name = self.words.first()?.text.as_deref()?;
        name.rsplit('/').next()
    }

    /// The arguments whose text is known.
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(1).filter_map(|word| word.text.as_deref())
    }

    /// The first argument that is no option.
    #[must_use]
    pub fn subcommand(&self) -> Option<&str> {
        self.arguments().find(|argument| !argument.starts_with('-'))
    }

    /// Whether the shell gives its place to the program.
    #[must_use]
    pub fn is_exec(&self) -> bool {
        self.through.iter().any(|name| name == "exec")
    }
}

fn unwrapped(words: &[Argument]) -> Option<(String, Vec<Argument>)> {
    let name = words.first()?.text.as_deref()?;
    let (_, valued, skipped) = WRAPPERS.iter().find(|(wrapper, _, _)| *wrapper == name)?;
    let mut rest = words.iter().skip(1).peekable();
    let mut left = *skipped;
    while let Some(word) = rest.peek() {
        let text = word.text.as_deref().unwrap_or_default();
        if text == "--" {
            rest.next();
            break;
        }
        let assigned =
            name == "env" && text.split('=').next().is_some_and(super::parser::is_name) && text.contains('=');
        if valued.contains(&text) {
            rest.next();
        } else if !text.starts_with('-') && !assigned {
            if left == 0 {
                break;
            }
            left -= 1;
        }
        rest.next();
    }
    let rest: Vec<Argument> = rest.cloned().collect();
    (!rest.is_empty()).then(|| (name.to_owned(), rest))
}

impl Redirect {
    /// Whether standard output goes elsewhere by it.
    #[must_use]
    pub fn writes_output(&self) -> bool {
        let output = self.descriptor.is_none_or(|number| number == 1);
        match self.operator {
            RedirectOperator::Write | RedirectOperator::Append => output,
            RedirectOperator::WriteBoth | RedirectOperator::AppendBoth => true,
            // `>& file`, not `>&2`.
            RedirectOperator::DuplicateOutput => {
                output && !self.target.literal().is_some_and(|text| text == "-" || text.parse::<u32>().is_ok())
            }
            _ => false,
        }
    }
}

impl Step<'_, '_> {
    /// The program this command runs.
    #[must_use]
    pub fn invocation(&self) -> Invocation {
        let words = self.simple.words.iter();
        Invocation::of(words.map(|word| Argument { text: self.state.expand(word), span: word.span.clone() }).collect())
    }

    /// The file that standard output goes to, if it goes to one: by the command's own redirection, or one around it.
    #[must_use]
    pub fn output_file(&self) -> Option<String> {
        let around = self.place.redirects.iter().rev().copied();
        let redirect = self.command.redirects.iter().rev().chain(around).find(|redirect| redirect.redirects_output());
        match redirect {
            Some(redirect) if redirect.writes_output() => {
                Some(self.state.expand(&redirect.target).unwrap_or_else(|| "a file".to_owned()))
            }
            Some(_) => None,
            None => self.state.output.as_ref().and_then(|word| self.state.expand(word)),
        }
    }
}

impl Redirect {
    fn redirects_output(&self) -> bool {
        self.writes_output()
            || self.operator == RedirectOperator::DuplicateOutput && self.descriptor.is_none_or(|number| number == 1)
    }
}
