//! Who explains whom, and who comes first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::detect::{Order, Sighting, order};
use crate::record::Clock;
use crate::rule::{Role, RuleFile, RuleSet, Strength};

use super::UnitView;
use super::end::{tells_of, went_on};
use super::finding::Finding;
use super::lanes::Lanes;
use super::link::{from_outside, lacks_name};
use super::scene::{Scene, service_of};

/// How sure a verdict is. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// A generic line.
    Possible,
    /// A line that usually means this.
    Likely,
    /// A line that names the fault itself, or two independent kinds of evidence.
    Confirmed,
}

/// A fault that is blamed, with all findings of its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blamed {
    /// Index of the rule.
    pub rule: usize,
    /// The container it was seen in, an index of the scene.
    pub container: Option<usize>,
    /// Its findings, one per unit, the first in time first.
    pub members: Vec<Finding>,
    /// How sure.
    pub confidence: Confidence,
    /// Why it is blamed, in rank order.
    pub reasons: Vec<String>,
    /// What followed from it: rules with their findings, in the order of their first lines.
    pub consequences: Vec<(usize, Vec<Finding>)>,
}

/// Lines by which a wrapper may precede its reason.
const NEAR: u64 = 20;

/// Rule, the container it is about where a fault is a container's own, and whether it holds only what nothing elsewhere explains.
pub(super) type Key = (usize, Option<usize>, bool);
type Groups = BTreeMap<Key, Vec<Finding>>;

/// Groups findings by rule, drops those that others explain, ranks the rest.
pub(super) fn blame(lanes: Lanes<'_>, active: Vec<Finding>) -> Vec<Blamed> {
    let Lanes { rules, scene, .. } = lanes;
    let mut groups: Groups = BTreeMap::new();
    for finding in active {
        groups.entry(key(rules, scene, &finding)).or_default().push(finding);
    }
    for ((rule, ..), members) in &mut groups {
        let rule = rules.rules.get(*rule);
        // Whom a server refuses is told by the server too; but it is the client that has the fault.
        let server = |member: &Finding| rule.is_some_and(|rule| !rule.remote && lanes.is_of_server(member, rule));
        members.sort_by_key(|member| (server(member), member.matched.first.source, member.matched.first.offset));
    }
    let mut edges = edges_of(lanes, &groups);
    if part(lanes, &mut groups, &edges) {
        edges = edges_of(lanes, &groups);
    }
    let explained: BTreeSet<Key> = edges.iter().map(|(_, effect)| *effect).collect();
    let roots: Vec<Key> = groups.keys().copied().filter(|key| !explained.contains(key)).collect();
    let roots = if roots.is_empty() { groups.keys().copied().collect() } else { roots };
    Court { rules, scene, groups: &groups, edges: &edges }.rank(&roots)
}

/// What a service's clients and the service itself say of it is one fault; any other fault is that of its container.
pub(super) fn key(rules: &RuleSet, scene: &Scene, finding: &Finding) -> Key {
    let shared = rules.rules.get(finding.rule).is_none_or(|rule| service_of(rules, rule).is_some());
    (finding.rule, if shared { None } else { scene.of_finding(finding) }, false)
}

/// Sets apart the findings of a group that nothing leads to from what explains its others: a fault in one service is not why another one has
/// the same.
fn part(lanes: Lanes<'_>, groups: &mut Groups, edges: &[(Key, Key)]) -> bool {
    let mut alone: Vec<(Key, Vec<Finding>)> = Vec::new();
    for (key, effects) in groups.iter() {
        let causes =
            || edges.iter().filter(|(_, effect)| effect == key).filter_map(|(cause, _)| groups.get(cause)).flatten();
        let known = effects.iter().any(|effect| lanes.scene.of_finding(effect).is_some());
        if effects.len() < 2 || known || causes().next().is_none() {
            continue;
        }
        let stuck = |effect: &&Finding| !causes().any(|cause| lanes.linked(cause, effect));
        let stuck: Vec<Finding> = effects.iter().filter(stuck).cloned().collect();
        if !stuck.is_empty() {
            alone.push((*key, stuck));
        }
    }
    for ((rule, container, _), stuck) in &alone {
        if let Some(members) = groups.get_mut(&(*rule, *container, false)) {
            members.retain(|member| !stuck.contains(member));
        }
    }
    let any = !alone.is_empty();
    groups.extend(alone.into_iter().map(|((rule, container, _), stuck)| ((rule, container, true), stuck)));
    any
}

