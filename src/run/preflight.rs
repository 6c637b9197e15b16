//! `diagnose preflight`: reads a deployment, judges it, writes what will fail.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::{PreflightArgs, PreflightFormat};
use crate::deploy::tree::{Disk, Raw, ReadError, Tree};
use crate::deploy::{self, Options};
use crate::preflight::report::{Asked, Report, Verdict, json, markdown, sarif, text};
use crate::preflight::{self};
use crate::report::TextStyle;
use crate::rule;

use super::message::Message;
use super::output::{self, Outputs};

/// Runs it.
///
/// # Errors
/// When the folder holds no deployment, or the report cannot be written.
pub(super) fn run(args: &PreflightArgs) -> Result<u8, Message> {
    outputs(args).check()?;
    let (folder, compose) = place(args)?;
    let tree = Noting { disk: Disk::new(&folder), read: RefCell::default() };
    let deployment = deploy::find(&tree, &Options { compose }).map_err(|what| {
        Message::new(what).help("name the folder of the deployment, or the file: diagnose preflight --compose FILE")
    })?;
    output::spare(&args.output, tree.read.take().iter().map(|path| folder.join(path)))?;
    if let Some(name) = &args.service
        && deployment.service(name).is_none()
    {
        let known: Vec<&str> = deployment.services.iter().map(|service| service.name.as_str()).collect();
        return Err(
            Message::new(format!("there is no service \"{name}\"")).help(format!("one of: {}", known.join(", ")))
        );
    }
    let checks = preflight::embedded().map_err(|error| Message::new(error.to_string()))?;
    let profiles = rule::embedded_profiles().map_err(|error| Message::new(error.to_string()))?;
    let asked = Asked { service: args.service.clone(), no_redact: args.no_redact };
    let report = preflight::judge(&checks, &profiles, &deployment, &asked);
    outputs(args).write(|format, style, out| render(&report, format, style, out))?;
    Ok(u8::from(report.verdict == Verdict::Errors))
}

/// A folder on disk, and the names of what was read of it.
struct Noting {
    disk: Disk,
    read: RefCell<BTreeSet<String>>,
}

impl Tree for Noting {
    fn read(&self, path: &str) -> Result<Raw, ReadError> {
        self.read.borrow_mut().insert(path.to_owned());
        self.disk.read(path)
    }

    fn exists(&self, path: &str) -> bool {
        self.disk.exists(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.disk.is_folder(path)
    }

    fn list(&self, path: &str) -> Vec<String> {
        self.disk.list(path)
    }
}

/// The deployment's folder, and the compose files as they are called from there.
fn place(args: &PreflightArgs) -> Result<(PathBuf, Vec<String>), Message> {
    let folder = args.folder.clone().unwrap_or_else(|| match args.compose.first().and_then(|file| file.parent()) {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    });
    if !folder.is_dir() {
        let what = format!("{} is no folder", folder.display());
        return Err(Message::new(what).help("name the folder that holds the compose file"));
    }
    let inside = |file: &PathBuf| match file.strip_prefix(&folder) {
        Ok(below) => below.to_string_lossy().into_owned(),
        Err(_) if folder == Path::new(".") => file.to_string_lossy().into_owned(),
        Err(_) => std::path::absolute(file).unwrap_or_else(|_| file.clone()).to_string_lossy().into_owned(),
    };
    Ok((folder.clone(), args.compose.iter().map(inside).collect()))
}

fn outputs(args: &PreflightArgs) -> Outputs<'_, PreflightFormat> {
    Outputs { paths: &args.output, format: args.format, color: args.color }
}

fn render(report: &Report, format: PreflightFormat, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    match format {
        PreflightFormat::Text => text::write(report, style, out),
        PreflightFormat::Json => json::write(report, out),
        PreflightFormat::Markdown => markdown::write(report, out),
        PreflightFormat::Sarif => sarif::write(report, out),
    }
}
