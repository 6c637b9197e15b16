//! Scripts of sh and bash → a model with positions. Knows nothing of containers; runs nothing.

mod cursor;
mod invocation;
mod model;
mod parser;
mod state;
mod wait;
mod walk;
mod word;

pub use invocation::{Argument, Invocation};

pub use model::{
    Arm, Assignment, Branch, Command, CommandKind, Extension, ExtensionKind, Item, Join, Link, List, Parameter, Part,
    Pipeline, Redirect, RedirectOperator, Script, Shebang, Simple, SyntaxError, Word,
};
pub use state::{Directory, State, join};
pub use wait::{Wait, duration, waits};
pub use walk::{Place, Step, walk};

/// Reads a script. It never fails: what cannot be read is [`Script::error`], and what stands before it is kept.
#[must_use]
pub fn parse(text: &str) -> Script {
    parse_at(text, 0)
}

/// Reads a script that stands inside a file; its places count from the beginning of the file, where the text begins at byte `base`.
#[must_use]
pub fn parse_at(text: &str, base: usize) -> Script {
    let carriage_return = text.find("\r\n").map(|at| base + at..base + at + 1);
    // Same length, so that every place stays where it was.
    let masked = carriage_return.is_some().then(|| text.replace("\\\r\n", " \\\n").replace("\r\n", " \n"));
    let text = masked.as_deref().unwrap_or(text);
    let mut script = Script { shebang: shebang(text, base), carriage_return, ..Script::default() };
    let mut cursor = cursor::Cursor::new(text, base);
    if text.starts_with('\u{feff}') {
        cursor.skip('\u{feff}'.len_utf8());
    }
    script.error = parser::program(&mut cursor, &mut script.body).err();
    script.parts = cursor.parts;
    script.extensions = cursor.extensions;
    script
}

fn shebang(text: &str, base: usize) -> Option<Shebang> {
    let line = text.split('\n').next()?;
    let named = line.strip_prefix("#!")?.trim();
    let (interpreter, argument) = named.split_once([' ', '\t']).unwrap_or((named, ""));
    Some(Shebang {
        interpreter: interpreter.to_owned(),
        argument: argument.trim().to_owned(),
        span: base..base + line.trim_end().len(),
    })
}

#[cfg(test)]
mod tests;
