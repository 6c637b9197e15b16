//! What the beginning of a line says about its place in a record.

use super::layers::Layers;
use super::line::Line;

/// The place of a line among the others of its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Starts a record, whatever stands before.
    Head,
    /// PostgreSQL's HINT, DETAIL, STATEMENT …: goes on with the message of the same process.
    Companion,
    /// Nothing to read.
    Blank,
    /// Goes on with the record before it.
    Continues,
    /// Begins with the name of an error class.
    ErrorName,
    /// `/app/main.js:10`: the place that Node.js shows before an uncaught error.
    Excerpt,
    /// Nest's `Potential solutions:` and Node's `Require stack:`, whose items are not indented.
    List,
    /// `- item`
    Item,
    /// Says nothing about its place.
    Bare,
}

pub(super) fn of(line: &Line<'_>) -> Shape {
    let text = &*line.text;
    if line.head {
        Shape::Head
    } else if line.layers.contains(Layers::POSTGRES) {
        Shape::Companion
    } else if line.is_blank() {
        Shape::Blank
    } else if continues(text) {
        Shape::Continues
    } else if is_location(text) || text.starts_with("Uncaught:") {
        Shape::Excerpt
    } else if is_error_name(text) {
        Shape::ErrorName
    } else if text.starts_with("Potential solutions:") || text.starts_with("Require stack:") {
        Shape::List
    } else if text.starts_with("- ") {
        Shape::Item
    } else {
        Shape::Bare
    }
}

/// Indented, or beginning as only continuations do.
fn continues(text: &str) -> bool {
    const BEGINNINGS: [&str; 12] = [
        "at ",
        "Caused by",
        "caused by:",
        "DETAIL:  ",
        "HINT:  ",
        "CONTEXT:  ",
        "STATEMENT:  ",
        "QUERY:  ",
        "}",
        "]",
        ")",
        "... ",
    ];
    if text.starts_with([' ', '\t']) {
        return true;
    }
    if text.starts_with("... ") {
        return text.contains(" lines matching cause") || text.ends_with(" more") || text.contains(" more item");
    }
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning)) || is_caret_line(text)
}

/// psql's `LINE 1: SELECT …`
fn is_caret_line(text: &str) -> bool {
    text.strip_prefix("LINE ").and_then(|rest| rest.split_once(": ")).is_some_and(|(number, _)| is_digits(number))
}

/// `Error: …`, `TypeError [ERR_X]: …`, `error: …`, `AggregateError [ECONNREFUSED]: `, `Uncaught Error: …`, `Error` alone.
pub(super) fn is_error_name(text: &str) -> bool {
    let text = text.strip_prefix("Uncaught ").unwrap_or(text);
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))).unwrap_or(text.len());
    let Some((name, rest)) = text.split_at_checked(end) else { return false };
    let named = name == "error" || name.ends_with("Error") || name.ends_with("Exception");
    let rest = match rest.strip_prefix(" [") {
        Some(inside) => inside.split_once(']').map_or(rest, |(_, after)| after),
        None => rest,
    };
    named && (rest.starts_with(':') || (rest.is_empty() && name != "error") || rest == " {")
}

/// A file and a line number, alone on the line.
pub(super) fn is_location(text: &str) -> bool {
    let Some((path, number)) = text.trim_end().rsplit_once(':') else { return false };
    is_digits(number) && is_path(path)
}

fn is_path(path: &str) -> bool {
    let rooted = ["/", "node:", "file://", "internal/", "webpack:", "evalmachine.<anonymous>", "[eval]"];
    if path.contains([' ', '\t']) {
        return is_windows_path(path);
    }
    rooted.iter().any(|root| path.starts_with(root)) || is_windows_path(path)
}

fn is_windows_path(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.as_str().starts_with(":\\")
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `Node.js v20.20.2`, the last line of an uncaught error.
pub(super) fn is_node_version(text: &str) -> bool {
    text.strip_prefix("Node.js v").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The same, and nothing else on the line.
pub(super) fn is_node_footer(text: &str) -> bool {
    text.strip_prefix("Node.js v").is_some_and(|rest| rest.split('.').all(is_digits))
}

/// What a stack of Node ends with: a frame, or the bracket behind what the error holds besides.
pub(super) fn ends_stack(text: &str) -> bool {
    matches!(text, "}" | "]") || text.trim_start().starts_with("at ")
}

/// A line that ends the paragraphs below an ` NX ` message: the next task, a command's echo, a task's end.
pub(super) fn ends_nx(text: &str) -> bool {
    text.starts_with("> ") || text.starts_with("Warning: command \"") || text.contains(" exited with code ")
}

/// Node's own line that it shows of an error nobody caught.
pub(super) const THROW: &str = "triggerUncaughtException(";

/// The first line of an exception that Python shows.
pub(super) fn is_traceback(text: &str) -> bool {
    text.starts_with("Traceback (most recent call last):")
}

/// The first line of a panic of Rust, from 1.73 on: what it says stands on the next one.
pub(super) fn is_rust_panic(text: &str) -> bool {
    text.starts_with("thread '") && text.contains(" panicked at ") && text.ends_with(':')
}

/// The first line of V8's report.
pub(super) const V8_REPORT: &str = "<--- Last few GCs --->";

/// The beginning of what V8 prints when it runs out of memory.
pub(super) fn is_v8_report(text: &str) -> bool {
    text.starts_with(V8_REPORT) || text.starts_with("<--- JS stacktrace --->")
}

/// V8's last words; the native stack follows.
pub(super) fn is_v8_fatal(text: &str) -> bool {
    text.starts_with("FATAL ERROR: ")
}

/// Whether lines go on with this one that say nothing about their place.
pub(super) fn folds(text: &str) -> bool {
    is_v8_report(text) || is_v8_fatal(text) || text.contains(THROW) || is_traceback(text) || is_rust_panic(text)
}

/// A line of V8's native stack and what the shell says of the abort.
pub(super) fn is_native_stack(text: &str) -> bool {
    let frame = text.trim_start().split_once(": 0x").is_some_and(|(number, _)| is_digits(number));
    frame || text.starts_with("-----") || text.starts_with("Aborted")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_names() {
        for text in [
            "Error: x",
            "error: x",
            "TypeError [ERR_X]: x",
            "AggregateError [ECONNREFUSED]: ",
            "QueryFailedError: x",
            "Uncaught Error: x",
            "AggregateError",
            "DriverException: x",
            "Error [ERR_X] {",
            "a.b.CError: x",
        ] {
            assert!(is_error_name(text), "{text}");
        }
        for text in
            ["error x", "error", "Errors: 3", "An Error: x", "", "[Error]: x", "Error during migration run:", "errors:"]
        {
            assert!(!is_error_name(text), "{text}");
        }
    }

    #[test]
    fn locations() {
        for text in
            ["node:internal/a:1228", "/app/x.js:10", "file:///app/x.mjs:3", "C:\\a b\\x.js:10", "internal/a.js:6"]
        {
            assert!(is_location(text), "{text}");
        }
        for text in ["/app/x.js", "/app/x.js:10:5 error", "http://x:3000", "GET /a:1", "3:4", ""] {
            assert!(!is_location(text), "{text}");
        }
    }

    #[test]
    fn continuations() {
        for text in [
            "  x",
            "\tx",
            "}",
            "]",
            ")",
            "at f (x:1)",
            "Caused by: x",
            "... 4 lines matching cause stack trace ...",
            "LINE 1: x",
        ] {
            assert!(continues(text), "{text}");
        }
        for text in ["attach", "... and then", "LINE", "x"] {
            assert!(!continues(text), "{text}");
        }
    }
}
