//! Finds the files of a deployment, reads them once, and puts together what they say.

mod cache;
mod caddy;
mod context;
mod haproxy;
mod models;
mod program;
mod proxy;
mod traefik;

use std::collections::{HashMap, HashSet};

use super::budget::Budget;
use super::fault::{Fault, FaultKind, Named};
use super::model::{Deployment, DockerfileOf, Roots, ScriptFile, ScriptRole, Service, Value};
use super::text::{File, FileId, Kind, Spot};
use super::tree::{ReadError, Tree, join};
use super::{compose, dockerfile, shell};

use models::Models;
pub(super) use models::Variables;
pub use proxy::FOLDERS as NGINX_FOLDERS;

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Compose files, instead of those compose finds by itself; paths below the folder.
    pub compose: Vec<String>,
}

/// Most files that are read; a deployment with more is hostile.
const FILES: usize = 2000;

/// Most notes of files that were not read.
const NOTES: usize = 50;

/// Most faults of form that are told; what has more is no configuration at all.
const FAULTS: usize = 500;

/// Reads a deployment.
///
/// # Errors
/// When a compose file that was named cannot be read, or the folder holds none and no Dockerfile either.
pub fn find(tree: &dyn Tree, options: &Options) -> Result<Deployment, String> {
    Ok(finder(tree, options)?.deployment)
}

/// The same, with what it cost.
pub(super) fn finder<'t>(tree: &'t dyn Tree, options: &Options) -> Result<Finder<'t>, String> {
    let mut finder = Finder::new(tree);
    compose::read(&mut finder, options)?;
    for index in 0..finder.deployment.services.len() {
        let Some(slot) = finder.deployment.services.get_mut(index) else { break };
        let mut service = std::mem::replace(slot, Service::new("", Spot::new(0, 0..0)));
        finder.dockerfile(&mut service);
        finder.package(&service);
        context::attach(&mut finder, &mut service);
        finder.scripts(&mut service);
        proxy::attach(&mut finder, &mut service);
        cache::attach(&mut finder, &mut service);
        caddy::attach(&mut finder, &mut service);
        haproxy::attach(&mut finder, &mut service);
        traefik::attach(&mut finder, &mut service);
        program::attach(&mut finder, &mut service);
        if let Some(slot) = finder.deployment.services.get_mut(index) {
            *slot = service;
        }
    }
    Ok(finder)
}

/// Reads files, each once, and fills the deployment.
pub(super) struct Finder<'t> {
    pub(super) tree: &'t dyn Tree,
    pub(super) deployment: Deployment,
    pub(super) budget: Budget,
    pub(super) models: Models,
    /// What came of opening a path.
    opened: HashMap<String, Result<FileId, ReadError>>,
    /// Steps that were taken through build contexts.
    followed: usize,
    /// Files of which it was told that not all is looked at.
    cut: HashSet<FileId>,
}

impl<'t> Finder<'t> {
    fn new(tree: &'t dyn Tree) -> Self {
        Self {
            tree,
            deployment: Deployment::default(),
            budget: Budget::default(),
            models: Models::default(),
            opened: HashMap::new(),
            followed: 0,
            cut: HashSet::new(),
        }
    }