/// Who explains whom among what was seen.
fn edges_of(lanes: Lanes<'_>, groups: &Groups) -> Vec<(Key, Key)> {
    let Lanes { rules, scene, .. } = lanes;
    let mut edges = Vec::new();
    for (cause, causes) in groups {
        let targets = rules.explains.get(cause.0);
        for (effect, effects) in groups.iter().filter(|(effect, _)| *effect != cause) {
            let reach = reach(lanes, causes, effects);
            let known = targets.is_some_and(|targets| targets.contains(&effect.0)) && reach != Reach::Apart;
            let silences =
                reach == Reach::Asked && (silences(rules, *cause, *effect) || is_away(rules, scene, causes, effects));
            let bound = silences || !outlived(lanes, causes, effects);
            if (known || silences)
                && bound
                && (may_follow(causes, effects) || (reach == Reach::Asked && down(lanes, causes)))
            {
                edges.push((*cause, *effect));
            }
        }
    }
    edges
}

/// Whether effects tell of an end, and the programs of all causes had gone on well before it.
fn outlived(lanes: Lanes<'_>, causes: &[Finding], effects: &[Finding]) -> bool {
    let ends = |effect: &Finding| {
        let told = lanes.rules.rules.get(effect.rule).is_some_and(tells_of);
        !effect.of_state && (told || effect.matched.first.last_word)
    };
    let went_on = |cause: &Finding, effect: &Finding| {
        let view = lanes.views.get(cause.unit);
        !cause.of_state && view.is_some_and(|view| went_on(view, &cause.matched.last, &effect.matched.first))
    };
    effects.iter().all(ends) && causes.iter().all(|cause| effects.iter().all(|effect| went_on(cause, effect)))
}

/// Whether a fault keeps its container from answering. What is wrong with a program does, whatever it is; but what a service tells of its
/// clients (a wrong password) does not keep it from answering others, so within its own area only the rules' own edges hold.
fn silences(rules: &RuleSet, cause: Key, effect: Key) -> bool {
    let (Some(rule), Some(other)) = (rules.rules.get(cause.0), rules.rules.get(effect.0)) else { return false };
    rule.role == Role::Cause && (cause.1.is_some() || rule.area() != other.area())
}

/// Whether a container is known not to serve, by its state or, where that is unknown, by its log, and others say no more than that it does not
/// answer.
fn is_away(rules: &RuleSet, scene: &Scene, causes: &[Finding], effects: &[Finding]) -> bool {
    let rule = |finding: &Finding| rules.rules.get(finding.rule);
    let remote = effects.first().and_then(rule).is_some_and(|rule| rule.remote);
    let away = |cause: &Finding| match scene.state_of(cause.matched.first.source) {
        Some(state) => {
            let container = rule(cause).is_some_and(|rule| rule.area() == "container");
            cause.of_state && container && !state.serves(scene.now())
        }
        None => rule(cause).is_some_and(|rule| !rule.remote),
    };
    remote && causes.iter().any(away)
}

/// Whether the container of a fault does not run now or, where no more than its log is known, never was up: then it does not answer, whenever the
/// fault was told.
fn down(lanes: Lanes<'_>, causes: &[Finding]) -> bool {
    let never_up = |cause: &Finding| {
        let course = lanes.views.get(cause.unit).and_then(UnitView::course);
        course.is_some_and(|course| course.readies.is_empty())
    };
    causes.iter().any(|cause| match lanes.scene.state_of(cause.matched.first.source) {
        Some(state) => !state.is_running(),
        None => never_up(cause),
    })
}

/// How the place of a cause lies to the place of an effect.
#[derive(PartialEq, Eq)]
enum Reach {
    /// The same container, or nothing is known of containers.
    Near,
    /// The effect is that the cause's container does not answer.
    Asked,
    /// Different containers, and the effect says nothing of the cause's.
    Apart,
}

fn reach(lanes: Lanes<'_>, causes: &[Finding], effects: &[Finding]) -> Reach {
    let Lanes { rules, scene, .. } = lanes;
    let places =
        |findings: &[Finding]| findings.iter().filter_map(|one| scene.of_finding(one)).collect::<BTreeSet<_>>();
    let (from, to) = (places(causes), places(effects));
    if from.is_empty() && to.is_empty() {
        return reach_of_lanes(lanes, causes, effects);
    }
    if from.is_empty() || to.is_empty() || !from.is_disjoint(&to) {
        return Reach::Near;
    }
    let asked: Vec<Option<usize>> = effects.iter().map(|effect| scene.target(rules, effect)).collect();
    if asked.iter().flatten().any(|target| from.contains(target)) {
        return Reach::Asked;
    }
    let remote = effects.first().and_then(|effect| rules.rules.get(effect.rule)).is_some_and(|rule| rule.remote);
    if remote && asked.iter().all(Option::is_none) { Reach::Near } else { Reach::Apart }
}

