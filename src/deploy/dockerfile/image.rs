//! What the image of a stage is given by its instructions and those of the stages it begins with.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::expand::expand;
use super::model::{Command, Dockerfile, Instruction, InstructionKind, Pair, Stage, Text};
use crate::deploy::shell::{SyntaxError, join};
use crate::deploy::text::{HELD, PATH, WORD};

/// Bytes of `8000-8010/tcp`, and some more; what is longer is no port.
const LONGEST_PORT: usize = 64;

/// An image at a place of its building: before an instruction, or at the end.
#[derive(Debug, Clone, Default)]
pub struct Image<'d> {
    /// The image that the first stage of the chain begins with, when its name is known.
    pub base: Option<String>,
    /// Variables whose value is known: of `ENV`, and of `ARG` with a default or a value given to the build.
    pub variables: Rc<BTreeMap<String, String>>,
    /// Names that `ENV` sets.
    pub environment: Vec<&'d Pair>,
    /// `WORKDIR`, as an absolute path where that is known; nothing when it is the base image's.
    pub directory: Option<String>,
    /// `USER`
    pub user: Option<&'d Text>,
    /// `SHELL`
    pub shell: Option<&'d [Text]>,
    /// `ENTRYPOINT`
    pub entrypoint: Option<&'d Instruction>,
    /// `CMD`; setting an entrypoint takes away the one of the image below.
    pub command: Option<&'d Instruction>,
    /// Whether the entrypoint took away the base image's command.
    pub command_dropped: bool,
    /// `HEALTHCHECK`
    pub health: Option<&'d Instruction>,
    /// `EXPOSE`; nothing for a word with a variable that is not known.
    pub exposed: Vec<Option<String>>,
    /// The instructions so far, each with the working directory before it.
    pub history: Vec<(&'d Instruction, Option<String>)>,
    /// Bytes of the values that were set.
    held: usize,
}

impl<'d> Image<'d> {
    /// Text with the variables that are known; nothing when one is not.
    #[must_use]
    pub fn expand(&self, text: &str) -> Option<String> {
        expand(text, &|name| self.variables.get(name).filter(|value| value.len() <= WORD).cloned())
    }

    /// A path as seen from the working directory.
    #[must_use]
    pub fn path(&self, text: &str) -> Option<String> {
        let text = self.expand(text)?;
        if text.len() + self.directory.as_ref().map_or(0, String::len) >= PATH {
            return None;
        }
        if text.starts_with('/') {
            return Some(join("/", &text));
        }
        self.directory.as_ref().map(|directory| join(directory, &text))
    }

    fn follow(&mut self, instruction: &'d Instruction, arguments: &BTreeMap<String, String>, own_command: &mut bool) {
        self.history.push((instruction, self.directory.clone()));
        match &instruction.kind {
            InstructionKind::Env(pairs) => {
                for pair in pairs {
                    let value = pair.value.as_ref().and_then(|value| self.expand(&value.text));
                    self.set(&pair.name.text, value);
                    self.environment.push(pair);
                }
            }
            InstructionKind::Arg(pairs) => {
                for pair in pairs {
                    let given = arguments.get(&pair.name.text).cloned();
                    let default = pair.value.as_ref().and_then(|value| self.expand(&value.text));
                    self.set(&pair.name.text, given.or(default));
                }
            }
            InstructionKind::User(text) => self.user = Some(text),
            InstructionKind::Workdir(text) => self.directory = self.path(&text.text),
            InstructionKind::Shell(words) => self.shell = Some(words),
            InstructionKind::Entrypoint(command) => {
                let reset = matches!(command, Command::Exec { words, .. } if words.is_empty());
                self.entrypoint = Some(instruction).filter(|_| !reset);
                if !*own_command {
                    self.command_dropped = self.command.is_none();
                    self.command = None;
                }
            }
            InstructionKind::Cmd(_) => {
                *own_command = true;
                self.command_dropped = false;
                self.command = Some(instruction);
            }
            InstructionKind::Healthcheck(_) => self.health = Some(instruction),
            InstructionKind::Expose(words) => {
                let port = |text: &String| text.len() <= LONGEST_PORT;
                let ports: Vec<_> = words.iter().map(|word| self.expand(&word.text).filter(port)).collect();
                self.exposed.extend(ports);
            }
            _ => {}
        }
    }

    fn set(&mut self, name: &str, value: Option<String>) {
        self.held += value.as_ref().map_or(0, String::len);
        let value = value.filter(|_| self.held <= HELD);
        let variables = Rc::make_mut(&mut self.variables);
        match value {
            Some(value) => variables.insert(name.to_owned(), value),
            None => variables.remove(name),
        };
    }
}

