use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::*;

fn bodies(log: &str) -> Vec<String> {
    records(log.as_bytes()).map(|record| record.body).collect()
}

/// Every non-blank line is in exactly one record, and the look around any byte gives the record of the walk.
fn check(log: &[u8]) {
    let all: Vec<Record> = records(log).collect();
    let mut offsets: Vec<usize> = all.iter().flat_map(|record| record.lines.iter().map(|line| line.offset)).collect();
    offsets.sort_unstable();
    let mut at = 0;
    // One that has seen the lines before gives the same.
    let mut reader = Reader::default();
    for raw in log.split(|&byte| byte == b'\n') {
        if !raw.is_empty() {
            let hit = at + raw.len() / 2;
            let (found, alone) = (reader.record_at(log, 0, hit), record_at(log, hit));
            assert!(found == alone, "at {hit}, after others:\n{found:?}\n{alone:?}");
        }
        let line = peel(raw);
        let count = offsets.iter().filter(|&&offset| offset == at).count();
        if line.head || !line.is_blank() {
            assert!(count >= 1, "lost: {:?}", String::from_utf8_lossy(raw));
        }
        at += raw.len() + 1;
    }
    for record in &all {
        for line in &record.lines {
            if offsets.iter().filter(|&&offset| offset == line.offset).count() == 2 {
                continue;
            }
            let length = log[line.offset..].iter().position(|&byte| byte == b'\n').unwrap_or(log.len() - line.offset);
            for hit in [line.offset, line.offset + length / 2, line.offset + length] {
                let found = record_at(log, hit);
                assert!(found == *record, "at {hit}:\n{found:?}\n{record:?}");
            }
        }
        for line in &record.lines {
            assert!(record.body.is_char_boundary(line.body_start));
            assert!(record.line_at(line.body_start).is_some());
        }
    }
}

