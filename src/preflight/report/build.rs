//! Findings become a report: places, lines, filled texts, diffs; cleaned, then masked.

use std::collections::{BTreeMap, HashMap};

use crate::deploy::{Deployment, File, FileId, Kind, Service, Value};
use crate::preflight::check::kind_word;
use crate::preflight::{Edit, Finding, Judged, Level};
use crate::report::model::Tool;
use crate::report::redact::{Redactor, is_plain};
use crate::report::sanitize;
use crate::rule::fill;

use super::{Asked, Change, Fix, Found, Input, Line, Link, Report, Verdict};

/// Lines of a finding that are shown at most.
const SHOWN: usize = 3;

/// Bytes of a line beyond which it is masked once for all findings in it, and not compared letter by letter; what is shown is shorter.
const LONG: usize = 8 * 1024;
/// Bytes of the lines that a fix changes.
const CHANGED: usize = 64 * 1024;

/// Builds the report.
#[must_use]
pub fn build(deployment: &Deployment, judged: &Judged<'_>, asked: &Asked) -> Report {
    let findings: Vec<&Finding<'_>> =
        judged.findings.iter().filter(|finding| wanted(deployment, finding, asked)).collect();
    let mut mask = Mask::new(deployment, &findings, asked);
    let verdict = match findings.iter().map(|finding| finding.level()).max() {
        Some(Level::Error) => Verdict::Errors,
        Some(Level::Warning) => Verdict::Warnings,
        Some(Level::Note) | None => Verdict::Clean,
    };
    Report {
        schema: "diagnose.preflight/1".to_owned(),
        tool: Tool { name: "diagnose", version: env!("CARGO_PKG_VERSION").to_owned() },
        verdict,
        findings: findings.iter().filter_map(|finding| found(deployment, finding, &mut mask)).collect(),
        inputs: deployment.files.iter().map(input).collect(),
        notes: deployment.notes.iter().chain(&judged.notes).map(|note| mask.text(note)).collect(),
    }
}

/// A path as it is shown: made safe, and no secret.
fn path(file: &File) -> String {
    sanitize::clean(&file.path)
}

fn input(file: &File) -> Input {
    Input { file: path(file), kind: kind_word(file.kind).to_owned(), lines: file.line_count() }
}

/// With `--service`, findings of other services and their files are left out; files that belong to none are everybody's.
fn wanted(deployment: &Deployment, finding: &Finding<'_>, asked: &Asked) -> bool {
    let Some(name) = &asked.service else { return true };
    let spot = &finding.hit.spot;
    if finding.hit.values.get("service").is_some_and(|service| service != name) {
        return false;
    }
    let owners = deployment.services.iter().filter(|service| {
        service.dockerfile.as_ref().is_some_and(|owned| owned.file == spot.file)
            || service.scripts.iter().any(|owned| owned.file == spot.file)
            || service.nginx.iter().any(|owned| owned.file == spot.file)
    });
    let owners: Vec<&str> = owners.map(|service| service.name.as_str()).collect();
    owners.is_empty() || owners.contains(&name.as_str())
}

fn found(deployment: &Deployment, finding: &Finding<'_>, mask: &mut Mask) -> Option<Found> {
    let (check, hit) = (finding.check, &finding.hit);
    let file = deployment.file(hit.spot.file)?;
    let (start, end) = (file.place(hit.spot.range.start), file.place(hit.spot.range.end.max(hit.spot.range.start)));
    let last = end.line.min(start.line + SHOWN - 1);
    // What a file of settings holds on a line that is not understood may be any of its secrets.
    let unread = file.kind == Kind::Env && check.id == "form/env";
    let mut shown =
        |number| if unread { mask.unread(file.line(number)) } else { mask.line(hit.spot.file, file, number) };
    let lines: Vec<Line> = (start.line..=last).map(|number| Line { number, text: shown(number) }).collect();
    let first = lines.first().map_or("", |line| line.text.as_str());
    let end_column = if end.line == start.line { end.column } else { usize::MAX };
    let mark = mark(file.line(start.line).trim_end(), first, start.column, end_column);
    let values = hit.values.iter().map(|(name, value)| (name.clone(), mask.text(value))).collect();
    Some(Found {
        id: check.id.clone(),
        severity: finding.level().word().to_owned(),
        file: path(file),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        title: check.title.clone(),
        message: filled(&check.message, &values),
        why: filled(&check.why, &values),
        instead: filled(&check.instead, &values),
        fix: fix(deployment, &hit.fix, mask),
        cause: hit.cause.map(str::to_owned).or_else(|| check.cause.clone()),
        advice: check.advice,
        references: check
            .reference
            .iter()
            .map(|link| Link { title: link.title.clone(), url: link.url.clone() })
            .collect(),
        lines,
        mark,
    })
}

