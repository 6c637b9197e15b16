//! Records that are written as JSON objects or `key=value` pairs.

use std::borrow::Cow;

use nom::{Parser as _, bytes::complete::take_while_m_n, character::complete::char};

use super::json::{self, Value};
use super::layers::Layers;
use super::level;
use super::line::Layer;
use super::time::{Res, epoch, iso};
use super::transport::stream;
use super::types::{Level, Stamp, Tech};

type Members<'a> = [(&'a str, Value<'a>)];

/// A line that is one structured record.
pub(super) enum JsonRecord<'a> {
    /// Docker's: a line of another program with its stream and time.
    Docker {
        /// The line, unescaped.
        log: Cow<'a, str>,
        /// What the record says about it.
        layer: Layer<'a>,
    },
    /// A logger's: the message itself.
    Logger {
        /// The message, and below it the error's stack and its members.
        body: String,
        /// The logger's name.
        context: Option<Cow<'a, str>>,
        /// Level, time and process.
        layer: Layer<'a>,
    },
}

/// The line as a structured record, if it is one.
pub(super) fn record(i: &str) -> Option<JsonRecord<'_>> {
    match i.as_bytes().first() {
        Some(b'{') => json_record(i),
        Some(b'a'..=b'z') => logfmt_record(i),
        _ => None,
    }
}

/// A line that is a JSON object of a known kind.
fn json_record(i: &str) -> Option<JsonRecord<'_>> {
    if !i.trim_ascii_end().ends_with('}') {
        return None;
    }
    let members = json::object(i)?;
    docker(&members).or_else(|| forwarded(&members)).or_else(|| logger(&members)).or_else(|| mongodb(i, &members))
}

/// `{"t":{"$date":"…"},"s":"I","c":"NETWORK","id":23016,"ctx":"listener","msg":"…","attr":{…}}` of MongoDB from 4.4 on. Its body is the line,
/// for what matters stands in `attr`.
fn mongodb<'a>(i: &str, members: &Members<'a>) -> Option<JsonRecord<'a>> {
    let (Some(Value::Text(word)), Some(Value::Text(_))) = (get(members, &["s"]), get(members, &["ctx"])) else {
        return None;
    };
    let level = match word.as_bytes() {
        [b'F'] => Level::Fatal,
        [b'E'] => Level::Error,
        [b'W'] => Level::Warn,
        [b'I'] => Level::Info,
        [b'D', ..] => Level::Debug,
        _ => return None,
    };
    let time = match get(members, &["t"]) {
        Some(Value::Object(source)) => json::object(source).and_then(|time| get(&time, &["$date"])).and_then(time_of),
        _ => None,
    };
    let context = get(members, &["c"]).and_then(Value::text);
    let layer = Layer { seen: Layers::JSON, level: Some(level), time, head: true, last: true, ..Layer::default() };
    Some(JsonRecord::Logger { body: i.to_owned(), context, layer })
}

fn get<'a>(members: &Members<'a>, keys: &[&str]) -> Option<Value<'a>> {
    keys.iter().find_map(|key| members.iter().find(|(name, _)| name == key).map(|(_, value)| *value))
}

/// `{"log":"…\n","stream":"stderr","time":"…"}`; a line without its break goes on in the next record.
fn docker<'a>(members: &Members<'a>) -> Option<JsonRecord<'a>> {
    let log = get(members, &["log"])?.text()?;
    let (Some(Value::Text(name)), Some(Value::Text(time))) = (get(members, &["stream"]), get(members, &["time"]))
    else {
        return None;
    };
    let layer = Layer {
        seen: Layers::DOCKER_JSON,
        stream: stream(name).ok().map(|(_, stream)| stream),
        time: iso(time).ok().map(|(_, iso)| iso.stamp),
        partial: !log.ends_with('\n'),
        ..Layer::default()
    };
    Some(JsonRecord::Docker { log, layer })
}

