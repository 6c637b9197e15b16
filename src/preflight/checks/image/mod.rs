//! Dockerfiles: what is built, what it runs, who it runs as.

mod base;
pub(super) mod context;
mod detach;
mod development;
mod directory;
mod health;
mod install;
mod line;
mod lock;
mod package;
mod start;

use super::script::{shown, swallows};
use super::{Context, Entry, Hit, Hits, Level};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("image/base-latest", base::latest),
    ("image/from-argument", base::argument),
    ("image/server-detaches", detach::look),
    ("image/shell-missing", line::look),
    ("image/install-masked", install::masked),
    ("image/install-without-root", install::without_root),
    ("image/apt-without-update", install::apt_without_update),
    ("image/install-asks", install::asks),
    ("image/lock-missing", lock::missing),
    ("image/list-invalid", start::list_invalid),
    ("image/entrypoint-shell-form", start::entrypoint_shell_form),
    ("image/command-shell-form", start::command_shell_form),
    ("image/command-dropped", start::command_dropped),
    ("image/program-missing", start::program_missing),
    ("image/development-command", development::command),
    ("image/nx-pruned", development::nx),
    ("image/directory-wrong", directory::wrong),
    ("image/copy-source-missing", context::source_missing),
    ("image/stage-unknown", context::stage_unknown),
    ("image/context-missing", context::folder_missing),
    ("image/script-missing", context::script_missing),
    ("image/start-file-missing", context::start_file_missing),
    ("image/variable-in-list", context::variable_in_list),
    ("image/flag-unknown", package::flag_unknown),
    ("image/manager-mismatch", package::manager_mismatch),
    ("image/healthcheck-missing", health::missing),
    ("image/health-tool-missing", health::tool_missing),
    ("image/health-path-unknown", health::path_unknown),
    ("image/health-port-closed", health::port_closed),
    ("image/health-budget-too-short", health::budget_too_short),
];
