//! Secrets: still those of the instructions, or holding characters that mean something where they stand.

use crate::deploy::dotenv::{Entry, Quote};
use crate::deploy::{Service, Spot, Value};
use crate::preflight::connection::{bare, kind_of};
use crate::preflight::url::{self, Flaw};

use super::{Context, Hit, Hits, Level, origin};

/// Words in the names of variables that hold a secret.
const SECRET: [&str; 9] = ["SECRET", "PASSWORD", "PASSWD", "PASS", "TOKEN", "KEY", "APIKEY", "SALT", "PWD"];

/// What instructions write in the place of a secret: as a part of the value.
const PARTS: [&str; 14] = [
    "replace_me",
    "replaceme",
    "replace-me",
    "replace_with",
    "replace_this",
    "change_me",
    "changeme",
    "change-me",
    "changethis",
    "change_this",
    "your_secret",
    "your-secret",
    "placeholder",
    "insert_your",
];

/// And as all of it.
const WHOLE: [&str; 12] = [
    "secret",
    "changeit",
    "mysecret",
    "my-secret",
    "my_secret",
    "supersecret",
    "your_password",
    "your-password",
    "yourpassword",
    "todo",
    "fixme",
    "xxx",
];

/// Whether a variable's name says that it holds a secret.
pub(in crate::preflight::checks) fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(['_', '-', '.']).collect();
    let public = words.iter().any(|word| matches!(*word, "PUBLIC" | "FILE" | "PATH" | "ID" | "EXPIRES" | "HEADER"));
    !public && words.iter().any(|word| SECRET.contains(word))
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let framed = lower.starts_with('<') && lower.ends_with('>') && lower.len() > 2;
    let crossed = lower.len() >= 3 && lower.bytes().all(|byte| byte == b'x');
    framed || crossed || PARTS.iter().any(|part| lower.contains(part)) || WHOLE.contains(&lower.as_str())
}

pub(super) fn placeholder_secret(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (_, name, value, text) in values(context) {
        if hits.more() {
            break;
        }
        let url = url::parse(bare(text)).and_then(|url| url.password).filter(|password| is_placeholder(password));
        let own = Some(text).filter(|text| is_secret(name) && is_placeholder(text));
        if let Some(found) = url.or(own) {
            let spot = origin(context.deployment, value, found);
            hits.once(Hit::at(spot).with("variable", name));
        }
    }
    hits
}

pub(super) fn url_unescaped(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for (_, name, value, text) in values(context) {
        if hits.more() {
            break;
        }
        let bare = bare(text);
        let Some(scheme) = bare.split_once("://").map(|(scheme, _)| scheme) else { continue };
        let (Some(kind), Some(flawed)) = (kind_of(scheme), url::flawed(bare)) else { continue };
        let characters: Vec<&str> = flawed.characters.iter().filter_map(|range| bare.get(range.clone())).collect();
        let password = flawed.characters.first().and_then(|first| password(bare, first.start)).unwrap_or_default();
        let spot = origin(context.deployment, value, password);
        let consequence = match flawed.flaw {
            Flaw::Broken => "the address ends inside the password, and the rest is no address",
            Flaw::OtherHost => "the address ends inside the password, and another host is asked",
            Flaw::Ambiguous => "some clients take the first @ for the end of the password, some the last",
            Flaw::Percent => "the percent sign begins no escape, and clients refuse the password",
        };
        let mut shown = characters.clone();
        shown.sort_unstable();
        shown.dedup();
        let mut hit = Hit::at(spot)
            .with("variable", name)
            .with("characters", shown.join(" "))
            .with("escapes", shown.iter().map(|character| url::escaped(character)).collect::<Vec<_>>().join(" "))
            .with("consequence", consequence);
        let sure = match flawed.flaw {
            Flaw::Broken | Flaw::OtherHost => true,
            Flaw::Percent => kind == crate::preflight::connection::Kind::Postgres,
            Flaw::Ambiguous => false,
        };
        if !sure {
            hit = hit.only(Level::Warning);
        }
        hits.once(fixed(context, hit, value, text, &flawed, text.len() - bare.len()));
    }
    hits
}

/// The password that begins behind the login's colon and holds the byte at `inside`.
fn password(text: &str, inside: usize) -> Option<&str> {
    let start = text.find("://")? + 3;
    let colon = start + text.get(start..)?.find(':')? + 1;
    let end = text.rfind('@')?;
    text.get(colon..end).filter(|_| inside >= colon)
}

/// With the escapes written, where the value is written as it is read.
fn fixed(context: &Context<'_>, hit: Hit, value: &Value, text: &str, flawed: &url::Flawed, shift: usize) -> Hit {
    let written = context.deployment.slice(&value.spot);
    let Some(inside) = written.find(text).filter(|_| value.raw == text && hit.spot == value.spot) else { return hit };
    let start = value.spot.range.start + inside + shift;
    flawed.characters.iter().fold(hit, |hit, range| {
        let spot = Spot::new(value.spot.file, start + range.start..start + range.end);
        let escape = url::escaped(context.deployment.slice(&spot));
        hit.fix(spot, escape)
    })
}

pub(super) fn dollar_in_secret(context: &Context<'_>) -> Hits {
    let mut hits = Hits::default();
    for file in &context.deployment.env_files {
        let known = |name: &str| {
            file.model.get(name).is_some() || context.deployment.env.iter().any(|variable| variable.name == name)
        };
        for entry in file.model.entries.iter().filter(|entry| entry.interpolated() && is_secret(&entry.key)) {
            let Some((_, character)) = lost(entry).filter(|(name, _)| !known(name)) else { continue };
            let spot = Spot::new(file.file, entry.value_range.clone());
            // The name is a piece of the secret: where it stands must do.
            let mut hit =
                Hit::at(spot.clone()).with("variable", entry.key.clone()).with("character", character.to_string());
            let value = entry.value.as_deref().unwrap_or_default();
            if entry.quote == Quote::None && !value.contains('\'') {
                hit = hit.fix(spot, format!("'{value}'"));
            }
            hits.push(hit);
        }
    }
    hits
}

/// The name behind a dollar in the midst of a value, which compose takes for a variable, and which character the dollar is.
fn lost(entry: &Entry) -> Option<(&str, usize)> {
    let value = entry.value.as_deref().filter(|value| !value.starts_with('$'))?;
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('$') {
        if let Some(behind) = after.strip_prefix('$') {
            rest = behind;
            continue;
        }
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        let name = after.get(..end)?;
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Some((name, value.get(..value.len() - after.len())?.chars().count()));
        }
        rest = after;
    }
    None
}

/// Every known value of every service's environment.
fn values<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a Service, &'a str, &'a Value, &'a str)> {
    let deployment = context.deployment;
    deployment.services.iter().flat_map(|service| {
        service.environment.iter().filter_map(move |variable| {
            let value = variable.value.as_ref()?;
            Some((service, variable.name.as_str(), value, value.known()?))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_secrets() {
        for text in ["replace_me_with_a_random_string", "changeme", "<your-secret>", "secret", "XXX", "xxxxxxxx"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["postgres", "s3cr3t-8f", "", "<>", "xx", "a-secret-of-mine"] {
            assert!(!is_placeholder(text), "{text}");
        }
        assert!(is_secret("APP_SECRET") && is_secret("pg_password") && is_secret("JWT_KEY"));
        assert!(!is_secret("KEYCLOAK_URL") && !is_secret("SSL_KEY_PATH") && !is_secret("MONKEY"));
    }
}
