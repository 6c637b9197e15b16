//! Turns what the diagnosis filled in into a report that may be shown: cleaned once, masked once.

use std::collections::VecDeque;

use super::model::Report;
use super::redact::{Found, Redactor};
use super::visit::Group;
use super::{sanitize, visit};

/// Cleans every text of control sequences, then masks secrets.
///
/// Cleaning comes first, since a colour code in the middle of a key would hide it. Learning looks at the whole report before
/// the first text is masked, since a title may quote a password that only a later line shows to be one.
#[must_use]
pub fn seal(mut report: Report, redactor: &mut Redactor) -> Report {
    let mut searched = VecDeque::new();
    visit::texts(&mut report, &mut |group| {
        if let Some((line, unshown)) = &mut group.unshown {
            let before = group.texts.get(*line).and_then(|line| line.get(..**unshown)).unwrap_or_default();
            **unshown = sanitize::visible(before).len();
        }
        for text in &mut group.texts {
            **text = sanitize::visible(text);
        }
        searched.push_back(redactor.search(&joined(group)));
    });
    visit::texts(&mut report, &mut |group| {
        // The groups come in the same order again.
        let found = searched.pop_front().unwrap_or_default();
        for (text, masked) in mask(redactor, group, found) {
            **text = sanitize::capped(&masked);
        }
    });
    report.redactions = redactor.summary();
    report
}

fn joined(group: &Group<'_>) -> String {
    let texts: Vec<&str> = group.texts.iter().map(|text| text.as_str()).collect();
    texts.join("\n")
}

/// The texts of a group, and each as it is shown. What is not shown of a line is cut off only here, for it may say what is secret.
fn mask<'t, 'g>(
    redactor: &mut Redactor,
    group: &'t mut Group<'g>,
    found: Found,
) -> impl Iterator<Item = (&'t mut &'g mut String, String)> {
    let texts: Vec<&str> = group.texts.iter().map(|text| text.as_str()).collect();
    let cut = group.unshown.as_ref().map_or((0, 0), |(line, unshown)| (*line, **unshown));
    let (mut masked, unshown) = redactor.mask_found(&texts, cut, found);
    if let Some((text, unshown)) = masked.get_mut(cut.0).zip(Some(unshown).filter(|unshown| *unshown > 0)) {
        *text = format!("… {}", text.get(unshown..).unwrap_or(text).trim_start());
    }
    if let Some((_, unshown)) = &mut group.unshown {
        **unshown = 0;
    }
    group.texts.iter_mut().zip(masked)
}