    /// Reads a file below the deployment's folder, or gives the one that was read before.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn open(&mut self, path: &str, kind: Kind) -> Result<FileId, ReadError> {
        let path = join("", path);
        if let Some(known) = self.opened.get(&path) {
            return known.clone();
        }
        let found = self.read(&path, kind);
        self.opened.insert(path, found.clone());
        found
    }

    /// The same for a file that may be missing: it is told only that it was too long.
    pub(super) fn look_for(&mut self, path: &str, kind: Kind) -> Option<FileId> {
        let found = self.open(path, kind);
        if let Err(error) = &found
            && error.is_limit()
        {
            let more = self.deployment.notes.len() >= NOTES;
            let note =
                if more { "Further files were not read either.".to_owned() } else { format!("{path}: {error}.") };
            if !self.deployment.notes.contains(&note) {
                self.deployment.notes.push(note);
            }
        }
        found.ok()
    }

    fn read(&mut self, path: &str, kind: Kind) -> Result<FileId, ReadError> {
        if self.deployment.files.len() >= FILES {
            return Err(ReadError::Full);
        }
        let raw = self.tree.read(path)?;
        let mut file = File::new(path, kind, decoded(&raw.bytes));
        if !self.budget.read(file.cost()) {
            return Err(ReadError::Full);
        }
        file.executable = raw.executable;
        self.deployment.files.push(file);
        Ok(self.deployment.files.len() - 1)
    }

    /// The text of a file.
    pub(super) fn text(&self, file: FileId) -> &str {
        self.deployment.file(file).map_or("", |file| file.text.as_str())
    }

    /// Notes a fault of form.
    pub(super) fn fault(&mut self, kind: FaultKind, spot: Spot, message: impl Into<String>) {
        if !self.full() || kind == FaultKind::Limit && self.deployment.faults.len() < 2 * FAULTS {
            self.deployment.faults.push(Fault { kind, spot, message: message.into(), count: 1 });
        }
    }

    /// Whether so many faults are known that no further one is told, unless it is that something is left out.
    pub(super) fn full(&self) -> bool {
        self.deployment.faults.len() >= FAULTS
    }

    /// Tells, once of a file, that not all of it is looked at.
    pub(super) fn cut(&mut self, file: FileId, message: &str) {
        self.cut_at(Spot::new(file, 0..0), message);
    }

    /// The same, with the place where it begins.
    pub(super) fn cut_at(&mut self, spot: Spot, message: &str) {
        if self.cut.insert(spot.file) {
            self.fault(FaultKind::Limit, spot, message);
        }
    }

    /// The Dockerfile of a service's `build`.
    fn dockerfile(&mut self, service: &mut Service) {
        let Some(build) = service.build.clone() else { return };
        let target = build.target.as_ref().and_then(Value::known).map(str::to_owned);
        let Some(context) = build.folder.clone() else { return };
        if build.inline.is_some() {
            return;
        }
        let named = build.dockerfile.as_ref();
        let Some(name) = named.map_or(Some("Dockerfile"), Value::known) else { return };
        let path = join(&context, name);
        match self.open(&path, Kind::Dockerfile) {
            Ok(file) => {
                let Some(model) = self.dockerfile_model(file) else { return };
                let holds = |path: &&&str| self.tree.exists(&join(&context, path));
                let landmarks = super::package::LANDMARKS.iter().filter(holds).copied().collect();
                let ignored = context::ignored(self, &context, &path);
                let (absent, roots) = (Vec::new(), Roots { unsure: true, ..Roots::default() });
                service.dockerfile =
                    Some(DockerfileOf { file, context, target, landmarks, model, ignored, absent, roots });
            }
            // A context that is not there is the source code, which is somewhere else: nothing can be said.
            Err(ReadError::Missing) if named.is_none() && !self.tree.is_folder(&context) => {
                self.deployment.notes.push(format!("{}: the build context {context} is not here", service.name));
            }
            Err(error) => {
                let spot = named.map_or(build.context.spot, |value| value.spot.clone());
                self.fault(
                    error.kind(Named::Dockerfile),
                    spot,
                    format!("the Dockerfile {path} cannot be read: {error}"),
                );
            }
        }
    }

    /// The scripts that a service's container runs, through COPY and mounts.
    fn scripts(&mut self, service: &mut Service) {
        self.startup_scripts(service);
        for mount in service.volumes.clone() {
            let Some(path) = mount.path.filter(|path| script_name(path)) else { continue };
            if service.scripts.iter().any(|script| script.path == mount.target) {
                continue;
            }
            let file = self.look_for(&path, Kind::Script);
            if let Some((file, model)) = file.and_then(|file| Some((file, self.script_model(file, None)?))) {
                let mut script = ScriptFile::inside(file, ScriptRole::Mounted, model, None);
                script.path = mount.target;
                script.whole = true;
                service.scripts.push(script);
            }
        }
        self.script_faults(service);
    }
}

impl Finder<'_> {
    fn syntax(&mut self, kind: FaultKind, spot: Spot, error: &shell::SyntaxError) {
        let kind = if error.limit { FaultKind::Limit } else { kind };
        self.fault(kind, spot, error.message.clone());
    }

    fn dockerfile_faults(&mut self, file: FileId, model: &dockerfile::Dockerfile) {
        for error in &model.errors {
            self.syntax(FaultKind::Dockerfile, Spot::new(file, error.span.clone()), error);
        }
        for error in model.commands().filter_map(|command| command.shell_error()) {
            self.syntax(FaultKind::Shell, Spot::new(file, error.span.clone()), error);
        }
    }

    fn script_faults(&mut self, service: &Service) {
        for script in &service.scripts {
            // What stands in a Dockerfile was noted with it.
            let Some(error) = script.model.error.as_ref().filter(|_| script.whole || script.interpreter.is_some())
            else {
                continue;
            };
            let spot = script.spot(&self.deployment, &error.span);
            // Told for the first of the services that run it.
            if !self.deployment.faults.iter().any(|known| known.spot == spot && known.message == error.message) {
                self.syntax(FaultKind::Shell, spot, error);
            }
        }
    }
}

fn script_name(path: &str) -> bool {
    path.ends_with(".sh") || path.ends_with(".bash")
}

/// The text of a file: UTF-8, or UTF-16 with a mark; what is neither is replaced.
fn decoded(bytes: &[u8]) -> String {
    let wide = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).filter_map(|pair| Some(read(pair.try_into().ok()?))).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
