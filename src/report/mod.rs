//! The report: takes what the diagnosis found, gives the frozen [`model::Report`] and its writers; knows nothing of logs, rules or
//! containers.
//!
//! [`seal`] is the only door: it cleans and masks every text once. What comes out of it may be shown anywhere, so the
//! writers escape for their medium but never redact.

pub mod html;
pub mod json;
pub mod markdown;
pub mod model;
pub mod redact;
pub mod sanitize;
pub mod seal;
pub mod text;

mod advice;
mod block;
mod build;
mod checklist;
mod command;
#[cfg(test)]
mod command_tests;
mod course;
mod dialect;
mod head;
mod place;
mod prose;
mod sentence;
mod unexplained;
mod visit;
pub(crate) mod words;

pub use build::{Facts, InputFacts, build, build_with};
pub use checklist::{Check, Checklist};
pub use model::Report;
pub use text::TextStyle;
