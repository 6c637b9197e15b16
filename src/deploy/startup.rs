//! What a container runs: entrypoint and command of the image and of compose, and the scripts that stand behind them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dockerfile::{self, InstructionKind};
use super::find::Finder;
use super::locate::{Locator, Origin};
use super::model::{DockerfileOf, ScriptFile, ScriptRole, Service, Value};
use super::part::CommandLine;
use super::pattern::part_fits;
use super::shell::{self, Argument, Invocation, Script};
use super::text::{Kind, Spot};
use super::tree;

/// What a container runs, as far as compose and the Dockerfile say it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Startup {
    /// Nothing when it is the base image's own.
    pub entrypoint: Option<Line>,
    /// Nothing when it is the base image's own, or taken away.
    pub command: Option<Line>,
    /// An entrypoint was set and no command after it: the base image's command is gone.
    pub dropped: bool,
    /// The working directory, when it is known.
    pub directory: Option<String>,
    /// The image below all of it, when its name is known.
    pub base: Option<String>,
    /// The program is named by a relative path that leads nowhere: the word, and the file of that path from an earlier directory.
    pub misplaced: Option<(Word, String)>,
    /// The script or program is named by its file, which no copy and no mount brings: the word, and the path.
    pub absent: Option<(Word, String)>,
}

/// An entrypoint or a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its words; for a text that a shell reads, none.
    pub words: Vec<Word>,
    /// The text that a shell reads: `CMD node server.js`.
    pub script: Option<Arc<Script>>,
    /// Where it stands.
    pub spot: Spot,
    /// Whether compose says it, and not the Dockerfile.
    pub compose: bool,
}

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its text, when it is known.
    pub text: Option<String>,
    /// Where it stands.
    pub spot: Spot,
}

/// Most scripts that are read for one service, and that are looked for because one script calls them.
const SCRIPTS: usize = 24;
const CALLED: usize = 100;

impl Startup {
    /// The words that are executed, entrypoint and command together; nothing when the base image says a part of them, or a shell reads one.
    #[must_use]
    pub fn words(&self) -> Option<Vec<&Word>> {
        let command = self.command.iter().filter(|line| line.script.is_none()).flat_map(|line| &line.words);
        match &self.entrypoint {
            Some(line) if line.script.is_some() => None,
            Some(line) => Some(line.words.iter().chain(command).collect()),
            None => Some(command.collect()),
        }
    }

    /// The program that is executed, behind its wrappers. The spans count words, not bytes.
    #[must_use]
    pub fn invocation(&self) -> Option<Invocation> {
        Some(invocation(&self.words()?))
    }
}

fn invocation(words: &[&Word]) -> Invocation {
    let argument = |(index, word): (usize, &&Word)| Argument { text: word.text.clone(), span: index..index + 1 };
    Invocation::of(words.iter().enumerate().map(argument).collect())
}

/// What `build.args` gives.
#[must_use]
pub fn given(service: &Service) -> BTreeMap<String, String> {
    let arguments = service.build.iter().flat_map(|build| &build.args);
    let known = |value: &Option<Value>| value.as_ref().and_then(Value::known).map(str::to_owned);
    arguments.filter_map(|argument| Some((argument.name.clone(), known(&argument.value)?))).collect()
}

/// Works out what a service's container runs.
pub(super) fn startup(service: &Service) -> Startup {
    let mut startup = Startup::default();
    match &service.dockerfile {
        Some(dockerfile) => of_image(&mut startup, service, dockerfile),
        None if service.build.is_none() => startup.base = service.image.as_ref().and_then(|image| image.text.clone()),
        None => {}
    }
    if let Some(line) = &service.entrypoint {
        let line = of_compose(line);
        startup.dropped = !line.words.is_empty();
        startup.entrypoint = Some(line).filter(|line| !line.words.is_empty());
        startup.command = None;
    }
    // An empty command changes nothing where no entrypoint is set beside it: the engine puts the image's own back.
    let own = service.entrypoint.as_ref().is_some_and(|line| !line.words.is_empty());
    if let Some(line) = service.command.as_ref().filter(|line| own || !line.words.is_empty()) {
        startup.dropped = false;
        startup.command = Some(of_compose(line));
    }
    if let Some(directory) = service.working_dir.as_ref() {
        startup.directory = directory.text.clone();
    }
    startup
}

