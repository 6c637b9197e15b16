//! Which configuration a service's nginx reads: from its main file through its includes, each looked for where mounts put it.

use std::collections::{BTreeMap, BTreeSet};

use super::Finder;
use crate::deploy::dockerfile::{InstructionKind, Source};
use crate::deploy::fault::FaultKind;
use crate::deploy::model::{NginxFile, Service, Top, Value};
use crate::deploy::nginx::{Directive, FaultKind as Form, Nginx};
use crate::deploy::pattern::fits;
use crate::deploy::text::{FileId, Kind, Spot};
use crate::deploy::tree::{below, join, parent};

/// Folders that hold nothing but nginx's configuration, by the images that bring one.
pub const FOLDERS: [&str; 3] = ["/etc/nginx", "/usr/local/openresty/nginx/conf", "/opt/bitnami/nginx/conf"];

/// Main files, in the order in which they are looked for.
const MAINS: [&str; 3] =
    ["/etc/nginx/nginx.conf", "/usr/local/openresty/nginx/conf/nginx.conf", "/opt/bitnami/nginx/conf/nginx.conf"];

/// What the images' own main files include.
const INCLUDED: [&str; 4] = [
    "/etc/nginx/conf.d/*.conf",
    "/etc/nginx/http.d/*.conf",
    "/etc/nginx/sites-enabled/*",
    "/opt/bitnami/nginx/conf/server_blocks/*.conf",
];

/// Where the official image takes templates from, and where it puts what becomes of them.
const TEMPLATES: [&str; 2] = ["/etc/nginx/templates/", "/etc/nginx/conf.d/"];

/// Most files of one service, and how deep folders are followed.
const FILES: usize = 200;
const DEPTH: usize = 4;

/// Attaches the configuration that a service's nginx reads, and notes what is wrong with its form.
pub(super) fn attach(finder: &mut Finder<'_>, service: &mut Service) {
    unread(finder, service);
    let there = candidates(finder, service);
    if there.is_empty() {
        return;
    }
    let main = main_file(service, &there);
    let mut wanted: Vec<String> = match &main {
        Some(path) => vec![path.clone()],
        None => INCLUDED.iter().map(|&pattern| pattern.to_owned()).collect(),
    };
    let folder = main.as_deref().map_or("/etc/nginx", parent).to_owned();
    let mut seen = BTreeSet::new();
    while let Some(pattern) = wanted.pop() {
        let fitting: Vec<(&String, &String)> = there.iter().filter(|(path, _)| fits(&pattern, path)).collect();
        for (path, source) in fitting {
            if seen.len() >= FILES || !seen.insert(path.clone()) {
                continue;
            }
            let Some(file) = finder.look_for(source, Kind::Nginx) else { continue };
            let Some(model) = finder.nginx_model(file) else { continue };
            includes(&model.directives, &folder, &mut wanted);
            let template = source.ends_with(".template");
            let mut absent = Vec::new();
            named(finder, service, &folder, &model.directives, &there, &mut absent);
            service.nginx.push(NginxFile { file, path: shown(path, template), model, absent });
        }
    }
    service.nginx.sort_by_key(|file| file.file);
}

/// What the official images bring besides `nginx.conf`.
const BROUGHT: [&str; 8] =
    ["mime.types", "fastcgi_params", "fastcgi.conf", "scgi_params", "uwsgi_params", "koi-utf", "koi-win", "win-utf"];

/// Collects the places of files that directives name and that are not there.
fn named(
    finder: &Finder<'_>,
    service: &Service,
    folder: &str,
    directives: &[Directive],
    there: &BTreeMap<String, String>,
    absent: &mut Vec<std::ops::Range<usize>>,
) {
    for directive in directives {
        named(finder, service, folder, directive.children(), there, absent);
        let include = directive.name.text == "include";
        let certificate = directive.name.text.starts_with("ssl_certificate");
        let Some(word) = directive.args.first().filter(|_| include || certificate) else { continue };
        if word.text.contains(['*', '?', '[', '$', ':']) || absent.len() >= FILES {
            continue;
        }
        let path = join(folder, &word.text);
        if !there.contains_key(&path) && is_absent(finder, service, &path, include) {
            absent.push(word.range.clone());
        }
    }
}

