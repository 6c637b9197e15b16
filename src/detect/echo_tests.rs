//! Echoes change nothing: what is counted without being read gives what reading would have given.

use super::*;
use crate::num::Dice;
use crate::rule::embedded;
use crate::scan::scan;

/// The same collector, for which nothing is ever an echo.
struct Deaf<'c, 'r>(&'c mut Collector<'r>);

impl Sink for Deaf<'_, '_> {
    fn pass(&mut self, window: &Window<'_>) {
        self.0.pass(window);
    }
    fn begin(&mut self, window: &Window<'_>) {
        self.0.begin(window);
    }
    fn hit(&mut self, window: &Window<'_>, at: usize, limit: usize) -> usize {
        self.0.echoes.forget();
        self.0.hit(window, at, limit)
    }
    fn end(&mut self, window: &Window<'_>) {
        self.0.echoes.forget();
        self.0.end(window);
    }
}

/// What a log leaves, with or without echoes, and how many of its lines were counted without being read.
fn read(rules: &RuleSet, words: &Words, log: &str, deaf: bool) -> (String, u64) {
    let mut collector = Collector::new(rules, words, 0);
    let mut told = 0;
    if deaf {
        let _ = scan(&mut log.as_bytes(), words, &mut Deaf(&mut collector), &mut |_| {});
    } else {
        let _ = scan(&mut log.as_bytes(), words, &mut collector, &mut |_| {});
        told = collector.echoes.total;
    }
    let (units, mut facts) = collector.finish();
    // About how many bytes; a text's room grows by steps.
    facts.kept = super::Allowance::default();
    let all = format!("{units:#?}\n{facts:#?}");
    // So is what each boot and sighting takes.
    let counted = |line: &&str| !line.trim_start().starts_with("bytes: ") && !line.trim_start().starts_with("room: ");
    (all.lines().filter(counted).collect::<Vec<_>>().join("\n"), told)
}

fn one<'t>(dice: &mut Dice, of: &[&'t str]) -> &'t str {
    of[dice.below(of.len())]
}

/// What a program says first, and may say again.
const FIRST: &str = "ledger 3.1.# starting";