fn of_image(startup: &mut Startup, service: &Service, dockerfile: &DockerfileOf) {
    let Some(target) = dockerfile.model.target(dockerfile.target.as_deref()) else { return };
    let image = dockerfile.model.build(target, &given(service), &mut |_, _, _| {});
    let line = |instruction: Option<&dockerfile::Instruction>| {
        let (InstructionKind::Entrypoint(command) | InstructionKind::Cmd(command)) = &instruction?.kind else {
            return None;
        };
        Some(of_dockerfile(command, dockerfile.file))
    };
    startup.entrypoint = line(image.entrypoint);
    startup.command = line(image.command);
    startup.dropped = image.command_dropped;
    startup.directory = image.directory;
    startup.base = image.base;
}

fn of_dockerfile(command: &dockerfile::Command, file: usize) -> Line {
    let word =
        |text: &dockerfile::Text| Word { text: Some(text.text.clone()), spot: Spot::new(file, text.span.clone()) };
    let spot = Spot::new(file, command.span().clone());
    match command {
        dockerfile::Command::Exec { words, .. } => {
            Line { words: words.iter().map(word).collect(), script: None, spot, compose: false }
        }
        dockerfile::Command::Shell { script, .. } => {
            Line { words: Vec::new(), script: Some(script.clone()), spot, compose: false }
        }
    }
}

fn of_compose(line: &CommandLine) -> Line {
    let word = |value: &Value| Word { text: value.text.clone(), spot: value.spot.clone() };
    Line { words: line.words.iter().map(word).collect(), script: None, spot: line.spot.clone(), compose: true }
}