/// Whether a mounted folder of the deployment lacks a file, or, where nothing is mounted, the official image does.
fn is_absent(finder: &Finder<'_>, service: &Service, path: &str, include: bool) -> bool {
    let covering = service.volumes.iter().filter(|mount| below(path, &mount.target).is_some());
    if let Some(mount) = covering.max_by_key(|mount| mount.target.len()) {
        let Some(source) = mount.path.as_ref().filter(|source| !source.starts_with(['/', '.'])) else { return false };
        let rest = below(path, &mount.target).unwrap_or_default();
        let filled = finder.tree.is_folder(source) && !finder.tree.list(source).is_empty();
        return filled && !rest.is_empty() && !finder.tree.exists(&join(source, rest));
    }
    let official = service.image_name().is_some_and(|name| matches!(name, "nginx" | "library/nginx"));
    let own = service.build.is_some() || service.entrypoint.is_some() || service.command.is_some();
    let given = service.config_targets.iter().any(|target| below(path, target).is_some());
    let name = path.rsplit('/').next().unwrap_or_default();
    include
        && official
        && !own
        && !given
        && path.starts_with("/etc/nginx/")
        && !BROUGHT.contains(&name)
        && !path.starts_with("/etc/nginx/modules/")
        && path != "/etc/nginx/conf.d/default.conf"
}

/// The container's path of a file; of a template, where it lies before it is filled in.
fn shown(path: &str, template: bool) -> String {
    if template { format!("{path}.template") } else { path.to_owned() }
}

/// Files below nginx's folders: path in the container → path in the deployment. What becomes of a template stands for it.
fn candidates(finder: &Finder<'_>, service: &Service) -> BTreeMap<String, String> {
    let mut there = BTreeMap::new();
    for (source, target) in copied(finder, service) {
        collect(finder, &source, &target, DEPTH, &mut there);
    }
    for mount in &service.volumes {
        if let Some(source) = &mount.path {
            collect(finder, source, mount.target.trim_end_matches('/'), DEPTH, &mut there);
        }
    }
    for (top, target) in configs(finder, service) {
        if let Some(source) = top.path.as_ref().filter(|_| !top.absent) {
            collect(finder, source, target, DEPTH, &mut there);
        }
    }
    there
}

/// The configs of a service, each with where it is put.
fn configs<'a>(finder: &'a Finder<'_>, service: &'a Service) -> impl Iterator<Item = (&'a Top, &'a String)> {
    service.configs.iter().zip(&service.config_targets).filter_map(|(name, target)| {
        let top = finder.deployment.configs.iter().find(|top| Some(top.name.as_str()) == name.known())?;
        Some((top, target))
    })
}

/// Notes each configuration whose text stands in the compose file, where it is not looked for.
fn unread(finder: &mut Finder<'_>, service: &Service) {
    let inside = |target: &str| FOLDERS.iter().any(|folder| target.starts_with(folder));
    let found = configs(finder, service).filter(|(top, target)| top.inline && inside(target));
    let notes: Vec<String> = found
        .map(|(top, _)| format!("{}: the content of the config {} was not read as nginx's", service.name, top.name))
        .collect();
    finder.deployment.notes.extend(notes);
}

