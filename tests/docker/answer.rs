//! How the tests run the program, and what they read in its answer.

use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stage::{PATIENCE, Run};

/// The program, away from the user's own settings.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diagnose"));
    command
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .env_remove("LC_ALL")
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub(crate) fn diagnose(args: &[&str]) -> Run {
    Run::of(command().args(args))
}

/// The JSON report of a run; it must keep the published schema.
pub(crate) fn report(args: &[&str]) -> Answer {
    Answer::of(diagnose(&[args, &["--format", "json"]].concat()))
}

/// The report about one container.
pub(crate) fn about(container: &str) -> Answer {
    report(&["--container", container])
}

/// Runs the program, and ends it when it takes longer than a deadline.
pub(crate) struct Running {
    child: Child,
    begin: Instant,
}

impl Running {
    pub(crate) fn begin(args: &[&str]) -> Self {
        let child =
            command().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        Self { child, begin: Instant::now() }
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Its answer, which must come in time.
    pub(crate) fn finish(mut self) -> Run {
        while self.runs() {
            if self.begin.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let output = self.child.wait_with_output().unwrap();
                panic!("no answer in {PATIENCE:?}: {}", String::from_utf8_lossy(&output.stderr));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = self.child.wait_with_output().unwrap();
        Run {
            code: output.status.code().expect("the program was ended by a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A report and how the program ended.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) json: Value,
    pub(crate) stderr: String,
}

impl Answer {
    pub(crate) fn of(run: Run) -> Self {
        let json: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| {
            panic!("no JSON report ({error}), status {}: {}{}", run.code, run.stdout, run.stderr)
        });
        let errors: Vec<String> =
            schema().iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "the report breaks its schema: {errors:#?}");
        Self { code: run.code, json, stderr: run.stderr }
    }

    /// The id of the root cause.
    pub(crate) fn cause(&self) -> &str {
        self.json["causes"][0]["rule"].as_str().unwrap_or("none")
    }

    pub(crate) fn verdict(&self) -> &str {
        self.json["verdict"].as_str().unwrap()
    }

    /// The ids of all causes and consequences.
    pub(crate) fn findings(&self) -> Vec<&str> {
        let causes = self.json["causes"].as_array().unwrap();
        let consequences = causes.iter().flat_map(|cause| cause["consequences"].as_array().into_iter().flatten());
        causes.iter().chain(consequences).map(|finding| finding["rule"].as_str().unwrap()).collect()
    }

    /// The state of a container as the report holds it.
    pub(crate) fn container(&self, name: &str) -> &Value {
        let all = self.json["containers"].as_array().unwrap();
        all.iter().find(|container| container["name"] == name).unwrap_or_else(|| panic!("no {name} in {all:#?}"))
    }

    /// Everything the report says.
    pub(crate) fn text(&self) -> String {
        self.json.to_string()
    }

    /// The root cause must be one of those, the exit status 1, the verdict failed or degraded.
    #[track_caller]
    pub(crate) fn blames(&self, causes: &[&str]) -> &Self {
        assert!(causes.contains(&self.cause()), "{} is to blame, not {causes:?}: {:#}", self.cause(), self.json);
        assert!(["failed", "degraded"].contains(&self.verdict()), "{}: {:#}", self.verdict(), self.json);
        assert_eq!(self.code, 1, "{}", self.stderr);
        self
    }

    /// A finding must be there, as a cause or a consequence.
    #[track_caller]
    pub(crate) fn finds(&self, rule: &str) -> &Self {
        assert!(self.findings().contains(&rule), "no {rule} in {:?}: {:#}", self.findings(), self.json);
        self
    }

    /// A finding must not be there.
    #[track_caller]
    pub(crate) fn finds_no(&self, rule: &str) -> &Self {
        assert!(!self.findings().contains(&rule), "{rule}: {:#}", self.json);
        self
    }

    /// One of the texts must stand somewhere in the report.
    #[track_caller]
    pub(crate) fn says(&self, texts: &[&str]) -> &Self {
        let whole = self.text().to_lowercase();
        assert!(texts.iter().any(|text| whole.contains(&text.to_lowercase())), "none of {texts:?} in {:#}", self.json);
        self
    }

    #[track_caller]
    pub(crate) fn is_healthy(&self) -> &Self {
        assert_eq!((self.verdict(), self.code), ("healthy", 0), "{:#}", self.json);
        self
    }

    /// Inconclusive: exit status 3.
    #[track_caller]
    pub(crate) fn is_open(&self, verdict: &str) -> &Self {
        assert_eq!((self.verdict(), self.code), (verdict, 3), "{:#}", self.json);
        self
    }
}

fn schema() -> &'static jsonschema::Validator {
    static ONCE: OnceLock<jsonschema::Validator> = OnceLock::new();
    ONCE.get_or_init(|| {
        let schema: Value = serde_json::from_str(include_str!("../../docs/report-v1.schema.json")).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    })
}

/// `diagnose` could not do its job: status 2, and a message in the house's form that says all of this.
#[track_caller]
pub(crate) fn refuses(run: &Run, texts: &[&str]) {
    assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
    let said = run.stderr.to_lowercase();
    assert!(said.contains("error:") && said.contains("help:"), "no error or no help: {}", run.stderr);
    for text in texts {
        assert!(said.contains(&text.to_lowercase()), "no {text:?} in {}", run.stderr);
    }
}
