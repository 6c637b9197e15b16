//! Variables that the application in a service requires.

use crate::deploy::{CommandLine, Spot};
use crate::preflight::app::{App, Setting, apps, may_hold, setting};

use super::{Context, Hit, Level};

pub(super) fn required_missing(context: &Context<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for app in apps(context).iter().filter(|app| app.is_server() && runs(app)) {
        for variable in app.needs() {
            let service = app.service;
            let state = match setting(context.deployment, service, &variable.name) {
                Setting::Absent => "is not set",
                Setting::Known(text) if text.trim().is_empty() => "is empty",
                _ => continue,
            };
            let other = format!("{}_FILE", variable.name);
            let excused = variable.unless.iter().chain([&other]);
            if excused.into_iter().any(|condition| may_hold(context.deployment, service, condition)) {
                continue;
            }
            let hit = Hit::at(place(app, &variable.name, &variable.unless))
                .with("service", service.name.clone())
                .with("variable", variable.name.clone())
                .with("state", state)
                .with("application", app.profile.name.clone())
                .with("reason", variable.why.clone());
            hits.push(if variable.stops { hit } else { hit.only(Level::Warning) });
        }
    }
    hits
}

/// Whether the container runs the application: a command that only prepares something needs nothing of it.
fn runs(app: &App<'_>) -> bool {
    let shells = |line: &Option<CommandLine>| {
        let first = line.as_ref().and_then(|line| line.words.first()).and_then(|word| word.known());
        first.is_some_and(|first| {
            let name = first.rsplit('/').next().unwrap_or(first);
            matches!(
                name,
                "sh" | "bash" | "chown" | "chmod" | "mkdir" | "cp" | "psql" | "pg_dump" | "true" | "echo" | "sleep"
            )
        })
    };
    !(app.by_image && (shells(&app.service.entrypoint) || shells(&app.service.command)))
}

/// The variable, or one that would do in its place, where it stands empty; else the service.
fn place(app: &App<'_>, name: &str, unless: &[String]) -> Spot {
    let mut names = std::iter::once(name).chain(unless.iter().map(String::as_str));
    let empty = names.find_map(|name| app.service.variable(name));
    empty.map_or_else(|| app.service.spot.clone(), |variable| variable.spot.clone())
}
