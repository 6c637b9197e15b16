//! Puts a bundle together.

use std::io;

use super::keep::Kept;
use super::manifest::{Container, Input, Manifest, Member, SCHEMA, Tool, What};
use super::{lines, manifest, state, write};
use crate::diagnosis::Scene;
use crate::report::redact::Redactor;
use crate::report::sanitize::visible;
use crate::report::{self, Report, TextStyle};

/// Longest part of a member's name that comes from an input's name.
const SLUG: usize = 40;

/// What was kept of an input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptInput {
    /// Log or state.
    pub what: What,
    /// Of a state: the input that is the container's log.
    pub log: Option<usize>,
    /// Known beginnings of boots.
    pub starts: Vec<i64>,
    /// The bytes of a log.
    pub kept: Kept,
}

/// What a bundle is made of.
#[derive(Debug)]
pub struct Parts<'p> {
    /// The sealed report; its inputs are those of `kept`.
    pub report: &'p Report,
    /// What was kept of each input.
    pub kept: &'p [KeptInput],
    /// The containers.
    pub scene: &'p Scene,
    /// Version of the engine, if one was asked.
    pub engine: Option<String>,
    /// What was asked for.
    pub arguments: Vec<String>,
    /// The profile that was forced.
    pub profile: Option<String>,
    /// What the reading of containers had to say.
    pub notes: &'p [String],
    /// Seconds since 1970, for the members.
    pub time: u64,
}

/// Learns the secrets of all that will go into a bundle, before anything is masked.
pub fn learn_all(redactor: &mut Redactor, kept: &[KeptInput], scene: &Scene) {
    for (index, container) in scene.containers().iter().enumerate() {
        state::learn(redactor, container);
        redactor.learn(&visible(scene.facts_of(index)));
    }
    for input in kept {
        lines::learn(redactor, &input.kept);
    }
}

/// The bundle's bytes. The same parts give the same bytes.
///
/// # Errors
/// When a report cannot be rendered.
pub fn make(parts: Parts<'_>, redactor: &mut Redactor) -> io::Result<Vec<u8>> {
    let mut files = Vec::new();
    let containers = containers(&parts, redactor, &mut files);
    let inputs = inputs(&parts, redactor, &containers, &mut files);
    let mut masked =
        |texts: &[String]| -> Vec<String> { texts.iter().map(|text| redactor.mask(&visible(text))).collect() };
    let mut manifest = Manifest {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: parts.report.tool.name.to_owned(), version: parts.report.tool.version.clone() },
        engine: parts.engine.clone(),
        made_at: parts.report.generated_at.clone(),
        states_at: (!containers.is_empty()).then(|| parts.scene.now()),
        arguments: masked(&parts.arguments),
        profile: parts.profile.clone(),
        notes: masked(parts.notes),
        left_out: left_out(&inputs, &containers),
        inputs,
        containers,
        members: Vec::new(),
    };
    let mut members = reports(parts.report)?;
    members.insert(0, ("README.txt".to_owned(), readme(&manifest).into_bytes()));
    members.append(&mut files);
    manifest.members = members.iter().map(|(name, bytes)| member(name, bytes)).collect();
    let text = serde_json::to_vec_pretty(&manifest)?;
    members.insert(0, (manifest::NAME.to_owned(), [text.as_slice(), b"\n"].concat()));
    write::pack(&members, parts.time)
}

fn member(name: &str, bytes: &[u8]) -> Member {
    Member { name: name.to_owned(), bytes: crate::num::wide(bytes.len()), sha256: write::sha256(bytes) }
}

type File = (String, Vec<u8>);

fn containers(parts: &Parts<'_>, redactor: &mut Redactor, files: &mut Vec<File>) -> Vec<Container> {
    let scene = parts.scene;
    let each = scene.containers().iter().enumerate().map(|(index, container)| {
        let name = redactor.mask(&visible(&container.name));
        let stem = format!("inspect/{:02}-{}", index + 1, slug(&name));
        let saved = state::masked(redactor, container, scene.addresses(index));
        let facts = visible(scene.facts_of(index));
        let facts = redactor.mask_lines(&facts.lines().collect::<Vec<_>>());
        let text: String = facts.iter().map(|line| format!("{line}\n")).collect();
        let (state, facts) = (format!("{stem}.json"), format!("{stem}.txt"));
        files.push((state.clone(), saved.into_bytes()));
        files.push((facts.clone(), text.into_bytes()));
        Container { name, asked: index < scene.asked(), state, facts }
    });
    each.collect()
}

