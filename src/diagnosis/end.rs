//! How a program ended, and whether a fault before has anything to do with that: not where it went on well between the two.

use crate::detect::Sighting;
use crate::rule::{Pattern, Role, RuleFile};

use super::UnitView;

/// Areas whose symptoms tell that a process, or a container, ended.
pub(super) const ENDS: [&str; 2] = ["container", "process"];
/// Records that show a process going on, and that it got over what was before.
pub(super) const CALM: usize = 3;

/// Whether a rule's symptom tells that a process ended.
pub(super) fn tells_of(rule: &RuleFile) -> bool {
    rule.role == Role::Symptom && ENDS.contains(&rule.area())
}

/// Whether a program says behind a line that something is well.
pub(super) fn speaks(view: &UnitView<'_>, last: &Sighting) -> bool {
    view.unit.answers.alive > last.offset || view.unit.calm.iter().any(|line| *line > last.line)
}

/// Whether a program went on well behind a fault and before its end. Of several tasks that share an output nobody knows which one went on.
pub(super) fn went_on(view: &UnitView<'_>, fault: &Sighting, end: &Sighting) -> bool {
    let one = view.unit.source == fault.source && fault.source == end.source;
    let alone = fault.lane.is_none() && end.lane.is_none();
    let between = |line: &&u64| fault.line < **line && **line < end.line;
    one && alone && view.unit.calm.iter().filter(between).count() >= CALM
}

/// Whether the last line of a fault says that the program ended whose log this is, by Compose's or the engine's word or by that of its runtime, and
/// nothing came behind it. What a start script says so of is one of its tasks, and has words before it, or a lane.
pub(super) fn is_over(view: &UnitView<'_>, last: &Sighting) -> bool {
    static ENDED: Pattern = Pattern::constant(
        r"^(?:[Cc]ontainer )?[\w.-]+ exited (?:with code [1-9]\d*|\([1-9]\d*\))$|^panic: \S|^thread 'main' (?:\(\d+\) )?panicked at ",
    );
    last.lane.is_none() && !speaks(view, last) && ENDED.is_match(last.text.as_bytes())
}
