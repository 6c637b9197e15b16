//! Whether what a program said last is how it ended: an error that nothing caught, or one that it logged as fatal.

use std::collections::BTreeMap;

use crate::record::{Level, Record};

/// The functions in which Python calls a program, the outermost ones of a traceback that nothing caught.
const OUTERMOST: [&str; 3] = [", in <module>", ", in _run_module_as_main", ", in _bootstrap"];
/// How .NET and Java name an exception that ended the program.
const UNCAUGHT: [&str; 2] = ["Unhandled exception. ", "Exception in thread \"main\" "];
/// Words for the level at which a program gives up.
const FATAL: [&str; 4] = ["fatal", "FATAL", "Fatal", "\"level\":60"];

/// What a program said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Last {
    /// What is shown of it.
    pub(super) text: String,
    /// Whether a runtime, or whoever ran the program, says that it ended.
    pub(super) certain: bool,
}

/// What is known of the end of a unit's log.
#[derive(Debug, Default)]
struct End {
    last: Option<Last>,
    /// The error before, if nothing else came since.
    error: Option<String>,
}

/// For each unit, its last words as long as nothing came behind them.
#[derive(Debug, Default)]
pub(super) struct Endings(BTreeMap<Option<String>, End>);

impl Endings {
    /// Adds the next record, its line in the file and, where it is an error that no rule covers, what is shown of it.
    pub(super) fn note(&mut self, record: &Record, line: &[u8], error: Option<&str>) {
        if record.body.trim().is_empty() {
            return;
        }
        let end = self.0.entry(record.unit.clone()).or_default();
        if let Some(text) = end.error.take_if(|_| is_exit(record)) {
            end.last = Some(Last { text, certain: true });
            return;
        }
        let last = error.filter(|_| is_last(record, line));
        if last.is_some() || !goes_on(record) {
            end.last = last.map(|text| Last { text: text.to_owned(), certain: is_certain(record) });
            end.error = error.map(str::to_owned);
        }
    }

    /// The units that ended, and what they said last.
    pub(super) fn into_last(self) -> impl Iterator<Item = (Option<String>, Last)> {
        self.0.into_iter().filter_map(|(unit, end)| Some((unit, end.last?)))
    }
}

/// Whether it is the line in which `go run`, or a shell that shows it, tells with what a program ended.
fn is_exit(record: &Record) -> bool {
    let status = record.body.trim_end().strip_prefix("exit status ").and_then(|status| status.parse::<u8>().ok());
    record.level.is_none() && status.is_some_and(|status| status > 0)
}

/// Whether a program that runs ends with such last words, too: of one in Java only a thread does, and a process that Python began may be one of
/// many.
fn is_certain(record: &Record) -> bool {
    let body = &record.body;
    let begun = body.lines().nth(1).is_some_and(|frame| frame.ends_with(OUTERMOST[2]));
    record.level.is_none() && !body.starts_with(UNCAUGHT[1]) && !begun
}

/// Whether a program ends with such a record.
fn is_last(record: &Record, line: &[u8]) -> bool {
    if record.level == Some(Level::Fatal) {
        // Other words of that level tell of one request.
        return FATAL.iter().any(|word| memchr::memmem::find(line, word.as_bytes()).is_some());
    }
    record.level.is_none() && (record.is_last_word() || is_uncaught(&record.body))
}

/// Whether a text is an exception that ended a program: of Python, where the traceback goes down to where the program was called, and is whole.
fn is_uncaught(body: &str) -> bool {
    if UNCAUGHT.iter().any(|start| body.starts_with(start)) {
        return true;
    }
    let mut lines = body.lines();
    let traceback = lines.next().is_some_and(|first| first.starts_with("Traceback (most recent call last):"));
    let outermost = lines.next().is_some_and(|frame| OUTERMOST.iter().any(|end| frame.ends_with(end)));
    traceback && outermost && lines.any(|line| !line.is_empty() && !line.starts_with([' ', '\t']))
}

/// Whether a record can be the rest of an error's text: indented lines below a name, or what stands in brackets.
fn goes_on(record: &Record) -> bool {
    let rest = |line: &str| line.starts_with([' ', '\t', '(', '[']) || !line.contains(' ');
    record.level.is_none() && record.time.is_none() && record.tech.is_none() && record.body.lines().all(rest)
}

#[cfg(test)]
mod tests {
    use crate::detect::explained::Explained;
    use crate::detect::stray::survey;
    use crate::scan::Window;

    const TRACEBACK: &str = "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in <module>\n    run()\nValueError: too few\n";

    fn last(text: &str) -> Vec<String> {
        let survey = survey(&Window::whole(text.as_bytes()), 0, 0, &Explained::default());
        survey.strays.into_iter().filter(|(_, stray)| stray.last_word).map(|(_, stray)| stray.text).collect()
    }

    #[test]
    fn a_program_ends_with_what_nothing_caught() {
        let settings = "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in <module>\n    S()\npydantic_core._pydantic_core.ValidationError: 2 validation errors for S\nport\n  Input should be a valid integer\n    For further information visit https://errors.pydantic.dev\nhost\n  Field is too short\n";
        let node = "/app/node_modules/x/a.js:41\n  const a = b?.[c];\n              ^\n\nSyntaxError: Unexpected token '.'\n    at wrapSafe (internal/modules/cjs/loader.js:915:16)\n";
        let go = "time=\"2026-11-28T09:00:00Z\" level=fatal msg=\"cannot read the ledger\"\n";
        for text in
            [TRACEBACK, settings, node, go, "Unhandled exception. System.Exception: boom\n   at Program.Main()\n"]
        {
            assert_eq!(last(&format!("starting\n{text}\n\n")).len(), 1, "{text}");
        }
        assert_eq!(last(&TRACEBACK.repeat(3)), ["ValueError: too few"], "a loop");
    }

    #[test]
    fn a_program_that_says_more_goes_on() {
        let request = TRACEBACK.replace("<module>", "handle");
        let cut = "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in <module>\n    run()\n";
        for text in [
            &format!("{TRACEBACK}the worker waits for jobs\n"),
            &format!("{TRACEBACK}INFO:     Started server process [9]\n"),
            &request,
            cut,
            "[2026-11-28T09:00:00.118Z] app.CRITICAL: payment refused\n",
            "ERROR:    the mail was refused\n",
            "Error: the mail was refused\n    at send (/app/mail.js:3:5)\n",
        ] {
            assert!(last(text).is_empty(), "{text}");
        }
    }
}
