//! What the program knows, as pages: takes nothing, gives Markdown. The example `book` writes it, the test `book` compares it.

mod checks;
mod command_line;
mod fields;
pub(crate) mod markdown;
mod profiles;
mod rules;

use std::error::Error;

/// A page of the book.
pub(crate) struct Page {
    /// Below `docs/`.
    pub(crate) path: String,
    /// Its Markdown.
    pub(crate) text: String,
}

/// All generated pages.
///
/// # Errors
/// When the knowledge inside the program, or a schema, cannot be read.
pub(crate) fn all() -> Result<Vec<Page>, Box<dyn Error>> {
    let mut set = diagnose::rule::embedded(&[])?;
    set.rules = set.rules.iter().map(|rule| diagnose::rule::in_full(rule).into_owned()).collect();
    set.rules.sort_by(|a, b| a.id.cmp(&b.id));
    let mut pages = rules::pages(&set.rules)?;
    pages.push(profiles::page(&set.profiles)?);
    pages.push(checks::page(&diagnose::preflight::embedded()?)?);
    pages.push(command_line::page()?);
    pages.push(fields::page()?);
    Ok(pages)
}
