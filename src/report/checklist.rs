//! The result of `verify`: criteria, each with what was measured, what was expected, and the command that shows it by hand.

use std::io::{self, Write};

use comfy_table::{Cell, ContentArrangement, Table, presets};
use serde::Serialize;

use super::model::Tool;
use super::redact::Redactor;
use super::sanitize::clean;

/// The value of [`Checklist::schema`].
const SCHEMA: &str = "diagnose.verify/1";

/// Criteria of one container, in the documented order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checklist {
    /// Always `diagnose.verify/1`.
    pub schema: &'static str,
    /// What wrote it.
    pub tool: Tool,
    /// When, RFC 3339 in UTC.
    pub generated_at: String,
    /// The container.
    pub container: String,
    /// `ok` when every criterion holds, else `failed`.
    pub verdict: &'static str,
    /// The criteria.
    pub checks: Vec<Check>,
}

/// One criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name.
    pub criterion: String,
    /// Whether it holds.
    pub ok: bool,
    /// What was seen.
    pub measured: String,
    /// What should be seen.
    pub expected: String,
    /// The command that shows it by hand.
    pub run: String,
}

impl Checklist {
    /// A list of criteria, cleaned of control sequences and, unless told otherwise, of secrets.
    #[must_use]
    pub fn new(container: &str, generated_at: String, checks: Vec<Check>, secrets: Option<&[String]>) -> Self {
        let mut redactor = if secrets.is_some() { Redactor::new() } else { Redactor::off() };
        secrets.unwrap_or_default().iter().for_each(|line| redactor.learn(line));
        let mut say = |text: String| redactor.mask(&clean(&text));
        let sealed = checks.into_iter().map(|check| Check {
            criterion: say(check.criterion),
            ok: check.ok,
            measured: say(check.measured),
            expected: say(check.expected),
            run: say(check.run),
        });
        let checks: Vec<Check> = sealed.collect();
        Self {
            schema: SCHEMA,
            tool: Tool { name: "diagnose", version: env!("CARGO_PKG_VERSION").to_owned() },
            generated_at,
            container: clean(container),
            verdict: if checks.iter().all(|check| check.ok) { "ok" } else { "failed" },
            checks,
        }
    }

    /// Whether every criterion holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }

    /// Writes it as a table of at most `width` columns.
    ///
    /// # Errors
    /// The writer's.
    pub fn text(&self, width: u16, unicode: bool, out: &mut dyn Write) -> io::Result<()> {
        let (good, bad) = if unicode { ("✓", "✗") } else { ("ok", "NO") };
        let failed = self.checks.iter().filter(|check| !check.ok).count();
        let all = self.checks.len();
        let name = &self.container;
        match failed {
            0 => writeln!(out, "{good} {name}: all {all} success criteria hold\n")?,
            _ => writeln!(out, "{bad} {name}: {failed} of {all} success criteria do not hold\n")?,
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        table.set_header(["", "", "criterion", "measured", "expected"]);
        for (number, check) in (1..).zip(&self.checks) {
            let number = number.to_string();
            let sign = if check.ok { good } else { bad };
            table.add_row([sign, &number, &check.criterion, &check.measured, &check.expected].map(Cell::new));
        }
        for line in table.to_string().lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        // Commands are copied, so they are never broken.
        writeln!(out, "\n    by hand")?;
        for (number, check) in (1..).zip(&self.checks) {
            writeln!(out, "    {number}  {}", check.run)?;
        }
        Ok(())
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// The writer's.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ok: bool) -> Checklist {
        let check = Check {
            criterion: "port 3000 is listening".to_owned(),
            ok,
            measured: "nothing listens; PG_PASSWORD=hunter2hunter2".to_owned(),
            expected: "a listener on 0.0.0.0 or ::".to_owned(),
            run: "docker exec crm ss -tlnp".to_owned(),
        };
        let secrets = ["PG_PASSWORD=hunter2hunter2".to_owned()];
        Checklist::new("crm", "2026-11-26T12:00:00Z".to_owned(), vec![check], Some(&secrets))
    }

    #[test]
    fn the_answer_comes_first_and_secrets_are_masked() {
        let mut out = Vec::new();
        list(false).text(100, true, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("✗ crm: 1 of 1 success criteria do not hold"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("docker exec crm"), "{text}");
    }

    #[test]
    fn json_says_what_text_says() {
        let mut out = Vec::new();
        list(true).json(&mut out).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["verdict"], "ok");
        assert_eq!(json["checks"][0]["ok"], true);
    }
}
