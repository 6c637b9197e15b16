//! Layers that carry lines of other programs: they name where a line came from and never what it is.

use nom::{
    Parser as _,
    branch::alt,
    bytes::complete::{tag, take_while, take_while_m_n, take_while1},
    character::complete::char,
    combinator::{eof, opt, verify},
};

use super::layers::Layers;
use super::level;
use super::line::Layer;
use super::servers::redis_old;
use super::time::{Iso, Res, ctime, digits, iso, kernel, no, syslog, weekday};
use super::types::{Stream, Tech};

/// Bytes of the longest service's name and the spaces up to its bar.
const BAR: usize = 512;

/// The outermost transport layer of `i`. Chosen by the first byte, for most lines have none.
pub(super) fn layer(i: &str) -> Res<'_, Layer<'_>> {
    match i.as_bytes().first() {
        Some(b'0'..=b'9') => alt((stamped, compose, step_clock)).parse(i),
        Some(b'[') => alt((podman_compose, lane, kernel_clock, kernel_date, pod)).parse(i),
        Some(b'#') => buildkit(i),
        Some(b'<') => priority(i),
        Some(b'A'..=b'Z') => alt((journald, journald_full, compose)).parse(i),
        Some(b'a'..=b'z' | b'_') => alt((compose, turbo, stern)).parse(i),
        _ => no(),
    }
}

/// One space, or the line's end: a prefix of an empty line may have lost its space.
fn gap(i: &str) -> Res<'_, ()> {
    alt((char(' ').map(drop), eof.map(drop))).parse(i)
}

/// The transports that begin with an ISO stamp; what follows it tells which.
fn stamped(i: &str) -> Res<'_, Layer<'_>> {
    let (i, stamp) = verify(iso, |iso: &Iso| iso.t).parse(i)?;
    let (i, layer) = alt((cri, |i| docker_stamp(i, &stamp), origin, log_stream)).parse(i)?;
    Ok((i, Layer { time: Some(stamp.stamp), ..layer }))
}

/// ` stderr F ` behind the stamp.
fn cri(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (_, stream, _)) = (char(' '), stream, char(' ')).parse(i)?;
    let (i, (mark, _)) = (alt((char('F'), char('P'))), opt((char(':'), take_while(|c| c != ' ')))).parse(i)?;
    let (i, ()) = gap(i)?;
    Ok((i, Layer { seen: Layers::CRI, stream: Some(stream), partial: mark == 'P', ..Layer::default() }))
}

/// `stdout` or `stderr`
pub(super) fn stream(i: &str) -> Res<'_, Stream> {
    alt((tag("stdout").map(|_| Stream::Stdout), tag("stderr").map(|_| Stream::Stderr))).parse(i)
}

/// Nothing but a space behind Docker's stamp of nine digits (`kubectl` drops zeros at its end). Fewer than seven are a
/// logger's own stamp, which starts a record.
fn docker_stamp<'a>(i: &'a str, stamp: &Iso) -> Res<'a, Layer<'a>> {
    if stamp.fraction < 7 {
        return no();
    }
    let (i, ()) = gap(i)?;
    Ok((i, Layer { seen: Layers::DOCKER_STAMP, ..Layer::default() }))
}

/// `Nov 21 09:23:59 host npm[794322]: `
fn journald(i: &str) -> Res<'_, Layer<'_>> {
    let (i, stamp) = syslog(i)?;
    let (i, layer) = alt((origin, stamp_alone)).parse(i)?;
    Ok((i, Layer { time: Some(stamp), ..layer }))
}

/// Nothing but a space behind the stamp: `ts` of moreutils.
fn stamp_alone(i: &str) -> Res<'_, Layer<'_>> {
    let (i, ()) = gap(i)?;
    Ok((i, Layer { seen: Layers::JOURNALD, ..Layer::default() }))
}

/// `Thu 2024-11-21 09:23:59 UTC host npm[1]: `
fn journald_full(i: &str) -> Res<'_, Layer<'_>> {
    let (i, ((), stamp)) = (weekday, iso).parse(i)?;
    let (i, _) = opt((char(' '), take_while_m_n(2, 5, |c: char| c.is_ascii_uppercase()))).parse(i)?;
    let (i, layer) = origin(i)?;
    Ok((i, Layer { time: Some(stamp.stamp), ..layer }))
}

/// ` host npm[794322]: ` behind a stamp, the unit being `npm`.
fn origin(i: &str) -> Res<'_, Layer<'_>> {
    let host = verify(take_while_m_n(1, 255, host_char), |host: &str| !host.ends_with(':') && !is_level(host));
    let (i, (_, _host, _)) = (char(' '), host, char(' ')).parse(i)?;
    let (i, unit) = take_while_m_n(1, 128, unit_char).parse(i)?;
    let (i, pid) = opt((char('['), digits(1, 9), char(']')).map(|(_, pid, _)| pid)).parse(i)?;
    let (i, (_, ())) = (char(':'), gap).parse(i)?;
    let tech = (unit == "kernel").then_some(Tech::Kernel);
    Ok((i, Layer { seen: Layers::JOURNALD, unit: Some(unit), pid, tech, head: tech.is_some(), ..Layer::default() }))
}

