//! The program: what was typed, and the exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    diagnose::run::main()
}
