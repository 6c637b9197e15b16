//! Takes bytes and the literals of all rules, gives the places where one of them stands, whole buffers at a time.
//!
//! Knows nothing of what a line means. Nothing is done for a line without a hit: line ends are counted, not looked at.

mod ahead;
mod buffer;
mod literal;
#[cfg(unix)]
mod order;
pub mod prefilter;
#[cfg(unix)]
mod ranges;
mod window;

pub use ahead::scan_ahead;
pub use literal::{Plain, Words};
pub use prefilter::{Bucketed, Counted, Hit, Kernel, Prefilter, Visit};
#[cfg(unix)]
pub use ranges::{LARGE, MOST, scan_file};
pub use window::{Sink, Totals, Window, scan};
