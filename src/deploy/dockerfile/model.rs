//! What a Dockerfile is made of. Every node knows its bytes in the file.

use std::ops::Range;
use std::sync::Arc;

use crate::deploy::shell::{Script, SyntaxError};

/// A Dockerfile, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dockerfile {
    /// `ARG` before the first `FROM`.
    pub arguments: Vec<Pair>,
    /// The stages in order.
    pub stages: Vec<Stage>,
    /// What the builder would refuse; the rest of the file is read all the same.
    pub errors: Vec<SyntaxError>,
}

/// A text with its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// Without quotes; variables as they stand.
    pub text: String,
    /// Where it stands.
    pub span: Range<usize>,
}

/// `NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub name: Text,
    /// The value; `ARG` may have none.
    pub value: Option<Text>,
}

/// A stage: from one `FROM` to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The image or stage it begins with, variables as they stand.
    pub image: Text,
    /// `AS name`.
    pub name: Option<Text>,
    /// `--platform`.
    pub platform: Option<Text>,
    /// What follows `FROM`.
    pub instructions: Vec<Instruction>,
    /// The `FROM` line.
    pub span: Range<usize>,
}

impl Stage {
    /// How many words and commands it has.
    pub(super) fn parts(&self) -> usize {
        self.instructions.iter().map(Instruction::parts).sum()
    }
}

/// One instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// What it does.
    pub kind: InstructionKind,
    /// `--name=value` behind the keyword.
    pub flags: Vec<Pair>,
    /// The keyword.
    pub keyword: Range<usize>,
    /// All of it, here-documents included.
    pub span: Range<usize>,
}

impl Instruction {
    /// The value of a flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&Text> {
        self.flags.iter().find(|flag| flag.name.text == name)?.value.as_ref()
    }

    /// How many words and commands it has.
    pub(super) fn parts(&self) -> usize {
        let parts = match &self.kind {
            InstructionKind::Run(command)
            | InstructionKind::Cmd(command)
            | InstructionKind::Entrypoint(command)
            | InstructionKind::Healthcheck(Some(command)) => match command {
                Command::Exec { words, .. } => words.len(),
                Command::Shell { script, .. } => script.parts,
            },
            InstructionKind::Copy(copy) => copy.sources.len(),
            InstructionKind::Env(pairs) | InstructionKind::Arg(pairs) => 2 * pairs.len(),
            InstructionKind::Shell(words) | InstructionKind::Expose(words) | InstructionKind::Volume(words) => {
                words.len()
            }
            InstructionKind::Onbuild(inner) => inner.parts(),
            _ => 0,
        };
        2 + self.flags.len() + parts
    }
}

/// The kinds of instructions that bear on how a container starts.
#[derive(Debug, Clone, PartialEq)]
pub enum InstructionKind {
    /// `RUN`
    Run(Command),
    /// `COPY` and `ADD`
    Copy(Copy),
    /// `ENV`
    Env(Vec<Pair>),
    /// `ARG`
    Arg(Vec<Pair>),
    /// `USER`
    User(Text),
    /// `WORKDIR`
    Workdir(Text),
    /// `SHELL`
    Shell(Vec<Text>),
    /// `ENTRYPOINT`
    Entrypoint(Command),
    /// `CMD`
    Cmd(Command),
    /// `HEALTHCHECK`; nothing for `NONE`.
    Healthcheck(Option<Command>),
    /// `EXPOSE`
    Expose(Vec<Text>),
    /// `VOLUME`
    Volume(Vec<Text>),
    /// `ONBUILD`, which runs in images built on this one.
    Onbuild(Box<Instruction>),
    /// `STOPSIGNAL`
    StopSignal(Text),
    /// `LABEL` and `MAINTAINER`.
    Label,
}

/// A command: a list of words, or a text for a shell.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `["program", "argument"]`
    Exec {
        /// The words.
        words: Vec<Text>,
        /// With its brackets.
        span: Range<usize>,
    },
    /// A text that a shell reads.
    Shell {
        /// The text, parsed.
        script: Arc<Script>,
        /// The text.
        span: Range<usize>,
        /// It begins like a list, but is none: the shell is given the brackets.
        looks_like_list: bool,
    },
}

impl Command {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> &Range<usize> {
        match self {
            Self::Exec { span, .. } | Self::Shell { span, .. } => span,
        }
    }
}

/// `COPY` and `ADD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// What is copied.
    pub sources: Vec<Source>,
    /// Where to.
    pub target: Text,
    /// `ADD`: archives are unpacked, and addresses fetched.
    pub unpacks: bool,
}

/// What is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A path in the context, or in the stage or image of `--from`.
    Path(Text),
    /// A here-document.
    Inline(Text),
}