/// Lines: `@` is a time of the format of its kind, `#` a digit that is seldom another one, `%` a number that often is.
const LINES: [&str; 58] = [
    FIRST,
    "server-1 exited with code 1",
    "Error: connect ECONNREFUSED 172.18.0.3:543#",
    "error: password authentication failed for user \"postgres\"",
    "Error: listen EADDRINUSE: address already in use :::3000",
    " NX   Could not find Nx modules at \"/app\".",
    "connect ECONNREFUSED 127.0.0.1:6379",
    "2026/11/23 18:@N [error] 31#31: *% connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.%.%, server: _, request: \"GET /a/%?b=% HTTP/1.1\", upstream: \"http://172.18.0.3:3000/%\"",
    "2026/11/23 18:@N [error] 31#31: *% connect() failed (%: Connection refused) while connecting to upstream, client: ::%, upstream: \"http://172.18.0.3:3000/\"",
    "[Nest] 23  - 11/23/2026, 1:@N PM   ERROR [E] request % of % failed: connect ECONNREFUSED 172.18.0.3:5432",
    "[Nest] 23  - 11/23/2026, 1:@N PM   ERROR [E] % connect ECONNREFUSED 172.18.0.%:5432 after % ms",
    "worker % exited with code %",
    "query % failed: error: password authentication failed for user \"u%\" in % ms",
    "a try (%) failed: connect ECONNREFUSED 172.18.0.3:%, errno: -%",
    "a server said % times 28P01 or % 28000: SQLSTATE[080%%]",
    "the start of % took % ms and 1:@N minutes: ECONNREFUSED %/%/% %",
    "    at async AuthGuard.handle (/app/dist/AuthGuard.js:16#:21)",
    "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)",
    "  indented ECONNREFUSED",
    "a line of no importance",
    "",
    "node:internal/process/promises:394",
    "      triggerUncaughtException(err, true /* fromPromise */);",
    "Node.js v20.20.2",
    "[Nest] 2#  - 11/23/2026, 1:@N PM     LOG [A] Handled query",
    "[Nest] 23  - 11/23/2026, 1:@N PM   ERROR [TypeOrmModule] Unable to connect to the database. Retrying (1)...",
    "[Nest] 2#  - 11/23/2026, 1:@N PM   ERROR [ExceptionHandler] connect ECONNREFUSED 172.18.0.3:5432",
    "[Nest] 23  - 11/23/2026, 1:@N PM    WARN [A] connect ECONNREFUSED 172.18.0.3:5432",
    "[Nest] 23  - 11/23/2026, 1:@N PM     LOG [NestApplication] Nest application successfully started",
    "[Nest] 23  - 11/23/2026, 1:@N PM     LOG [NestFactory] Starting Nest application...",
    "2026-11-23 18:@N.11# UTC [7#] FATAL:  password authentication failed for user \"postgres\"",
    "2026-11-23 18:@N.119 UTC [71] LOG:  duration: 22.358 ms  statement: SELECT 1",
    "2026/11/23 18:@N [error] 3#: *5 connect() failed (111: Connection refused) while connecting to upstream, server: _, upstream: \"http://172.18.0.3:3000/\"",
    "172.18.0.5 - - [23/Nov/2026:18:@N +0000] \"GET / HTTP/1.1\" 502 157 \"-\" \"curl\"",
    "{\"level\":50,\"time\":17951@M,\"pid\":16,\"hostname\":\"api\",\"msg\":\"connect ECONNREFUSED 172.18.0.3:5432\"}",
    "{\"level\":30,\"time\":17951@M,\"pid\":16,\"hostname\":\"api\",\"msg\":\"request completed\"}",
    "{\"log\":\"Error: connect ECONNREFUSED 172.18.0.3:5432\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:@N.119123456Z\"}",
    "{\"log\":\"[Nest] 23  - 11/23/2026, 1:@N PM   ERROR [E] connect ECONNREFUSED 172.18.0.3:5432\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:@N.119123456Z\"}",
    "{\"log\":\"[Nest] 23  - 11/23/2026, 1:@N PM     LOG [A] x\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T18:@N.119123456Z\"}",
    "{\"log\":\"Error: connect ECONNREFUSED 172.18.0.3:5432\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:@N.119123456Z\"}",
    "2026-11-23T18:@N.119123456Z Error: connect ECONNREFUSED 172.18.0.3:5432",
    "2026-11-23T18:@N.119123456Z [Nest] 23  - 11/23/2026, 1:@N PM   ERROR [E] connect ECONNREFUSED 172.18.0.3:5432",
    "2026-11-23T18:@N.119123456Z [INFO] x",
    "2026-11-23T18:@N.119123456Z     at x",
    "server-1  | Error: connect ECONNREFUSED 172.18.0.3:5432",
    "server-2  | [Nest] 23  - 11/23/2026, 1:@N PM   ERROR [E] connect ECONNREFUSED 172.18.0.3:5432",
    "server-1  | [Nest] 23  - 11/23/2026, 1:@N PM     LOG [A] x",
    "npm error code ENOENT",
    "npm error path /app/package.json",
    "[0] Error: listen EADDRINUSE: address already in use :::3000",
    "Running database migrations...",
    "[Nest] 2#  - 11/23/2026, 1:@N PM   ERROR [ExceptionHandler] connect ECONNREFUSED 172.18.0.3:5432 +1#ms",
    "Error: connect ECONNREFUSED 172.18.0.3:543#\n    at TCPConnectWrap (node:net:16#:2)\n    at b {\n  errno: -111,\n  code: 'ECONNREFUSED'\n}",
    "Error: connect ECONNREFUSED 172.18.0.3:5432\n    at TCPConnectWrap (node:net:16#:2)\n    at async a (/app/x#.js:1:2)\n    at /app/y.js:#:3",
    "Error: connect ECONNREFUSED 172.18.0.3:5432\n    at password authentication failed for user \"a#\"\n",
    "[Nest] 23  - 11/23/2026, 1:@N PM   ERROR [E] connect ECONNREFUSED 172.18.0.3:5432\nError: connect ECONNREFUSED 172.18.0.3:5432\n    at x (node:net:16#:2)",
    "2026-11-23T18:@N.119123456Z Error: connect ECONNREFUSED 172.18.0.3:5432\n2026-11-23T18:@N.11912345#Z     at x# (/a.js:#:1)",
    "{\"log\":\"Error: connect ECONNREFUSED 172.18.0.3:5432\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:@N.119123456Z\"}\n{\"log\":\"    at x (/a.js:1:#)\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:@N.119123456Z\"}",
];

