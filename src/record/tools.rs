//! Prefixes and wordings of package managers, task runners, shells and clients.

use nom::{
    Parser as _,
    branch::alt,
    bytes::complete::{tag, take_while, take_while_m_n},
    character::complete::char,
    combinator::{opt, verify},
};

use super::layers::Layers;
use super::level;
use super::line::Layer;
use super::time::{Res, digits, no};
use super::types::{Level, Tech};

/// Bytes of the longest path of a program.
const LONGEST_NAME: usize = 160;

fn head(seen: Layers, tech: Option<Tech>) -> Layer<'static> {
    Layer { seen, tech, head: true, last: true, ..Layer::default() }
}

/// ` NX   message`, `>  NX  message`, ` >  NX   ERROR  message`.
pub(super) fn nx(i: &str) -> Res<'_, Layer<'_>> {
    let (rest, before) = take_while(|c| c == ' ' || c == '>').parse(i)?;
    let (rest, _) = tag("NX").parse(rest)?;
    let (rest, spaces) = take_while(|c| c == ' ').parse(rest)?;
    let badge = if before.is_empty() { spaces.len() >= 2 } else { !spaces.is_empty() || rest.is_empty() };
    if !badge || before.len() > 6 {
        return no();
    }
    let (rest, level) = opt(nx_level).parse(rest)?;
    Ok((rest.trim(), Layer { level, ..head(Layers::NX, Some(Tech::Nx)) }))
}

fn nx_level(i: &str) -> Res<'_, Level> {
    let (i, (word, _)) = (take_while_m_n(4, 7, |c: char| c.is_ascii_uppercase()), tag("  ")).parse(i)?;
    level::of_word(word).map_or_else(no, |level| Ok((i, level)))
}

/// `➤ YN0028: │ message`; the code stays in the body, for it is what the message is known by.
pub(super) fn yarn(i: &str) -> Res<'_, Layer<'_>> {
    let (i, _) = tag("➤ ").parse(i)?;
    let layer = head(Layers::YARN, Some(Tech::Yarn));
    Ok((i, Layer { last: false, ..layer }))
}

/// The body that yarn's line has: its code and its message without the box drawing between them.
pub(super) fn yarn_body(text: &str) -> Option<String> {
    let (code, message) = text.split_once(": ")?;
    let unboxed = message.strip_prefix(['│', '┌', '└', '├', '·'])?;
    Some(format!("{code}: {}", unboxed.strip_prefix(' ').unwrap_or(unboxed)).trim_end().to_owned())
}

/// `npm ERR! `, `npm error `, `npm WARN `, `npm notice `.
pub(super) fn npm(i: &str) -> Res<'_, Layer<'_>> {
    let (i, _) = tag("npm ").parse(i)?;
    let (i, level) = alt((
        tag("ERR!").map(|_| Level::Error),
        tag("error").map(|_| Level::Error),
        tag("WARN").map(|_| Level::Warn),
        tag("warn").map(|_| Level::Warn),
        tag("notice").map(|_| Level::Info),
        tag("info").map(|_| Level::Info),
        tag("verb").map(|_| Level::Debug),
    ))
    .parse(i)?;
    if !i.is_empty() && !i.starts_with(' ') {
        return no();
    }
    Ok((i.strip_prefix(' ').unwrap_or(i), Layer { level: Some(level), ..head(Layers::NPM, Some(Tech::Npm)) }))
}

/// ` ERR_PNPM_NO_LOCKFILE  Cannot install …`; nothing but the indentation is peeled.
pub(super) fn pnpm(i: &str) -> Res<'_, Layer<'_>> {
    let (i, _) = take_while(|c: char| c.is_whitespace()).parse(i)?;
    if !i.starts_with("ERR_PNPM_") {
        return no();
    }
    Ok((i, Layer { level: Some(Level::Error), ..head(Layers::WORDING, Some(Tech::Pnpm)) }))
}

/// `(node:22) [DEP0040] DeprecationWarning: `. The unhandled rejection of Node.js before 15 calls itself a warning and
/// is none.
pub(super) fn node_warning(i: &str) -> Res<'_, Layer<'_>> {
    let (rest, (_, pid, _)) = (tag("(node:"), digits(1, 9), tag(") ")).parse(i)?;
    let warns = rest.contains("Warning: ") && !rest.starts_with("UnhandledPromiseRejection");
    let level = warns.then_some(Level::Warn);
    Ok((i, Layer { level, pid: Some(pid), ..head(Layers::WORDING, Some(Tech::Node)) }))
}

