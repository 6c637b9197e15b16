//! `# diagnose: ignore <id> <reason>`: a finding that somebody has looked at and decided about.

use std::collections::BTreeSet;

use crate::deploy::{Deployment, FileId, Kind, Spot};

use super::finding::{Finding, Hit};

/// What begins such a comment, behind its `#`.
const MARK: &str = "diagnose:";
/// The word behind the mark.
const WORD: &str = "ignore";

/// One comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ignore {
    /// From its `#` to the end of the line.
    pub(super) spot: Spot,
    /// The id it names, `area/name` or `area/*`.
    pub(super) id: String,
    /// Why.
    pub(super) reason: String,
    /// The line it is about: its own, or the next one that is no such comment.
    line: usize,
}

/// Every such comment.
pub(super) fn all(deployment: &Deployment) -> Vec<Ignore> {
    let files =
        deployment.files.iter().enumerate().filter(|(_, file)| !matches!(file.kind, Kind::Package | Kind::Program));
    files.filter(|(_, file)| file.text.contains(MARK)).flat_map(|(id, _)| of_file(deployment, id)).collect()
}

fn of_file(deployment: &Deployment, id: FileId) -> Vec<Ignore> {
    let Some(file) = deployment.file(id) else { return Vec::new() };
    let mut found: Vec<Ignore> = Vec::new();
    let mut waiting: Vec<Ignore> = Vec::new();
    for number in 1..=file.line_count() {
        let line = file.line(number);
        let start = file.line_range(number).start;
        let Some((at, rest)) = comment(line) else {
            found.extend(waiting.drain(..).map(|ignore| Ignore { line: number, ..ignore }));
            continue;
        };
        let (name, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let spot = Spot::new(id, start + at..start + line.trim_end().len());
        let ignore = Ignore { spot, id: name.to_owned(), reason: reason.trim().to_owned(), line: number };
        if line.get(..at).is_some_and(|before| before.trim().is_empty()) {
            waiting.push(ignore);
        } else {
            found.extend(waiting.drain(..).map(|ignore| Ignore { line: number, ..ignore }));
            found.push(ignore);
        }
    }
    found.extend(waiting);
    found.sort_by_key(|ignore| ignore.spot.range.start);
    found
}

/// Where such a comment begins in a line, and what stands behind the word.
fn comment(line: &str) -> Option<(usize, &str)> {
    for (at, _) in line.match_indices('#') {
        let before = line.get(..at)?.chars().next_back();
        let Some(rest) = line.get(at + 1..)?.trim_start().strip_prefix(MARK) else { continue };
        let Some(rest) = rest.trim_start().strip_prefix(WORD) else { continue };
        let free = before.is_none_or(|c| c.is_whitespace() || c == ';');
        if free && (rest.is_empty() || rest.starts_with(char::is_whitespace)) {
            return Some((at, rest.trim()));
        }
    }
    None
}

/// Takes out what is ignored. Gives what was taken out, and the comments that took out nothing.
pub(super) fn apply<'c, 'i>(
    deployment: &Deployment,
    findings: Vec<Finding<'c>>,
    ignores: &'i [Ignore],
) -> (Vec<Finding<'c>>, Vec<String>, Vec<&'i Ignore>) {
    let mut used = BTreeSet::new();
    let mut told = Vec::new();
    let mut kept = Vec::new();
    for finding in findings {
        let spot = &finding.hit.spot;
        let Some(file) = deployment.file(spot.file) else { continue };
        let line = file.place(spot.range.start).line;
        let about = |ignore: &&Ignore| {
            ignore.spot.file == spot.file && ignore.line == line && names(&ignore.id, &finding.check.id)
        };
        let Some(ignore) = ignores.iter().find(about) else {
            kept.push(finding);
            continue;
        };
        used.insert((ignore.spot.file, ignore.spot.range.start));
        let reason = if ignore.reason.is_empty() { "no reason is given" } else { ignore.reason.as_str() };
        told.push(format!("{} at {}:{line} is ignored: {reason}", finding.check.id, file.path));
    }
    let unused = ignores.iter().filter(|ignore| !used.contains(&(ignore.spot.file, ignore.spot.range.start)));
    (kept, told, unused.collect())
}

fn names(pattern: &str, id: &str) -> bool {
    pattern == id || pattern.strip_suffix("/*").is_some_and(|area| id.split('/').next() == Some(area))
}

/// The finding about a comment that ignores nothing.
pub(super) fn unused(ignore: &Ignore) -> Hit {
    let id = if ignore.id.is_empty() { "no check" } else { &ignore.id };
    Hit::at(ignore.spot.clone()).with("id", id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::File;

    fn read(text: &str) -> Vec<(usize, String, String)> {
        let deployment = Deployment { files: vec![File::new("a", Kind::Compose, text)], ..Deployment::default() };
        all(&deployment).into_iter().map(|ignore| (ignore.line, ignore.id, ignore.reason)).collect()
    }

    #[test]
    fn comments_are_about_their_own_line_or_the_next() {
        let of = |line, id: &str, reason: &str| (line, id.to_owned(), reason.to_owned());
        let text =
            "# diagnose: ignore a/b one\n  #diagnose: ignore a/c\nx: 1\ny: 2 # diagnose: ignore a/* because of it\n";
        assert_eq!(read(text), [of(3, "a/b", "one"), of(3, "a/c", ""), of(4, "a/*", "because of it")]);
        assert_eq!(read("x: a#diagnose: ignore a/b\n# diagnose: ignored\n# diagnose ignore a/b\n"), []);
        assert_eq!(read("# diagnose: ignore\n"), [of(1, "", "")]);
    }

    #[test]
    fn an_area_is_ignored_as_a_whole() {
        assert!(names("a/*", "a/b") && names("a/b", "a/b") && !names("a/*", "ab/c") && !names("*", "a/b"));
    }
}