/// `{"container_name":"/app","source":"stdout","log":"…","@timestamp":"…"}`: fluentd and its like, as Docker's fluentd driver feeds them.
fn forwarded<'a>(members: &Members<'a>) -> Option<JsonRecord<'a>> {
    let log = get(members, &["log"])?.text()?;
    let Some(Value::Text(name)) = get(members, &["source", "stream"]) else { return None };
    let layer = Layer {
        seen: Layers::DOCKER_JSON,
        stream: Some(stream(name).ok()?.1),
        time: get(members, &["time", "@timestamp", "timestamp"]).and_then(time_of),
        unit: match get(members, &["container_name"]) {
            Some(Value::Text(unit)) => Some(unit.trim_start_matches('/')),
            _ => None,
        },
        ..Layer::default()
    };
    Some(JsonRecord::Docker { log, layer })
}

/// pino, bunyan, winston, Nest 11, structlog, Serilog, .NET's console, Elastic's schema and their like: a message with a level or a time.
fn logger<'a>(members: &Members<'a>) -> Option<JsonRecord<'a>> {
    let message = get(members, &["msg", "message", "event", "@m", "@mt", "Message"]);
    let level_value = get(members, &["level", "severity", "levelname", "log.level", "@l", "LogLevel", "Level"]);
    let time_value = get(members, &["time", "timestamp", "@timestamp", "ts", "asctime", "@t", "Timestamp"]);
    let failure = get(members, &["err", "error", "exception", "error.message", "exc_info", "@x", "Exception"]);
    if (message.is_none() && failure.is_none()) || (level_value.is_none() && time_value.is_none()) {
        return None;
    }
    let numeric = matches!(level_value, Some(Value::Word(_)));
    let context = get(members, &["context", "logger", "log.logger", "Category"]).and_then(Value::text);
    let is_nest = !numeric && get(members, &["context"]).is_some() && get(members, &["pid"]).is_some();
    let tech = if is_nest { Some(Tech::Nest) } else { numeric.then_some(Tech::Node) };
    // Serilog's compact form leaves the level of information out.
    let left_out = get(members, &["@t"]).filter(|_| level_value.is_none()).map(|_| Level::Info);
    let layer = Layer {
        seen: Layers::JSON,
        level: level_value.and_then(level_of).or(left_out),
        time: time_value.and_then(time_of),
        pid: get(members, &["pid"]).and_then(number),
        tech,
        head: true,
        last: true,
        ..Layer::default()
    };
    Some(JsonRecord::Logger { body: body(members, message, failure), context, layer })
}

fn level_of(value: Value<'_>) -> Option<Level> {
    match value {
        Value::Word(_) => number(value).and_then(level::of_number),
        Value::Text(word) => level::of_word(word),
        _ => None,
    }
}

fn time_of(value: Value<'_>) -> Option<Stamp> {
    match value {
        Value::Word(number) => epoch(number),
        Value::Text(text) => match iso(text) {
            Ok((_, iso)) => Some(iso.stamp),
            Err(_) => epoch(text),
        },
        _ => None,
    }
}

fn number(value: Value<'_>) -> Option<u32> {
    match value {
        Value::Word(word) => word.parse().ok(),
        _ => None,
    }
}

/// The message, then the stack or the error's own message, then the error's members as Node.js prints them.
fn body(members: &Members<'_>, message: Option<Value<'_>>, failure: Option<Value<'_>>) -> String {
    let mut out = message.and_then(Value::shown).unwrap_or_default().into_owned();
    let error = match failure {
        Some(Value::Object(source)) => json::object(source).unwrap_or_default(),
        _ => Vec::new(),
    };
    let stack = get(&error, &["stack", "stack_trace"]);
    let stack = stack.or_else(|| get(members, &["stack", "trace", "stack_trace", "error.stack_trace"]));
    match stack.map(stack_text) {
        Some(stack) if !stack.is_empty() => append(&mut out, &stack),
        _ => append(&mut out, &error_line(&error, failure)),
    }
    for (key, value) in &error {
        if !matches!(*key, "type" | "name" | "message" | "stack" | "stack_trace") {
            append_member(&mut out, key, *value);
        }
    }
    if error.is_empty() {
        for (key, value) in members.iter().filter(|(key, _)| is_error_member(key)) {
            append_member(&mut out, key, *value);
        }
    }
    out
}

/// Members that say what went wrong when the logger spread an error over the record itself.
fn is_error_member(key: &str) -> bool {
    matches!(key, "code" | "errno" | "syscall" | "address" | "port" | "hostname_" | "routine" | "detail" | "hint")
}

