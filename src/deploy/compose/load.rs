//! From files to one tree: variables, `include`, `extends`, overrides.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::deploy::fault::{FaultKind, Named};
use crate::deploy::find::Finder;
use crate::deploy::interpolate::{Trouble, replace};
use crate::deploy::text::{FileId, Kind, Spot};
use crate::deploy::tree::{join, parent};
use crate::deploy::yaml::{self, Body, Entry, Node};

use super::environment::{self, Scope};
use super::find::Found;
use super::merge::{merge, merge_service};
use super::schema;
use super::trim::trim;

/// Levels of `include` and `extends` that are followed.
const DEPTH: usize = 30;
/// Files that are read for one project, each as often as it is included.
const LOADS: usize = 500;

/// For every compose file, the folder that its paths count from.
pub(super) type Bases = HashMap<FileId, String>;

/// Loads a project.
///
/// # Errors
/// When one of its own compose files cannot be read.
pub(super) fn project(finder: &mut Finder<'_>, found: Found) -> Result<(Node, Bases), String> {
    let env = Rc::new(environment::scope(&finder.deployment.env));
    let mut loader = Loader {
        finder,
        env,
        bases: Bases::new(),
        told: BTreeMap::new(),
        stack: Vec::new(),
        extended: HashMap::new(),
        loads: 0,
    };
    let mut root: Option<Node> = None;
    for path in &found.files {
        let file =
            loader.finder.open(path, Kind::Compose).map_err(|error| format!("{path} cannot be read: {error}"))?;
        let tree = loader.file(file, &found.folder);
        root = Some(match root {
            Some(before) => merge(before, tree),
            None => tree,
        });
    }
    loader.count();
    let root = root.unwrap_or_else(|| Node::null(Spot::new(0, 0..0)));
    Ok((root, loader.bases))
}

struct Loader<'f, 't> {
    finder: &'f mut Finder<'t>,
    env: Rc<Scope>,
    bases: Bases,
    /// Variables that were spoken of already: the fault of each, and how often it was met.
    told: BTreeMap<String, (usize, usize)>,
    /// Files that are being included, and services that are being extended.
    stack: Vec<(FileId, String)>,
    /// The services of files that are extended.
    extended: HashMap<FileId, Option<Rc<Node>>>,
    loads: usize,
}

impl Loader<'_, '_> {
    /// One file with all it includes and extends.
    fn file(&mut self, file: FileId, base: &str) -> Node {
        let mut tree = self.tree(file, base);
        self.extend_all(&mut tree, file);
        let Some(include) = tree.get("include").cloned() else { return tree };
        let items = match &include.body {
            Body::List(items) => items.clone(),
            _ => Vec::new(),
        };
        for item in items {
            if let Some(other) = self.include(&item, file) {
                // What the including file says comes last.
                tree = merge(other, tree);
            }
        }
        tree
    }

    /// A file's documents, checked and with variables replaced.
    fn tree(&mut self, file: FileId, base: &str) -> Node {
        self.bases.entry(file).or_insert_with(|| base.to_owned());
        self.loads += 1;
        if self.loads > LOADS {
            if self.loads == LOADS + 1 {
                let message = "more files are included than a deployment has; the rest was not read";
                self.finder.fault(FaultKind::Limit, Spot::new(file, 0..0), message);
            }
            self.finder.deployment.partial = true;
            return Node::null(Spot::new(file, 0..0));
        }
        let mut budget = self.finder.budget.clone();
        let parsed = yaml::parse(self.finder.text(file), file, &mut budget);
        self.finder.budget = budget;
        for error in parsed.errors {
            let kind = if error.limit { FaultKind::Limit } else { FaultKind::Yaml };
            self.finder.fault(kind, Spot::new(file, error.range), error.message);
        }
        self.finder.deployment.partial |= !parsed.complete;
        let mut root: Option<Node> = None;
        for mut document in parsed.documents {
            trim(&mut document, self.finder);
            self.replace(&mut document);
            schema::check(&document, parsed.complete, &mut |spot, message| {
                self.finder.fault(FaultKind::Compose, spot, message);
            });
            root = Some(match root {
                Some(before) => merge(before, document),
                None => document,
            });
        }
        root.unwrap_or_else(|| Node::null(Spot::new(file, 0..0)))
    }

