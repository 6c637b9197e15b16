//! What a user sees with a Docker engine. Tests that need a real one are ignored by default and say so:
//! `cargo test --test docker -- --ignored` runs them against the engine that `docker` talks to, `cargo test -- --include-ignored` runs
//! everything. They may run in parallel threads and beside other runs: everything they create carries a prefix of their own.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say plainly what they expect"
)]

mod answer;
mod bundle;
mod connection;
mod ended;
mod fake;
mod gateway;
mod health;
mod image;
mod live;
mod logs;
mod names;
mod never_started;
mod privacy;
mod project;
mod reach;
mod stage;
mod state;
mod trouble;
mod verify;
