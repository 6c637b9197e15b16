//! Layers that a program itself writes before its message: they name its writer, its level, its time.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use nom::{
    Parser as _,
    branch::alt,
    bytes::complete::{take_while, take_while_m_n},
    character::complete::char,
    combinator::opt,
};

use super::layers::Layers;
use super::level;
use super::line::Layer;
use super::locale::{local_stamp, unknown_stamp};
use super::time::{Res, digits, no};
use super::types::Tech;
use super::{fpm, script, servers, tools};

/// The application's layer at the beginning of `i`. Chosen by the first byte, specific forms before generic ones.
pub(super) fn layer(i: &str) -> Res<'_, Layer<'_>> {
    match i.as_bytes().first() {
        Some(b'0'..=b'9') => {
            alt((servers::postgres, servers::mysql, servers::redis, servers::nginx, servers::access, script::stamped))
                .parse(i)
        }
        Some(b'[') => {
            let script = alt((script::pretty, script::bracketed, script::bracketed_level));
            alt((nest, script, servers::redis_old, tools::tini, fpm::message)).parse(i)
        }
        Some(b' ' | b'>' | b'N' | 0xe2) => {
            alt((tools::nx, tools::yarn, tools::pnpm, tools::next, fpm::message, script::level_colon)).parse(i)
        }
        Some(b'(') => tools::node_warning(i),
        Some(b'/' | b'A'..=b'Z' | b'a'..=b'z' | b':' | b'-') => alt((
            tools::npm,
            servers::nginx_plain,
            fpm::message,
            script::level_colon,
            script::klog,
            servers::access,
            tools::v8_fatal,
            tools::client,
            tools::shell,
        ))
        .parse(i),
        _ => no(),
    }
}

/// `[Nest] 25  - 01/01/2025, 1:02:03 PM   ERROR [Ctx] message +5ms`; before version 8 without a level.
fn nest(i: &str) -> Res<'_, Layer<'_>> {
    let (i, _) = (char('['), take_while_m_n(1, 40, |c| c != ']' && c != '['), char(']'), char(' ')).parse(i)?;
    let (i, (pid, spaces, _, _)) = (digits(1, 9), take_while(|c| c == ' '), char('-'), opt(char(' '))).parse(i)?;
    if spaces.is_empty() {
        return no();
    }
    let (i, time) = alt((local_stamp.map(Some), unknown_stamp.map(|()| None))).parse(i)?;
    let (i, level) = opt(nest_level).parse(i.trim_start())?;
    let (i, context) = opt(nest_context).parse(i.trim_start_matches(' '))?;
    let layer = Layer {
        seen: Layers::NEST,
        time,
        level,
        tech: Some(Tech::Nest),
        pid: Some(pid),
        context,
        head: true,
        last: true,
        ..Layer::default()
    };
    Ok((without_elapsed(i), layer))
}

fn nest_level(i: &str) -> Res<'_, super::types::Level> {
    let (rest, word) = take_while_m_n(3, 7, |c: char| c.is_ascii_uppercase()).parse(i)?;
    match level::of_word(word) {
        Some(level) if rest.is_empty() || rest.starts_with(' ') => Ok((rest, level)),
        _ => no(),
    }
}

fn nest_context(i: &str) -> Res<'_, &str> {
    let name = take_while_m_n(1, 80, |c: char| {
        c.is_alphanumeric() || matches!(c, '_' | '$' | ':' | '.' | '-' | ' ' | '/' | '@')
    });
    let (i, (_, name, _, _)) = (char('['), name, char(']'), opt(char(' '))).parse(i)?;
    Ok((i, name))
}

/// Without the ` +5ms` that Nest appends when asked to count.
fn without_elapsed(i: &str) -> &str {
    let trimmed = i.trim_end();
    trimmed
        .strip_suffix("ms")
        .and_then(|rest| {
            let before = rest.trim_end_matches(|c: char| c.is_ascii_digit());
            if before.len() == rest.len() { None } else { before.strip_suffix(" +") }
        })
        .unwrap_or(trimmed)
}

/// Nx prints its warning about a failed command without a line break, so that the next process's text is glued to it:
/// gives both, when there is something behind it.
pub(super) fn glued(i: &str) -> Option<(&str, &str)> {
    if !i.starts_with("Warning: command \"") {
        return None;
    }
    let end = i.find(GLUE)? + GLUE.len();
    let (before, after) = i.split_at_checked(end)?;
    (!after.trim().is_empty()).then_some((before, after))
}

/// The last words of Nx' warning.
pub(super) const GLUE: &str = "exited with non-zero status code";
pub(super) static GLUES: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(GLUE));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::types::Level;

    #[test]
    fn nest_of_every_version() {
        let (body, layer) = nest("[Nest] 25  - 01/02/2025, 1:02:03 PM   ERROR [Ctx] it broke +5ms").unwrap();
        assert_eq!(
            (body, layer.level, layer.context, layer.pid),
            ("it broke", Some(Level::Error), Some("Ctx"), Some(25))
        );
        let (body, layer) = nest("[Nest] 25   - 01/02/2025, 1:02:03 PM   [Ctx] it broke +5ms").unwrap();
        assert_eq!((body, layer.level, layer.context), ("it broke", None, Some("Ctx")));
        let (body, layer) = nest("[Nest] 25  - 01/02/2025, 1:02:03 PM VERBOSE no context").unwrap();
        assert_eq!((body, layer.level, layer.context), ("no context", Some(Level::Trace), None));
        let (body, layer) = nest("[Nest] 25  - ١٣‏/٩ ٢:٣٨   ERROR [Ctx] body").unwrap();
        assert_eq!((body, layer.level, layer.time), ("body", Some(Level::Error), None));
    }

    #[test]
    fn what_is_not_nest() {
        for text in ["[Nest] started", "[Nest] 25", "[Nest] 25-", "[ioredis] 3 - x", "[x] 12 - 3"] {
            assert!(nest(text).is_err(), "{text}");
        }
    }

    #[test]
    fn elapsed_time_only_at_the_end() {
        assert_eq!(without_elapsed("a +12ms"), "a");
        assert_eq!(without_elapsed("a +ms"), "a +ms");
        assert_eq!(without_elapsed("took 12ms"), "took 12ms");
    }

    #[test]
    fn glue() {
        assert_eq!(
            glued("Warning: command \"x\" exited with non-zero status code[Nest] 1"),
            Some(("Warning: command \"x\" exited with non-zero status code", "[Nest] 1"))
        );
        assert_eq!(glued("Warning: command \"x\" exited with non-zero status code"), None);
        assert_eq!(glued("exited with non-zero status code[Nest]"), None);
    }
}