    /// Replaces the variables of every text below a node.
    fn replace(&mut self, node: &mut Node) {
        let spot = node.spot.clone();
        match &mut node.body {
            Body::Null => {}
            Body::List(items) => items.iter_mut().for_each(|item| self.replace(item)),
            Body::Map(entries) => entries.iter_mut().for_each(|entry| self.replace(&mut entry.value)),
            Body::Scalar(scalar) if scalar.raw.contains('$') => {
                let env = &self.env;
                let replaced = replace(&scalar.raw, &|name| environment::lookup(env, name));
                // What is put in takes room that was not paid for when it was read.
                let long = replaced.text.as_ref().map_or(0, String::len).saturating_sub(scalar.raw.len());
                scalar.text = replaced.text.filter(|_| self.finder.kept(spot.file, 3 * long));
                replaced.troubles.into_iter().for_each(|trouble| self.trouble(&spot, trouble));
            }
            Body::Scalar(_) => {}
        }
    }

    /// Tells of a variable once, as compose does.
    fn trouble(&mut self, spot: &Spot, trouble: Trouble) {
        if self.finder.full() {
            return;
        }
        // What stands in place of another variable may be a secret.
        let own = |why: &str| why.split('$').next().unwrap_or_default().trim().to_owned();
        let (kind, name, message) = match trouble {
            Trouble::Unset(name) => (FaultKind::Unset, name.clone(), name),
            Trouble::Required(name, why) if own(&why).is_empty() => (FaultKind::Required, name.clone(), name),
            Trouble::Required(name, why) => (FaultKind::Required, name.clone(), format!("{name} ({})", own(&why))),
            Trouble::Invalid(text) => {
                let shown: String = text.chars().take(40).collect();
                (
                    FaultKind::Compose,
                    text,
                    format!("compose cannot read the variable in {shown}; a `$` that is meant is written `$$`"),
                )
            }
        };
        let key = format!("{kind:?} {name}");
        if let Some((_, count)) = self.told.get_mut(&key) {
            *count += 1;
            return;
        }
        self.told.insert(key, (self.finder.deployment.faults.len(), 1));
        let spot = self.within(spot, &name);
        self.finder.fault(kind, spot, message);
    }

    /// Says of every variable that was met several times how often.
    fn count(&mut self) {
        for (fault, count) in self.told.values().filter(|(_, count)| *count > 1) {
            if let Some(fault) = self.finder.deployment.faults.get_mut(*fault) {
                fault.count = *count;
            }
        }
    }

    /// Where a variable stands in a text.
    fn within(&self, spot: &Spot, name: &str) -> Spot {
        let written = self.finder.deployment.slice(spot);
        let forms = [format!("${{{name}"), format!("${name}"), name.to_owned()];
        let found = forms.iter().find_map(|form| Some((written.find(form.as_str())?, form.len())));
        let Some((at, long)) = found else { return spot.clone() };
        let start = spot.range.start + at;
        let rest = written.get(at..).unwrap_or_default();
        let long = if rest.starts_with("${") { rest.find('}').map_or(long, |end| end + 1) } else { long };
        Spot::new(spot.file, start..start + long)
    }

