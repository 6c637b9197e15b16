//! The applications whose start is known.

use std::error::Error;
use std::fmt::Write as _;

use diagnose::rule::{ProfileFile, RequiresSpec};

use super::Page;
use super::markdown::{code, filled, head, plain, row, sentence};

type Done = Result<(), Box<dyn Error>>;

pub(crate) fn page(profiles: &[ProfileFile]) -> Result<Page, Box<dyn Error>> {
    let mut text = head("Profiles");
    writeln!(
        text,
        "What a good start of an application looks like. A profile is chosen by the image, or by lines that only its application prints;"
    )?;
    writeln!(text, "`--profile NAME` names it instead. `diagnose rules profiles` prints the list.")?;
    for profile in profiles {
        one(profile, &mut text)?;
    }
    Ok(Page { path: "profiles.md".to_owned(), text })
}

fn one(profile: &ProfileFile, text: &mut String) -> Done {
    write!(text, "\n## {}\n\n{}", profile.id, plain(&profile.name))?;
    writeln!(text, "{}", if profile.service { ", a server that others wait for." } else { "." })?;
    let list = |values: &[String]| values.iter().map(|value| code(value)).collect::<Vec<_>>().join(", ");
    let facts = [
        ("port", profile.port.map(|port| port.to_string()).unwrap_or_default()),
        ("health", profile.health_path.as_deref().map(code).unwrap_or_default()),
        ("images", list(&profile.images)),
        ("logs inside the container", list(&profile.log_files)),
        ("usual name of the container", profile.container.as_deref().map(code).unwrap_or_default()),
    ];
    let known: Vec<_> = facts.iter().filter(|(_, value)| !value.is_empty()).collect();
    if !known.is_empty() {
        text.push('\n');
    }
    for (name, value) in known {
        writeln!(text, "- {name}: {value}")?;
    }
    if !profile.phase.is_empty() {
        text.push_str("\nPhases, in order:\n\n");
        for phase in &profile.phase {
            let note = if phase.optional { " (shown only when it was entered)" } else { "" };
            writeln!(text, "1. {} – {}{note}", code(&phase.name), plain(&phase.title))?;
        }
    }
    if !profile.success.is_empty() {
        text.push_str("\nIt serves when:\n\n");
        for check in &profile.success {
            writeln!(text, "- {}: {}", code(&filled(&check.run)), sentence(&check.expect))?;
        }
    }
    if !profile.documentation.is_empty() {
        text.push_str("\nEntries of its documentation that reports refer to:\n\n");
        for entry in &profile.documentation {
            writeln!(text, "- “{}”: {}", plain(&entry.title), sentence(&entry.cure))?;
        }
    }
    profile.requires.as_ref().map_or(Ok(()), |requires| needs(requires, text))
}

/// What `preflight` asks of a deployment.
fn needs(requires: &RequiresSpec, text: &mut String) -> Done {
    if let Some(memory) = requires.memory {
        writeln!(text, "\n`preflight` expects at least {memory} MiB of memory.")?;
    }
    if requires.variable.is_empty() {
        return Ok(());
    }
    text.push_str("\nVariables that `preflight` looks for:\n\n");
    text.push_str(&row(&["variable", "without it", "why"]));
    text.push_str(&row(&["---", "---", "---"]));
    for variable in &requires.variable {
        let effect = match (variable.stops, variable.empty_only) {
            (true, true) => "does not start when it is empty",
            (true, false) => "does not start",
            (false, true) => "starts, but it must not be empty",
            (false, false) => "starts, something does not work",
        };
        text.push_str(&row(&[&code(&variable.name), effect, &sentence(&variable.why)]));
    }
    Ok(())
}