/// A text of a check with its values, which are masked; its own words need not be.
fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    sanitize::capped(&fill(text, values))
}

/// Column and length of a stretch of a line in its masked text, where what is behind a mask may have moved.
fn mark(written: &str, shown: &str, start: usize, end: usize) -> (usize, usize) {
    let (written, shown): (Vec<char>, Vec<char>) = (written.chars().take(LONG).collect(), shown.chars().collect());
    let same = written.iter().zip(&shown).take_while(|(a, b)| a == b).count();
    let room = written.len().min(shown.len()) - same;
    let tail = written.iter().rev().zip(shown.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let moved = |column: usize, inside: usize| {
        let at = column.saturating_sub(1).min(written.len());
        if at <= same {
            at
        } else if at + tail >= written.len() {
            shown.len() + at - written.len()
        } else {
            inside
        }
    };
    let (from, to) = (moved(start, same), moved(end, shown.len() - tail));
    (from + 1, to.saturating_sub(from).max(1))
}

fn fix(deployment: &Deployment, edits: &[Edit], mask: &mut Mask) -> Option<Fix> {
    if edits.is_empty() {
        return None;
    }
    let mut files: Vec<FileId> = edits.iter().map(|edit| edit.file).collect();
    files.sort_unstable();
    files.dedup();
    let mut diff = String::new();
    for id in files {
        let file = deployment.file(id)?;
        let own: Vec<&Edit> = edits.iter().filter(|edit| edit.file == id).collect();
        diff.push_str(&hunks(file, own, mask)?);
    }
    // A change that would hold a secret, or the mask of one, is of no use to a program.
    let plain = edits.iter().all(|edit| mask.text(&edit.text) == edit.text);
    let edits = edits.iter().filter(|_| plain).filter_map(|edit| change(deployment, edit)).collect();
    Some(Fix { diff, edits })
}

fn change(deployment: &Deployment, edit: &Edit) -> Option<Change> {
    let file = deployment.file(edit.file)?;
    let (start, end) = (file.place(edit.range.start), file.place(edit.range.end));
    Some(Change {
        file: path(file),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        text: edit.text.clone(),
    })
}

/// The changed lines of a file, before and after.
fn hunks(file: &File, mut edits: Vec<&Edit>, mask: &mut Mask) -> Option<String> {
    edits.sort_by_key(|edit| edit.range.start);
    let path = path(file);
    let mut out = format!("--- {path}\n+++ {path}\n");
    let mut rest = edits.as_slice();
    let mut shift: isize = 0;
    while let Some(first) = rest.first() {
        let begin = file.place(first.range.start).line;
        let mut end = file.place(first.range.end).line;
        let mut taken = 1;
        while let Some(next) = rest.get(taken).filter(|next| file.place(next.range.start).line <= end) {
            end = end.max(file.place(next.range.end).line);
            taken += 1;
        }
        let (own, others) = rest.split_at_checked(taken)?;
        rest = others;
        let bytes = file.line_range(begin).start..file.line_range(end).end;
        let before = Some(file.slice(&bytes)).filter(|text| text.len() <= CHANGED)?;
        let after = applied(before, bytes.start, own)?;
        let (old, new) = (before.lines().count(), after.lines().count());
        out.push_str(&format!("@@ -{begin},{old} +{},{new} @@\n", begin.saturating_add_signed(shift)));
        shift += isize::try_from(new).ok()? - isize::try_from(old).ok()?;
        let mut masked = |text: &str| text.lines().map(|line| mask.text(line)).collect::<Vec<_>>();
        let (removed, added) = (masked(before), masked(&after));
        // Two masks that are alike show no change.
        if removed == added {
            return None;
        }
        removed.iter().for_each(|line| out.push_str(&format!("-{line}\n")));
        added.iter().for_each(|line| out.push_str(&format!("+{line}\n")));
    }
    Some(out)
}

/// A text with changes applied whose ranges count from `base`.
fn applied(text: &str, base: usize, edits: &[&Edit]) -> Option<String> {
    let (mut out, mut at) = (String::new(), 0);
    for edit in edits {
        let start = edit.range.start.checked_sub(base)?;
        out.push_str(text.get(at..start)?);
        out.push_str(&edit.text);
        at = edit.range.end.checked_sub(base)?;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Cleans and masks what is shown.
struct Mask {
    redactor: Redactor,
    /// Long lines, which may hold many findings.
    lines: HashMap<(FileId, usize), String>,
}

impl Mask {
    /// What is shown, and where secrets are at home, is learnt before the first text is masked: a script may quote a password of `.env`.
    fn new(deployment: &Deployment, findings: &[&Finding<'_>], asked: &Asked) -> Self {
        let mut redactor = if asked.no_redact { Redactor::off() } else { Redactor::new() };
        let shown = |id: FileId| findings.iter().any(|finding| finding.hit.spot.file == id);
        let home = |file: &File| matches!(file.kind, Kind::Compose | Kind::Env);
        for (_, file) in deployment.files.iter().enumerate().filter(|(id, file)| home(file) || shown(*id)) {
            redactor.learn(&sanitize::visible(&file.text));
        }
        // A password that is the name of a service is no secret, and its mask would hide the service.
        let names: Vec<&str> = deployment.services.iter().flat_map(named).flat_map(pieces).collect();
        redactor.names(&names);
        Self { redactor, lines: HashMap::new() }
    }

    fn text(&mut self, text: &str) -> String {
        sanitize::capped(&self.redactor.mask(&sanitize::visible(text)))
    }

    /// A line of settings that was not understood: all behind its sign, or all of it; unless name and value tell that they are no secret.
    fn unread(&mut self, line: &str) -> String {
        let line = sanitize::visible(line.trim_end());
        let begin = line.find('=').map_or(0, |sign| sign + 1);
        let (name, value) = line.split_at_checked(begin).unwrap_or(("", &line));
        let secret = value.trim().trim_matches(['"', '\'']);
        if is_plain(name.trim_end_matches('='), secret) {
            return self.text(&line);
        }
        let at = value.find(secret).unwrap_or_default();
        let (before, behind) = (value.get(..at), value.get(at + secret.len()..));
        let text = if secret.is_empty() { value.to_owned() } else { self.redactor.hide(secret) };
        sanitize::capped(&[name, before.unwrap_or_default(), &text, behind.unwrap_or_default()].concat())
    }

    /// A line of a file, masked together with the two above it: what makes it a secret may stand there.
    fn line(&mut self, id: FileId, file: &File, number: usize) -> String {
        let first = number.saturating_sub(2).max(1);
        if file.line_range(number).end - file.line_range(first).start <= LONG {
            return self.lines(file, first, number);
        }
        if let Some(known) = self.lines.get(&(id, number)) {
            return known.clone();
        }
        let masked = self.lines(file, first, number);
        self.lines.insert((id, number), masked.clone());
        masked
    }

    fn lines(&mut self, file: &File, first: usize, number: usize) -> String {
        let lines: Vec<String> =
            (first..=number).map(|number| sanitize::visible(file.line(number).trim_end())).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        sanitize::capped(self.redactor.mask_lines(&lines).last().map_or("", String::as_str)).replace('\n', " ")
    }
}

/// What a service is called, and what it runs.
fn named(service: &Service) -> impl Iterator<Item = &str> {
    let values = service.container_name.iter().chain(&service.image).filter_map(Value::known);
    std::iter::once(service.name.as_str()).chain(values)
}

/// A name, and the words that it is made of.
fn pieces(name: &str) -> impl Iterator<Item = &str> {
    let words = name.split(|c: char| !(c.is_ascii_alphanumeric())).filter(|word| word.len() > 2);
    std::iter::once(name).chain(words)
}

#[cfg(test)]
mod tests {
    use super::{Mask, mark};
    use crate::report::redact::Redactor;

    #[test]
    fn what_was_not_understood_is_hidden_unless_it_is_plain() {
        let mut mask = Mask { redactor: Redactor::new(), lines: std::collections::HashMap::new() };
        assert_eq!(mask.unread("APP_NAME=\"Acme shop"), "APP_NAME=\"Acme shop");
        assert_eq!(mask.unread("APP_KEY=\"Acme shop"), "APP_KEY=\"[redacted:password:1]");
        assert_eq!(mask.unread("Kx9 fQ2"), "[redacted:password:2]");
    }

    #[test]
    fn a_mark_follows_what_a_mask_moves() {
        assert_eq!(mark("a: bc", "a: bc", 4, 6), (4, 2));
        let (written, shown) = ("u: pg://x:secret@localhost/d", "u: pg://x:[redacted:url-password:1]@localhost/d");
        assert_eq!(mark(written, shown, 18, 27), (37, 9));
        assert_eq!(mark(written, shown, 11, 17), (11, 25));
        assert_eq!(mark(written, shown, 4, usize::MAX), (4, 44));
        assert_eq!(mark("", "", 1, 1), (1, 1));
    }
}
