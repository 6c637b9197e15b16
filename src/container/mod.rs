//! Takes the name of a container, gives its [`ContainerState`], the readers of its logs and files, and its neighbours.
//!
//! Asks the engine read-only questions (inspect, list, logs, archive, events); knows nothing of what a log means. What the engines and
//! the client library really do is written down where the code depends on it.

mod address;
mod bound;
mod engine;
mod error;
mod facts;
mod files;
mod frames;
mod inspect;
mod listening;
mod logs;
mod ports;
mod probe;
mod siblings;
mod state;

pub use address::{Address, Environment, resolve};
pub use engine::Engine;
pub use error::EngineError;
pub use facts::{arithmetic, duration, facts};
#[doc(hidden)]
pub use frames::joined;
pub use logs::{LogReader, LogRequest, Waited};
pub use ports::{Listener, from_proc, from_ss, sockets};
pub use probe::Answer;
pub use siblings::{Entry, near, near_hosts, owner, related, valid_name};
pub use state::{ContainerState, Endpoint, Event, Health, Port, Probe};
