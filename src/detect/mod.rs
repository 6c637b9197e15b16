//! Takes candidates and the rule set, gives tallies of clauses per unit and boot, and from them [`Match`]es.
//!
//! Knows nothing of blame. A *unit* is one process tree of one source: the whole file, or one service of a composed log.

mod allowance;
mod answers;
mod boot;
mod collect;
mod combine;
mod echo;
mod ending;
mod example;
mod explained;
mod herald;
mod judge;
mod last_word;
mod lent;
mod numbers;
mod refrain;
mod sighting;
mod starts;
mod state;
mod stray;
mod tally;

pub use allowance::Allowance;
pub use answers::{Answer, Answers, is_answer};
pub use collect::{Collector, SourceFacts};
pub use combine::{Match, combine, dropped};
pub use ending::{Ending, LastWords};
pub use example::check_examples;
pub use sighting::{Order, Sighting, order};
pub use state::judge_state;
pub use stray::Stray;
pub use tally::{BootLog, Tally, Unit};
