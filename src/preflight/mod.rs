//! Takes a [`Deployment`], gives a [`Report`] of what will fail at start. Knows nothing of logs; reads and executes nothing.
//!
//! A check is a file in `patterns/checks/<area>/<name>.toml` with its texts and examples, and a function of the same id in `checks/`.

mod app;
mod check;
mod checks;
mod connection;
mod facts;
mod file;
mod finding;
mod ignore;
mod image;
mod ports;
mod reach;
pub mod report;
mod runs;
mod scripts;
mod url;

pub use check::{
    Context, Entry, Judged, LoadError, Look, Memo, embedded, embedded_texts, findings, function, registered,
};
pub use file::{CheckFile, Clean, Failing, Level, Reference, TextSpec};
pub use finding::{Edit, Finding, Hit, Hits};
pub use report::Report;

use crate::deploy::Deployment;
use crate::rule::ProfileFile;

/// Judges a deployment.
#[must_use]
pub fn judge(checks: &[CheckFile], profiles: &[ProfileFile], deployment: &Deployment, asked: &report::Asked) -> Report {
    let memo = Memo::default();
    let context = Context { deployment, profiles, memo: &memo };
    report::build(deployment, &findings(checks, &context), asked)
}
