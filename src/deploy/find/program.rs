//! The program that a command names by its file, `node server.js`: which ports its text speaks of.

use std::ops::Range;

use super::Finder;
use crate::deploy::model::{Program, Service};
use crate::deploy::text::{FileId, Kind};
use crate::deploy::tree::join;

/// Programs that run a file that they are given.
const RUNNERS: [&str; 5] = ["node", "nodejs", "bun", "python", "python3"];
/// Endings of such files.
const ENDINGS: [&str; 4] = [".js", ".mjs", ".cjs", ".py"];
/// Numbers of one program that are kept.
const NUMBERS: usize = 200;

/// Attaches what the program's own file says of ports.
pub(super) fn attach(finder: &mut Finder<'_>, service: &mut Service) {
    let Some(path) = named(service) else { return };
    let Some(source) = super::cache::source(finder, service, &path) else { return };
    if let Some(file) = finder.look_for(&source, Kind::Program)
        && finder.looks(file, 0)
    {
        service.program = Some(read(file, finder.text(file)));
    }
}

/// The file among the words that are executed, as a path of the container.
fn named(service: &Service) -> Option<String> {
    let invocation = service.startup.invocation()?;
    if !RUNNERS.contains(&invocation.program()?) {
        return None;
    }
    let file = invocation.arguments().find(|word| !word.starts_with('-'))?;
    let known = ENDINGS.iter().any(|ending| file.ends_with(ending));
    let folder = service.startup.directory.as_deref().unwrap_or("/");
    known.then(|| join(folder, file))
}

/// What a text says of ports, line by line.
fn read(file: FileId, text: &str) -> Program {
    let mut found = Program { file, ..Program::default() };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.to_ascii_lowercase();
        let reads = line.contains("env.PORT") || ["'PORT'", "\"PORT\""].iter().any(|name| line.contains(name));
        found.reads_port |= reads;
        if lower.contains("port") || lower.contains("listen") || lower.contains("bind") || lower.contains("address") {
            for range in numbers(line) {
                let Some(port) = line.get(range.clone()).and_then(|digits| digits.parse().ok()) else { continue };
                let before = line.get(..range.start).unwrap_or_default().trim_end();
                if found.named.len() + found.listens.len() >= NUMBERS {
                    return found;
                }
                if reads {
                    found.defaults.push(port);
                } else if before.ends_with(".listen(") {
                    found.listens.push((port, start + range.start..start + range.end));
                } else {
                    found.named.push(port);
                }
            }
        }
        start += line.len();
    }
    found
}

/// Where a line has numbers of two to five digits that are part of no word.
fn numbers(line: &str) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes.iter().skip(at).take_while(|byte| part(byte)).count();
        let digits = bytes.iter().skip(at).take(length).all(u8::is_ascii_digit);
        if (2..=5).contains(&length) && digits {
            found.push(at..at + length);
        }
        at += length.max(1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn ports_of_a_program() {
        let found = read(0, "app.listen(process.env.PORT || 3000, '0.0.0.0');\n");
        assert_eq!((found.reads_port, found.defaults, found.listens.len()), (true, vec![3000], 0));
        let found = read(0, "a.listen(3000);\nb\n  .listen(9100)\nconst port2 = 1234567;\nserve({ port: 8080 })\n");
        let listens: Vec<u16> = found.listens.iter().map(|(port, _)| *port).collect();
        assert_eq!((found.reads_port, listens, found.named), (false, vec![3000, 9100], vec![8080]));
        assert_eq!(read(0, "wait(3000)\n"), super::Program::default());
    }
}