fn inputs(parts: &Parts<'_>, redactor: &mut Redactor, containers: &[Container], files: &mut Vec<File>) -> Vec<Input> {
    let each = parts.report.inputs.iter().zip(parts.kept).enumerate().map(|(index, (input, kept))| {
        let container = parts.scene.of_source(index);
        let facts = container.and_then(|container| containers.get(container)).map(|container| container.facts.clone());
        let member = match (kept.what, facts) {
            (What::State, Some(facts)) => facts,
            _ => {
                let name = format!("logs/{:02}-{}", index + 1, slug(&input.name));
                files.push((name.clone(), lines::mask(redactor, &kept.kept)));
                name
            }
        };
        Input {
            name: input.name.clone(),
            what: kept.what,
            kind: input.kind.clone(),
            format: input.format.clone(),
            member,
            container,
            log: kept.log,
            starts: kept.starts.clone(),
            bytes: input.bytes,
            lines: input.lines,
            incomplete: input.incomplete.clone(),
            left_out: kept.kept.gaps(),
        }
    });
    each.collect()
}

/// The end of a name in letters that every file system takes.
fn slug(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
    let text: String = name.chars().map(plain).collect();
    let text = text.trim_matches(['-', '.']);
    let skipped = text.len().saturating_sub(SLUG);
    let end: String = text.chars().skip(skipped).collect();
    if end.is_empty() { "input".to_owned() } else { end }
}

fn reports(report: &Report) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    let mut add = |name: &str, render: &dyn Fn(&mut dyn io::Write) -> io::Result<()>| {
        let mut bytes = Vec::new();
        render(&mut bytes).map(|()| files.push((name.to_owned(), bytes)))
    };
    add("report.txt", &|out| report::text::write(report, TextStyle::FILE, out))?;
    add("report.md", &|out| report::markdown::write(report, out))?;
    add("report.html", &|out| report::html::write(report, out))?;
    add("report.json", &|out| report::json::write(report, out))?;
    Ok(files)
}

/// What is not in the bundle, for people.
fn left_out(inputs: &[Input], containers: &[Container]) -> Vec<String> {
    let cut = inputs.iter().filter(|input| !input.left_out.is_empty()).map(|input| {
        let lines: u64 = input.left_out.iter().map(|gap| gap.lines).sum();
        let bytes: u64 = input.left_out.iter().map(|gap| gap.bytes).sum();
        let kept = "its beginning, its end, and what lies around lines that rules look for are here";
        format!("Of {}, {lines} lines ({bytes} bytes) in {} places: {kept}", input.name, input.left_out.len())
    });
    let environment = "The environment of the containers: it was only used to find secrets and mask them";
    cut.chain((!containers.is_empty()).then(|| environment.to_owned())).collect()
}

fn readme(manifest: &Manifest) -> String {
    let mut text = format!(
        "An incident, packed by {} {} on {}.

report.txt     the diagnosis; also as report.md (for a ticket), report.html (for a browser), report.json (for programs)
logs/          the logs that were read, in their order
inspect/       what the engine said about the containers (only where containers were asked for)
manifest.json  what is what, with checksums

Repeat the diagnosis with:  diagnose BUNDLE.tar.zst      (nothing is unpacked; {} {} or later)
Unpack it with:             zstd -dc BUNDLE.tar.zst | tar -x

Passwords, tokens and keys are masked as [redacted:KIND:NUMBER]; the same secret has the same number everywhere.
A program finds the secrets that look like secrets: look through the logs before you hand them to a stranger.
",
        manifest.tool.name, manifest.tool.version, manifest.made_at, manifest.tool.name, manifest.tool.version
    );
    if !manifest.left_out.is_empty() {
        text.push_str("\nNot in here:\n");
        manifest.left_out.iter().for_each(|line| text.push_str(&format!("- {line}.\n")));
    }
    text
}
