//! Turns what the diagnosis filled in into a report that may be shown: cleaned once, masked once.

use std::collections::VecDeque;

use super::model::Report;
use super::redact::Redactor;
use super::{sanitize, visit};

/// Cleans every text of control sequences, then masks secrets.
///
/// Cleaning comes first, since a colour code in the middle of a key would hide it. Learning looks at the whole report before
/// the first text is masked, since a title may quote a password that only a later line shows to be one.
#[must_use]
pub fn seal(mut report: Report, redactor: &mut Redactor) -> Report {
    let mut searched = VecDeque::new();
    visit::texts(&mut report, &mut |group| {
        for text in group.iter_mut() {
            **text = sanitize::visible(text);
        }
        let joined: Vec<&str> = group.iter().map(|text| text.as_str()).collect();
        searched.push_back(redactor.search(&joined.join("\n")));
    });
    visit::texts(&mut report, &mut |group| {
        let texts: Vec<&str> = group.iter().map(|text| text.as_str()).collect();
        // The groups come in the same order again.
        let masked = redactor.mask_found(&texts, searched.pop_front().unwrap_or_default());
        for (text, masked) in group.iter_mut().zip(masked) {
            **text = sanitize::capped(&masked);
        }
    });
    report.redactions = redactor.summary();
    report
}