    /// One item of `include`.
    fn include(&mut self, item: &Node, from: FileId) -> Option<Node> {
        let base = self.bases.get(&from).cloned().unwrap_or_default();
        let paths = match &item.body {
            Body::Scalar(_) => vec![item.clone()],
            Body::Map(_) => match item.get("path") {
                Some(Node { body: Body::List(items), .. }) => items.clone(),
                Some(node) => vec![node.clone()],
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        let folder = item.get("project_directory").and_then(Node::known).map(|folder| join(&base, folder));
        let first = paths.first()?.known()?;
        let folder = folder.unwrap_or_else(|| parent(&join(&base, first)).to_owned());
        let outer = self.env.clone();
        self.include_env(item, &base, &folder);
        let mut root: Option<Node> = None;
        for node in &paths {
            let Some(path) = node.known() else { continue };
            let Some(file) = self.open(&join(&base, path), &node.spot) else { continue };
            let mark = (file, String::new());
            if self.stack.contains(&mark) || file == from || self.stack.len() > DEPTH {
                let message = format!("{path} includes itself, by itself or through another file");
                self.finder.fault(FaultKind::Compose, node.spot.clone(), message);
                continue;
            }
            self.stack.push((from, String::new()));
            let tree = self.file(file, &folder);
            self.stack.pop();
            root = Some(match root {
                Some(before) => merge(before, tree),
                None => tree,
            });
        }
        self.env = outer;
        root
    }

    /// An included project has variables of its own; those of the including one win.
    fn include_env(&mut self, item: &Node, base: &str, folder: &str) {
        let named = match item.get("env_file") {
            Some(Node { body: Body::List(items), .. }) => {
                items.iter().filter_map(Node::known).map(str::to_owned).collect()
            }
            Some(node) => node.known().map(str::to_owned).into_iter().collect(),
            None => Vec::new(),
        };
        let mut files: Vec<String> = named.iter().map(|path| join(base, path)).collect();
        if files.is_empty() && !folder.is_empty() {
            files.push(join(folder, ".env"));
        }
        for path in files {
            let Ok((file, own)) = environment::open(self.finder, &path) else { continue };
            if self.finder.looks(file, own.len() + self.env.len()) {
                let mut scope = environment::scope(own.iter().map(AsRef::as_ref));
                scope.extend(self.env.iter().map(|(name, known)| (name.clone(), known.clone())));
                self.env = Rc::new(scope);
            }
        }
    }

    fn open(&mut self, path: &str, spot: &Spot) -> Option<FileId> {
        match self.finder.open(path, Kind::Compose) {
            Ok(file) => Some(file),
            Err(error) => {
                self.finder.fault(
                    error.kind(Named::Compose),
                    spot.clone(),
                    format!("the compose file {path} cannot be read: {error}"),
                );
                None
            }
        }
    }

    /// Replaces every service by what it becomes with what it extends.
    fn extend_all(&mut self, tree: &mut Node, file: FileId) {
        if !tree.get("services").is_some_and(extends) {
            return;
        }
        let Some(services) = taken(tree, "services").map(Rc::new) else { return };
        let extending = |(_, entry): &(usize, &Entry)| entry.value.get("extends").is_some();
        let mut extended: HashMap<usize, Node> = HashMap::new();
        for (place, entry) in services.entries().iter().enumerate().filter(extending) {
            if let Some(node) = self.extended(&entry.value, &services, file, &entry.key) {
                extended.insert(place, node);
            }
        }
        let mut services = Rc::unwrap_or_clone(services);
        if let Body::Map(entries) = &mut services.body {
            for (place, entry) in entries.iter_mut().enumerate() {
                entry.value = extended
                    .remove(&place)
                    .unwrap_or_else(|| std::mem::replace(&mut entry.value, Node::null(Spot::new(file, 0..0))));
            }
        }
        put(tree, "services", services);
    }

    /// A service on top of the one it extends; nothing where there is no room for another copy.
    fn extended(&mut self, node: &Node, services: &Rc<Node>, file: FileId, name: &str) -> Option<Node> {
        if !self.finder.kept(file, node.cost()) {
            self.finder.deployment.partial = true;
            return None;
        }
        let node = node.clone();
        let Some(extends) = node.get("extends").cloned() else { return Some(node) };
        let target = extends.known().or_else(|| extends.get("service")?.known()).map(str::to_owned);
        let Some(target) = target else { return Some(node) };
        let mark = (file, name.to_owned());
        if self.stack.contains(&mark) || self.stack.len() > DEPTH {
            let message = format!("the service {name} extends itself, directly or through another one");
            self.finder.fault(FaultKind::Compose, extends.spot, message);
            return Some(node);
        }
        self.stack.push(mark);
        let parent = self.parent(&extends, &target, services, file);
        self.stack.pop();
        Some(match parent {
            Some(parent) => merge_service(parent, node),
            None => node,
        })
    }

    /// The service that is extended, in this file or another one.
    fn parent(&mut self, extends: &Node, target: &str, services: &Rc<Node>, file: FileId) -> Option<Node> {
        let (services, other) = match extends.get("file") {
            None => (Rc::clone(services), file),
            Some(node) => {
                let base = self.bases.get(&file).cloned().unwrap_or_default();
                let path = join(&base, node.known()?);
                let other = self.open(&path, &node.spot)?;
                if !self.extended.contains_key(&other) {
                    let mut tree = self.tree(other, parent(&path));
                    self.extended.insert(other, taken(&mut tree, "services").map(Rc::new));
                }
                (self.extended.get(&other).cloned().flatten()?, other)
            }
        };
        let Some(entry) = services.entry(target) else {
            let spot = extends.get("service").map_or(extends.spot.clone(), |node| node.spot.clone());
            self.finder.fault(FaultKind::Compose, spot, format!("there is no service {target} to extend"));
            return None;
        };
        self.extended(&entry.value, &services, other, target)
    }
}

/// The value of a key, which leaves a null in its place.
fn taken(tree: &mut Node, key: &str) -> Option<Node> {
    let Body::Map(entries) = &mut tree.body else { return None };
    let entry = entries.iter_mut().find(|entry| entry.key == key)?;
    let null = Node::null(entry.key_spot.clone());
    Some(std::mem::replace(&mut entry.value, null))
}

/// Gives a key back its value.
fn put(tree: &mut Node, key: &str, value: Node) {
    let Body::Map(entries) = &mut tree.body else { return };
    if let Some(entry) = entries.iter_mut().find(|entry| entry.key == key) {
        entry.value = value;
    }
}

fn extends(services: &Node) -> bool {
    services.entries().iter().any(|entry| entry.value.get("extends").is_some())
}
