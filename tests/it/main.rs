//! The one integration binary: what a user sees.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::string_slice,
    reason = "tests say plainly what they expect, and why they skip"
)]

mod alike;
mod bad_input;
mod beside;
mod bundle;
mod cli;
mod corpus;
mod preflight;
mod preflight_cli;
mod readme;
mod rooms;
mod rules;
mod samples;
mod steps;
mod support;
mod verdicts;
