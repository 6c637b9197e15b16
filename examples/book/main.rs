//! Writes the pages of the book that are made from the program itself: rules, profiles, checks, command line, fields of the reports.
//!
//! `cargo run --example book`, after every change of one of these; `cargo test --test book` says when it was forgotten.

mod pages;

use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    // The page of an area that is gone must go too.
    let rules = docs.join("rules");
    if rules.is_dir() {
        fs::remove_dir_all(&rules)?;
    }
    fs::create_dir_all(&rules)?;
    for page in pages::all()? {
        fs::write(docs.join(&page.path), page.text)?;
    }
    Ok(())
}
