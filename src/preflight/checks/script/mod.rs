//! Start scripts: whether they can be run, and whether their failures are seen.

mod background;
mod flow;
mod form;
mod pipeline;
mod signal;
mod tool;
mod wait;

pub(super) use flow::{shown, swallows};

use super::{Context, Entry, Hit, Hits, Level};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("script/background-ends", background::ends),
    ("script/silent-background", background::silent),
    ("script/exec-pipeline", pipeline::exec),
    ("script/status-masked", pipeline::masked),
    ("script/pipefail-unsupported", pipeline::unsupported),
    ("script/carriage-returns", form::carriage_returns),
    ("script/shebang-missing", form::shebang_missing),
    ("script/not-executable", form::not_executable),
    ("script/interpreter-missing", form::interpreter_missing),
    ("script/bash-syntax", form::bash_syntax),
    ("script/strict-mode-missing", flow::strict_mode_missing),
    ("script/no-exec", flow::no_exec),
    ("script/failure-ignored", flow::failure_ignored),
    ("script/signal-ignored", signal::ignored),
    ("script/trap-unreachable", signal::unreachable),
    ("script/trap-impossible", signal::impossible),
    ("script/tool-missing", tool::missing),
    ("script/wait-host-unknown", wait::host_unknown),
];
