//! `diagnose`: from the logs of a failed container start to its root cause.
//!
//! Bytes come from a [`source`]; a literal [`scan`] finds the few lines worth reading; only those become [`record`]s and are judged by
//! [`rule`]s held as data ([`detect`]); a [`timeline`] of boots and phases puts the matches in context; the [`diagnosis`] says who is to
//! blame; a frozen, redacted [`report`] is rendered. `run` alone knows all rooms. See `docs/architecture.md`.

pub mod bundle;
pub mod cli;
pub mod container;
pub mod deploy;
pub mod detect;
pub mod diagnosis;
mod num;
pub mod preflight;
pub mod record;
pub mod report;
pub mod rule;
pub mod run;
pub mod scan;
pub mod source;
pub mod timeline;