/// Whether what stands in a host's place is how bad a line is: `2026-11-28T16:36:56Z ERROR redis: …` is no line of the journal.
fn is_level(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_uppercase()) && level::of_word(word).is_some()
}

fn host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':')
}

fn unit_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '@' | '(' | ')' | '+')
}

/// `<34>` before a syslog line.
fn priority(i: &str) -> Res<'_, Layer<'_>> {
    let (i, _) = (char('<'), digits(1, 3), char('>')).parse(i)?;
    alt((journald, stamped)).parse(i)
}

/// `server-1  | `, `server_1  | `, `twenty_server.1.abc@node    | `. One space before the bar is believed only behind a
/// container's number, for tables are drawn with bars too.
fn compose(i: &str) -> Res<'_, Layer<'_>> {
    // Hardly any line has a bar, and all are asked.
    if memchr::memchr(b'|', i.as_bytes().get(..i.len().min(BAR)).unwrap_or_default()).is_none() {
        return no();
    }
    let (i, unit) = take_while_m_n(1, 128, service_char).parse(i)?;
    let (i, spaces) = take_while1(|c| c == ' ').parse(i)?;
    let (i, (_, ())) = (char('|'), gap).parse(i)?;
    if spaces.len() == 1 && before_number(unit).is_none() {
        return no();
    }
    Ok((i, Layer { seen: Layers::COMPOSE, unit: Some(unit), ..Layer::default() }))
}

fn service_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@')
}

/// What stands before the number that Compose gives a container: `crm-db` of `crm-db-1`, or of `crm_db_1`.
#[must_use]
pub fn before_number(container: &str) -> Option<&str> {
    let (name, number) = container.rsplit_once(['-', '_'])?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

/// Whether a name is a service's, alone or with a project's before it.
#[must_use]
pub fn is_of_project(name: &str, service: &str) -> bool {
    name.strip_suffix(service).is_some_and(|project| project.is_empty() || project.ends_with(['-', '_']))
}

/// `[server] | `
fn podman_compose(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (_, unit, _, ())) = (char('['), take_while_m_n(1, 128, service_char), tag("] |"), gap).parse(i)?;
    Ok((i, Layer { seen: Layers::COMPOSE, unit: Some(unit), ..Layer::default() }))
}

/// `[pod/crm-7d9/server] `; the unit is the container of the pod.
fn pod(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (_, unit, _, ())) = (
        tag("[pod/"),
        verify(take_while_m_n(3, 255, |c| service_char(c) || c == '/'), |name: &str| name.contains('/')),
        char(']'),
        gap,
    )
        .parse(i)?;
    Ok((i, Layer { seen: Layers::KUBERNETES, unit: Some(unit), ..Layer::default() }))
}

/// `crm-api-6c9b8d7f4b-wq4zt api `, as stern writes it: the unit is the pod, and the container the task.
fn stern(i: &str) -> Res<'_, Layer<'_>> {
    let letter = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.');
    let (i, (pod, _, container, ())) =
        (take_while_m_n(1, 253, letter), char(' '), take_while_m_n(1, 63, letter), gap).parse(i)?;
    if !is_pod(pod, container) {
        return no();
    }
    Ok((i, Layer { seen: Layers::KUBERNETES, unit: Some(pod), lane: Some(container), ..Layer::default() }))
}

/// Whether a name is a pod's: it ends in the five letters that Kubernetes draws, of which none is a vowel, or in the number of a stateful set
/// that is called as its container is.
/// Source: the alphabet of `k8s.io/apimachinery/pkg/util/rand`.
fn is_pod(name: &str, container: &str) -> bool {
    const DRAWN: &str = "bcdfghjklmnpqrstvwxz2456789";
    let Some((set, last)) = name.rsplit_once('-') else { return false };
    let drawn = last.len() == 5 && last.chars().all(|c| DRAWN.contains(c));
    let number = last.len() <= 3 && last.bytes().all(|byte| byte.is_ascii_digit());
    !set.is_empty() && (drawn || (number && set.split('-').any(|part| part == container)))
}

/// ` ecs/server/0f1e2d3c… ` behind the stamp, the stream of one task: `aws logs tail`.
fn log_stream(i: &str) -> Res<'_, Layer<'_>> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    let (i, (_, stream, ())) = (char(' '), take_while_m_n(12, 255, part), gap).parse(i)?;
    let task = stream.rsplit('/').next().unwrap_or_default();
    let hexadecimal = task.len() >= 8 && task.bytes().all(|byte| byte.is_ascii_hexdigit());
    if stream.split('/').count() != 3 || !hexadecimal {
        return no();
    }
    Ok((i, Layer { seen: Layers::CLOUDWATCH, unit: Some(stream), ..Layer::default() }))
}

