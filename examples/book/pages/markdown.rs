//! Texts of the knowledge as Markdown.

use std::collections::BTreeMap;

/// The first lines of a generated page.
pub(crate) fn head(title: &str) -> String {
    format!("<!-- Made by `cargo run --example book`; changes here are lost. -->\n\n# {title}\n\n")
}

/// A text in which nothing is markup, except what stands between backticks.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        if index > 0 {
            out.push('`');
        }
        if index % 2 == 1 {
            out.push_str(part);
            continue;
        }
        for letter in part.chars() {
            if matches!(letter, '\\' | '*' | '_' | '<' | '>' | '[' | ']' | '|' | '#') {
                out.push('\\');
            }
            out.push(letter);
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A template as it reads with its values named: `{path}` becomes `<path>`, a stretch that may be missing is shown.
pub(crate) fn filled(template: &str) -> String {
    let mut values = BTreeMap::new();
    for part in template.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}') {
            values.insert(name.to_owned(), format!("<{name}>"));
        }
    }
    diagnose::rule::fill(template, &values)
}

/// A template as running text.
pub(crate) fn sentence(template: &str) -> String {
    plain(&filled(template))
}

/// A few words as code inside a line.
pub(crate) fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A block of code, indented.
pub(crate) fn block(text: &str, indent: &str) -> String {
    let lines = text.trim_end().lines().map(|line| format!("{indent}{line}").trim_end().to_owned());
    format!("{indent}```\n{}\n{indent}```\n", lines.collect::<Vec<_>>().join("\n"))
}

/// What a heading's anchor is.
pub(crate) fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_')).collect()
}

/// A row of a table.
pub(crate) fn row(cells: &[&str]) -> String {
    format!("| {} |\n", cells.join(" | "))
}