impl Finder<'_> {
    /// Reads the scripts that a container runs: those its entrypoint and command name, and those they call.
    pub(super) fn startup_scripts(&mut self, service: &mut Service) {
        let startup = startup(service);
        for (line, role) in [(&startup.entrypoint, ScriptRole::Entrypoint), (&startup.command, ScriptRole::Command)] {
            if let Some(script) = line.as_ref().and_then(|line| line.script.as_ref().map(|script| (line, script))) {
                let file = script.0.spot.file;
                service.scripts.push(ScriptFile::inside(file, role, Arc::clone(script.1), None));
            }
        }
        let (mut misplaced, mut absent) = (None, None);
        if let Some(words) = startup.words() {
            self.named(service, &startup, &words);
            misplaced = self.misplaced(service, &startup, &words);
            absent = self.absent(service, &startup, &words);
        }
        let mut next = 0;
        while let Some(model) = service.scripts.get(next).map(|script| Arc::clone(&script.model)) {
            next += 1;
            for path in called(&model, startup.directory.as_deref()) {
                self.script(service, &path, ScriptRole::Called);
            }
        }
        service.startup = Startup { misplaced, absent, ..startup };
    }

    /// A program that is named by a relative path, and lies where an earlier `WORKDIR` was.
    fn misplaced(&self, service: &Service, startup: &Startup, words: &[&Word]) -> Option<(Word, String)> {
        let dockerfile = service.dockerfile.as_ref()?;
        let first = invocation(words);
        let word = *words.get(first.words.first()?.span.start)?;
        let path = word.text.as_deref().filter(|path| path.contains('/') && !path.starts_with('/'))?;
        let here = absolute(path, Some(startup.directory.as_deref()?));
        let mounted = |at: &str| service.volumes.iter().any(|mount| at.starts_with(mount.target.as_str()));
        if mounted(&here) || self.origin(service, &here).is_some() {
            return None;
        }
        let target = dockerfile.model.target(dockerfile.target.as_deref())?;
        let image = dockerfile.model.build(target, &given(service), &mut |_, _, _| {});
        let before = image.history.iter().rev().filter_map(|(_, directory)| directory.as_deref());
        let elsewhere = before.map(|directory| absolute(path, Some(directory)));
        let found = elsewhere.into_iter().find(|at| *at != here && self.origin(service, at).is_some())?;
        Some((word.clone(), found))
    }

    /// The file that is to be run, where all that could bring it is known and does not.
    fn absent(&self, service: &Service, startup: &Startup, words: &[&Word]) -> Option<(Word, String)> {
        let own = service.dockerfile.as_ref()?;
        let found = invocation(words);
        let program = found.program()?;
        let runs = is_shell(program) || RUNNERS.contains(&program);
        if runs && found.words.iter().any(|word| word.text.as_deref().is_none_or(is_code_flag)) {
            return None;
        }
        let option = |word: &&Argument| word.text.as_deref().is_some_and(|text| text.starts_with('-'));
        let word = if runs { found.words.iter().skip(1).find(|word| !option(word))? } else { found.words.first()? };
        let word = *words.get(word.span.start)?;
        let path = word.text.as_deref().filter(|path| runs || path.contains('/'))?;
        let ending = FILES.iter().find(|ending| path.ends_with(**ending))?;
        let folder = startup.directory.as_deref().or_else(|| path.starts_with('/').then_some("/"))?;
        let here = shell::join(folder, path);
        let mounted = service.volumes.iter().any(|mount| here.starts_with(mount.target.trim_end_matches('/')));
        let plain = !path.contains('$') && !here.ends_with("/docker-entrypoint.sh");
        let source = self.tree.list(&own.context).iter().any(|name| name.ends_with(ending));
        let built =
            path.trim_start_matches("./").split('/').next().is_some_and(|first| matches!(first, "dist" | "build"));
        let source = source || built && self.tree.is_folder(&tree::join(&own.context, "src"));
        if mounted || !plain || !source || self.origin(service, &here).is_some() || brought(service, own, &here) {
            return None;
        }
        Some((word.clone(), here))
    }

    /// Where a file of a service's image comes from.
    fn origin(&self, service: &Service, path: &str) -> Option<Origin> {
        let dockerfile = service.dockerfile.as_ref()?;
        let target = dockerfile.model.target(dockerfile.target.as_deref())?;
        let given = given(service);
        let locator = Locator::new(self.tree, dockerfile, &given);
        locator.find(target, path)
    }

    /// The script among the words that are executed.
    fn named(&mut self, service: &mut Service, startup: &Startup, words: &[&Word]) {
        let entrypoints = startup.entrypoint.as_ref().map_or(0, |line| line.words.len());
        let found = invocation(words);
        let Some(first) = found.words.first() else { return };
        let role = |index: usize| if index < entrypoints { ScriptRole::Entrypoint } else { ScriptRole::Command };
        let program = found.program().unwrap_or_default();
        if is_shell(program) {
            let code = found.words.iter().position(|word| word.text.as_deref().is_some_and(is_code_flag));
            if let Some(word) = code.and_then(|at| found.words.get(at + 1)).and_then(|word| words.get(word.span.start))
            {
                self.inline(service, word, role(first.span.start), &found, code.unwrap_or_default());
                return;
            }
            let file =
                found.words.iter().skip(1).find(|word| word.text.as_deref().is_some_and(|text| !text.starts_with('-')));
            if let Some((file, path)) = file.and_then(|word| Some((word, word.text.clone()?))) {
                let before = service.scripts.len();
                self.script(service, &absolute(&path, startup.directory.as_deref()), role(file.span.start));
                if let Some(script) = service.scripts.get_mut(before) {
                    script.interpreter = Some(program.to_owned());
                    let options = found.words.iter().skip(1).filter_map(|word| word.text.clone());
                    script.options = options.take_while(|text| *text != path).collect();
                }
            }
            return;
        }
        // What the entrypoint script is given may be a script too.
        for (at, word) in found.words.iter().enumerate() {
            let Some(text) = word.text.as_deref() else { continue };
            if at == 0 || text.starts_with(['/', '.']) && text.ends_with("sh") {
                let direct = at == 0 && found.through.is_empty();
                let before = service.scripts.len();
                self.script(service, &absolute(text, startup.directory.as_deref()), role(word.span.start));
                if let Some(script) = service.scripts.get_mut(before) {
                    script.direct = direct;
                    script.named = words.get(word.span.start).map(|word| word.spot.clone());
                }
            }
        }
    }

    /// The text behind `sh -c`.
    fn inline(&mut self, service: &mut Service, word: &Word, role: ScriptRole, found: &Invocation, flag: usize) {
        let Some(text) = &word.text else { return };
        let raw = self.deployment.slice(&word.spot);
        let quoted = raw.len() == text.len() + 2;
        let exact = if raw == text { Some(0) } else { raw.find(text.as_str()).filter(|_| quoted) };
        let base = exact.map_or(0, |offset| word.spot.range.start + offset);
        let within = exact.is_none().then(|| (word.spot.clone(), text.clone()));
        let Some(model) = self.text_model(word.spot.file, text, base) else { return };
        let mut script = ScriptFile::inside(word.spot.file, role, model, within);
        script.options = found.words.iter().take(flag + 1).skip(1).filter_map(|word| word.text.clone()).collect();
        script.interpreter = found.program().map(str::to_owned);
        service.scripts.push(script);
    }

    /// Reads the script at a path of the container, if the deployment brings it.
    fn script(&mut self, service: &mut Service, path: &str, role: ScriptRole) {
        let known = |script: &ScriptFile| script.path == path;
        if service.scripts.len() >= SCRIPTS || service.scripts.iter().any(known) {
            return;
        }
        if let Some(script) = self.mounted(service, path, role).or_else(|| self.copied(service, path, role)) {
            service.scripts.push(script);
        }
    }

    fn mounted(&mut self, service: &Service, path: &str, role: ScriptRole) -> Option<ScriptFile> {
        let source = service.volumes.iter().rev().find_map(|mount| {
            let host = mount.path.as_deref()?;
            Some(tree::join(host, tree::below(path, &mount.target)?))
        })?;
        self.read_script(&source, path, role)
    }

    fn copied(&mut self, service: &Service, path: &str, role: ScriptRole) -> Option<ScriptFile> {
        let dockerfile = service.dockerfile.as_ref()?;
        let target = dockerfile.model.target(dockerfile.target.as_deref())?;
        let given = given(service);
        let locator = Locator::new(self.tree, dockerfile, &given);
        let folders = ["", "/usr/local/bin/", "/usr/bin/", "/bin/"];
        let places = if path.contains('/') { folders.get(..1) } else { folders.get(1..) };
        let found = places.unwrap_or_default().iter().find_map(|folder| {
            let full = format!("{folder}{path}");
            Some((locator.find(target, &full)?, full))
        })?;
        match found.0 {
            Origin::File { path: source } => self.read_script(&source, &found.1, role),
            Origin::Inline(range) => {
                let file = dockerfile.file;
                let mut script = ScriptFile::inside(file, role, self.script_model(file, Some(range))?, None);
                script.path = found.1;
                Some(script)
            }
        }
    }

    fn read_script(&mut self, source: &str, path: &str, role: ScriptRole) -> Option<ScriptFile> {
        let file = self.look_for(source, Kind::Script)?;
        let text = self.text(file);
        let other = text.strip_prefix("#!").is_some_and(|line| {
            let line = line.split('\n').next().unwrap_or_default();
            !line.split(['/', ' ', '\t']).any(|word| is_shell(word.trim()))
        });
        let plain = text.starts_with("#!") || path.ends_with("sh") || !path.contains('.');
        if other || !plain || text.contains('\0') {
            return None;
        }
        let mut script = ScriptFile::inside(file, role, self.script_model(file, None)?, None);
        path.clone_into(&mut script.path);
        script.whole = true;
        Some(script)
    }
}

