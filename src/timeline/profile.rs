//! Which application this is.

use std::collections::BTreeSet;

use crate::detect::{Tally, Unit};
use crate::rule::{NeedleId, Owner, Part, RuleSet};

/// The index of a profile by its name.
#[must_use]
pub fn named(rules: &RuleSet, id: &str) -> Option<usize> {
    rules.profiles.iter().position(|profile| profile.id == id)
}

/// The profile that fits a unit: one whose own lines were seen, of several the one with the highest rank, then with the most marks.
/// Profiles without lines of their own fit when any of their marks was seen.
#[must_use]
pub fn choose(rules: &RuleSet, unit: &Unit) -> Option<usize> {
    let mut seen: BTreeSet<(usize, Part)> = BTreeSet::new();
    let mut marks = vec![0_usize; rules.profiles.len()];
    // A server may name the application; it is not recognised by what a server says.
    let told = |tally: &Tally| tally.first.is_of_server() && tally.last.is_of_server();
    let tallies = unit.boots.iter().flat_map(|boot| &boot.tallies);
    let named = |id: &NeedleId, tally: &Tally| {
        let Some(needle) = rules.needles.get(*id).filter(|needle| needle.part == Part::Recognise) else { return false };
        let service = |profile: usize| rules.profiles.get(profile).is_some_and(|profile| profile.service);
        told(tally) && !matches!(needle.owner, Owner::Profile(profile) if service(profile))
    };
    let ids: BTreeSet<_> = tallies.filter(|(id, tally)| !named(id, tally)).map(|(id, _)| id).collect();
    for needle in ids.into_iter().filter_map(|id| rules.needles.get(*id)) {
        if let Owner::Profile(profile) = needle.owner {
            seen.insert((profile, needle.part));
            if let Some(count) = marks.get_mut(profile) {
                *count += 1;
            }
        }
    }
    let fits = |index: usize| {
        let own = rules.profiles.get(index).is_some_and(|profile| !profile.recognise.is_empty());
        if own { seen.contains(&(index, Part::Recognise)) } else { marks.get(index).is_some_and(|count| *count > 0) }
    };
    let rank = |index: usize| (rules.profiles.get(index).map(|profile| profile.rank), marks.get(index).copied());
    (0..rules.profiles.len()).filter(|index| fits(*index)).max_by_key(|index| rank(*index))
}
