//! Stamps and level words of start scripts and of loggers without a name.

use nom::{
    Parser as _,
    branch::alt,
    bytes::complete::{tag, take_while, take_while_m_n, take_while1},
    character::complete::{char, one_of},
    combinator::opt,
};

use super::layers::Layers;
use super::level;
use super::line::Layer;
use super::time::{Iso, Res, digits, iso, no, slashed, time_of_day};
use super::types::{Level, Stamp, Tech};

/// A stamp, and whether it is precise enough to be a program's rather than `date`'s.
type Precise = (Stamp, bool);

fn any_stamp(i: &str) -> Res<'_, Precise> {
    alt((iso.map(|iso: Iso| (iso.stamp, iso.fraction > 0)), slashed.map(|stamp| (stamp, true)))).parse(i)
}

/// `[2024-12-24 09:00:00] [INFO] `, `[2024-12-24T09:00:00Z] `, `[18:44:13] `.
pub(super) fn bracketed(i: &str) -> Res<'_, Layer<'_>> {
    let day = time_of_day.map(|stamp| (stamp, true));
    let (i, (_, (stamp, precise), _)) = (char('['), alt((any_stamp, day)), char(']')).parse(i)?;
    if let Ok((rest, layer)) = elastic(i) {
        return Ok((rest, Layer { time: Some(stamp), ..layer }));
    }
    if let Ok((rest, (pid, level))) = process(i) {
        let layer = Layer { seen: Layers::SCRIPT, pid: Some(pid), level: Some(level), ..Layer::default() };
        return Ok((rest, Layer { time: Some(stamp), head: true, last: true, ..layer }));
    }
    let (rest, mut layer) = after_stamp(i, stamp)?;
    let script_like = i.starts_with(" [") && layer.level.is_some() && !precise;
    layer.tech = script_like.then_some(Tech::Shell);
    Ok((rest, layer))
}

/// ` [556] [ERROR] `: Gunicorn and Hypercorn, behind their stamp.
fn process(i: &str) -> Res<'_, (u32, Level)> {
    let (i, (_, pid, _)) = (tag(" ["), digits(1, 9), tag("] ")).parse(i)?;
    let (i, level) = in_brackets(i)?;
    Ok((i, (pid, level)))
}

/// `[WARN ][o.e.n.Node               ] [node-1] `: Elasticsearch, OpenSearch and Logstash, behind their stamp.
fn elastic(i: &str) -> Res<'_, Layer<'_>> {
    let padded = |most| take_while_m_n(1, most, |c: char| !matches!(c, '[' | ']'));
    let (i, (_, word, _, _, logger, _)) =
        (char('['), padded(6), char(']'), char('['), padded(80), char(']')).parse(i)?;
    let (i, _) = opt((tag(" ["), padded(120), char(']'))).parse(i)?;
    let Some(level) = level::of_word(word.trim_end()) else { return no() };
    let layer =
        Layer { seen: Layers::SCRIPT, level: Some(level), context: Some(logger.trim_end()), ..Layer::default() };
    Ok((i.trim_start(), Layer { head: true, last: true, ..layer }))
}

/// `2024-12-24 09:00:00 INFO `, `2024-12-24T09:00:00.000Z [error]: `, `2024-12-24 09:00:00,123 - app - ERROR - `.
pub(super) fn stamped(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (stamp, _)) = any_stamp(i)?;
    after_stamp(i, stamp)
}

/// The level behind a stamp, if there is one. A stamp alone starts a record unless indented text follows, which goes on
/// with the one before.
fn after_stamp(i: &str, stamp: Stamp) -> Res<'_, Layer<'_>> {
    let layer = Layer { seen: Layers::SCRIPT, time: Some(stamp), head: true, ..Layer::default() };
    if let Ok((rest, found)) = level_after(i) {
        return Ok((rest, Layer { level: Some(found), ..layer }));
    }
    if i.is_empty() {
        return Ok((i, layer));
    }
    let (rest, _) = alt((tag(" - "), tag(" | "), tag(": "), tag(" "), tag("\t"))).parse(i)?;
    let head = !rest.starts_with([' ', '\t']) && !rest.trim().is_empty();
    Ok((rest, Layer { head, ..layer }))
}

/// A level word behind a stamp, in brackets, between dashes, before a colon, or bare in capitals.
fn level_after(i: &str) -> Res<'_, Level> {
    let (i, _) = take_while(|c: char| matches!(c, ' ' | '\t' | '-' | '|' | ':' | ',')).parse(i)?;
    alt((in_brackets, with_colon, in_capitals, named, of_module)).parse(i)
}

/// `[INFO] `, `[error]: `, `[ WARN ] `
fn in_brackets(i: &str) -> Res<'_, Level> {
    let spaces = |i| take_while::<_, &str, ()>(|c| c == ' ').parse(i);
    let (i, (_, _, word, _, _)) = (char('['), spaces, word, spaces, char(']')).parse(i)?;
    let (i, _) = opt(char(':')).parse(i)?;
    level_then_gap(i, word)
}

/// `ERROR: `, `error: `
fn with_colon(i: &str) -> Res<'_, Level> {
    let (i, (word, _)) = (word, char(':')).parse(i)?;
    level_then_gap(i, word)
}