fn line(dice: &mut Dice, of: &str) -> String {
    let second = dice.below(3);
    let clock = match dice.below(40) {
        0 => "61:07".to_owned(),
        1 => "05:6x".to_owned(),
        _ => format!("00:{second:02}"),
    };
    let text = of.replace("@N", &clock).replace("@M", &format!("{:08}", 99_999_990 + dice.below(9)));
    let digit = if dice.below(12) == 0 { "7" } else { "2" };
    let mut text = text.replace('#', digit);
    while let Some(at) = text.find('%') {
        text.replace_range(
            at..=at,
            one(dice, &["0", "1", "5", "7", "12", "13", "61", "111", "137", "503", "5432", "28"]),
        );
    }
    text
}

/// Some lines again and again, also in rows, with a few others between.
fn log(dice: &mut Dice) -> String {
    let all = dice.below(4) == 0;
    let mut few: Vec<&str> = (0..=dice.below(5)).map(|_| one(dice, &LINES)).collect();
    let count = dice.below(500);
    let mut lines = Vec::new();
    if dice.below(3) == 0 {
        few.push(FIRST);
        lines.push(line(dice, FIRST));
    }
    while lines.len() < count {
        let of = if all || dice.below(10) == 0 { one(dice, &LINES) } else { one(dice, &few) };
        let row = if dice.below(8) == 0 { dice.below(20) } else { 1 };
        lines.extend((0..row).map(|_| line(dice, of)));
    }
    lines.join("\n") + one(dice, &["", "\n"])
}

#[test]
fn what_is_only_counted_gives_what_reading_gives() {
    let rules = embedded(&[]).unwrap();
    let words = Words::new(&rules.literals.texts);
    let mut echoes = 0;
    for seed in 1..200_u64 {
        let log = log(&mut Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        echoes += read(&rules, &words, &log, false).1;
        let differs = |log: &str| read(&rules, &words, log, false).0 != read(&rules, &words, log, true).0;
        if differs(&log) {
            let least = shrunk(&log, differs);
            let (heard, plain) = (read(&rules, &words, &least, false).0, read(&rules, &words, &least, true).0);
            panic!("seed {seed}:\n{least}\n{}", first_difference(&heard, &plain));
        }
    }
    assert!(echoes > 5_000, "only {echoes} lines were echoes");
}

/// The same with every line left out without which it still differs.
fn shrunk(log: &str, differs: impl Fn(&str) -> bool) -> String {
    let mut lines: Vec<&str> = log.split_inclusive('\n').collect();
    let mut at = 0;
    while at < lines.len() {
        let line = lines.remove(at);
        if !differs(&lines.concat()) {
            lines.insert(at, line);
            at += 1;
        }
    }
    lines.concat()
}

fn first_difference(one: &str, other: &str) -> String {
    let (at, (one, other)) = one.lines().zip(other.lines()).enumerate().find(|(_, (one, other))| one != other).unwrap();
    format!("line {at} of the result: {one} instead of {other}")
}
