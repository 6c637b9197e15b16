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
mod mounts;
mod owner;
mod ports;
mod probe;
mod siblings;
mod state;
mod upstreams;

pub use address::{Address, Environment, resolve};
pub use engine::Engine;
pub use error::EngineError;
pub use facts::{arithmetic, duration, facts};
#[doc(hidden)]
pub use frames::joined;
pub use logs::{LogReader, LogRequest, Waited};
pub use owner::{is_guess, owner, successor};
pub use ports::{Listener, from_proc, from_ss, sockets};
pub use probe::Answer;
pub use siblings::{Entry, near, near_hosts, related, valid_name};
pub use state::{ContainerState, Endpoint, Event, Health, Port, Probe};
pub use upstreams::{configuration, servers, upstreams};
