//! The state of a container as it goes into a bundle: masked, and without its environment.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::container::ContainerState;
use crate::report::redact::Redactor;
use crate::report::sanitize::visible;

use super::manifest::line;

/// The latest time that is believed, in microseconds since 1970; so that no sum of two overflows.
const LATEST: i64 = 32_503_680_000_000_000;

/// What `inspect/….json` holds.
#[derive(Serialize, Deserialize)]
struct Saved {
    state: ContainerState,
    /// What its environment says about other containers of the bundle: `redis://cache:6379`.
    #[serde(default)]
    addresses: Vec<String>,
}

/// Learns the secrets of a state.
pub(super) fn learn(redactor: &mut Redactor, state: &ContainerState) {
    state.environment.iter().for_each(|line| redactor.learn(line));
    for command in commands(state) {
        redactor.learn(&list(command));
        redactor.learn(&command.join(" "));
    }
}

/// The member's text.
pub(super) fn masked(redactor: &mut Redactor, state: &ContainerState, addresses: Vec<String>) -> String {
    let mut state = state.clone();
    state.command = masked_list(redactor, &state.command);
    if let Some(health) = &mut state.health {
        health.test = masked_list(redactor, &health.test);
    }
    let mut value = serde_json::to_value(Saved { state, addresses }).unwrap_or_default();
    mask_texts(redactor, &mut value);
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

fn commands(state: &ContainerState) -> impl Iterator<Item = &[String]> {
    std::iter::once(state.command.as_slice()).chain(state.health.as_ref().map(|health| health.test.as_slice()))
}

fn list(texts: &[String]) -> String {
    let visible: Vec<String> = texts.iter().map(|text| visible(text)).collect();
    serde_json::to_string(&visible).unwrap_or_default()
}

/// A command's words are masked together, for `--requirepass` tells of the word behind it.
fn masked_list(redactor: &mut Redactor, texts: &[String]) -> Vec<String> {
    let masked = redactor.mask(&list(texts));
    serde_json::from_str(&masked).unwrap_or_else(|_| vec![redactor.mask(&texts.join(" "))])
}

fn mask_texts(redactor: &mut Redactor, value: &mut Value) {
    match value {
        Value::String(text) => *text = redactor.mask(&visible(text)),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_texts(redactor, item)),
        Value::Object(members) => members.values_mut().for_each(|member| mask_texts(redactor, member)),
        _ => {}
    }
}

/// The state that a member's text holds, clean and in bounds; times and spans that could not be are brought into bounds.
pub(super) fn parse(text: &[u8]) -> Option<ContainerState> {
    let Saved { mut state, addresses } = serde_json::from_slice(text).ok()?;
    state.environment = addresses.into_iter().map(|address| format!("ADDRESS={address}")).collect();
    state.bound();
    state.each_text(&mut |text| *text = line(text));
    let bounded = |time: &mut i64| *time = (*time).clamp(0, LATEST);
    state.started.iter_mut().chain(&mut state.finished).for_each(bounded);
    state.events.iter_mut().for_each(|event| bounded(&mut event.time));
    if let Some(health) = &mut state.health {
        [&mut health.interval, &mut health.start_period, &mut health.retries, &mut health.failing]
            .into_iter()
            .for_each(bounded);
        health.log.iter_mut().filter_map(|probe| probe.ended.as_mut()).for_each(bounded);
    }
    Some(state)
}

/// A time of the manifest, in the same bounds.
pub(super) fn time(time: i64) -> i64 {
    time.clamp(0, LATEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{Event, Health};

    #[test]
    fn nothing_secret_and_nothing_of_the_environment_is_saved() {
        let state = ContainerState {
            name: "cache".to_owned(),
            command: ["redis-server", "--requirepass", "abc1"].map(str::to_owned).to_vec(),
            environment: vec!["POSTGRES_PASSWORD=hunter22".to_owned(), "PLAIN_SETTING=shown".to_owned()],
            error: "cannot use hunter22".to_owned(),
            started: Some(i64::MAX),
            events: vec![Event { time: i64::MIN, what: "die exitCode=1".to_owned() }],
            health: Some(Health {
                test: vec!["CMD".to_owned(), "curl -u a:curlpw http://x".to_owned()],
                ..Health::default()
            }),
            ..ContainerState::default()
        };
        let mut redactor = Redactor::new();
        learn(&mut redactor, &state);
        let text = masked(&mut redactor, &state, vec!["redis://cache:6379".to_owned()]);
        for secret in ["hunter22", "abc1", "curlpw", "PLAIN_SETTING", "shown", "POSTGRES"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        let again = parse(text.as_bytes()).unwrap();
        assert_eq!((again.started, again.events[0].time), (Some(LATEST), 0));
        assert_eq!(again.environment, ["ADDRESS=redis://cache:6379"]);
        assert_eq!(again.command.len(), 3);
        assert!(parse(b"{}").is_none() && parse(b"[").is_none());
    }
}
