//! The functions of the checks, by area. A check is a file in `patterns/checks/`, and here a function in the list of its area.

mod compose;
mod env;
mod form;
mod ignore;
mod image;
mod memory;
mod proxy;
mod script;

use super::check::{Context, Entry};
use super::file::Level;
use super::finding::{Hit, Hits};

/// The check of comments that ignore nothing.
pub(super) const UNUSED: &str = "ignore/unused";

/// Every list.
pub(super) const AREAS: [&[Entry]; 8] = [
    compose::CHECKS,
    env::CHECKS,
    form::CHECKS,
    ignore::CHECKS,
    image::CHECKS,
    memory::CHECKS,
    proxy::CHECKS,
    script::CHECKS,
];
