//! Files that cannot be understood: one check for each kind of fault the parsers report.

use crate::deploy::FaultKind;

use super::{Context, Entry, Hit, Level};

/// The checks of this area.
pub(super) const CHECKS: &[Entry] = &[];

fn faults(context: &Context<'_>, kind: FaultKind) -> Vec<Hit> {
    let faults = context.deployment.faults.iter().filter(|fault| fault.kind == kind);
    faults.map(|fault| Hit::at(fault.spot.clone()).with("fault", fault.message.clone())).collect()
}

#[expect(dead_code, reason = "belongs to form/variable-required")]
/// Without any `.env` the variables come from somewhere else, and it is not known which are set.
fn required(context: &Context<'_>) -> Vec<Hit> {
    let hits = faults(context, FaultKind::Required).into_iter();
    let sure = context.deployment.env_file.is_some();
    hits.map(|hit| if sure { hit } else { hit.only(Level::Warning) }).collect()
}