/// `[606280.177800] `, also with the thread (`[  1.5][    T1] `).
fn kernel_clock(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (_, _, stamp, _)) = (char('['), take_while(|c| c == ' '), kernel, char(']')).parse(i)?;
    let caller = take_while_m_n(2, 12, |c: char| c == ' ' || c.is_ascii_alphanumeric());
    let (i, _) = opt((char('['), caller, char(']'))).parse(i)?;
    let (i, ()) = gap(i)?;
    Ok((i, Layer { time: Some(stamp), ..of_kernel() }))
}

/// `[Mon Nov 23 18:44:13 2026] `
fn kernel_date(i: &str) -> Res<'_, Layer<'_>> {
    let (i, (_, stamp, _, ())) = (char('['), ctime, char(']'), gap).parse(i)?;
    Ok((i, Layer { time: Some(stamp), ..of_kernel() }))
}

fn of_kernel() -> Layer<'static> {
    Layer { seen: Layers::KERNEL, tech: Some(Tech::Kernel), head: true, last: true, ..Layer::default() }
}

/// concurrently's `[0] `, or `[server] ` when the name is one that tasks have. Any other word in brackets belongs to
/// the message (`[ioredis] `, `[nodemon] `).
fn lane(start: &str) -> Res<'_, Layer<'_>> {
    let (i, (_, name, _, ())) = (
        char('['),
        take_while_m_n(1, 40, |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | ':' | '.')
        }),
        char(']'),
        gap,
    )
        .parse(start)?;
    if (is_number(name) && redis_old(start).is_err()) || is_task(name) { Ok((i, on_lane(name))) } else { no() }
}

fn on_lane(name: &str) -> Layer<'_> {
    Layer { seen: Layers::CONCURRENTLY, lane: Some(name), ..Layer::default() }
}

fn is_number(name: &str) -> bool {
    name.len() <= 2 && name.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_task(name: &str) -> bool {
    const TASKS: [&str; 20] = [
        "server",
        "worker",
        "front",
        "frontend",
        "back",
        "backend",
        "web",
        "api",
        "client",
        "app",
        "ui",
        "site",
        "website",
        "admin",
        "gateway",
        "queue",
        "jobs",
        "cron",
        "scheduler",
        "storybook",
    ];
    name.split(['-', '_', ':', '.']).any(|part| TASKS.contains(&part))
}

/// `api:dev: `: a package and one of the tasks that monorepos run.
fn turbo(i: &str) -> Res<'_, Layer<'_>> {
    const TASKS: [&str; 8] = ["dev", "start", "build", "serve", "worker", "start:dev", "start:prod", "migrate"];
    let lane_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '@' | '/' | '.' | ':');
    let (rest, name) = take_while_m_n(3, 80, lane_char).parse(i)?;
    let Some(name) = name.strip_suffix(':') else { return no() };
    let (rest, ()) = gap(rest)?;
    match name.split_once(':') {
        Some((package, task)) if !package.is_empty() && TASKS.contains(&task) => Ok((rest, on_lane(name))),
        _ => no(),
    }
}

/// BuildKit's clock alone, `0.474 ` or `12.47 `, as it shows the last lines of a step that failed.
fn step_clock(i: &str) -> Res<'_, Layer<'_>> {
    let whole = take_while_m_n(1, 3, |c: char| c.is_ascii_digit());
    let part = take_while_m_n(1, 3, |c: char| c.is_ascii_digit());
    let (i, (whole, _, part, _)) = (whole, char('.'), part, char(' ')).parse(i)?;
    let clock = whole.len() + part.len() == 4 && !i.starts_with(|c: char| c.is_ascii_digit());
    if clock { Ok((i, Layer { seen: Layers::BUILDKIT, ..Layer::default() })) } else { no() }
}

/// BuildKit's `#22 0.474 `, and `#22 ` before its own words.
fn buildkit(i: &str) -> Res<'_, Layer<'_>> {
    let Some((name, _)) = i.split_once(' ') else { return no() };
    let (i, (_, _, _)) = (char('#'), digits(1, 4), char(' ')).parse(i)?;
    let (i, clock) = opt((digits(1, 6), char('.'), digits(1, 3), gap)).parse(i)?;
    let own = ["[", "DONE", "ERROR", "CACHED", "CANCELED", "sha256:", "..."];
    if clock.is_none() && !own.iter().any(|word| i.starts_with(word)) {
        return no();
    }
    let layer = Layer { seen: Layers::BUILDKIT, lane: Some(name), ..Layer::default() };
    Ok((i, if clock.is_some() { layer } else { Layer { tech: Some(Tech::Docker), head: true, last: true, ..layer } }))
}