/// What the Dockerfile copies from its context: path in the deployment and path in the image.
fn copied(finder: &Finder<'_>, service: &Service) -> Vec<(String, String)> {
    let Some(dockerfile) = &service.dockerfile else { return Vec::new() };
    let Some(stage) = dockerfile.model.target(dockerfile.target.as_deref()) else { return Vec::new() };
    let image = dockerfile.model.build(stage, &BTreeMap::new(), &mut |_, _, _| {});
    let mut found = Vec::new();
    for (instruction, directory) in &image.history {
        let InstructionKind::Copy(copy) = &instruction.kind else { continue };
        let Some(target) = image.expand(&copy.target.text).filter(|_| instruction.flag("from").is_none()) else {
            continue;
        };
        let folder = copy.sources.len() > 1 || target.ends_with('/') || target == ".";
        let target = join(directory.as_deref().unwrap_or("/"), &target);
        for source in &copy.sources {
            let Source::Path(text) = source else { continue };
            let Some(text) = image.expand(&text.text).filter(|text| !text.contains("://")) else { continue };
            for path in matching(finder, &join(&dockerfile.context, text.trim_start_matches('/'))) {
                let name = path.rsplit('/').next().unwrap_or(&path);
                let inside = folder && !finder.tree.is_folder(&path);
                let target = if inside { join(&target, name) } else { target.clone() };
                found.push((path, target));
            }
        }
    }
    found
}

/// The files that a source of COPY names; it may hold stars in its last part.
fn matching(finder: &Finder<'_>, source: &str) -> Vec<String> {
    if !source.contains(['*', '?']) {
        return vec![source.to_owned()];
    }
    let names = finder.tree.list(parent(source)).into_iter().map(|name| join(parent(source), &name));
    names.filter(|path| fits(source, path)).take(FILES).collect()
}

fn collect(finder: &Finder<'_>, source: &str, target: &str, depth: usize, there: &mut BTreeMap<String, String>) {
    let inside = FOLDERS.iter().any(|folder| below(target, folder).is_some());
    if !inside || depth == 0 || there.len() >= FILES {
        return;
    }
    if finder.tree.is_folder(source) {
        for name in finder.tree.list(source) {
            collect(finder, &join(source, &name), &format!("{target}/{name}"), depth - 1, there);
        }
        return;
    }
    let [from, to] = TEMPLATES;
    let rendered = target.strip_prefix(from).and_then(|name| name.strip_suffix(".template"));
    let path = rendered.map_or_else(|| target.to_owned(), |name| format!("{to}{name}"));
    there.insert(path, source.to_owned());
}

/// The file nginx begins with, when it is one of the deployment's.
fn main_file(service: &Service, there: &BTreeMap<String, String>) -> Option<String> {
    let words: Vec<&str> = service.command.iter().flat_map(|line| &line.words).filter_map(Value::known).collect();
    let named = words.windows(2).find(|pair| matches!(pair, ["-c", _])).and_then(|pair| pair.last().copied());
    let known = |path: &&str| there.contains_key(*path);
    named.filter(known).or_else(|| MAINS.iter().copied().find(known)).map(str::to_owned)
}

/// Adds the patterns of all includes.
fn includes(directives: &[Directive], folder: &str, wanted: &mut Vec<String>) {
    for directive in directives {
        if directive.name.text == "include"
            && let Some(pattern) = directive.arg(0)
            && wanted.len() < FILES
        {
            wanted.push(join(folder, pattern));
        }
        includes(directive.children(), folder, wanted);
    }
}

/// Notes what is wrong with the form of a configuration.
pub(super) fn form(finder: &mut Finder<'_>, file: FileId, model: &Nginx) {
    for fault in &model.faults {
        let limit = matches!(fault.kind, Form::TooDeep | Form::TooMany);
        let kind = if limit { FaultKind::Limit } else { FaultKind::Nginx };
        finder.fault(kind, Spot::new(file, fault.range.clone()), words(fault.kind));
    }
}

const fn words(kind: Form) -> &'static str {
    match kind {
        Form::NoDirective => "no directive stands before it",
        Form::ExtraBrace => "the brace closes a block that was not opened",
        Form::OpenBlock => "the file ends before the block is closed",
        Form::OpenQuote => "the quote is not closed",
        Form::BehindQuote => "text stands right behind the closing quote",
        Form::NoSemicolon => "the directive does not end in a semicolon",
        Form::TooMany => "there are more directives than any has; what follows was not read",
        Form::TooDeep => "blocks are nested too deeply to be followed",
    }
}
