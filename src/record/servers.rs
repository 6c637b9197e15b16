//! Prefixes of database, cache and web servers.

use nom::{
    Parser as _,
    branch::alt,
    bytes::complete::{tag, take_while_m_n},
    character::complete::{anychar, char},
    combinator::{opt, verify},
};

use super::layers::Layers;
use super::level;
use super::line::Layer;
use super::time::{Iso, Res, access as access_time, digits, iso, no, redis as redis_time, slashed};
use super::types::{Stamp, Tech};

/// How far behind the stamp PostgreSQL's severity is looked for: `log_line_prefix` can name user, database and host.
const PREFIX: usize = 240;
/// Most bytes of an access log's client, identity and user.
const CLIENT: usize = 160;

fn head(seen: Layers, tech: Tech) -> Layer<'static> {
    Layer { seen, tech: Some(tech), head: true, last: true, ..Layer::default() }
}

/// `2026-11-23 18:44:13.119 UTC [71] user@db FATAL:  `, whatever stands between the stamp and the severity, as long as a
/// process id in brackets does. DETAIL, HINT and their like start no record: they go on with the message before.
pub(super) fn postgres(i: &str) -> Res<'_, Layer<'_>> {
    if i.as_bytes().get(10) != Some(&b' ') {
        return no();
    }
    let (i, stamp) = verify(iso, |iso: &Iso| !iso.t).parse(i)?;
    let Some((prefix, body)) = i.split_once(":  ") else { return no() };
    if prefix.len() > PREFIX {
        return no();
    }
    let severity = prefix.rsplit([' ', ':', ']']).next().unwrap_or(prefix);
    let (Some(level), Some(pid)) = (level::of_postgres(severity), process(prefix)) else { return no() };
    let layer =
        Layer { time: Some(stamp.stamp), level: Some(level), pid: Some(pid), ..head(Layers::POSTGRES, Tech::Postgres) };
    Ok((body, Layer { head: !level::adds_to_postgres(severity), ..layer }))
}

/// The number of the first `[71]` or `[71-1]`.
fn process(prefix: &str) -> Option<u32> {
    prefix.split('[').skip(1).find_map(|inside| {
        let (rest, pid) = digits(1, 9)(inside).ok()?;
        rest.starts_with([']', '-']).then_some(pid)
    })
}

/// `1:M 23 Nov 2026 18:44:13.120 # `, of Redis and Valkey; the letter came with version 3.
pub(super) fn redis(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (pid, _, _, _)) =
        (digits(1, 9), char(':'), alt((char('M'), char('S'), char('C'), char('X'))), char(' ')).parse(i)?;
    redis_rest(i, pid)
}

/// `[1] 23 Nov 18:44:13.120 # `, of Redis before version 3.
pub(super) fn redis_old(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (_, pid, _)) = (char('['), digits(1, 9), tag("] ")).parse(i)?;
    redis_rest(i, pid)
}

fn redis_rest(i: &str, pid: u32) -> Res<'_, Layer<'_>> {
    let (i, (time, _, mark)) = (redis_time, char(' '), anychar).parse(i)?;
    let Some(level) = level::of_redis(mark) else { return no() };
    let layer = Layer { time: Some(time), level: Some(level), pid: Some(pid), ..head(Layers::REDIS, Tech::Redis) };
    Ok((i.strip_prefix(' ').unwrap_or(i), layer))
}

/// `2026/11/23 18:44:13 [error] 29#29: *1 `
pub(super) fn nginx(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (time, _)) = (slashed, char(' ')).parse(i)?;
    let (i, layer) = nginx_level(i)?;
    let (i, (pid, _, _, _)) = (digits(1, 9), char('#'), digits(1, 9), char(':')).parse(i)?;
    let i = i.strip_prefix(' ').unwrap_or(i);
    let (i, _) = opt((char('*'), digits(1, 9), char(' '))).parse(i)?;
    Ok((i, Layer { time: Some(time), pid: Some(pid), ..layer }))
}

/// `nginx: [emerg] `, before the error log is open.
pub(super) fn nginx_plain(i: &str) -> Res<'_, Layer<'_>> {
    let (i, _) = tag("nginx: ").parse(i)?;
    nginx_level(i)
}

fn nginx_level(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (_, word, _)) = (char('['), take_while_m_n(3, 6, |c: char| c.is_ascii_lowercase()), tag("] ")).parse(i)?;
    match level::of_word(word) {
        Some(level) => Ok((i, Layer { level: Some(level), ..head(Layers::NGINX, Tech::Nginx) })),
        None => no(),
    }
}

/// The combined access log; nothing is peeled, for its fields are the message.
pub(super) fn access(i: &str) -> Res<'_, Layer<'_>> {
    let beginning = i.as_bytes().get(..i.len().min(CLIENT + 2)).unwrap_or_default();
    let mut brackets = memchr::memchr_iter(b'[', beginning).filter_map(|at| at.checked_sub(1));
    let Some(at) = brackets.find(|at| beginning.get(*at) == Some(&b' ')) else { return no() };
    let Some((before, after)) = i.split_at_checked(at) else { return no() };
    if before.split(' ').count() < 3 {
        return no();
    }
    let after = after.strip_prefix(" [").unwrap_or(after);
    let (after, time) = access_time(after)?;
    let Some(request) = after.strip_prefix("] ") else { return no() };
    if !request.starts_with('"') {
        return no();
    }
    Ok((i, Layer { time: Some(time), ..head(Layers::NGINX, Tech::Nginx) }))
}

/// MySQL's `2026-11-23T18:44:13.120000Z 0 [ERROR] [MY-010119] [Server] `, MariaDB's `2026-11-23 18:44:13 0 [ERROR] `
/// and the images' `2026-11-23 18:44:13+00:00 [Note] [Entrypoint]: `.
pub(super) fn mysql(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (stamp, _)) = (iso, char(' ')).parse(i)?;
    let (i, thread) = opt((opt(char(' ')), opt(char(' ')), digits(1, 9), char(' '))).parse(i)?;
    let (i, (_, word, _)) = (char('['), take_while_m_n(4, 7, |c: char| c.is_ascii_alphabetic()), char(']')).parse(i)?;
    let Some(level) = level::of_word(word) else { return no() };
    let layer = of_mysql(stamp.stamp, level);
    if let Ok((rest, _)) = tag::<_, _, ()>(" [Entrypoint]:").parse(i) {
        return Ok((rest.trim_start(), layer));
    }
    if thread.is_none() {
        return no();
    }
    let (i, _) = opt((tag(" [MY-"), digits(1, 9), char(']'))).parse(i)?;
    let part = take_while_m_n(1, 20, |c: char| c.is_ascii_alphanumeric() || c == '_');
    let (i, _) = opt((tag(" ["), part, char(']'))).parse(i)?;
    Ok((i.trim_start(), layer))
}

fn of_mysql(time: Stamp, level: super::types::Level) -> Layer<'static> {
    Layer { time: Some(time), level: Some(level), ..head(Layers::MYSQL, Tech::Mysql) }
}
