//! Everything that a colleague needs to repeat a diagnosis, in one archive: takes a sealed report, what was kept of the logs, and the
//! states of containers; gives the bytes of a `.tar.zst`, and reads one back. Knows nothing of rules or of where the inputs came from.
//!
//! Nothing secret goes in: one [`Redactor`](crate::report::redact::Redactor) masks the report, the logs and the states, and of a
//! container's environment nothing is kept. Nothing is trusted on the way back: members are bounded in number and size, looked up by
//! name in memory, checked against the manifest, and never written to a disk.

mod keep;
mod lines;
mod make;
mod manifest;
mod passages;
mod read;
mod restore;
mod state;
mod write;

pub use keep::{Gap, Keep, Kept, Limits, Segment, Tee};
pub use lines::{learn, mask};
pub use make::{KeptInput, Parts, learn_all, make};
pub use manifest::{Container, Input, Manifest, Member, SCHEMA, Tool, What};
pub use read::{Bundle, BundleError, read};