/// `ERROR `, `WARN - `
fn in_capitals(i: &str) -> Res<'_, Level> {
    let (i, word) = take_while1(|c: char| c.is_ascii_uppercase()).parse(i)?;
    let (i, _) = opt(alt((tag(" -"), tag(" |")))).parse(i)?;
    level_then_gap(i, word)
}

/// Python's `app.db - ERROR - `
fn named(i: &str) -> Res<'_, Level> {
    let name = take_while_m_n(1, 80, |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
    let (i, (_, _, word, _)) = (name, tag(" - "), word, tag(" -")).parse(i)?;
    level_then_gap(i, word)
}

/// `[MONITOR] WARN: `: the level behind the part of the program that speaks.
fn of_module(i: &str) -> Res<'_, Level> {
    let name = take_while_m_n(1, 40, |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    let (i, (_, _, _, word, _)) =
        (char('['), name, tag("] "), take_while1(|c: char| c.is_ascii_uppercase()), char(':')).parse(i)?;
    level_then_gap(i, word)
}

fn word(i: &str) -> Res<'_, &str> {
    take_while_m_n(2, 12, |c: char| c.is_ascii_alphanumeric()).parse(i)
}

/// The level of a word that ends at a space or the line's end; the spaces are eaten.
fn level_then_gap<'a>(i: &'a str, word: &str) -> Res<'a, Level> {
    match level::of_word(word) {
        Some(found) if i.is_empty() || i.starts_with([' ', '\t']) => Ok((i.trim_start_matches([' ', '\t']), found)),
        _ => no(),
    }
}

/// `[INFO] ` without a stamp.
pub(super) fn bracketed_level(i: &str) -> Res<'_, Layer<'_>> {
    let (i, level) = in_brackets(i)?;
    Ok((i, Layer { seen: Layers::SCRIPT, level: Some(level), head: true, ..Layer::default() }))
}

/// `INFO: `, `FATAL:  ` without a stamp: only in capitals, for `error: ` is how drivers begin a message.
pub(super) fn level_colon(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (word, _)) = (take_while_m_n(3, 12, |c: char| c.is_ascii_uppercase()), char(':')).parse(i)?;
    if let Ok((i, context)) = python_logger(i)
        && let Some(level) = level::of_word(word)
    {
        let layer = Layer { seen: Layers::SCRIPT, level: Some(level), context: Some(context), ..Layer::default() };
        return Ok((i, Layer { head: true, last: true, ..layer }));
    }
    let (i, level) = level_then_gap(i, word)?;
    Ok((i, Layer { seen: Layers::SCRIPT, level: Some(level), head: true, ..Layer::default() }))
}

/// `E1126 18:44:13.119123       1 prober.go:104] `, of Go's glog and Kubernetes' klog. What is informed or warned of has no level here: the
/// kubelet says so of a container that fails its probes.
pub(super) fn klog(i: &str) -> Res<'_, Layer<'_>> {
    let (i, letter) = one_of("IWEF").parse(i)?;
    let (i, _) = (take_while_m_n(4, 4, |c: char| c.is_ascii_digit()), char(' '), time_of_day).parse(i)?;
    let file = take_while_m_n(1, 120, |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/'));
    let (i, (_, pid, _, _, _, _, _)) =
        (take_while1(|c| c == ' '), digits(1, 9), char(' '), file, char(':'), digits(1, 6), tag("] ")).parse(i)?;
    let level = match letter {
        'E' => Some(Level::Error),
        'F' => Some(Level::Fatal),
        _ => None,
    };
    Ok((i, Layer { seen: Layers::SCRIPT, level, pid: Some(pid), head: true, last: true, ..Layer::default() }))
}

/// `sqlalchemy.pool:`, what stands behind the level of Python's basicConfig.
fn python_logger(i: &str) -> Res<'_, &str> {
    let name = take_while_m_n(1, 80, |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    let (i, (name, _)) = (name, char(':')).parse(i)?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !i.starts_with("//");
    if named { Ok((i, name)) } else { no() }
}

/// pino-pretty's `[18:44:13.119] ERROR (25): `, `[2026-11-23 18:44:13.119 +0000] INFO (api/25 on host): `.
pub(super) fn pretty(i: &str) -> Res<'_, Layer<'_>> {
    let stamp = alt((time_of_day, any_stamp.map(|(stamp, _)| stamp)));
    let (i, (_, time, _, word)) =
        (char('['), stamp, tag("] "), take_while_m_n(4, 5, |c: char| c.is_ascii_uppercase())).parse(i)?;
    let (i, (_, inside, _)) = (tag(" ("), take_while_m_n(1, 120, |c| c != ')'), tag("):")).parse(i)?;
    let Some(level) = level::of_word(word) else { return no() };
    let process = inside.split(" on ").next().unwrap_or(inside);
    let pid = process.rsplit('/').next().and_then(|pid| digits(1, 9)(pid).ok()).map(|(_, pid)| pid);
    let layer = Layer {
        seen: Layers::PINO_PRETTY,
        time: Some(time),
        level: Some(level),
        tech: Some(Tech::Node),
        pid,
        head: true,
        last: true,
        ..Layer::default()
    };
    Ok((i.strip_prefix(' ').unwrap_or(i), layer))
}
