//! A raw line and its neighbourhood → a [`Record`]: one message without its envelopes.
//!
//! Takes bytes of a log; gives [`Line`]s (prefixes peeled off layer by layer) and [`Record`]s (continuation lines folded
//! into their head line). Knows how programs write logs and nothing of rules: what a message means is not asked here.
//!
//! Nothing here fails. A prefix that is not recognised stays in the text, a line that continues nothing is its own
//! record, and no line is lost.

mod again;
mod alike;
mod apps;
mod clean;
mod fold;
mod form;
mod fpm;
mod json;
mod layers;
mod level;
mod line;
mod locale;
mod named;
mod near;
mod script;
mod seen;
mod servers;
mod shape;
mod stamp;
mod structured;
mod time;
mod tools;
mod transport;
mod types;
mod window;
mod zeros;

#[cfg(test)]
mod line_tests;
#[cfg(test)]
mod time_tests;
#[cfg(test)]
mod window_tests;

pub use again::Row;
pub use fold::{Record, RecordLine};
pub use form::Form;
pub(crate) use form::is_own_frame;
pub use layers::Layers;
pub use line::{Line, peel};
pub use named::Named;
pub(crate) use near::REACH_LINES;
pub use near::Reader;
pub use transport::{before_number, is_of_project};
pub use types::{Clock, Level, Stamp, Stream, Tech};
pub use window::{after, before, first_time, last_time, record_at, records, texts};