/// The same where no container is known. Who gets no answer is not why the other one ended.
fn reach_of_lanes(lanes: Lanes<'_>, causes: &[Finding], effects: &[Finding]) -> Reach {
    if effects.iter().all(|effect| causes.iter().any(|cause| lanes.asks(effect, cause))) {
        return Reach::Asked;
    }
    let ended = effects.first().is_some_and(|first| causes.iter().all(|cause| lanes.asks(cause, first)));
    let linked = || effects.iter().any(|effect| causes.iter().any(|cause| lanes.linked(cause, effect)));
    if !ended && linked() { Reach::Near } else { Reach::Apart }
}

/// Whether an effect's line can lie behind its cause's: nothing shows that all effects were over before the cause began. A
/// wrapper may be printed just before its reason.
fn may_follow(causes: &[Finding], effects: &[Finding]) -> bool {
    let near =
        |cause: &Sighting, effect: &Sighting| cause.source == effect.source && cause.line.abs_diff(effect.line) <= NEAR;
    causes.iter().any(|cause| {
        let cause = &cause.matched.first;
        effects
            .iter()
            .map(|effect| &effect.matched.last)
            .any(|effect| order(cause, effect) != Order::After || near(cause, effect))
    })
}

/// Everything that a ranking looks at.
struct Court<'a> {
    rules: &'a RuleSet,
    scene: &'a Scene,
    groups: &'a Groups,
    edges: &'a [(Key, Key)],
}