/// Programs that run a file that they are given, and endings of what is run.
const RUNNERS: [&str; 5] = ["node", "nodejs", "bun", "python", "python3"];
const FILES: [&str; 5] = [".sh", ".js", ".mjs", ".cjs", ".py"];

/// Whether a copy that is not followed to its files may bring a path: from a stage or an image, an archive, a pattern.
fn brought(service: &Service, own: &DockerfileOf, path: &str) -> bool {
    let Some(target) = own.model.target(own.target.as_deref()) else { return true };
    let mut may = false;
    own.model.build(target, &given(service), &mut |_, instruction, image| {
        let InstructionKind::Copy(copy) = &instruction.kind else { return };
        let Some(at) = image.path(&copy.target.text) else {
            may = true;
            return;
        };
        let inside = path.starts_with(at.trim_end_matches('/'));
        let vague = copy.sources.iter().any(|source| match source {
            dockerfile::Source::Path(text) if text.text.contains('*') => {
                let name = text.text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                let below = path.strip_prefix(at.trim_end_matches('/')).unwrap_or_default().trim_start_matches('/');
                part_fits(name, below.split('/').next().unwrap_or_default())
            }
            dockerfile::Source::Path(text) => text.text.contains(['?', '[', '$']) || text.text.contains(".t"),
            dockerfile::Source::Inline(_) => true,
        });
        may |= inside && (vague || instruction.flag("from").is_some());
    });
    may || !own.absent.is_empty()
}

