//! Variables that the application in a service requires.

use crate::deploy::{Service, Spot};
use crate::preflight::app::{App, Setting, apps, holds, may_hold, mentions, setting};
use crate::preflight::runs::{Runs, runs};

use super::{Context, Hit, Hits, Level};

pub(super) fn required_missing(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for app in &apps(context) {
        let runs = runs(context, app);
        if runs == Runs::Other {
            continue;
        }
        for variable in app.needs() {
            let service = app.service;
            let state = match setting(context.deployment, service, &variable.name) {
                Setting::Absent if variable.empty_only || holds(service, &variable.unless_files) => continue,
                Setting::Absent => "is not set",
                Setting::Known(text) if text.trim().is_empty() => "is empty",
                _ => continue,
            };
            let other = format!("{}_FILE", variable.name);
            let excused = variable.unless.iter().chain([&other]);
            if excused.into_iter().any(|condition| may_hold(context.deployment, service, condition))
                || !variable.when.iter().all(|condition| is_set(context, service, condition))
                || mentions(context.deployment, service, &variable.unless_text)
            {
                continue;
            }
            let hit = Hit::at(place(app, &variable.name, &variable.unless))
                .with("service", service.name.clone())
                .with("variable", variable.name.clone())
                .with("state", state)
                .with("application", app.profile.name.clone())
                .with("reason", variable.why.clone());
            let certain = variable.stops && runs == Runs::Application;
            hits.push(if certain { hit } else { hit.only(Level::Warning) });
        }
    }
    hits
}

/// Whether a condition `NAME=value` holds for certain.
fn is_set(context: &Context<'_>, service: &Service, condition: &str) -> bool {
    let (name, wanted) = condition.split_once('=').unwrap_or((condition, ""));
    matches!(setting(context.deployment, service, name), Setting::Known(text) if text.trim() == wanted)
}

/// The variable, or one that would do in its place, where it stands empty; else the service.
fn place(app: &App<'_>, name: &str, unless: &[String]) -> Spot {
    let mut names = std::iter::once(name).chain(unless.iter().map(String::as_str));
    let empty = names.find_map(|name| app.service.variable(name));
    empty.map_or_else(|| app.service.spot.clone(), |variable| variable.spot.clone())
}
