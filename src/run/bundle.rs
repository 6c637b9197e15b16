//! `diagnose bundle`: a diagnosis, packed with what it was made from.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::bundle::{self, Parts};
use crate::cli::{BundleArgs, DockerArgs};
use crate::diagnosis::diagnose;
use crate::report::redact::Redactor;
use crate::report::{self, Facts};

use super::docker::{self, Gathered};
use super::message::Message;
use super::output::{is_stdout, unless_closed, unwritten};
use super::place::{self, Readers};
use super::read::{self, Reading};
use super::{TROUBLE, exit_code, for_containers, inputs, load, profile, spare, window};

/// Diagnoses, packs, and says where the bundle is.
///
/// # Errors
/// When nothing could be read, or the bundle not be written.
pub(super) fn run(args: &BundleArgs, now: DateTime<Utc>) -> Result<u8, Message> {
    refuse(args)?;
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(default_name(args, now)));
    let files = if asked(&args.docker).is_some() { Vec::new() } else { inputs(&args.files)? };
    spare(std::slice::from_ref(&path), &files, &args.judge.patterns)?;
    let rules = load(&args.judge.patterns)?;
    let forced = profile(args.judge.profile.as_deref(), rules)?;
    let reading = Reading::new(rules).keeping();
    let (gathered, engine) = if let Some(name) = asked(&args.docker) {
        let engine = docker::connect(name)?;
        let gathered = docker::gather(&engine, &args.docker, reading, forced, &[])?;
        (gathered, engine.version())
    } else {
        (read::all(&files, reading)?, None)
    };
    let Gathered { read, scene, notes, secrets, kept, profile: known, .. } = gathered;
    let forced = forced.or(known);
    let diagnosis = diagnose(rules, &read.units, forced, &scene);
    let unreadable: Vec<String> = read.failed.iter().map(|message| message.what.clone()).collect();
    let told: Vec<String> = notes.iter().chain(&unreadable).cloned().collect();
    let generated_at = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let facts =
        Facts { inputs: read.inputs, records: read.records, generated_at, redact: true, unreadable, notes, secrets };
    let mut redactor = Redactor::new();
    facts.secrets.iter().for_each(|line| redactor.learn(line));
    bundle::learn_all(&mut redactor, &kept, &scene);
    let report = report::build_with(rules, &diagnosis, &scene, facts, &mut redactor);
    let parts = Parts {
        report: &report,
        kept: &kept,
        scene: &scene,
        engine,
        arguments: arguments(args),
        profile: forced.and_then(|index| rules.profiles.get(index)).map(|profile| profile.id.clone()),
        notes: &told,
        time: u64::try_from(now.timestamp()).unwrap_or(0),
    };
    let bytes = bundle::make(parts, &mut redactor).map_err(|error| Message::new(format!("no bundle: {error}")))?;
    write(&path, &bytes)?;
    read.failed.iter().for_each(Message::print);
    let _ = writeln!(io::stderr(), "{}", report.summary);
    Ok(if read.failed.is_empty() { exit_code(diagnosis.verdict, args.judge.fail_on) } else { TROUBLE })
}

/// Names that promise another archive than is written.
const OTHERS: [&str; 9] = [".gz", ".tgz", ".tar", ".zip", ".xz", ".txz", ".bz2", ".7z", ".rar"];

/// What cannot be done, said before anything is read.
fn refuse(args: &BundleArgs) -> Result<(), Message> {
    if args.docker.follow {
        let help = "wait with diagnose --container NAME --follow, then make the bundle";
        return Err(Message::new("a bundle holds what is there now; it does not follow").help(help));
    }
    for_containers(&args.docker, "diagnose bundle")?;
    window(&args.docker)?;
    if args.output.as_deref().is_some_and(is_stdout) && io::stdout().is_terminal() {
        let help = "name a file: -o incident.tar.zst, or pipe it on";
        return Err(Message::new("an archive is nothing for a terminal").help(help));
    }
    let name = args.output.as_ref().map(|path| path.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if let Some(ending) = OTHERS.iter().find(|ending| name.ends_with(**ending)) {
        let what =
            format!("a bundle is a tar archive in zstd, and no {ending}: who gets it could not open it by its name");
        return Err(Message::new(what).help("name it so: -o incident.tar.zst"));
    }
    Ok(())
}

fn asked(docker: &DockerArgs) -> Option<&str> {
    docker.container.first().or(docker.project.as_ref()).map(String::as_str)
}

/// What was asked for, without where the bundle went: the same question gives the same bundle.
fn arguments(args: &BundleArgs) -> Vec<String> {
    let mut all: Vec<String> = args.files.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let mut add = |name: &str, value: String| all.push(format!("--{name}={value}"));
    let docker = &args.docker;
    docker.container.iter().for_each(|name| add("container", name.clone()));
    docker.project.iter().for_each(|name| add("project", name.clone()));
    docker.since.iter().for_each(|time| add("since", time.to_string()));
    docker.until.iter().for_each(|time| add("until", time.to_string()));
    docker.tail.iter().for_each(|lines| add("tail", lines.to_string()));
    args.judge.profile.iter().for_each(|name| add("profile", name.clone()));
    args.judge.patterns.iter().for_each(|folder| add("patterns", folder.display().to_string()));
    let switches = [("--all-boots", docker.all_boots), ("--no-neighbours", docker.no_neighbours)];
    all.extend(switches.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_owned()));
    all
}

fn default_name(args: &BundleArgs, now: DateTime<Utc>) -> String {
    let file = args.files.first().map(|name| Path::new(name).file_stem().unwrap_or_default().to_string_lossy());
    let of = asked(&args.docker).map(str::to_owned).or_else(|| file.map(std::borrow::Cow::into_owned));
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' };
    let name: String = of.unwrap_or_default().chars().map(plain).take(60).collect();
    let name = Some(name.trim_matches(['-', '.'])).filter(|name| !name.is_empty()).unwrap_or("log").to_owned();
    format!("incident-{name}-{}.tar.zst", now.format("%Y%m%d-%H%M"))
}

/// Writes the bundle, and prints its name. A closed pipe is no error.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Message> {
    let mut stdout = io::stdout().lock();
    let failed = |error: io::Error| unwritten(path, &error);
    let written = if is_stdout(path) {
        stdout.write_all(bytes).and_then(|()| stdout.flush())
    } else {
        place::write(path, Readers::Owner, &|out| out.write_all(bytes)).map_err(failed)?;
        writeln!(stdout, "{}", crate::report::sanitize::clean(&path.display().to_string()))
    };
    unless_closed(written).map_err(failed)
}
