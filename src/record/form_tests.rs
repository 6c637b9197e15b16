//! Which lines are the same record at another time.

use super::super::line::peel;
use super::*;

/// The lines of a text, if they may come again as one record.
fn lines(text: &str) -> Option<Lines> {
    let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
    let raw = text.split('\n').map(|raw| peel(raw.as_bytes()));
    let entries: Vec<_> =
        starts.zip(raw).map(|(offset, line)| Entry { offset, shape: shape::of(&line), line }).collect();
    Lines::of(text.as_bytes(), 0, &entries)
}

fn form(text: &str) -> Form {
    lines(text).unwrap().form(text.as_bytes(), &tells).unwrap()
}

fn tells(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"tell").is_some()
}

fn end(form: &Form, text: &str) -> Option<usize> {
    form.end(text.as_bytes(), 0, &tells)
}

fn takes(form: &Form, line: &str) -> bool {
    end(form, &format!("{line}\n")).is_some()
}

#[test]
fn a_line_is_the_same_at_another_time() {
    let same = [
        ("2026-11-23T18:44:13.119123456Z Error: x", "2026-11-23T18:59:07.000000001Z Error: x"),
        ("[Nest] 23  - 11/23/2026, 1:00:00 PM   ERROR [A] x", "[Nest] 23  - 11/23/2026, 1:07:59 PM   ERROR [A] x"),
        (
            r#"{"log":"[Nest] 23  - 11/23/2026, 1:00:00 PM   ERROR [A] x\n","stream":"stderr","time":"2026-11-23T18:44:13.119Z"}"#,
            r#"{"log":"[Nest] 23  - 11/23/2026, 1:44:14 PM   ERROR [A] x\n","stream":"stderr","time":"2026-11-23T18:44:14.120Z"}"#,
        ),
        (r#"{"level":50,"time":1795100000005,"msg":"x"}"#, r#"{"level":50,"time":1795199999999,"msg":"x"}"#),
        (
            "[Nest] 23  - 11/23/2026, 1:00:00 PM   ERROR [A] x +12ms",
            "[Nest] 23  - 11/23/2026, 1:07:59 PM   ERROR [A] x +99ms",
        ),
        ("Error: x", "Error: x"),
    ];
    for (one, other) in same {
        assert!(takes(&form(one), other), "{other}");
    }
}

#[test]
fn a_line_that_says_something_else_is_another() {
    let other = [
        ("2026-11-23T18:44:13.119Z Error: x", "2026-11-23T18:61:07.000Z Error: x"),
        ("2026-11-23T18:44:13.119Z Error: x", "2026-11-23T19:44:13.119Z Error: x"),
        ("2026-11-23T18:44:13.119Z Error: x", "2026-11-23T18:44:13.119Z Error: y"),
        ("2026-11-23T18:44:13.119Z at 10:11:12 x", "2026-11-23T18:44:13.119Z at 10:11:13 x"),
        ("[Nest] 23  - 11/23/2026, 1:00:00 PM   ERROR [A] x", "[Nest] 24  - 11/23/2026, 1:00:00 PM   ERROR [A] x"),
        (r#"{"level":50,"time":1795100000005,"msg":"x"}"#, r#"{"level":30,"time":1795100000005,"msg":"x"}"#),
        (r#"{"level":50,"time":1795100000005,"msg":"x"}"#, r#"{"level":50,"time":0795100000005,"msg":"x"}"#),
        ("172.18.0.5 - - [23/Nov/2026:00:00:00 +0000] \"GET /", "172.18.0.5 - - [23/Nov/2026:24:00:00 +0000] \"GET /"),
        ("Error: x", "Error: xy"),
    ];
    for (one, other) in other {
        assert!(!takes(&form(one), other), "{other}");
    }
}

#[test]
fn lines_below_are_the_same_and_frames_need_not_be() {
    let docker = |text: &str| format!(r#"{{"log":"{text}\n","stream":"stderr","time":"2026-11-23T18:44:13.119Z"}}"#);
    for (seen, again, whole) in [
        ("Error: x", "Error: x\n    at o (x.js:1:2)\n", true),
        ("Error: x\n    at a (x.js:1:2)", "Error: x\n", true),
        ("Error: x\n    at a (x.js:1:2)", "Error: x\n    at b (c.js:1:1)\n    at /d.js:3:4\n", true),
        ("Error: x\n    at a (x.js:1:2)", "Error: x\n    at \u{1b}[31mb (x.js:1:2)\n", false),
        (
            "Error: x\n    at a (x.js:1:2)\n  code: 1\n}",
            "Error: x\n    at a (x.js:1:2)\n  code: 1\n}\n    at b (x.js:1:2)\n",
            true,
        ),
        (
            "2026-11-23T18:44:13Z Error: x",
            "2026-11-23T18:44:14Z Error: x\n2026-11-23T18:44:14Z     at b (x.js:1:2)\n",
            false,
        ),
        (
            "2026-11-23T18:44:13Z Error: x\n2026-11-23T18:44:13Z     at a (x.js:1:2)",
            "2026-11-23T18:44:14Z Error: x\n2026-11-23T18:44:14Z     at b (x.js:1:2)\n",
            true,
        ),
        (
            &format!("{}\n{}", docker("Error: x"), docker("    at a (x.js:1:2)")),
            &format!("{}\n{}\n", docker("Error: x"), docker("    at o (x.js:1:2)").replace("13.119", "59.120")),
            true,
        ),
        (
            &format!("{}\n{}", docker("Error: x"), docker("    at a (x.js:1:2)")),
            &format!("{}\n{}\n", docker("Error: x"), docker(r"    at \u001b[31mb (x.js:1:2)")),
            false,
        ),
    ] {
        let end = end(&form(seen), again).unwrap();
        assert_eq!(end == again.len(), whole, "{seen:?} then {again:?}: {end}");
    }
    let form = form("Error: x\n    at a (x.js:1:2)\n  code: 1\n}");
    assert_eq!(
        [end(&form, "Error: x\n    at a (x.js:1:2)\n  code: 2\n}\n"), end(&form, "Error: x\n    at a (x.js:1:2)\n")],
        [None; 2]
    );
}

#[test]
fn frames_of_others_are_no_own_ones() {
    for own in ["    at async A.b (/app/dist/a.js:160:21)", "    at /app/a.js:1:2", "    at file:///app/a.mjs:1:2"] {
        assert!(is_own_frame(own.as_bytes()), "{own}");
    }
    for other in [
        "    at a (/app/node_modules/pg/lib/client.js:1:2)",
        "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)",
        "    at internal/main/run_main_module.js:17:47",
        "    at async Add1741.up (/app/dist/migrations/1741-add.js:11:9)",
        "    at org.postgresql.Driver.connect(Driver.java:43)",
        "    at <anonymous>",
        "  at a (/app/a.js:1:2)",
        "x    at a (/app/a.js:1:2)",
        "",
    ] {
        assert!(!is_own_frame(other.as_bytes()), "{other}");
    }
}

#[test]
fn frames_that_tell_something_are_read() {
    let plain = form("Error: x\n    at a (x.js:1:2)");
    assert_eq!(end(&plain, "Error: x\n    at teller (x.js:1:2)\n"), None);
    let telling = form("Error: x\n    at teller (x.js:1:2)");
    assert_eq!(end(&telling, "Error: x\n    at teller (x.js:1:2)\n"), Some(34));
    assert!(!takes(&telling, "Error: x") && plain.knows(&form("Error: x")) && !telling.knows(&plain));
    assert!(
        form("2026-11-23T18:44:13Z Error: x\n2026-11-23T18:44:13Z     at a (x.js:1:2)")
            .knows(&form("2026-11-23T18:44:13Z Error: x"))
    );
    assert!(
        !form("2026-11-23T18:44:13Z Error: x")
            .knows(&form("2026-11-23T18:44:13Z Error: x\n2026-11-23T18:44:13Z     at a (x.js:1:2)"))
    );
}

#[test]
fn what_goes_on_in_other_lines_has_no_form() {
    for raw in [
        "npm error x",
        "2026-11-23 18:44:13.119 UTC [71] ERROR:  x",
        r#"{"log":"x","stream":"stderr","time":"2026-11-23T18:44:13Z"}"#,
        "    at x",
        "<--- Last few GCs --->",
        "FATAL ERROR: x",
        "/app/x.js:1",
    ] {
        assert!(lines(raw).is_none(), "{raw}");
    }
}

#[test]
fn numbers_may_be_others_where_nobody_looks() {
    let line = "2026/11/23 18:44:13 [error] 31#31: *217 connect() failed (111: x) while connecting to 10.0.3.94, code 5432, port :80, /a/77";
    let form = |named: &[&str]| {
        let mut form = form(line);
        let numbers: Vec<&str> = form.numbers().iter().map(|number| line.get(number.clone()).unwrap()).collect();
        assert_eq!(numbers, ["217", "10", "0", "3", "94", "5432", "77"]);
        let named = Named::new(named.iter().map(|text| (*text).to_owned()).collect());
        form.let_differ(form.numbers().to_vec(), &Arc::new(named));
        form
    };
    for (from, to, taken) in [
        ("*217", "*988", true),
        ("*217", "*98", false),
        ("10.0.3.94", "99.9.9.99", true),
        ("(111", "(110", false),
        (":80", ":81", false),
        ("31#31", "32#32", false),
        ("/77", "/7a", false),
        ("5432", "9999", true),
        ("5432", "1543", true),
    ] {
        assert_eq!(takes(&form(&[]), &line.replace(from, to)), taken, "{to}");
    }
    let named = form(&["543", "8\x007"]);
    assert!(takes(&named, &line.replace("*217", "*988")) && !takes(&named, &line.replace("*217", "*897")));
    assert!(!takes(&named, &line.replace("5432", "9999")), "it holds what somebody names");
}