/// `[FATAL tini (11)] `, `[WARN  tini (7)] `; the name stays in the body.
pub(super) fn tini(i: &str) -> Res<'_, Layer<'_>> {
    let (rest, (_, word)) = (char('['), take_while_m_n(4, 5, |c: char| c.is_ascii_uppercase())).parse(i)?;
    let (rest, _) = take_while(|c| c == ' ').parse(rest)?;
    let (_, (_, pid, _)) = (tag("tini ("), digits(1, 9), tag(")]")).parse(rest)?;
    match level::of_word(word) {
        Some(level) => Ok((i, Layer { level: Some(level), pid: Some(pid), ..head(Layers::WORDING, None) })),
        None => no(),
    }
}

/// ` ✓ Ready in 2s`, ` ⚠ `, ` ⨯ ` and ` GET /login 200 in 31ms` of Next.js from 13.5 on: indented by one, and yet nothing goes on there.
pub(super) fn next(i: &str) -> Res<'_, Layer<'_>> {
    const METHODS: [&str; 6] = ["GET /", "HEAD /", "POST /", "PUT /", "PATCH /", "DELETE /"];
    let (said, _) = char(' ').parse(i)?;
    let marked = |mark: &str| said.strip_prefix(mark).is_some_and(|rest| rest.starts_with(' '));
    let level = match said.chars().next() {
        Some('✓' | '○') if marked("✓") || marked("○") => Some(Level::Info),
        Some('⚠') if marked("⚠") => Some(Level::Warn),
        Some('⨯') if marked("⨯") => Some(Level::Error),
        _ if METHODS.iter().any(|method| said.starts_with(method)) => None,
        _ => return no(),
    };
    Ok((i, Layer { level, ..head(Layers::WORDING, Some(Tech::Node)) }))
}

/// V8's last words. No head: they end the record that its garbage collector's began.
pub(super) fn v8_fatal(i: &str) -> Res<'_, Layer<'_>> {
    let (_, _) = tag("FATAL ERROR: ").parse(i)?;
    Ok((i, Layer { level: Some(Level::Fatal), head: false, ..head(Layers::WORDING, None) }))
}

/// `psql: error: `, `createdb: error: `, `Error response from daemon: `: clients that say who they are.
pub(super) fn client(i: &str) -> Res<'_, Layer<'_>> {
    const LIBPQ: [&str; 8] =
        ["psql", "pg_isready", "createdb", "dropdb", "createuser", "pg_dump", "pg_restore", "vacuumdb"];
    const DOCKER: [&str; 4] =
        ["Error response from daemon: ", "docker: Error response", "OCI runtime ", "Error: No such container"];
    if DOCKER.iter().any(|words| i.starts_with(words)) {
        return Ok((i, head(Layers::WORDING, Some(Tech::Docker))));
    }
    let (_, _) = verify(program, |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        LIBPQ.contains(&name)
    })
    .parse(i)?;
    Ok((i, head(Layers::WORDING, Some(Tech::Psql))))
}

/// `/entrypoint.sh: line 9: …`, `sh: 1: nest: not found`.
pub(super) fn shell(i: &str) -> Res<'_, Layer<'_>> {
    let (rest, name) = program(i)?;
    let name = name.strip_prefix('-').unwrap_or(name);
    let line = |i| (tag("line "), digits(1, 6), tag::<_, &str, ()>(": ")).map(drop).parse(i);
    let number = |i| (digits(1, 6), tag::<_, &str, ()>(": ")).map(drop).parse(i);
    let (_, ()) = if is_shell(name) { alt((line, number)).parse(rest)? } else { line(rest)? };
    Ok((i, head(Layers::WORDING, Some(Tech::Shell))))
}

fn is_shell(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    matches!(base, "sh" | "bash" | "ash" | "dash" | "busybox")
        || base.strip_suffix(".sh").is_some_and(|stem| !stem.is_empty())
}

/// A program's name or path before `: `. Asked of every line that begins with a letter, so by bytes.
fn program(i: &str) -> Res<'_, &str> {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'+');
    let length = i.bytes().take(LONGEST_NAME + 1).take_while(in_name).count();
    let Some((name, rest)) = i.split_at_checked(length) else { return no() };
    let Some(rest) = rest.strip_prefix(':').filter(|_| (1..=LONGEST_NAME).contains(&length)) else { return no() };
    Ok((rest.strip_prefix(' ').unwrap_or(rest), name))
}