const NEST: &str = "\x1b[32m[Nest] 23  - \x1b[39m11/23/2026, 6:57:47 PM \x1b[32m    LOG\x1b[39m \x1b[38;5;3m[F] \x1b[39m\x1b[32mStarting\x1b[39m
\x1b[31m[Nest] 23  - \x1b[39m11/23/2026, 6:57:48 PM \x1b[31m  ERROR\x1b[39m \x1b[38;5;3m[T] \x1b[39m\x1b[31mUnable to connect\x1b[39m
error: password authentication failed
    at parse (x.js:1)
    at Socket (y.js:2) {
  code: '28P01'
}
bare line
\x1b[33m[Nest] 23  - \x1b[39m11/23/2026, 6:57:49 PM \x1b[33m   WARN\x1b[39m \x1b[38;5;3m[T] \x1b[39m\x1b[33mcareful\x1b[39m
Error: its own record
    at x
";

#[test]
fn an_error_below_an_error_belongs_to_it_and_below_a_warning_not() {
    let found = bodies(NEST);
    assert_eq!(found[0], "Starting");
    assert!(found[1].starts_with("Unable to connect\nerror: password") && found[1].ends_with("'28P01'\n}"));
    assert_eq!(found[2..], ["bare line", "careful", "Error: its own record\n    at x"]);
    check(NEST.as_bytes());
}

#[test]
fn what_python_and_rust_announce_belongs_to_it() {
    let log = "Traceback (most recent call last):
  File \"/app/a.py\", line 3, in f
    g()
app.errors.NotReady: the first

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"/app/a.py\", line 5, in f
KeyError: 'x'
thread 'main' panicked at src/main.rs:4:5:
it broke
note: run with `RUST_BACKTRACE=1`
Traceback (most recent call last):
not of it
thread 'main' panicked at 'an older one', src/main.rs:4:5
not of it
";
    assert_eq!(bodies(log).iter().map(|body| body.lines().count()).collect::<Vec<_>>(), [4, 1, 3, 2, 1, 1, 1, 1, 1]);
    check(log.as_bytes());
}

#[test]
fn nx_messages_take_their_paragraphs() {
    let log = "\n NX   Could not find Nx modules at \"/app\".\n\nHave you run npm/yarn install?\n\n\n> nx run a:b\n\n> node x\n NX  Ran\n\nFailed tasks:\n\n- a:b\nWarning: command \"x\" exited with non-zero status code\n";
    assert_eq!(
        bodies(log),
        [
            "Could not find Nx modules at \"/app\".\n\nHave you run npm/yarn install?",
            "> nx run a:b",
            "> node x",
            "Ran\n\nFailed tasks:\n\n- a:b",
            "Warning: command \"x\" exited with non-zero status code",
        ]
    );
    check(log.as_bytes());
}

#[test]
fn source_excerpts_end_at_nodes_version() {
    let log = "query: x\nnode:internal/modules/cjs/loader:1228\n  throw err;\n  ^\n\nError: Cannot find module 'x'\nRequire stack:\n- /app/a.js\n    at f (node:x:1) {\n  code: 'X'\n}\n\nNode.js v20.20.2\nnext\n";
    let found = bodies(log);
    assert_eq!(found.len(), 3);
    assert!(found[1].starts_with("node:internal") && found[1].ends_with("Node.js v20.20.2"));
    check(log.as_bytes());
    let log = "/app/x.js:10\nthrow new Error('x')\n^\n\nError: x\n    at f (x:1)\nnext\n/app/y.js:1\n";
    assert_eq!(
        bodies(log),
        ["/app/x.js:10\nthrow new Error('x')\n^\n\nError: x\n    at f (x:1)", "next", "/app/y.js:1"]
    );
    check(log.as_bytes());
}

#[test]
fn a_stack_without_its_place_in_the_source_ends_with_the_version_of_node() {
    let log = "Error: x\n    at f (node:x:1) {\n  code: 'X'\n}\n\nNode.js v20.20.2\nnext\n";
    let found = bodies(log);
    assert!(
        found[0].starts_with("Error: x") && found[0].ends_with("Node.js v20.20.2") && found[1] == "next",
        "{found:?}"
    );
    for log in [
        "Error: x\n    at f (node:x:1)\n\n\nNode.js v20.20.2\n",
        "Settings:\n  port 80\nNode.js v20.20.2\n",
        "Error: x\n    at f (x:1)\nNode.js v20.20.2, yarn 4\n",
    ] {
        assert_eq!(bodies(log).len(), 2, "{log}");
    }
}

#[test]
fn an_excerpt_never_takes_a_head() {
    let log = "/app/x.js:10\n[INFO] head\nError: x\nNode.js v20.1.1\n";
    assert_eq!(bodies(log), ["/app/x.js:10", "head", "Error: x", "Node.js v20.1.1"]);
    check(log.as_bytes());
}

#[test]
fn v8_reports_are_one_fatal_record() {
    let log = "x\n<--- Last few GCs --->\n\n[1:0x1] 700 ms: Mark-Compact\n\n\n<--- JS stacktrace --->\n\nFATAL ERROR: Reached heap limit\n----- Native stack trace -----\n\n 1: 0xb78 node::OOM [node]\n10: 0xb79 [node]\nAborted (core dumped)\nafter\n";
    let found: Vec<Record> = records(log.as_bytes()).collect();
    assert_eq!(found.len(), 3);
    assert_eq!(found[1].level, Some(Level::Fatal));
    assert!(found[1].body.ends_with("Aborted (core dumped)"));
    check(log.as_bytes());
    let cut = "FATAL ERROR: Reached heap limit\n----- Native stack trace -----\n\n 1: 0xb78 node::OOM [node]\nafter\n";
    assert_eq!(records(cut.as_bytes()).count(), 2);
}

#[test]
fn nests_solutions_belong_to_its_error() {
    let log = "[Nest] 22  - 11/23/2026, 7:02:09 PM   ERROR [E] Nest can't resolve\n\nPotential solutions:\n- Is X valid?\n- If Y\n  @Module({\n  })\n\nError: Nest can't resolve\n\nPotential solutions:\n- Is X valid?\n\n    at f (x:1)\nnext\n";
    let found = bodies(log);
    assert_eq!(found.len(), 2);
    assert!(found[0].ends_with("    at f (x:1)"));
    check(log.as_bytes());
}

#[test]
fn postgres_processes_interleave() {
    let log = "2026-11-23 18:44:13.119 UTC [71] ERROR:  one\n2026-11-23 18:44:13.119 UTC [72] ERROR:  two\n2026-11-23 18:44:13.119 UTC [71] HINT:  hint of one\n2026-11-23 18:44:13.119 UTC [72] STATEMENT:  SELECT\n\t2\n2026-11-23 18:44:13.119 UTC [71] LOG:  three\n";
    assert_eq!(bodies(log), ["one\nhint of one", "two\nSELECT\n\t2", "three"]);
    check(log.as_bytes());
}

#[test]
fn what_begins_a_message_is_no_process_of_postgres() {
    let prefix = "2026-11-23 18:44:13.119 UTC [71]";
    let log =
        format!("{prefix} LOG:  one\nError: x\n    at x\n{prefix} DETAIL:  of one\n\tand more\nError: y\n    at y\n");
    assert_eq!(bodies(&log), ["one\nof one\n\tand more", "Error: x\n    at x", "Error: y\n    at y"]);
    check(log.as_bytes());
    let log = format!("Error: x\n{prefix} LOG:  one\n    at one\n");
    assert_eq!(bodies(&log), ["Error: x", "one\n    at one"]);
    check(log.as_bytes());
}

#[test]
fn npm_errors_are_one_record() {
    let log = "npm warn deprecated x\nnpm warn deprecated y\nnpm error code ENOENT\nnpm error\nnpm error syscall open\nnext\n";
    assert_eq!(bodies(log), ["deprecated x", "deprecated y", "code ENOENT\n\nsyscall open", "next"]);
    check(log.as_bytes());
}

#[test]
fn cut_lines_are_joined_without_a_break() {
    let log = "2023-07-16T23:14:01Z stderr P hel\n2023-07-16T23:14:01Z stdout F other\n2023-07-16T23:14:01Z stderr F lo\n2023-07-16T23:14:01Z stderr F   at x\n";
    assert_eq!(bodies(log), ["hello\n  at x", "other"]);
    check(log.as_bytes());
}

#[test]
fn lanes_and_units_do_not_mix() {
    let log = "a-1  | [0] Error: x\nb-1  | Error: y\na-1  | [1] Error: z\na-1  | [0]     at x\nb-1  |     at y\na-1  | [1]     at z\n    at nothing\n";
    assert_eq!(bodies(log), ["Error: x\n    at x", "Error: y\n    at y", "Error: z\n    at z", "    at nothing"]);
    check(log.as_bytes());
}

#[test]
fn a_glued_line_is_two_records() {
    let glued = "[0] Warning: command \"node x\" exited with non-zero status code[Nest] 261  - 11/23/2026, 6:56:18 PM     LOG [F] Starting";
    let log = format!("[0] before\n{glued}\n[0]   more\n");
    let found: Vec<Record> = records(log.as_bytes()).collect();
    assert_eq!(found.len(), 3);
    assert_eq!((found[1].level, found[1].lines[0].offset), (None, 11));
    assert_eq!((found[2].level, &*found[2].body), (Some(Level::Info), "Starting\n  more"));
    assert_eq!(record_at(log.as_bytes(), 15), found[1]);
    assert_eq!(record_at(log.as_bytes(), log.find("Starting").unwrap()), found[2]);
    assert_eq!(record_at(log.as_bytes(), log.find("more").unwrap()), found[2]);
    check(log.as_bytes());
}

#[test]
fn neighbours_and_times() {
    let log = b"[INFO] a\n\nb\n2024-12-24 09:00:00 INFO c\nd\n2024-12-24 09:00:01 INFO e\nf\n";
    assert_eq!(before(log, 12, 5), b"[INFO] a\n\nb\n");
    assert_eq!(texts(before(log, 12, 5)), ["a", "", "b"]);
    assert_eq!(before(log, 12, 1), b"b\n");
    assert_eq!(texts(after(log, 12, 2)), ["d", "e"]);
    assert_eq!(first_time(log).unwrap().rfc3339(), "2024-12-24T09:00:00");
    assert_eq!(last_time(log).unwrap().rfc3339(), "2024-12-24T09:00:01");
    assert_eq!(first_time(b"nothing"), None);
    assert_eq!(before(b"", 0, 3), b"");
}

#[test]
fn long_lines_are_read_around_the_hit() {
    let mut log = b"first\n[0] ".to_vec();
    log.extend(vec![b'x'; 200_000]);
    log.extend_from_slice(b"needle");
    log.extend(vec![b'y'; 200_000]);
    log.push(b'\n');
    let hit = log.windows(6).position(|bytes| bytes == b"needle").unwrap();
    let record = record_at(&log, hit);
    assert!(record.body.contains("needle") && record.body.len() <= 65_536);
    assert_eq!(record.lane.as_deref(), Some("0"));
    assert_eq!(records(&log).count(), 2);
}

#[test]
fn hits_anywhere_are_answered() {
    for (log, hit) in [("", 0), ("", 9), ("\n", 0), ("\n\n", 1), ("a", 99), ("a\n", 1), ("a\n", 2)] {
        let record = record_at(log.as_bytes(), hit);
        assert_eq!(record.body, log.trim_end(), "{log:?} {hit}");
        assert_eq!(record.lines.len(), 1);
    }
}

/// The same log as Docker, compose and the runtime would carry it.
#[test]
fn wrapped_forms_give_the_records_of_the_plain_one() {
    let plain = bodies(NEST);
    let wrap = |form: &dyn Fn(&str) -> String| -> String { NEST.lines().map(|line| form(line) + "\n").collect() };
    let forms = [
        wrap(&|line| format!("2026-11-23T18:57:47.885888896Z {line}")),
        wrap(&|line| format!("\x1b[36mserver-1  | \x1b[0m{line}")),
        wrap(&|line| format!("\x1b[36mserver_1  |\x1b[0m {line}\r")),
        wrap(&|line| format!("server-1  | 2026-11-23T18:57:47.885888896Z [0] {line}")),
        wrap(&|line| format!("2026-11-23T18:57:47.885888896Z stderr F {line}")),
        wrap(&|line| format!("Nov 21 09:23:59 host npm[7]: {line}")),
        wrap(&|line| {
            let log = serde_json::to_string(&format!("{line}\r\n")).unwrap();
            format!(r#"{{"log":{log},"stream":"stderr","time":"2026-11-23T18:57:47.885888896Z"}}"#)
        }),
    ];
    for form in forms {
        assert_eq!(bodies(&form), plain, "{form}");
        check(form.as_bytes());
    }
}

#[test]
fn corpus() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(cases) = fs::read_dir(&root) else {
        println!("skipped: {} is not here", root.display());
        return;
    };
    let mut different = String::new();
    for case in cases.flatten().filter(|case| case.path().is_dir()) {
        let logs: Vec<_> = fs::read_dir(case.path()).unwrap().flatten().map(|file| file.path()).collect();
        for log in &logs {
            check(&fs::read(log).unwrap());
        }
        let Ok(plain) = fs::read(case.path().join("container.log")) else { continue };
        let plain: Vec<String> = records(&plain).map(|record| record.body).collect();
        for log in logs.iter().filter(|log| log.to_string_lossy().contains("wrapped")) {
            let wrapped: Vec<String> = records(&fs::read(log).unwrap()).map(|record| record.body).collect();
            if wrapped != plain {
                let first = plain.iter().zip(&wrapped).find(|(plain, wrapped)| plain != wrapped);
                writeln!(different, "{}: {first:#?}", log.display()).unwrap();
            }
        }
    }
    assert!(different.is_empty(), "{different}");
}

proptest::proptest! {
    #[test]
    fn any_bytes_have_records(log in proptest::collection::vec(proptest::num::u8::ANY, 0..400), hit in 0_usize..500) {
        check(&log);
        let _ = (record_at(&log, hit), before(&log, hit, 3), after(&log, hit, 3), first_time(&log), last_time(&log));
    }

    #[test]
    fn any_mixture_of_lines_is_covered(lines in proptest::collection::vec(line(), 0..40)) {
        check(lines.join("\n").as_bytes());
    }
}

/// Texts of every shape.
const SHAPES: [&str; 45] = [
    "",
    "",
    "x",
    "  indented",
    "}",
    "- item",
    "Error: x",
    "    at x",
    " NX   x",
    "> nx run a:b",
    "/app/x.js:1",
    "Node.js v20.1.1",
    "npm error x",
    "npm warn x",
    "npm error",
    "[ERROR] x",
    "[INFO] x",
    "[INFO] 12",
    "[INFO] 7",
    "[Nest] 23  - 11/23/2026, 6:57:48 PM   ERROR [T] x",
    "[Nest] 24  - 11/23/2026, 6:57:49 PM   ERROR [T] y",
    "[Nest] 23  - 11/23/2026, 6:57:48 PM     LOG [T] x",
    "2026-11-23T18:44:13.119123456Z Error: x",
    "2026-11-23T18:44:13.119123457Z [INFO] x",
    "2026-11-23T18:44:13.119123458Z     at x",
    "Potential solutions:",
    "<--- Last few GCs --->",
    "FATAL ERROR: x",
    " 1: 0x12 x",
    "2026-11-23 18:44:13.119 UTC [71] ERROR:  x",
    "2026-11-23 18:44:13.119 UTC [72] ERROR:  y",
    "2026-11-23 18:44:13.119 UTC [71] HINT:  x",
    "Uncaught:",
    "   triggerUncaughtException(e)",
    "Require stack:",
    "Warning: command \"x\" exited with non-zero status code[INFO] y",
    "{\"level\":50,\"msg\":\"x\"}",
    "{\"level\":30,\"msg\":\"x\"}",
    "{\"level\":30,\"msg\":\"y\",\"pid\":1}",
    "{\"level\":\"error\",\"message\":\"x\"}",
    "time=2024-01-01T00:00:00Z level=info msg=x",
    "time=2024-01-01T00:00:00Z level=error msg=y",
    "{\"log\":\"Error: x\\n\",\"stream\":\"stderr\",\"time\":\"2024-01-01T00:00:00Z\"}",
    "{\"log\":\"[INFO] x\\n\",\"stream\":\"stdout\",\"time\":\"2024-01-01T00:00:00Z\"}",
    "\x1b[32m[INFO]\x1b[0m x",
];

/// Lines that stand for every shape, in a few lanes.
fn line() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let prefix = proptest::sample::select(vec![
        "",
        "",
        "",
        "[0] ",
        "[1] ",
        "a-1  | ",
        "2023-07-16T23:14:01Z stderr F ",
        "2023-07-16T23:14:01Z stdout P ",
    ]);
    let text = proptest::sample::select(&SHAPES[..]);
    (prefix, text).prop_map(|(prefix, text)| format!("{prefix}{text}"))
}