impl Court<'_> {
    fn members(&self, key: Key) -> &[Finding] {
        self.groups.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    fn rank(&self, roots: &[Key]) -> Vec<Blamed> {
        let reach: BTreeMap<Key, BTreeSet<Key>> = roots.iter().map(|root| (*root, self.reachable(*root))).collect();
        let mut all = roots.iter().flat_map(|root| self.members(*root));
        let clocked = all.all(|member| wall(&member.matched.first).is_some());
        let first = |key: &Key| self.members(*key).iter().map(|member| place(&member.matched.first, clocked)).min();
        let rank = |root: &Key| {
            let rule = self.rules.rules.get(root.0);
            let strength = self.members(*root).iter().map(|member| member.matched.strength).max();
            let asked =
                self.concerns(*root) || reach.get(root).is_some_and(|all| all.iter().any(|key| self.concerns(*key)));
            (
                !asked,
                rule.is_none_or(|rule| rule.role == Role::Symptom),
                // A proxy that knows no such name does not come up: that is its own fault, too.
                rule.is_some_and(|rule| from_outside(rule) && !lacks_name(rule)),
                Reverse(reach.get(root).map_or(0, BTreeSet::len)),
                Reverse(strength),
                Reverse(rule.map(|rule| rule.severity)),
                first(root),
            )
        };
        let mut ranked = roots.to_vec();
        ranked.sort_by_key(rank);
        let earliest = roots.iter().min_by_key(|root| first(root));
        let mut told = BTreeSet::new();
        let mut blamed = Vec::new();
        for root in &ranked {
            let effects: Vec<Key> =
                reach.get(root).into_iter().flatten().copied().filter(|effect| told.insert(*effect)).collect();
            blamed.extend(self.one(*root, &effects, earliest == Some(root)));
        }
        blamed
    }

    /// Whether a fault was seen in a container that was asked for.
    fn concerns(&self, key: Key) -> bool {
        self.members(key).iter().any(|member| self.scene.is_asked(self.scene.of_finding(member)))
    }

    fn reachable(&self, root: Key) -> BTreeSet<Key> {
        let mut seen = BTreeSet::new();
        let mut open = vec![root];
        while let Some(next) = open.pop() {
            let effects = self.edges.iter().filter(|(cause, _)| *cause == next).map(|(_, effect)| *effect);
            open.extend(effects.filter(|effect| *effect != root && seen.insert(*effect)).collect::<Vec<_>>());
        }
        seen
    }

    fn one(&self, root: Key, effects: &[Key], first: bool) -> Option<Blamed> {
        let members = self.groups.get(&root)?.clone();
        let rule = self.rules.rules.get(root.0)?;
        let strength = members.iter().map(|member| member.matched.strength).max()?;
        let witness = self.witness(rule, &members);
        let kinds = kinds(&members) + usize::from(witness.is_some());
        let guessed = self.guessed(&members, effects);
        let confidence = match confidence(rule.role, strength, kinds) {
            Confidence::Confirmed if guessed => Confidence::Likely,
            confidence => confidence,
        };
        let mut consequences: Vec<(usize, Vec<Finding>)> =
            effects.iter().filter_map(|effect| Some((effect.0, self.groups.get(effect)?.clone()))).collect();
        // What is seen from outside comes last of all.
        consequences.sort_by_key(|(rule, members)| {
            let first = members.first().map(|member| (member.matched.first.source, member.matched.first.offset));
            (self.rules.rules.get(*rule).is_some_and(from_outside), first)
        });
        let mut reasons = Vec::new();
        match strength {
            Strength::Names if rule.role == Role::Cause => reasons.push("names the fault itself".to_owned()),
            Strength::Hints => reasons.push("only a generic line speaks for it".to_owned()),
            _ => reasons.push("its line usually means this".to_owned()),
        }
        match witness {
            Some(fact) => reasons.push(format!("the container's state agrees ({fact})")),
            None if kinds > 1 => reasons.push(format!("{kinds} independent kinds of evidence agree")),
            None => {}
        }
        if first {
            reasons.push("first failure of the boot".to_owned());
        }
        match consequences.len() {
            0 => {}
            1 => reasons.push("explains 1 other finding".to_owned()),
            count => reasons.push(format!("explains {count} other findings")),
        }
        if guessed {
            reasons.push("that this container had the address is only likely".to_owned());
        }
        if rule.role == Role::Symptom {
            reasons.push("a symptom: nothing in the input explains it".to_owned());
        }
        let container = members.iter().find_map(|member| self.scene.of_finding(member));
        Some(Blamed { rule: root.0, container, members, confidence, reasons, consequences })
    }

    /// Whether a fault of a container that was not asked for is brought in by nothing but the likelihood that an address was its own.
    fn guessed(&self, members: &[Finding], effects: &[Key]) -> bool {
        let place = |finding: &Finding| self.scene.of_finding(finding);
        let foreign = !members.is_empty() && members.iter().all(|member| !self.scene.is_asked(place(member)));
        let places: BTreeSet<Option<usize>> = members.iter().map(place).collect();
        let effects = || effects.iter().flat_map(|effect| self.members(*effect));
        let points = |effect: &&Finding| places.contains(&self.scene.target(self.rules, effect));
        let mut pointing = effects().filter(points).peekable();
        foreign && pointing.peek().is_some() && pointing.all(|effect| self.scene.is_guess(self.rules, effect))
    }

    /// A fact of the container's state that agrees with what its log says.
    fn witness(&self, rule: &RuleFile, members: &[Finding]) -> Option<String> {
        let logged = members.iter().filter(|member| !member.of_state);
        let mut containers = logged.filter_map(|member| self.scene.of_finding(member));
        containers.find_map(|container| self.scene.witness(rule, container)).map(str::to_owned)
    }
}

/// Independent kinds of evidence: different lines in different units (the client's log and the server's), not copies of one line.
fn kinds(members: &[Finding]) -> usize {
    let texts: BTreeSet<&str> = members.iter().map(|member| member.matched.first.text.trim()).collect();
    let units: BTreeSet<usize> = members.iter().map(|member| member.unit).collect();
    texts.len().min(units.len())
}

fn confidence(role: Role, strength: Strength, kinds: usize) -> Confidence {
    match (role, strength) {
        (Role::Cause, Strength::Names) => Confidence::Confirmed,
        (Role::Cause, Strength::Suggests) if kinds > 1 => Confidence::Confirmed,
        (_, Strength::Names | Strength::Suggests) => Confidence::Likely,
        (_, Strength::Hints) if kinds > 1 => Confidence::Likely,
        (_, Strength::Hints) => Confidence::Possible,
    }
}

fn wall(place: &Sighting) -> Option<i64> {
    place.time.filter(|time| matches!(time.clock, Clock::Utc | Clock::Local)).map(|time| time.micros)
}

/// A total order of places: by time where all of them have one, else by input and offset.
fn place(sighting: &Sighting, clocked: bool) -> (i64, usize, u64) {
    let time = if clocked { wall(sighting).unwrap_or(0) } else { 0 };
    (time, sighting.source, sighting.offset)
}