impl Command {
    /// What the shell would refuse of it.
    #[must_use]
    pub fn shell_error(&self) -> Option<&SyntaxError> {
        if let Self::Shell { script, .. } = self { script.error.as_ref() } else { None }
    }
}

impl Dockerfile {
    /// The bytes it takes without its texts, about.
    pub(in crate::deploy) fn cost(&self) -> usize {
        let stages = self.stages.iter().map(|stage| 1 + stage.parts()).sum::<usize>();
        140 * (1 + self.arguments.len() + stages)
    }

    /// What a service looks at: stages are gone through with all those they begin with, which every one above them may be.
    pub(in crate::deploy) fn looks(&self) -> usize {
        let above = self.stages.iter().enumerate().map(|(index, stage)| stage.parts() * (self.stages.len() - index));
        above.sum::<usize>() + self.stages.len() * self.stages.len()
    }

    /// Every command of every stage that a shell of Unix reads.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        let windows = |instruction: &Instruction| match &instruction.kind {
            InstructionKind::Shell(words) => words.iter().any(|word| {
                let word = word.text.to_ascii_lowercase();
                word.contains("powershell") || word.contains("pwsh") || word.contains("cmd")
            }),
            _ => false,
        };
        let any = self.stages.iter().flat_map(|stage| &stage.instructions).any(windows);
        let stages = self.stages.iter().filter(move |_| !any);
        stages.flat_map(|stage| &stage.instructions).filter_map(|instruction| match &instruction.kind {
            InstructionKind::Run(command)
            | InstructionKind::Cmd(command)
            | InstructionKind::Entrypoint(command)
            | InstructionKind::Healthcheck(Some(command)) => Some(command),
            _ => None,
        })
    }

    /// The stage that is built: the one of this name or number, or the last.
    #[must_use]
    pub fn target(&self, name: Option<&str>) -> Option<usize> {
        let Some(name) = name else { return self.stages.len().checked_sub(1) };
        self.stage(name)
    }

    /// A stage by its name or number.
    #[must_use]
    pub fn stage(&self, name: &str) -> Option<usize> {
        let named = |stage: &Stage| stage.name.as_ref().is_some_and(|text| text.text.eq_ignore_ascii_case(name));
        let number = name.parse().ok().filter(|number| *number < self.stages.len());
        self.stages.iter().position(named).or(number)
    }

    /// Values of the build: those given, and the defaults of `ARG` before the first `FROM`.
    #[must_use]
    pub fn arguments(&self, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut arguments = given.clone();
        for pair in &self.arguments {
            let value = pair.value.as_ref().and_then(|value| expand(&value.text, &|name| arguments.get(name).cloned()));
            if let Some(value) = value {
                arguments.entry(pair.name.text.clone()).or_insert(value);
            }
        }
        arguments
    }

    /// The stages that a stage is made of, the lowest first, and the image that they begin with.
    #[must_use]
    pub fn chain(&self, target: usize, arguments: &BTreeMap<String, String>) -> (Vec<usize>, Option<String>) {
        let mut chain = Vec::new();
        let mut next = Some(target);
        let mut base = None;
        while let Some((index, stage)) = next.and_then(|index| Some((index, self.stages.get(index)?))) {
            chain.push(index);
            base = expand(&stage.image.text, &|name| arguments.get(name).cloned());
            // A stage can only begin with one above it, so this ends.
            let named = |other: &Stage| {
                other.name.as_ref().zip(base.as_ref()).is_some_and(|(name, base)| name.text.eq_ignore_ascii_case(base))
            };
            next = self.stages.iter().take(index).rposition(named);
        }
        chain.reverse();
        (chain, base)
    }

    /// Follows the instructions of a stage and those it begins with; `visit` sees each with the image before it.
    pub fn build<'d>(
        &'d self,
        target: usize,
        given: &BTreeMap<String, String>,
        visit: &mut dyn FnMut(usize, &'d Instruction, &Image<'d>),
    ) -> Image<'d> {
        let arguments = self.arguments(given);
        let (chain, base) = self.chain(target, &arguments);
        let mut image = Image { base, ..Image::default() };
        for index in chain {
            let mut own_command = false;
            for instruction in self.stages.get(index).map(|stage| stage.instructions.as_slice()).unwrap_or_default() {
                visit(index, instruction, &image);
                image.follow(instruction, &arguments, &mut own_command);
            }
        }
        image
    }
}