/// Whether a program's name is that of a shell.
#[must_use]
pub fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "ash" | "dash")
}

fn is_code_flag(text: &str) -> bool {
    text.starts_with('-') && !text.starts_with("--") && text.ends_with('c')
}

/// A path as the container sees it; a name without folder stays one, because it is looked for in `PATH`.
fn absolute(path: &str, directory: Option<&str>) -> String {
    match (path.contains('/'), path.starts_with('/')) {
        (_, true) => shell::join("/", path),
        (true, false) => shell::join(directory.unwrap_or("/"), path),
        (false, _) if path.ends_with(".sh") && directory.is_some() => path.to_owned(),
        (false, _) => path.to_owned(),
    }
}

/// Paths of the scripts that a script calls, in their order.
fn called(script: &Script, directory: Option<&str>) -> Vec<String> {
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    shell::walk(script, shell::State::default(), &mut |step| {
        let invocation = step.invocation();
        let Some(name) = invocation.words.first().and_then(|word| word.text.as_deref()) else { return };
        let program = name.rsplit('/').next().unwrap_or(name);
        let target = match name {
            "." | "source" => invocation.arguments().next(),
            _ if is_shell(program) => invocation.subcommand().filter(|_| !invocation.arguments().any(is_code_flag)),
            _ => Some(name).filter(|name| name.contains('/') && name.ends_with(".sh")),
        };
        let directory = match &step.state.directory {
            shell::Directory::Start => directory.map(str::to_owned),
            shell::Directory::Moved(path) if path.starts_with('/') => Some(path.clone()),
            shell::Directory::Moved(path) => directory.map(|directory| shell::join(directory, path)),
            shell::Directory::Unknown => None,
        };
        if let Some(target) = target.filter(|target| target.starts_with('/') || directory.is_some()) {
            let path = absolute(target, directory.as_deref());
            if found.len() < CALLED && known.insert(path.clone()) {
                found.push(path);
            }
        }
    });
    found
}
