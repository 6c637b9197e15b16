//! The room `scan` as a crate of its own, under the name of the whole.

extern crate self as diagnose;

#[path = "../../../src/num.rs"]
mod num;
#[path = "../../../src/scan/mod.rs"]
pub mod scan;
#[path = "../../../tests/hostile/scanning.rs"]
pub mod scanning;
