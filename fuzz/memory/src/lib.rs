//! The room `scan` as a crate of its own, under the name of the whole.

extern crate self as diagnose;

#[path = "../../../src/num.rs"]
mod num;
/// Of the room `record` the scan knows one number, which only its windows ask for; the fuzzed code does not.
mod record {
    pub(crate) const REACH_LINES: usize = 200;
}
#[path = "../../../src/scan/mod.rs"]
pub mod scan;
#[path = "../../../tests/hostile/scanning.rs"]
pub mod scanning;
