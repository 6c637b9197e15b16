//! How tests run the program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a run gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}\n{}", self.stdout, self.stderr))
    }
}

fn finish(output: Output) -> Run {
    Run {
        code: output.status.code().expect("the program was ended by a signal"),
        stdout: String::from_utf8(output.stdout).expect("the output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("the messages are UTF-8"),
    }
}

pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diagnose"));
    command
        .current_dir(folder)
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .env("LANG", "C.UTF-8")
        .env("SOURCE_DATE_EPOCH", "1735030810")
        .env_remove("LC_ALL");
    command
}

/// Runs `diagnose` with arguments in the project's folder, nothing on standard input.
pub(crate) fn diagnose(args: &[&str]) -> Run {
    in_folder(&root(), args)
}

/// The same in another folder.
pub(crate) fn in_folder(folder: &Path, args: &[&str]) -> Run {
    finish(command(folder).args(args).stdin(Stdio::null()).output().expect("the program starts"))
}

/// Runs `diagnose` with a text on standard input.
pub(crate) fn piped(input: &[u8], args: &[&str]) -> Run {
    let mut child = command(&root())
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // The program may end before it has read everything.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the writer ends");
    finish(output)
}

/// The id of the root cause.
pub(crate) fn cause(report: &Value) -> &str {
    report["causes"][0]["rule"].as_str().unwrap_or("none")
}

/// The verdict.
pub(crate) fn verdict(report: &Value) -> &str {
    report["verdict"].as_str().unwrap_or("none")
}
