//! `diagnose preflight`: reads a deployment, judges it, writes what will fail.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::cli::{PreflightArgs, PreflightFormat};
use crate::deploy::tree::Disk;
use crate::deploy::{self, Options};
use crate::preflight::report::{Asked, Report, Verdict, json, markdown, sarif, text};
use crate::preflight::{self};
use crate::report::TextStyle;
use crate::rule;

use super::message::Message;
use super::output::{COLUMNS, unicode, width};

/// Runs it.
///
/// # Errors
/// When the folder holds no deployment, or the report cannot be written.
pub(super) fn run(args: &PreflightArgs) -> Result<u8, Message> {
    args.output.iter().try_for_each(|path| format_of(path, args).map(drop))?;
    let (folder, compose) = place(args)?;
    let deployment = deploy::find(&Disk::new(folder), &Options { compose }).map_err(|what| {
        Message::new(what).help("name the folder of the deployment, or the file: diagnose preflight --compose FILE")
    })?;
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
    write(args, &report)?;
    Ok(u8::from(report.verdict == Verdict::Errors))
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

fn format_of(path: &Path, args: &PreflightArgs) -> Result<PreflightFormat, Message> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match (extension.to_ascii_lowercase().as_str(), args.format) {
        ("json", Some(PreflightFormat::Sarif)) | ("sarif", _) => Ok(PreflightFormat::Sarif),
        ("json", _) => Ok(PreflightFormat::Json),
        ("md" | "markdown", _) => Ok(PreflightFormat::Markdown),
        ("txt" | "text", _) => Ok(PreflightFormat::Text),
        (_, Some(format)) => Ok(format),
        _ => {
            let what = format!("the extension of {} names no format", path.display());
            Err(Message::new(what).help("end the name in .txt, .json, .md or .sarif, or add --format"))
        }
    }
}

fn write(args: &PreflightArgs, report: &Report) -> Result<(), Message> {
    for path in args.output.iter().filter(|path| path.as_os_str() != "-") {
        let failed = |error: io::Error| {
            let what = format!("{} cannot be written: {error}", path.display());
            Message::new(what).help("choose a folder that exists and has room")
        };
        let mut file = BufWriter::new(File::create(path).map_err(failed)?);
        let style = TextStyle { color: false, width: COLUMNS, unicode: true, cut: false };
        render(report, format_of(path, args)?, style, &mut file).and_then(|()| file.flush()).map_err(failed)?;
    }
    if !args.output.is_empty() && args.output.iter().all(|path| path.as_os_str() != "-") {
        return Ok(());
    }
    let stdout = io::stdout();
    let style = TextStyle {
        color: super::colored(args.color),
        width: width(&stdout),
        unicode: unicode(),
        cut: stdout.is_terminal(),
    };
    let mut out = BufWriter::new(stdout.lock());
    let format = args.format.unwrap_or(PreflightFormat::Text);
    match render(report, format, style, &mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Message::new(format!("the report cannot be written: {error}"))
                .help("write it to a file: -o report.txt"))
        }
        _ => Ok(()),
    }
}

fn render(report: &Report, format: PreflightFormat, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    match format {
        PreflightFormat::Text => text::write(report, style, out),
        PreflightFormat::Json => json::write(report, out),
        PreflightFormat::Markdown => markdown::write(report, out),
        PreflightFormat::Sarif => sarif::write(report, out),
    }
}
