//! Environment files: what compose makes of them, and what was meant.

use std::collections::BTreeMap;

use crate::deploy::dotenv::{Entry, Fault, FaultKind, Quote};
use crate::deploy::{EnvFile, Spot};

use super::{Context, Hit, Hits};

/// Files that compose refuses as a whole.
pub(super) fn form(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for file in &context.deployment.env_files {
        for fault in &file.model.faults {
            let spot = Spot::new(file.file, fault.range.clone());
            let found = context.deployment.slice(&spot);
            let message = match fault.kind {
                FaultKind::BadName => format!("a name cannot hold the character {found}"),
                FaultKind::BlankInName => "a name cannot hold a blank".to_owned(),
                FaultKind::Unterminated => "the quote is not closed".to_owned(),
                FaultKind::NoName => "no name stands before the sign".to_owned(),
                FaultKind::BehindQuote | FaultKind::CommentAsValue => continue,
            };
            let hit = Hit::at(spot).with("fault", message + &opened_before(context, file, fault));
            hits.push(if fault.kind.refuses() { hit } else { hit.only(super::Level::Warning) });
        }
    }
    hits
}

/// A hint at the quote of an earlier line that a quote of this one has closed.
fn opened_before(context: &Context<'_>, file: &EnvFile, fault: &Fault) -> String {
    let Some(text) = context.deployment.file(file.file) else { return String::new() };
    let line = |byte: usize| text.place(byte).line;
    let mut before = file.model.entries.iter().filter(|entry| entry.value_range.end <= fault.range.start);
    let long = before.next_back().filter(|entry| {
        let (start, end) = (line(entry.value_range.start), line(entry.value_range.end));
        start < end && end == line(fault.range.start)
    });
    long.map_or_else(String::new, |entry| {
        format!("; a quote of this line closes the one that line {} opened", line(entry.value_range.start))
    })
}

pub(super) fn comment_as_value(context: &Context<'_>) -> Hits {
    of_kind(context, FaultKind::CommentAsValue, |file, fault, hit| {
        let entry = file.model.entries.iter().find(|entry| entry.value_range == fault.range);
        let hit = hit.with("variable", entry.map_or("the variable", |entry| entry.key.as_str()));
        hit.fix(Spot::new(file.file, fault.range.start..fault.range.start), "'' ")
    })
}

pub(super) fn text_behind_quote(context: &Context<'_>) -> Hits {
    of_kind(context, FaultKind::BehindQuote, |file, fault, hit| {
        let before = file.model.entries.iter().rev().find(|entry| entry.value_range.end <= fault.range.start);
        hit.with("variable", before.map_or("the variable", |entry| entry.key.as_str()))
    })
}

fn of_kind(context: &Context<'_>, kind: FaultKind, told: fn(&EnvFile, &Fault, Hit) -> Hit) -> Hits {
    let files = context.deployment.env_files.iter();
    let faults = files.flat_map(|file| file.model.faults.iter().map(move |fault| (file, fault)));
    faults
        .filter(|(_, fault)| fault.kind == kind)
        .map(|(file, fault)| told(file, fault, Hit::at(Spot::new(file.file, fault.range.clone()))))
        .collect()
}

pub(super) fn duplicate_key(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for file in &context.deployment.env_files {
        let mut last: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in &file.model.entries {
            let Some(before) = last.insert(&entry.key, entry) else { continue };
            if before.value == entry.value {
                continue;
            }
            let line = context.deployment.file(file.file).map_or(0, |text| text.place(before.key_range.start).line);
            let spot = Spot::new(file.file, entry.key_range.clone());
            hits.push(Hit::at(spot).with("variable", entry.key.clone()).with("first", line.to_string()));
        }
    }
    hits
}

/// Quotes over several lines keep the carriage returns; a shell that reads the file keeps them everywhere.
pub(super) fn line_ends(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for file in context.deployment.env_files.iter().filter(|file| file.model.crlf) {
        let Some(text) = context.deployment.file(file.file) else { continue };
        let inside = |entry: &&Entry| entry.value.as_deref().is_some_and(|value| value.contains("\r\n"));
        let kept = file.model.entries.iter().find(inside);
        let name = text.path.rsplit('/').next().unwrap_or(&text.path);
        let sourced = context.deployment.services.iter().flat_map(|service| &service.scripts).any(|script| {
            context.deployment.file(script.file).is_some_and(|file| {
                file.text.lines().any(|line| {
                    let mut words = line.split_whitespace();
                    matches!(words.next(), Some("." | "source")) && words.any(|word| word.ends_with(name))
                })
            })
        });
        let first = text.line_range(1);
        let spot = kept.map_or(first, |entry| entry.value_range.clone());
        let hit = Hit::at(Spot::new(file.file, spot)).with("file", text.path.clone());
        hits.push(if kept.is_some() || sourced { hit } else { hit.only(super::Level::Note) });
    }
    hits
}

/// `- KEY="value"` in a list: YAML takes the quotes for a part of the text, and so does compose.
pub(super) fn quotes_in_value(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for service in &context.deployment.services {
        for variable in &service.environment {
            let Some(value) = &variable.value else { continue };
            let in_file = context.deployment.env_files.iter().any(|file| file.file == value.spot.file);
            let Some(inside) = framed(&value.raw) else { continue };
            // In a map, a quoted text with quotes in it is meant.
            let written = context.deployment.slice(&value.spot);
            if in_file
                || variable.spot == value.spot
                || !is_list_item(context, variable.spot.file, variable.spot.range.start)
            {
                continue;
            }
            let mut hit = Hit::at(value.spot.clone()).with("variable", variable.name.clone());
            if written == value.raw {
                hit = hit.fix(value.spot.clone(), inside);
            }
            hits.once(hit);
        }
    }
    hits.extend(typographic(context));
    hits
}

/// The text between two equal quotes.
fn framed(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
    let inside = text.strip_prefix(mark)?.strip_suffix(mark)?;
    (!inside.contains(mark)).then_some(inside)
}

/// Whether the line of a byte begins like an item of a list, without a quote around all of it.
fn is_list_item(context: &Context<'_>, file: usize, byte: usize) -> bool {
    let Some(file) = context.deployment.file(file) else { return false };
    let line = file.line(file.place(byte).line).trim_start();
    line.strip_prefix('-').is_some_and(|rest| !rest.trim_start().starts_with(['"', '\'', '{', '&']))
}

/// Quotes of a word processor are no quotes.
fn typographic(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for file in &context.deployment.env_files {
        for entry in file.model.entries.iter().filter(|entry| entry.quote == Quote::None) {
            let value = entry.value.as_deref().unwrap_or_default();
            if value.starts_with(['“', '”', '„', '‘', '’']) {
                let spot = Spot::new(file.file, entry.value_range.clone());
                hits.push(Hit::at(spot).with("variable", entry.key.clone()));
            }
        }
    }
    hits
}