/// A stack is a text, or a list of texts (Nest).
fn stack_text(value: Value<'_>) -> String {
    match value {
        Value::Array(source) => {
            let lines = json::array(source).unwrap_or_default();
            lines.into_iter().filter_map(Value::shown).collect::<Vec<_>>().join("\n")
        }
        other => other.text().unwrap_or_default().into_owned(),
    }
}

fn error_line(error: &Members<'_>, failure: Option<Value<'_>>) -> String {
    if let Some(Value::Text(_)) = failure {
        return failure.and_then(Value::text).unwrap_or_default().into_owned();
    }
    let message = get(error, &["message"]).and_then(Value::shown);
    let name = get(error, &["type", "name"]).and_then(Value::text);
    match (name, message) {
        (Some(name), Some(message)) => format!("{name}: {message}"),
        (None, Some(message)) => message.into_owned(),
        _ => String::new(),
    }
}

/// Adds a paragraph unless the text already is it.
fn append(out: &mut String, text: &str) {
    if text.is_empty() || out.as_str() == text {
        return;
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(text);
}

fn append_member(out: &mut String, key: &str, value: Value<'_>) {
    let line = match value {
        Value::Text(raw) => format!("  {key}: '{}'", json::unescape(raw)),
        Value::Word("null") => return,
        Value::Word(word) => format!("  {key}: {word}"),
        Value::Object(source) | Value::Array(source) => format!("  {key}: {source}"),
    };
    append(out, &line);
}

/// Bytes of the first key of a line of pairs.
const LONGEST_KEY: usize = 32;

/// `time=… level=error msg="…"` of Docker's engine, Traefik, Grafana and other Go programs.
fn logfmt_record(i: &str) -> Option<JsonRecord<'_>> {
    let key = i.bytes().take(LONGEST_KEY).position(|byte| !(byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)))?;
    if i.as_bytes().get(key) != Some(&b'=') {
        return None;
    }
    let pairs = pairs(i);
    let level = get(&pairs, &["level", "lvl"]).and_then(Value::text).and_then(|word| level::of_word(&word));
    let message = get(&pairs, &["msg", "message"])?.text()?;
    level?;
    let mut body = message.into_owned();
    if let Some(Value::Text(raw)) = get(&pairs, &["error", "err"]) {
        append(&mut body, &format!("  error: {}", json::unescape(raw)));
    }
    let time = get(&pairs, &["time", "ts", "t", "timestamp"]).and_then(|value| match value {
        Value::Text(text) => time_of(Value::Text(text)),
        _ => None,
    });
    let layer = Layer { seen: Layers::LOGFMT, level, time, head: true, last: true, ..Layer::default() };
    Some(JsonRecord::Logger { body, context: None, layer })
}

fn pairs(i: &str) -> Vec<(&str, Value<'_>)> {
    let mut found = Vec::with_capacity(8);
    let mut rest = i;
    while let Ok((after, pair)) = pair(rest) {
        found.push(pair);
        rest = after.trim_start_matches(' ');
    }
    found
}

/// One `key=value`; as a bare value has no escapes, both kinds are texts. A bare one may have spaces: it ends where the next pair begins.
fn pair(i: &str) -> Res<'_, (&str, Value<'_>)> {
    let key = take_while_m_n(1, 60, |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '@'));
    let (i, (key, _)) = (key, char('=')).parse(i)?;
    let (i, value) = if i.starts_with('"') { json::string(i)? } else { bare(i) };
    Ok((i, (key, Value::Text(value))))
}

/// What stands before the next pair, and that with the rest.
fn bare(i: &str) -> (&str, &str) {
    let of_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-@".contains(byte);
    let is_key = |word: &str| {
        let key = word.bytes().take(LONGEST_KEY).take_while(of_key).count();
        key > 0 && word.as_bytes().get(key) == Some(&b'=')
    };
    let next = |(space, _): &(usize, &str)| i.get(space + 1..).is_some_and(is_key);
    let end = i.match_indices(' ').find(next).map_or(i.len(), |(space, _)| space);
    (i.get(end..).unwrap_or_default(), i.get(..end).unwrap_or_default())
}
