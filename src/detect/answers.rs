//! What a server's access log says last of each path: an answer proves something of what was asked for, and of nothing else.

use super::sighting::Sighting;

/// Most paths told apart; requests for further ones count, and prove nothing.
const PATHS: usize = 32;
/// Longest path kept, in bytes.
const LONGEST: usize = 128;
/// Paths that programs ask to see whether another one lives.
const PROBES: [&str; 12] = [
    "/health",
    "/healthz",
    "/healthcheck",
    "/health-check",
    "/-/healthy",
    "/-/ready",
    "/livez",
    "/live",
    "/readyz",
    "/ready",
    "/ping",
    "/up",
];

/// The last answers to requests for one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The path, without its query.
    pub path: String,
    /// The last answer with a status of 5xx.
    pub bad: Option<Sighting>,
    /// The last one with 2xx or 3xx.
    pub good: Option<Sighting>,
}

/// The answers in the tail of an input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// Path by path, in the order in which they were first asked for.
    pub paths: Vec<Answer>,
    /// The answers with 5xx since the last other one, probes left out.
    pub failing: u64,
    /// The first of them.
    pub since: Option<Sighting>,
    /// The status of the last of them.
    pub status: u16,
    /// Offset of the last request, a probe's too, that was not answered with 5xx; 0 where there is none.
    pub alive: u64,
}

/// A request and how it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request<'t> {
    pub(super) path: &'t str,
    pub(super) status: u16,
    /// Whether somebody asked only whether the program lives.
    pub(super) probe: bool,
}

/// Whether a line tells of a request and its answer.
#[must_use]
pub fn is_answer(line: &str) -> bool {
    request(line).is_some()
}

/// Reads a line of an access log: of nginx, Apache and all who write like them, of HAProxy, of Caddy, or of an application's own logger.
pub(super) fn request(line: &str) -> Option<Request<'_>> {
    let (path, status) = quoted(line).or_else(|| json(line)).or_else(|| short(line))?;
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let own = line.starts_with("127.0.0.1") || line.starts_with("::1 ") || line.contains("\"remote_ip\":\"127.0.0.1\"");
    let probe = own || PROBES.iter().any(|known| path.trim_end_matches('/').ends_with(known));
    let fits = path.starts_with('/') && path.len() <= LONGEST && (100..600).contains(&status);
    fits.then_some(Request { path, status, probe })
}

/// `"GET /items HTTP/1.1" 200`, or, as HAProxy writes, `be/a 0/0/0/4200/4200 500 254 … "GET /items HTTP/1.1"`.
fn quoted(line: &str) -> Option<(&str, u16)> {
    let (head, rest) = line.split_once(" HTTP/")?;
    let (before, request) = head.rsplit_once('"')?;
    let (method, path) = request.split_once(' ')?;
    let (_, behind) = rest.split_once('"')?;
    if !is_method(method) {
        return None;
    }
    let status = match behind.trim_start().split(' ').next()? {
        "" => {
            let timers = |word: &&str| word.matches('/').count() >= 4 && !word.contains(|c: char| c.is_alphabetic());
            let mut words = before.split(' ');
            words.find(timers)?;
            words.next()?
        }
        status => status,
    };
    Some((path, number(status)?))
}

fn is_method(word: &str) -> bool {
    matches!(word, "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")
}

/// A status of three digits.
fn number(word: &str) -> Option<u16> {
    word.parse().ok().filter(|_| word.len() == 3)
}

/// `"uri":"/items",…"status":500`.
fn json(line: &str) -> Option<(&str, u16)> {
    let (_, rest) = line.split_once("\"uri\":\"").or_else(|| line.split_once("\"uri\": \""))?;
    let path = rest.split('"').next()?;
    let (_, status) = line.rsplit_once("\"status\":")?;
    Some((path, number(status.trim_start().get(..3)?)?))
}

/// `GET /items 500 12.3 ms`.
fn short(line: &str) -> Option<(&str, u16)> {
    let mut words = line.trim_start().split(' ');
    words.next().filter(|method| is_method(method))?;
    Some((words.next()?, number(words.next()?)?))
}

impl Answers {
    /// Notes a request that a record tells of; `line` makes the sighting of it.
    pub(super) fn note(&mut self, request: Request<'_>, line: &dyn Fn() -> Sighting) {
        if request.status >= 500 {
            self.failing += 1;
            self.status = request.status;
            self.since.get_or_insert_with(line);
        } else {
            (self.failing, self.since) = (0, None);
        }
        let known = self.paths.iter().position(|answer| answer.path == request.path);
        let index = known.unwrap_or(self.paths.len());
        if known.is_none() {
            if self.paths.len() >= PATHS {
                return;
            }
            self.paths.push(Answer { path: request.path.to_owned(), bad: None, good: None });
        }
        let Some(answer) = self.paths.get_mut(index) else { return };
        match request.status {
            500.. => answer.bad = Some(line()),
            200..400 => answer.good = Some(line()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_servers_write_them() {
        let read = |line: &str| request(line).map(|one| format!("{} {} {}", one.path, one.status, one.probe));
        for (line, expected) in [
            (
                r#"192.168.16.1 - - [28/Nov/2026:00:49:19 +0000] "GET /items?page=2 HTTP/1.1" 500 33 "-" "curl/7.88.1""#,
                "/items 500 false",
            ),
            (r#"127.0.0.1 - - [28/Nov/2026:00:49:19 +0000] "GET /items HTTP/1.1" 200 33"#, "/items 200 true"),
            (r#"172.18.0.1 - "GET /api/health HTTP/1.1" 200"#, "/api/health 200 true"),
            (
                r#"192.168.144.1:36684 [28/Nov/2026:00:55:35.430] fe be/a 0/0/0/642/642 500 254 - - ---- 1/1/0/0/0 0/0 "GET /items HTTP/1.1""#,
                "/items 500 false",
            ),
            (
                r#"192.168.32.1:41116 [28/Nov/2026:00:48:44.510] fe be/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 2/2/1/0/0 0/0 "GET /feed HTTP/1.1""#,
                "/feed 503 false",
            ),
            (
                r#"{"level":"info","msg":"handled request","request":{"method":"GET","uri":"/contacts"},"duration":0.1,"status":502}"#,
                "/contacts 502 false",
            ),
            ("GET /tickets 500 12.3 ms - 20", "/tickets 500 false"),
        ] {
            assert_eq!(read(line).as_deref(), Some(expected), "{line}");
        }
        for line in ["GET /items failed: Error", "GET /items", "listening on /run/x 200", "POST 500 200"] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
