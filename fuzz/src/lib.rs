//! The properties that `tests/hostile` replays past findings against.

#[path = "../../tests/hostile/properties.rs"]
pub mod properties;
