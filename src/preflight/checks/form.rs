//! Files that cannot be understood: one check for each kind of fault the parsers report.

use crate::deploy::FaultKind;

use super::{Context, Entry, Hit, Hits, Level};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[
    ("form/compose", |context| faults(context, FaultKind::Compose)),
    ("form/dockerfile", |context| faults(context, FaultKind::Dockerfile)),
    ("form/env", super::env::form),
    ("form/file-missing", |context| faults(context, FaultKind::Missing)),
    ("form/limit", |context| faults(context, FaultKind::Limit)),
    ("form/nginx", |context| faults(context, FaultKind::Nginx)),
    ("form/shell", |context| faults(context, FaultKind::Shell)),
    ("form/variable-required", |context| lowered(context, FaultKind::Required, Level::Warning)),
    ("form/variable-unset", |context| lowered(context, FaultKind::Unset, Level::Note)),
    ("form/yaml", |context| faults(context, FaultKind::Yaml)),
];

/// A hit for every fault of a kind; for the parsers' checks that need no function of their own.
pub(super) fn faults(context: &Context<'_>, kind: FaultKind) -> Hits {
    let faults = context.deployment.faults.iter().filter(|fault| fault.kind == kind);
    let hit = |fault: &crate::deploy::Fault| {
        let hit = Hit::at(fault.spot.clone()).with("fault", fault.message.clone());
        if fault.count > 1 { hit.with("times", fault.count.to_string()) } else { hit }
    };
    faults.map(hit).collect()
}

/// Without any `.env` the variables come from somewhere else, and it is not known which are set.
fn lowered(context: &Context<'_>, kind: FaultKind, level: Level) -> Hits {
    let sure = context.deployment.env_file.is_some();
    faults(context, kind).into_iter().map(|hit| if sure { hit } else { hit.only(level) }).collect()
}
