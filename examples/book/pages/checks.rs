//! The checks of `preflight`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

use diagnose::preflight::CheckFile;

use super::Page;
use super::markdown::{anchor, head, plain, sentence};

pub(crate) fn page(checks: &[CheckFile]) -> Result<Page, Box<dyn Error>> {
    let mut areas: BTreeMap<&str, Vec<&CheckFile>> = BTreeMap::new();
    for check in checks {
        areas.entry(check.id.split('/').next().unwrap_or_default()).or_default().push(check);
    }
    let mut text = head("Checks of preflight");
    writeln!(
        text,
        "All {} faults that `diagnose preflight` finds in the files of a deployment. The severity is the highest; a finding may be lower.",
        checks.len()
    )?;
    writeln!(text, "What is read, and how a finding is ignored: [preflight](preflight.md).")?;
    for (area, checks) in areas {
        writeln!(text, "\n## {area}")?;
        for check in checks {
            writeln!(text, "\n### {}\n\n**{}** · {}\n", check.id, sentence(&check.title), check.severity.word())?;
            writeln!(
                text,
                "*Says:* {}\n\n*Why:* {}\n\n*Instead:* {}",
                sentence(&check.message),
                sentence(&check.why),
                sentence(&check.instead)
            )?;
            if let Some((area, rule)) = check.cause.as_deref().and_then(|cause| cause.split_once('/')) {
                let id = format!("{area}/{rule}");
                writeln!(text, "\n*At run time:* [{id}](rules/{area}.md#{})", anchor(&id))?;
            }
            let links: Vec<String> =
                check.reference.iter().map(|link| format!("[{}]({})", plain(&link.title), link.url)).collect();
            if !links.is_empty() {
                writeln!(text, "\nRead on: {}", links.join(" · "))?;
            }
        }
    }
    Ok(Page { path: "checks.md".to_owned(), text })
}
