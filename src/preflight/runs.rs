//! Whether a container runs the application of its image, or something else from it.

use crate::deploy::shell::Invocation;

use super::app::App;
use super::check::Context;
use super::scripts::{is_application, running};

/// What a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runs {
    /// The application: what it requires is required.
    Application,
    /// A part of it, or a script that is not among the files.
    Perhaps,
    /// Something that only prepares or tends: nothing of the application is required.
    Other,
}

/// Whether the container runs the application itself.
pub(super) fn runs(context: &Context<'_>, app: &App<'_>) -> Runs {
    if app.profile.service {
        return if app.is_server() { Runs::Application } else { Runs::Other };
    }
    let service = app.service;
    let startup = &service.startup;
    if startup.entrypoint.is_none() && startup.command.is_none() {
        return Runs::Application;
    }
    // The code behind `sh -c` is no program; its commands are among the others.
    let code = |invocation: &Invocation| {
        invocation
            .words
            .first()
            .and_then(|word| word.text.as_deref())
            .is_some_and(|text| text.contains(char::is_whitespace))
    };
    let found = running(context.deployment, service).into_iter().map(|running| running.invocation);
    let found: Vec<Invocation> = found.filter(|invocation| !code(invocation)).collect();
    if found.iter().any(|invocation| starts(app, invocation)) {
        return Runs::Application;
    }
    let unread = |invocation: &Invocation| {
        let path = invocation.words.first().and_then(|word| word.text.as_deref()).unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or(path);
        let script = name.ends_with(".sh") || name.contains("entrypoint");
        script && !service.scripts.iter().any(|known| known.path.rsplit('/').next() == Some(name))
    };
    let part = found.iter().any(|invocation| is_application(invocation) || unread(invocation));
    if part { Runs::Perhaps } else { Runs::Other }
}

/// Whether a command starts the application: one that its profile names, or one that is called a start.
fn starts(app: &App<'_>, invocation: &Invocation) -> bool {
    let Some(program) = invocation.program() else { return false };
    let text = std::iter::once(program).chain(invocation.arguments()).collect::<Vec<_>>().join(" ");
    let known = app.requires().into_iter().flat_map(|requires| requires.production.iter().chain(&requires.development));
    let named = known.into_iter().any(|command| text.starts_with(command.as_str()));
    let script = matches!(program, "npm" | "yarn" | "pnpm" | "bun")
        && invocation
            .arguments()
            .any(|word| word.starts_with("start") || word.starts_with("worker") || word == "serve");
    let file = program == "node"
        && invocation.arguments().any(|word| ["main", "server", "worker"].iter().any(|name| word.contains(name)));
    named || script || file
}
