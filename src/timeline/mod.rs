//! Takes the marks of a boot, gives its course: which phases were entered and left, when the application was ready.
//!
//! Knows nothing of causes.

mod course;
mod profile;

pub use course::{Course, course};
pub use profile::{choose, named};
